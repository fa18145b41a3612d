// Package engine carries out a plan: it computes what the plan says must run, in an order that the graph
// allows, on several workers, and stores the results. A run stops for nothing but its context: one
// failed instance keeps back only what depends on it.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"spurion/artifacts"
	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/pipeline/screen"
	"spurion/stages"
)

// External reads what is outside of the graph, fresh at every call.
type External interface {
	// CopyFile writes the content of a file to w and gives its digest.
	CopyFile(path string, w io.Writer) (plan.Digest, error)
	// OpenFile gives the content of a file to be read in pieces.
	OpenFile(path string) (stages.File, error)
	// Recheck gives the digest that a file has now.
	Recheck(path string) (plan.Digest, error)
	// IsFile reports whether a relative path is that of a file in the project.
	IsFile(path string) bool
	VariableValue(name string) string
}

// Options say how to run.
type Options struct {
	Store    *artifacts.Store
	Cache    plan.Cache // the same store, as the plan sees it
	External External
	Workers  int // at least 1; 0 stands for the number of processors. They are the processors that instances share: see pool
	// Memory is what instances may need of it at once, in bytes; 0 if it is not known. GPUs are the devices for those that ask for some.
	Memory int64
	GPUs   GPUs
	// FailFast starts nothing more after the first failure.
	FailFast bool
	// Timeout bounds one instance; 0 stands for none.
	Timeout time.Duration
	// KeepFailed keeps the folder in which the program of a failed instance ran; its error names it.
	KeepFailed bool
	// Events is called for everything that happens, one call at a time; it must be quick.
	Events func(Event)
	Spec   string // recorded with what is stored
	// Secrets are masked in what programs print, and in errors, as are those of the spec.
	Secrets []string
	// Seconds tells how long an instance took when it was last computed, by its address; nil if nobody knows. It says
	// which of several ready instances is begun first, and changes nothing else.
	Seconds func(address string) (float64, bool)
	// Program names what computes a kind, by name and version, likewise; nil for nothing.
	Program func(*stages.Kind) string
	// Elsewhere has instances computed by other machines; nil for none.
	Elsewhere Elsewhere
	// Until is when the run must end: nothing is begun that, by Seconds, would not be done then. Zero stands for no such time.
	Until time.Time
}

// Run carries out a plan. The plan's nodes get their keys and outputs as they are done. Errors are in
// the outcomes.
func Run(ctx context.Context, p *plan.Plan, o Options) *Result {
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Events == nil {
		o.Events = func(Event) {}
	}
	r := &runner{
		plan: p, options: o, outcomes: make([]Outcome, len(p.Nodes)), roots: map[int]string{}, parked: map[int]*parkedNode{},
		decoded: newDecodedCache(frame.Limit(), frame.Limit()/besideShare),
		storing: semaphore.NewWeighted(storingBytes),
	}
	defer r.decoded.clear() // a result outlives its run
	r.options.Secrets = slices.Concat(p.Spec.Secrets, o.Secrets)
	r.secrets = screen.NewSecrets(r.options.Secrets...)
	r.changed = sync.NewCond(&r.mu)
	r.pool = newPool(o.Workers, o.Memory, len(o.GPUs.Slots))
	r.prepare()
	stop := context.AfterFunc(ctx, func() {
		r.mu.Lock()
		r.stop(context.Cause(ctx))
		r.mu.Unlock()
	})
	defer stop()
	r.tokens = make(chan int, o.Workers)
	for w := range o.Workers {
		r.tokens <- w
	}
	elsewhere := r.runElsewhere(ctx)
	var wg sync.WaitGroup
	for range min(o.Workers+storing, max(r.open, 1)) {
		wg.Go(func() { r.work(ctx) })
	}
	wg.Wait()
	elsewhere()
	r.endWatch()
	r.settle()
	r.forgetSpent()
	return &Result{Outcomes: r.outcomes, Fatal: r.fatal, runner: r}
}

// Finished instances may be on their way to the disk while the workers go on with others: waiting for a disk to sync
// takes no processor, and results that wait at the same time share its cost. As many wait as keep it busy: a thousand
// small ones, or 8 large ones, since they are in memory meanwhile.
const (
	storingBytes = 64 << 20
	storingLeast = 64 << 10 // what one counts for at least
	storing      = storingBytes / storingLeast
	storingLarge = 8
)

// enter waits until there is room for one more result on its way to the disk, and gives the function that leaves.
func (r *runner) enter(bytes int) (leave func()) {
	weight := int64(min(bytes+storingLeast, storingBytes/storingLarge))
	_ = r.storing.Acquire(context.Background(), weight) // what is computed is stored, whatever ends the run
	return func() { r.storing.Release(weight) }
}

// A runner is the state of a run. mu guards everything below it and the Outputs of the plan's nodes;
// a node's outputs never change once those that depend on it are ready.
type runner struct {
	plan    *plan.Plan
	options Options
	tokens  chan int // the workers that are free: who holds one may compute
	storing *semaphore.Weighted
	secrets *screen.Secrets

	mu         sync.Mutex
	changed    *sync.Cond
	outcomes   []Outcome
	waiting    []int32   // how many dependencies are not done, by node
	dependents [][]int32 // by node; only of what is not cached
	ready      readyQueue
	pool       pool
	pooled     bool                // some instance needs other than a worker: the pool is kept
	granting   bool                // some instance of the plan needs GPUs
	open       int                 // nodes not done
	roots      map[int]string      // by node that failed or was skipped: what failed
	parked     map[int]*parkedNode // whose key another had: see park
	watching   context.CancelFunc  // ends the watch over them; nil if there is none
	watch      sync.WaitGroup
	letGo      context.CancelCauseFunc // ends what is computed elsewhere; nil if nothing is
	stopped    error                   // why nothing more is begun
	fatal      error
	spent      []artifacts.Digest // keys of kept outputs that were read well

	events sync.Mutex

	decoded *decodedCache

	own sync.Map // keys that this run computes: instances may share one
}

// prepare finds what is ready and who waits for whom.
func (r *runner) prepare() {
	nodes := r.plan.Nodes
	r.waiting = make([]int32, len(nodes))
	r.dependents = make([][]int32, len(nodes))
	r.ready = newReadyQueue(func(id int32) room { return needOf(nodes[id].Resources, r.pool.all) })
	var ready []int32
	for i := range nodes {
		n := &nodes[i]
		switch {
		case !n.Selected:
			continue
		case n.Status == plan.Cached:
			r.granting = r.granting || n.Resources != nil && n.Resources.GPUs > 0
			r.outcomes[i].Status = Cached
			continue
		}
		r.granting = r.granting || n.Resources != nil && n.Resources.GPUs > 0
		r.pooled = r.pooled || !r.away(i) && r.ready.need(int32(i)) != usual
		r.open++
		r.plan.Begin(n)
		for _, d := range n.Deps {
			if _, later := slices.BinarySearch(n.Beyond, d); nodes[d].Status != plan.Cached && !later {
				r.waiting[i]++
				r.dependents[d] = append(r.dependents[d], int32(i))
			}
		}
		switch {
		case r.waiting[i] > 0:
		case r.away(i):
			r.options.Elsewhere.Ready(i)
		default:
			ready = append(ready, int32(i))
		}
	}
	r.ready.rank = plan.Tails(r.dependents, r.estimates())
	for _, id := range ready {
		r.ready.push(id)
	}
}

// work takes ready nodes, those first that most work waits for, until none is left or the run is stopped.
func (r *runner) work(ctx context.Context) {
	for {
		worker := <-r.tokens
		id, need, slots, ok := r.next()
		if !ok {
			r.tokens <- worker
			return
		}
		n := &r.plan.Nodes[id]
		free := sync.OnceFunc(func() {
			r.release(need, slots)
			r.tokens <- worker
		})
		job := &job{runner: r, id: id, worker: worker, node: n, gpus: slots, computed: free}
		outcome, owner := job.do(ctx)
		if owner != "" {
			r.park(ctx, id, worker, owner)
			free()
			continue
		}
		outcome.Err = masked(r.hide, outcome.Err)
		outcome.Elapsed, outcome.Used = job.own.elapsed(), job.used
		r.emit(Event{Type: Finished, Node: id, Worker: worker, Outcome: outcome}) // before what waits for it begins
		r.finish(id, outcome)
		free()
	}
}

// next waits for a node to begin, and takes what it needs; it is false if there is none to come.
func (r *runner) next() (id int, need room, slots []int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.open > 0 && r.stopped == nil {
		if id, need, ok = r.ready.pop(r.pool.free); ok {
			if !r.fits(id) {
				r.stop(ErrDeadline)
				break
			}
			if r.pooled {
				slots = r.pool.take(need)
			}
			return id, need, slots, true
		}
		r.changed.Wait()
	}
	return 0, room{}, nil, false
}

// release gives back what an instance took.
func (r *runner) release(need room, slots []int) {
	if !r.pooled {
		return // it was a worker
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pool.put(need, slots)
	r.changed.Broadcast()
}

// finish records how a node ended, and frees or skips what waits for it.
func (r *runner) finish(id int, outcome Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.changed.Broadcast()
	r.outcomes[id] = outcome
	r.closed(id)
	r.twins(id)
	if outcome.Status == Computed || outcome.Status == Cached {
		for _, d := range r.dependents[id] {
			r.settled(int(d))
		}
		return
	}
	if outcome.Status == Failed {
		r.roots[id] = r.plan.Nodes[id].Address()
		r.passOn(id)
		if r.options.FailFast {
			r.stop(fmt.Errorf("stopped after %s failed", r.plan.Nodes[id].Address()))
		}
	}
	if errors.Is(outcome.Err, artifacts.ErrFull) || errors.Is(outcome.Err, artifacts.ErrReadOnly) {
		r.fatal = outcome.Err
		r.stop(outcome.Err)
	}
}

// settled notes that one more of a node's dependencies is done with. After the last, the node is ready, unless
// it cannot do without those that failed.
func (r *runner) settled(id int) {
	if r.waiting[id]--; r.waiting[id] > 0 || r.outcomes[id].Status != "" {
		return
	}
	n := &r.plan.Nodes[id]
	var failed []int32
	for _, d := range n.Deps {
		if s := r.outcomes[d].Status; s == Failed || s == Skipped {
			failed = append(failed, d)
		}
	}
	if err := r.plan.DoWithout(n, failed); err != nil {
		r.skip(id, err, r.roots[int(failed[0])])
		return
	}
	r.makeReady(id)
}

// passOn tells those that wait for a node, which failed or was skipped, that it gives nothing.
func (r *runner) passOn(id int) {
	root := r.roots[id]
	for _, d := range r.dependents[id] {
		switch {
		case r.outcomes[d].Status != "":
		case r.plan.Spares(&r.plan.Nodes[d], id):
			r.settled(int(d))
		default:
			r.skip(int(d), fmt.Errorf("needs %s, which failed", root), root)
		}
	}
}

// skip keeps back a node, and what depends on it, for the failure of root.
func (r *runner) skip(id int, why error, root string) {
	r.outcomes[id] = Outcome{Status: Skipped, Err: why}
	r.closed(id)
	r.roots[id] = root
	r.passOn(id)
}

// closed counts a node as done with.
func (r *runner) closed(id int) {
	r.open--
	if r.away(id) {
		r.options.Elsewhere.Ended(id)
	}
}

// stop begins nothing more.
func (r *runner) stop(why error) {
	if r.stopped == nil {
		r.stopped = why
	}
	if r.letGo != nil {
		r.letGo(why)
	}
	r.changed.Broadcast()
}

// settle marks what was not begun.
func (r *runner) settle() {
	for i := range r.outcomes {
		if r.plan.Nodes[i].Selected && r.outcomes[i].Status == "" {
			r.outcomes[i] = Outcome{Status: Canceled, Err: r.stopped}
		}
	}
}

func (r *runner) emit(e Event) {
	r.events.Lock()
	defer r.events.Unlock()
	r.options.Events(e)
}
