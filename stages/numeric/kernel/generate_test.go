package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The assembly in the folder is what the generator writes.
func TestAssemblyIsGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator")
	}
	if out, err := exec.Command("go", "build", "-C", "_gen", "-o", os.DevNull, ".").CombinedOutput(); err != nil {
		t.Skipf("the generator's modules are not at hand: %v\n%s", err, out)
	}
	dir := t.TempDir()
	cmd := exec.Command("go", "run", "-C", "_gen", ".",
		"-out", filepath.Join(dir, "loops_amd64.s"), "-stubs", filepath.Join(dir, "loops_amd64.go"), "-pkg", "kernel")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"loops_amd64.s", "loops_amd64.go"} {
		if !bytes.Equal(withoutHeader(t, name), withoutHeader(t, filepath.Join(dir, name))) {
			t.Errorf("%s differs from what the generator writes: run go generate", name)
		}
	}
}

// withoutHeader drops the first line, which holds the generator's arguments.
func withoutHeader(t *testing.T, path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(data, []byte("\n"))
	return rest
}
