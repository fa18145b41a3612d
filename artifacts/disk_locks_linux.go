package artifacts

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// tryFcntl locks a whole file by a lock that belongs to the open file, as flock's do, and not to the process: so it also
// keeps out who opens the file again in this process, and does not vanish when that one closes it.
func tryFcntl(name string, shared bool) (fileLock, bool, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|nonblock, 0o666)
	if err != nil {
		return nil, false, err
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	if shared {
		lock.Type = unix.F_RDLCK
	}
	_, err = retry(func() (int, error) { return 0, unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &lock) })
	if err == nil {
		return fcntlLock{f}, true, nil
	}
	_ = f.Close()
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return nil, false, nil
	}
	return nil, false, &fs.PathError{Op: "lock", Path: name, Err: err}
}

type fcntlLock struct{ *os.File }

func (l fcntlLock) Path() string { return l.Name() }

// Unlock closes the file: the lock goes with it.
func (l fcntlLock) Unlock() error { return l.Close() }
