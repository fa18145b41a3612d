package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"spurion/pipeline"
)

func (a *app) attachCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "attach [RUN]",
		Short: "Follow a run on a cluster, or go on with it",
		Long: `Follows a run that has tasks on a cluster: it is the command that began the run once more, in the same folder. While the process
that began it lives, this one only looks on; when that is gone, this one goes on with what it left.

RUN is the run's ID, the beginning of one, or the spec's name. It may be left out where there is one run.`,
		Example:     "  spurion attach\n  spurion attach paper",
		Annotations: exits("0 as spurion run, and so are the others", "2 there is no such run"),
		Args:        needArgs(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			o, err := pipeline.FindOngoing(a.config(""), strings.Join(args, ""))
			if err != nil {
				return usageError{err}
			}
			if err := os.Chdir(o.Folder); err != nil {
				return err
			}
			fmt.Fprintf(a.err, "in %s: spurion %s\n", o.Folder, strings.Join(o.Args, " "))
			if err := a.out.Flush(); err != nil {
				return err
			}
			a.code = execute(a.registry, o.Args, standardStreams())
			return nil
		},
	}
}

func (a *app) cancelCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "cancel [RUN]",
		Short: "End a run on a cluster",
		Long: `Cancels the tasks that a run has on a cluster, and ends the process that began it, wherever that is. What is finished is kept:
spurion run goes on from there.

RUN is the run's ID, the beginning of one, or the spec's name. It may be left out where there is one run.`,
		Example:     "  spurion cancel\n  spurion cancel 20261201T1618",
		Annotations: exits("0 canceled", "1 the cluster does not answer", "2 there is no such run"),
		Args:        needArgs(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := a.onSignal("interrupted")
			defer stop()
			o, err := pipeline.FindOngoing(a.config(""), strings.Join(args, ""))
			if err != nil {
				return usageError{err}
			}
			if err := o.Cancel(ctx); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "canceled the run %s of %s\n", o.Run, o.Spec)
			return nil
		},
	}
}
