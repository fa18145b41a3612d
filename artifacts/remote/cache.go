package remote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"spurion/artifacts"
)

// mostAsked is for how many keys a remote store is asked one by one. A list of all takes 256 requests, and more of a larger store.
const mostAsked = 2000

// A Cache shows the results of a remote store as if they were in a local one, and keeps there what it has fetched if that may be
// written. If the remote store fails, it tells so once and has nothing more.
type Cache struct {
	remote *Remote
	local  *artifacts.Store // nil: there is none
	ctx    context.Context
	tell   func(error)

	listing sync.Mutex // held while all keys are being listed

	mu      sync.Mutex
	found   map[artifacts.Digest]*artifacts.Manifest // of what is not kept yet
	absent  map[artifacts.Digest]bool
	listed  map[artifacts.Digest]bool // all keys there were; nil: nobody has asked
	noList  bool
	asked   int
	sources map[artifacts.Digest]source // of blobs
	down    error
	fetched int

	unkept sync.Once // tells that nothing can be kept
}

// A source says where a blob is to be had.
type source struct {
	output    artifacts.Output
	manifests []*artifacts.Manifest // of those that are not kept yet
	inline    bool                  // it is a part of the first one's object
}

// NewCache shows the results of a remote store. The requests end with the context. tell is told, once, of each thing that
// is wrong.
func NewCache(ctx context.Context, r *Remote, local *artifacts.Store, tell func(error)) *Cache {
	return &Cache{
		remote: r, local: local, ctx: ctx, tell: tell,
		found: map[artifacts.Digest]*artifacts.Manifest{}, absent: map[artifacts.Digest]bool{}, sources: map[artifacts.Digest]source{},
	}
}

// Fetched gives how many results came from there.
func (c *Cache) Fetched() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fetched
}

// Down gives why the remote store is not asked any more; nil if it is.
func (c *Cache) Down() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.down
}

// Expect fetches results that are about to be looked for, many at a time. They are not in the local store.
func (c *Cache) Expect(ctx context.Context, keys []artifacts.Digest) error {
	c.list(ctx, len(keys))
	return together(ctx, len(keys), func(ctx context.Context, i int) error {
		c.find(ctx, keys[i])
		return ctx.Err()
	})
}

// list lists all keys if so many more requests would be too many.
func (c *Cache) list(ctx context.Context, more int) {
	c.listing.Lock()
	defer c.listing.Unlock()
	c.mu.Lock()
	enough := c.asked+more <= mostAsked || c.listed != nil || c.noList || c.down != nil || c.remote.Empty()
	c.mu.Unlock()
	if enough {
		return
	}
	keys, err := c.remote.Keys(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil { // then they are asked for one by one, which says what is wrong if that fails, too
		c.noList = true
		return
	}
	c.listed = keys
}

// Find gives the manifest of a result that is there, or nil. It is called for what is not in the local store.
func (c *Cache) Find(key artifacts.Digest) *artifacts.Manifest { return c.find(c.ctx, key) }

func (c *Cache) find(ctx context.Context, key artifacts.Digest) *artifacts.Manifest {
	c.mu.Lock()
	m := c.found[key]
	skip := m != nil || c.absent[key] || c.down != nil || c.remote.Empty() || c.listed != nil && !c.listed[key]
	if !skip {
		c.asked++
	}
	many := c.asked > mostAsked
	c.mu.Unlock()
	if skip {
		return m
	}
	if many {
		c.list(ctx, 0)
		c.mu.Lock()
		gone := c.listed != nil && !c.listed[key]
		c.mu.Unlock()
		if gone {
			return nil
		}
	}
	p, err := c.remote.Result(ctx, key)
	if err != nil {
		c.fail(ctx, err)
		c.mu.Lock()
		c.absent[key] = true
		c.mu.Unlock()
		return nil
	}
	return c.take(key, p)
}

// take keeps a result as far as it came, and remembers where the rest is.
func (c *Cache) take(key artifacts.Digest, p *artifacts.Parcel) *artifacts.Manifest {
	kept := false
	if p.Data != nil && c.local != nil && !c.local.ReadOnly() {
		err := c.local.Save(p.Manifest, p.Data)
		if errors.Is(err, artifacts.ErrConflict) { // another has stored its own meanwhile
			if own, err := c.local.Get(key); err == nil {
				return own
			}
		}
		if kept = err == nil; !kept {
			c.cannotKeep(err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fetched++
	if kept {
		return p.Manifest
	}
	c.found[key] = p.Manifest
	for _, o := range p.Manifest.Outputs {
		s := c.sources[o.Digest]
		if s.manifests == nil {
			s = source{output: o, inline: p.Data != nil}
		}
		s.manifests = append(s.manifests, p.Manifest)
		c.sources[o.Digest] = s
	}
	return p.Manifest
}

// cannotKeep says, of the first result, why it is not in the local store.
func (c *Cache) cannotKeep(err error) {
	c.unkept.Do(func() { c.tell(fmt.Errorf("what comes from %s is not kept: %w", c.remote.Name(), err)) })
}

// Complete fetches what the local store lacks of all results that were found, so that it has them without a network.
func (c *Cache) Complete(ctx context.Context) error {
	c.mu.Lock()
	var left []artifacts.Digest
	for d, s := range c.sources {
		if slices.ContainsFunc(s.manifests, func(m *artifacts.Manifest) bool { return c.found[m.Key] != nil }) {
			left = append(left, d)
		}
	}
	c.mu.Unlock()
	const few = 8 // they are large
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(few)
	for _, d := range left {
		group.Go(func() error {
			c.Blob(d)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return c.Down()
}

// Incomplete gives how many results were found of which something is only there.
func (c *Cache) Incomplete() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.found)
}

// Blob fetches an output of a result that was found.
func (c *Cache) Blob(d artifacts.Digest) ([]byte, bool) {
	c.mu.Lock()
	s, ok := c.sources[d]
	down := c.down != nil
	c.mu.Unlock()
	if !ok || down {
		return nil, false
	}
	data, err := c.fetch(s)
	if err != nil {
		if errors.Is(err, ErrMissing) || errors.Is(err, ErrDenied) {
			c.tell(fmt.Errorf("%s lacks outputs of results that it has: a run computes them", c.remote.Name()))
		}
		c.fail(c.ctx, err)
		c.lose(s)
		return nil, false
	}
	if c.local != nil && !c.local.ReadOnly() {
		if _, err := c.local.Put(data); err != nil {
			c.cannotKeep(err)
			return data, true
		}
		for _, m := range s.manifests {
			if c.local.Publish(m) == nil { // it is whole
				c.mu.Lock()
				delete(c.found, m.Key)
				c.mu.Unlock()
			}
		}
	}
	return data, true
}

func (c *Cache) fetch(s source) ([]byte, error) {
	if !s.inline {
		return c.remote.Blob(c.ctx, s.output)
	}
	p, err := c.remote.Result(c.ctx, s.manifests[0].Key)
	if err != nil {
		return nil, err
	}
	for i := range p.Data {
		if p.Manifest.Outputs[i].Digest == s.output.Digest {
			return p.Data[i], nil
		}
	}
	return nil, &Error{ErrMissing, "the result is another one now"}
}

// lose makes results absent that lack a blob, so that they are computed.
func (c *Cache) lose(s source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range s.manifests {
		delete(c.found, m.Key)
		c.absent[m.Key] = true
	}
	delete(c.sources, s.output.Digest)
}

// fail notes what went wrong: damage concerns one object, and what is not there nobody; anything else ends the use of the remote store.
func (c *Cache) fail(ctx context.Context, err error) {
	var damage *DamageError
	switch {
	case errors.Is(err, ErrMissing), errors.Is(err, ErrDenied), ctx.Err() != nil:
		return
	case errors.As(err, &damage):
		c.tell(fmt.Errorf("%w. It is not used; what a run computes in its place is put there, if that may be written", err))
		return
	}
	c.mu.Lock()
	first := c.down == nil
	if first {
		c.down = err
	}
	c.mu.Unlock()
	if first {
		c.tell(Unavailable(c.remote.Name(), err))
	}
}

// Unavailable says that work goes on without a remote store.
func Unavailable(name string, err error) error {
	stop := "."
	if strings.HasSuffix(err.Error(), "?") {
		stop = ""
	}
	return fmt.Errorf("the remote store %s is not used: %w%s This goes on with the local store alone; spurion cache push brings the results there later", name, err, stop)
}
