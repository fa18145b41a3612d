package main

import (
	"fmt"
	"strings"
)

// sections renders the report for people.
func (r *trainReport) sections() []section {
	list := []section{r.Machine.section()}
	m := &list[0]
	m.notes = append(m.notes, versions(r.Peers)...)
	if r.AVX2 {
		m.notes = append(m.notes, "No side may use AVX-512: "+strings.Join(append([]string{spurionAVX2}, avx2Only...), ", ")+".")
	}
	m.notes = append(m.notes, fmt.Sprintf("One core's peak, measured in this run: %s GFLOP/s of float32 multiply-adds.", number(2*r.Peak/1e9)))
	if len(r.Jobs) > 0 {
		list = append(list, r.strongest(), r.steps(), r.rates())
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

// strongest is the table that people look for first: each job beside its strongest peer, and the ratios to all.
func (r *trainReport) strongest() section {
	s := section{
		title:  "A step of a seed, and how many times as long it takes a peer",
		header: []string{"job", "Spurion", "strongest peer", "its step", "ratio", "goal"},
	}
	for _, p := range r.Peers {
		s.header = append(s.header, p.Says)
	}
	for _, j := range r.Jobs {
		row := []string{j.Job.Name, duration(j.Spurion.Least)}
		if len(j.Peers) > 0 {
			best := j.Peers[0]
			row = append(row, best.Label, duration(best.Step.Least), number(best.Ratio.Fastest),
				fmt.Sprintf("%g, %s", j.Job.Ratio, atLeast(j.Job.Ratio, best.Ratio.Fastest).verdict()))
			for _, p := range r.Peers {
				cell := "-"
				for _, result := range j.Peers {
					if result.Label == p.Says {
						cell = number(result.Ratio.Fastest)
					}
				}
				row = append(row, cell)
			}
		}
		s.rows = append(s.rows, row)
	}
	for _, j := range r.Jobs {
		s.notes = append(s.notes, fmt.Sprintf("- %s: %s.", j.Job.Name, j.Job.Says))
	}
	s.notes = append(s.notes, "", fmt.Sprintf("Times are the fastest of %d turns, on the processor, so that other work on the machine disturbs them little. Each peer\n"+
		"does the job in the fastest of its ways; of one that trains 16 seeds at once it is a sixteenth.", r.Jobs[0].Spurion.Turns))
	s.notes = append(s.notes, r.notes...)
	return s
}

// steps is the table of times, with all that is known of each peer.
func (r *trainReport) steps() section {
	s := section{
		title:  "Time of a step of a seed and its ratio, median / fastest",
		header: []string{"job", "who", "step", "ratio", "by the clock", "loss", "difference", "first step"},
	}
	for _, j := range r.Jobs {
		s.rows = append(s.rows, []string{j.Job.Name, "Spurion", j.Spurion.String(), "", j.SpurionClock.String(), number(j.Loss)})
		for _, p := range j.Peers {
			s.rows = append(s.rows, []string{"", p.Label + ": " + p.Variant, p.Step.String(), p.Ratio.String(), p.Clock.String(), number(p.Loss),
				fmt.Sprintf("%.0e", p.Difference), duration(p.First)})
		}
	}
	s.notes = append(s.notes, fmt.Sprintf("Difference: the largest one of a loss to Spurion's, as a share, in %d steps from the same weights on the same batches. First step:\n"+
		"by the clock, with what is compiled for it.", checkSteps))
	return s
}

// rates is the table of what the matrix products reach.
func (r *trainReport) rates() section {
	s := section{
		title: "Matrix products, fastest turn",
		header: []string{"job", "MFLOP a step", "GFLOP/s, whole step", "share of peak", "GFLOP/s, products alone", "share of peak",
			"strongest peer, whole step"},
	}
	for _, j := range r.Jobs {
		row := []string{j.Job.Name, number(j.Flops / 1e6)}
		for _, seconds := range []float64{j.Spurion.Least, j.Matrix.Least} {
			row = append(row, number(j.Flops/seconds/1e9), fmt.Sprintf("%.0f %%", 100*r.share(j.Flops, seconds)))
		}
		if len(j.Peers) > 0 {
			row = append(row, number(j.Flops/j.Peers[0].Step.Least/1e9))
		}
		s.rows = append(s.rows, row)
	}
	s.notes = []string{"Whole step: the matrix products' operations over the time of the step with everything in it. Alone: the same products",
		"and nothing else, in the trainer's chunks of rows."}
	return s
}
