package engine

import (
	"context"
	"slices"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/plan"
)

// Two runs on one store share the work: a worker that finds another process computing a node parks it, and takes
// the next ready one. A watch looks again and again whether the result, or the right to compute it, can be had, and
// makes the node ready then. It is not waited for in the kernel, for there may be many at once, on any disk.

// A parkedNode is a node whose key another had when a worker wanted it. It is kept when the node is ready again.
type parkedNode struct {
	key    artifacts.Digest
	asleep bool // until the watch makes it ready
}

// The watch pauses longer and longer, as long as nothing changes.
const (
	shortestPause = time.Millisecond
	longestPause  = 100 * time.Millisecond
)

// park puts a node aside until another has computed it.
func (r *runner) park(ctx context.Context, id, worker int, owner string) {
	r.mu.Lock()
	p := r.parked[id]
	first := p == nil
	if first {
		p = &parkedNode{key: artifacts.Digest(r.plan.Nodes[id].Key)}
		r.parked[id] = p
	}
	p.asleep = true
	if r.watching == nil && r.stopped == nil {
		ctx, r.watching = context.WithCancel(ctx)
		r.watch.Go(func() { r.watchParked(ctx) })
	}
	r.mu.Unlock()
	if first {
		r.emit(Event{Type: Waiting, Node: id, Worker: worker, Owner: owner})
	}
}

// watchParked makes parked nodes ready as soon as a worker can go on with them, until none is left.
func (r *runner) watchParked(ctx context.Context) {
	pause, known := shortestPause, 0
	for {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		asleep, more := r.asleep()
		if !more {
			return
		}
		pause = min(2*pause, longestPause)
		if len(asleep) > known {
			pause = shortestPause
		}
		known = len(asleep)
		for _, id := range asleep {
			if r.movable(id) {
				r.mu.Lock()
				r.waken(id)
				r.mu.Unlock()
				pause = shortestPause
			}
		}
	}
}

// asleep lists the parked nodes. If there are none, or the run is stopped, the watch is over.
func (r *runner) asleep() (ids []int, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, p := range r.parked {
		if p.asleep {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if len(ids) == 0 || r.stopped != nil {
		r.watching()
		r.watching = nil
		return nil, false
	}
	return ids, true
}

// movable reports whether a worker that takes a parked node will not find it held: it is stored, or nobody has it.
func (r *runner) movable(id int) bool {
	r.mu.Lock()
	key := r.parked[id].key
	r.mu.Unlock()
	if !r.plan.Nodes[id].Forced {
		if _, err := r.options.Cache.Lookup(plan.Digest(key)); err == nil {
			return true
		}
	}
	unlock, _, err := r.options.Store.TryLock(key)
	if unlock != nil {
		unlock()
	}
	return unlock != nil || err != nil // the worker will say what is wrong
}

// waken makes a parked node ready. The caller has mu.
func (r *runner) waken(id int) {
	if p := r.parked[id]; p.asleep {
		p.asleep = false
		r.ready.push(int32(id))
		r.changed.Broadcast()
	}
}

// twins makes those parked nodes ready that waited for a node of this very run, which has ended. The caller has mu.
func (r *runner) twins(id int) {
	if len(r.parked) == 0 {
		return
	}
	key := artifacts.Digest(r.plan.Nodes[id].Key)
	for other, p := range r.parked {
		if p.asleep && p.key == key {
			r.waken(other)
		}
	}
}

// endWatch ends the watch, if there is one, and waits for its end: the store may be closed then.
func (r *runner) endWatch() {
	r.mu.Lock()
	if r.watching != nil {
		r.watching()
	}
	r.mu.Unlock()
	r.watch.Wait()
}
