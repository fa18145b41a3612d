package pipeline

import (
	"spurion/pipeline/budget"
	"spurion/pipeline/plan"
)

// A Budget says how much of a plan is to be done.
type Budget struct {
	Limit   string // see budget.ParseLimit
	Unit    string // the axis whose values are done whole; "" stands for budget.DefaultUnit
	Workers int    // 0 stands for the number of processors
}

// Afford leaves of a plan what a budget does not reach for later runs, by what earlier runs took, and says what it chose.
func (e *Experiment) Afford(p *plan.Plan, b Budget) (*budget.Choice, error) {
	limit, err := budget.ParseLimit(b.Limit)
	if err != nil {
		return nil, plan.Targetf("--budget: %w", err)
	}
	o := budget.Options{Limit: limit, Unit: b.Unit, Workers: workersOr(b.Workers)}
	if o.Unit == "" {
		o.Unit = budget.DefaultUnit
	}
	if o.Seconds, err = e.recorded(p); err != nil {
		return nil, err
	}
	choice, err := budget.Choose(p, o)
	if err != nil {
		return nil, err
	}
	return choice, choice.Apply(p, e.stored)
}

// recorded gives what the instances of a plan took when they were computed last, by all runs of the spec.
func (e *Experiment) recorded(p *plan.Plan) (func(address string) (float64, bool), error) {
	addresses := make([]string, len(p.Nodes))
	for i := range p.Nodes {
		addresses[i] = p.Nodes[i].Address()
	}
	took, err := e.stored.Took(addresses)
	if err != nil {
		return nil, err
	}
	seconds := make(map[string]float64, len(addresses))
	for i, t := range took {
		if t.Known {
			seconds[addresses[i]] = max(t.Seconds, 0)
		}
	}
	return func(address string) (float64, bool) { s, ok := seconds[address]; return s, ok }, nil
}
