package kernel

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

// checkGolden compares named digests with a file of "name digest" lines.
func checkGolden(t *testing.T, path string, got map[string]string) {
	t.Helper()
	var lines []string
	for name, digest := range got {
		lines = append(lines, fmt.Sprintf("%s %s\n", name, digest))
	}
	slices.Sort(lines)
	text := strings.Join(lines, "")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("bits changed; they must be the same on every machine. Got:\n%swant:\n%s", text, want)
	}
}
