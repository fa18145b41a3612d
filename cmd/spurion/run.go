package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"spurion/pipeline"
	"spurion/pipeline/results"
	"spurion/pipeline/site"
)

// A runFlags holds the flags of run.
type runFlags struct {
	workers             int
	keepGoing, failFast bool
	force, resources    []string
	timeout             time.Duration
	strict, quiet       bool
	on                  string
	keepFailed          bool
	spend               budgetFlags
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run SPEC [TARGET...]",
		Short: "Compute what is missing, then sum up",
		Long: `Computes every selected instance that is not cached, brings the tables in out/ up to date, evaluates the
claims and checks, and prints a summary.

An instance that fails keeps back only what depends on it. Interrupt once (Ctrl-C) to stop at a safe point:
what is finished is kept, and the next run goes on from there. Interrupt twice to stop at once; the store is
whole even so. Progress goes to standard error, the summary to standard output.

With --budget it does as many whole seeds as fit into a time, by what earlier runs took. What there is of tables, figures
and claims is made of these and named PARTIAL; the next run goes on.

The time of a stage is a sum over its instances, of which several are computed at a time: the last line has that of the run.`,
		Example: `  spurion run specs/quick.hcl
  spurion run --workers 4 --var seeds=10 specs/quick.hcl
  spurion run specs/quick.hcl 'train.*[strength=0.9]'
  spurion run --force=probe.decoded specs/quick.hcl
  spurion run --budget 20m specs/quick.hcl
  spurion run --strict --json specs/paper.hcl > report.json`,
		Annotations: exits("0 done", "1 a stage failed; with --strict also: a claim is not reproduced or a check not met",
			"2 the spec or the command line has mistakes", "130 interrupted"),
		Args: needArgs(1, -1, "SPEC"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.run(args[0], args[1:], f)
		},
		ValidArgsFunction: a.completeTargets,
	}
	flags := cmd.Flags()
	flags.IntVar(&f.workers, "workers", 0, "compute this `number` of instances at a time (default: one for each processor)")
	flags.BoolVar(&f.keepGoing, "keep-going", true, "after a failure, go on with all that does not depend on it")
	flags.BoolVar(&f.failFast, "fail-fast", false, "after a failure, begin nothing more; the same as --keep-going=false")
	flags.DurationVar(&f.timeout, "timeout", 0, "let an instance fail that takes longer than this `duration`, such as 90s or 2h")
	flags.BoolVar(&f.keepFailed, "keep-failed", false, "keep the folder in which the program of a failed exec stage ran, and name it; cache kept lists and removes them")
	flags.StringVar(&f.on, "on", "", "compute on the executor with this `name`, such as a cluster; "+site.ProjectFile+" and the user's executors.hcl describe them")
	flags.BoolVar(&f.strict, "strict", false, "exit with 1 unless every claim is reproduced and every check met")
	flags.BoolVar(&f.quiet, "quiet", false, "print no progress; failures and the summary are still printed")
	forceFlag(cmd, &f.force)
	resourcesFlag(cmd, &f.resources)
	f.spend.add(cmd)
	jsonFlag(cmd)
	return cmd
}

func (f *runFlags) check() error {
	switch {
	case f.workers < 0:
		return usagef("--workers must be at least 1")
	case f.timeout < 0:
		return usagef("--timeout must be a positive duration")
	}
	f.spend.workers = f.workers
	return f.spend.check()
}

func (a *app) run(path string, targets []string, f runFlags) error {
	var lost error // what a lost connection means
	if f.on != "" {
		lost = pipeline.ErrDetached
	}
	ctx, stop := a.onSignals("interrupted: finishing; press again to stop now", lost)
	defer stop()
	e, err := a.open(path, pipeline.ReadWrite)
	if err != nil {
		return err
	}
	defer e.Close()
	p, err := e.Plan(ctx, pipeline.Selection{Targets: targets, Force: forced(f.force, targets), Resources: f.resources})
	if err != nil {
		return err
	}
	choice, err := f.spend.afford(e, p)
	if err != nil {
		return err
	}
	if choice != nil && !f.quiet {
		fmt.Fprint(a.err, budgetText(choice, f.workers, a.errText))
	}
	workers := f.workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	w := a.watch(p.View(), workers, f.quiet)
	done, err := e.Run(ctx, p, pipeline.RunOptions{
		Workers: workers, FailFast: f.failFast || !f.keepGoing, Timeout: f.timeout, KeepFailed: f.keepFailed, On: f.on, Watch: w.event,
	})
	w.close()
	if done == nil {
		return err
	}
	a.tellOldCode(e)
	a.code = reportCode(done, f.strict)
	if perr := a.printReport(done, err); err == nil {
		err = perr
	}
	return err
}

// printReport prints what a run did; failed is why its results could not be recorded or written, or nil.
func (a *app) printReport(r *results.Report, failed error) error {
	if a.json {
		return a.printJSON(r)
	}
	_, err := fmt.Fprint(a.out, summary(r, a.outText, failed != nil))
	return err
}

// reportCode gives the exit code of a run.
func reportCode(r *results.Report, strict bool) int {
	switch r.Outcome {
	case results.Interrupted:
		return exitInterrupted
	case results.Failed:
		return exitFailed
	}
	if strict {
		for _, list := range [][]results.Claim{r.Claims, r.Checks} {
			if slices.ContainsFunc(list, func(c results.Claim) bool { return !c.Holds() }) {
				return exitFailed
			}
		}
	}
	return exitDone
}
