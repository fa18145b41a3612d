package artifacts

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// disk is the real one.
type disk struct{ kind LockKind }

// Disk gives the real disk, with locks of a kind.
func Disk(kind LockKind) FS {
	if kind == None {
		return lockless{disk{}}
	}
	return disk{kind}
}

func (disk) Now() time.Time { return time.Now() }

func (disk) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (disk) Remote(folder string) bool { return remote(folder) }

// Refresh opens the folder: then NFS asks the server whether it has changed, and if so forgets which names it lacked.
func (disk) Refresh(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return d.Close()
}

func (disk) Mkdir(name string) error { return os.Mkdir(name, 0o777) }

func (disk) ReadFile(name string) ([]byte, time.Time, error) { return readFile(name) }

func (disk) ReadPart(name string, at, n int64) ([]byte, error) { return readPart(name, at, n) }

// Stat describes a link that leads to itself as what it is: no file.
func (disk) Stat(name string) (fs.FileInfo, error) {
	info, err := os.Stat(name)
	if errors.Is(err, syscall.ELOOP) {
		return os.Lstat(name)
	}
	return info, err
}

func (disk) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

func (disk) Create(name string) (File, error) {
	return file(os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666))
}

func (disk) Append(name string) (File, error) {
	return file(os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666))
}

// file keeps a nil *os.File from becoming a File that is not nil.
func file(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (disk) Rename(old, new string) error { return os.Rename(old, new) }

func (disk) Link(old, new string) error { return link(old, new) }

func (disk) Remove(name string) error { return os.Remove(name) }

func (disk) RemoveAll(name string) error { return os.RemoveAll(name) }

func (disk) SameFile(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second), err
}

func (disk) Touch(name string, t time.Time) error {
	if t.IsZero() {
		return touch(name)
	}
	return os.Chtimes(name, time.Time{}, t)
}

func (disk) SyncDir(name string) error { return syncDir(name) }

// A fileLock is a file that is open and locked.
type fileLock interface {
	Stat() (fs.FileInfo, error)
	Path() string
	Unlock() error
}

// TryLock uses flock, or what is nearest to it, or fcntl. Locked files are removed by their owners, so the file
// that was locked may be one that has no name any more while another locks its successor: hence the
// comparison, and the next try.
func (d disk) TryLock(name string, shared bool) (Lock, error) {
	for {
		try := tryFlock
		if d.kind == Fcntl {
			try = tryFcntl
		}
		l, ok, err := try(name, shared)
		if err != nil {
			if info, statErr := os.Stat(name); statErr == nil && !info.Mode().IsRegular() {
				err = notFile("lock", name)
			}
			return nil, err
		}
		if !ok {
			return nil, ErrLocked
		}
		locked, err := l.Stat()
		if err == nil {
			named, nameErr := os.Stat(name)
			if nameErr == nil && os.SameFile(locked, named) {
				if named.Mode().IsRegular() {
					return diskLock{l}, nil
				}
				nameErr = notFile("lock", name)
			}
			if nameErr != nil && !errors.Is(nameErr, fs.ErrNotExist) {
				err = nameErr
			}
		}
		if unlockErr := l.Unlock(); err != nil || unlockErr != nil {
			return nil, errors.Join(err, unlockErr)
		}
	}
}

func tryFlock(name string, shared bool) (fileLock, bool, error) {
	l := flock.New(name, flock.SetFlag(os.O_RDWR|os.O_CREATE|nonblock), flock.SetPermissions(0o666))
	try := l.TryLock
	if shared {
		try = l.TryRLock
	}
	ok, err := try()
	return l, ok, err
}

func notFile(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: ErrNotFile}
}

type diskLock struct{ l fileLock }

func (d diskLock) Note(text string) error {
	f, err := os.OpenFile(d.l.Path(), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func (d diskLock) Unlock(remove bool) error {
	if remove {
		// While it is locked: afterwards it may be another's. Where an open file cannot be
		// removed it stays, which wastes a name and is otherwise harmless.
		_ = os.Remove(d.l.Path())
	}
	return d.l.Unlock()
}
