//go:build unix

package artifacts_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// obstacles are what may stand where a file should be.
var obstacles = map[string]func(path string) error{
	"pipe":   func(path string) error { return syscall.Mkfifo(path, 0o666) },
	"folder": func(path string) error { return os.MkdirAll(filepath.Join(path, "inside"), 0o777) },
	"socket": func(path string) error {
		// Names of sockets are short.
		dir, err := os.Getwd()
		if err != nil {
			return err
		}
		defer os.Chdir(dir)
		if err := os.Chdir(filepath.Dir(path)); err != nil {
			return err
		}
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Base(path)[:20], Net: "unix"})
		if err != nil {
			return err
		}
		l.SetUnlinkOnClose(false)
		return errors.Join(l.Close(), os.Rename(filepath.Base(path)[:20], filepath.Base(path)))
	},
	"loop": func(path string) error { return os.Symlink(filepath.Base(path), path) },
}

// within fails the test instead of hanging with it.
func within(t *testing.T, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s: it hangs", what)
	}
}

// TestObstacles puts a pipe, a folder, a socket and a link to itself in the place of every kind of file: nothing
// waits for them, all else goes on, and what is computed again takes their place.
func TestObstacles(t *testing.T) {
	for name, put := range obstacles {
		for _, place := range []string{"manifest", "blob", "run", "entries"} {
			t.Run(name+"/"+place, func(t *testing.T) {
				s := openDisk(t)
				j, other := newJob(1), newJob(2)
				must(t, errors.Join(j.store(s), other.store(s)))
				run := record("20240306T120000Z-00c0de", "quick", 1, artifacts.Entry{Key: other.m.Key, Status: "computed"})
				must(t, s.SaveRun(run))
				path := map[string]string{
					"manifest": pathOf(s, "manifests", j.m.Key), "blob": pathOf(s, "blobs", j.m.Outputs[0].Digest),
					"run": filepath.Join(s.Dir(), "runs", run.ID+".run"),
				}[place]
				if place == "entries" {
					list, err := os.ReadDir(filepath.Join(s.Dir(), "entries"))
					must(t, err)
					path = filepath.Join(s.Dir(), "entries", list[0].Name())
				}
				must(t, os.Remove(path))
				must(t, put(path))
				within(t, "reading", func() {
					reader, err := artifacts.Open(s.Dir(), artifacts.Options{ReadOnly: true})
					must(t, err)
					_, err = reader.Usage(t.Context())
					must(t, err)
					r, err := reader.Verify(t.Context(), nil)
					if err != nil || r.Sound() {
						t.Errorf("Verify finds %+v (%v)", r, err)
					}
					if _, err := reader.Runs(""); err != nil {
						t.Error(err)
					}
					_, err = reader.LastRun("")
					must(t, err)
					must(t, other.checkWhole(reader))
				})
				within(t, "mending", func() {
					if place == "run" || place == "entries" {
						if r, err := s.Verify(t.Context(), nil); err != nil || r.Sound() {
							t.Errorf("Verify finds %+v (%v)", r, err)
						}
						must(t, s.SaveRun(run))
						if _, err := s.LoadRun(run.ID); err != nil {
							t.Error(err)
						}
						return
					}
					if err := j.checkWhole(s); !errors.Is(err, artifacts.ErrMiss) && !errors.Is(err, artifacts.ErrDamaged) {
						t.Errorf("it is read: %v", err)
					}
					must(t, s.MakeRoom(j.m.Key))
					must(t, j.store(s))
					must(t, j.checkWhole(s))
				})
				within(t, "collecting", func() {
					if _, err := s.GC(t.Context(), artifacts.GCOptions{Delete: true}); err != nil {
						t.Error(err)
					}
				})
				if r, err := s.Verify(t.Context(), nil); err != nil || !r.Sound() {
					t.Errorf("in the end Verify finds %+v (%v)", r, err)
				}
			})
		}
	}
}

// TestObstructedLocks puts a pipe and a folder in the place of files that are locked: the error names it.
func TestObstructedLocks(t *testing.T) {
	key := newJob(1).m.Key
	for name, put := range obstacles {
		if name == "loop" {
			continue
		}
		for _, place := range []string{"locks/gate", "locks/keys/" + key.String()} {
			s := openDisk(t)
			path := filepath.Join(s.Dir(), filepath.FromSlash(place))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			// A socket's name is cut to 20 bytes on its way.
			if name == "socket" && len(filepath.Base(path)) < 20 {
				continue
			}
			must(t, put(path))
			within(t, name, func() {
				unlock, err := s.Lock(t.Context(), key, nil)
				if unlock != nil || !errors.Is(err, artifacts.ErrDamaged) || !strings.Contains(fmt.Sprint(err), path) || !strings.Contains(fmt.Sprint(err), "remove it") {
					t.Errorf("%s at %s: %v", name, place, err)
				}
			})
		}
	}
}

// TestUnreadable lets each reading of each kind of file fail: one manifest that cannot be read is a miss, of which
// people are told, and the key can be computed again; others are as they were.
func TestUnreadable(t *testing.T) {
	for _, problem := range []error{syscall.EIO, syscall.EACCES, syscall.ELOOP} {
		for _, place := range []string{"manifests", "blobs"} {
			s, disk := openFake(t)
			j, other := newJob(1), newJob(2)
			must(t, errors.Join(j.store(s), other.store(s)))
			path := pathOf(s, "manifests", j.m.Key)
			if place == "blobs" {
				path = pathOf(s, "blobs", j.m.Outputs[0].Digest)
			}
			var told []error
			bad := &badSector{FS: disk, path: path, err: problem}
			blind, err := artifacts.Open(storeDir, artifacts.Options{FS: bad, Warn: func(err error) { told = append(told, err) }})
			must(t, err)
			if place == "manifests" {
				miss := wantMiss(t, blind, j.m.Key, artifacts.Unreadable)
				if !strings.Contains(miss.Detail, path) || len(told) != 1 || !errors.Is(told[0], artifacts.ErrUnreadable) || errors.Is(told[0], artifacts.ErrReadOnly) {
					t.Errorf("%v: %v, told %v", problem, miss, told)
				}
				if _, err := blind.Usage(t.Context()); err != nil {
					t.Errorf("%v: usage: %v", problem, err)
				}
				if _, err := blind.GC(t.Context(), artifacts.GCOptions{Delete: true}); !errors.Is(err, artifacts.ErrUnreadable) {
					t.Errorf("%v: GC takes what an entry may need that it cannot read: %v", problem, err)
				}
			} else if _, err := blind.Blob(j.m.Outputs[0].Digest); !errors.Is(err, artifacts.ErrDamaged) {
				t.Errorf("%v: a blob: %v", problem, err)
			}
			must(t, other.checkWhole(blind))
			if r, err := blind.Verify(t.Context(), nil); err != nil || r.Sound() {
				t.Errorf("%v: Verify finds %+v (%v)", problem, r, err)
			}
			must(t, blind.MakeRoom(j.m.Key))
			must(t, j.store(blind))
			must(t, j.checkWhole(blind))

			// Where it cannot be moved out of the way either, this is said before anything is computed.
			bad.stuck, bad.moved = true, false
			if place == "manifests" {
				wantMiss(t, blind, j.m.Key, artifacts.Unreadable)
				err = blind.MakeRoom(j.m.Key)
			} else {
				_, err = blind.Blob(j.m.Outputs[0].Digest)
			}
			if !errors.Is(err, artifacts.ErrUnreadable) || errors.Is(err, artifacts.ErrReadOnly) || !strings.Contains(err.Error(), path) {
				t.Errorf("%v: in the way: %v", problem, err)
			}
		}
	}
}

// A badSector is a disk with a file that cannot be read, until it is moved or replaced; stuck, it cannot be.
type badSector struct {
	artifacts.FS
	path         string
	err          error
	stuck, moved bool
}

func (d *badSector) ReadFile(name string) ([]byte, time.Time, error) {
	if filepath.Clean(name) == d.path && !d.moved {
		return nil, time.Time{}, &fs.PathError{Op: "read", Path: name, Err: d.err}
	}
	return d.FS.ReadFile(name)
}

func (d *badSector) Rename(old, new string) error {
	if filepath.Clean(old) == d.path || filepath.Clean(new) == d.path {
		if d.stuck {
			return &fs.PathError{Op: "rename", Path: old, Err: syscall.EACCES}
		}
		d.moved = true
	}
	return d.FS.Rename(old, new)
}

// TestSpreadStore has parts of the store on other disks, through links: du counts them, gc works in them, and takes
// nothing there but what the store made.
func TestSpreadStore(t *testing.T) {
	s := openDisk(t)
	elsewhere := t.TempDir()
	jobs := []*job{newJob(1), newJob(2)}
	for _, j := range jobs {
		must(t, j.store(s))
	}
	must(t, s.Close())
	before, err := s.Usage(t.Context())
	must(t, err)

	// A part, a whole folder, one blob, and temp.
	move := func(from, to string) {
		must(t, os.Rename(from, filepath.Join(elsewhere, to)))
		must(t, os.Symlink(filepath.Join(elsewhere, to), from))
	}
	lent := pathOf(s, "blobs", jobs[1].m.Outputs[0].Digest)
	move(lent, "one-blob")
	move(filepath.Dir(pathOf(s, "blobs", jobs[0].m.Outputs[0].Digest)), "part")
	move(filepath.Join(s.Dir(), "manifests"), "manifests")
	move(filepath.Join(s.Dir(), "temp"), "temp")
	old := time.Now().Add(-72 * time.Hour)
	precious := []string{"temp/thesis.tex", "temp/data/table.csv", "temp/00112233445566778-1", "manifests/notes.txt", "part/notes.txt"}
	for _, name := range precious {
		path := filepath.Join(elsewhere, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o777))
		must(t, os.WriteFile(path, []byte("precious"), 0o666))
		must(t, os.Chtimes(path, old, old))
		must(t, os.Chtimes(filepath.Dir(path), old, old))
	}
	// Inside temp a link, and a leftover that has one inside, lead out; other folders have strangers, too.
	must(t, os.Symlink(filepath.Join(elsewhere, "temp", "data"), filepath.Join(s.Dir(), "temp", "0011223344556677-1")))
	leftover := filepath.Join(s.Dir(), "temp", "0011223344556677-2")
	must(t, os.Mkdir(leftover, 0o777))
	must(t, os.Symlink(filepath.Join(elsewhere, "temp", "data"), filepath.Join(leftover, "data")))
	must(t, os.Chtimes(leftover, old, old))
	for _, name := range []string{"runs/notes.jsonl", "locks/keys/notes", "locks/sessions/notes", "entries/notes"} {
		path := filepath.Join(s.Dir(), filepath.FromSlash(name))
		must(t, os.WriteFile(path, []byte("precious"), 0o666))
		must(t, os.Chtimes(path, old, old))
		precious = append(precious, path)
	}

	after, err := s.Usage(t.Context())
	if err != nil || after.Bytes != before.Bytes || after.Entries != 2 || after.Orphans != 0 {
		t.Errorf("used %+v, before the links %+v (%v)", after, before, err)
	}
	for _, j := range jobs {
		must(t, j.checkWhole(s))
	}
	late := newJob(3)
	must(t, late.store(s)) // through the links
	must(t, late.checkWhole(s))
	must(t, s.Close())
	err = filepath.WalkDir(elsewhere, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.Contains(path, "temp") {
			err = os.Chtimes(path, old, old)
		}
		return err
	})
	must(t, err)
	for _, o := range late.m.Outputs {
		must(t, os.Chtimes(pathOf(s, "blobs", o.Digest), old, old))
	}
	r, err := s.GC(t.Context(), artifacts.GCOptions{Delete: true})
	if err != nil || len(r.Entries) != 3 || r.Blobs != 3 || r.Temporary != 1 {
		t.Errorf("collected %+v (%v)", r, err)
	}
	for _, path := range precious {
		if !filepath.IsAbs(path) {
			path = filepath.Join(elsewhere, filepath.FromSlash(path))
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "precious" {
			t.Errorf("%s: %q (%v)", path, data, err)
		}
	}
	if _, err := os.Stat(filepath.Join(elsewhere, "one-blob")); err != nil {
		t.Errorf("what is behind a link was taken: %v", err)
	}
	if _, err := os.Lstat(leftover); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a leftover is left: %v", err)
	}
}

// otherDisks is a disk of which temp/ and damaged/ are links to other disks: a name cannot move between them.
type otherDisks struct{ *fakedisk.Disk }

func apart(old, new string) bool {
	disk := func(name string) string {
		for _, folder := range []string{"/temp/", "/damaged/"} {
			if strings.Contains(filepath.ToSlash(name), folder) {
				return folder
			}
		}
		return ""
	}
	return disk(old) != disk(new)
}

func (d otherDisks) Rename(old, new string) error {
	if apart(old, new) {
		return &os.LinkError{Op: "rename", Old: old, New: new, Err: syscall.EXDEV}
	}
	return d.Disk.Rename(old, new)
}

func (d otherDisks) Link(old, new string) error {
	if apart(old, new) {
		return &os.LinkError{Op: "link", Old: old, New: new, Err: syscall.EXDEV}
	}
	return d.Disk.Link(old, new)
}

// TestOtherDisks does everything with a store whose temporary files are on another disk.
func TestOtherDisks(t *testing.T) {
	disk := otherDisks{fakedisk.New()}
	w := newWork()
	w.write(disk)
	must(t, errors.Join(w.errs...))
	disk.Advance(48 * time.Hour)
	w.remove(disk)
	must(t, errors.Join(w.errs...))
	must(t, w.check(disk.Disk))
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	must(t, err)
	disk.Flip(pathOf(s, "blobs", w.jobs[0].m.Outputs[0].Digest), 0, 1)
	if _, err := s.Blob(w.jobs[0].m.Outputs[0].Digest); !errors.Is(err, artifacts.ErrDamaged) {
		t.Errorf("a damaged blob: %v", err)
	}
	must(t, w.jobs[0].store(s))
	must(t, w.jobs[0].checkWhole(s))
	u, err := s.Usage(context.Background())
	if err != nil || u.Entries != 2+2 || u.Orphans != 0 {
		t.Errorf("left %+v (%v)", u, err)
	}
}
