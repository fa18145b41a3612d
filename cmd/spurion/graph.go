package main

import (
	"context"

	"github.com/spf13/cobra"

	"spurion/pipeline"
	"spurion/pipeline/plan"
)

func (a *app) graphCommand() *cobra.Command {
	var format string
	var instances bool
	cmd := &cobra.Command{
		Use:   "graph SPEC [TARGET...]",
		Short: "Print the graph of stages",
		Long: `Prints the graph of a spec's stages, or with --instances of its instances, for Graphviz, for Mermaid (which
GitHub and many editors draw) or as JSON. A TARGET selects instances and what they need.`,
		Example: `  spurion graph specs/quick.hcl | dot -Tsvg > graph.svg
  spurion graph --format mermaid specs/quick.hcl
  spurion graph --instances specs/quick.hcl 'probe.decoded[seed=0]'`,
		Annotations: exits("0 done", "2 the spec or the command line has mistakes"),
		Args:        needArgs(1, -1, "SPEC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 && !instances {
				return usagef("a target selects instances; add --instances")
			}
			if a.json {
				format = "json"
			}
			switch format {
			case "dot", "mermaid", "json":
			default:
				return usagef("--format must be dot, mermaid or json, but is %q", format)
			}
			g, err := a.graph(cmd.Context(), args[0], args[1:], instances)
			if err != nil {
				return err
			}
			if format == "json" {
				return a.printJSON(g)
			}
			text := g.Mermaid()
			if format == "dot" {
				if text, err = g.DOT(); err != nil {
					return err
				}
			}
			_, err = a.out.WriteString(text)
			return err
		},
		ValidArgsFunction: a.completeTargets,
	}
	cmd.Flags().StringVar(&format, "format", "dot", "dot, mermaid or json")
	cmd.Flags().BoolVar(&instances, "instances", false, "one node for each instance instead of each stage")
	completeWords(cmd, "format", "dot", "mermaid", "json")
	jsonFlag(cmd)
	return cmd
}

func (a *app) graph(ctx context.Context, path string, targets []string, instances bool) (plan.Graph, error) {
	if !instances {
		s, ds := pipeline.Validate(a.lookConfig(path))
		if ds.HasErrors() {
			return plan.Graph{}, ds
		}
		a.printDiagnostics(ds)
		return plan.StageGraph(s), nil
	}
	e, err := a.look(path)
	if err != nil {
		return plan.Graph{}, err
	}
	defer e.Close()
	p, err := e.Plan(ctx, pipeline.Selection{Targets: targets})
	if err != nil {
		return plan.Graph{}, err
	}
	return p.Graph(), nil
}
