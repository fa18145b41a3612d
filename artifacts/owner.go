package artifacts

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An owner is what the file of a session says of its process: a line for people, then what others need to
// know to tell whether it lives, and since when it may have used what is in the store.
type owner struct {
	pid   int
	boot  string    // of the machine
	begun time.Time // by the clock that stamps files; zero if it is not told
}

// boot names this machine between two starts of it; empty if it does not tell. It is asked for once.
var boot = sync.OnceValue(func() string {
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
})

// host names this machine for people, and for others where there is no boot.
var host = sync.OnceValue(func() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown host"
	}
	return name
})

// Machine names where this process runs, alike for those among which the numbers of processes mean the same: containers
// of one machine have their own, and copies of a virtual machine were started as one.
func Machine() string {
	if b := boot(); b != "" {
		processes, _ := os.Readlink("/proc/self/ns/pid")
		return "boot " + b + " " + processes + " host " + host()
	}
	return "host " + host()
}

// owner describes this process to those who wait for it.
func (s *Store) owner() string {
	return fmt.Sprintf("process %d on %s, since %s\nmachine %s\n",
		os.Getpid(), host(), s.fs.Now().UTC().Format(time.RFC3339), Machine())
}

const begunLine = "begun "

// ownerSince is owner, with the disk's time at which the session began.
func (s *Store) ownerSince(begun time.Time) string {
	return s.owner() + begunLine + begun.UTC().Format(time.RFC3339Nano) + "\n"
}

// parseOwner reads what owner and ownerSince wrote; what is missing or foreign is left out.
func parseOwner(text string) (o owner) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "process "); ok {
			number, _, _ := strings.Cut(rest, " ")
			o.pid, _ = strconv.Atoi(number)
		}
		if rest, ok := strings.CutPrefix(line, "machine "); ok {
			o.boot = rest
		}
		if rest, ok := strings.CutPrefix(line, begunLine); ok {
			o.begun, _ = time.Parse(time.RFC3339Nano, rest)
		}
	}
	return o
}

// diedHere reports whether the process ran on this machine and is no more.
func (o owner) diedHere() bool {
	return o.pid > 0 && o.boot == Machine() && !processLives(o.pid)
}

// readOwner gives the line for people.
func (s *Store) readOwner(path string) string {
	data, _, err := s.fs.ReadFile(path)
	line, _, _ := strings.Cut(strings.TrimSpace(string(data)), "\n")
	if err != nil || line == "" {
		return "another process"
	}
	return shorten(line)
}
