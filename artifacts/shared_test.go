package artifacts_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// write makes a file on a disk.
func write(t *testing.T, disk artifacts.FS, name, text string) {
	t.Helper()
	f, err := disk.Create(name)
	must(t, err)
	_, err = f.Write([]byte(text))
	must(t, err)
	must(t, f.Close())
}

// TestSettings reads a store's settings, and refuses what it does not know, with the file's name.
func TestSettings(t *testing.T) {
	for text, want := range map[string]artifacts.LockKind{
		"":                               artifacts.Flock,
		"# nothing\n\n":                  artifacts.Flock,
		"lock = \"flock\"\n":             artifacts.Flock,
		"lock=\"fcntl\"":                 artifacts.Fcntl,
		"  lock = \"none\" # Lustre\r\n": artifacts.None,
		"lock = none\n":                  "",
		"lock = \"posix\"\n":             "",
		"lock\n":                         "",
		"locks = \"none\"\n":             "",
	} {
		disk := fakedisk.New()
		openOn(t, disk)
		write(t, disk, storeDir+"/settings", text)
		s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
		if want == "" {
			if !errors.Is(err, artifacts.ErrFormat) || !strings.Contains(err.Error(), "settings") {
				t.Errorf("%q: got %v", text, err)
			}
			continue
		}
		if err != nil || s.Settings().Lock != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	disk := fakedisk.New()
	must(t, disk.Mkdir("/new"))
	write(t, disk, "/new/settings", `lock = "none"`)
	if s, err := artifacts.Open("/new", artifacts.Options{FS: disk}); err != nil || s.Settings().Lock != artifacts.None {
		t.Errorf("a folder with settings alone does not become a store: %v", err)
	}
}

// TestLockKinds takes locks of each kind on the real disk, against this process and another one.
func TestLockKinds(t *testing.T) {
	for _, kind := range []artifacts.LockKind{artifacts.Flock, artifacts.Fcntl} {
		disk, name := artifacts.Disk(kind), filepath.Join(t.TempDir(), "lock")
		first, err := disk.TryLock(name, true)
		if kind == artifacts.Fcntl && errors.Is(err, syscall.ENOSYS) {
			continue
		}
		must(t, err)
		second, err := disk.TryLock(name, true)
		must(t, err)
		must(t, second.Unlock(false))
		if _, err := disk.TryLock(name, false); !errors.Is(err, artifacts.ErrLocked) {
			t.Errorf("%s: of two that share it one let go, and a third has it alone: %v", kind, err)
		}
		must(t, first.Unlock(true))

		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "settings"), fmt.Appendf(nil, "lock = %q\n", kind), 0o666))
		s, err := artifacts.Open(dir, artifacts.Options{})
		must(t, err)
		c, out := startChild(t, "hold", dir)
		if !out.Scan() || out.Text() != "locked" {
			t.Fatalf("the other process said %q", out.Text())
		}
		if living, err := s.Living(); err != nil || !living {
			t.Errorf("%s: the other process is not seen (%v)", kind, err)
		}
		must(t, c.Process.Kill())
		_ = c.Wait()
		unlock, owner, err := s.TryLock(newJob(1).m.Key)
		if err != nil || unlock == nil {
			t.Fatalf("%s: after its death the key is held by %q (%v)", kind, owner, err)
		}
		unlock()
		must(t, s.Close())
	}
}

// TestNoLocks works with a store whose settings say that there are no locks: two processes exclude each other by the
// name of a key alone, and a collection waits for their end.
func TestNoLocks(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "settings"), []byte("lock = \"none\"\n"), 0o666))
	s, err := artifacts.Open(dir, artifacts.Options{})
	must(t, err)
	c, out := startChild(t, "hold", dir)
	if !out.Scan() || out.Text() != "locked" {
		t.Fatalf("the other process said %q", out.Text())
	}
	if unlock, owner, err := s.TryLock(newJob(1).m.Key); unlock != nil || err != nil || !strings.Contains(owner, "process ") {
		t.Errorf("two have the key; told of %q (%v)", owner, err)
	}
	must(t, newJob(2).store(s))
	if _, err := s.GC(t.Context(), artifacts.GCOptions{}); err != nil {
		t.Errorf("a GC that only reports: %v", err)
	}
	if _, err := s.GC(t.Context(), artifacts.GCOptions{Delete: true}); !errors.Is(err, artifacts.ErrBusy) || !strings.Contains(err.Error(), fmt.Sprint("process ", c.Process.Pid)) {
		t.Errorf("GC beside another process: %v", err)
	}
	must(t, c.Process.Kill())
	_ = c.Wait()
	if _, err := s.GC(t.Context(), artifacts.GCOptions{Delete: true, MinAge: time.Hour}); err != nil {
		t.Errorf("GC after its death: %v", err)
	}
	unlock, owner, err := s.TryLock(newJob(1).m.Key)
	if err != nil || unlock == nil {
		t.Fatalf("after its death the key is held by %q (%v)", owner, err)
	}
	unlock()
	must(t, newJob(2).checkWhole(s))
	must(t, s.Close())
}

// A poor disk gives no locks.
type poor struct{ artifacts.FS }

func (poor) TryLock(name string, _ bool) (artifacts.Lock, error) {
	return nil, &fs.PathError{Op: "lock", Path: name, Err: syscall.ENOSYS}
}

// TestLocksRefused goes on without locks where there are none, and tells once what to write where.
func TestLocksRefused(t *testing.T) {
	var told []string
	s, err := artifacts.Open(storeDir, artifacts.Options{
		FS: poor{fakedisk.New().Host()}, Warn: func(err error) { told = append(told, err.Error()) },
	})
	must(t, err)
	unlock, err := s.Lock(t.Context(), newJob(1).m.Key, nil)
	must(t, err)
	must(t, newJob(1).store(s))
	unlock()
	must(t, newJob(1).checkWhole(s))
	must(t, s.Close())
	if len(told) != 1 || !strings.Contains(told[0], `lock = "none"`) || !strings.Contains(told[0], filepath.Join(storeDir, "settings")) {
		t.Errorf("told %q", told)
	}
}

// TestSeenAfterTheLock looks for a result in vain, then gets its key after another host has stored it: it is seen,
// though this host remembers that it was not there. It is a file of its own, or in a pack.
func TestSeenAfterTheLock(t *testing.T) {
	a, b, disk := openHosts(t, func(_, b *fakedisk.Host) { b.Absent = time.Minute })
	jobs := []*job{newJob(1), newJob(2), newJob(3), newJob(4)}
	single := newJob(5)
	var unlocks []func()
	for _, j := range append(jobs, single) {
		unlock, err := a.Lock(t.Context(), j.m.Key, nil)
		must(t, err)
		unlocks = append(unlocks, unlock)
		if _, err := b.Get(j.m.Key); !errors.Is(err, artifacts.ErrMiss) {
			t.Fatal(err)
		}
	}
	must(t, errors.Join(saveGroup(a, jobs)...))
	must(t, single.store(a))
	disk.Advance(time.Second)
	if _, err := b.Get(single.m.Key); !errors.Is(err, artifacts.ErrMiss) {
		t.Fatal("it does not remember: ", err)
	}
	for i, j := range append(jobs, single) {
		unlocks[i]()
		unlock, owner, err := b.TryLock(j.m.Key)
		if err != nil || unlock == nil {
			t.Fatalf("held by %q (%v)", owner, err)
		}
		must(t, j.checkWhole(b))
		unlock()
	}
}

// TestAwait waits for what another host has stored, however late it is seen, but not for ever, and not on a disk
// of this machine.
func TestAwait(t *testing.T) {
	a, b, disk := openHosts(t, func(_, b *fakedisk.Host) { b.Delay = time.Minute })
	j := newJob(1)
	must(t, j.store(a))
	if _, err := b.Get(j.m.Key); !errors.Is(err, artifacts.ErrMiss) {
		t.Fatal(err)
	}
	if _, err := b.Await(t.Context(), j.m.Key); err != nil {
		t.Error(err)
	}
	must(t, j.checkWhole(b))
	before := disk.Now()
	if _, err := b.Await(t.Context(), newJob(2).m.Key); !errors.Is(err, artifacts.ErrMiss) || disk.Now().Sub(before) > 3*time.Minute {
		t.Errorf("what never comes: %v after %v", err, disk.Now().Sub(before))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Await(ctx, newJob(2).m.Key); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	local, disk := openFake(t)
	before = disk.Now()
	if _, err := local.Await(t.Context(), j.m.Key); !errors.Is(err, artifacts.ErrMiss) || disk.Now().Sub(before) > time.Second {
		t.Errorf("on a local disk: %v after %v", err, disk.Now().Sub(before))
	}
}

// A stale disk has forgotten each file and folder the first time that it is asked for it after a change of another.
type stale struct {
	artifacts.FS
	asked map[string]int
}

func (d *stale) first(op, name string) error {
	if d.asked[op+name]++; d.asked[op+name]%2 == 1 {
		return &fs.PathError{Op: op, Path: name, Err: syscall.ESTALE}
	}
	return nil
}

func (d *stale) ReadFile(name string) ([]byte, time.Time, error) {
	if err := d.first("read", name); err != nil {
		return nil, time.Time{}, err
	}
	return d.FS.ReadFile(name)
}

func (d *stale) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := d.first("list", name); err != nil {
		return nil, err
	}
	return d.FS.ReadDir(name)
}

func (d *stale) Stat(name string) (fs.FileInfo, error) {
	if err := d.first("stat", name); err != nil {
		return nil, err
	}
	return d.FS.Stat(name)
}

func (d *stale) Create(name string) (artifacts.File, error) {
	if err := d.first("create", name); err != nil {
		return nil, err
	}
	f, err := d.FS.Create(name)
	return staleFile{f, d, name}, err
}

func (d *stale) Link(old, new string) error {
	return errors.Join(d.first("link", new), d.FS.Link(old, new))
}

// A staleFile is lost when it is closed for the first time.
type staleFile struct {
	artifacts.File
	d    *stale
	name string
}

func (f staleFile) Close() error {
	return errors.Join(f.File.Close(), f.d.first("close", filepath.Dir(f.name)))
}

// TestStale stores and reads where the disk often does not know any more what it is asked for.
func TestStale(t *testing.T) {
	for name, scene := range scenes(t) {
		w := scene.ready
		scene.act(&w, &stale{scene.disk, map[string]int{}})
		if err := errors.Join(append(w.errs, w.check(scene.disk), checkSound(scene.disk))...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFullDisk fills the disk or the quota: what fails says what to do, what is stored can be read, a collection makes room,
// and then the run goes on.
func TestFullDisk(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT} {
		s, disk := openFake(t)
		packed := []*job{newJob(10), newJob(11), newJob(12), newJob(13)}
		must(t, newJob(1).store(s))
		must(t, errors.Join(saveGroup(s, packed)...))
		must(t, s.Close())
		disk.Advance(48 * time.Hour)
		s = openOn(t, disk)
		must(t, newJob(1).checkWhole(s)) // it is in use
		disk.SetFull(errno)
		for _, err := range []error{newJob(2).store(s), errors.Join(saveGroup(s, []*job{newJob(20), newJob(21), newJob(22), newJob(23)})...)} {
			if !errors.Is(err, artifacts.ErrFull) || !errors.Is(err, errno) || !strings.Contains(err.Error(), "spurion cache gc") {
				t.Errorf("%v: got %v", errno, err)
			}
		}
		must(t, newJob(1).checkWhole(s))
		other, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
		must(t, err)
		r, err := other.GC(t.Context(), artifacts.GCOptions{Delete: true, MinAge: time.Hour})
		if err != nil || len(r.Entries) != len(packed) {
			t.Errorf("%v: collected %+v (%v)", errno, r, err)
		}
		disk.SetFull(nil)
		must(t, newJob(2).store(s))
		must(t, newJob(1).checkWhole(s))
		must(t, newJob(2).checkWhole(s))
	}
}
