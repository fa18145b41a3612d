package pipeline

import (
	"context"
	"errors"
	"fmt"

	"spurion/pipeline/lookup"
	"spurion/pipeline/plan"
)

// A Follower waits for the log of a program that has not started yet. It is for one goroutine.
type Follower struct {
	e      *Experiment
	target string
	old    *Log // an ended log that was there before
	tries  int  // to open the store
	seen   bool // another process has worked with the store since
	// Waiting says what it waits for, after a Look that found nothing.
	Waiting string
}

// Follow gives a follower of the one instance that a target selects.
func (e *Experiment) Follow(target string) *Follower { return &Follower{e: e, target: target} }

// Look gives the log to follow, or nil if it is still to be waited for. A log that has ended is given if no run is on
// that could begin another; so is the last one if the run ended without beginning another. The error says that there
// will be none: the instance is computed, and no program of it has a log, or the run ended without starting it.
func (f *Follower) Look(ctx context.Context) (*Log, error) {
	if err := f.e.reopen(&f.tries); err != nil {
		return nil, err
	}
	running := false
	if f.e.store != nil { // before the logs: what ends between is found there
		var err error
		if running, err = f.e.store.Living(); err != nil {
			return nil, err
		}
	}
	f.e.stored.Refresh()
	p, nodes, err := f.e.lenientNamed(ctx, f.target)
	if err != nil {
		return nil, err
	}
	n, l, err := f.e.onlyLog(p, nodes)
	if err != nil {
		return nil, err
	}
	cached := n.Status == plan.Cached
	switch {
	case l != nil && (l.Alive() || cached || !running && f.old == nil):
		return l, nil
	case l != nil && f.old == nil:
		f.old = l
	case l != nil && !l.Header.Started.Equal(f.old.Header.Started):
		return l, nil
	case l == nil && cached:
		return nil, fmt.Errorf("%w of %s, which is computed: programs that exec stages run have one, until spurion cache gc takes it", ErrNoLog, n.Address())
	}
	switch {
	case running:
		f.seen, f.Waiting = true, "a run is on, and has not started it yet"
	case !f.seen:
		f.Waiting = "no run is on; the next one that starts it will be followed"
	case f.old != nil:
		return f.old, nil
	default:
		return nil, f.notStarted(n)
	}
	return nil, nil
}

// notStarted says that a run has ended without starting the node's program.
func (f *Follower) notStarted(n *plan.Node) error {
	last, ok := f.e.stored.Previous(n.Address())
	if ok && last.Error != "" {
		return fmt.Errorf("%w of %s: the run ended without starting it: %s", ErrNoLog, n.Address(), last.Error)
	}
	return fmt.Errorf("%w of %s: the run ended without starting it", ErrNoLog, n.Address())
}

// onlyLog gives the newest log of the one node that is selected, or of the only one of several that has a log; l is
// nil if there is none yet.
func (e *Experiment) onlyLog(p *plan.Plan, nodes []*plan.Node) (n *plan.Node, l *Log, err error) {
	for _, other := range nodes {
		found, err := e.log(p, other, false)
		switch {
		case err == nil && l != nil:
			return nil, nil, plan.Targetf("several of these have logs: name one instance to follow, such as %s", n.Address())
		case err == nil:
			n, l = other, &found
		case !errors.Is(err, ErrNoLog):
			return nil, nil, err
		}
	}
	if l == nil && len(nodes) > 1 {
		return nil, nil, plan.Targetf("these are %d instances: name one to follow, such as %s", len(nodes), nodes[0].Address())
	}
	if l == nil {
		n = nodes[0]
	}
	return n, l, nil
}

// storeTries is how often a store that cannot be opened is looked at again.
const storeTries = 20

// reopen looks again for a store where there was none; tries counts how often it could not be opened.
func (e *Experiment) reopen(tries *int) error {
	if e.store != nil {
		return nil
	}
	store, err := openStore(e.config, e.access)
	if err != nil && *tries < storeTries { // it may be being made at this moment
		*tries++
		return nil
	}
	if err != nil || store == nil {
		return err
	}
	e.store, e.stored = store, lookup.NewStore(store, e.Spec.Name)
	return nil
}
