package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/plan"
	"spurion/pipeline/program"
	"spurion/stages"
)

// A job is one node being brought up to date by one worker.
type job struct {
	runner *runner
	id     int
	worker int
	node   *plan.Node
	gpus   []int // numbers of the slots that it has
	// computed lets the worker go on to another node while this one's results are being stored.
	computed func()
	ran      *ran // the external program of the kind's last call, if it ran one
	programs ranPrograms
	left     left
	note     string // about what it wrote
	own      stopwatch
	used     program.Usage // by its programs
	// unreadable says that something in the store is in the way of the result.
	unreadable bool
	repairing  bool
}

// A heldError says that another has the node's key, and will store its result.
type heldError struct{ owner string }

func (e *heldError) Error() string { return "computed by " + e.owner }

// do finds the node's result in the store or computes it. If another is about to compute it, owner says who; then
// there is no outcome yet.
func (j *job) do(ctx context.Context) (outcome Outcome, owner string) {
	note, cached, err := j.update(ctx)
	var held *heldError
	if errors.As(err, &held) {
		return Outcome{}, held.owner
	}
	outcome = ended(ctx, note, cached, err)
	outcome.Continued = j.continued()
	return outcome, ""
}

func ended(ctx context.Context, note string, cached bool, err error) Outcome {
	switch {
	case err == nil && cached:
		return Outcome{Status: Cached, Note: note}
	case err == nil:
		return Outcome{Status: Computed, Note: note}
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		return Outcome{Status: Canceled, Err: err}
	}
	return Outcome{Status: Failed, Err: err}
}

// update makes the node's outputs known. The key is computed here from the inputs' contents, by the
// function that the plan used: a node that the plan had to leave open may turn out to be cached.
func (j *job) update(ctx context.Context) (note string, cached bool, err error) {
	n := j.node
	key, text, err := j.runner.plan.KeyText(n)
	if err != nil {
		return "", false, err
	}
	if n.Keyed && n.Key != key {
		note = "its key is not the one planned"
	}
	n.Key, n.Keyed = key, true
	// The plan has just looked for what must run, and the lock is taken before the next look.
	if n.Status != plan.MustRun {
		if outputs, err := j.lookup(key); outputs != nil || err != nil {
			n.Outputs = outputs
			return note, err == nil, err
		}
	}
	unlock, owner, err := j.runner.options.Store.TryLock(artifacts.Digest(key))
	if err != nil {
		return "", false, err
	}
	if unlock == nil {
		return "", false, &heldError{owner}
	}
	defer unlock()
	if outputs, err := j.lookup(key); outputs != nil || err != nil {
		n.Outputs = outputs
		if j.shared(key) {
			return note, err == nil, err
		}
		return "another run has stored it meanwhile", err == nil, err
	}
	if j.unreadable {
		if err := j.runner.options.Store.MakeRoom(artifacts.Digest(key)); err != nil {
			return "", false, err
		}
	}
	j.runner.own.Store(key, true)
	j.lookBack(text)
	if n.Status == plan.Blocked || n.Continues != n.Reason.Continues {
		n.Reason = j.runner.plan.Explain(n, j.runner.options.Cache)
	}
	j.runner.emit(Event{Type: Started, Node: j.id, Worker: j.worker})
	n.Outputs, err = j.compute(ctx, key, text)
	if err == nil && j.readWell() {
		note = "its program had run before, and what it wrote then was read"
	}
	if note == "" {
		note = cmp.Or(j.note, j.continuedNote(err))
	}
	if errors.Is(err, artifacts.ErrConflict) && !n.Forced {
		if outputs, lookupErr := j.lookup(key); lookupErr == nil && outputs != nil {
			n.Outputs = outputs
			return "another run stored other bytes for it, and these are kept: the same settings do not always give the same", false, nil
		}
	}
	return note, false, err
}

// shared reports whether an instance with the same key, of another stage or by another name of the same
// settings, is computed by this very run: finding its result is what was planned.
func (j *job) shared(key plan.Digest) bool {
	_, own := j.runner.own.Load(key)
	return own
}

// lookup gives the stored outputs, or nil if they must be computed.
func (j *job) lookup(key plan.Digest) ([]plan.Output, error) {
	if j.node.Forced {
		return nil, nil
	}
	outputs, err := j.runner.options.Cache.Lookup(key)
	if errors.Is(err, plan.ErrMiss) {
		var miss *artifacts.MissError
		j.unreadable = errors.As(err, &miss) && miss.Reason == artifacts.Unreadable
		return nil, nil
	}
	return outputs, err
}

// compute runs the kind and publishes what it wrote, unless an external input has changed meanwhile.
func (j *job) compute(ctx context.Context, key plan.Digest, text string) ([]plan.Output, error) {
	started := time.Now()
	j.own.start()
	c, err := j.call(ctx)
	j.own.stop()
	if err == nil {
		j.note = c.leakNote()
	}
	m := &artifacts.Manifest{
		Key: artifacts.Digest(key), Text: text,
		Kind: j.node.Stage.Kind.Name, Version: j.node.Stage.Kind.Version,
		Address: j.node.Address(), Spec: j.runner.options.Spec,
		Created: started.UTC(), Seconds: j.own.elapsed().Seconds(),
	}
	m.Program = j.runner.program(j.node.Stage.Kind)
	if err = j.endPrograms(ctx, err); err != nil {
		j.leave(m, nil) // it was stopped, and is to go on from there
		return nil, err
	}
	if err := j.recheck(ctx); err != nil {
		return nil, err
	}
	defer j.runner.enter(c.bytes())()
	j.computed()
	outputs, err := j.store(m, c)
	if errors.Is(err, artifacts.ErrMissing) { // what was put is gone: this process stood still, and was taken for dead
		outputs, err = j.store(m, c)
	}
	if err == nil {
		j.leave(m, c)
	}
	return outputs, err
}

// program names what computes a kind.
func (r *runner) program(k *stages.Kind) string {
	if r.options.Program == nil {
		return ""
	}
	return r.options.Program(k)
}

// store stores what the kind wrote.
func (j *job) store(m *artifacts.Manifest, c *call) ([]plan.Output, error) {
	m.Outputs = nil
	var data [][]byte
	for _, w := range c.inOrder() {
		m.Outputs = append(m.Outputs, artifacts.Output{Name: w.name, Rows: w.rows, Extension: w.extension})
		data = append(data, w.data)
	}
	if err := j.runner.options.Store.Save(m, data); err != nil {
		var conflict *artifacts.ConflictError
		if errors.As(err, &conflict) {
			return nil, j.conflict(m, err)
		}
		return nil, fmt.Errorf("store: %w", err)
	}
	outputs := make([]plan.Output, len(m.Outputs))
	for i, o := range m.Outputs {
		outputs[i] = plan.Output{Name: o.Name, Digest: plan.Digest(o.Digest), Size: o.Size, Rows: o.Rows, Extension: o.Extension}
	}
	return outputs, nil
}

// conflict says why equal keys have other bytes: the kind was changed without its version, or it gives not always
// the same.
func (j *job) conflict(m *artifacts.Manifest, err error) error {
	if old, gerr := j.runner.options.Store.Get(m.Key); gerr == nil && old.Program != m.Program {
		return fmt.Errorf("computed again, it gives other bytes than those stored, which other code of the same version computed (%s, now %s): raise the Version of kind %q or of the part that changed, or evict what is stored: %w",
			old.Program, m.Program, m.Kind, err)
	}
	return fmt.Errorf("computed again, it gives other bytes than those stored, so kind %q is not deterministic: %w", m.Kind, err)
}

// blob reads an output, verified. What is found damaged or missing is computed again, with
// everything upstream that this needs.
func (r *runner) blob(ctx context.Context, n *plan.Node, out *plan.Output) ([]byte, error) {
	data, err := r.options.Store.Blob(artifacts.Digest(out.Digest))
	if !errors.Is(err, artifacts.ErrDamaged) && !errors.Is(err, artifacts.ErrMissing) {
		return data, err
	}
	if rerr := r.repair(ctx, n, out.Digest); rerr != nil {
		return nil, fmt.Errorf("%w; and computing it again failed: %w", err, rerr)
	}
	return r.options.Store.Blob(artifacts.Digest(out.Digest))
}

// repair computes a node again whose output is damaged, unless another worker has just done so. Locks
// are taken from downstream to upstream, so workers and processes cannot wait for each other in a circle.
func (r *runner) repair(ctx context.Context, n *plan.Node, want plan.Digest) error {
	unlock, err := r.options.Store.Lock(ctx, artifacts.Digest(n.Key), func(string) {})
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := r.options.Cache.Lookup(n.Key); err == nil {
		return nil
	}
	key, text, err := r.plan.KeyText(n)
	if err != nil {
		return err
	}
	j := &job{runner: r, id: r.plan.ID(n), node: n, computed: func() {}, repairing: true}
	outputs, err := j.compute(ctx, key, text)
	if err != nil {
		return err
	}
	for _, o := range outputs {
		if o.Digest == want {
			return nil
		}
	}
	return fmt.Errorf("computed again, %s does not give the bytes that were recorded", n.Address())
}
