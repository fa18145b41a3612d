package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"spurion/stages/kernel"
)

// TestTrainingsKeepTheirBytes runs trainings of every sort through the whole program, and compares the SHA-256 of
// everything they store and publish with the digests kept: whatever the processor, the compiler, the number of
// workers and the order of execution, the bytes are these. SPURION_TEST_PATH, if set, names the path that the
// loops must have taken (see kernel.Path), so that a script that asks for one cannot test another.
//
// If a kind was meant to compute something else, raise its Version. If only a column's description changed, or an
// output was added, its bytes did too. Then: go test ./cmd/spurion -run KeepTheirBytes -update
func TestTrainingsKeepTheirBytes(t *testing.T) {
	if want := os.Getenv("SPURION_TEST_PATH"); want != "" && want != kernel.Path() {
		t.Fatalf("the loops ran on the path %q, not %q", kernel.Path(), want)
	}
	golden := filepath.Join("testdata", "bytes", "trainings.golden")
	for i, c := range []struct{ workers, processors int }{{1, 1}, {2, 2}, {2, 1}, {5, 4}} {
		name := fmt.Sprintf("workers=%d/GOMAXPROCS=%d/path=%s", c.workers, c.processors, kernel.Path())
		t.Run(name, func(t *testing.T) {
			if i > 1 && testing.Short() {
				t.Skip("two runs are enough where they are slow")
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(c.processors))
			got := trainingDigests(t, c.workers)
			if *update && i == 0 {
				if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			compareLines(t, got, string(want))
		})
	}
}

// trainingDigests runs the spec in an empty store and lists the digest of every output of every instance, then of
// every file that is published.
func trainingDigests(t *testing.T, workers int) string {
	t.Helper()
	dir := t.TempDir()
	spec := filepath.Join("testdata", "bytes", "trainings.hcl")
	at := []string{"--store", filepath.Join(dir, "store"), "--out", filepath.Join(dir, "out")}
	program(t, append(at, "run", "--quiet", fmt.Sprint("--workers=", workers), spec)...)

	var instances []struct {
		Address string
		Outputs []struct{ Name, Digest string }
	}
	if err := json.Unmarshal(program(t, append(at, "show", "--json", spec, "*.*")...), &instances); err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	for _, in := range instances {
		for _, o := range in.Outputs {
			fmt.Fprintf(&list, "%s.%s %s\n", in.Address, o.Name, o.Digest)
		}
	}
	var index struct {
		Files []struct{ Path, SHA256 string }
	}
	data, err := os.ReadFile(filepath.Join(dir, "out", "trainings", "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &index); err != nil {
		t.Fatal(err)
	}
	for _, f := range index.Files {
		fmt.Fprintf(&list, "%s %s\n", f.Path, f.SHA256)
	}
	return list.String()
}

// program runs spurion, with its own kinds, in this process: an emulated one could not start another.
func program(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := execute(registry(), args, streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}); code != 0 {
		t.Fatalf("spurion %s ended with %d:\n%s", strings.Join(args, " "), code, &stderr)
	}
	return stdout.Bytes()
}

// compareLines reports lines that differ, whatever their order.
func compareLines(t *testing.T, got, want string) {
	t.Helper()
	kept := map[string]string{}
	for line := range strings.Lines(want) {
		name, digest, _ := strings.Cut(line, " ")
		kept[name] = digest
	}
	for line := range strings.Lines(got) {
		name, digest, _ := strings.Cut(line, " ")
		if kept[name] != digest {
			t.Errorf("the bytes of %s changed: %q, were %q", name, digest, kept[name])
		}
		delete(kept, name)
	}
	for name := range kept {
		t.Errorf("%s is no longer there", name)
	}
}
