package main

import "fmt"

// sections renders the report for people.
func (r *engineReport) sections() []section {
	list := []section{r.Machine.section(), r.commands()}
	if len(r.Plans) > 0 {
		list = append(list, r.plans())
	}
	if len(r.Computed) > 0 {
		s := section{title: "Instances that compute nothing", header: []string{"workers", "instances", "per instance, median / min", "processor time"}}
		for _, c := range r.Computed {
			s.rows = append(s.rows, []string{fmt.Sprint(c.Workers), fmt.Sprint(c.Instances), c.Each.String(), c.CPU.String()})
		}
		s.notes = []string{"From an empty store, with loading and out/: keys, locks, a table encoded and checked, and the table, its manifest and",
			"their folders synced to disk. To sync one small file took " + r.Sync.String() + " (median / min)."}
		list = append(list, s)
	}
	if len(r.Cold) > 0 {
		list = append(list, r.cold())
	}
	if len(r.Grown) > 0 {
		list = append(list, r.grown())
	}
	return append(list, goals(r.Goals))
}

func (r *engineReport) cold() section {
	s := section{
		title:  fmt.Sprintf("First run of the same graph, %d instances", r.Instances+2),
		header: []string{"whole command", "median / min", "processor time"}, notes: r.coldNotes,
	}
	for _, c := range r.Cold {
		s.rows = append(s.rows, []string{"`" + c.Name + "`", c.String(), c.CPU.String()})
	}
	return s
}

func (r *engineReport) grown() section {
	s := section{title: "First runs as they grow", header: []string{"instances", "per instance", "processor time", "peak memory", "per instance", "files in the store"}}
	for _, g := range r.Grown {
		s.rows = append(s.rows, []string{fmt.Sprint(g.Instances), g.Each.String(), g.CPU.String(), mib(g.Peak),
			fmt.Sprintf("%.1f kB", g.Peak/float64(g.Instances)/1e3), fmt.Sprint(g.Files)})
	}
	return s
}

func (r *engineReport) commands() section {
	s := section{
		title:  fmt.Sprintf("A run with nothing to do: 1 instance, %d that read it, 1 that reads them all", r.Instances),
		header: []string{"what", "median / min", "processor time"}, notes: r.notes,
	}
	for _, c := range r.Commands {
		s.rows = append(s.rows, []string{"`" + c.Name + "`, whole command", c.String(), c.CPU.String()})
	}
	for _, part := range []struct {
		name string
		figure
	}{{"Spurion's engine, in a fresh process", r.Engine.Total}, {"- load the spec", r.Engine.Load},
		{"- plan", r.Engine.Plan}, {"- run, record, out/", r.Engine.Run}} {
		s.rows = append(s.rows, []string{part.name, part.String(), ""})
	}
	if r.Ratio.Median > 0 {
		s.notes = append(s.notes, fmt.Sprintf("Snakemake's time over spurion's, median of %d turns / of the fastest: %v; of processor time: %v.",
			r.Engine.Total.Turns, r.Ratio, r.CPURatio), r.Snakemake+". Goals go by the fastest turns, which other work on the machine disturbs least.")
	}
	return s
}

func (r *engineReport) plans() section {
	s := section{title: "Plans", header: []string{"instances", "load", "plan", "per instance", "peak memory", "spec and plan", "per instance"}}
	for _, p := range r.Plans {
		n := float64(p.Instances)
		s.rows = append(s.rows, []string{fmt.Sprint(p.Instances), duration(p.Load.Median), duration(p.Plan.Median),
			duration(p.Total.Median / n), mib(p.Peak), mib(p.Heap), fmt.Sprintf("%.0f B", p.Heap/n)})
	}
	s.notes = []string{"The first instance is cached, so every key of those that read it is computed and looked up."}
	return s
}

func mib(bytes float64) string { return number(bytes/(1<<20)) + " MiB" }

// goals gives the table of promises.
func goals(list []namedGoal) section {
	s := section{title: "Goals", header: []string{"goal", "measured", "verdict"}}
	for _, g := range list {
		got := number(g.Got)
		if g.Highest {
			got = duration(g.Got)
		}
		s.rows = append(s.rows, []string{g.Name, got, g.verdict()})
	}
	return s
}
