package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// trainFlags are what the command line sets.
type trainFlags struct {
	pythons      []string
	turns        int
	spell        float64
	only         string
	cpu          int
	compile      bool
	sweepSeeds   int
	sweepSteps   int
	asJSON       bool
	eagerTrials  int
	sweepRepeats int
}

func trainCommand() *cobra.Command {
	f := trainFlags{eagerTrials: 3}
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Training beside PyTorch, on one core each",
		Long: `Measures training: five jobs, from a small network on fresh samples to one of MNIST's size, by Spurion and
by every PyTorch that is named, in turns, each with one thread on the same core. Says how fast a step is, how
much of the machine's peak of fused multiply-adds its matrix products reach, and how a sweep gains from a
second worker.

PyTorch runs eagerly with the fastest of its forms of the optimizer (default, foreach, fused), and with
--compile also through torch.compile. On Debian: apt-get install python3-torch.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return interruptible(cmd, func(b *bench) error {
				r, err := b.train(f)
				if err != nil {
					return err
				}
				return show(cmd.OutOrStdout(), r, f.asJSON)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.pythons, "python", nil, "a Python that has PyTorch, its `path`; may be repeated (default python3)")
	flags.IntVar(&f.turns, "turns", 15, "measure this `number` of times, in turns")
	flags.Float64Var(&f.spell, "spell", .3, "let a measurement take about this `number` of seconds")
	flags.StringVar(&f.only, "jobs", "abcde", "the jobs to measure, their `letters`")
	flags.IntVar(&f.cpu, "cpu", runtime.NumCPU()-1, "the `number` of the processor that both sides run on; -1 for any")
	flags.BoolVar(&f.compile, "compile", false, "measure torch.compile too, where it works; it needs a C++ compiler")
	flags.IntVar(&f.sweepSeeds, "sweep", 16, "train job a with this `number` of seeds by one worker and by two; 0 for none")
	flags.IntVar(&f.sweepSteps, "sweep-steps", 60_000, "the `number` of steps of each of these")
	flags.IntVar(&f.sweepRepeats, "sweep-turns", 5, "measure that this `number` of times, in turns")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON instead of tables")
	return cmd
}

// A trainReport is what `bench train` prints.
type trainReport struct {
	Machine machine     `json:"machine"`
	Peak    float64     `json:"peak_multiply_adds_per_second"` // of fused float32 multiply-adds, one core
	Torches []torch     `json:"pytorch"`
	Jobs    []jobResult `json:"jobs"`
	Sweep   *sweep      `json:"sweep,omitempty"`
	Goals   []namedGoal `json:"goals"`
	notes   []string
}

// A torch is one PyTorch, as it describes itself.
type torch struct {
	Version    string   `json:"version"`
	BLAS       string   `json:"blas"`
	Capability string   `json:"capability"` // the instruction sets that its loops use
	Python     string   `json:"python"`
	Variants   []string `json:"variants"`

	side *child
}

func (t *torch) label() string { return fmt.Sprintf("PyTorch %s (%s)", t.Version, t.BLAS) }

// A jobResult is one job as all sides did it.
type jobResult struct {
	Job job `json:"job"`
	// Figures are per step: on the processor, or by the clock where that is not known.
	Spurion      figure        `json:"spurion"`
	SpurionClock figure        `json:"spurion_by_the_clock"`
	Matrix       figure        `json:"spurion_matrix_products"` // them alone
	Torches      []torchResult `json:"pytorch"`
	Flops        float64       `json:"matrix_flop_per_step"`
	Loss         float64       `json:"loss"`
}

// A torchResult is one PyTorch's time of a job's step.
type torchResult struct {
	Label   string  `json:"label"`
	Variant string  `json:"variant"`
	Step    figure  `json:"step"`
	Clock   figure  `json:"step_by_the_clock"`
	Ratio   ratio   `json:"ratio"` // its time over Spurion's
	Loss    float64 `json:"loss"`
}

func (b *bench) train(f trainFlags) (*trainReport, error) {
	r := &trainReport{Machine: thisMachine()}
	if len(f.pythons) == 0 {
		f.pythons = []string{"python3"}
	}
	own, err := startSide(b.ctx, "train", f.cpu, oneCore...)
	if err != nil {
		return nil, err
	}
	defer own.stop()
	if err := b.startTorches(f, r); err != nil {
		return nil, err
	}
	defer func() {
		for _, t := range r.Torches {
			t.side.stop()
		}
	}()
	for _, j := range jobs() {
		if !strings.Contains(f.only, j.Name) {
			continue
		}
		c := contest{b: b, f: f, r: r, own: own, job: j}
		if err := c.measure(); err != nil {
			return nil, fmt.Errorf("job %s: %w", j.Name, err)
		}
	}
	if f.sweepSeeds > 0 {
		if err := b.sweep(f, r); err != nil {
			return nil, err
		}
	}
	r.setGoals()
	r.Machine.LoadAfter = load()
	return r, nil
}

// startTorches starts every Python that has PyTorch; one that has not is noted and left out.
func (b *bench) startTorches(f trainFlags, r *trainReport) error {
	dir, err := b.project("torch", "torch_side.py")
	if err != nil {
		return err
	}
	for _, python := range f.pythons {
		side, err := start(b.ctx, "PyTorch", oneCore, pinned(f.cpu, []string{python, filepath.Join(dir, "torch_side.py")})...)
		if err == nil {
			t := torch{side: side}
			if err = side.ask(map[string]string{"do": "about"}, &t); err == nil {
				r.Torches = append(r.Torches, t)
				continue
			}
		}
		b.say("%s: %v", python, err)
		r.notes = append(r.notes, fmt.Sprintf("%s has no PyTorch that works, so it was left out. On Debian: apt-get install python3-torch.", filepath.Base(python)))
	}
	return nil
}

func (r *trainReport) setGoals() {
	for _, j := range r.Jobs {
		for _, t := range j.Torches {
			if t.Variant == compiled {
				continue
			}
			r.Goals = append(r.Goals, namedGoal{fmt.Sprintf("%s: ratio to %s, at least %g", j.Job.Name, t.Label, j.Job.Ratio), atLeast(j.Job.Ratio, t.Ratio.Fastest)})
		}
		if j.Job.Share > 0 {
			name := fmt.Sprintf("%s: share of the peak in matrix products, at least %g", j.Job.Name, j.Job.Share)
			r.Goals = append(r.Goals, namedGoal{name, atLeast(j.Job.Share, r.share(j.Flops, j.Matrix.Least))})
		}
	}
	if r.Sweep != nil {
		r.Goals = append(r.Goals, namedGoal{"two workers on a sweep of a over one, at least 1.9", atLeast(1.9, r.Sweep.Gain.Fastest)})
	}
}

// share gives the share of the peak that so many operations in so many seconds are; an operation is
// a multiplication or an addition.
func (r *trainReport) share(flops, seconds float64) float64 { return flops / 2 / seconds / r.Peak }

// compiled is the variant that goes through torch.compile.
const compiled = "compiled"

// eager lists the variants of a PyTorch that need no compiler.
func (t *torch) eager() []string {
	return slices.DeleteFunc(slices.Clone(t.Variants), func(v string) bool { return v == compiled })
}

// files gives the job with the paths of its fixed set, which the other sides read.
func (b *bench) files(j *job) {
	j.X, j.Y = filepath.Join(b.dir, j.Name+".x"), filepath.Join(b.dir, j.Name+".y")
}

func removeFiles(j *job) {
	os.Remove(j.X)
	os.Remove(j.Y)
}
