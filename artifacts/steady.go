package artifacts

import (
	"errors"
	"io/fs"
	"syscall"
	"time"
)

// A steady disk does again what fails because another host has replaced or removed a file or a folder that this one
// still knew by its old number (ESTALE): looked up again, it is found as it is now, or is gone.
type steady struct{ FS }

// staleTries is how often an operation is tried; the kernel has tried twice by then.
const staleTries = 3

// again does what fails with ESTALE again. What is stale to the end counts as gone.
func again(op, name string, do func() error) error {
	var err error
	for range staleTries {
		if err = do(); !errors.Is(err, syscall.ESTALE) {
			return err
		}
	}
	return &fs.PathError{Op: op, Path: name, Err: errors.Join(fs.ErrNotExist, syscall.ESTALE)}
}

func (d steady) Mkdir(name string) error {
	return again("mkdir", name, func() error { return d.FS.Mkdir(name) })
}

func (d steady) ReadFile(name string) (data []byte, changed time.Time, err error) {
	err = again("read", name, func() (err error) { data, changed, err = d.FS.ReadFile(name); return err })
	return data, changed, err
}

func (d steady) ReadPart(name string, at, n int64) (data []byte, err error) {
	err = again("read", name, func() (err error) { data, err = d.FS.ReadPart(name, at, n); return err })
	return data, err
}

func (d steady) Stat(name string) (info fs.FileInfo, err error) {
	err = again("stat", name, func() (err error) { info, err = d.FS.Stat(name); return err })
	return info, err
}

func (d steady) ReadDir(name string) (list []fs.DirEntry, err error) {
	err = again("list", name, func() (err error) { list, err = d.FS.ReadDir(name); return err })
	return list, err
}

func (d steady) Refresh(folder string) error {
	return again("open", folder, func() error { return d.FS.Refresh(folder) })
}

func (d steady) Create(name string) (f File, err error) {
	err = again("create", name, func() (err error) { f, err = d.FS.Create(name); return err })
	return f, err
}

func (d steady) Append(name string) (f File, err error) {
	err = again("append", name, func() (err error) { f, err = d.FS.Append(name); return err })
	return f, err
}

func (d steady) SameFile(a, b string) (same bool, err error) {
	err = again("stat", a, func() (err error) { same, err = d.FS.SameFile(a, b); return err })
	return same, err
}

func (d steady) Rename(old, new string) error {
	return again("rename", old, func() error { return d.FS.Rename(old, new) })
}

func (d steady) Link(old, new string) error {
	return again("link", old, func() error { return d.FS.Link(old, new) })
}

func (d steady) Remove(name string) error {
	return again("remove", name, func() error { return d.FS.Remove(name) })
}

func (d steady) Touch(name string, t time.Time) error {
	return again("touch", name, func() error { return d.FS.Touch(name, t) })
}

func (d steady) SyncDir(name string) error {
	return again("syncdir", name, func() error { return d.FS.SyncDir(name) })
}

func (d steady) TryLock(name string, shared bool) (lock Lock, err error) {
	err = again("lock", name, func() (err error) { lock, err = d.FS.TryLock(name, shared); return err })
	return lock, err
}
