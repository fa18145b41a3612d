package head

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/stagetest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// A small run of each head keeps its bytes: go test ./stages/head -run Golden -update
func TestGolden(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			path := filepath.Join("testdata", "golden", strings.ReplaceAll(c.Name, " ", "_")+".txt")
			if *update {
				keepDigests(t, path, stagetest.Run(t, Kind, c.Settings, c.Inputs))
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
			stagetest.Golden(t, Kind, c, want)
		})
	}
}

func keepDigests(t *testing.T, path string, out map[string]*frame.Table) {
	t.Helper()
	var lines []string
	for output, table := range out {
		lines = append(lines, fmt.Sprintf("%s %s\n", output, stagetest.Digest(table)))
	}
	slices.Sort(lines)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
}
