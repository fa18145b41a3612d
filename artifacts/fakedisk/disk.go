// Package fakedisk is a disk in memory for tests of what must survive a crash, an error, a full disk
// and a disk that cannot be written. It implements artifacts.FS.
//
// It keeps what programs see apart from what is durable. A file's content is durable after its Sync;
// a name (made, renamed or removed) after SyncDir of its folder. After a crash everything else may be
// there or not, each by itself, and content that was not synced may be torn or garbled:
//
//	for k := 1; ; k++ {
//		disk := fakedisk.New()
//		disk.CrashAt(k)
//		work(disk)
//		crashed := disk.Crashed()
//		check(disk.Reboot(seed))
//		if !crashed {
//			return // there was no k-th operation
//		}
//	}
package fakedisk

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"spurion/artifacts"
)

// ErrCrashed is what every operation returns from the crash on.
var ErrCrashed = errors.New("the machine has crashed")

// A Disk is a disk in memory. The zero Disk is not usable: see New.
type Disk struct {
	mu       sync.Mutex
	root     *node
	now      time.Time
	ops      int // operations so far
	changes  int // those of them that change something
	crashAt  int
	crashed  bool
	failAt   int
	failWith error
	readOnly bool
	full     error // of what needs room; nil: there is some
	locks    lockTable
	births   map[string]birth // of names that hosts gave: see Host
}

// A node is a file or a folder.
type node struct {
	folder  bool
	special fs.FileMode // the type of what is neither a file nor a folder
	content []byte
	durable []byte // as of the last Sync
	dirty   bool   // content was written since
	changed time.Time
	names   map[string]*node // as programs see them
	synced  map[string]*node // as they are on the medium
}

// A lockTable holds the locks that one kernel has given.
type lockTable map[*node]*lockState

type lockState struct{ shared, exclusive int }

// New gives an empty disk. Its clock stands at noon of 1 January 2024, UTC, and goes on by a
// microsecond with each operation.
func New() *Disk {
	return &Disk{root: newFolder(), now: time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC), locks: lockTable{}, births: map[string]birth{}}
}

func newFolder() *node { return &node{folder: true} }

// set gives a file in a folder a name; drop takes it away. Both change the folder, at a time.
func (n *node) set(name string, child *node, now time.Time) {
	n.changed = now
	if n.names == nil {
		n.names = map[string]*node{}
	}
	n.names[name] = child
}

func (n *node) drop(name string, now time.Time) {
	n.changed = now
	delete(n.names, name)
}

// Ops gives the number of operations so far. Every method of artifacts.FS but Now is one, and so are
// the writing, syncing and closing of files.
func (d *Disk) Ops() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ops
}

// CrashAt makes the k-th change from now on crash: it is done in part or not at all, and nothing works
// until Reboot. Operations that only read are not counted: a crash at one is like a crash at the next
// change.
func (d *Disk) CrashAt(k int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.crashAt = d.changes + k
}

// Crashed reports whether the crash has come.
func (d *Disk) Crashed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.crashed
}

// FailAt makes the k-th operation from now on fail with err, and no other. A write that fails may
// have written a part; a sync that fails leaves what it did open.
func (d *Disk) FailAt(k int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failAt, d.failWith = d.ops+k, err
}

// Failed reports whether the operation that was to fail has come.
func (d *Disk) Failed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failAt > 0 && d.ops >= d.failAt
}

// SetReadOnly makes everything that writes fail with EROFS.
func (d *Disk) SetReadOnly(readOnly bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readOnly = readOnly
}

// SetFull makes everything that needs room fail with err, ENOSPC or EDQUOT, until it is called with nil.
func (d *Disk) SetFull(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = err
}

// Advance moves the clock.
func (d *Disk) Advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// Flip changes bits of a file, unseen by any clock: byte at of its content is xored with mask.
func (d *Disk) Flip(name string, at int, mask byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find(name)
	if err != nil {
		panic(err)
	}
	n.content[at] ^= mask
	n.durable = append([]byte(nil), n.content...)
}

// Truncate cuts a file off, unseen by any clock.
func (d *Disk) Truncate(name string, size int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find(name)
	if err != nil {
		panic(err)
	}
	n.content = n.content[:size]
	n.durable = append([]byte(nil), n.content...)
}

// Special puts a pipe, a socket or a device in the place of a file or where nothing is, as mode says.
func (d *Disk) Special(name string, mode fs.FileMode) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, base, err := d.parent(name)
	if err != nil {
		panic(err)
	}
	n.set(base, &node{special: mode, changed: d.now}, d.now)
}

// operation begins an operation. partial says that it is to be done in part before it fails.
func (d *Disk) operation(name, path string, writes bool) (partial bool, err error) {
	if d.crashed {
		return false, &fs.PathError{Op: name, Path: path, Err: ErrCrashed}
	}
	d.ops++
	d.now = d.now.Add(time.Microsecond)
	if writes {
		d.changes++
	}
	switch {
	case writes && d.changes == d.crashAt:
		d.crashed = true
		return true, &fs.PathError{Op: name, Path: path, Err: ErrCrashed}
	case d.ops == d.failAt:
		return true, &fs.PathError{Op: name, Path: path, Err: d.failWith}
	case d.full != nil && (name == "create" || name == "mkdir" || name == "link" || name == "write"):
		return true, &fs.PathError{Op: name, Path: path, Err: d.full}
	case writes && d.readOnly:
		return false, &fs.PathError{Op: name, Path: path, Err: syscall.EROFS}
	}
	return false, nil
}

// find looks a path up.
func (d *Disk) find(path string) (*node, error) {
	n := d.root
	for path != "" {
		name := path
		if i := strings.IndexFunc(path, separator); i >= 0 {
			name, path = path[:i], path[i+1:]
		} else {
			path = ""
		}
		if name == "" || name == "." {
			continue
		}
		if !n.folder {
			return nil, syscall.ENOTDIR
		}
		if n = n.names[name]; n == nil {
			return nil, fs.ErrNotExist
		}
	}
	return n, nil
}

func separator(r rune) bool { return r == '/' || r == filepath.Separator }

// parent looks up the folder of a path, and gives the path's last name.
func (d *Disk) parent(path string) (*node, string, error) {
	at := strings.LastIndexFunc(path, separator) + 1
	name := path[at:]
	if name == "" || name == "." || name == ".." {
		return nil, "", fs.ErrInvalid
	}
	n, err := d.find(path[:at])
	if err != nil {
		return nil, "", err
	}
	if !n.folder {
		return nil, "", syscall.ENOTDIR
	}
	return n, name, nil
}

var _ artifacts.FS = (*Disk)(nil)
