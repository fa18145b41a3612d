package engine

import (
	"context"
	"errors"
	"time"

	"spurion/pipeline/plan"
)

// An Elsewhere has instances computed by other machines, which store the results where this run sees them. Ready and Ended may come
// from any goroutine, before Run too.
type Elsewhere interface {
	// Takes reports whether it computes a node that has to be.
	Takes(n *plan.Node) bool
	// Run works until nothing is left that it takes, or the context ends; then it lets go of what it can. An error ends the run.
	Run(ctx context.Context, r *Remote) error
	// Ready says that all that a node needs is there, or done without.
	Ready(id int)
	// Ended says that a node is done with.
	Ended(id int)
}

// A Remote is a run as an Elsewhere sees it.
type Remote struct{ r *runner }

// Started says that another machine computes a node.
func (m *Remote) Started(id int, host string) {
	n := &m.r.plan.Nodes[id]
	if n.Reason.Text == "" {
		n.Reason = m.r.plan.Explain(n, m.r.options.Cache)
	}
	m.r.emit(Event{Type: Started, Node: id, Host: host})
}

// Progress says how far it is.
func (m *Remote) Progress(id int, done, total int64) {
	m.r.emit(Event{Type: Progress, Node: id, Done: done, Total: total})
}

// Arrived looks for the result of a node in the store. It is false if that is not there, or cannot be seen yet. outcome says how it came there; the
// note is the run's.
func (m *Remote) Arrived(id int, outcome Outcome) bool {
	n := &m.r.plan.Nodes[id]
	for _, d := range n.Deps {
		if s := m.r.status(int(d)); s == "" {
			return false // what it was made of cannot be seen yet
		}
	}
	key, _, err := m.r.plan.KeyText(n)
	if err != nil {
		return false
	}
	n.Key, n.Keyed = key, true
	outputs, err := m.r.options.Cache.Lookup(key)
	if err != nil {
		return false
	}
	n.Outputs = outputs
	m.end(id, outcome)
	return true
}

// Failed says that a node has no result.
func (m *Remote) Failed(id int, err error) {
	m.end(id, Outcome{Status: Failed, Err: masked(m.r.hide, err)})
}

// Waits says how many batches wait for another machine, and why.
func (m *Remote) Waits(batches int, reason string) {
	m.r.emit(Event{Type: Queued, Node: -1, Total: int64(batches), Owner: reason})
}

// end is done with a node, once: another may have been faster.
func (m *Remote) end(id int, outcome Outcome) {
	if m.r.status(id) != "" {
		return
	}
	m.r.emit(Event{Type: Finished, Node: id, Outcome: outcome})
	m.r.finish(id, outcome)
}

func (r *runner) status(id int) Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outcomes[id].Status
}

// makeReady hands a node to those who compute it. The caller has mu.
func (r *runner) makeReady(id int) {
	if r.away(id) {
		r.options.Elsewhere.Ready(id)
		return
	}
	r.ready.push(int32(id))
}

// away reports whether other machines compute a node.
func (r *runner) away(id int) bool {
	return r.options.Elsewhere != nil && r.options.Elsewhere.Takes(&r.plan.Nodes[id])
}

// runElsewhere has the other machines work, and gives the function that waits for their end.
func (r *runner) runElsewhere(ctx context.Context) (wait func()) {
	if r.options.Elsewhere == nil {
		return func() {}
	}
	ended := make(chan struct{})
	ctx, cancel := context.WithCancelCause(ctx)
	r.letGo = cancel
	go func() {
		defer close(ended)
		err := r.options.Elsewhere.Run(ctx, &Remote{r})
		r.mu.Lock()
		defer r.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			r.fatal = err
			r.stop(err)
		}
	}()
	return func() { <-ended }
}

// ErrDeadline is why a run begins nothing more that would not end before Options.Until.
var ErrDeadline = errors.New("what is left would not end before the deadline")

// fits reports whether a node may end before the run must.
func (r *runner) fits(id int) bool {
	if r.options.Until.IsZero() {
		return true
	}
	seconds := 0.
	if r.options.Seconds != nil {
		seconds, _ = r.options.Seconds(r.plan.Nodes[id].Address())
	}
	return time.Now().Add(time.Duration(seconds * float64(time.Second))).Before(r.options.Until)
}
