package arrayfile_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"spurion/stages/common/arrayfile"
)

// TestRandom: files of chance, which a few lines of Python write from the formats' descriptions, are read as it says.
func TestRandom(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3, which writes the files of this test: install Python 3.9 or later")
	}
	for seed := range 4 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			folder := t.TempDir()
			if out, err := exec.Command(python, "testdata/random.py", fmt.Sprint(seed), folder).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			golden := expected(t, filepath.Join(folder, "expected.json"))
			if len(golden) < 20 {
				t.Fatalf("there are %d files", len(golden))
			}
			for file, want := range golden {
				t.Run(file, func(t *testing.T) {
					compare(t, open(t, filepath.Join(folder, file), arrayfile.Options{Limit: plenty}), want)
				})
			}
		})
	}
}
