//go:build unix

package program_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spurion/stages"
)

// A program that cannot be started is told with why and what to do.
func TestNoStart(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no program":        {[]string{file("text", "echo hello\n", 0o755)}, "/text is no program for this machine"},
		"no interpreter":    {[]string{file("script", "#!/no/such/thing\n", 0o755)}, "/script: what its first line (#!)"},
		"not executable":    {[]string{file("plain", "#!/bin/sh\n", 0o644)}, "/plain may not be executed"},
		"too long argument": {[]string{"sh", "-c", "true", strings.Repeat("x", 64<<20)}, "longer than this system takes"},
	} {
		if got, err := run(t.Context(), t.TempDir(), stages.Command{Args: c.args}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
