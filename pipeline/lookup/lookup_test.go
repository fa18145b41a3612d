package lookup_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/lookup"
	"spurion/pipeline/plan"
)

// A store that is not there yet is an empty one.
func TestNoStore(t *testing.T) {
	s := lookup.NewStore(nil, "x")
	if _, err := s.Lookup(plan.Digest{}); !errors.Is(err, plan.ErrMiss) {
		t.Errorf("a result is looked up: %v", err)
	}
	if _, ok := s.Text(plan.Digest{}); ok {
		t.Error("it has the text of a key")
	}
	if _, ok := s.Previous("a.b"); ok {
		t.Error("it remembers a run")
	}
	if _, err := s.Manifest(plan.Digest{}); !errors.Is(err, artifacts.ErrMiss) {
		t.Errorf("a manifest is read: %v", err)
	}
	if _, err := s.Blob(plan.Digest{}.String()); !errors.Is(err, artifacts.ErrMissing) {
		t.Errorf("a blob is read: %v", err)
	}
}

// What is stored under a key is found by it, with its text, its manifest and its bytes.
func TestStore(t *testing.T) {
	store, err := artifacts.Open(t.TempDir(), artifacts.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	blob, err := store.Put([]byte("bytes"))
	if err != nil {
		t.Fatal(err)
	}
	const text = "spurion action 1\nkind a 1\n"
	key := artifacts.Sum([]byte(text))
	err = store.Publish(&artifacts.Manifest{
		Key: key, Text: text, Kind: "a", Version: 1, Address: "a.b", Spec: "x", Created: time.Now().UTC(), Seconds: 2,
		Outputs: []artifacts.Output{{Name: "out", Digest: blob, Size: 5, Rows: -1, Extension: ".txt"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := lookup.NewStore(store, "x")
	outputs, err := s.Lookup(plan.Digest(key))
	if err != nil || len(outputs) != 1 || outputs[0] != (plan.Output{Name: "out", Digest: plan.Digest(blob), Size: 5, Rows: -1, Extension: ".txt"}) {
		t.Errorf("%+v, %v", outputs, err)
	}
	if got, ok := s.Text(plan.Digest(key)); !ok || got != text {
		t.Errorf("the key's text is %q", got)
	}
	if m, err := s.Manifest(plan.Digest(key)); err != nil || m.Seconds != 2 {
		t.Errorf("%+v, %v", m, err)
	}
	if data, err := s.Blob(blob.String()); err != nil || string(data) != "bytes" {
		t.Errorf("%q, %v", data, err)
	}
	if path, packed := s.Where(&outputs[0]); packed {
		t.Errorf("%s is a pack", path)
	} else if data, err := os.ReadFile(path); err != nil || string(data) != "bytes" {
		t.Errorf("%q, %v", data, err)
	}
}

// Of several runs the newest that had an address tells what became of it; runs of other specs do not.
func TestPrevious(t *testing.T) {
	store, err := artifacts.Open(t.TempDir(), artifacts.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for _, r := range []struct {
		id, spec, address, status string
	}{
		{"20260101T000000Z-000001", "x", "a.both", "failed"},
		{"20260101T000001Z-000002", "x", "a.old", "computed"},
		{"20260101T000002Z-000003", "x", "a.both", "cached"},
		{"20260101T000003Z-000004", "y", "a.both", "canceled"},
	} {
		started, err := time.Parse("20060102T150405Z", r.id[:16])
		if err != nil {
			t.Fatal(err)
		}
		err = store.SaveRun(&artifacts.Run{
			ID: r.id, Spec: r.spec, Started: started, Finished: started, Outcome: "done",
			Entries: []artifacts.Entry{{Address: r.address, Status: r.status}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s := lookup.NewStore(store, "x")
	for address, want := range map[string]string{"a.both": "cached", "a.old": "computed", "a.none": ""} {
		if got, ok := s.Previous(address); got.Status != want || ok != (want != "") {
			t.Errorf("%s was %q, want %q", address, got.Status, want)
		}
	}
}

// A file's digest is what it was when it was first asked for; a link out of the project is refused.
func TestFiles(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "data", "x.csv")
	write := func(text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("first")
	f := lookup.NewFiles(root, nil)
	first, err := f.File("data/x.csv")
	if err != nil || first != plan.Digest(artifacts.Sum([]byte("first"))) {
		t.Errorf("%v, %v", first, err)
	}
	write("second")
	if again, err := f.File("data/x.csv"); err != nil || again != first {
		t.Errorf("asked again: %v, %v", again, err)
	}
	var copied bytes.Buffer
	second := plan.Digest(artifacts.Sum([]byte("second")))
	if d, err := f.CopyFile("data/x.csv", &copied); err != nil || copied.String() != "second" || d != second {
		t.Errorf("copying gives %q, %v, %v", &copied, d, err)
	}
	if d, err := f.Recheck("data/x.csv"); err != nil || d != second {
		t.Errorf("looked at again: %v, %v", d, err)
	}
	outside := filepath.Join(t.TempDir(), "secret")
	if err := errors.Join(os.WriteFile(outside, []byte("x"), 0o644), os.Symlink(outside, filepath.Join(root, "link"))); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"link", "none"} {
		if _, err := f.File(name); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// A variable is known by its value; one that is not set is an error, not an empty value.
func TestVariables(t *testing.T) {
	t.Setenv("SPURION_TEST_VARIABLE", "")
	f := lookup.NewFiles(t.TempDir(), nil)
	if d, err := f.Variable("SPURION_TEST_VARIABLE"); err != nil || d != plan.Digest(artifacts.Sum(nil)) {
		t.Errorf("%v, %v", d, err)
	}
	if err := os.Unsetenv("SPURION_TEST_VARIABLE"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Variable("SPURION_TEST_VARIABLE"); err == nil {
		t.Error("a variable that is not set has a digest")
	}
}
