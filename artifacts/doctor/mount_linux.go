package doctor

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// findMount looks for the mount that a folder is on in the system's list.
func findMount(dir string) (mount, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return mount{}, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return mount{}, err
	}
	list, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return mount{}, err
	}
	var best mount
	for line := range bytes.Lines(list) {
		if m, ok := parseMount(string(line)); ok && holds(m.point, dir) && len(m.point) >= len(best.point) {
			best = m // of two at one place the later one is on top
		}
	}
	return best, nil
}

func holds(point, dir string) bool {
	return point == "/" || dir == point || strings.HasPrefix(dir, point+"/")
}

// parseMount reads a line of mountinfo (proc(5)).
func parseMount(line string) (mount, bool) {
	before, after, ok := strings.Cut(strings.TrimSpace(line), " - ")
	fields, rest := strings.Fields(before), strings.Fields(after)
	if !ok || len(fields) < 6 || len(rest) < 2 {
		return mount{}, false
	}
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	m := mount{point: unescape.Replace(fields[4]), kind: rest[0], source: unescape.Replace(rest[1]), options: strings.Split(fields[5], ",")}
	if len(rest) > 2 {
		m.options = append(m.options, strings.Split(rest[2], ",")...)
	}
	return m, true
}

func volumeOf(dir string) (volume, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return volume{}, err
	}
	v := volume{free: int64(stat.Bavail) * stat.Bsize, inodes: int64(stat.Ffree)}
	if stat.Files == 0 { // Btrfs, some network disks
		v.inodes = -1
	}
	return v, nil
}
