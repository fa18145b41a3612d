package fakedisk

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"spurion/artifacts"
)

// A Host is a machine that reaches a disk over a network, for tests of what several of them do to each other. Its
// kernel locks are its own: those of other hosts do not keep it out. Set the fields before it is used.
type Host struct {
	*Disk
	// Skew is how far its clock is ahead of the disk's.
	Skew time.Duration
	// Delay is for how long it does not see names that other hosts made.
	Delay time.Duration
	// Absent is for how long it goes on believing that a name is not there for which it has looked. To read or refresh the
	// name's folder ends that.
	Absent time.Duration
	// Stamps says that the times of files that it writes are those of its own clock.
	Stamps bool
	// Meanwhile is called while it sleeps, after the clock was moved; nil: nothing happens.
	Meanwhile func()
	// Lose says which operations that make, move or remove names are done, but not answered: they are tried
	// again by the network, and fail then. nil: none.
	Lose func(op, name string) bool

	table lockTable
	known map[string]bool // names that it was told of by an error
	// missed are names for which it has looked in vain, by their folder, and when.
	missed map[string]map[string]time.Time
}

// A birth says since when a name is there, and which hosts have given it.
type birth struct {
	by map[*Host]bool
	at time.Time
}

// Host gives a machine that uses the disk.
func (d *Disk) Host() *Host {
	return &Host{Disk: d, table: lockTable{}, known: map[string]bool{}, missed: map[string]map[string]time.Time{}}
}

// Now implements artifacts.FS.
func (h *Host) Now() time.Time { return h.Disk.Now().Add(h.Skew) }

// Sleep implements artifacts.FS.
func (h *Host) Sleep(ctx context.Context, by time.Duration) error {
	h.Advance(by)
	if h.Meanwhile != nil {
		h.Meanwhile()
	}
	return ctx.Err()
}

// Remote implements artifacts.FS.
func (h *Host) Remote(string) bool { return true }

// Refresh implements artifacts.FS.
func (h *Host) Refresh(folder string) error {
	if h.hidden(folder) {
		return unseen("open", folder)
	}
	h.forget(folder)
	return h.Disk.Refresh(folder)
}

// forget makes it look for the names in a folder anew.
func (h *Host) forget(folder string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.missed, filepath.Clean(folder))
}

// TryLock implements artifacts.FS.
func (h *Host) TryLock(name string, shared bool) (artifacts.Lock, error) {
	l, err := h.tryLock(h.table, name, shared, h.stamp())
	return l, h.named(name, err)
}

// twice does what has no answer again.
func (h *Host) twice(op, name string, do func() error) error {
	err := do()
	if err == nil && h.Lose != nil && h.Lose(op, name) {
		err = do()
		_ = h.named(name, nil)
	}
	return h.named(name, err)
}

// named remembers that this host gave a name, or learned of it.
func (h *Host) named(name string, err error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	name = filepath.Clean(name)
	switch {
	case err == nil:
		if _, err := h.find(name); err == nil {
			if h.births[name].by == nil {
				h.births[name] = birth{map[*Host]bool{}, h.now}
			}
			h.births[name].by[h] = true
		}
		for dir := filepath.Dir(name); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			h.known[dir] = true
		}
	case errors.Is(err, fs.ErrExist):
		h.known[name] = true
	}
	return err
}

// hidden reports whether a name, or that of a folder above it, is not seen yet.
func (h *Host) hidden(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name = filepath.Clean(name); ; name = filepath.Dir(name) {
		b := h.births[name]
		if b.by != nil && !b.by[h] && !h.known[name] {
			missed, ok := h.missed[filepath.Dir(name)][filepath.Base(name)]
			if h.now.Sub(b.at) < h.Delay || ok && h.now.Sub(missed) < h.Absent {
				return true
			}
		}
		if name == filepath.Dir(name) {
			return false
		}
	}
}

// looked remembers that a name was not there.
func (h *Host) looked(name string, err error) {
	if h.Absent == 0 || !errors.Is(err, fs.ErrNotExist) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	dir, base := filepath.Split(filepath.Clean(name))
	dir = filepath.Clean(dir)
	if h.missed[dir] == nil {
		h.missed[dir] = map[string]time.Time{}
	}
	h.missed[dir][base] = h.now
}

func unseen(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist} }

// Mkdir implements artifacts.FS.
func (h *Host) Mkdir(name string) error {
	return h.twice("mkdir", name, func() error { return h.Disk.Mkdir(name) })
}

// Link implements artifacts.FS.
func (h *Host) Link(old, new string) error {
	return h.twice("link", new, func() error { return h.Disk.Link(old, new) })
}

// Rename implements artifacts.FS.
func (h *Host) Rename(old, new string) error {
	err := h.twice("rename", new, func() error { return h.Disk.Rename(old, new) })
	h.gone(old)
	return err
}

// gone forgets the birth of a name that is no more.
func (h *Host) gone(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := h.find(name); err != nil {
		delete(h.births, filepath.Clean(name))
	}
}

// Remove implements artifacts.FS.
func (h *Host) Remove(name string) error {
	err := h.twice("remove", name, func() error { return h.Disk.Remove(name) })
	h.gone(name)
	return err
}

// Create implements artifacts.FS.
func (h *Host) Create(name string) (f artifacts.File, err error) {
	err = h.twice("create", name, func() error {
		f, err = h.open("create", name, true, h.stamp())
		return err
	})
	return f, err
}

// Append implements artifacts.FS.
func (h *Host) Append(name string) (artifacts.File, error) {
	f, err := h.open("append", name, false, h.stamp())
	return f, h.named(name, err)
}

// Touch implements artifacts.FS.
func (h *Host) Touch(name string, t time.Time) error {
	if t.IsZero() && h.Stamps {
		t = h.Now()
	}
	return h.Disk.Touch(name, t)
}

// stamp is how far the times of files that it writes are ahead of the disk's clock.
func (h *Host) stamp() time.Duration {
	if h.Stamps {
		return h.Skew
	}
	return 0
}

// ReadFile implements artifacts.FS.
func (h *Host) ReadFile(name string) ([]byte, time.Time, error) {
	if h.hidden(name) {
		return nil, time.Time{}, unseen("read", name)
	}
	data, changed, err := h.Disk.ReadFile(name)
	h.looked(name, err)
	return data, changed, err
}

// ReadPart implements artifacts.FS.
func (h *Host) ReadPart(name string, at, n int64) ([]byte, error) {
	if h.hidden(name) {
		return nil, unseen("read", name)
	}
	data, err := h.Disk.ReadPart(name, at, n)
	h.looked(name, err)
	return data, err
}

// Stat implements artifacts.FS.
func (h *Host) Stat(name string) (fs.FileInfo, error) {
	if h.hidden(name) {
		return nil, unseen("stat", name)
	}
	info, err := h.Disk.Stat(name)
	h.looked(name, err)
	return info, err
}

// ReadDir implements artifacts.FS.
func (h *Host) ReadDir(name string) ([]fs.DirEntry, error) {
	if h.hidden(name) {
		return nil, unseen("list", name)
	}
	h.forget(name)
	all, err := h.Disk.ReadDir(name)
	var seen []fs.DirEntry
	for _, f := range all {
		if !h.hidden(filepath.Join(name, f.Name())) {
			seen = append(seen, f)
		}
	}
	return seen, err
}

var _ artifacts.FS = (*Host)(nil)
