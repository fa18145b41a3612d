package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// logisticJobs are the shapes of probes and retrained layers, and DFR's recipe.
func logisticJobs() []logisticJob {
	all := []string{"newton-cholesky", "newton-cg", "lbfgs", "liblinear", "liblinear dual"}
	return []logisticJob{
		{Name: "8000x32", Says: "a probe of a small network", Rows: 8000, Columns: 32, Inputs: 20, Targets: 1, C: 1, Ratio: 3, variants: all},
		{Name: "20000x256", Says: "a retrained layer", Rows: 20_000, Columns: 256, Inputs: 50, Targets: 1, C: 1, Ratio: 3, variants: all[:3]},
		{Name: "60000x100", Says: "a retrained layer of many rows", Rows: 60_000, Columns: 100, Inputs: 50, Targets: 1, C: 1, Ratio: 1, variants: all[:3]},
		{Name: "8000x2048", Says: "a probe's fit of a wide network", Rows: 8000, Columns: 2048, Inputs: 20, Targets: 1, C: 1, Ratio: 1, variants: all},
		{Name: "160000x2048", Says: "a retrained layer of embeddings", Rows: 160_000, Columns: 2048, Inputs: 50, Targets: 1, C: 1, Ratio: 1, variants: []string{"lbfgs", "lbfgs float32"}, large: true},
		{Name: "dfr", Says: "DFR's recipe: L1 of 7 penalties and 20 refits, 532 x 2048 each", Rows: 8000, Columns: 2048, Inputs: 20, Targets: 1, C: .1, Subset: 532,
			Grid: []float64{1, .7, .3, .1, .07, .03, .01}, Ratio: .5, variants: []string{"liblinear l1 tol 1e-4", "liblinear l1 tol 1e-6"}},
		{Name: "probe", Says: "a probe of a network 2048 wide: two targets", Rows: 8000, Columns: 2048, Inputs: 20, Targets: 2, C: 1, Ratio: 1, variants: all[:3]},
	}
}

type logisticFlags struct {
	python string
	turns  int
	spell  float64
	only   []string
	large  bool
	cpu    int
	avx2   bool
	asJSON bool
}

func logisticCommand() *cobra.Command {
	f := logisticFlags{}
	cmd := &cobra.Command{
		Use:   "logistic",
		Short: "Logistic regression beside scikit-learn, on one core each",
		Long: `Measures logistic regression: the shapes of probes and of retrained layers, and DFR's recipe, by Spurion and by
every solver of scikit-learn that fits the shape, each with one thread on the same core and the tolerance 1e-8. The
fastest solver that comes within 1e-6 of the least objective then takes turns with Spurion. What each reached is
computed in one way for all and printed.

The Python needs what cmd/bench/files/requirements-logistic.txt names.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return interruptible(cmd, func(b *bench) error {
				r, err := b.logistic(f)
				if err != nil {
					return err
				}
				return show(cmd.OutOrStdout(), r, f.asJSON)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.python, "python", "python3", "a Python that has scikit-learn, its `path`")
	flags.IntVar(&f.turns, "turns", 5, "measure this `number` of times, in turns")
	flags.Float64Var(&f.spell, "spell", .3, "let a measurement take at least about this `number` of seconds")
	flags.StringSliceVar(&f.only, "jobs", nil, "the jobs to measure, their `names` (default all)")
	flags.BoolVar(&f.large, "large", false, "measure 160,000 rows of 2048 too; scikit-learn then needs 8 GiB")
	flags.IntVar(&f.cpu, "cpu", runtime.NumCPU()-1, "the `number` of the processor that both sides run on; -1 for any")
	flags.BoolVar(&f.avx2, "avx2", false, "keep both sides to AVX2")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON instead of tables")
	return cmd
}

// A logisticReport is what `bench logistic` prints.
type logisticReport struct {
	Machine machine          `json:"machine"`
	Peer    logisticPeer     `json:"scikit_learn"`
	Jobs    []logisticResult `json:"jobs"`
	Goals   []namedGoal      `json:"goals"`
}

type logisticPeer struct {
	Version string `json:"version"`
	NumPy   string `json:"numpy"`
	SciPy   string `json:"scipy"`
}

// A logisticResult is a job as all sides did it, Spurion first. A solver that took no turns has one measurement.
type logisticResult struct {
	Job   logisticJob    `json:"job"`
	Sides []logisticSide `json:"sides"`
	Ratio *ratio         `json:"ratio,omitempty"` // of the best solver's time to Spurion's
}

type logisticSide struct {
	Label      string  `json:"label"`
	Time       figure  `json:"processor_seconds"` // of a round
	F          float64 `json:"objective"`
	Gradient   float64 `json:"largest_gradient_component"`
	Iterations int     `json:"iterations"`

	side   *child
	rounds int
	times  sample
}

func (b *bench) logistic(f logisticFlags) (*logisticReport, error) {
	r := &logisticReport{Machine: thisMachine()}
	env := []string{oneCore}
	if f.avx2 {
		env = append(env, spurionAVX2)
	}
	own, err := startSide(b.ctx, "logistic", f.cpu, env...)
	if err != nil {
		return nil, err
	}
	defer own.stop()
	dir, err := b.project("scikit-learn", "logistic_side.py")
	if err != nil {
		return nil, err
	}
	peer, err := start(b.ctx, "scikit-learn", b.peerEnvironment(f.avx2), pinned(f.cpu, []string{f.python, filepath.Join(dir, "logistic_side.py")})...)
	if err != nil {
		return nil, err
	}
	defer peer.stop()
	if err := peer.ask(logisticRequest{Do: "about"}, &r.Peer); err != nil {
		return nil, fmt.Errorf("%w\nIt needs scikit-learn: %s -m pip install -r cmd/bench/files/requirements-logistic.txt", err, f.python)
	}
	for _, j := range logisticJobs() {
		if len(f.only) > 0 && !slices.Contains(f.only, j.Name) || len(f.only) == 0 && j.large && !f.large {
			continue
		}
		c := logisticContest{b: b, f: f, own: own, peer: peer, result: logisticResult{Job: j}}
		if err := c.measure(); err != nil {
			return nil, fmt.Errorf("%s: %w", j.Name, err)
		}
		r.Jobs = append(r.Jobs, c.result)
		if got := c.result.Ratio; got != nil {
			name := fmt.Sprintf("%s: ratio to scikit-learn's best, at least %g", j.Name, j.Ratio)
			r.Goals = append(r.Goals, namedGoal{name, atLeast(j.Ratio, got.Fastest)})
		}
	}
	r.Machine.LoadAfter = load()
	return r, nil
}

// A logisticContest is one job, measured.
type logisticContest struct {
	b         *bench
	f         logisticFlags
	own, peer *child
	result    logisticResult
}

func (c *logisticContest) measure() error {
	j := &c.result.Job
	for file, name := range map[*string]string{&j.X: "x", &j.Y: "y", &j.Index: "index"} {
		*file = filepath.Join(c.b.dir, j.Name+"."+name)
		defer os.Remove(*file)
	}
	c.b.say("%s: drawing", j.Name)
	if err := c.own.ask(logisticRequest{Do: "draw", Job: *j}, new(logisticAnswer)); err != nil {
		return err
	}
	sides := []*logisticSide{{Label: "Spurion", side: c.own}}
	for _, v := range j.variants {
		sides = append(sides, &logisticSide{Label: v, side: c.peer})
	}
	least := math.Inf(1)
	for _, s := range sides {
		c.b.say("%s: %s", j.Name, s.Label)
		if err := c.trial(s); err != nil {
			return err
		}
		least = min(least, s.F)
	}
	var best *logisticSide
	for _, s := range sides[1:] {
		if s.F <= least*(1+1e-6) && (best == nil || s.times.least() < best.times.least()) {
			best = s
		}
	}
	if best != nil {
		own := sides[0]
		own.times, best.times = nil, nil
		for turn := range c.f.turns {
			c.b.say("%s: turn %d of %d, with %s", j.Name, turn+1, c.f.turns, best.Label)
			for _, s := range []*logisticSide{own, best} {
				if _, err := c.spell(s); err != nil {
					return err
				}
			}
		}
		ratio := best.times.ratioTo(own.times)
		c.result.Ratio = &ratio
	}
	for _, s := range sides {
		s.Time = s.times.figure()
		c.result.Sides = append(c.result.Sides, *s)
	}
	j.X, j.Y, j.Index = "", "", ""
	return nil
}

// trial warms a side up, finds how many rounds a spell takes, and judges what it finds.
func (c *logisticContest) trial(s *logisticSide) error {
	s.rounds = 1
	a, err := c.spell(s)
	if err != nil {
		return err
	}
	if took := s.times[0]; took < c.f.spell {
		s.rounds = int(math.Ceil(c.f.spell / max(took, 1e-6)))
		s.times = nil
		if a, err = c.spell(s); err != nil {
			return err
		}
	}
	s.Iterations = a.Iterations
	weights, intercepts := a.Weights, a.Intercepts
	if c.result.Job.Subset > 0 && s.side == c.own { // of columns as they are: the judge's are scaled
		if err := c.own.ask(logisticRequest{Do: "scale", Job: c.result.Job, Weights: weights, Intercepts: intercepts}, a); err != nil {
			return err
		}
		weights, intercepts = a.Weights, a.Intercepts
	}
	var judged logisticAnswer
	if err := c.own.ask(logisticRequest{Do: "judge", Job: c.result.Job, Weights: weights, Intercepts: intercepts}, &judged); err != nil {
		return err
	}
	s.F, s.Gradient = judged.F, judged.Gradient
	return nil
}

// spell fits for a while and keeps the processor time of a round, or that by the clock where it is not known.
func (c *logisticContest) spell(s *logisticSide) (*logisticAnswer, error) {
	variant := s.Label
	if s.side == c.own {
		variant = ""
	}
	before, ok := s.side.spent()
	a := &logisticAnswer{}
	if err := s.side.ask(logisticRequest{Do: "fit", Job: c.result.Job, Variant: variant, Rounds: s.rounds}, a); err != nil {
		return nil, err
	}
	took := a.Seconds
	if a.CPU > 0 { // without reading the features
		took = a.CPU
	} else if after, still := s.side.spent(); ok && still {
		took = after - before
	}
	s.times = append(s.times, took/float64(s.rounds))
	return a, nil
}

// sections renders the report for people.
func (r *logisticReport) sections() []section {
	m := r.Machine.section()
	m.notes = append(m.notes, fmt.Sprintf("scikit-learn %s, NumPy %s, SciPy %s.", r.Peer.Version, r.Peer.NumPy, r.Peer.SciPy))
	s := section{title: "Time of a fit, median / min", header: []string{"job", "who", "processor time", "ratio", "F", "gradient", "iterations"}}
	for _, j := range r.Jobs {
		for i, side := range j.Sides {
			name, ratio := "", ""
			if i == 0 {
				name = j.Job.Name
			} else if side.Time.Turns == j.Sides[0].Time.Turns && side.Time.Turns > 1 && j.Ratio != nil {
				ratio = j.Ratio.String()
			}
			s.rows = append(s.rows, []string{name, side.Label, side.Time.String(), ratio, fmt.Sprintf("%.10f", side.F), fmt.Sprintf("%.1e", side.Gradient), fmt.Sprint(side.Iterations)})
		}
	}
	for _, j := range r.Jobs {
		s.notes = append(s.notes, fmt.Sprintf("- %s: %s.", j.Job.Name, strings.TrimSuffix(j.Job.Says, ".")))
	}
	s.notes = append(s.notes, "", "F is the objective reached, summed over the fits of a job, and the gradient its largest component. liblinear puts\n"+
		"the intercept under the penalty, so that its minimum of L2 is another.")
	return []section{m, s, goals(r.Goals)}
}
