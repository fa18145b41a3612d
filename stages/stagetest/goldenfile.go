package stagetest

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spurion/stages"
)

// GoldenFiles is Golden for cases whose digests are kept in testdata/golden, a file each, so that changes
// to several cases meet in none of them. With update it rewrites the files first; their diff is to be read. It
// fails if a part of the kind is in no case, and if a file belongs to none.
func GoldenFiles(t *testing.T, kind *stages.Kind, update bool, cases ...Case) {
	t.Helper()
	for _, wrong := range Untried(kind, cases...) {
		t.Error(wrong)
	}
	strays, err := filepath.Glob(filepath.Join("testdata", "golden", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		path := filepath.Join("testdata", "golden", strings.ReplaceAll(c.Name, " ", "_")+".txt")
		strays = slices.DeleteFunc(strays, func(s string) bool { return s == path })
		t.Run(c.Name, func(t *testing.T) {
			if update {
				keepDigests(t, path, kind, c)
			}
			text, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("%s: no digests are kept yet. Check what the run computes; then keep its first ones: %s", path, updateCommand(t))
			}
			if err != nil {
				t.Fatal(err)
			}
			want := make(map[string]string)
			for line := range strings.Lines(string(text)) {
				if output, digest, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
					want[output] = digest
				}
			}
			Golden(t, kind, c, want)
			if t.Failed() {
				t.Logf("%s is rewritten by %s", path, updateCommand(t))
			}
		})
	}
	for _, path := range strays {
		t.Errorf("%s belongs to no case: delete it, or give it back its case", path)
	}
}

// updateCommand is what rewrites the golden file of the running test, from the folder of its package.
func updateCommand(t *testing.T) string {
	return "go test -run '^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$' -update"
}

func keepDigests(t *testing.T, path string, kind *stages.Kind, c Case) {
	t.Helper()
	out, err := Try(t.Context(), kind, fresh(c.Settings), c.Inputs, c.Options...)
	if err != nil {
		t.Fatal(err)
	}
	c.decode(t, out)
	digests := out.digests()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(digests)) {
		fmt.Fprintf(&b, "%s %s\n", name, digests[name])
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
