package main

import (
	"github.com/spf13/cobra"

	"spurion/pipeline/describe"
)

func (a *app) timesCommand() *cobra.Command {
	var by []string
	cmd := &cobra.Command{
		Use:   "times SPEC [TARGET...]",
		Short: "Say what results took to compute",
		Long: `Says what the results of each stage took to compute, now or in the earlier run that left them: in all, in the
median and at most, by the clock of the worker that did it. With --by the instances are counted apart by their
values of these axes. A result that instances share counts once.

Times depend on the machine and on what else it did; they are no part of any table.`,
		Example: `  spurion times specs/quick.hcl
  spurion times --by strength specs/quick.hcl 'train.erm'`,
		Annotations: exits("0 done", "1 the store cannot be read", "2 the spec or the command line has mistakes"),
		Args:        needArgs(1, -1, "SPEC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := a.look(args[0])
			if err != nil {
				return err
			}
			defer e.Close()
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
	jsonFlag(cmd)
	return cmd
}

func timesText(times []describe.Times, by []string, s style) string {
	g := newGrid(append(append([]string{"stage"}, by...), ">instances", ">results", ">median", ">most", ">total")...)
	for _, t := range times {
		cells := []string{t.Stage}
		for _, axis := range t.Axes {
			cells = append(cells, cell(axis.Value))
		}
		median, most, total := "-", "-", "-"
		if t.Results > 0 {
			median, most, total = duration(t.Median), duration(t.Most), duration(t.Total)
		}
		g.add(append(cells, number(t.Instances), number(t.Results), median, most, total)...)
	}
	return g.render(s, "")
}
