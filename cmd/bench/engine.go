package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"spurion/pipeline/results"
)

// engineFlags are what the command line sets.
type engineFlags struct {
	instances, turns, planned, idle int
	cold, grow                      int
	spurion, snakemake, doit        string
	touch, asJSON                   bool
}

func engineCommand() *cobra.Command {
	var f engineFlags
	cmd := &cobra.Command{
		Use:   "engine",
		Short: "First runs, and runs with nothing to do, beside Snakemake's and doit's; large plans; the cost of an instance",
		Long: `Measures the engine:

  - runs with nothing to do of a graph of one instance, many that read it, and one that reads them
    all, by spurion and by Snakemake in turns, as whole commands; and the engine's part of spurion's,
    timed inside a fresh process;
  - plans of large graphs, their time and memory;
  - what the engine adds to every instance that is computed;
  - first runs of the same graph beside Snakemake's and doit's, and how they grow.

Snakemake runs its jobs once before, and once for its first run, minutes each; --touch takes a short cut and leaves
its first run out.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return interruptible(cmd, func(b *bench) error {
				r, err := b.engine(f)
				if err != nil {
					return err
				}
				return show(cmd.OutOrStdout(), r, f.asJSON)
			})
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.instances, "instances", 5000, "the `number` of instances that read the first and are read by the last")
	flags.IntVar(&f.turns, "turns", 15, "measure this `number` of times, in turns")
	flags.IntVar(&f.planned, "plan", 100_000, "plan graphs of up to this `number` of instances; 0 for none")
	flags.IntVar(&f.idle, "idle", 2000, "compute this `number` of instances that do nothing; 0 for none")
	flags.IntVar(&f.cold, "cold", 3, "measure first runs this `number` of times, in turns; 0 for none")
	flags.IntVar(&f.grow, "grow", 100_000, "first runs of up to this `number` of instances; 0 for none")
	flags.StringVar(&f.doit, "doit", "doit", "the `path` of doit; empty leaves it out")
	flags.StringVar(&f.spurion, "spurion", "", "the program to measure, a `path` (default: built from this project)")
	flags.StringVar(&f.snakemake, "snakemake", "snakemake", "the `path` of Snakemake; empty leaves it out")
	flags.BoolVar(&f.touch, "touch", false, "make Snakemake's outputs instead of running its jobs, and have it touch them")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON instead of tables")
	return cmd
}

// An engineReport is what `bench engine` prints.
type engineReport struct {
	Machine   machine     `json:"machine"`
	Instances int         `json:"instances"`
	Commands  []timed     `json:"commands"` // with nothing to do, whole processes
	Engine    engineParts `json:"engine"`   // the same inside spurion
	Ratio     ratio       `json:"ratio"`    // Snakemake's time over spurion's
	CPURatio  ratio       `json:"ratio_of_processor_time"`
	Snakemake string      `json:"snakemake"`
	Plans     []planned   `json:"plans"`
	Computed  []computed  `json:"computed"`
	Sync      figure      `json:"sync"` // of a small file to the disk
	Cold      []timed     `json:"cold"`
	Grown     []grown     `json:"grown"`
	Goals     []namedGoal `json:"goals"`
	notes     []string
	coldNotes []string
}

// A timed is a command and how long it took.
type timed struct {
	Name string `json:"name"`
	figure
	CPU figure `json:"processor_time"`
}

// engineParts are the parts of a run with nothing to do.
type engineParts struct {
	Load  figure `json:"load"`
	Plan  figure `json:"plan"`
	Run   figure `json:"run"`
	Total figure `json:"total"`
}

type namedGoal struct {
	Name string `json:"name"`
	goal
}

func (b *bench) engine(f engineFlags) (*engineReport, error) {
	r := &engineReport{Machine: thisMachine(), Instances: f.instances}
	spec, err := b.cachedProject(f)
	if err != nil {
		return nil, err
	}
	if err := b.noops(f, spec, r); err != nil {
		return nil, err
	}
	if f.planned > 0 {
		if err := b.plans(f, r); err != nil {
			return nil, err
		}
	}
	if f.idle > 0 {
		if err := b.computed(f, r); err != nil {
			return nil, err
		}
	}
	if f.cold > 0 {
		if err := b.cold(f, r); err != nil {
			return nil, err
		}
	}
	r.Machine.LoadAfter = load()
	return r, nil
}

// cachedProject makes the project whose runs have nothing to do and gives its spec.
func (b *bench) cachedProject(f engineFlags) (string, error) {
	dir, err := b.project("fan", "fan.hcl")
	if err != nil {
		return "", err
	}
	b.say("spurion: first run of %d instances", f.instances+2)
	spec := filepath.Join(dir, "fan.hcl")
	var a engineAnswer
	if _, err := askOnce(b.ctx, "engine", engineRequest{Spec: spec, Variables: f.variables()}, &a); err != nil {
		return "", err
	}
	if a.Computed != f.instances+2 {
		return "", fmt.Errorf("the first run computed %d of %d instances", a.Computed, f.instances+2)
	}
	return spec, nil
}

func (f *engineFlags) variables() map[string]int { return map[string]int{"instances": f.instances} }

// noops measures runs with nothing to do, all that are compared once a turn.
func (b *bench) noops(f engineFlags, spec string, r *engineReport) error {
	spurion, err := b.program(f.spurion)
	if err != nil {
		return err
	}
	other, err := b.prepareSnakemake(f, r)
	if err != nil {
		return err
	}
	var command, theirs, theirsFast costs
	var engineLoad, enginePlan, engineRun, engineTotal sample
	for turn := range f.turns + 1 {
		b.say("nothing to do: turn %d of %d", turn, f.turns)
		own, err := b.noop(spurion, spec, f.instances)
		if err != nil {
			return err
		}
		var a engineAnswer
		if _, err := askOnce(b.ctx, "engine", engineRequest{Spec: spec, Variables: f.variables()}, &a); err != nil {
			return err
		}
		if a.Cached != f.instances+2 {
			return fmt.Errorf("spurion found %d of %d instances cached", a.Cached, f.instances+2)
		}
		var full, fast cost
		if other != nil {
			if full, err = other.noop(); err != nil {
				return err
			}
			if fast, err = other.noop("--rerun-triggers", "mtime"); err != nil {
				return err
			}
		}
		if turn == 0 { // warms the system's caches
			continue
		}
		command.add(own)
		engineLoad, enginePlan = append(engineLoad, a.Load), append(enginePlan, a.Plan)
		engineRun, engineTotal = append(engineRun, a.Run), append(engineTotal, a.Total)
		theirs.add(full)
		theirsFast.add(fast)
	}
	r.Engine = engineParts{engineLoad.figure(), enginePlan.figure(), engineRun.figure(), engineTotal.figure()}
	r.Commands = []timed{command.timed("spurion run")}
	r.goal("engine time of a run with nothing to do, at most 100 ms", atMost(.1, r.Engine.Total.Least))
	if other != nil {
		r.Commands = append(r.Commands, theirs.timed("snakemake --cores 2"), theirsFast.timed("snakemake --cores 2 --rerun-triggers mtime"))
		r.Ratio, r.CPURatio = theirs.wall.ratioTo(command.wall), theirs.cpu.ratioTo(command.cpu)
		r.goal("Snakemake's time over spurion's, at least 20", atLeast(20, r.Ratio.Fastest))
	}
	return nil
}

func (c *costs) timed(name string) timed { return timed{name, c.wall.figure(), c.cpu.figure()} }

func (r *engineReport) goal(name string, g goal) { r.Goals = append(r.Goals, namedGoal{name, g}) }

// prepareSnakemake gives the workflow with all its jobs done, or nil if there is no Snakemake.
func (b *bench) prepareSnakemake(f engineFlags, r *engineReport) (*snakemake, error) {
	if f.snakemake == "" {
		return nil, nil
	}
	s, err := b.snakemake(f.snakemake, f.instances)
	if errors.Is(err, errNoSnakemake) {
		r.notes = append(r.notes, howToInstall)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := s.prepare(f.touch); err != nil {
		return nil, err
	}
	r.Snakemake = fmt.Sprintf("Snakemake %s; %s, in %s", s.Version, s.Prepared, duration(s.Seconds))
	return s, nil
}

// program gives the path of spurion, built from this project if none is given.
func (b *bench) program(path string) (string, error) {
	if path != "" {
		return filepath.Abs(path)
	}
	path = filepath.Join(b.dir, "spurion")
	out, err := exec.CommandContext(b.ctx, "go", "build", "-o", path, "spurion/cmd/spurion").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build spurion (or name one with --spurion): %w\n%s", err, out)
	}
	return path, nil
}

// noop times the whole command `spurion run` and checks that it computed nothing.
func (b *bench) noop(spurion, spec string, instances int) (took cost, err error) {
	cmd := exec.CommandContext(b.ctx, spurion, "run", "--json", "--var", fmt.Sprintf("instances=%d", instances), spec)
	cmd.Dir = filepath.Dir(spec)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return took, fmt.Errorf("spurion run: %w\n%s", err, errs.String())
	}
	took = cost{time.Since(begin).Seconds(), processors(cmd)}
	var result results.Report
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		return took, fmt.Errorf("spurion run --json: %w", err)
	}
	if result.Counts.Cached != instances+2 || result.Counts.Computed != 0 {
		return took, fmt.Errorf("spurion run had something to do: %+v", result.Counts)
	}
	return took, nil
}

// scratch makes a fresh project with an embedded spec and gives the spec's path. Nothing is removed
// before the end: a file system that looks for room among what was just deleted makes files slowly.
func (b *bench) scratch(name, spec string) (path string, err error) {
	dir, err := os.MkdirTemp(b.dir, name)
	if err != nil {
		return "", err
	}
	if dir, err = b.project(filepath.Base(dir), spec); err != nil {
		return "", err
	}
	return filepath.Join(dir, spec), nil
}
