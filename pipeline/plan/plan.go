// Package plan turns a spec into a graph of instances, gives each its action key, and says which
// are cached, which must run and why, and which wait to know. A Plan is a value that can be
// printed; nothing here writes. The executor resolves instances through the same functions, so
// that a run does what the plan said.
package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"spurion/pipeline/spec"
	"spurion/stages"
)

// A Digest is a SHA-256.
type Digest [sha256.Size]byte

// String gives the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// An Output is one stored result of an instance.
type Output struct {
	Name      string
	Digest    Digest
	Size      int64
	Rows      int64 // -1 for raw files
	Extension string
}

// ErrMiss is the cause of every error of Cache.Lookup that means "compute it".
var ErrMiss = errors.New("not in the store")

// A Cache answers for a store, without changing it.
type Cache interface {
	// Lookup gives the outputs kept under a key. A miss wraps ErrMiss and says why.
	Lookup(key Digest) ([]Output, error)
	// Text gives the preimage of a key whose entry is in the store.
	Text(key Digest) (text string, ok bool)
	// Previous gives what became of an address in the last run of this spec that had it.
	Previous(address string) (p Previous, ok bool)
	// Left gives what a run left in a slot of a thread, by the slot's key.
	Left(key Digest) (l *Left, ok bool)
}

// An Expecter is a Cache that may be faster when it is told what will be looked up next. It calls for the keys only if so.
type Expecter interface {
	Expect(ctx context.Context, keys func() ([]Digest, error)) error
}

// A Previous is what became of an address in an earlier run.
type Previous struct {
	Key    Digest // zero if it was never known
	Status string // "cached", "computed", "failed", "skipped", "canceled", "later"
	Error  string // of those that went wrong
}

// External reads what is outside of the graph: files of the project, environment variables.
type External interface {
	File(path string) (Digest, error)
	Variable(name string) (Digest, error)
}

// A Status says what a run would do with an instance.
type Status uint8

// The states of a plan. Blocked instances wait for results that are not known yet: whether they
// run is decided when their inputs are there (early cutoff).
const (
	Unknown Status = iota
	Cached
	MustRun
	Blocked
)

// String gives "cached", "run" or "blocked".
func (s Status) String() string {
	return [...]string{"unknown", "cached", "run", "blocked"}[s]
}

// A Node is one instance in the graph.
type Node struct {
	Stage *spec.Stage
	Index int // of the instance in its stage
	// Deps are the nodes it reads or waits for, ascending and distinct.
	Deps []int32

	Selected bool // asked for, or needed by something that is
	Forced   bool
	Status   Status
	Key      Digest // if Keyed
	Keyed    bool
	Outputs  []Output // if Cached (or, in a run, once done), or if the last run made them without what failed
	Reason   Reason   // unless Cached
	// Continues says which earlier run it goes on from when it runs; nil if from none, or before LookBack.
	Continues *Continues

	// Resources are what it needs of a machine, by its stage and Options.Resources; nil if nothing is said. Nodes may share them.
	Resources *stages.Resources

	// Absent are the Deps that failed and that it does without, ascending; nil for most. Lacks says what is missing
	// in all that it is made of. They are known when its Outputs are.
	Absent []int32
	Lacks  []stages.Lack
	// Later says that the plan leaves the node for a later run, which is then not Selected, or that the last run did. Beyond are the Deps of
	// that kind that it does without, ascending; Short says how much of all that it is made of there is. They are in no key.
	Later  bool
	Beyond []int32
	Short  []Shortage
	// KeptBack says why it cannot do without what failed, though its stage has allow_failed; empty for most.
	KeptBack string

	down bool // it failed in the last run, or waits for what did
}

// Address gives the node's address.
func (n *Node) Address() string { return n.Stage.Address(n.Index) }

// Instance gives the node's instance.
func (n *Node) Instance() *spec.Instance { return &n.Stage.Instances[n.Index] }

// Output gives the output with the name, or nil.
func (n *Node) Output(name string) *Output {
	for i := range n.Outputs {
		if n.Outputs[i].Name == name {
			return &n.Outputs[i]
		}
	}
	return nil
}

// A Plan is the graph of a spec with the state of every selected instance.
type Plan struct {
	Spec *spec.Spec
	// Nodes are in an order in which each comes after its Deps; the instances of a stage are
	// together, in their own order.
	Nodes []Node
	// Order lists the stages as they stand in Nodes.
	Order []*spec.Stage

	first    map[*spec.Stage]int32
	external External
	program  func(*stages.Kind) string
	assumed  sync.Map    // Digest -> text, of keys that are those of the last run: see asLast
	spares   bool        // some stage does without what fails
	left     atomic.Bool // the last run left some node for a later one
}

// Options say what to plan.
type Options struct {
	Targets []Pattern // instances asked for; none stands for all
	Force   []Pattern // instances to run even if they are cached
	// Resources say what instances need of a machine, where it is not what their stages say.
	Resources []Override
	Cache     Cache
	External  External
	// Program names what computes a kind, by name and version, as it is recorded with results; nil for nothing.
	Program func(*stages.Kind) string
}

// New plans a spec. It fails if a pattern matches nothing, if an external input cannot be read, or if
// the context ends.
func New(ctx context.Context, s *spec.Spec, o Options) (*Plan, error) {
	p, err := Lay(s, o.Targets)
	if err != nil {
		return nil, err
	}
	p.external, p.program = until{ctx, o.External}, o.Program
	if err := p.force(o.Force); err != nil {
		return nil, err
	}
	if err := p.override(o.Resources); err != nil {
		return nil, err
	}
	for _, st := range p.Order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if x, ok := o.Cache.(Expecter); ok {
			if err := x.Expect(ctx, func() ([]Digest, error) { return p.expected(st) }); err != nil {
				return nil, err
			}
		}
		if err := p.resolveStage(st, o.Cache); err != nil {
			return nil, err
		}
	}
	p.explainAll(o.Cache)
	p.external = o.External // a run has a context of its own
	return p, nil
}

// An until reads what is outside of the graph until a context ends: an instance may have a million files.
type until struct {
	ctx context.Context
	External
}

func (u until) File(path string) (Digest, error) {
	if err := u.ctx.Err(); err != nil {
		return Digest{}, err
	}
	return u.External.File(path)
}

// resolveStage finds the state of every selected instance of a stage, on all processors: no instance
// depends on another of its own stage.
func (p *Plan) resolveStage(st *spec.Stage, c Cache) error {
	base, count := int(p.first[st]), len(st.Instances)
	const chunk = 64
	var (
		wg   sync.WaitGroup
		errs = make([]error, (count+chunk-1)/chunk)
		work = make(chan int, len(errs))
	)
	for i := range errs {
		work <- i
	}
	close(work)
	for range min(runtime.GOMAXPROCS(0), len(errs)) {
		wg.Go(func() {
			var text []byte
			for i := range work {
				for j := base + i*chunk; j < base+min((i+1)*chunk, count) && errs[i] == nil; j++ {
					text, errs[i] = p.resolve(&p.Nodes[j], c, text[:0])
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// expected gives the keys of a stage's instances that resolveStage will look up, as far as they are known.
func (p *Plan) expected(st *spec.Stage) ([]Digest, error) {
	var keys []Digest
	var text []byte
	for i := range st.Instances {
		n := p.Node(st, i)
		if !n.Selected || n.Forced || slices.ContainsFunc(n.Deps, func(d int32) bool { return p.Nodes[d].Status != Cached }) {
			continue
		}
		var err error
		if text, err = p.appendKeyText(text[:0], n); err != nil {
			return nil, err
		}
		if _, unread := p.Unread(n); !unread {
			keys = append(keys, hash(text))
		}
	}
	return keys, nil
}

// resolve sets a node's key and state. buf is scratch for the key's text.
func (p *Plan) resolve(n *Node, c Cache, buf []byte) ([]byte, error) {
	if !n.Selected {
		return buf, nil
	}
	for _, d := range n.Deps {
		if p.Nodes[d].Status != Cached && !p.cutOff(d) {
			n.Status = Blocked
			if (p.spares || p.left.Load()) && !n.Forced {
				return p.hold(n, c, buf)
			}
			return buf, nil
		}
	}
	text, err := p.appendKeyText(buf, n)
	if err != nil {
		return buf, err
	}
	if u, ok := p.Unread(n); ok {
		return text, p.asLast(n, u, string(text), c)
	}
	n.Key, n.Keyed = hash(text), true
	if n.Forced {
		n.Status, n.Reason = MustRun, Reason{Code: ReasonForced, Text: "forced"}
		return text, nil
	}
	outputs, err := c.Lookup(n.Key)
	switch {
	case err == nil:
		n.Status, n.Outputs = Cached, outputs
	case errors.Is(err, ErrMiss):
		n.Status, n.Reason = MustRun, Reason{Code: ReasonMissing, Text: err.Error()}
		n.down = p.spares && p.failedBefore(n, c)
		if n.Later = p.leftBefore(n, c); n.Later {
			p.left.Store(true)
		}
	default:
		return text, err
	}
	return text, nil
}

// KeyText gives the key of a node whose Deps all have their outputs, and the text that it hashes.
func (p *Plan) KeyText(n *Node) (Digest, string, error) {
	if len(p.Spec.Unread) > 0 {
		if text, ok := p.assumed.Load(n.Key); ok {
			return n.Key, text.(string), nil
		}
	}
	text, err := p.appendKeyText(nil, n)
	if err != nil {
		return Digest{}, "", err
	}
	return hash(text), string(text), nil
}

func hash(text []byte) Digest { return sha256.Sum256(text) }

// Node gives the node of an instance.
func (p *Plan) Node(st *spec.Stage, index int) *Node {
	return &p.Nodes[int(p.first[st])+index]
}

// ID gives the position of a node in Nodes.
func (p *Plan) ID(n *Node) int { return int(p.first[n.Stage]) + n.Index }

// Counts says how many selected instances are in each state.
type Counts struct {
	Cached  int `json:"cached"`
	Run     int `json:"run"`
	Blocked int `json:"blocked"`
}

// Counts counts the selected instances.
func (p *Plan) Counts() Counts {
	var c Counts
	for i := range p.Nodes {
		if !p.Nodes[i].Selected {
			continue
		}
		switch p.Nodes[i].Status {
		case Cached:
			c.Cached++
		case MustRun:
			c.Run++
		case Blocked:
			c.Blocked++
		}
	}
	return c
}

// File gives the digest that the plan took of an external file.
func (p *Plan) File(path string) (Digest, error) { return p.external.File(path) }
