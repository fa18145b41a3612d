// Spurion runs experiments on core and spurious features that are declared in HCL: it computes only
// what changed, and leaves Parquet tables, figures and a verdict on every claim.
//
// This package is flags, exit codes and people's text. All work is done by package pipeline; what is
// printed for people is rendered from the values that --json prints.
package main

import (
	"os"

	"spurion/pipeline"
)

func main() {
	pipeline.Tune()
	os.Exit(execute(registry(), os.Args[1:], standardStreams()))
}
