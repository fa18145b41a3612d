package debias

import (
	"context"
	"math"

	"spurion/stages"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// eiil is Environment Inference for Invariant Learning.
var eiil = &Method{
	Name:    "eiil",
	Version: 1,
	Doc: "Trains a first network by ERM; then divides the training samples into two environments so that the first network violates invariance the most: with c_i = d/dv l(v z_i) at v = 1 for its scores z_i (the margin of two classes, the logits of more), assignments a_i in [0, 1] maximise (G² + H²)/2, G being the mean of a_i c_i and H that of (1 - a_i) c_i, over all samples. A second network starts afresh and is trained by GroupDRO or IRM on the environments. " +
		"With inference = \"closed\" they are the maximum itself, which puts the samples with c_i > 0 into one environment and the others into the other (G + H is fixed and the sum of squares is convex, so that G is the largest or the smallest possible). For the cross-entropy of two classes c_i > 0 where the network is wrong: the environment is JTT's error set. Of more classes c_i > 0 where the label's logit is below the mean of all, each weighted by its probability: that is a part of the error set. " +
		"With inference = \"adam\" they are found as published, by Adam (β 0.9 and 0.999, ε 1e-8) on u_i, a_i = sigmoid(u_i), from normal u_i, on the gradient over all samples; a_i > 1/2 is an environment. This is done once, after the first stage. Samples whose gradient is small next to ε, those that the network is sure of, hardly move, and stay where chance put them. " +
		"Inferring takes no gradient steps of a network. As in published code, the environments are not crossed with the classes unless crossed = true. If one is empty the second stage has one environment, and the note says so.",
	Source: "Creager, Jacobsen and Zemel 2021, section 3",
	Finite: true,
	Check: func(s *Settings) []stages.Problem {
		problems := checkFirst(s)
		if s.Method.Crossed && s.Method.Objective == "irm" {
			problems = append(problems, stages.Problem{Path: "method.crossed", Summary: "Environments with one class each",
				Detail: "IRM asks for a predictor that is optimal in every environment, and in one of a single class the optimum is infinite. Leave crossed out, or use objective = \"group_dro\"."})
		}
		return problems
	},
	Run: func(ctx context.Context, t *Trial) error {
		set, err := t.firstStage(ctx, t.environments)
		if err != nil {
			return err
		}
		if set.Partition.Used() == 1 {
			t.Say("All training samples are in one environment after %d steps: there is nothing to balance.", t.Taken())
		}
		d := byCells("environment", numbered(set.Partition.Count), set.Partition.Cells)
		if t.Method.Objective != "irm" {
			return t.robust(ctx, d)
		}
		return t.invariant(ctx, d)
	},
}

// environments infers the environments that a reference network violates; by Adam only at the last
// evaluation.
func (t *Trial) environments(ctx context.Context, reference *neuralnet.Network, last bool) (Set, error) {
	c, err := t.scaleGradients(ctx, reference)
	if err != nil {
		return Set{}, err
	}
	p := Partition{2, make([]int16, len(c))}
	switch {
	case t.Method.Inference != "adam":
		for i, g := range c {
			if g > 0 {
				p.Cells[i] = 1
			}
		}
	case last:
		a := newAssignment(c, trainloop.MethodStream(t.settings.Seed, "environments"))
		for range t.Method.InferenceSteps {
			a.step(t.Method.InferenceRate)
		}
		p.Cells = a.cells()
	default:
		return Set{}, nil
	}
	if t.Method.Crossed {
		if p, err = p.crossed(t.Labels(), t.Classes()); err != nil {
			return Set{}, err
		}
	}
	return t.minorityOf("environment", p), nil
}

// scaleGradients gives the derivative of each training sample's loss by a factor on its scores z, at
// 1: z·l'(z), [n].
func (t *Trial) scaleGradients(ctx context.Context, net *neuralnet.Network) ([]float64, error) {
	width := net.ScoreWidth()
	all := make([]float32, t.Rows()*width)
	if err := t.scores(ctx, net, func(row int, scores []float32) { copy(all[row*width:], scores) }); err != nil {
		return nil, err
	}
	losses, slopes := make([]float32, t.Rows()), make([]float32, len(all))
	neuralnet.ScoreLosses(t.settings.Loss, losses, slopes, all, t.Labels())
	c := make([]float64, t.Rows())
	for i := range c {
		c[i] = kernel.Dot64(all[i*width:(i+1)*width], slopes[i*width:(i+1)*width])
	}
	return c, nil
}

// An assignment puts samples softly into the first of two environments.
type assignment struct {
	c []float64 // what each sample adds to its environment's gradient
	u []float32 // the probability is sigmoid(u)

	a, gradient, m, v []float32
	decay1, decay2    float64 // powers of Adam's decays
	labels            []int16 // zeros: the slope of the logistic loss is then the sigmoid
}

func newAssignment(c []float64, stream *kernel.Stream) *assignment {
	n := len(c)
	s := &assignment{c: c, u: make([]float32, n), a: make([]float32, n), gradient: make([]float32, n),
		m: make([]float32, n), v: make([]float32, n), decay1: 1, decay2: 1, labels: make([]int16, n)}
	for i := range s.u {
		s.u[i] = float32(stream.Normal())
	}
	return s
}

// descent sets gradient to that of -(G² + H²)/2 by u, and gives G and H.
func (s *assignment) descent() (first, second float64) {
	kernel.Logistic(s.gradient, s.a, s.u, s.labels)
	n := float64(len(s.c))
	for i, c := range s.c {
		first += float64(float64(s.a[i]) * c)
		second += float64(float64(1-s.a[i]) * c)
	}
	first, second = first/n, second/n
	scale := (second - first) / n
	for i, c := range s.c {
		a := float64(s.a[i])
		s.gradient[i] = float32(float64(scale*c) * float64(a*(1-a)))
	}
	return first, second
}

// step is one of Adam's, with the defaults of PyTorch but for the rate.
func (s *assignment) step(rate float64) {
	const beta1, beta2 = .9, .999
	s.descent()
	s.decay1, s.decay2 = float64(s.decay1*beta1), float64(s.decay2*beta2)
	kernel.Adam(s.u, s.gradient, s.m, s.v, kernel.AdamStep{
		Rate: float32(rate / (1 - s.decay1)), RootScale: float32(1 / math.Sqrt(1-s.decay2)), Epsilon: 1e-8,
		OneLessBeta1: 1 - beta1, Beta2: beta2, OneLessBeta2: 1 - beta2,
	})
}

// cells gives 1 where the probability is above a half.
func (s *assignment) cells() []int16 {
	cells := make([]int16, len(s.u))
	for i, u := range s.u {
		if u > 0 {
			cells[i] = 1
		}
	}
	return cells
}
