//go:build !unix

package artifacts

import (
	"errors"
	"syscall"
)

// isFull reports whether err says that the disk is full (ENOSPC, or ERROR_DISK_FULL and
// ERROR_HANDLE_DISK_FULL of Windows).
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.Errno(112)) || errors.Is(err, syscall.Errno(39))
}

// syncDir has nothing to do: Windows does not let a program sync a folder.
func syncDir(string) error { return nil }
