package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"spurion/pipeline"
	"spurion/pipeline/spec"
)

// A validation is what `validate` finds.
type validation struct {
	diagnosticsReport
	Spec      string `json:"spec,omitempty"`
	Stages    int    `json:"stages"`
	Instances int    `json:"instances"`
	Claims    int    `json:"claims"`
	Checks    int    `json:"checks"`
	// Unchecked says what was not looked at: "the data root birds is not given".
	Unchecked []string `json:"unchecked,omitempty"`
}

func (a *app) validateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate SPEC",
		Short: "Check a spec",
		Long: `Checks a spec and reports all of its mistakes at once, each with its place and a remedy.

SPEC is a file, or a folder whose .hcl files are read together. Variables take their values as in a run,
sweeps are expanded and every reference is resolved, but nothing is computed and no store is opened. Files of a data
root that is not given are not looked for; a line says so.`,
		Example: `  spurion validate specs/quick.hcl
  spurion validate --var seeds=10 specs/quick.hcl
  spurion validate --json specs`,
		Annotations: exits("0 the spec is valid", "2 it has mistakes, or the command line has"),
		Args:        needArgs(1, 1, "SPEC"),
		RunE: func(_ *cobra.Command, args []string) error {
			c := a.config(args[0])
			c.Lenient = spec.GivenData
			s, ds := pipeline.Validate(c)
			v := validate(s, ds)
			if a.json {
				if !v.Valid {
					a.code = exitUsage
				}
				return a.printJSON(v)
			}
			if !v.Valid {
				return ds
			}
			a.printDiagnostics(ds)
			fmt.Fprint(a.out, v.text(a.outText))
			return nil
		},
		ValidArgsFunction: a.completeSpec,
	}
	jsonFlag(cmd)
	return cmd
}

func validate(s *spec.Spec, ds spec.Diagnostics) validation {
	v := validation{diagnosticsReport: diagnosticsView(ds)}
	if s == nil {
		return v
	}
	v.Spec = s.Name
	for _, u := range s.Unread {
		v.Unchecked = append(v.Unchecked, u.String())
	}
	for _, st := range s.Stages {
		v.Instances += len(st.Instances)
		switch {
		case st.IsCheck():
			v.Checks++
		case st.Claim != nil:
			v.Claims++
		default:
			v.Stages++
		}
	}
	return v
}

func (v validation) text(s style) string {
	checks := ""
	if v.Checks > 0 {
		checks = count(v.Checks, "check") + ", "
	}
	text := fmt.Sprintf("%s %s is valid: %s, %s, %s%s.\n", s.green("ok"), v.Spec,
		count(v.Stages, "stage"), count(v.Claims, "claim"), checks, count(v.Instances, "instance"))
	for _, u := range v.Unchecked {
		text += fmt.Sprintf("not checked: %s; --data-root NAME=PATH gives it\n", u)
	}
	return text
}

// jsonFlag adds --json.
func jsonFlag(cmd *cobra.Command) {
	cmd.Flags().Bool("json", false, "print JSON for programs instead of text for people")
}
