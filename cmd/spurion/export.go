package main

import "github.com/spf13/cobra"

func (a *app) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "export SPEC TARGET",
		Short:  "Write a table in another format, whole or in part",
		Hidden: true,
	}
}
