//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package program

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Of folders that nobody has touched for a day those are removed that no living process has, and that were not kept.
func TestSweep(t *testing.T) {
	root := t.TempDir()
	old := time.Now().Add(-25 * time.Hour)
	for _, name := range []string{"left", "used", "failed-kept", "young"} {
		dir := filepath.Join(root, name)
		if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "file"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if name != "young" {
			if err := os.Chtimes(dir, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	used, err := take(filepath.Join(root, "used"))
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()
	sweep(root)
	for name, want := range map[string]bool{"left": false, "used": true, "failed-kept": true, "young": true} {
		if _, err := os.Stat(filepath.Join(root, name, "file")); (err == nil) != want {
			t.Errorf("%s is there: %v", name, err == nil)
		}
	}
}
