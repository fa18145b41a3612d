package pipeline

import (
	"bytes"
	"fmt"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"

	"spurion/stages"
)

// SetMemory sets how much memory the process may use before it collects garbage at every turn: a number of bytes with
// one of the units KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024) or B, such as "8GiB". "none" stands
// for no limit. What is really in use is never refused; nor do programs that stages start count.
func SetMemory(size string) error {
	if size == "none" {
		debug.SetMemoryLimit(math.MaxInt64)
		return nil
	}
	limit, err := parseSize(size)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(limit - min(outside, limit/64))
	return nil
}

// outside is memory of the process that Go's runtime does not count, such as the program itself, so that what it counts
// and this together are what was asked for.
const outside = 32 << 20

// leastMemory is the least limit that is taken: with less the program itself would not fit.
const leastMemory = 64 << 20

func parseSize(size string) (int64, error) {
	n, err := stages.ParseMemory(size)
	switch {
	case err != nil:
		return 0, fmt.Errorf(`%w, or "none" for no limit`, err)
	case n < leastMemory:
		return 0, fmt.Errorf("%s is too little memory: at least 64MiB are needed", size)
	}
	return n, nil
}

// memoryTotal gives the memory that the process may use, in bytes: the machine's, or less if its control group has
// less. 0 stands for unknown, which it is on other systems than Linux.
func memoryTotal(read func(string) ([]byte, error)) int64 {
	var total int64
	text, err := read("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if f := bytes.Fields(line); len(f) == 3 && string(f[0]) == "MemTotal:" && string(f[2]) == "kB" {
			kilobytes, _ := strconv.ParseInt(string(f[1]), 10, 64)
			total = kilobytes << 10
		}
	}
	for _, file := range groupLimits(read) {
		text, err := read(file)
		if err != nil {
			continue
		}
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit > 0 {
			total = min(total, limit)
		}
	}
	return total
}

// groupLimits gives the files that may limit the process's memory: those of its control group and of all above it, of
// both versions.
func groupLimits(read func(string) ([]byte, error)) []string {
	files := []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}
	text, err := read("/proc/self/cgroup")
	if err != nil {
		return files
	}
	for line := range strings.Lines(string(text)) { // such as 0::/user.slice/job or 4:memory:/slurm/job
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		root, file := "/sys/fs/cgroup", "memory.max"
		if fields[1] == "memory" {
			root, file = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
		} else if fields[1] != "" {
			continue
		}
		for group := path.Clean(fields[2]); group != "/" && group != "."; group = path.Dir(group) {
			files = append(files, path.Join(root, group, file))
		}
	}
	return files
}
