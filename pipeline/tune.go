package pipeline

import (
	"os"
	"runtime/debug"
)

// heapGrowth is how far the heap grows between collections, in percent of what is in use.
const heapGrowth = 400

// Tune sets up the garbage collector for a process that loads, plans and runs specs, and is for a program's
// main to call. Loading makes many small values that live as long as the process does, so that collecting
// early finds nothing. GOGC in the environment comes first.
func Tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}
