package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spurion/pipeline/fileinfo"
)

// settle makes the folder's state believe that nothing has changed for an hour.
func settle(t *testing.T, dir string) {
	t.Helper()
	root, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	s := root.loadState()
	for path, known := range s.Files {
		known.Recorded += int64(time.Hour)
		s.Files[path] = known
	}
	root.saveState(s)
}

// A bit that flips anywhere in the folder is found by Verify, and mended by Write: at once if the file's times tell,
// and after Verify in any case.
func TestFlippedBits(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	out := s.out(dir)
	out.Page = &Page{
		Content: func([]Entry) (string, error) { return "content", nil },
		Bytes: func(content string) ([]byte, error) {
			return []byte("<html><!--" + content + "-->" + strings.Repeat("text ", 2000) + "</html>"), nil
		},
	}
	sources := []Source{s.train(t), s.image()}
	publish(t, out, sources...)
	want := tree(t, dir)
	for _, path := range slices.Sorted(maps.Keys(want)) {
		size := len(want[path])
		for _, at := range []int{0, size / 3, size / 2, size - 1} {
			for _, hidden := range []bool{false, true} {
				name := fmt.Sprintf("%s, byte %d, hidden: %v", path, at, hidden)
				settle(t, dir)
				if err := rewrite(filepath.Join(dir, path), func(b []byte) { b[at] ^= 4 }); err != nil {
					t.Fatal(err)
				}
				if hidden {
					hideChange(t, dir, path)
					r, err := Verify(t.Context(), dir)
					if err != nil || len(r.Damaged) != 1 || r.Damaged[0].Path != path {
						t.Fatalf("%s: Verify gives %+v, %v", name, r, err)
					}
				}
				publish(t, out, sources...)
				if got := tree(t, dir); !maps.Equal(got, want) {
					t.Fatalf("%s: Write does not mend it", name)
				}
				if r, err := Verify(t.Context(), dir); err != nil || len(r.Damaged) != 0 || r.Files != len(want) {
					t.Fatalf("%s: afterwards Verify gives %+v, %v", name, r, err)
				}
			}
		}
	}
}

// hideChange makes the state have the file's present stamp, as if a disk had changed the bytes by itself.
func hideChange(t *testing.T, dir, path string) {
	t.Helper()
	root, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	info, err := root.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	s := root.loadState()
	known := s.Files[path]
	known.Stamp, known.Recorded = fileinfo.Of(info), time.Now().Add(time.Hour).UnixNano()
	s.Files[path] = known
	root.saveState(s)
}

// Verify names what is gone, and what is no file.
func TestVerify(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	if _, err := Verify(t.Context(), dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder gives %v", err)
	}
	publish(t, s.out(dir), s.train(t))
	table := filepath.Join(dir, "tables", "train.erm.history.parquet")
	if err := os.Remove(table); err != nil {
		t.Fatal(err)
	}
	if r, err := Verify(t.Context(), dir); err != nil || len(r.Damaged) != 1 || r.Damaged[0].Problem != "it is not there" {
		t.Errorf("%+v, %v", r, err)
	}
	if err := os.Symlink("nowhere", table); err != nil {
		t.Skip(err)
	}
	if r, err := Verify(t.Context(), dir); err != nil || len(r.Damaged) != 1 || r.Damaged[0].Problem != "it is no regular file" {
		t.Errorf("%+v, %v", r, err)
	}
	// Without the state, by the index alone.
	publish(t, s.out(dir), s.train(t))
	if err := os.Remove(filepath.Join(dir, statePath)); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(table, func(b []byte) { b[len(b)/2] ^= 1 }); err != nil {
		t.Fatal(err)
	}
	if r, err := Verify(t.Context(), dir); err != nil || len(r.Damaged) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// A damaged or foreign state costs time and nothing else.
func TestBadState(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	publish(t, s.out(dir), s.train(t))
	want := tree(t, dir)
	for _, bad := range []string{"", "{", `{"format_version":9,"spec":"/"}`, `{"format_version":1,"files":{"../x":{}}}`, `[]`, "null"} {
		if err := os.WriteFile(filepath.Join(dir, statePath), []byte(bad), 0o666); err != nil {
			t.Fatal(err)
		}
		if report := publish(t, s.out(dir), s.train(t)); report.Files[0].Written {
			t.Errorf("%q: a whole table is written again", bad)
		}
		if !maps.Equal(tree(t, dir), want) {
			t.Errorf("%q: the folder has changed", bad)
		}
	}
}

// Whatever byte of the state changes, whose the folder is stays known, Verify names it, and the next Write mends it.
func TestFlippedState(t *testing.T) {
	s := newStore()
	project := t.TempDir()
	dir := filepath.Join(project, "out", "same")
	own, other := s.out(dir), filepath.Join(project, "b.hcl")
	for _, path := range []string{filepath.Join(project, "a.hcl"), other} {
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	own.SpecPath = SpecPath(filepath.Join(project, "a.hcl"))
	source := s.train(t)
	publish(t, own, source)
	path := filepath.Join(dir, statePath)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range data {
		if err := rewrite(path, func(b []byte) { b[at] ^= 1 }); err != nil {
			t.Fatal(err)
		}
		if err := CheckOwner(dir, SpecPath(other)); !errors.Is(err, ErrTaken) {
			t.Fatalf("byte %d: another spec may write: %v", at, err)
		}
		r, err := Verify(t.Context(), dir)
		if err != nil || len(r.Damaged) != 1 || r.Damaged[0].Path != statePath {
			t.Fatalf("byte %d: Verify gives %+v, %v", at, r, err)
		}
		publish(t, own, source)
		if r, err := Verify(t.Context(), dir); err != nil || len(r.Damaged) != 0 {
			t.Fatalf("byte %d: afterwards Verify gives %+v, %v", at, r, err)
		}
		if data, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		if at >= len(data)-1 {
			break // times have other lengths by now
		}
	}
	// A copy of the whole project is its own.
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(project)); err != nil {
		t.Fatal(err)
	}
	if err := CheckOwner(filepath.Join(copied, "out", "same"), SpecPath(filepath.Join(copied, "a.hcl"))); err != nil {
		t.Error(err)
	}
	if err := CheckOwner(filepath.Join(copied, "out", "same"), SpecPath(filepath.Join(copied, "b.hcl"))); !errors.Is(err, ErrTaken) {
		t.Errorf("another spec of a copied project: %v", err)
	}
}

// A folder is one spec's, as long as that is there.
func TestOwner(t *testing.T) {
	s, dir := newStore(), filepath.Join(t.TempDir(), "quick")
	specs := t.TempDir()
	first, second := filepath.Join(specs, "a.hcl"), filepath.Join(specs, "b.hcl")
	for _, path := range []string{first, second} {
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	own, other := s.out(dir), s.out(dir)
	own.SpecPath, other.SpecPath = SpecPath(first), SpecPath(second)
	if err := CheckOwner(dir, own.SpecPath); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
	publish(t, own, s.train(t))
	want := tree(t, dir)
	if err := CheckOwner(dir, own.SpecPath); err != nil {
		t.Errorf("its own spec: %v", err)
	}
	if err := CheckOwner(dir, other.SpecPath); !errors.Is(err, ErrTaken) {
		t.Errorf("another spec: %v", err)
	}
	if _, err := Write(context.Background(), other, nil); !errors.Is(err, ErrTaken) || !maps.Equal(tree(t, dir), want) {
		t.Errorf("another spec writes: %v", err)
	}
	link := filepath.Join(specs, "link.hcl")
	if err := os.Symlink(first, link); err == nil && CheckOwner(dir, SpecPath(link)) != nil {
		t.Error("a link to its spec is refused")
	}
	// Renamed, it is the same spec.
	if err := os.Remove(first); err != nil {
		t.Fatal(err)
	}
	publish(t, other, s.train(t))
	if err := CheckOwner(dir, other.SpecPath); err != nil {
		t.Error(err)
	}
}
