package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// sideCommand is what this program starts to measure in a process of its own.
func sideCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "side WHICH",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, out := cmd.InOrStdin(), cmd.OutOrStdout()
			switch args[0] {
			case "engine":
				return serveEngine(in, out)
			case "data":
				return serveData(in, out)
			case "train":
				return serveTraining(in, out)
			case "images":
				return serveImages(in, out)
			case "logistic":
				return serveLogistic(in, out)
			}
			return fmt.Errorf("there is no side %q", args[0])
		},
	}
}
