package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"spurion/pipeline/describe"
	"spurion/pipeline/screen"
)

func (a *app) timesCommand() *cobra.Command {
	var by []string
	var critical bool
	var workers []int
	cmd := &cobra.Command{
		Use:   "times SPEC [TARGET...]",
		Short: "Say what results took to compute",
		Long: `Says what the results of each stage took to compute, by the records of the runs that did it: in all, in the
median and at most, by the clock of the worker that did it. Of instances that would be computed again, since
the spec has changed, it says what the last run's took. With --by the instances are counted apart by their values
of these axes. A result that instances share counts once.

Of stages that run programs (exec) it also says what these took of the machine: cpu is the time of processors, of all
processes and results together, and memory the most that one process had at once. All other kinds run within spurion itself,
where nobody knows which of them has which part: a dash, and null in --json. So it is of results that older versions computed.

With --critical-path it says why more workers may not help: which chain of instances that wait for each other
takes longest, which instances are the longest, how long only one can run, and how long numbers of workers
would take for all that the targets need, if whoever is free takes the instance with the longest chain behind it.

A total is a sum over instances: where several were computed at a time, their run was over sooner.

Times depend on the machine and on what else it did; they are no part of any table.`,
		Example: `  spurion times specs/quick.hcl
  spurion times --by strength specs/quick.hcl 'train.erm'
  spurion times --critical-path --workers 8,64 specs/quick.hcl`,
		Annotations: exits("0 done", "1 the store cannot be read", "2 the spec or the command line has mistakes"),
		Args:        needArgs(1, -1, "SPEC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case critical && len(by) > 0:
				return usagef("--by counts instances apart, and --critical-path looks at them together: give one of the two")
			case !critical && cmd.Flags().Changed("workers"):
				return usagef("--workers says for how many workers --critical-path is to tell the time: give both")
			}
			for _, n := range workers {
				if n < 1 || n > mostWorkers {
					return usagef("--workers %d: a number of workers is from 1 to %d", n, mostWorkers)
				}
			}
			e, err := a.look(args[0])
			if err != nil {
				return err
			}
			defer e.Close()
			if critical {
				s, err := e.Schedule(cmd.Context(), args[1:], workers)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(s)
				}
				a.out.WriteString(scheduleText(s, a.outText))
				return nil
			}
			times, err := e.Times(cmd.Context(), args[1:], by)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(times)
			}
			a.out.WriteString(timesText(times, by, a.outText))
			return nil
		},
		ValidArgsFunction: a.completeTargets,
	}
	cmd.Flags().StringSliceVar(&by, "by", nil, "count instances apart by these `axes`, their names")
	cmd.Flags().BoolVar(&critical, "critical-path", false, "say what keeps more workers from being faster")
	cmd.Flags().IntSliceVar(&workers, "workers", []int{1, 2, 4, 8, 16, 32, 64}, "tell the time of these `numbers` of workers, separated by commas")
	jsonFlag(cmd)
	return cmd
}

// mostWorkers is more than anyone has.
const mostWorkers = 1_000_000

func timesText(times []describe.Times, by []string, s style) string {
	g := newGrid(append(append([]string{"stage"}, by...), ">instances", ">results", ">median", ">most", ">total")...)
	used := slices.ContainsFunc(times, func(t describe.Times) bool { return t.CPU != nil || t.Memory != nil })
	if used {
		g.column(">cpu")
		g.column(">memory")
	}
	for _, t := range times {
		cells := []string{t.Stage}
		for _, axis := range t.Axes {
			cells = append(cells, cell(axis.Value))
		}
		median, most, total := "-", "-", "-"
		if t.Results > 0 {
			median, most, total = duration(t.Median), duration(t.Most), duration(t.Total)
		}
		cells = append(cells, number(t.Instances), number(t.Results), median, most, total)
		if used {
			cpu, memory := "-", "-"
			if t.CPU != nil {
				cpu = duration(*t.CPU)
			}
			if t.Memory != nil {
				memory = byteSize(*t.Memory)
			}
			cells = append(cells, cpu, memory)
		}
		g.add(cells...)
	}
	return g.render(s, "")
}

// pathLines is how many instances of a critical path are named.
const pathLines = 12

func scheduleText(d *describe.Schedule, s style) string {
	var b strings.Builder
	if d.Unrecorded == d.Instances {
		return fmt.Sprintf("of %s no run has recorded what it took: run the spec first\n", count(d.Instances, "instance"))
	}
	fmt.Fprintf(&b, "All %s took %s. %s of them wait for each other and take longest: %s in a row.\n",
		count(d.Instances, "instance"), duration(d.Total), digits(int64(len(d.Path))), duration(d.PathSeconds))
	if d.Unrecorded > 0 {
		fmt.Fprintf(&b, "Of %s no run has recorded what it took: counted as nothing.\n", count(d.Unrecorded, "instance"))
	}
	fmt.Fprintf(&b, "Only one can run for %s, %s of the work.\n\n", duration(d.SerialSeconds), percent(d.SerialShare))
	path := newGrid("the longest chain", ">time")
	shown, left, rest := longestOf(d.Path, pathLines)
	for _, t := range shown {
		path.add(screen.Line(t.Address), duration(t.Seconds))
	}
	if left > 0 {
		path.add("and "+count(left, "shorter one"), duration(rest))
	}
	b.WriteString(path.render(s, "") + "\n")
	longest := newGrid("the longest instances", ">time")
	for _, t := range d.Longest {
		longest.add(screen.Line(t.Address), duration(t.Seconds))
	}
	b.WriteString(longest.render(s, "") + "\n")
	g := newGrid(">workers", ">time", ">speed-up", ">busy")
	for _, w := range d.Workers {
		g.add(digits(int64(w.Workers)), duration(w.Seconds), fmt.Sprintf("%.1f", w.Speedup), percent(w.Speedup/float64(w.Workers)))
	}
	b.WriteString(g.render(s, ""))
	return b.String()
}

// longestOf gives the n longest instances of a chain, in its order, and how many others there are and took together.
func longestOf(path []describe.Timed, n int) (shown []describe.Timed, left int, rest float64) {
	order := make([]int, len(path))
	for i := range path {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(path[b].Seconds, path[a].Seconds) })
	keep := order[:min(n, len(order))]
	for _, i := range order[len(keep):] {
		left, rest = left+1, rest+path[i].Seconds
	}
	slices.Sort(keep)
	for _, i := range keep {
		shown = append(shown, path[i])
	}
	return shown, left, rest
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
