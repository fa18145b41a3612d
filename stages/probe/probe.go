// Package probe holds the kind "probe": what a linear classifier reads off a network's last hidden
// layer.
package probe

import (
	"context"
	"errors"
	"fmt"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/boolean"
	"spurion/stages/data"
	"spurion/stages/kernel"
	"spurion/stages/linear"
	"spurion/stages/model"
)

// Settings say how to probe.
type Settings struct {
	Points      int     `name:"points" default:"10000" min:"10" max:"10000000" unit:"points" doc:"size of the uniform sample; with 1,000 the standard error of a decoded correlation is up to 0.07"`
	Holdout     float64 `name:"holdout" default:"0.2" above:"0" below:"1" doc:"share of the points on which classifiers are scored; they are fitted on the rest"`
	C           float64 `name:"c" default:"1" above:"0" doc:"inverse strength of the L2 penalty, as in scikit-learn: c times the summed log-loss plus half the squared weights; the intercept is not penalised"`
	Checkpoints string  `name:"checkpoints" default:"all" oneof:"all,last" doc:"which of the model's checkpoints to probe"`
	Seed        int64   `name:"seed" default:"each.seed" doc:"seed of the sample"`
}

// Check finds combinations that make no sense.
func (s *Settings) Check() []stages.Problem {
	fit, held := s.split()
	if fit < 1 || held < 1 {
		return []stages.Problem{{Path: "holdout", Summary: "Nothing to fit or to score on", Detail: fmt.Sprintf(
			"With holdout = %v, %d of the %d points are left to fit on and %d to score on; both need some.", s.Holdout, fit, s.Points, held)}}
	}
	return nil
}

// split gives the numbers of points that classifiers are fitted and scored on.
func (s *Settings) split() (fit, held int) {
	held = int(math.Round(float64(s.Holdout * float64(s.Points))))
	return s.Points - held, held
}

// Kind probes a network.
//
//	in   model    the network at its checkpoints, with the law of its data
//	out  decoded  a row a checkpoint
//
// All checkpoints are probed on the same points (the stream "probe").
var Kind = stages.Define(stages.Kind{
	Name:    "probe",
	Version: 1,
	Doc: `Measures what a linear classifier reads off a network's last hidden layer, at each checkpoint.

Points are uniform on the cube. The decoded core correlation is 2a - 1, where a is the accuracy on
held-out points of a logistic regression from the activations of the last hidden layer to the core
function f_c, fitted on the other points (L2 penalty, C = 1, intercept not penalised; scikit-learn's
defaults without their early stop); the decoded spurious correlation likewise with f_s (Qiu, Kuang and
Goel 2024; Kirichenko, Izmailov and Wilson 2023). Beside them stand the correlations of the network
itself, E[f_c sign(net)] and E[f_s sign(net)], on all points, and the floors that a constant predictor
reaches. A network without a hidden layer is probed on its inputs.`,
	Inputs: []stages.Input{{Name: "model", Type: model.Type, Doc: "The model to probe; its data must have a law."}},
	Outputs: []stages.Output{
		{Name: "decoded", Doc: "One row for each checkpoint: decoded correlations, the network's own, floors.", Fields: fields},
	},
	Labels: []stages.LabelUse{{Mark: frame.MarkAttribute, Purpose: data.Evaluation}},
}, run)

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t, err := r.Table("model")
	if err != nil {
		return err
	}
	m, err := model.FromTable(t)
	if err != nil {
		return err
	}
	if m.Data.Law == nil {
		return fmt.Errorf("probe: the model was trained on external data without a law: there is no uniform distribution to probe it on")
	}
	law, err := m.Data.Law.Compile()
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	checkpoints := m.Checkpoints
	if s.Checkpoints == "last" {
		checkpoints = checkpoints[len(checkpoints)-1:]
	}
	p := newProbe(s, law)
	b := frame.NewBuilder(fields)
	for i, c := range checkpoints {
		row, err := p.measure(ctx, c)
		if err != nil {
			return fmt.Errorf("probe: step %d: %w", c.Step, err)
		}
		row.append(b)
		r.Progress(int64(i+1), int64(len(checkpoints)))
	}
	if t, err = b.Table(); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return r.Write("decoded", t)
}

// A probe is the sample with its two targets.
type probe struct {
	law       *boolean.Compiled
	c         float64
	fit, held int
	inputs    []float32 // [fit+held, n]
	targets   [2][]int8 // values of f_c and f_s
	features  []float32
	margins   []float32
}

// The targets.
const (
	core = iota
	spurious
)

func newProbe(s *Settings, law *boolean.Compiled) *probe {
	p := &probe{law: law, c: s.C}
	p.fit, p.held = s.split()
	p.inputs = make([]float32, s.Points*law.Dimensions())
	p.targets = [2][]int8{make([]int8, s.Points), make([]int8, s.Points)}
	p.margins = make([]float32, s.Points)
	law.SampleUniform(kernel.NewStream(s.Seed, "probe"), s.Points, p.inputs, p.targets[core], p.targets[spurious])
	return p
}

// A correlation is 2a - 1 for an accuracy a, with its standard error.
type correlation struct{ value, err float64 }

// correlationOf counts right predictions of n.
func correlationOf(right, n int) correlation {
	a := float64(right) / float64(n)
	return correlation{float64(2*a) - 1, float64(2 * math.Sqrt(float64(a*(1-a))/float64(n)))}
}

// A row is what was measured at one checkpoint.
type row struct {
	step    int64
	network [2]correlation
	decoded [2]*decoded // nil if the activations are not finite
	floors  [2]float64
	fit     int
	held    int
}

// A decoded feature: its correlation on held-out points and on those of the fit.
type decoded struct {
	held, fit correlation
	converged bool
}

func (p *probe) measure(ctx context.Context, c model.Checkpoint) (*row, error) {
	n := len(p.margins)
	r := &row{step: c.Step, floors: [2]float64{p.law.CoreFloor(), p.law.SpuriousFloor()}, fit: p.fit, held: p.held}
	c.Net.Margins(p.margins, p.inputs, n)
	for target, values := range p.targets {
		right := 0
		for i, z := range p.margins {
			if (z >= 0) == (values[i] == 1) {
				right++
			}
		}
		r.network[target] = correlationOf(right, n)
	}
	width := c.Net.Width()
	if need := n * width; cap(p.features) < need {
		p.features = make([]float32, need)
	}
	p.features = p.features[:n*width]
	c.Net.Features(p.features, p.inputs, n)
	for target := range p.targets {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := p.decode(p.targets[target], width)
		if err != nil && !errors.Is(err, linear.ErrNotFinite) {
			return nil, err
		}
		r.decoded[target] = d
	}
	return r, nil
}

func (p *probe) decode(target []int8, width int) (*decoded, error) {
	fitted, heldOut := p.features[:p.fit*width], p.features[p.fit*width:]
	m, err := linear.Fit(fitted, p.fit, width, target[:p.fit], nil, linear.Options{C: p.c})
	if err != nil {
		return nil, err
	}
	return &decoded{
		held:      correlationOf(m.Right(heldOut, p.held, target[p.fit:]), p.held),
		fit:       correlationOf(m.Right(fitted, p.fit, target), p.fit),
		converged: m.Converged || m.OneClass,
	}, nil
}
