//go:build !linux && !darwin

package lookup

import "os"

// notWaiting keeps the opening of a FIFO from waiting for a writer; where there are some, it waits.
const notWaiting = 0

// stampOf gives the stamp of an open file.
func stampOf(f *os.File) (stamp, error) {
	info, err := f.Stat()
	if err != nil {
		return stamp{}, err
	}
	return stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}, nil
}
