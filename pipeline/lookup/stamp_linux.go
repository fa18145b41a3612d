package lookup

import (
	"os"
	"syscall"
)

// notWaiting keeps the opening of a FIFO from waiting for a writer.
const notWaiting = syscall.O_NONBLOCK

// stampOf gives the stamp of an open file.
func stampOf(f *os.File) (stamp, error) {
	info, err := f.Stat()
	if err != nil {
		return stamp{}, err
	}
	s := stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.Changed, s.Inode = sys.Ctim.Nano(), sys.Ino
	}
	return s, nil
}
