package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"spurion/artifacts"
	"spurion/artifacts/frame"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// digestsTo lets .ci/bits compare the bytes of processors and builds that no single process has.
var digestsTo = flag.String("digests", "", "write the SHA-256 of everything that the trainings leave to this `file`")

// TestTrainingsKeepTheirBytes runs trainings of every sort through the whole program. Any number of workers, in any
// order, stores and publishes the same bytes; and the tables hold what they held when trainings.golden was written,
// on whatever processor, built by whatever compiler. Columns' descriptions may be reworded without a change in
// that file, as in stagetest.Golden.
//
// SPURION_TEST_PATH, if set, names the path that the loops must take (see kernel.Path), so that whoever asks
// for one cannot test another.
//
// If a kind was meant to compute something else, raise its Version. If there is only more in a table: go test
// ./cmd/spurion -run KeepTheirBytes -update
func TestTrainingsKeepTheirBytes(t *testing.T) {
	if want := os.Getenv("SPURION_TEST_PATH"); want != "" && want != kernel.Path() {
		t.Fatalf("the loops take the path %q, not %q", kernel.Path(), want)
	}
	var first trainingsLeft
	for i, c := range []struct{ workers, processors int }{{1, 1}, {2, 2}, {2, 1}, {5, 4}} {
		name := fmt.Sprintf("workers=%d/GOMAXPROCS=%d/path=%s", c.workers, c.processors, kernel.Path())
		t.Run(name, func(t *testing.T) {
			if i > 1 && testing.Short() {
				t.Skip("two runs are enough where they are slow")
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(c.processors))
			left := runTrainings(t, c.workers)
			if i > 0 {
				compareLines(t, left.bytes, first.bytes)
				return
			}
			first = left
			compareGolden(t, filepath.Join("testdata", "bytes", "trainings.golden"), left.values)
			if *digestsTo != "" {
				writeText(t, *digestsTo, left.bytes)
			}
		})
	}
}

// trainingsLeft are lines of a name and a digest.
type trainingsLeft struct {
	values string // of every table of every instance, as stagetest.Digest has it
	bytes  string // SHA-256 of these, of pictures, and of every file that is published
}

// runTrainings runs the spec in an empty store.
func runTrainings(t *testing.T, workers int) trainingsLeft {
	t.Helper()
	dir := t.TempDir()
	spec := filepath.Join("testdata", "bytes", "trainings.hcl")
	at := []string{"--store", filepath.Join(dir, "store"), "--out", filepath.Join(dir, "out")}
	program(t, append(at, "run", "--quiet", fmt.Sprint("--workers=", workers), spec)...)

	var values, sums strings.Builder
	var instances []struct {
		Address string
		Outputs []struct{ Name, Digest string }
	}
	readJSON(t, program(t, append(at, "show", "--json", spec, "*.*")...), &instances)
	results, err := artifacts.Open(filepath.Join(dir, "store"), artifacts.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer results.Close()
	for _, in := range instances {
		for _, o := range in.Outputs {
			fmt.Fprintf(&sums, "%s.%s %s\n", in.Address, o.Name, o.Digest)
			digest, err := artifacts.ParseDigest(o.Digest)
			if err != nil {
				t.Fatal(err)
			}
			data, err := results.Blob(digest)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(data, []byte("PAR1")) {
				continue // a picture
			}
			table, err := frame.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&values, "%s.%s %s\n", in.Address, o.Name, stagetest.Digest(table))
		}
	}
	var index struct {
		Files []struct{ Path, SHA256 string }
	}
	readJSON(t, readFile(t, filepath.Join(dir, "out", "trainings", "index.json")), &index)
	for _, f := range index.Files {
		fmt.Fprintf(&sums, "%s %s\n", f.Path, f.SHA256)
	}
	return trainingsLeft{values.String(), sums.String()}
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

func readJSON(t *testing.T, data []byte, to any) {
	t.Helper()
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		writeText(t, path, got)
	}
	compareLines(t, got, string(readFile(t, path)))
}

// compareLines reports names whose digests differ.
func compareLines(t *testing.T, got, want string) {
	t.Helper()
	kept := map[string]string{}
	for line := range strings.Lines(want) {
		name, digest, _ := strings.Cut(line, " ")
		kept[name] = digest
	}
	if len(kept) < 50 {
		t.Fatalf("there are only %d digests to compare with", len(kept))
	}
	for line := range strings.Lines(got) {
		name, digest, _ := strings.Cut(line, " ")
		if kept[name] != digest {
			t.Errorf("%s changed: %q, was %q", name, strings.TrimSpace(digest), strings.TrimSpace(kept[name]))
		}
		delete(kept, name)
	}
	for name := range kept {
		t.Errorf("%s is no longer there", name)
	}
}
