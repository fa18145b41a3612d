package artifacts_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// pathOf gives where a store keeps a file.
func pathOf(s *artifacts.Store, folder string, d artifacts.Digest) string {
	return filepath.Join(s.Dir(), folder, d.String()[:2], d.String())
}

// openFake opens a new store on a fake disk.
func openFake(t *testing.T) (*artifacts.Store, *fakedisk.Disk) {
	t.Helper()
	disk := fakedisk.New()
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	return s, disk
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantMiss(t *testing.T, s *artifacts.Store, key artifacts.Digest, reason artifacts.Reason) *artifacts.MissError {
	t.Helper()
	_, err := s.Get(key)
	var miss *artifacts.MissError
	if !errors.As(err, &miss) || !errors.Is(err, artifacts.ErrMiss) || miss.Reason != reason || miss.Key != key {
		t.Fatalf("got %v, want a miss: %v", err, reason)
	}
	return miss
}

func TestStoreAndReopen(t *testing.T) {
	s := openDisk(t)
	j := newJob(1)
	wantMiss(t, s, j.m.Key, artifacts.Absent)
	must(t, j.store(s))
	must(t, j.checkWhole(s))
	must(t, j.store(s)) // again: nothing changes
	again, err := artifacts.Open(s.Dir(), artifacts.Options{ReadOnly: true})
	must(t, err)
	must(t, j.checkWhole(again))
	if _, err := again.Put(nil); !errors.Is(err, artifacts.ErrReadOnly) {
		t.Errorf("Put into a store opened for reading: %v", err)
	}
	for _, name := range []string{"README", "CACHEDIR.TAG", "format"} {
		if _, err := os.Stat(filepath.Join(s.Dir(), name)); err != nil {
			t.Error(err)
		}
	}
	left, err := os.ReadDir(filepath.Join(s.Dir(), "temp"))
	if err != nil || len(left) != 0 {
		t.Errorf("temp/ holds %v (%v)", left, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := artifacts.Open(filepath.Join(t.TempDir(), "none"), artifacts.Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing store, for reading: %v", err)
	}
	for content, want := range map[string]string{
		"spurion store 2\n": "newer Spurion", "spurion store x\n": "restore that line", "": "restore that line", "spurion store 0\n": "restore that line",
	} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "format"), []byte(content), 0o666))
		s, err := artifacts.Open(dir, artifacts.Options{})
		if !errors.Is(err, artifacts.ErrFormat) || !strings.Contains(err.Error(), want) || s != nil {
			t.Errorf("format %q: got %v, %v", content, s, err)
		}
	}
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o666))
	if _, err := artifacts.Open(dir, artifacts.Options{}); !errors.Is(err, artifacts.ErrFormat) {
		t.Errorf("a folder with a thesis: %v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("the folder with a thesis now holds %v", files)
	}
}

// TestDamagedManifest flips a bit of every byte, and cuts and lengthens the file at every place.
func TestDamagedManifest(t *testing.T) {
	s, disk := openFake(t)
	j := newJob(1)
	must(t, j.store(s))
	path := pathOf(s, "manifests", j.m.Key)
	whole, _, err := disk.ReadFile(path)
	must(t, err)
	for at := range whole {
		for _, damage := range []func(){
			func() { disk.Flip(path, at, 1<<(at%8)) },
			func() { disk.Truncate(path, at) },
		} {
			damage()
			miss := wantMiss(t, s, j.m.Key, artifacts.Damaged)
			_, aside, _ := strings.Cut(miss.Detail, "it is now ")
			if !strings.HasPrefix(aside, filepath.Join(storeDir, "damaged")) {
				t.Fatalf("byte %d: the detail names no place: %s", at, miss.Detail)
			}
			if _, err := disk.Stat(aside); err != nil {
				t.Fatalf("byte %d: %v", at, err)
			}
			wantMiss(t, s, j.m.Key, artifacts.Absent)
			must(t, s.Publish(&j.m))
			must(t, j.checkWhole(s))
		}
	}
	other := newJob(2) // the manifest of another key under this one's name
	must(t, other.store(s))
	must(t, disk.Rename(pathOf(s, "manifests", other.m.Key), path))
	wantMiss(t, s, j.m.Key, artifacts.Damaged)
}

func TestDamagedBlob(t *testing.T) {
	s, disk := openFake(t)
	j := newJob(1)
	must(t, j.store(s))
	d := j.m.Outputs[0].Digest
	path := pathOf(s, "blobs", d)
	for _, at := range []int{0, 1, 17, len(j.data[0]) / 2, len(j.data[0]) - 1} {
		disk.Flip(path, at, 0x10)
		var damaged *artifacts.DamagedError
		_, err := s.Blob(d)
		if !errors.As(err, &damaged) || !errors.Is(err, artifacts.ErrDamaged) || damaged.Digest != d {
			t.Fatalf("byte %d: %v", at, err)
		}
		if _, err := disk.Stat(damaged.Path); err != nil {
			t.Fatalf("byte %d: %v", at, err)
		}
		if _, err := s.Blob(d); !errors.Is(err, artifacts.ErrMissing) {
			t.Fatalf("byte %d: then %v", at, err)
		}
		wantMiss(t, s, j.m.Key, artifacts.Incomplete)
		must(t, j.store(s))
		must(t, j.checkWhole(s))
	}
	before, err := disk.ReadDir(storeDir + "/damaged")
	must(t, err)
	disk.Flip(path, 3, 0x10) // found by Put, which must not take it for what it stores
	must(t, j.store(s))
	if after, err := disk.ReadDir(storeDir + "/damaged"); err != nil || len(after) != len(before)+1 {
		t.Errorf("Put set %d files aside (%v)", len(after)-len(before), err)
	}
	must(t, j.checkWhole(s))
	disk.Truncate(path, 5)
	wantMiss(t, s, j.m.Key, artifacts.Damaged)
	wantMiss(t, s, j.m.Key, artifacts.Incomplete)
	must(t, j.store(s))
	must(t, j.checkWhole(s))
}

func TestConflict(t *testing.T) {
	s, _ := openFake(t)
	old := newJob(1)
	must(t, old.store(s))
	other := *old
	other.m.Address = "train.again[seed=1]"
	other.data = [][]byte{[]byte("other weights"), old.data[1]}
	other.m.Outputs = append([]artifacts.Output(nil), old.m.Outputs...)
	other.m.Outputs[0].Digest, other.m.Outputs[0].Size = artifacts.Sum(other.data[0]), int64(len(other.data[0]))
	err := other.store(s)
	var conflict *artifacts.ConflictError
	if !errors.As(err, &conflict) || !errors.Is(err, artifacts.ErrConflict) || len(conflict.Outputs) != 1 || conflict.Outputs[0] != "output0" {
		t.Fatalf("got %v", err)
	}
	must(t, old.checkWhole(s))

	equal := *old // informative fields may differ: the first entry stays
	equal.m.Created, equal.m.Seconds, equal.m.Address = equal.m.Created.Add(time.Hour), 7, "train.third"
	must(t, equal.store(s))
	must(t, old.checkWhole(s))
}

func TestPublishRefuses(t *testing.T) {
	s, _ := openFake(t)
	for name, spoil := range map[string]func(*artifacts.Manifest){
		"key":         func(m *artifacts.Manifest) { m.Text += " " },
		"blob":        func(m *artifacts.Manifest) { m.Outputs[0].Digest[0] ^= 1 },
		"size":        func(m *artifacts.Manifest) { m.Outputs[0].Size++ },
		"rows":        func(m *artifacts.Manifest) { m.Outputs[0].Rows = -2 },
		"names":       func(m *artifacts.Manifest) { m.Outputs[0].Name = m.Outputs[1].Name },
		"version":     func(m *artifacts.Manifest) { m.Version = -1 },
		"not finite":  func(m *artifacts.Manifest) { m.Seconds /= 0 * m.Seconds },
		"far year":    func(m *artifacts.Manifest) { m.Created = m.Created.AddDate(9000, 0, 0) },
		"ancient one": func(m *artifacts.Manifest) { m.Created = m.Created.AddDate(-2100, 0, 0) },
	} {
		j := newJob(1)
		for _, data := range j.data {
			_, err := s.Put(data)
			must(t, err)
		}
		spoil(&j.m)
		if err := s.Publish(&j.m); err == nil {
			t.Errorf("%s: was published", name)
		}
		wantMiss(t, s, j.m.Key, artifacts.Absent)
	}
}

func TestUseIsNotedOnceAnHour(t *testing.T) {
	s, disk := openFake(t)
	j := newJob(1)
	must(t, j.store(s))
	used := func() time.Time {
		info, err := disk.Stat(pathOf(s, "manifests", j.m.Key))
		must(t, err)
		return info.ModTime()
	}
	first := used()
	disk.Advance(59 * time.Minute)
	must(t, j.checkWhole(s))
	if !used().Equal(first) {
		t.Error("a use within the hour was noted")
	}
	disk.Advance(2 * time.Minute)
	must(t, j.checkWhole(s))
	if got := used().Sub(first); got < time.Hour {
		t.Errorf("a use after an hour was noted as after %v", got)
	}
}

// TestTidiedUp removes folders that look superfluous: the store makes them again.
func TestTidiedUp(t *testing.T) {
	s := openDisk(t)
	j := newJob(1)
	for _, name := range []string{"blobs", "manifests", "runs", "entries", "locks", "temp", "damaged"} {
		must(t, os.RemoveAll(filepath.Join(s.Dir(), name)))
	}
	unlock, err := s.Lock(context.Background(), j.m.Key, nil)
	must(t, err)
	must(t, j.store(s))
	unlock()
	must(t, s.SaveRun(newWork().run))
	must(t, j.checkWhole(s))
	must(t, os.WriteFile(pathOf(s, "blobs", j.m.Outputs[0].Digest), []byte("?"), 0o666))
	wantMiss(t, s, j.m.Key, artifacts.Damaged)

	// Also while it is in use: its session's file is made anew.
	unlock, err = s.Lock(context.Background(), j.m.Key, nil)
	must(t, err)
	must(t, os.RemoveAll(filepath.Join(s.Dir(), "locks")))
	unlock()
	for range 2 {
		unlock, err = s.Lock(context.Background(), j.m.Key, nil)
		must(t, err)
		must(t, j.store(s))
		unlock()
	}
	if left, err := os.ReadDir(filepath.Join(s.Dir(), "locks", "sessions")); err != nil || len(left) != 1 {
		t.Errorf("sessions: %v (%v)", left, err)
	}
}

func TestDigestText(t *testing.T) {
	d := artifacts.Sum([]byte("x"))
	text, err := d.MarshalText()
	must(t, err)
	var back artifacts.Digest
	must(t, back.UnmarshalText(text))
	if back != d || len(d.Short()) != 12 || !strings.HasPrefix(d.String(), d.Short()) {
		t.Errorf("%s became %s", d, back)
	}
	for _, bad := range []string{"", "00", strings.ToUpper(d.String()), d.String() + "0", strings.Repeat("g", 64), strings.Repeat("é", 32)} {
		if err := back.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is a digest", bad)
		}
	}
	if back != d {
		t.Error("an error changed the value")
	}
}
