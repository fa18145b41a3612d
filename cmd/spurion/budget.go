package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"spurion/pipeline"
	"spurion/pipeline/budget"
	"spurion/pipeline/plan"
)

// A budgetFlags holds what says how much of a spec is to be done.
type budgetFlags struct {
	limit, unit string
	workers     int
}

func (f *budgetFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.limit, "budget", "", "do what fits into this `time` by the clock, such as 20m, or of processors, such as 40cpuh, by what earlier runs took: whole seeds, in the spec's order; the next run goes on")
	cmd.Flags().StringVar(&f.unit, "unit", "", "with --budget: the `axis` whose values are done whole (default: seed)")
}

func (f *budgetFlags) check() error {
	if f.limit == "" && f.unit != "" {
		return usagef("--unit says by which axis a budget is spent: give --budget too")
	}
	return nil
}

// afford leaves of a plan what the budget does not reach; nil without one.
func (f *budgetFlags) afford(e *pipeline.Experiment, p *plan.Plan) (*budget.Choice, error) {
	if f.limit == "" {
		return nil, nil
	}
	return e.Afford(p, pipeline.Budget{Limit: f.limit, Unit: f.unit, Workers: f.workers})
}

// budgetText says what a budget reaches.
func budgetText(c *budget.Choice, workers int, s style) string {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	on := " on " + count(workers, "worker")
	if c.CPU {
		on = " of processors"
	}
	units := plan.Shortage{Have: c.Done, Of: c.Units, Along: c.Unit}.String()
	text := fmt.Sprintf("Budget %s: %s, about %s%s; all would take %s.", c.Budget, units, duration(c.Seconds), on, duration(c.AllSeconds))
	switch {
	case c.Unknown && c.Left > 0:
		text = fmt.Sprintf("Budget %s: no run has recorded what these instances take, so one %s is done first: %s.", c.Budget, c.Noun(), units)
	case c.Unknown:
		text = fmt.Sprintf("Budget %s: no run has recorded what these instances take; there is only one %s to be done.", c.Budget, c.Noun())
	case c.Of > 0:
		text += fmt.Sprintf(" One more %s takes %s, so %d of its %d ends are done.", c.Noun(), duration(c.OneSeconds), c.Settings, c.Of)
	}
	if c.Guessed > 0 && !c.Unknown {
		text += fmt.Sprintf(" What %s take is told from their like: no run has computed them.", count(c.Guessed, "instance"))
	}
	if c.Left > 0 {
		text += fmt.Sprintf(" PARTIAL: %s left for later.", count(c.Left, "instance"))
	}
	return paragraph(text, s.width, "")
}
