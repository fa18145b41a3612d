// Package fileinfo tells by what a disk says of a file, without reading it, whether the file has changed.
package fileinfo

import (
	"io/fs"
	"time"
)

// granularity bounds how coarse the times of files are, on any disk: a file may change twice within it and keep
// its time (git calls an entry racily clean). FAT counts in 2 seconds.
const granularity = 2 * time.Second

// A Stamp is what changes when a file does: a write sets both times to the disk's clock, and no program can set the
// second one to what it was.
type Stamp struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds since 1970
	Changed  int64  `json:"changed"`  // of the inode, likewise; 0 where it is not known
	Inode    uint64 `json:"inode"`    // 0 where it is not known
}

// Of gives the stamp of a file.
func Of(info fs.FileInfo) Stamp {
	s := Stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	s.Changed, s.Inode = inodeOf(info)
	return s
}

// SettledAt reports whether a file that had the stamp at a time would have another one if it were changed later: its
// times are past, by more than they are coarse.
func (s Stamp) SettledAt(t time.Time) bool {
	return max(s.Modified, s.Changed) < t.Add(-granularity).UnixNano()
}
