//go:build !linux

package publish

import "io/fs"

func stampOf(info fs.FileInfo) stamp {
	return stamp{Bytes: info.Size(), Modified: info.ModTime().UnixNano()}
}
