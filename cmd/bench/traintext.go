package main

import (
	"fmt"
	"strings"
)

// sections renders the report for people.
func (r *trainReport) sections() []section {
	list := []section{r.Machine.section()}
	m := &list[0]
	for _, t := range r.Torches {
		m.notes = append(m.notes, fmt.Sprintf("%s: Python %s, %s loops.", t.label(), t.Python, t.Capability))
	}
	m.notes = append(m.notes, fmt.Sprintf("One core's peak, measured in this run: %s GFLOP/s of float32 multiply-adds.", number(2*r.Peak/1e9)))
	if len(r.Jobs) > 0 {
		list = append(list, r.steps(), r.rates())
	}
	if r.Sweep != nil {
		list = append(list, section{
			title:  fmt.Sprintf("A sweep of job a: %d seeds, %d steps each", r.Sweep.Seeds, r.Sweep.Steps),
			header: []string{"workers", "median / min", "processor time", "gain"},
			rows: [][]string{{"1", r.Sweep.One.String(), r.Sweep.OneCPU.String(), ""},
				{"2", r.Sweep.Two.String(), r.Sweep.TwoCPU.String(), r.Sweep.Gain.String()}},
		})
	}
	return append(list, goals(r.Goals))
}

// steps is the table of times.
func (r *trainReport) steps() section {
	s := section{title: "Time of a step and its ratio, median / min", header: []string{"job", "who", "step", "ratio", "by the clock", "loss"}}
	for _, j := range r.Jobs {
		s.rows = append(s.rows, []string{j.Job.Name, "Spurion", j.Spurion.String(), "", j.SpurionClock.String(), number(j.Loss)})
		for _, t := range j.Torches {
			s.rows = append(s.rows, []string{"", t.Label + ", " + t.Variant, t.Step.String(), t.Ratio.String(), t.Clock.String(), number(t.Loss)})
		}
	}
	for _, j := range r.Jobs {
		s.notes = append(s.notes, fmt.Sprintf("- %s: %s.", j.Job.Name, j.Job.Says))
	}
	s.notes = append(s.notes, "", fmt.Sprintf("A step's time is that on the processor, so that other work on the machine disturbs it little. Ratios are the\n"+
		"median of %d turns and that of the fastest ones; goals go by the latter. PyTorch's form of the optimizer is the fastest of those it has.", r.Jobs[0].Spurion.Turns))
	s.notes = append(s.notes, r.notes...)
	return s
}

// rates is the table of what the matrix products reach.
func (r *trainReport) rates() section {
	s := section{
		title: "Matrix products, fastest turn",
		header: []string{"job", "MFLOP a step", "GFLOP/s, whole step", "share of peak", "GFLOP/s, products alone", "share of peak",
			"PyTorch, whole step"},
	}
	for _, j := range r.Jobs {
		row := []string{j.Job.Name, number(j.Flops / 1e6)}
		for _, seconds := range []float64{j.Spurion.Least, j.Matrix.Least} {
			row = append(row, number(j.Flops/seconds/1e9), fmt.Sprintf("%.0f %%", 100*r.share(j.Flops, seconds)))
		}
		var theirs []string
		for _, t := range j.Torches {
			theirs = append(theirs, number(j.Flops/t.Step.Least/1e9))
		}
		s.rows = append(s.rows, append(row, strings.Join(theirs, ", ")))
	}
	s.notes = []string{"Whole step: the matrix products' operations over the time of the step with everything in it. Alone: the same products",
		"and nothing else, in the trainer's chunks of rows."}
	return s
}
