//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package program

import (
	"errors"
	"os"
)

// canLock says that folders cannot be locked here: each has a name of its own.
const canLock = false

func tryLock(*os.File) error { return errors.ErrUnsupported }

func ownFolder(string) error { return errors.ErrUnsupported }
