package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"spurion/pipeline/describe"
)

// version is the program's; it is raised with every release.
const version = "0.1.0"

// A build says what the program is made of.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified"` // the source was not as in the commit
	// Changed are the files of code that were not, where the sources are at hand to tell.
	Changed  []string `json:"changed,omitempty"`
	Go       string   `json:"go"`
	Platform string   `json:"platform"`
	// Kinds holds the version of each kind, which is part of keys.
	Kinds map[string]int `json:"kinds"`
	Tests map[string]int `json:"tests"`
	// Parts holds, by kind, the version of each part that has one of its own: it is in the keys of what uses it.
	Parts map[string]map[string]int `json:"parts"`
}

func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program and its kinds",
		Long: `Prints the version of the program, the commit it was built from, and, with --json, the version of every kind and of
its methods: a result is computed again when what made it has a new version.`,
		Example:     "  spurion version --json",
		Annotations: exits("0 done"),
		Args:        needArgs(0, 0),
		RunE: func(_ *cobra.Command, _ []string) error {
			v := a.build()
			if a.json {
				return a.printJSON(v)
			}
			fmt.Fprintln(a.out, v.text())
			return nil
		},
	}
	jsonFlag(cmd)
	return cmd
}

func (a *app) build() build {
	v := build{
		Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Kinds: map[string]int{}, Tests: map[string]int{}, Parts: map[string]map[string]int{},
	}
	r := a.sources.revision()
	v.Commit, v.Modified, v.Changed = r.commit, r.modified, r.changed
	for _, d := range describe.Kinds(a.registry) {
		for _, p := range d.Parts {
			if v.Parts[d.Name] == nil {
				v.Parts[d.Name] = map[string]int{}
			}
			v.Parts[d.Name][p.Name] = p.Version
		}
		if d.Test {
			v.Tests[d.Name] = d.Version
		} else {
			v.Kinds[d.Name] = d.Version
		}
	}
	return v
}

func (v build) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "spurion %s", v.Version)
	if v.Commit != "" {
		fmt.Fprintf(&b, " (%s", v.Commit[:min(len(v.Commit), 12)])
		if v.Modified {
			b.WriteString(", modified")
		}
		b.WriteString(")")
	}
	fmt.Fprintf(&b, ", %s, %s", v.Go, v.Platform)
	if len(v.Changed) > 0 {
		fmt.Fprintf(&b, "\nchanged since that commit: %s", nameSome(v.Changed))
	}
	return b.String()
}

// programName is recorded with what is computed.
func programName() string { return "spurion " + version }
