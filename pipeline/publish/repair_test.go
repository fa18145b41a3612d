package publish

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Whatever is done to a file, the next Write puts it right: rewritten, cut, grown, gone, a folder's
// link in its place; whatever is done to the index, too.
func TestRepair(t *testing.T) {
	s := newStore()
	source := s.train(t)
	path := "tables/train.erm.history.parquet"
	outside := filepath.Join(t.TempDir(), "outside")
	for name, damage := range map[string]func(file, index string) error{
		"gone":      func(file, _ string) error { return os.Remove(file) },
		"cut":       func(file, _ string) error { return os.Truncate(file, 1000) },
		"empty":     func(file, _ string) error { return os.Truncate(file, 0) },
		"replaced":  func(file, _ string) error { return rewrite(file, func(b []byte) { b[len(b)-100] ^= 1 }) },
		"no index":  func(_, index string) error { return os.Remove(index) },
		"bad index": func(_, index string) error { return os.WriteFile(index, []byte("{\"files\": [{\"path\""), 0o666) },
		"link": func(file, _ string) error {
			data, err := os.ReadFile(file)
			return errors.Join(err, os.WriteFile(outside, data, 0o666), os.Remove(file), os.Symlink(outside, file))
		},
	} {
		dir := t.TempDir()
		publish(t, s.out(dir), source)
		want := tree(t, dir)
		if err := damage(filepath.Join(dir, path), filepath.Join(dir, "index.json")); err != nil {
			t.Fatal(err)
		}
		report := publish(t, s.out(dir), source)
		if !report.Files[0].Written {
			t.Errorf("%s: not written again", name)
		}
		if fmt.Sprint(tree(t, dir)) != fmt.Sprint(want) {
			t.Errorf("%s: not as before", name)
		}
		if info, err := os.Lstat(filepath.Join(dir, path)); err != nil || !info.Mode().IsRegular() {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

func rewrite(path string, change func([]byte)) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	change(data)
	return os.WriteFile(path, data, 0o666)
}

func TestRemovesOnlyItsOwn(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source, image := s.train(t), s.image()
	publish(t, s.out(dir), source, image)
	for _, stranger := range []string{"notes.txt", "tables/mine.parquet", "figures/plot.curve.image/mine.svg"} {
		if err := os.WriteFile(filepath.Join(dir, stranger), []byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	report := publish(t, s.out(dir), image)
	if len(report.Removed) != 1 || report.Removed[0] != "tables/train.erm.history.parquet" {
		t.Errorf("removed %q", report.Removed)
	}
	publish(t, s.out(dir))
	wantPaths(t, dir, "index.json", "notes.txt", "tables/mine.parquet", "figures/plot.curve.image/mine.svg")
	if err := os.Remove(filepath.Join(dir, "figures/plot.curve.image/mine.svg")); err != nil {
		t.Fatal(err)
	}
	publish(t, s.out(dir), image)
	publish(t, s.out(dir))
	if _, err := os.Stat(filepath.Join(dir, "figures")); err == nil {
		t.Error("an empty folder is left")
	}
}

// An index that names files elsewhere does not make Write remove them.
func TestHostileIndex(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	victims := []string{filepath.Join(parent, "victim"), filepath.Join(dir, "victim"), filepath.Join(dir, "tables", "keep")}
	if err := os.MkdirAll(filepath.Join(dir, "tables", "link"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, v := range victims {
		if err := os.WriteFile(v, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(parent, filepath.Join(dir, "tables", "up")); err != nil {
		t.Fatal(err)
	}
	bad := `{"format_version":1,"files":[{"path":"../victim"},{"path":"victim"},{"path":"tables/../victim"},
		{"path":"tables/up/victim"},{"path":"/etc/nosuch"},{"path":"tables"},{"path":"tables/"},{"path":""}]}`
	if err := os.WriteFile(filepath.Join(dir, "index.json"), []byte(bad), 0o666); err != nil {
		t.Fatal(err)
	}
	s := newStore()
	if _, err := Write(context.Background(), s.out(dir), []Source{s.train(t)}); err == nil {
		t.Error("a listed path that leads out through a link is an error")
	}
	for _, v := range victims {
		if _, err := os.Stat(v); err != nil {
			t.Error(err)
		}
	}
}

// Links inside the folder that lead out are not followed; the folder itself may be a link.
func TestLinks(t *testing.T) {
	s := newStore()
	source := s.train(t)
	elsewhere, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(dir, "tables")); err != nil {
		t.Fatal(err)
	}
	_, err := Write(context.Background(), s.out(dir), []Source{source})
	wantError(t, err, "tables/train.erm.history.parquet")
	wantPaths(t, elsewhere)

	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	publish(t, s.out(link), source)
	wantPaths(t, elsewhere, "index.json", "tables/train.erm.history.parquet")
}

// An error keeps what was there, removes nothing and leaves no temporary files.
func TestErrorsKeepWhatWasThere(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source, old := s.train(t), s.train(t)
	old.Name = "old"
	publish(t, s.out(dir), source, old)
	before := tree(t, dir)["tables/train.erm.history.parquet"]
	source.Instances[2].Digest = s.put(encode(t, history(t, 50, 2)))
	s.fail[source.Instances[2].Digest] = errors.New("blob is damaged")
	_, err := Write(context.Background(), s.out(dir), []Source{source})
	wantError(t, err, "tables/train.erm.history.parquet", source.Instances[2].Address, "blob is damaged")
	wantPaths(t, dir, "index.json", "tables/train.erm.history.parquet", "tables/train.old.history.parquet")
	if tree(t, dir)["tables/train.erm.history.parquet"] != before {
		t.Error("the old table is gone")
	}
	s.fail = nil
	publish(t, s.out(dir), source)
	wantPaths(t, dir, "index.json", "tables/train.erm.history.parquet")
	if e := readIndex(t, dir).Files[0]; e.Rows != 75 {
		t.Errorf("%d rows", e.Rows)
	}
}

func TestCanceled(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Write(ctx, s.out(dir), []Source{s.train(t), s.image()})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wantPaths(t, dir, "index.json")
}
