package stages

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Resources are what an instance needs of the machine that it runs on, as the block resources of its stage says. They say where and beside
// what it may run, are in no key, and change no result.
type Resources struct {
	CPUs   int           // processors; 0 stands for 1
	Memory int64         // bytes; 0 if nothing is said
	Time   time.Duration // by the clock; 0 if nothing is said
	GPUs   int
}

// ResourceNames are the names of Resources in specs and on the command line.
var ResourceNames = []string{"cpus", "memory", "time", "gpus"}

// mostDevices is more processors or GPUs than any machine has.
const mostDevices = 1_000_000

// Set sets what has one of the ResourceNames. The error says what it must be, as the end of a sentence that begins with the name.
func (r *Resources) Set(name, value string) error {
	switch name {
	case "cpus":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > mostDevices {
			return fmt.Errorf("is a number of processors, from 1 to %d, such as 4", mostDevices)
		}
		r.CPUs = n
	case "gpus":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > mostDevices {
			return fmt.Errorf("is a number of GPUs, from 0 to %d, such as 1", mostDevices)
		}
		r.GPUs = n
	case "memory":
		n, err := ParseMemory(value)
		if err != nil || n < 1 {
			return fmt.Errorf("is a number and a unit, such as 8GB or 512MiB")
		}
		r.Memory = n
	case "time":
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			return fmt.Errorf("is a duration, such as 90s, 30m or 2h")
		}
		r.Time = d
	default:
		return fmt.Errorf("is no resource: there are %s", strings.Join(ResourceNames, ", "))
	}
	return nil
}

// String gives them as people read them, such as "4 cpus, 8GB, 2h, 1 gpu"; what is not said is left out.
func (r Resources) String() string {
	var parts []string
	if r.CPUs > 0 {
		parts = append(parts, devices(r.CPUs, "cpu"))
	}
	if r.Memory > 0 {
		parts = append(parts, FormatMemory(r.Memory))
	}
	if r.Time > 0 {
		parts = append(parts, FormatDuration(r.Time))
	}
	if r.GPUs > 0 {
		parts = append(parts, devices(r.GPUs, "gpu"))
	}
	return strings.Join(parts, ", ")
}

func devices(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// FormatDuration gives "2h" and "1h30m" where Duration.String gives "2h0m0s" and "1h30m0s".
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// memoryUnits are the units of sizes, of powers of 1024 and of 1000, the larger ones first.
var memoryUnits = []struct {
	name  string
	bytes int64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1},
}

// ParseMemory reads a size in bytes: a number with one of the units KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024) or B,
// in small or large letters, such as "8GiB" or "1.5 GB". Fractions of a byte are dropped.
func ParseMemory(size string) (int64, error) {
	for _, u := range memoryUnits {
		at := len(size) - len(u.name)
		if at <= 0 || !strings.EqualFold(size[at:], u.name) {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(size[:at]), 64)
		if bytes := float64(n * float64(u.bytes)); err == nil && bytes >= 0 && bytes < math.MaxInt64 {
			return int64(bytes), nil
		}
		break
	}
	return 0, fmt.Errorf(`%q is no size: write a number and a unit, such as "8GiB" or "500MB"`, size)
}

// FormatMemory writes a size in the unit of which it is the least whole number; ParseMemory reads it.
func FormatMemory(bytes int64) string {
	best := strconv.FormatInt(bytes, 10) + "B"
	for _, u := range memoryUnits {
		if bytes%u.bytes != 0 {
			continue
		}
		if text := strconv.FormatInt(bytes/u.bytes, 10) + u.name; len(text) < len(best) {
			best = text
		}
	}
	return best
}
