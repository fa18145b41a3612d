package publish

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestKilled kills Write before each read of a blob in turn. What is in the folder then is whole
// and listed; the next Write makes it what it would have been, and takes away what is not wanted.
func TestKilled(t *testing.T) {
	const variable = "SPURION_PUBLISH_KILL"
	s := newStore()
	sources := []Source{s.train(t), s.image()}
	if dir := os.Getenv(variable); dir != "" {
		var before int
		if _, err := fmt.Sscan(os.Getenv(variable+"_AT"), &before); err != nil {
			t.Fatal(err)
		}
		out := s.out(dir)
		out.ReadBlob = func(digest string) ([]byte, error) {
			data, err := s.read(digest)
			if s.reads > before {
				os.Exit(9)
			}
			return data, err
		}
		_, err := Write(context.Background(), out, sources)
		t.Fatalf("it was not killed: %v", err)
	}
	reference := t.TempDir()
	publish(t, s.out(reference), sources...)
	want := tree(t, reference)
	for before := range 10 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), variable+"="+dir, fmt.Sprintf("%s_AT=%d", variable, before))
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 9 {
			t.Fatalf("killed before read %d: %v", before, err)
		}
		listed := readIndex(t, dir)
		for path, content := range tree(t, dir) {
			if path == "index.json" || strings.HasPrefix(path, temporaryPrefix) {
				continue
			}
			if content != want[path] {
				t.Errorf("killed before read %d: %s is not whole", before, path)
			}
			if !slices.ContainsFunc(listed.Files, func(e Entry) bool { return e.Path == path }) {
				t.Errorf("killed before read %d: %s is not listed", before, path)
			}
		}
		publish(t, s.out(dir), sources...)
		after := tree(t, dir)
		for path := range after {
			if strings.HasPrefix(path, temporaryPrefix) {
				delete(after, path)
				if err := os.Remove(filepath.Join(dir, path)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if fmt.Sprint(after) != fmt.Sprint(want) {
			t.Errorf("killed before read %d: not as without it", before)
		}
		publish(t, s.out(dir))
		wantPaths(t, dir, "index.json")
	}
}
