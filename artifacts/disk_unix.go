//go:build unix

package artifacts

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// isFull reports whether err says that the disk or the quota is full.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// syncDir makes the names in a folder durable. Some network file systems refuse to sync a folder
// because they have nothing to do for it.
func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

func link(old, new string) error { return os.Link(old, new) }

// nonblock keeps the opening of a pipe from waiting for somebody at its other end.
const nonblock = unix.O_NONBLOCK

// touch says "now" and leaves it to the disk to know the time; who may write the file may do it, not only
// its owner.
func touch(name string) error {
	if _, err := retry(func() (int, error) { return 0, unix.Utimes(name, nil) }); err != nil {
		return &fs.PathError{Op: "touch", Path: name, Err: err}
	}
	return nil
}

// processLives reports whether this machine has a process with that number.
func processLives(pid int) bool {
	return pid > 0 && !errors.Is(unix.Kill(pid, 0), unix.ESRCH)
}

// isElsewhere reports whether err says that two names are not on one disk.
func isElsewhere(err error) bool { return errors.Is(err, unix.EXDEV) }

// readFile reads a whole file and tells when it was changed. It does what os.ReadFile does without
// what makes an *os.File ready for more, which would take as long again: a run that finds everything
// cached does little else than to call it.
func readFile(name string) ([]byte, time.Time, error) {
	fd, stat, err := openFile(name)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer unix.Close(fd)
	data := make([]byte, stat.Size)
	n := 0
	for n < len(data) {
		m, err := retry(func() (int, error) { return unix.Read(fd, data[n:min(len(data), n+1<<30)]) })
		if err != nil {
			return nil, time.Time{}, &fs.PathError{Op: "read", Path: name, Err: err}
		}
		if m == 0 {
			break // it shrank; what is there fails verification
		}
		n += m
	}
	return data[:n], time.Unix(stat.Mtim.Unix()), nil
}

// openFile opens a file that is none of those that may have to be waited for.
func openFile(name string) (fd int, stat unix.Stat_t, err error) {
	fd, err = retry(func() (int, error) { return unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0) })
	if errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ELOOP) { // a socket, or a link to itself
		return 0, stat, notFile("open", name)
	}
	if err != nil {
		return 0, stat, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if _, err = retry(func() (int, error) { return 0, unix.Fstat(fd, &stat) }); err != nil {
		err = &fs.PathError{Op: "stat", Path: name, Err: err}
	} else if stat.Mode&unix.S_IFMT != unix.S_IFREG {
		err = notFile("read", name)
	}
	if err != nil {
		_ = unix.Close(fd)
	}
	return fd, stat, err
}

// readPart reads a part of a file, as far as there is one.
func readPart(name string, at, size int64) ([]byte, error) {
	fd, stat, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	data := make([]byte, max(0, min(size, stat.Size-at)))
	n := 0
	for n < len(data) {
		m, err := retry(func() (int, error) { return unix.Pread(fd, data[n:min(len(data), n+1<<30)], at+int64(n)) })
		if err != nil {
			return nil, &fs.PathError{Op: "read", Path: name, Err: err}
		}
		if m == 0 {
			break
		}
		n += m
	}
	return data[:n], nil
}

// retry calls a system call again that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
