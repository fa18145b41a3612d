package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"spurion/artifacts"
)

// pushing is how many results a Pusher has under way: they are in memory.
const pushing = 32

// A Pusher pushes results as they come, beside other work.
type Pusher struct {
	remote *Remote
	from   *artifacts.Store
	tell   func(error)
	listed map[artifacts.Digest]bool // what was there already, if many are to be pushed
	ctx    context.Context
	cancel context.CancelCauseFunc

	writable func() error
	group    sync.WaitGroup
	mu       sync.Mutex
	changed  *sync.Cond
	queue    []artifacts.Digest
	ended    bool
	workers  int
	broken   error
	report   PushReport
}

// A PushReport says what became of results that were to be pushed.
type PushReport struct {
	New, There, Repaired int
	Left                 int // that were not pushed
	Bytes                int64
}

// NewPusher pushes results of a store that are named to Add. tell is told of what is wrong.
func NewPusher(ctx context.Context, r *Remote, from *artifacts.Store, tell func(error)) *Pusher {
	p := &Pusher{remote: r, from: from, tell: tell}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	p.changed = sync.NewCond(&p.mu)
	p.writable = sync.OnceValue(func() error { return r.MakeWritable(p.ctx) })
	return p
}

// AddAll has results pushed. Of many it first lists what is there.
func (p *Pusher) AddAll(keys []artifacts.Digest) {
	if len(keys) > mostAsked {
		p.listed, _ = p.remote.Keys(p.ctx) // if that fails, so does what follows, or it does without
	}
	for _, key := range keys {
		p.Add(key)
	}
}

// Add has a result pushed. It does not wait.
func (p *Pusher) Add(key artifacts.Digest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, key)
	if p.workers < pushing && len(p.queue) > 0 {
		p.workers++
		p.group.Go(p.work)
	}
	p.changed.Signal()
}

// End waits until everything is pushed, or the context ends, and says what was. An error is why the rest was not pushed; tell
// was not told of it.
func (p *Pusher) End(ctx context.Context) (PushReport, error) {
	stop := context.AfterFunc(ctx, func() { p.cancel(context.Cause(ctx)) })
	defer stop()
	p.mu.Lock()
	p.ended = true
	p.changed.Broadcast()
	p.mu.Unlock()
	p.group.Wait()
	return p.report, p.broken
}

func (p *Pusher) work() {
	for {
		p.mu.Lock()
		for len(p.queue) == 0 && !p.ended {
			p.changed.Wait()
		}
		if len(p.queue) == 0 {
			p.mu.Unlock()
			return
		}
		key := p.queue[0]
		p.queue = p.queue[1:]
		broken := p.broken
		p.mu.Unlock()
		if broken == nil {
			broken = context.Cause(p.ctx)
		}
		var done Pushed
		if broken == nil {
			broken = p.writable()
		}
		if broken == nil {
			done, broken = p.push(key)
		}
		p.count(done, broken)
	}
}

// push pushes one result. The error is one that others would meet as well.
func (p *Pusher) push(key artifacts.Digest) (Pushed, error) {
	done, err := p.remote.Push(p.ctx, p.from, key, p.listed[key])
	if err != nil && !hasCause(err) && p.ctx.Err() == nil { // it cannot be read here
		p.tell(fmt.Errorf("a result is not pushed: %w", err))
		p.mu.Lock()
		p.report.Left++
		p.mu.Unlock()
		return done, errOwn
	}
	if len(done.Differs) > 0 {
		address := key.Short()
		if m, err := p.from.Get(key); err == nil {
			address = m.Address
		}
		p.tell(fmt.Errorf("the result of %s differs in %s from the one that %s has, which was first and is kept there: the same settings do not always give the same",
			address, strings.Join(done.Differs, ", "), p.remote.Name()))
	}
	return done, err
}

// errOwn says that one result alone is left.
var errOwn = errors.New("a result cannot be read")

func hasCause(err error) bool {
	var e *Error
	return errors.As(err, &e)
}

func (p *Pusher) count(done Pushed, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := &p.report
	r.Bytes += done.Bytes
	switch {
	case errors.Is(err, errOwn):
	case err != nil:
		if p.broken == nil {
			p.broken = err
		}
		r.Left++
	case done.Repaired:
		r.Repaired++
	case done.New:
		r.New++
	default:
		r.There++
	}
}
