//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package program

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// canLock says that folders can be locked here.
const canLock = true

// tryLock locks a folder, or gives errHeld at once.
func tryLock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errHeld
	}
	return err
}

// ownFolder makes a folder for this user alone, and refuses one that is another's: below TMPDIR anyone may make names.
func ownFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Getuid() {
		return fmt.Errorf("%s is another user's", dir)
	}
	if info.Mode().Perm() != 0o700 {
		return os.Chmod(dir, 0o700)
	}
	return nil
}
