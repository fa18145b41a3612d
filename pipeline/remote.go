package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/remote"
	"spurion/pipeline/lookup"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
)

// NoRemote in place of a remote store's URL stands for none, whatever the project's file says.
const NoRemote = "none"

// ErrRemote is the cause of errors about the URL of a remote store.
var ErrRemote = remote.ErrURL

// withRemote gives the config with the remote store that the project's file names, unless one is given.
func (c Config) withRemote() (Config, error) {
	if c.Remote == "" {
		p, diagnostics := spec.ReadProject(c.Root)
		if diagnostics.HasErrors() {
			return c, diagnostics
		}
		if c.Remote = p.Store; c.Remote == "" {
			return c, nil
		}
		if _, err := remote.Check(c.Remote); err != nil {
			return c, spec.Diagnostics{{Severity: spec.Error, Summary: "The store is no place for results", Detail: err.Error() + ".", Range: &p.Range, Err: err}}
		}
	}
	if c.Remote == NoRemote {
		c.Remote = ""
		return c, nil
	}
	_, err := remote.Check(c.Remote)
	return c, err
}

// A behind is the remote store of an experiment. It is opened when something is looked for that the local store does
// not have, so that whoever has all needs no network.
type behind struct {
	config Config
	local  *artifacts.Store
	ctx    context.Context
	cancel context.CancelFunc

	opening sync.Once
	remote  *remote.Remote               // nil: it cannot be used
	cache   atomic.Pointer[remote.Cache] // likewise
	err     error                        // that is the user's to mend first
}

// putBehind puts the configured remote store, if there is one, behind the local one.
func (e *Experiment) putBehind() {
	if e.config.Remote == "" {
		return
	}
	e.behind = &behind{config: e.config, local: e.store}
	e.behind.ctx, e.behind.cancel = context.WithCancel(context.Background())
	e.stored.SetBehind(e.behind)
	if e.store != nil {
		e.store.SetBehind(e.behind.Blob)
	}
}

// open opens the remote store, and says so once if that is not possible.
func (b *behind) open(ctx context.Context) error {
	b.opening.Do(func() {
		r, err := remote.Open(ctx, b.config.Remote)
		switch {
		case errors.Is(err, remote.ErrProgram), errors.Is(err, remote.ErrURL), ctx.Err() != nil:
			b.err = err
		case err != nil:
			b.config.warn(remote.Unavailable(b.config.Remote, err))
		default:
			b.remote = r
			b.cache.Store(remote.NewCache(b.ctx, r, b.local, b.config.warn))
			if r.Note() != "" {
				b.config.note(r.Note())
			}
			if r.Empty() {
				b.config.note(r.Name() + " is no remote store yet: the first push makes it")
			}
		}
	})
	return b.err
}

// warn tells of what is wrong and keeps nothing from going on.
func (c Config) warn(err error) {
	if c.Warn != nil {
		c.Warn(err)
	}
}

// Expect implements lookup.Behind.
func (b *behind) Expect(ctx context.Context, keys []artifacts.Digest) error {
	if err := b.open(ctx); err != nil || b.remote == nil {
		return err
	}
	return b.cache.Load().Expect(ctx, keys)
}

// Find implements lookup.Behind.
func (b *behind) Find(key artifacts.Digest) (*artifacts.Manifest, error) {
	if err := b.open(b.ctx); err != nil || b.remote == nil {
		return nil, err
	}
	return b.cache.Load().Find(key), nil
}

// Blob implements lookup.Behind.
func (b *behind) Blob(d artifacts.Digest) ([]byte, bool) {
	c := b.cache.Load()
	if c == nil {
		return nil, false
	}
	return c.Blob(d)
}

// close lets go of what was opened; b may be nil.
func (b *behind) close() error {
	if b == nil {
		return nil
	}
	b.cancel()
	if b.remote == nil {
		return nil
	}
	return b.remote.Close()
}

var _ lookup.Behind = (*behind)(nil)

// pusher begins to push what a run of a plan computes; nil if nothing is to be.
func (e *Experiment) pusher(ctx context.Context, p *plan.Plan) *remote.Pusher {
	if counts := p.Counts(); e.behind == nil || counts.Run+counts.Blocked == 0 {
		return nil
	}
	if err := e.behind.open(ctx); err != nil || e.behind.remote == nil || e.behind.cache.Load().Down() != nil {
		return nil
	}
	r := e.behind.remote
	if r.ReadOnly() || r.Published() {
		return nil
	}
	return remote.NewPusher(e.behind.ctx, r, e.store, e.config.warn)
}

// tellRemote says what a run took from the remote store, and put there.
func (e *Experiment) tellRemote(ctx context.Context, p *remote.Pusher) {
	if e.behind == nil || e.behind.remote == nil {
		return
	}
	name, took := e.behind.remote.Name(), e.behind.cache.Load().Fetched()
	var put remote.PushReport
	var err error
	if p != nil {
		put, err = p.End(ctx)
	}
	switch {
	case err != nil && put.Left > 0 && ctx.Err() == nil:
		e.config.note(fmt.Sprintf("not in %s: %s (%v); spurion cache push brings them there", name, someResults(put.Left), err))
	case put.Left > 0:
		e.config.note(fmt.Sprintf("not yet in %s: %s; spurion cache push brings them there", name, someResults(put.Left)))
	}
	if took+put.New+put.Repaired > 0 {
		e.config.note(fmt.Sprintf("%s: took %s, put %d there", name, someResults(took), put.New+put.Repaired))
	}
}

func someResults(n int) string {
	if n == 1 {
		return "1 result"
	}
	return fmt.Sprintf("%d results", n)
}

// A Transfer says what a push or a pull did.
type Transfer struct {
	Name        string // of the remote store
	Results     int    // brought to the other store
	There       int    // that it had already
	Repaired    int    // pushed in the place of damaged ones
	Left        int    // that could not be brought there
	Bytes       int64  // pushed
	NotComputed int    // instances that are in neither store
}

// errNoRemote says that there is nothing to push to or pull from.
var errNoRemote = fmt.Errorf("%w: none is named: give --remote URL, or write store = \"s3://BUCKET/PREFIX\" in %s", ErrRemote, spec.ProjectFile)

// Push brings the results of the instances that targets select, and of what they need, to the remote store.
func (e *Experiment) Push(ctx context.Context, targets []string) (t Transfer, err error) {
	if e.behind == nil {
		return t, errNoRemote
	}
	if e.store == nil {
		return t, ErrNoStore
	}
	e.stored.SetBehind(nil) // what is there needs not come here
	p, err := e.Plan(ctx, Selection{Targets: targets})
	if err != nil {
		return t, err
	}
	r, err := remote.Open(ctx, e.config.Remote)
	if err != nil {
		return t, err
	}
	defer r.Close()
	if r.ReadOnly() && r.Note() != "" {
		return t, &remote.Error{Cause: remote.ErrDenied, Text: r.Note()}
	}
	if err := r.MakeWritable(ctx); err != nil {
		return t, err
	}
	push := remote.NewPusher(ctx, r, e.store, e.config.warn)
	var keys []artifacts.Digest
	for i := range p.Nodes {
		switch n := &p.Nodes[i]; {
		case !n.Selected:
		case n.Status == plan.Cached:
			keys = append(keys, artifacts.Digest(n.Key))
		default:
			t.NotComputed++
		}
	}
	push.AddAll(keys)
	done, err := push.End(ctx)
	t.Name, t.Results, t.There, t.Repaired, t.Left, t.Bytes = r.Name(), done.New, done.There, done.Repaired, done.Left, done.Bytes
	return t, err
}

// Pull brings the results of the instances that targets select, and of what they need, to the local store, whole.
func (e *Experiment) Pull(ctx context.Context, targets []string) (t Transfer, err error) {
	if e.behind == nil {
		return t, errNoRemote
	}
	p, err := e.Plan(ctx, Selection{Targets: targets})
	if err != nil {
		return t, err
	}
	counts := p.Counts()
	t.NotComputed = counts.Run + counts.Blocked
	if e.behind.remote == nil { // all is here, or it has been told why not
		t.Name, t.There = e.config.Remote, counts.Cached
		return t, nil
	}
	err = e.behind.cache.Load().Complete(ctx)
	t.Name, t.Results, t.Left = e.behind.remote.Name(), e.behind.cache.Load().Fetched(), e.behind.cache.Load().Incomplete()
	t.There = counts.Cached - t.Results
	return t, err
}

// DefaultRemoteAge is how old a result is that the garbage collection of a remote store takes, unless told otherwise.
const DefaultRemoteAge = 90 * 24 * time.Hour

// CollectRemote lists what has been in the configured remote store for longer than minAge, and with remove removes it.
func CollectRemote(ctx context.Context, c Config, minAge time.Duration, remove bool) (*remote.Collection, string, error) {
	c, err := c.located().withRemote()
	if err == nil && c.Remote == "" {
		err = errNoRemote
	}
	if err != nil {
		return nil, "", err
	}
	r, err := remote.Open(ctx, c.Remote)
	if err != nil {
		return nil, "", err
	}
	defer r.Close()
	old, err := r.Old(ctx, minAge)
	if err == nil && remove {
		err = r.Remove(ctx, old)
	}
	return old, r.Name(), err
}
