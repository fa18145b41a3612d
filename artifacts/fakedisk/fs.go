package fakedisk

import (
	"context"
	"io/fs"
	"maps"
	"path/filepath"
	"sort"
	"syscall"
	"time"

	"spurion/artifacts"
)

// Now gives the disk's time.
func (d *Disk) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// Sleep implements artifacts.FS: nobody waits, the clock is moved.
func (d *Disk) Sleep(ctx context.Context, by time.Duration) error {
	d.Advance(by)
	return ctx.Err()
}

// Remote implements artifacts.FS.
func (d *Disk) Remote(string) bool { return false }

// Refresh implements artifacts.FS. There is nothing to do: it remembers nothing.
func (d *Disk) Refresh(folder string) error {
	return d.at("open", folder, false, func() error {
		_, err := d.find(folder)
		return err
	})
}

// at runs one operation on a path.
func (d *Disk) at(op, path string, writes bool, do func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.operation(op, path, writes); err != nil {
		return err
	}
	if err := do(); err != nil {
		return &fs.PathError{Op: op, Path: path, Err: err}
	}
	return nil
}

// Mkdir implements artifacts.FS.
func (d *Disk) Mkdir(name string) error {
	return d.at("mkdir", name, true, func() error {
		n, base, err := d.parent(name)
		if err != nil {
			return err
		}
		if n.names[base] != nil {
			return fs.ErrExist
		}
		folder := newFolder()
		folder.changed = d.now
		n.set(base, folder, d.now)
		return nil
	})
}

// ReadFile implements artifacts.FS.
func (d *Disk) ReadFile(name string) (data []byte, changed time.Time, err error) {
	err = d.at("read", name, false, func() error {
		n, err := d.find(name)
		if err != nil {
			return err
		}
		if n.folder || n.special != 0 {
			return artifacts.ErrNotFile
		}
		data, changed = append([]byte{}, n.content...), n.changed
		return nil
	})
	return data, changed, err
}

// ReadPart implements artifacts.FS.
func (d *Disk) ReadPart(name string, at, n int64) (data []byte, err error) {
	err = d.at("read", name, false, func() error {
		node, err := d.find(name)
		if err != nil {
			return err
		}
		if node.folder || node.special != 0 {
			return artifacts.ErrNotFile
		}
		from := min(at, int64(len(node.content)))
		data = append([]byte{}, node.content[from:min(from+n, int64(len(node.content)))]...)
		return nil
	})
	return data, err
}

// Stat implements artifacts.FS.
func (d *Disk) Stat(name string) (info fs.FileInfo, err error) {
	err = d.at("stat", name, false, func() error {
		n, err := d.find(name)
		if err == nil {
			info = n.info(name)
		}
		return err
	})
	return info, err
}

// SameFile implements artifacts.FS.
func (d *Disk) SameFile(a, b string) (same bool, err error) {
	err = d.at("stat", a, false, func() error {
		first, err := d.find(a)
		if err != nil {
			return err
		}
		second, err := d.find(b)
		same = err == nil && first == second
		return err
	})
	return same, err
}

// ReadDir implements artifacts.FS.
func (d *Disk) ReadDir(name string) (list []fs.DirEntry, err error) {
	err = d.at("list", name, false, func() error {
		n, err := d.find(name)
		if err != nil {
			return err
		}
		if !n.folder {
			return syscall.ENOTDIR
		}
		for base, child := range n.names {
			list = append(list, fs.FileInfoToDirEntry(child.info(base)))
		}
		sort.Slice(list, func(i, j int) bool { return list[i].Name() < list[j].Name() })
		return nil
	})
	return list, err
}

// Rename implements artifacts.FS.
func (d *Disk) Rename(old, new string) error {
	return d.at("rename", old, true, func() error {
		from, oldBase, err := d.parent(old)
		if err != nil {
			return err
		}
		to, newBase, err := d.parent(new)
		if err != nil {
			return err
		}
		n := from.names[oldBase]
		if n == nil {
			return fs.ErrNotExist
		}
		if there := to.names[newBase]; there != nil && there.folder {
			return fs.ErrExist
		}
		from.drop(oldBase, d.now)
		to.set(newBase, n, d.now)
		return nil
	})
}

// Link implements artifacts.FS.
func (d *Disk) Link(old, new string) error {
	return d.at("link", new, true, func() error {
		n, err := d.find(old)
		if err != nil {
			return err
		}
		to, base, err := d.parent(new)
		if err != nil {
			return err
		}
		if to.names[base] != nil {
			return fs.ErrExist
		}
		to.set(base, n, d.now)
		return nil
	})
}

// Remove implements artifacts.FS.
func (d *Disk) Remove(name string) error {
	return d.at("remove", name, true, func() error {
		n, base, err := d.parent(name)
		if err != nil {
			return err
		}
		there := n.names[base]
		if there == nil {
			return fs.ErrNotExist
		}
		if there.folder && len(there.names) > 0 {
			return syscall.ENOTEMPTY
		}
		n.drop(base, d.now)
		return nil
	})
}

// RemoveAll implements artifacts.FS.
func (d *Disk) RemoveAll(name string) error {
	return d.at("removeall", name, true, func() error {
		n, base, err := d.parent(name)
		if err == nil {
			n.drop(base, d.now)
		}
		return nil
	})
}

// Touch implements artifacts.FS.
func (d *Disk) Touch(name string, t time.Time) error {
	return d.at("touch", name, true, func() error {
		n, err := d.find(name)
		if err != nil {
			return err
		}
		if n.changed = t; t.IsZero() {
			n.changed = d.now
		}
		return nil
	})
}

// SyncDir implements artifacts.FS.
func (d *Disk) SyncDir(name string) error {
	return d.at("syncdir", name, true, func() error {
		n, err := d.find(name)
		if err != nil {
			return err
		}
		if !n.folder {
			return syscall.ENOTDIR
		}
		n.synced = maps.Clone(n.names)
		return nil
	})
}

// Create implements artifacts.FS.
func (d *Disk) Create(name string) (artifacts.File, error) { return d.open("create", name, true, 0) }

// Append implements artifacts.FS.
func (d *Disk) Append(name string) (artifacts.File, error) { return d.open("append", name, false, 0) }

// open opens or makes a file whose times are those of a clock that is ahead by skew.
func (d *Disk) open(op, name string, exclusive bool, skew time.Duration) (artifacts.File, error) {
	var f *file
	err := d.at(op, name, true, func() error {
		n, err := d.touchFile(name, exclusive, skew)
		f = &file{d: d, n: n, name: name, skew: skew}
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// touchFile finds or makes a file.
func (d *Disk) touchFile(name string, exclusive bool, skew time.Duration) (*node, error) {
	n, base, err := d.parent(name)
	if err != nil {
		return nil, err
	}
	there := n.names[base]
	if there == nil {
		there = &node{changed: d.now.Add(skew)}
		n.set(base, there, d.now)
		return there, nil
	}
	if exclusive {
		return nil, fs.ErrExist
	}
	if there.folder || there.special != 0 {
		return nil, artifacts.ErrNotFile
	}
	return there, nil
}

type file struct {
	d    *Disk
	n    *node
	name string
	skew time.Duration
}

func (f *file) Write(p []byte) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	partial, err := f.d.operation("write", f.name, true)
	n := len(p)
	if err != nil {
		if n = 0; partial {
			n = len(p) / 2
		}
	}
	f.n.content = append(f.n.content, p[:n]...)
	f.n.dirty = f.n.dirty || n > 0
	f.n.changed = f.d.now.Add(f.skew)
	return n, err
}

func (f *file) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if _, err := f.d.operation("sync", f.name, true); err != nil {
		return err
	}
	f.n.durable, f.n.dirty = append([]byte(nil), f.n.content...), false
	return nil
}

func (f *file) Close() error {
	return f.d.at("close", f.name, false, func() error { return nil })
}

func (n *node) info(name string) fs.FileInfo {
	mode := fs.FileMode(0o666)
	if n.folder {
		mode = fs.ModeDir | 0o777
	}
	mode |= n.special
	return info{filepath.Base(name), int64(len(n.content)), mode, n.changed}
}

type info struct {
	name    string
	size    int64
	mode    fs.FileMode
	changed time.Time
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return i.changed }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }
