//go:build unix

package publish

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// What stands where a file should be is found by Verify without waiting for it, and the next Write puts the file in its
// place. A folder that holds something is somebody's: both say what to do, in the same words.
func TestInsteadOfFiles(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	out := s.out(dir)
	out.Page = &Page{
		Content: func([]Entry) (string, error) { return "content", nil },
		Bytes:   func(content string) ([]byte, error) { return []byte("<html><!--" + content + "--></html>"), nil },
	}
	sources := []Source{s.train(t), s.image()}
	publish(t, out, sources...)
	want := tree(t, dir)
	precious := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(precious, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	const inWay = "a folder that is not empty stands there; move it away, and run again"
	instead := map[string]func(path string) error{
		"pipe":        func(path string) error { return syscall.Mkfifo(path, 0o666) },
		"link":        func(path string) error { return os.Symlink(precious, path) },
		"loop":        func(path string) error { return os.Symlink(filepath.Base(path), path) },
		"folder":      func(path string) error { return os.Mkdir(path, 0o777) },
		"full folder": func(path string) error { return os.MkdirAll(filepath.Join(path, "mine"), 0o777) },
	}
	for path := range want {
		for name, make := range instead {
			file := filepath.Join(dir, path)
			if err := os.RemoveAll(file); err != nil {
				t.Fatal(err)
			}
			if err := make(file); err != nil {
				t.Fatal(err)
			}
			damage := Damage{Path: path, Problem: "it is no regular file"}
			if name == "full folder" {
				damage = Damage{Path: path, Problem: inWay, InWay: true}
			}
			r, err := Verify(t.Context(), dir)
			if err != nil || !slices.Contains(r.Damaged, damage) {
				t.Errorf("a %s at %s: Verify gives %+v, %v", name, path, r, err)
			}
			_, err = Write(t.Context(), out, sources)
			if name == "full folder" {
				if err == nil || !strings.Contains(err.Error(), path+": "+inWay) {
					t.Errorf("a %s at %s: %v", name, path, err)
				}
				if err := os.RemoveAll(file); err != nil {
					t.Fatal(err)
				}
				_, err = Write(t.Context(), out, sources)
			}
			if err != nil {
				t.Fatalf("a %s at %s: %v", name, path, err)
			}
			if got := tree(t, dir); got[path] != want[path] || len(got) != len(want) {
				t.Errorf("a %s at %s was not replaced", name, path)
			}
		}
	}
	if data, err := os.ReadFile(precious); err != nil || string(data) != "mine" {
		t.Errorf("the file behind a link is %q, %v", data, err)
	}
}

// A file where a folder of the tables should be is named.
func TestFileForFolder(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tables"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	const inWay = "tables is no folder; move it away, and run again"
	_, err := Write(t.Context(), s.out(dir), []Source{s.train(t)})
	if err == nil || !strings.Contains(err.Error(), inWay) {
		t.Error(err)
	}
	tables := filepath.Join(dir, "tables")
	if err := os.Remove(tables); err != nil {
		t.Fatal(err)
	}
	publish(t, s.out(dir), s.train(t))
	if err := errors.Join(os.RemoveAll(tables), os.WriteFile(tables, nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	r, err := Verify(t.Context(), dir)
	if err != nil || len(r.Damaged) != 1 || r.Damaged[0].Problem != inWay || !r.Damaged[0].InWay {
		t.Errorf("Verify gives %+v, %v", r, err)
	}
	if _, err = Write(t.Context(), s.out(dir), []Source{s.train(t)}); err == nil || !strings.Contains(err.Error(), inWay) {
		t.Error(err)
	}
}
