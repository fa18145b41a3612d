//go:build !unix

package artifacts

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// isFull reports whether err says that the disk is full (ENOSPC, or ERROR_DISK_FULL and
// ERROR_HANDLE_DISK_FULL of Windows).
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.Errno(112)) || errors.Is(err, syscall.Errno(39))
}

// syncDir has nothing to do: Windows does not let a program sync a folder.
func syncDir(string) error { return nil }

// link is not used: Windows removes no name of a file that is open under another.
func link(string, string) error { return errors.ErrUnsupported }

const nonblock = 0

func touch(name string) error { return os.Chtimes(name, time.Time{}, time.Now()) }

// processLives reports whether this machine has a process with that number.
func processLives(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}

// isElsewhere reports whether err says that two names are not on one disk (ERROR_NOT_SAME_DEVICE).
func isElsewhere(err error) bool { return errors.Is(err, syscall.Errno(17)) }

// readFile reads a whole file and tells when it was changed.
func readFile(name string) ([]byte, time.Time, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	if !info.Mode().IsRegular() {
		return nil, time.Time{}, notFile("read", name)
	}
	data := make([]byte, info.Size())
	n, err := io.ReadFull(f, data)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil // it shrank; what is there fails verification
	}
	return data[:n], info.ModTime(), err
}

// readPart reads a part of a file, as far as there is one.
func readPart(name string, at, size int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, notFile("read", name)
	}
	data := make([]byte, max(0, min(size, info.Size()-at)))
	n, err := f.ReadAt(data, at)
	if err == io.EOF {
		err = nil
	}
	return data[:n], err
}
