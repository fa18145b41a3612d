package fileinfo

import (
	"io/fs"
	"syscall"
)

func inodeOf(info fs.FileInfo) (changed int64, inode uint64) {
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return sys.Ctim.Nano(), sys.Ino
	}
	return 0, 0
}
