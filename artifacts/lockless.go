package artifacts

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
)

// A lockless disk asks the kernel for no lock: everybody gets every one at once.
type lockless struct{ FS }

func (d lockless) TryLock(name string, _ bool) (Lock, error) {
	if info, err := d.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, notFile("lock", name) // to open a pipe could take for ever
	}
	f, err := d.Append(name)
	if err != nil {
		return nil, err
	}
	return free{d, name}, f.Close()
}

// free is a lock that keeps nobody out.
type free struct {
	d    lockless
	name string
}

// Note adds to the file, which has just been made, or has a note of one that died: the last one counts.
func (l free) Note(text string) error {
	f, err := l.d.Append(l.name)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(text))
	return errors.Join(err, f.Close())
}

func (l free) Unlock(remove bool) error {
	if remove {
		_ = l.d.Remove(l.name)
	}
	return nil
}

// A willing disk goes on without locks where the kernel has none to give: Lustre that is mounted without the
// option flock, NFS whose server of locks does not answer. It tells once.
type willing struct {
	FS
	tell func(error)
	once *sync.Once
}

func (d willing) TryLock(name string, shared bool) (Lock, error) {
	lock, err := d.FS.TryLock(name, shared)
	if err != nil && hasNoLocks(err) {
		d.once.Do(func() { d.tell(err) })
		return lockless{d.FS}.TryLock(name, shared)
	}
	return lock, err
}

// hasNoLocks reports whether err says that a disk gives no locks, now or ever.
func hasNoLocks(err error) bool {
	return errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EOPNOTSUPP) ||
		errors.Is(err, syscall.ENOLCK)
}

// withLocks gives the disk with the locks that the settings name.
func (s *Store) withLocks(own bool) FS {
	switch {
	case s.settings.Lock == None:
		return lockless{s.fs}
	case own:
		s.fs = steady{Disk(s.settings.Lock)}
	}
	return willing{s.fs, func(err error) {
		s.warn(fmt.Errorf("artifacts: this disk gives no locks (%w): going on without, which is safe; "+
			`to say so for all hosts write lock = "none" to %s`, err, s.path(SettingsFile)))
	}, new(sync.Once)}
}
