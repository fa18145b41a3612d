package doctor

import (
	"fmt"

	"spurion/artifacts"
)

// A mount is what the system says of the disk that a folder is on.
type mount struct {
	point, kind, source string
	options             []string
}

// A volume is what the system says of a disk's size.
type volume struct {
	free   int64 // bytes that this user may write
	inodes int64 // files that may be made; -1 if it does not tell
}

// The least that a disk should have left.
const (
	leastFree   = 1 << 30
	leastInodes = 10_000
)

// room looks for free space.
func room(dir, check string) Finding {
	v, err := volumeOf(dir)
	if err != nil {
		return Finding{check, Warn, "the free space of " + dir + " is not known: " + err.Error(), ""}
	}
	files := ""
	if v.inodes >= 0 {
		files = fmt.Sprintf(", and %d files", v.inodes)
	}
	found := fmt.Sprintf("%s has room for %.1f GB%s", dir, float64(v.free)/1e9, files)
	switch {
	case v.free == 0 || v.inodes == 0:
		return Finding{check, Bad, found, "make room, or run spurion cache gc --delete"}
	case v.free < leastFree || v.inodes >= 0 && v.inodes < leastInodes:
		return Finding{check, Warn, found, "make room, or run spurion cache gc --delete; quotas may be lower still"}
	}
	return Finding{check, OK, found, ""}
}

// scratch looks at the folder of temporary files, where programs of exec stages run.
func (e *examiner) scratch() []Finding {
	temp := e.o.temp()
	found := []Finding{room(temp, "scratch room")}
	if artifacts.Disk(artifacts.None).Remote(temp) {
		return append(found, Finding{"scratch", Warn, temp + ", where programs of exec stages run, is on a disk that is not this host's alone: all that they write goes over the network",
			"set TMPDIR to a folder on a disk of this host"})
	}
	return append(found, Finding{"scratch", OK, temp + ", where programs of exec stages run, is on a disk of this host", ""})
}
