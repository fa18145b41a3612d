package debias

import (
	"context"
	"fmt"

	"spurion/stages"
	"spurion/stages/learn"
	"spurion/stages/nn"
)

// jtt is Just Train Twice.
var jtt = &Method{
	Name: "jtt",
	Doc: "Trains a first network by ERM for T steps; the error set E holds the training samples that it then gets wrong. A second network starts afresh and is trained by ERM on the training set with each sample of E in it `upweight` times " +
		"(the paper's algorithm; its code has them 1 + λ_up times). The steps of both stages count. If E is empty the second stage is ERM, and the note says so.",
	Source: "Liu et al. 2021, algorithm 1",
	Finite: true,
	Check: func(s *Settings) []stages.Problem {
		if f := s.Method.FirstSteps; f != nil && *f >= s.Steps {
			return []stages.Problem{{Path: "method.first_steps", Summary: "No steps left for the second stage",
				Detail: fmt.Sprintf("The first stage takes %d of %d steps, and its steps count. Write a smaller first_steps, or more steps.", *f, s.Steps)}}
		}
		return nil
	},
	Run: runJTT,
}

func runJTT(ctx context.Context, t *Trial) error {
	steps := t.firstSteps()
	if steps >= t.Remaining() {
		return fmt.Errorf("the first stage takes %d of %d steps (an epoch has %d): nothing is left for the second; use a smaller first_epochs or first_steps, or more steps",
			steps, t.Remaining(), t.epochSteps())
	}
	wrong, err := t.errorSet(ctx, steps)
	if err != nil {
		return err
	}
	list := learn.All(t.Rows())
	size := 0
	for row, e := range wrong {
		if !e {
			continue
		}
		size++
		for range t.Method.Upweight - 1 {
			list = append(list, int32(row))
		}
	}
	if size == 0 {
		t.Say("The error set is empty after %d steps: the second stage is ERM.", steps)
	}
	if size == t.Rows() {
		t.Say("The error set is the whole training set after %d steps: the second stage is ERM.", steps)
	}
	source, err := t.Listed("", list)
	if err != nil {
		return err
	}
	return t.Train(ctx, Stage{Net: t.Network(""), Source: source, Steps: t.Remaining()})
}

// errorSet trains a first network by ERM and gives the training samples that it gets wrong after
// the last step, noting those after each evaluation.
func (t *Trial) errorSet(ctx context.Context, steps int64) ([]bool, error) {
	source, err := t.Natural("first")
	if err != nil {
		return nil, err
	}
	first := t.Network("first")
	end := t.Taken() + steps
	var wrong []bool
	err = t.Train(ctx, Stage{Name: "first", Net: first, Source: source, Steps: steps, Visit: func(v learn.Visit) error {
		if wrong, err = t.Wrong(ctx, first); err != nil {
			return err
		}
		return t.Infer(v, Set{What: errorsOf, Members: wrong, Used: v.Step == end})
	}})
	return wrong, err
}

// firstSteps gives the length of the first stage.
func (t *Trial) firstSteps() int64 {
	if t.Method.FirstSteps != nil {
		return int64(*t.Method.FirstSteps)
	}
	return max(1, int64(float64(t.Method.FirstEpochs*float64(t.epochSteps()))+0.5))
}

// epochSteps gives the number of steps in a pass over the training set.
func (t *Trial) epochSteps() int64 { return int64((t.Rows() + t.batch - 1) / t.batch) }

// Wrong says for each training sample whether the network gets its label wrong.
func (t *Trial) Wrong(ctx context.Context, net *nn.Network) ([]bool, error) {
	wrong := make([]bool, t.Rows())
	labels := t.Labels()
	err := t.margins(ctx, net, func(row int, margin float32) { wrong[row] = (margin >= 0) != (labels[row] == 1) })
	return wrong, err
}
