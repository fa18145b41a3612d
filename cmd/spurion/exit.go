package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"spurion/pipeline"
	"spurion/pipeline/plan"
	"spurion/pipeline/screen"
	"spurion/pipeline/site"
	"spurion/pipeline/spec"
)

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// errReported ends a command with code 1 when all has been said.
var errReported = errors.New("reported")

// errInterrupted is the cause of a context that a signal ended.
var errInterrupted = errors.New("interrupted")

// A usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// report prints what ended a command and gives the exit code.
func (a *app) report(err error) int {
	if ferr := a.out.Flush(); err == nil {
		err = ferr // results first, then what ended them
	}
	var ds spec.Diagnostics
	switch {
	case err == nil:
		return a.code
	case errors.Is(err, errReported):
		return exitFailed
	case errors.Is(err, syscall.EPIPE):
		return a.code // nobody reads on; what was asked for is done
	case errors.As(err, &ds):
		a.reportDiagnostics(ds)
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		fmt.Fprintln(a.err, "interrupted")
	case a.json:
		a.reportDiagnostics(spec.Diagnostics{{Severity: spec.Error, Summary: plainError(err.Error()), Err: err}})
	default:
		fmt.Fprintf(a.err, "%s %s\n", a.errText.red("error:"), indentRest(plainError(err.Error()), "  "))
	}
	return exitCode(err)
}

// exitCode classifies an error.
func exitCode(err error) int {
	var ds spec.Diagnostics
	var usage usageError
	var executor *site.MistakeError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &ds), errors.As(err, &usage), errors.As(err, &executor), errors.Is(err, pipeline.ErrNoStore), errors.Is(err, pipeline.ErrOutTaken),
		errors.Is(err, pipeline.ErrRemote), errors.Is(err, pipeline.ErrTooLarge), errors.Is(err, plan.ErrTarget):
		return exitUsage
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled), errors.Is(err, pipeline.ErrDetached), errors.Is(err, pipeline.ErrCanceled):
		return exitInterrupted
	}
	return exitFailed
}

// reportDiagnostics prints diagnostics where the command's form of output wants them.
func (a *app) reportDiagnostics(ds spec.Diagnostics) {
	if a.json {
		_ = a.printJSON(diagnosticsView(ds))
		return
	}
	a.printDiagnostics(ds)
}

// printDiagnostics prints diagnostics for people.
func (a *app) printDiagnostics(ds spec.Diagnostics) {
	for i := range ds {
		fmt.Fprint(a.err, ds[i].Text(a.errText.width, a.errText.color))
	}
}

// A diagnosticsReport is what --json prints of a spec that was checked.
type diagnosticsReport struct {
	FormatVersion int              `json:"format_version"`
	Valid         bool             `json:"valid"`
	ErrorCount    int              `json:"error_count"`
	WarningCount  int              `json:"warning_count"`
	Diagnostics   spec.Diagnostics `json:"diagnostics"`
}

func diagnosticsView(ds spec.Diagnostics) diagnosticsReport {
	r := diagnosticsReport{FormatVersion: 1, Valid: !ds.HasErrors(), Diagnostics: ds}
	if ds == nil {
		r.Diagnostics = spec.Diagnostics{}
	}
	for i := range ds {
		if ds[i].Severity == spec.Error {
			r.ErrorCount++
		} else {
			r.WarningCount++
		}
	}
	return r
}

// plainError makes the text of an error fit to be shown, for it may quote what a program printed or a file holds. It
// drops the package names that open our errors: they tell people nothing.
func plainError(text string) string {
	text = screen.Text(text)
	for _, prefix := range []string{"artifacts: ", "pipeline: ", "frame: ", "publish: ", "gather: "} {
		text = strings.TrimPrefix(text, prefix)
		text = strings.ReplaceAll(text, ": "+prefix, ": ")
	}
	return text
}

// needArgs checks the number of arguments and names those that are missing.
func needArgs(least, most int, names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least {
			return usagef("spurion%s needs %s\nusage: %s", commandPath(cmd), strings.Join(names[len(args):least], " and "), cmd.UseLine())
		}
		if most >= 0 && len(args) > most {
			return usagef("spurion%s takes no argument %q\nusage: %s", commandPath(cmd), args[most], cmd.UseLine())
		}
		return nil
	}
}
