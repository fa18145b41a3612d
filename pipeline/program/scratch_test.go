//go:build linux || darwin || freebsd

package program_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spurion/pipeline/program"
	"spurion/stages"
)

func scratch(t *testing.T, name string) *program.Scratch {
	t.Helper()
	s, err := program.NewScratch(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A name has the same folder each time, empty, whatever was left there; while it is used, the next gets another.
func TestScratch(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	first := scratch(t, "key")
	if !strings.HasPrefix(first.Dir, temp) || filepath.Base(first.Dir) != "key" {
		t.Errorf("the folder is %s", first.Dir)
	}
	locked := filepath.Join(first.Dir, "locked")
	if err := errors.Join(os.MkdirAll(filepath.Join(locked, "deep"), 0o755), os.WriteFile(filepath.Join(locked, "deep", "file"), nil, 0o644), os.Chmod(locked, 0o500)); err != nil {
		t.Fatal(err)
	}
	second := scratch(t, "key")
	if second.Dir == first.Dir {
		t.Error("two have the same folder")
	}
	second.Close()
	first.Close()
	if _, err := os.Stat(first.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	// What a process that died left is no lock, and is cleaned.
	if err := errors.Join(os.Mkdir(first.Dir, 0o700), os.WriteFile(filepath.Join(first.Dir, "left"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	again := scratch(t, "key")
	defer again.Close()
	if entries, err := os.ReadDir(again.Dir); again.Dir != first.Dir || err != nil || len(entries) != 0 {
		t.Errorf("%s holds %v, %v", again.Dir, entries, err)
	}
	if info, err := os.Stat(filepath.Dir(again.Dir)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others may look: %v, %v", info.Mode(), err)
	}
}

// A folder that is kept has a name of its own, so that the next run does not clean it.
func TestKeptScratch(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var kept string
	for _, text := range []string{"first", "second"} {
		s := scratch(t, "key")
		if err := os.WriteFile(filepath.Join(s.Dir, "file"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var err error
		if kept, err = s.Keep(); err != nil {
			t.Fatal(err)
		}
	}
	s := scratch(t, "key")
	defer s.Close()
	if data, err := os.ReadFile(filepath.Join(kept, "file")); err != nil || string(data) != "second" || kept == s.Dir {
		t.Errorf("%s: %q, %v", kept, data, err)
	}
}

// Where the folder of all is another's doing, such as a link, each has a folder with a name of its own.
func TestScratchBesideAStranger(t *testing.T) {
	temp, elsewhere := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	s := scratch(t, "key")
	root := filepath.Dir(s.Dir)
	s.Close()
	if err := errors.Join(os.Remove(root), os.Symlink(elsewhere, root)); err != nil {
		t.Fatal(err)
	}
	s = scratch(t, "key")
	defer s.Close()
	if real, err := filepath.EvalSymlinks(s.Dir); err != nil || strings.HasPrefix(real, elsewhere) {
		t.Errorf("it lies in %s, %v", real, err)
	}
}

// What a program puts where its folder was is neither read nor emptied.
func TestReplacedScratch(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	elsewhere := t.TempDir()
	file := filepath.Join(elsewhere, "o.csv")
	if err := os.WriteFile(file, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ script, want string }{
		"a link":                 {`d=$PWD; cd /; mv $d $d.moved; ln -s ` + elsewhere + ` $d`, "put something else"},
		"a link, after failures": {`d=$PWD; cd /; mv $d $d.failed; ln -s ` + elsewhere + ` $d; exit 7`, "put something else"},
		"a folder":               {`d=$PWD; cd /; mv $d $d.other; mkdir $d; echo x > $d/o.csv`, "put something else"},
		"nothing":                {`d=$PWD; cd /; rm -r $d`, "removed the folder"},
	} {
		command := shell(c.script)
		command.Collect, command.Retry = []string{"o.csv"}, stages.Retry{Times: 1}
		got, err := runLogged(t, command, &record{})
		if err == nil || !strings.Contains(err.Error(), c.want) || got != nil && got.Collected != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "precious" {
		t.Errorf("a file elsewhere holds %q, %v", data, err)
	}
}

// A missing TMPDIR is told with the remedy.
func TestScratchWithoutTemp(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	if _, err := program.NewScratch("key"); err == nil || !strings.Contains(err.Error(), "set TMPDIR") {
		t.Error(err)
	}
}
