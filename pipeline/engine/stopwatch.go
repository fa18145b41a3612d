package engine

import (
	"sync"
	"time"
)

// A stopwatch measures an instance's own time: it stands while the instance waits for the store to give it what
// it reads. Several goroutines of a kind may read at once. The zero stopwatch stands at zero.
type stopwatch struct {
	mu      sync.Mutex
	total   time.Duration
	since   time.Time // zero while it stands
	on      bool
	waiting int // how many reads are under way
}

func (w *stopwatch) start()  { w.set(func() { w.on = true }) }
func (w *stopwatch) stop()   { w.set(func() { w.on = false }) }
func (w *stopwatch) pause()  { w.set(func() { w.waiting++ }) }
func (w *stopwatch) resume() { w.set(func() { w.waiting-- }) }

// set changes what the watch knows, and lets it run or stand accordingly.
func (w *stopwatch) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if !w.since.IsZero() {
		w.total += now.Sub(w.since)
	}
	change()
	w.since = time.Time{}
	if w.on && w.waiting == 0 {
		w.since = now
	}
}

func (w *stopwatch) elapsed() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.total
}
