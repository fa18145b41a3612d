// Bench measures Spurion beside the tools that people would otherwise use, in one run on one
// machine: the engine beside Snakemake, training beside JAX, numba and PyTorch, logistic regression beside
// scikit-learn, and data sets beside numpy.
//
//	go run ./cmd/bench engine
//	go run ./cmd/bench train --python python3
//	go run ./cmd/bench images --python python3
//	go run ./cmd/bench logistic --python python3
//	go run ./cmd/bench data --python python3
//
// What is compared takes turns, so that other work on the machine slows both alike. Each part that is
// measured is a process of its own: a hidden command of this program, or what stands in files/.
// docs/performance.md keeps the figures of one machine.
package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/spf13/cobra"
)

// files are the specs, the Snakefile and the Python programs that are measured, and what those need.
//
//go:embed files
var files embed.FS

func main() {
	if err := root().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "bench",
		Short:         "Measure Spurion beside Snakemake, JAX, numba, PyTorch, scikit-learn and numpy",
		Long:          "Measures Spurion beside Snakemake, JAX, numba, PyTorch, scikit-learn and numpy, and prints tables. Run it from the project's\nroot, on a machine that does nothing else; the figures say how busy it was.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.CompletionOptions.HiddenDefaultCmd = true
	cmd.AddCommand(engineCommand(), trainCommand(), imagesCommand(), logisticCommand(), dataCommand(), sideCommand())
	return cmd
}

// interruptible runs f with a function that tells how far it is, until it ends or Ctrl-C.
func interruptible(cmd *cobra.Command, f func(b *bench) error) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "spurion-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return f(&bench{ctx: ctx, dir: dir, log: cmd.ErrOrStderr()})
}

// show prints a report as tables, or as JSON.
func show(w io.Writer, report sectioned, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(report)
	}
	_, err := io.WriteString(w, render(report.sections()))
	return err
}
