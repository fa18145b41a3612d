package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// module writes a module in which the kinds of these tests, of package spurion/cmd/spurion, import one more package.
func module(t *testing.T) (root string, write func(name, text string)) {
	t.Helper()
	root = t.TempDir()
	write = func(name, text string) {
		t.Helper()
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module spurion\n")
	write("cmd/spurion/fake.go", "package main\n\nimport (\n\t\"fmt\"\n\n\t\"spurion/stages/sum\"\n)\n")
	write("cmd/spurion/fake_test.go", "package main\n")
	write("stages/sum/sum.go", "package sum\n")
	write("stages/sum/sum_amd64.s", "TEXT\n")
	write("stages/other/other.go", "package other\n")
	return root, write
}

// A kind's code is its package and what it imports of the module, tests and all else aside.
func TestCodeOfAKind(t *testing.T) {
	root, write := module(t)
	code := func() string { return (&sources{root: root, module: "spurion/"}).code(fitKind) }
	was := code()
	if len(was) != 12 || code() != was {
		t.Fatalf("the code is %q, then %q", was, code())
	}
	for _, c := range []struct {
		file, text string
		changes    bool
	}{
		{"cmd/spurion/fake_test.go", "package main // changed\n", false},
		{"stages/other/other.go", "package other // changed\n", false},
		{"cmd/spurion/notes.md", "notes\n", false},
		{"stages/sum/sum_amd64.s", "TEXT2\n", true},
		{"stages/sum/sum.go", "package sum // changed\n", true},
		{"stages/sum/more.go", "package sum\n", true},
		{"cmd/spurion/fake.go", "package main\n", true},
		{"stages/sum/sum.go", "package sum // no longer imported\n", false},
	} {
		write(c.file, c.text)
		now := code()
		if (now != was) != c.changes {
			t.Errorf("%s: changed is %v", c.file, now != was)
		}
		was = now
	}
}

// What cannot be known is not said.
func TestCodeThatIsNotAtHand(t *testing.T) {
	root, write := module(t)
	info, err := os.Stat(filepath.Join(root, "stages", "sum", "sum.go"))
	if err != nil {
		t.Fatal(err)
	}
	built := sources{root: root, module: "spurion/", built: info.ModTime().Add(time.Hour)}
	if built.code(fitKind) == "" {
		t.Error("the sources of a program that was built after them are not read")
	}
	edited := sources{root: root, module: "spurion/", built: info.ModTime().Add(-time.Hour)}
	if got := edited.code(fitKind); got != "" {
		t.Errorf("sources that are newer than the program give %q", got)
	}
	later := sources{root: root, module: "spurion/", built: time.Now().Add(time.Hour)}
	if later.code(fitKind) == "" {
		t.Error("the sources of a program that was built after them are not read")
	}
	folder := filepath.Join(root, "stages", "sum")
	if err := os.Remove(filepath.Join(folder, "sum_amd64.s")); err != nil {
		t.Fatal(err)
	}
	future := time.Now().Add(2 * time.Hour)
	if err := os.Chtimes(folder, future, future); err != nil {
		t.Fatal(err)
	}
	without := sources{root: root, module: "spurion/", built: later.built}
	if got := without.code(fitKind); got != "" {
		t.Errorf("a folder from which a file went after the program was built gives %q", got)
	}
	write("cmd/spurion/fake.go", "package main\n\nimport \"spurion/gone\"\n")
	for name, s := range map[string]*sources{"no sources": {}, "a package that is gone": {root: root, module: "spurion/"}} {
		if got := s.code(fitKind); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A run with changed sources that finds results of other code says so, once, and how to compute them again; with
// everything committed it says nothing.
func TestResultsOfOtherCodeAreTold(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	root, write := module(t)
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", root, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	defer func(f func() *sources) { sourcesOf = f }(sourcesOf)
	sourcesOf = func() *sources { return &sources{root: root, module: "spurion/"} }

	t.Chdir(t.TempDir())
	const spec = `stage "source" "numbers" {}
stage "fit" "model" {
  data = source.numbers.values
  optimizer "sgd" { rate = 1 }
}
`
	if err := os.WriteFile("two.hcl", []byte(spec), 0o644); err != nil {
		t.Fatal(err)
	}
	spurion := func(args ...string) (out, errors string) {
		t.Helper()
		var o, e bytes.Buffer
		if code := execute(testRegistry(), args, streams{In: strings.NewReader(""), Out: &o, Err: &e}); code != 0 {
			t.Fatalf("spurion %v: %d\n%s%s", args, code, o.String(), e.String())
		}
		return o.String(), e.String()
	}
	told := func(when string, want bool) {
		t.Helper()
		_, errors := spurion("run", "--quiet", "two.hcl")
		if strings.Contains(errors, "note: this program") != want {
			t.Errorf("%s: told is %v:\n%s", when, !want, errors)
		}
		if want && (strings.Count(errors, "note: this program") != 1 || !strings.Contains(errors, "Results of fit, source came from the store") ||
			!strings.Contains(errors, "changes to stages/sum/sum.go since commit ") ||
			!strings.Contains(errors, "spurion cache evict two.hcl 'fit.*' 'source.*', then run")) {
			t.Errorf("%s:\n%s", when, errors)
		}
	}
	told("computed by this code", false)
	told("found again", false)
	if out, _ := spurion("version"); strings.Contains(out, "changed since") || strings.Contains(out, "modified") {
		t.Errorf("without changes: %s", out)
	}
	write("README.md", "notes\n")
	write("stages/other/other.go", "package other // changed\n")
	told("another kind's code changed", false)
	write("stages/sum/sum.go", "package sum // changed\n")
	told("its code changed", true)
	if out, _ := spurion("version"); !strings.Contains(out, ", modified)") || !strings.Contains(out, "changed since that commit: stages/other/other.go, stages/sum/sum.go\n") {
		t.Errorf("with changes: %s", out)
	}
	spurion("cache", "evict", "two.hcl", "fit.*", "source.*")
	told("computed again", false)
	told("found again, by the changed code", false)
	write("stages/sum/sum.go", "package sum\n")
	told("changed back", false) // what was computed meanwhile is other code's, but nothing of the kind is changed
	write("stages/sum/sum.go", "package sum // a third\n")
	git("commit", "-q", "-a", "-m", "second")
	told("committed", false)
	if out, _ := spurion("show", "two.hcl", "fit.model"); !strings.Contains(out, "by "+programName()+", code ") {
		t.Errorf("the code is not recorded:\n%s", out)
	}
}

// Only the repository that holds the sources is asked: not one that the environment names, as in a git hook, nor one in
// whose folder the sources merely lie.
func TestRepositoriesOfOthers(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	repository := func(folder string) {
		t.Helper()
		for _, args := range [][]string{{"init", "-q"}, {"commit", "-q", "--allow-empty", "-m", "first"}} {
			cmd := exec.Command("git", append([]string{"-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"}, args...)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("git %v: %v\n%s", args, err, out)
			}
		}
	}
	root, _ := module(t)
	look := func(when string) {
		t.Helper()
		if r := (&sources{root: root, module: "spurion/"}).revision(); r.commit != "" || r.modified || len(r.changed) > 0 {
			t.Errorf("%s: %+v", when, r)
		}
	}
	look("no repository")
	other := t.TempDir()
	repository(other)
	t.Setenv("GIT_DIR", filepath.Join(other, ".git"))
	look("one that the environment names")
	os.Unsetenv("GIT_DIR")
	repository(root)
	look("one that does not hold them")
}

// A program apart from its sources has nothing to tell, and the one under test knows its own.
func TestSourcesOfThisProgram(t *testing.T) {
	s := sourcesOf()
	if s.root == "" {
		t.Skip("built with -trimpath")
	}
	for _, k := range registry().Kinds {
		packages, err := s.packages(k)
		if err != nil || !slices.Contains(packages, "spurion/stages") || len(s.code(k)) != 12 {
			t.Errorf("%s: made of %v, %v", k.Name, packages, err)
		}
	}
}
