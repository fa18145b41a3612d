package engine

import (
	"context"
	"errors"

	"spurion/artifacts"
)

// A Result is a finished run: Outcomes is parallel to the plan's Nodes; instances that were not selected
// have no status.
type Result struct {
	Outcomes []Outcome
	// Fatal is the error that ended the whole run, such as a full disk.
	Fatal error

	runner *runner
}

// Short reports whether the run began not all, since its time was over.
func (res *Result) Short() bool { return errors.Is(res.runner.stopped, ErrDeadline) }

// Counts says how instances ended.
type Counts struct {
	Cached   int `json:"cached"`
	Computed int `json:"computed"`
	Failed   int `json:"failed"`
	Skipped  int `json:"skipped"`
	Canceled int `json:"canceled"`
}

// Add counts one more; one without a status counts nothing.
func (c *Counts) Add(s Status) {
	switch s {
	case Cached:
		c.Cached++
	case Computed:
		c.Computed++
	case Failed:
		c.Failed++
	case Skipped:
		c.Skipped++
	case Canceled:
		c.Canceled++
	}
}

// Counts says how the selected instances ended.
func (res *Result) Counts() Counts {
	var c Counts
	for _, o := range res.Outcomes {
		c.Add(o.Status)
	}
	return c
}

// Reader reads results by their digests, in hexadecimal. What is found damaged or missing is computed again, if
// it is of an instance in the run's plan.
func (res *Result) Reader(ctx context.Context) func(digest string) ([]byte, error) {
	return func(digest string) ([]byte, error) {
		d, err := artifacts.ParseDigest(digest)
		if err != nil {
			return nil, err
		}
		data, err := res.runner.options.Store.Blob(d)
		if err == nil {
			return data, nil
		}
		nodes := res.runner.plan.Nodes
		for i := range nodes {
			for k := range nodes[i].Outputs {
				if o := &nodes[i].Outputs[k]; artifacts.Digest(o.Digest) == d {
					return res.runner.blob(ctx, &nodes[i], o)
				}
			}
		}
		return nil, err
	}
}
