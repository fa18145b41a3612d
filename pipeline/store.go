package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/plan"
)

// ErrNoStore is the cause of errors about a store that does not exist yet.
var ErrNoStore = errors.New("there is no store yet; it is made by the first run")

// A Store is the store of a project, for the commands that look after it.
type Store struct{ store *artifacts.Store }

// OpenStore opens the configured store; ErrNoStore if there is none. It needs no spec.
func OpenStore(c Config, access Access) (*Store, error) {
	c = c.located()
	store, err := openStore(c, ReadOnly)
	if err == nil && store == nil {
		err = fmt.Errorf("%s: %w", c.storeDir(), ErrNoStore)
	}
	if err != nil || access == ReadOnly {
		return &Store{store}, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	store, err = openStore(c, ReadWrite)
	return &Store{store}, err
}

// Close lets go of the store.
func (s *Store) Close() error { return s.store.Close() }

// Usage says what the store holds.
func (s *Store) Usage(ctx context.Context) (artifacts.Usage, error) { return s.store.Usage(ctx) }

// Verify checks everything in the store and sets aside what is damaged.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (artifacts.VerifyReport, error) {
	return s.store.Verify(ctx, progress)
}

// GC removes, or only reports, what no kept run refers to. It removes nothing while a run has something on a cluster, whose tasks may not have
// begun yet.
func (s *Store) GC(ctx context.Context, o artifacts.GCOptions) (artifacts.GCReport, error) {
	if o.Delete {
		list, err := AllOngoing(Config{Store: s.store.Dir()})
		if err != nil {
			return artifacts.GCReport{}, err
		}
		if len(list) > 0 {
			return artifacts.GCReport{}, fmt.Errorf("the run %s of %s is on %s: wait for its end, or end it with spurion cancel %[1]s", list[0].Run, list[0].Spec, list[0].On)
		}
	}
	return s.store.GC(ctx, o)
}

// Runs lists the recorded runs of a spec ("": of all), newest first.
func (s *Store) Runs(spec string) ([]artifacts.RunHeader, error) { return s.store.Runs(spec) }

// EvictKeys removes entries by their keys, in hexadecimal.
func (s *Store) EvictKeys(keys []string) (artifacts.EvictReport, error) {
	digests := make([]artifacts.Digest, len(keys))
	for i, k := range keys {
		var err error
		if digests[i], err = artifacts.ParseDigest(k); err != nil {
			return artifacts.EvictReport{}, err
		}
	}
	return s.store.Evict(digests...)
}

// Evict removes the entries of the instances that the targets name, not of what is upstream of them, and what runs of
// their threads left to go on from: they are computed from their beginning. What is not there is passed over.
func (e *Experiment) Evict(ctx context.Context, targets []string) (artifacts.EvictReport, error) {
	if len(targets) == 0 {
		return artifacts.EvictReport{}, errors.New("name the instances to evict")
	}
	p, nodes, err := e.named(ctx, targets...)
	if err != nil {
		return artifacts.EvictReport{}, err
	}
	var keys []artifacts.Digest
	for _, n := range nodes {
		if len(n.Outputs) > 0 {
			keys = append(keys, artifacts.Digest(n.Key))
		}
		keys = append(keys, e.left(p, n)...)
	}
	if len(keys) == 0 {
		return artifacts.EvictReport{}, nil
	}
	return e.store.Evict(keys...)
}

// left gives the keys of what runs of an instance's thread left.
func (e *Experiment) left(p *plan.Plan, n *plan.Node) (keys []artifacts.Digest) {
	if !n.Keyed {
		return nil
	}
	_, text, err := p.KeyText(n)
	if err != nil {
		return nil
	}
	slots, _, err := n.SlotKeys(text)
	if err != nil {
		return nil
	}
	for _, key := range slots {
		if _, err := e.store.Get(artifacts.Digest(key)); err == nil {
			keys = append(keys, artifacts.Digest(key))
		}
	}
	return keys
}

// DefaultKeepRuns is how many of each spec's newest runs GC keeps unless told otherwise.
const DefaultKeepRuns = 5

// GCDefaults are the options of a careful collection: it only reports.
func GCDefaults() artifacts.GCOptions {
	return artifacts.GCOptions{KeepRuns: DefaultKeepRuns, MinAge: time.Hour}
}
