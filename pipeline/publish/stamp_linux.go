package publish

import (
	"io/fs"
	"syscall"
)

func stampOf(info fs.FileInfo) stamp {
	s := stamp{Bytes: info.Size(), Modified: info.ModTime().UnixNano()}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		s.Changed, s.Inode = stat.Ctim.Nano(), int64(stat.Ino)
	}
	return s
}
