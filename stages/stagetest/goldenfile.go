package stagetest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spurion/stages"
)

// GoldenFiles is Golden for cases whose digests are kept in testdata/golden, a file each, so that changes
// to several cases meet in none of them. With update it rewrites the files first; their diff is to be read.
func GoldenFiles(t *testing.T, kind *stages.Kind, update bool, cases ...Case) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			path := filepath.Join("testdata", "golden", strings.ReplaceAll(c.Name, " ", "_")+".txt")
			if update {
				keepDigests(t, path, kind, c)
			}
			text, err := os.ReadFile(path)
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
		})
	}
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
