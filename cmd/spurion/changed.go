package main

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"spurion/pipeline"
	"spurion/stages"
)

// A revision says which commit the program was built from, and what of its sources was not as in the commit.
type revision struct {
	commit   string // "" if it is not known
	modified bool
	changed  []string // files of code, relative to the module, sorted; none if only a stamp says modified
}

// revision reads what the go command stamped into the program: go build and go install do so in a checkout, go run
// and builds in a linked work tree do not. A stamp says "modified" of any new file, a spec or a note; what code has
// changed is asked of git if the sources are at hand.
func (s *sources) revision() revision {
	var r revision
	stamped := false
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, x := range info.Settings {
			switch x.Key {
			case "vcs.revision":
				r.commit = x.Value
			case "vcs.modified":
				stamped, r.modified = true, x.Value == "true"
			}
		}
	}
	if stamped && !r.modified || s.root == "" {
		return r
	}
	if _, err := s.git("ls-files", "--error-unmatch", "go.mod"); err != nil {
		return r // no repository, or one in which the sources merely lie
	}
	commit, err := s.git("rev-parse", "HEAD")
	if err != nil {
		return r
	}
	edited, err := s.git("diff", "--name-only", "-z", "--relative", "HEAD")
	if err != nil {
		return r
	}
	added, err := s.git("ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return r
	}
	for _, name := range strings.Split(edited+added, "\x00") {
		if isCode(path.Base(name)) {
			r.changed = append(r.changed, name)
		}
	}
	slices.Sort(r.changed)
	if !stamped {
		r.commit = strings.TrimSpace(commit)
	}
	r.modified = len(r.changed) > 0
	return r
}

// git runs git in the module's folder, for the repository that it is in: GIT_DIR and its like, which git sets for hooks,
// may name another.
func (s *sources) git(args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-C", s.root}, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0") // it only looks
	out, err := cmd.Output()
	return string(out), err
}

// touched gives which changed files the kind is made of; all is true if it is only known that something changed.
func (s *sources) touched(k *stages.Kind, r revision) (files []string, all bool) {
	if !r.modified || len(r.changed) == 0 {
		return nil, r.modified
	}
	packages, err := s.packages(k)
	if err != nil {
		return nil, false
	}
	for _, name := range r.changed {
		if slices.Contains(packages, s.module+path.Dir(name)) {
			files = append(files, name)
		}
	}
	return files, false
}

// tellOldCode says once, after a run, which results came from the store although the code of their kind has been
// changed since: the kind's version is the same, so nothing else shows it. It is about changes that are
// not committed; with a commit come golden tests, which know whether a version must be raised.
func (a *app) tellOldCode(e *pipeline.Experiment) {
	kinds := e.OtherCode()
	if len(kinds) == 0 {
		return
	}
	r := a.sources.revision()
	var names, targets, files []string
	for _, k := range kinds {
		touched, all := a.sources.touched(k, r)
		if len(touched) == 0 && !all {
			continue
		}
		files = append(files, touched...)
		names = append(names, k.Name)
		if a.registry.Test(k.Name) != k {
			targets = append(targets, "'"+k.Name+".*'")
			continue
		}
		for _, st := range e.Spec.Stages { // a test's results are those of claims and checks
			if st.Kind == k {
				targets = append(targets, "'"+st.KindName+".*'")
			}
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(files)
	slices.Sort(targets)
	what := "its sources"
	if files = slices.Compact(files); len(files) > 0 {
		what = nameSome(files)
	}
	since := ""
	if r.commit != "" {
		since = " since commit " + shortDigest(r.commit)
	}
	fmt.Fprintf(a.err, "%s this program was built after changes to %s%s. Results of %s came from the store, computed by other code of the same version.\n"+
		"  to compute them again: spurion cache evict %s %s, then run; to keep the change: raise the Version of what it changes\n",
		a.errText.yellow("note:"), what, since, nameSome(names), e.Spec.Path, strings.Join(slices.Compact(targets), " "))
}
