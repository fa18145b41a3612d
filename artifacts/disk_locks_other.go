//go:build !linux

package artifacts

import "syscall"

// tryFcntl finds none: elsewhere these locks belong to the process, and go when it closes the file anywhere. The store goes on
// without, as with None.
func tryFcntl(string, bool) (fileLock, bool, error) { return nil, false, syscall.ENOSYS }
