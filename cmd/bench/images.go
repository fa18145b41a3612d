package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"
)

type imagesFlags struct {
	python string
	turns  int
	spell  float64
	only   []string
	cpu    int
	avx2   bool
	asJSON bool
}

func imagesCommand() *cobra.Command {
	f := imagesFlags{}
	cmd := &cobra.Command{
		Use:   "images",
		Short: "Training of small CNNs beside PyTorch, on one core each",
		Long: `Measures training of two small CNNs, by Spurion and by PyTorch, each with one thread on the same core. PyTorch is
tried eager and compiled, with images laid out channel by channel and pixel by pixel (channels_last), and the fastest
of these then takes turns with Spurion. Each must first show that it does the job: from the same weights on the same
batches its losses must be Spurion's.

The Python needs torch, in the version that cmd/bench/files/requirements.txt names.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return interruptible(cmd, func(b *bench) error {
				r, err := b.images(f)
				if err != nil {
					return err
				}
				return show(cmd.OutOrStdout(), r, f.asJSON)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.python, "python", "python3", "a Python that has torch, its `path`")
	flags.IntVar(&f.turns, "turns", 15, "measure this `number` of times, in turns")
	flags.Float64Var(&f.spell, "spell", .3, "let a measurement take about this `number` of seconds")
	flags.StringSliceVar(&f.only, "jobs", nil, "the jobs to measure, their `names` (default all)")
	flags.IntVar(&f.cpu, "cpu", runtime.NumCPU()-1, "the `number` of the processor that both sides run on; -1 for any")
	flags.BoolVar(&f.avx2, "avx2", false, "keep both sides to AVX2")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON instead of tables")
	return cmd
}

// An imagesReport is what `bench images` prints.
type imagesReport struct {
	Machine machine        `json:"machine"`
	PyTorch string         `json:"pytorch"`
	Peak    float64        `json:"peak_multiply_adds_per_second"` // of fused float32 multiply-adds, one core
	Jobs    []imagesResult `json:"jobs"`
	Goals   []namedGoal    `json:"goals"`
}

// An imagesResult is a job as all sides did it, Spurion first; those that took no turns have one measurement.
type imagesResult struct {
	Job   imagesJob    `json:"job"`
	Sides []imagesSide `json:"sides"`
	Ratio ratio        `json:"ratio"` // of the time of the fastest of PyTorch's ways to Spurion's
	Share float64      `json:"share_of_peak"`
}

type imagesSide struct {
	Label      string  `json:"label"`
	Step       figure  `json:"processor_seconds"`
	Difference float64 `json:"largest_difference_of_losses"`

	side  *child
	steps int
	times sample
}

func (b *bench) images(f imagesFlags) (*imagesReport, error) {
	r := &imagesReport{Machine: thisMachine()}
	env := []string{oneCore}
	if f.avx2 {
		env = append(env, spurionAVX2)
	}
	own, err := startSide(b.ctx, "images", f.cpu, env...)
	if err != nil {
		return nil, err
	}
	defer own.stop()
	dir, err := b.project("pytorch", "images_side.py")
	if err != nil {
		return nil, err
	}
	peer, err := start(b.ctx, "PyTorch", b.peerEnvironment(f.avx2), pinned(f.cpu, []string{f.python, filepath.Join(dir, "images_side.py")})...)
	if err != nil {
		return nil, err
	}
	defer peer.stop()
	var about imagesAnswer
	if err := peer.ask(imagesRequest{Do: "about"}, &about); err != nil {
		return nil, fmt.Errorf("%w\nIt needs PyTorch: %s -m pip install -r cmd/bench/files/%s", err, f.python, requirements)
	}
	r.PyTorch = about.Version
	if err := own.ask(imagesRequest{Do: "about"}, &about); err != nil {
		return nil, err
	}
	r.Machine.Path = about.Version
	for _, j := range imagesJobs() {
		if len(f.only) > 0 && !slices.Contains(f.only, j.Name) {
			continue
		}
		c := imagesContest{b: b, f: f, own: own, peer: peer, result: imagesResult{Job: j}}
		if err := c.measure(); err != nil {
			return nil, fmt.Errorf("%s: %w", j.Name, err)
		}
		r.Peak = max(r.Peak, c.peak)
		r.Jobs = append(r.Jobs, c.result)
	}
	for i := range r.Jobs {
		j := &r.Jobs[i]
		j.Share = j.Job.multiplyAdds() / j.Sides[0].Step.Least / r.Peak
		r.Goals = append(r.Goals,
			namedGoal{fmt.Sprintf("%s: ratio to PyTorch's best, at least %g", j.Job.Name, imagesRatio), atLeast(imagesRatio, j.Ratio.Fastest)},
			namedGoal{fmt.Sprintf("%s: share of the peak, at least %g", j.Job.Name, imagesShare), atLeast(imagesShare, j.Share)})
	}
	r.Machine.LoadAfter = load()
	return r, nil
}

// Goals of all jobs: PyTorch's time over Spurion's, and products of a step beside the peak.
const (
	imagesRatio = 2.0
	imagesShare = .55
)

// An imagesContest is one job, measured.
type imagesContest struct {
	b         *bench
	f         imagesFlags
	own, peer *child
	peak      float64
	result    imagesResult
}

func (c *imagesContest) measure() error {
	j := &c.result.Job
	for file, name := range map[*string]string{&j.X: "x", &j.Y: "y", &j.Start: "start"} {
		*file = filepath.Join(c.b.dir, j.Name+"."+name)
		defer os.Remove(*file)
	}
	var ways, first imagesAnswer
	if err := c.own.ask(imagesRequest{Do: "write", Job: *j}, new(imagesAnswer)); err != nil {
		return err
	}
	if err := c.own.ask(imagesRequest{Do: "check", Job: *j, Steps: imagesCheckSteps}, &first); err != nil {
		return err
	}
	if err := c.peer.ask(imagesRequest{Do: "variants", Job: *j}, &ways); err != nil {
		return err
	}
	sides := []*imagesSide{{Label: "Spurion", side: c.own}}
	for _, v := range ways.Variants {
		sides = append(sides, &imagesSide{Label: v, side: c.peer})
	}
	best := (*imagesSide)(nil)
	for _, s := range sides {
		c.b.say("%s: %s", j.Name, s.Label)
		if err := c.trial(s, first.Losses); err != nil {
			return err
		}
		if s.side == c.peer && (best == nil || s.times.least() < best.times.least()) {
			best = s
		}
	}
	if best == nil {
		return fmt.Errorf("PyTorch has no way to do it")
	}
	own := sides[0]
	own.times, best.times = nil, nil
	for turn := range c.f.turns {
		c.b.say("%s: turn %d of %d, with %s", j.Name, turn+1, c.f.turns, best.Label)
		for _, s := range []*imagesSide{own, best} {
			if err := c.spell(s); err != nil {
				return err
			}
		}
		var peak imagesAnswer
		if err := c.own.ask(imagesRequest{Do: "peak"}, &peak); err != nil {
			return err
		}
		c.peak = max(c.peak, peak.Peak)
	}
	c.result.Ratio = best.times.ratioTo(own.times)
	for _, s := range sides {
		s.Step = s.times.figure()
		c.result.Sides = append(c.result.Sides, *s)
	}
	j.X, j.Y, j.Start = "", "", ""
	return nil
}

// trial has a side show that it does the job, warms it up, and finds how many steps a spell takes.
func (c *imagesContest) trial(s *imagesSide, losses []float64) error {
	if s.side == c.peer {
		var a imagesAnswer
		if err := s.side.ask(imagesRequest{Do: "check", Job: c.result.Job, Variant: s.Label, Steps: imagesCheckSteps}, &a); err != nil {
			return err
		}
		var err error
		if s.Difference, err = compare(a.Losses, losses, imagesTolerance); err != nil {
			return fmt.Errorf("PyTorch (%s) does not do the job: %w", s.Label, err)
		}
	}
	s.steps = 3
	if err := c.spell(s); err != nil {
		return err
	}
	s.steps = 1 + int(c.f.spell/s.times[0])
	s.times = nil
	return c.spell(s)
}

// spell trains for a while and keeps the processor time of a step, or that by the clock where it is not known.
func (c *imagesContest) spell(s *imagesSide) error {
	request := imagesRequest{Do: "train", Job: c.result.Job, Variant: s.Label, Steps: s.steps}
	before, ok := s.side.spent()
	var a imagesAnswer
	if err := s.side.ask(request, &a); err != nil {
		return err
	}
	took := a.Seconds
	if after, still := s.side.spent(); ok && still {
		took = after - before
	}
	s.times = append(s.times, took/float64(s.steps))
	return nil
}

// sections renders the report for people.
func (r *imagesReport) sections() []section {
	m := r.Machine.section()
	m.notes = append(m.notes, r.PyTorch+".", fmt.Sprintf("The peak of one core is %.0f GFLOP/s of multiply-adds.", 2*r.Peak/1e9))
	s := section{title: "Time of a step, median / min", header: []string{"job", "who", "processor time", "ratio", "share of the peak", "largest difference of a loss"}}
	for _, j := range r.Jobs {
		for i, side := range j.Sides {
			row := []string{"", side.Label, side.Step.String(), "", "", fmt.Sprintf("%.1e", side.Difference)}
			switch {
			case i == 0:
				row[0], row[4], row[5] = j.Job.Name, fmt.Sprintf("%.0f %%", 100*j.Share), ""
			case side.Step.Turns == j.Sides[0].Step.Turns && side.Step.Turns > 1:
				row[3] = j.Ratio.String()
			}
			s.rows = append(s.rows, row)
		}
	}
	for _, j := range r.Jobs {
		s.notes = append(s.notes, fmt.Sprintf("- %s: %s.", j.Job.Name, j.Job.Says))
	}
	s.notes = append(s.notes, "", "The share counts all products of a step, also those with zeros that are passed over.")
	return []section{m, s, goals(r.Goals)}
}
