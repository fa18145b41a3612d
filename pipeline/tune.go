package pipeline

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Tune sets up the garbage collector for a process that loads, plans and runs specs, and is for a program's
// main to call. GOGC and GOMEMLIMIT in the environment come first.
//
// Loading makes many small values that live as long as the process does, so that collecting early finds nothing: a
// small heap grows far between collections, a large one by less, as growth says. Memory is held below half of what
// there is for as long as that can be done by collecting more often; SetMemory changes that.
func Tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(maxGrowth)
		follow(&collection{percent: maxGrowth, live: []metrics.Sample{{Name: "/gc/heap/live:bytes"}}})
	}
	if total := memoryTotal(os.ReadFile); total > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(total / 2)
	}
}

// How far the heap grows between collections: by freeGrowth, but at least by minGrowth and at most by maxGrowth percent.
const (
	maxGrowth  = 400
	minGrowth  = 50
	freeGrowth = 256 << 20
)

// growth gives by how much a heap with so many bytes in use may grow, in percent.
func growth(live uint64) int {
	percent := freeGrowth * 100 / max(live, 1)
	return int(max(minGrowth, min(maxGrowth, percent)))
}

// A collection is an object that nothing refers to, whose finalizer so runs after each collection. It holds a pointer: one
// without is laid beside other small values, and lives as long as they do.
type collection struct {
	percent int
	live    []metrics.Sample
}

// follow sets the growth anew after each collection.
func follow(c *collection) {
	runtime.SetFinalizer(c, func(c *collection) {
		metrics.Read(c.live)
		if v := c.live[0].Value; v.Kind() == metrics.KindUint64 {
			if percent := growth(v.Uint64()); percent != c.percent {
				c.percent = percent
				debug.SetGCPercent(percent)
			}
		}
		follow(c)
	})
}
