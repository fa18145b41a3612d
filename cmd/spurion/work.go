package main

import (
	"github.com/spf13/cobra"

	"spurion/pipeline"
)

// workCommand is what tasks on a cluster run; people see it in scripts alone.
func (a *app) workCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "work BATCH",
		Short: "Compute a batch of instances, as a task on a cluster",
		Long: `Computes a batch that spurion run --on NAME wrote. A batch holds all that its instances need, so that neither the spec
nor the project has to be there. Results go to the store; beside the batch a journal tells how far it is.

Told to stop (SIGTERM), it saves what it has and ends. It begins nothing that would not end before its time is over.`,
		Example:     "  spurion work --store .spurion .spurion/cluster/runs/quick/spurion-x-a0001/0.batch",
		Annotations: exits("0 the batch was worked through; how its instances ended stands in the journal", "1 it cannot be computed here", "130 told to stop"),
		Args:        needArgs(1, 1, "BATCH"),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := a.onSignal("told to stop: finishing")
			defer stop()
			return pipeline.Work(ctx, a.config(""), args[0])
		},
	}
}
