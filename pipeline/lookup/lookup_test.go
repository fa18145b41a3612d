package lookup_test

import (
	"bytes"
	"context"
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

// A behind has one result, and notes what it is asked for.
type behind struct {
	m        *artifacts.Manifest
	data     []byte
	err      error
	expected int
}

func (b *behind) Expect(_ context.Context, keys []artifacts.Digest) error {
	b.expected += len(keys)
	return b.err
}

func (b *behind) Find(key artifacts.Digest) (*artifacts.Manifest, error) {
	if key != b.m.Key {
		return nil, b.err
	}
	return b.m, b.err
}

func (b *behind) Blob(d artifacts.Digest) ([]byte, bool) {
	return b.data, d == artifacts.Sum(b.data)
}

// What the store does not have is looked for behind it, with a store or without.
func TestBehind(t *testing.T) {
	store, err := artifacts.Open(t.TempDir(), artifacts.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	own := &artifacts.Manifest{Key: artifacts.Sum([]byte("own")), Text: "own", Kind: "a", Created: time.Unix(1, 0)}
	if err := store.Save(own, nil); err != nil {
		t.Fatal(err)
	}
	for _, local := range []*artifacts.Store{nil, store} {
		b := &behind{data: []byte("bytes")}
		b.m = &artifacts.Manifest{Key: artifacts.Sum([]byte("theirs")), Text: "theirs", Outputs: []artifacts.Output{{Name: "out", Digest: artifacts.Sum(b.data), Size: 5}}}
		s := lookup.NewStore(local, "x")
		s.SetBehind(b)
		keys := []plan.Digest{plan.Digest(own.Key), plan.Digest(b.m.Key), {1}}
		if err := s.Expect(t.Context(), func() ([]plan.Digest, error) { return keys, nil }); err != nil {
			t.Fatal(err)
		}
		want := 3
		if local != nil {
			want = 2 // the store has one itself
		}
		if b.expected != want {
			t.Errorf("%d keys are looked for behind the store, want %d", b.expected, want)
		}
		outputs, err := s.Lookup(plan.Digest(b.m.Key))
		if err != nil || len(outputs) != 1 || outputs[0].Name != "out" {
			t.Errorf("%v, %v", outputs, err)
		}
		if path, _ := s.Where(&outputs[0]); path != "" {
			t.Errorf("what is only behind the store lies in %s", path)
		}
		if local == nil {
			if data, err := s.Blob(outputs[0].Digest.String()); err != nil || string(data) != "bytes" {
				t.Errorf("%q, %v", data, err)
			}
		}
		if _, err := s.Lookup(plan.Digest{1}); !errors.Is(err, plan.ErrMiss) {
			t.Errorf("what nobody has: %v", err)
		}
		b.err = errors.New("the address is wrong")
		if _, err := s.Lookup(plan.Digest{1}); !errors.Is(err, b.err) {
			t.Errorf("an error of what is behind: %v", err)
		}
		if err := s.Expect(t.Context(), func() ([]plan.Digest, error) { return []plan.Digest{{1}}, nil }); !errors.Is(err, b.err) {
			t.Errorf("an error of what is behind: %v", err)
		}
	}
}
