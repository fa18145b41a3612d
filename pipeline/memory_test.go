package pipeline

import (
	"io/fs"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestParseSize(t *testing.T) {
	for size, want := range map[string]int64{
		"8GiB": 8 << 30, "500MB": 500_000_000, "1.5 gb": 1_500_000_000, "100mib": 100 << 20, "2TiB": 2 << 40, "134217728B": 1 << 27,
	} {
		if got, err := parseSize(size); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", size, got, err, want)
		}
	}
	for _, size := range []string{"", "8", "GiB", "-1GB", "1e99GB", "NaNGB", "8 apples", "5MB"} {
		if got, err := parseSize(size); err == nil {
			t.Errorf("%q is %d", size, got)
		}
	}
}

func TestMemoryTotal(t *testing.T) {
	machine := map[string]string{"/proc/meminfo": "MemTotal:       16777216 kB\nMemFree:         1 kB\n"}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"no files", nil, 0},
		{"a machine", machine, 16 << 30},
		{"a container", map[string]string{"/sys/fs/cgroup/memory.max": "4294967296\n"}, 4 << 30},
		{"an open container", map[string]string{"/sys/fs/cgroup/memory.max": "max\n"}, 16 << 30},
		{"a job", map[string]string{"/proc/self/cgroup": "0::/slurm/job_7/step\n", "/sys/fs/cgroup/slurm/job_7/memory.max": "2147483648"}, 2 << 30},
		{"a job of old", map[string]string{"/proc/self/cgroup": "9:cpu:/x\n4:memory:/slurm/job_7\n",
			"/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712", "/sys/fs/cgroup/memory/slurm/job_7/memory.limit_in_bytes": "1073741824"}, 1 << 30},
	} {
		read := func(name string) ([]byte, error) {
			if text, ok := c.files[name]; ok {
				return []byte(text), nil
			}
			if text, ok := machine[name]; ok && c.files != nil {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		}
		if got := memoryTotal(read); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if got := memoryTotal(os.ReadFile); runtime.GOOS == "linux" && got <= 0 {
		t.Errorf("this machine has %d bytes", got)
	}
}

// The growth that is allowed falls with the size of the heap, and follows it after a collection.
func TestGrowth(t *testing.T) {
	for live, want := range map[uint64]int{0: 400, 1 << 20: 400, 64 << 20: 400, 128 << 20: 200, 256 << 20: 100, 512 << 20: 50, 1 << 40: 50} {
		if got := growth(live); got != want {
			t.Errorf("growth(%d) = %d, want %d", live, got, want)
		}
	}
	before, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	defer debug.SetGCPercent(before)
	defer debug.SetMemoryLimit(limit)
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	small := []*int64{new(int64)} // values that live on, before and after
	Tune()
	small = append(small, new(int64), new(int64))
	if got := debug.SetMemoryLimit(-1); runtime.GOOS == "linux" && got == math.MaxInt64 {
		t.Error("no limit is set")
	}
	// twice, since a finalizer that is not set again runs once
	for _, megabytes := range []int{200, 900} {
		held := make([]byte, megabytes<<20)
		want := growth(uint64(len(held)))
		percent := maxGrowth
		for range 1000 { // finalizers run some time after a collection
			runtime.GC()
			if percent = debug.SetGCPercent(maxGrowth); percent <= want {
				break
			}
			debug.SetGCPercent(percent)
			runtime.Gosched()
		}
		if percent > want || percent < minGrowth {
			t.Errorf("with %d MiB in use the heap may grow by %d %%, want at most %d", megabytes, percent, want)
		}
		runtime.KeepAlive(held)
	}
	runtime.KeepAlive(small)
	if err := SetMemory("2GiB"); err != nil || debug.SetMemoryLimit(-1) != 2<<30-32<<20 {
		t.Errorf("%v, %d", err, debug.SetMemoryLimit(-1))
	}
	if err := SetMemory("none"); err != nil || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		t.Errorf("%v, %d", err, debug.SetMemoryLimit(-1))
	}
}
