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
	data := make([]byte, info.Size())
	n, err := io.ReadFull(f, data)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil // it shrank; what is there fails verification
	}
	return data[:n], info.ModTime(), err
}
