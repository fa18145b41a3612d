// Package calibrate tries the claims of a spec where they are false. Of each claim whose test goes by chance it has samples
// drawn under the claim's null hypothesis, at its bound, from what the store holds, and counts how often the test says
// "reproduced" of them. It computes nothing of the experiment, and writes nothing.
package calibrate

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/stages"
)

// Options say how to try claims.
type Options struct {
	Draws   int // samples of each claim
	Workers int // claims at a time
	// Read gives the bytes of an output by their digest, in hexadecimal.
	Read func(digest string) ([]byte, error)
	// Try is the registry's Calibrate.
	Try func(ctx context.Context, r *stages.Run, name string, n int, done func()) (*stages.Calibration, error)
	// Progress is told how many samples of all are done, from one goroutine at a time; it may be nil.
	Progress func(done, total int64)
}

// A Claim is one instance of a claim, tried.
type Claim struct {
	Address string `json:"address"`
	Stage   string `json:"-"` // the address of all instances
	Test    string `json:"test"`
	Units   int    `json:"n_units"` // independent ones in each sample
	// Untried says why there is no rate; empty if there is one.
	Untried string `json:"untried,omitempty"`
	Rate
}

// notCalibrated are the reasons of Untried.
const (
	notComputed = "its tables are not computed"
	noChance    = "its test is about the units at hand, and not by chance"
	noUnits     = "it has too few units to draw from"
)

// All tries the claims of a plan of a whole spec. The report depends on the store and Draws alone. The error is that of the context, or of the first
// claim, in the spec's order, that could not be tried.
func All(ctx context.Context, p *plan.Plan, o Options) (*Report, error) {
	var nodes []*plan.Node
	for i := range p.Nodes {
		if n := &p.Nodes[i]; n.Stage.Claim != nil {
			nodes = append(nodes, n)
		}
	}
	claims := make([]Claim, len(nodes))
	errs := make([]error, len(nodes))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	count := o.counter(int64(len(nodes)) * int64(o.Draws))
	next := make(chan int)
	var wait sync.WaitGroup
	for range max(1, o.Workers) {
		wait.Go(func() {
			for i := range next {
				if claims[i], errs[i] = o.one(ctx, p, nodes[i], count); errs[i] != nil {
					cancel()
				}
			}
		})
	}
	for i := range nodes {
		next <- i
	}
	close(next)
	wait.Wait()
	var stopped error
	for i, err := range errs {
		if errors.Is(err, context.Canceled) {
			stopped = context.Cause(ctx)
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", claims[i].Address, err)
		}
	}
	if stopped != nil {
		return nil, stopped
	}
	return newReport(o.Draws, claims), nil
}

// counter gives a function that counts samples.
func (o *Options) counter(total int64) func(n int) {
	var mu sync.Mutex
	var done int64
	return func(n int) {
		mu.Lock()
		defer mu.Unlock()
		if done += int64(n); o.Progress != nil {
			o.Progress(done, total)
		}
	}
}

// one tries a claim.
func (o *Options) one(ctx context.Context, p *plan.Plan, n *plan.Node, count func(int)) (Claim, error) {
	c := Claim{Address: n.Address(), Stage: n.Stage.ID(), Test: n.Stage.Claim.Test}
	if err := ctx.Err(); err != nil {
		return c, err
	}
	if !computed(p, n) {
		c.Untried = notComputed
		count(o.Draws)
		return c, nil
	}
	settings, err := n.Stage.Kind.Schema().Decode(n.Instance().Settings)
	if err != nil {
		return c, err
	}
	run := &stages.Run{Settings: settings, Inputs: o.inputs(p, n), Progress: func(int64, int64) {}}
	drawn, err := o.Try(ctx, run, c.Address, o.Draws, func() { count(1) })
	switch {
	case err != nil:
		return c, err
	case drawn == nil:
		c.Untried = noChance
		count(o.Draws)
	case drawn.Draws == 0:
		c.Untried = noUnits
		count(o.Draws)
	default:
		c.Units, c.Rate = drawn.Units, rate(drawn.Reproduced, drawn.Draws, drawn.Promised)
	}
	return c, nil
}

// computed reports whether all that the claim's test is given is there.
func computed(p *plan.Plan, n *plan.Node) bool {
	for i := range n.Stage.Kind.Inputs {
		for _, source := range p.Sources(n, n.Stage.Kind.Inputs[i].Name) {
			if source.Node == nil || source.Node.Output(source.Output) == nil {
				return false
			}
		}
	}
	return true
}

// inputs gives what the claim's test was given, but for what failed.
func (o *Options) inputs(p *plan.Plan, n *plan.Node) map[string][]stages.Artifact {
	kind := n.Stage.Kind
	inputs := map[string][]stages.Artifact{}
	for i := range kind.Inputs {
		port := &kind.Inputs[i]
		for _, source := range p.Sources(n, port.Name) {
			digest := source.Node.Output(source.Output).Digest.String()
			a := stages.Artifact{Key: source.Key, Axes: source.Node.Instance().Axes, Digest: digest}
			a.Bytes = func() ([]byte, error) { return o.Read(digest) }
			a.Table = func() (*frame.Table, error) {
				data, err := o.Read(digest)
				if err != nil {
					return nil, err
				}
				return frame.Decode(data)
			}
			inputs[port.Name] = append(inputs[port.Name], kind.Guard(a))
		}
	}
	return inputs
}
