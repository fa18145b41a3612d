package spurion

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A noticed module stands in NOTICE with its licence and whose work it is.
type noticed struct{ licence, text string }

var (
	noticeLine    = regexp.MustCompile(`^  (\S+) \| (\S+)$`)
	copyrightLine = regexp.MustCompile(`(?m)^[ \t]*(Copyright\b.*)$`)
	mailAddress   = regexp.MustCompile(` <[^>]*>`)
)

// notice reads NOTICE: the modules, and what it says of licences below.
func notice(t *testing.T) (modules map[string]noticed, licences string) {
	t.Helper()
	text, err := os.ReadFile("NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	list, licences, found := strings.Cut(string(text), "\nLicences\n")
	if !found {
		t.Fatal("NOTICE has no part Licences")
	}
	modules = map[string]noticed{}
	last := ""
	for line := range strings.Lines(list) {
		if m := noticeLine.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
			last = m[1]
			modules[last] = noticed{licence: m[2]}
		} else if n, ok := modules[last]; ok && strings.HasPrefix(line, "      ") {
			n.text += line
			modules[last] = n
		}
	}
	return modules, licences
}

// linked gives the modules whose code is in the programs on a system, with the folders of their sources. One that is replaced by
// a folder of this project without a licence of its own is this project's work.
func linked(goos string) (map[string]string, error) {
	cmd := exec.Command("go", "list", "-mod=readonly", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}\t{{with .Replace}}own{{end}}{{end}}{{end}}", "./cmd/spurion", "./cmd/spurion-s3")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	modules := map[string]string{}
	for line := range strings.Lines(string(out)) {
		field := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(field) != 3 {
			continue
		}
		path, dir := field[0], field[1]
		if _, err := os.Stat(filepath.Join(dir, "LICENSE")); err != nil && field[2] == "own" {
			continue
		}
		modules[path] = dir
	}
	return modules, nil
}

// TestNotice: NOTICE names every module that the programs link, with the licence and the copyright in the
// module's own files, and has the licence's text; and it names no module that the project does not have.
func TestNotice(t *testing.T) {
	named, licences := notice(t)
	all := map[string]string{}
	for _, goos := range []string{"linux", "darwin", "windows"} {
		modules, err := linked(goos)
		if err != nil && goos != runtime.GOOS {
			t.Logf("what is linked on %s is not looked at: %v", goos, err) // without a network
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(all, modules)
	}
	if len(all) < 20 {
		t.Fatalf("only %d modules are linked", len(all))
	}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		licence, copyright, err := licenceOf(all[path])
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		n, ok := named[path]
		if !ok {
			t.Errorf("NOTICE does not name %s, which a program links; add to it\n  %s | %s\n      %s", path, path, licence, copyright)
			continue
		}
		if n.licence != licence {
			t.Errorf("NOTICE says that %s has the licence %s, but its source has %s", path, n.licence, licence)
		}
		if !strings.Contains(n.text, copyright) {
			t.Errorf("NOTICE lacks of %s: %q", path, copyright)
		}
		if has := licence == "Apache-2.0" || licence == "MPL-2.0" || regexp.MustCompile(`(?m)^--- `+licence+`:[^:]*\b`+regexp.QuoteMeta(path)+`(,|$)`).MatchString(licences); !has {
			t.Errorf("NOTICE has no text of the licence %s for %s", licence, path)
		}
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for path := range named {
		if !strings.Contains(string(mod), "\t"+path+" v") {
			t.Errorf("NOTICE names %s, which is not in go.mod", path)
		}
	}
}

// licenceOf reads a module's licence and the first line that says whose the copyright is, if there is one.
func licenceOf(dir string) (licence, copyright string, err error) {
	for _, pattern := range []string{"LICENSE", "LICENSE.*", "COPYING", "README.md"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		if len(found) == 0 {
			continue
		}
		data, err := os.ReadFile(found[0])
		if err != nil {
			return "", "", err
		}
		text := string(data)
		for _, l := range []struct{ phrase, name string }{
			{"Apache License", "Apache-2.0"}, {"Mozilla Public License", "MPL-2.0"}, {"Permission is hereby granted", "MIT"},
			{"Redistribution and use", "BSD-2-Clause"},
		} {
			// the first few lines tell: files of a licence may quote others further down
			from := strings.Index(text, l.phrase)
			if from < 0 || pattern != "README.md" && from > 600 {
				continue
			}
			if l.name == "BSD-2-Clause" && regexp.MustCompile(`Neither the\s+name`).MatchString(text[:min(len(text), from+1500)]) {
				l.name = "BSD-3-Clause"
			}
			if l.name == "Apache-2.0" { // its text has a copyright line to fill in; the module's own is in NOTICE
				own, _ := os.ReadFile(filepath.Join(dir, "NOTICE"))
				text = string(own)
			}
			if m := copyrightLine.FindStringSubmatch(text); m != nil {
				copyright = strings.TrimRight(mailAddress.ReplaceAllString(m[1], ""), " ,\r")
			}
			return l.name, copyright, nil
		}
	}
	return "", "", fmt.Errorf("no known licence in %s", dir)
}

// TestCitation: CITATION.cff names the version that the program prints.
func TestCitation(t *testing.T) {
	find := func(file, pattern string) string {
		data, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(pattern).FindSubmatch(data)
		if m == nil {
			t.Fatalf("%s has no version", file)
		}
		return string(m[1])
	}
	cited, printed := find("CITATION.cff", `(?m)^version: (\S+)$`), find("cmd/spurion/version.go", `const version = "([^"]+)"`)
	if cited != printed {
		t.Errorf("CITATION.cff has the version %s, the program %s", cited, printed)
	}
}
