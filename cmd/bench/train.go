package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
)

// trainFlags are what the command line sets.
type trainFlags struct {
	pythons      []string
	peers        []string
	avx2         bool
	turns        int
	spell        float64
	only         string
	cpu          int
	sweepSeeds   int
	sweepSteps   int
	asJSON       bool
	trials       int
	sweepRepeats int
}

func trainCommand() *cobra.Command {
	f := trainFlags{trials: 3}
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Training beside JAX, numba and PyTorch, on one core each",
		Long: `Measures training: five jobs, from a small network on fresh samples to one of MNIST's size, by Spurion and
by its peers, in turns, each with one thread on the same core. Says how fast a step of a seed is, how much of the
machine's peak of fused multiply-adds its matrix products reach, and how a sweep gains from a second worker.

Peers are numba (loops with products by BLAS), jax (jit and scan), vmap (the same for 16 seeds at once), ensembles
(PyTorch's batched products for 16 seeds at once), compile (torch.compile) and torch (eager PyTorch). Each is a
program of cmd/bench/files, is measured in the fastest of its ways to do a job, and must show that it does it: from
the same weights on the same batches its losses must be Spurion's. To install what they need:

    python3 -m venv PEERS && PEERS/bin/pip install -r cmd/bench/files/requirements.txt
    go run ./cmd/bench train --python PEERS/bin/python`,
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
	flags.StringArrayVar(&f.pythons, "python", nil, "a Python that has the peers' libraries, its `path`; may be repeated (default python3)")
	flags.StringSliceVar(&f.peers, "peers", nil, "the peers to measure, their `names` (default all)")
	flags.BoolVar(&f.avx2, "avx2", false, "keep all sides from using AVX-512")
	flags.IntVar(&f.turns, "turns", 15, "measure this `number` of times, in turns")
	flags.Float64Var(&f.spell, "spell", .3, "let a measurement take about this `number` of seconds")
	flags.StringVar(&f.only, "jobs", "abcde", "the jobs to measure, their `letters`")
	flags.IntVar(&f.cpu, "cpu", runtime.NumCPU()-1, "the `number` of the processor that both sides run on; -1 for any")
	flags.IntVar(&f.sweepSeeds, "sweep", 16, "train job a with this `number` of seeds by one worker and by two; 0 for none")
	flags.IntVar(&f.sweepSteps, "sweep-steps", 60_000, "the `number` of steps of each of these")
	flags.IntVar(&f.sweepRepeats, "sweep-turns", 5, "measure that this `number` of times, in turns")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON instead of tables")
	return cmd
}

// A trainReport is what `bench train` prints.
type trainReport struct {
	Machine machine     `json:"machine"`
	AVX2    bool        `json:"avx2_only"`                     // of peers as far as they have a switch
	Peak    float64     `json:"peak_multiply_adds_per_second"` // of fused float32 multiply-adds, one core
	Peers   []*peer     `json:"peers"`
	Jobs    []jobResult `json:"jobs"`
	Sweep   *sweep      `json:"sweep,omitempty"`
	Goals   []namedGoal `json:"goals"`
	notes   []string
}

// A jobResult is one job as all sides did it.
type jobResult struct {
	Job job `json:"job"`
	// Figures are per step of a seed: on the processor, or by the clock where that is not known.
	Spurion      figure       `json:"spurion"`
	SpurionClock figure       `json:"spurion_by_the_clock"`
	Matrix       figure       `json:"spurion_matrix_products"` // them alone
	Peers        []peerResult `json:"peers"`                   // the strongest first
	Flops        float64      `json:"matrix_flop_per_step"`
	Loss         float64      `json:"loss"`
}

// A peerResult is one peer's time of a job's step.
type peerResult struct {
	Label      string  `json:"label"`
	Variant    string  `json:"variant"`
	Step       figure  `json:"step"`
	Clock      figure  `json:"step_by_the_clock"`
	Ratio      ratio   `json:"ratio"` // its time over Spurion's
	Loss       float64 `json:"loss"`
	Difference float64 `json:"largest_difference_of_losses"` // in the proof, as a share
	First      float64 `json:"first_step_seconds"`           // by the clock: compiling, mostly
}

func (b *bench) train(f trainFlags) (*trainReport, error) {
	r := &trainReport{Machine: thisMachine(), AVX2: f.avx2}
	chosen, err := choose(libraries(), f.peers)
	if err != nil {
		return nil, err
	}
	env := []string{oneCore}
	if f.avx2 {
		env = append(env, spurionAVX2)
	}
	own, err := startSide(b.ctx, "train", f.cpu, env...)
	if err != nil {
		return nil, err
	}
	defer own.stop()
	var about trainAnswer
	if err := own.ask(trainRequest{Do: "about"}, &about); err != nil {
		return nil, err
	}
	r.Machine.Path = about.Path
	p := peering{chosen, []string{"peer.py", "jax_scan.py", "torch_eager.py"}, f.pythons, f.cpu, f.avx2}
	if r.Peers, r.notes, err = b.startPeers(p, &r.Machine); err != nil {
		return nil, err
	}
	defer stopPeers(r.Peers)
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

func (r *trainReport) setGoals() {
	for _, j := range r.Jobs {
		if len(j.Peers) > 0 {
			name := fmt.Sprintf("%s: ratio to the strongest peer, %s, at least %g", j.Job.Name, j.Peers[0].Label, j.Job.Ratio)
			r.Goals = append(r.Goals, namedGoal{name, atLeast(j.Job.Ratio, j.Peers[0].Ratio.Fastest)})
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

// files gives the job with the paths of what the other sides read.
func (b *bench) files(j *job) {
	j.X, j.Y, j.Start = filepath.Join(b.dir, j.Name+".x"), filepath.Join(b.dir, j.Name+".y"), filepath.Join(b.dir, j.Name+".start")
}

func removeFiles(j *job) {
	for _, path := range []string{j.X, j.Y, j.Start, j.X + ".check", j.Y + ".check"} {
		os.Remove(path)
	}
}
