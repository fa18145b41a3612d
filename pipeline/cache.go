package pipeline

import (
	"errors"
	"fmt"
	"sync"
	"unique"

	"spurion/artifacts"
	"spurion/pipeline/plan"
)

// A cache shows a store to the planner.
type cache struct {
	store *artifacts.Store // nil: empty
	spec  string

	once     sync.Once
	previous map[string]artifacts.Entry
}

// Lookup implements plan.Cache.
func (c *cache) Lookup(key plan.Digest) ([]plan.Output, error) {
	if c.store == nil {
		return nil, plan.ErrMiss
	}
	m, err := c.store.Get(artifacts.Digest(key))
	if errors.Is(err, artifacts.ErrMiss) {
		return nil, fmt.Errorf("%w: %w", plan.ErrMiss, err)
	}
	if err != nil {
		return nil, err
	}
	outputs := make([]plan.Output, len(m.Outputs))
	for i, o := range m.Outputs {
		// A manifest's strings are parts of one that holds all of it: kept here, they would keep it.
		outputs[i] = plan.Output{
			Name: unique.Make(o.Name).Value(), Digest: plan.Digest(o.Digest),
			Size: o.Size, Rows: o.Rows, Extension: unique.Make(o.Extension).Value(),
		}
	}
	return outputs, nil
}

// Text implements plan.Cache.
func (c *cache) Text(key plan.Digest) (string, bool) {
	if c.store == nil {
		return "", false
	}
	m, err := c.store.Get(artifacts.Digest(key))
	if err != nil {
		return "", false
	}
	return m.Text, true
}

// rememberedRuns is how many runs back an address is looked for: a run of some targets does not
// make the others forgotten.
const rememberedRuns = 10

// Previous implements plan.Cache.
func (c *cache) Previous(address string) (plan.Previous, bool) {
	c.once.Do(c.loadPrevious)
	e, ok := c.previous[address]
	return plan.Previous{Key: plan.Digest(e.Key), Status: e.Status, Error: e.Error}, ok
}

// loadPrevious reads the last runs of the spec. One that cannot be read only makes an explanation
// poorer, so it is passed over; the store has told of the damage.
func (c *cache) loadPrevious() {
	c.previous = map[string]artifacts.Entry{}
	if c.store == nil {
		return
	}
	headers, err := c.store.Runs(c.spec)
	if err != nil {
		return
	}
	for _, h := range headers[:min(len(headers), rememberedRuns)] {
		run, err := c.store.LoadRun(h.ID)
		if err != nil {
			continue
		}
		for _, e := range run.Entries {
			if _, newer := c.previous[e.Address]; !newer {
				c.previous[e.Address] = e
			}
		}
	}
}
