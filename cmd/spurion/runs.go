package main

import (
	"errors"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spurion/artifacts"
	"spurion/pipeline"
	"spurion/pipeline/screen"
)

// A runView is a recorded run.
type runView struct {
	ID        string            `json:"id"`
	Spec      string            `json:"spec"`
	SpecPath  string            `json:"spec_path"`
	Outcome   string            `json:"outcome"`
	Started   time.Time         `json:"started"`
	Seconds   float64           `json:"seconds"`
	Instances int               `json:"instances"`
	Program   string            `json:"program"`
	Args      []string          `json:"args"`
	Variables map[string]string `json:"variables"`
}

func (a *app) runsCommand() *cobra.Command {
	var most int
	cmd := &cobra.Command{
		Use:   "runs [SPEC]",
		Short: "List recorded runs",
		Long: `Lists the runs that the store has recorded, newest first; with SPEC only those of that spec. A record says
what ran, with which variables, and how it ended; the events of a run stand beside it in the store, under
runs/ID.jsonl.`,
		Example: `  spurion runs
  spurion runs specs/quick.hcl
  spurion runs --json | jq '.[0]'`,
		Annotations: exits("0 done", "1 the store cannot be read", "2 there is no store yet, or bad usage"),
		Args:        needArgs(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			spec := ""
			if len(args) == 1 {
				var err error
				if spec, err = specName(args[0]); err != nil {
					return usageError{err}
				}
			}
			store, err := pipeline.OpenStore(a.config(""), pipeline.ReadOnly)
			if err != nil {
				return err
			}
			defer store.Close()
			headers, err := store.Runs(spec)
			if err != nil {
				return err
			}
			if most > 0 {
				headers = headers[:min(len(headers), most)]
			}
			views := runViews(headers)
			if a.json {
				return a.printJSON(views)
			}
			a.out.WriteString(runTable(views, a.outText))
			return nil
		},
		ValidArgsFunction: a.completeSpec,
	}
	cmd.Flags().IntVar(&most, "most", 20, "list at most this `number` of runs; 0 for all")
	jsonFlag(cmd)
	return cmd
}

// specName gives the name under which the runs of the spec at path are recorded. The spec need not load.
func specName(path string) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(full); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return strings.TrimSuffix(filepath.Base(full), ".hcl"), nil
}

func runViews(headers []artifacts.RunHeader) []runView {
	views := make([]runView, len(headers))
	for i, h := range headers {
		views[i] = runView{
			ID: h.ID, Spec: h.Spec, SpecPath: h.SpecPath, Outcome: h.Outcome, Started: h.Started,
			Seconds: h.Finished.Sub(h.Started).Seconds(), Instances: h.Instances, Program: h.Program,
			Args: append([]string{}, h.Args...), Variables: h.Variables,
		}
		if views[i].Variables == nil {
			views[i].Variables = map[string]string{}
		}
	}
	return views
}

func runTable(views []runView, s style) string {
	if len(views) == 0 {
		return "no runs are recorded\n"
	}
	g := newGrid("run", "spec", "outcome", "started", ">took", ">instances", "variables")
	g.width, g.wrap = s.width, 6
	for _, v := range views {
		names := make([]string, 0, len(v.Variables))
		for name := range v.Variables {
			names = append(names, name)
		}
		sort.Strings(names)
		for i, name := range names {
			names[i] = screen.Line(name + "=" + v.Variables[name])
		}
		g.add(v.ID, v.Spec, s.status(v.Outcome), instant(v.Started), duration(v.Seconds), digits(int64(v.Instances)),
			cut(strings.Join(names, " "), 60))
	}
	return g.render(s, "")
}
