package artifacts_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// A meddler is a disk on which something else happens just before an operation: what another process
// might do at the worst time.
type meddler struct {
	artifacts.FS
	mu     sync.Mutex
	before func(op, name string) bool // true: it has happened, and is not to happen again
}

func (m *meddler) meddle(op, name string) {
	m.mu.Lock()
	before := m.before
	m.before = nil
	m.mu.Unlock()
	if before != nil && !before(op, name) {
		m.mu.Lock()
		m.before = before
		m.mu.Unlock()
	}
}

func (m *meddler) TryLock(name string, shared bool) (artifacts.Lock, error) {
	m.meddle("lock", name)
	return m.FS.TryLock(name, shared)
}

func (m *meddler) ReadFile(name string) ([]byte, time.Time, error) {
	m.meddle("read", name)
	return m.FS.ReadFile(name)
}

func (m *meddler) Touch(name string, t time.Time) error {
	m.meddle("touch", name)
	return m.FS.Touch(name, t)
}

func (m *meddler) Rename(old, new string) error {
	m.meddle("rename", old)
	return m.FS.Rename(old, new)
}

func (m *meddler) Link(old, new string) error {
	m.meddle("link", new)
	return m.FS.Link(old, new)
}

// openMeddled opens one store twice: once through a meddler.
func openMeddled(t *testing.T) (s, other *artifacts.Store, disk *fakedisk.Disk, m *meddler) {
	t.Helper()
	other, disk = openFake(t)
	m = &meddler{FS: disk}
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: m})
	must(t, err)
	return s, other, disk, m
}

func isStripe(op, name string) bool {
	return op == "lock" && strings.Contains(filepath.ToSlash(name), "locks/stripes/")
}

// TestRepairedMeanwhile sets nothing aside that another process has replaced by a whole one.
func TestRepairedMeanwhile(t *testing.T) {
	s, other, disk, m := openMeddled(t)
	j := newJob(1)
	must(t, j.store(s))
	d := j.m.Outputs[0].Digest
	for name, read := range map[string]func() error{
		"manifests": func() error { _, err := s.Get(j.m.Key); return err },
		"blobs":     func() error { _, err := s.Blob(d); return err },
	} {
		path := pathOf(s, "manifests", j.m.Key)
		if name == "blobs" {
			path = pathOf(s, "blobs", d)
		}
		disk.Flip(path, 20, 1)
		m.before = func(op, name string) bool {
			if !isStripe(op, name) {
				return false
			}
			must(t, disk.Remove(path)) // the other process set it aside
			must(t, j.store(other))
			return true
		}
		if err := read(); err != nil || m.before != nil {
			t.Errorf("%s: %v", name, err)
		}
		must(t, j.checkWhole(other))
	}
	if aside, err := disk.ReadDir(storeDir + "/damaged"); err != nil || len(aside) > 0 {
		t.Errorf("%d whole files were set aside (%v)", len(aside), err)
	}
}

// TestPublishedMeanwhile lets another process publish while this one is between looking for an entry
// and giving its own the name: one of the two must learn of the conflict.
func TestPublishedMeanwhile(t *testing.T) {
	s, other, _, m := openMeddled(t)
	a, b := newJob(1), newJob(1)
	b.data[0] = []byte("different")
	b.m.Outputs[0].Digest, b.m.Outputs[0].Size = artifacts.Sum(b.data[0]), 9
	result := make(chan error, 1)
	m.before = func(op, name string) bool {
		if op != "read" || filepath.Clean(name) != pathOf(s, "manifests", a.m.Key) {
			return false
		}
		go func() { result <- b.store(other) }()
		select {
		case err := <-result: // it did not wait
			result <- err
		case <-time.After(50 * time.Millisecond):
		}
		return true
	}
	first := a.store(s)
	second := <-result
	if first != nil || !errors.Is(second, artifacts.ErrConflict) {
		t.Errorf("got %v and %v", first, second)
	}
	must(t, a.checkWhole(other))
}

// TestTakenMeanwhile lets GC take what is just being used again: it counts as absent, and is written
// anew.
func TestTakenMeanwhile(t *testing.T) {
	_, other, disk, m := openMeddled(t)
	j := newJob(1)
	must(t, j.store(other))
	must(t, other.Close())
	disk.Advance(48 * time.Hour)
	gc := func(op, name string) bool {
		if op != "lock" || !strings.HasSuffix(name, "gate") {
			return false
		}
		r, err := other.GC(context.Background(), artifacts.GCOptions{Delete: true})
		if err != nil {
			t.Error(err)
		}
		return len(r.Entries)+r.Blobs > 0
	}
	for name, use := range map[string]func(s *artifacts.Store){
		"Get": func(s *artifacts.Store) {
			_, err := s.Get(j.m.Key)
			if !errors.Is(err, artifacts.ErrMiss) {
				t.Errorf("Get: %v", err)
			}
			must(t, j.store(s))
			must(t, j.checkWhole(s))
		},
		"Put": func(s *artifacts.Store) {
			must(t, j.store(s))
			must(t, j.checkWhole(s))
		},
	} {
		s, err := artifacts.Open(storeDir, artifacts.Options{FS: m})
		must(t, err)
		m.before = gc
		use(s)
		if m.before != nil {
			t.Errorf("%s: GC took nothing", name)
		}
		must(t, s.Close())
		disk.Advance(48 * time.Hour)
	}
}

// TestPublishedWhileCollecting lets a store publish while its own GC has counted who uses what.
func TestPublishedWhileCollecting(t *testing.T) {
	s, other, disk, m := openMeddled(t)
	must(t, newJob(0).store(other)) // for GC to read
	must(t, other.Close())
	j := newJob(1)
	for _, data := range j.data {
		_, err := s.Put(data)
		must(t, err)
	}
	result := make(chan error, 1)
	m.before = func(op, name string) bool {
		if op != "read" || !strings.Contains(filepath.ToSlash(name), "/manifests/") {
			return false
		}
		go func() { result <- s.Publish(&j.m) }()
		select {
		case err := <-result: // it did not wait
			result <- err
		case <-time.After(50 * time.Millisecond):
		}
		return true
	}
	disk.Advance(time.Hour)
	_, err := s.GC(t.Context(), artifacts.GCOptions{Delete: true})
	must(t, err)
	must(t, <-result)
	must(t, j.checkWhole(s))
}

// TestSeenWithinTheHour spares an entry whose use by a living session was not noted again.
func TestSeenWithinTheHour(t *testing.T) {
	s, disk := openFake(t)
	j := newJob(1)
	must(t, j.store(s))
	must(t, s.Close())
	disk.Advance(30 * time.Minute)
	reader, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	must(t, err)
	must(t, j.checkWhole(reader))
	_, err = s.GC(t.Context(), artifacts.GCOptions{Delete: true})
	must(t, err)
	must(t, j.checkWhole(reader))
	must(t, reader.Close())
	r, err := s.GC(t.Context(), artifacts.GCOptions{Delete: true})
	if err != nil || len(r.Entries) != 1 {
		t.Errorf("after its end: %+v (%v)", r, err)
	}
}

// TestWithoutLinks locks keys on a file system whose files have one name, beside a store that links.
func TestWithoutLinks(t *testing.T) {
	disk := fakedisk.New()
	plain, err := artifacts.Open(storeDir, artifacts.Options{FS: &unlinked{disk}})
	must(t, err)
	linking, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	must(t, err)
	key := artifacts.Sum([]byte("key"))
	for i, pair := range [][2]*artifacts.Store{{plain, linking}, {linking, plain}} {
		unlock, err := pair[0].Lock(t.Context(), key, nil)
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		told := ""
		_, err = pair[1].Lock(ctx, key, func(owner string) { told = owner; cancel() })
		if !errors.Is(err, context.Canceled) || !strings.Contains(told, "process ") {
			t.Errorf("pair %d: got %v, waited for %q", i, err, told)
		}
		unlock()
		unlock, err = pair[1].Lock(t.Context(), key, nil)
		must(t, err)
		unlock()
	}
	if left, err := disk.ReadDir(storeDir + "/locks/keys"); err != nil || len(left) > 0 {
		t.Errorf("left: %v (%v)", left, err)
	}
}

type unlinked struct{ artifacts.FS }

func (*unlinked) Link(string, string) error { return errors.ErrUnsupported }

// TestRemovedLockFiles takes and removes one lock file from many goroutines: who has locked a file that
// has lost its name must not think that it has the lock.
func TestRemovedLockFiles(t *testing.T) {
	disk := artifacts.FSOf(openDisk(t))
	name := filepath.Join(t.TempDir(), "lock")
	var inside, times int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				l, err := disk.TryLock(name, false)
				if errors.Is(err, artifacts.ErrLocked) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if inside++; inside > 1 {
					t.Error("two have the lock")
				}
				times++
				mu.Unlock()
				time.Sleep(10 * time.Microsecond)
				mu.Lock()
				inside--
				mu.Unlock()
				if err := l.Unlock(true); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) || times == 0 {
		t.Errorf("locked %d times, then %v", times, err)
	}
}
