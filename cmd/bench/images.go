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
	pythons []string
	peers   []string
	turns   int
	spell   float64
	only    []string
	cpu     int
	avx2    bool
	asJSON  bool
}

func imagesCommand() *cobra.Command {
	f := imagesFlags{}
	cmd := &cobra.Command{
		Use:   "images",
		Short: "Training of small CNNs beside PyTorch and JAX, on one core each",
		Long: `Measures training of two small CNNs, by Spurion and by its peers, each with one thread on the same core. PyTorch is
tried eager and compiled, with images laid out channel by channel and pixel by pixel (channels_last), JAX with a jitted
step in both layouts and with a scan; the fastest way of each then takes turns with Spurion. Each way must first show
that it does the job: from the same weights on the same batches its losses must be Spurion's.

The Python needs torch and jax, in the versions that cmd/bench/files/requirements.txt names.`,
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
	flags.StringArrayVar(&f.pythons, "python", nil, "a Python that has the peers' libraries, its `path`; may be repeated (default python3)")
	flags.StringSliceVar(&f.peers, "peers", nil, "the peers to measure, their `names`: torch, jax (default all)")
	flags.IntVar(&f.turns, "turns", 15, "measure this `number` of times, in turns")
	flags.Float64Var(&f.spell, "spell", .3, "let a measurement take about this `number` of seconds")
	flags.StringSliceVar(&f.only, "jobs", nil, "the jobs to measure, their `names` (default all)")
	flags.IntVar(&f.cpu, "cpu", runtime.NumCPU()-1, "the `number` of the processor that all sides run on; -1 for any")
	flags.BoolVar(&f.avx2, "avx2", false, "keep all sides to AVX2")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON instead of tables")
	return cmd
}

// An imagesReport is what `bench images` prints.
type imagesReport struct {
	Machine machine        `json:"machine"`
	Peak    float64        `json:"peak_multiply_adds_per_second"` // of fused float32 multiply-adds, one core
	Peers   []*peer        `json:"peers"`
	Jobs    []imagesResult `json:"jobs"`
	Goals   []namedGoal    `json:"goals"`
	notes   []string
}

// An imagesResult is a job as all sides did it, Spurion first; those that took no turns have a few trials.
type imagesResult struct {
	Job   imagesJob    `json:"job"`
	Sides []imagesSide `json:"sides"`
	Share float64      `json:"share_of_peak"`
}

type imagesSide struct {
	Label      string  `json:"label"`
	Step       figure  `json:"processor_seconds"`
	Ratio      *ratio  `json:"ratio,omitempty"` // of the fastest way of a peer: its time over Spurion's
	Difference float64 `json:"largest_difference_of_losses"`

	variant string
	side    *child
	steps   int
	times   sample
}

func (b *bench) images(f imagesFlags) (*imagesReport, error) {
	r := &imagesReport{Machine: thisMachine()}
	chosen, err := choose(imageLibraries(), f.peers)
	if err != nil {
		return nil, err
	}
	env := []string{oneCore}
	if f.avx2 {
		env = append(env, spurionAVX2)
	}
	own, err := startSide(b.ctx, "images", f.cpu, env...)
	if err != nil {
		return nil, err
	}
	defer own.stop()
	var about imagesAnswer
	if err := own.ask(imagesRequest{Do: "about"}, &about); err != nil {
		return nil, err
	}
	r.Machine.Path = about.Version
	p := peering{chosen, []string{"peer.py", "images_peer.py"}, f.pythons, f.cpu, f.avx2}
	if r.Peers, r.notes, err = b.startPeers(p, &r.Machine); err != nil {
		return nil, err
	}
	defer stopPeers(r.Peers)
	for _, j := range imagesJobs() {
		if len(f.only) > 0 && !slices.Contains(f.only, j.Name) {
			continue
		}
		c := imagesContest{b: b, f: f, r: r, own: own, result: imagesResult{Job: j}}
		if err := c.measure(); err != nil {
			return nil, fmt.Errorf("%s: %w", j.Name, err)
		}
		r.Jobs = append(r.Jobs, c.result)
	}
	for i := range r.Jobs {
		j := &r.Jobs[i]
		j.Share = j.Job.multiplyAdds() / j.Sides[0].Step.Least / r.Peak
		if best := j.strongest(); best != nil {
			r.Goals = append(r.Goals, namedGoal{fmt.Sprintf("%s: ratio to the strongest peer, %s, at least %g", j.Job.Name, best.Label, imagesRatio), atLeast(imagesRatio, best.Ratio.Fastest)})
		}
		r.Goals = append(r.Goals, namedGoal{fmt.Sprintf("%s: share of the peak, at least %g", j.Job.Name, imagesShare), atLeast(imagesShare, j.Share)})
	}
	r.Machine.LoadAfter = load()
	return r, nil
}

// strongest gives the fastest of the peers that took turns; nil if there was none.
func (j *imagesResult) strongest() (best *imagesSide) {
	for i := range j.Sides {
		if s := &j.Sides[i]; s.Ratio != nil && (best == nil || s.Ratio.Fastest < best.Ratio.Fastest) {
			best = s
		}
	}
	return best
}

// Goals of all jobs: the strongest peer's time over Spurion's, and products of a step beside the peak.
const (
	imagesRatio = 2.0
	imagesShare = .55
)

// An imagesContest is one job, measured.
type imagesContest struct {
	b      *bench
	f      imagesFlags
	r      *imagesReport
	own    *child
	losses []float64 // Spurion's of the first steps
	result imagesResult
}

func (c *imagesContest) measure() error {
	j := &c.result.Job
	for file, name := range map[*string]string{&j.X: "x", &j.Y: "y", &j.Start: "start"} {
		*file = filepath.Join(c.b.dir, j.Name+"."+name)
		defer os.Remove(*file)
	}
	if err := c.own.ask(imagesRequest{Do: "write", Job: *j}, new(imagesAnswer)); err != nil {
		return err
	}
	var first imagesAnswer
	if err := c.own.ask(imagesRequest{Do: "check", Job: *j, Steps: imagesCheckSteps}, &first); err != nil {
		return err
	}
	c.losses = first.Losses
	own := &imagesSide{Label: "Spurion", side: c.own}
	if err := c.warm(own); err != nil {
		return err
	}
	sides, turners := []*imagesSide{own}, []*imagesSide{own}
	for _, p := range c.r.Peers {
		ways, best, err := c.ways(p)
		if err != nil {
			return err
		}
		if sides = append(sides, ways...); best != nil {
			turners = append(turners, best)
		}
	}
	if err := c.turns(turners); err != nil {
		return err
	}
	for _, s := range turners[1:] {
		r := s.times.ratioTo(own.times)
		s.Ratio = &r
	}
	for _, s := range sides {
		s.Step = s.times.figure()
		c.result.Sides = append(c.result.Sides, *s)
	}
	j.X, j.Y, j.Start = "", "", ""
	return nil
}

// ways tries a peer's ways to do the job, and gives the fastest of those that work here; the others are noted.
func (c *imagesContest) ways(p *peer) (all []*imagesSide, best *imagesSide, err error) {
	var a imagesAnswer
	if err := p.side.ask(imagesRequest{Do: "variants", Job: c.result.Job}, &a); err != nil {
		return nil, nil, err
	}
	for _, v := range a.Variants {
		s := &imagesSide{Label: p.Says + ", " + v, variant: v, side: p.side}
		c.b.say("%s: %s", c.result.Job.Name, s.Label)
		var check imagesAnswer
		if err := p.side.ask(imagesRequest{Do: "check", Job: c.result.Job, Variant: v, Steps: imagesCheckSteps}, &check); err != nil {
			c.b.say("%v", err)
			c.r.notes = append(c.r.notes, fmt.Sprintf("Job %s by %s (%s) did not work here.", c.result.Job.Name, p.Says, v))
			continue
		}
		if s.Difference, err = compare(check.Losses, c.losses, imagesTolerance); err != nil {
			return nil, nil, fmt.Errorf("%s (%s) does not do the job: %w", p.Says, v, err)
		}
		if err := c.warm(s); err != nil {
			return nil, nil, err
		}
		if all = append(all, s); best == nil || s.times.least() < best.times.least() {
			best = s
		}
	}
	return all, best, nil
}

// imagesTrials is how often a way is measured before the fastest is chosen, so that other work on the machine does not choose.
const imagesTrials = 5

// warm warms a side up, finds how many steps a spell takes, and measures some.
func (c *imagesContest) warm(s *imagesSide) error {
	s.steps = 3
	if err := c.spell(s); err != nil {
		return err
	}
	s.steps = 1 + int(c.f.spell/s.times[0])
	s.times = nil
	for range imagesTrials {
		if err := c.spell(s); err != nil {
			return err
		}
	}
	return nil
}

// turns measures sides one after the other, again and again, and the peak with them.
func (c *imagesContest) turns(sides []*imagesSide) error {
	for _, s := range sides {
		s.times = nil
	}
	for turn := range c.f.turns {
		c.b.say("%s: turn %d of %d", c.result.Job.Name, turn+1, c.f.turns)
		for _, s := range sides {
			if err := c.spell(s); err != nil {
				return err
			}
		}
		var a imagesAnswer
		if err := c.own.ask(imagesRequest{Do: "peak"}, &a); err != nil {
			return err
		}
		c.r.Peak = max(c.r.Peak, a.Peak)
	}
	return nil
}

// spell trains for a while and keeps the processor time of a step, or that by the clock where it is not known.
func (c *imagesContest) spell(s *imagesSide) error {
	request := imagesRequest{Do: "train", Job: c.result.Job, Variant: s.variant, Steps: s.steps}
	before, ok := s.side.spent()
	var a imagesAnswer
	if err := s.side.ask(request, &a); err != nil {
		return err
	}
	took := a.Seconds
	if after, still := s.side.spent(); ok && still {
		took = after - before
	}
	s.times = append(s.times, took/float64(a.Steps))
	return nil
}

// sections renders the report for people.
func (r *imagesReport) sections() []section {
	m := r.Machine.section()
	m.notes = append(append(m.notes, versions(r.Peers)...), fmt.Sprintf("The peak of one core is %.0f GFLOP/s of multiply-adds.", 2*r.Peak/1e9))
	s := section{title: "Time of a step, median / min", header: []string{"job", "who", "processor time", "ratio", "share of the peak", "largest difference of a loss"}}
	for _, j := range r.Jobs {
		for i, side := range j.Sides {
			row := []string{"", side.Label, side.Step.String(), "", "", fmt.Sprintf("%.1e", side.Difference)}
			if i == 0 {
				row[0], row[4], row[5] = j.Job.Name, fmt.Sprintf("%.0f %%", 100*j.Share), ""
			}
			if side.Ratio != nil {
				row[3] = side.Ratio.String()
			}
			s.rows = append(s.rows, row)
		}
	}
	for _, j := range r.Jobs {
		s.notes = append(s.notes, fmt.Sprintf("- %s: %s.", j.Job.Name, j.Job.Says))
	}
	s.notes = append(append(s.notes, "", "The share counts all products of a step, also those with zeros that are passed over."), r.notes...)
	return []section{m, s, goals(r.Goals)}
}
