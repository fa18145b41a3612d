package debias

import (
	"context"

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
	Check:  checkFirst,
	Run:    runJTT,
}

func runJTT(ctx context.Context, t *Trial) error {
	errors, err := t.firstStage(ctx, func(first *nn.Network) (Set, error) {
		wrong, err := t.Wrong(ctx, first)
		return Set{What: errorsOf, Members: wrong}, err
	})
	if err != nil {
		return err
	}
	list := learn.All(t.Rows())
	size := 0
	for row, e := range errors.Members {
		if !e {
			continue
		}
		size++
		for range t.Method.Upweight - 1 {
			list = append(list, int32(row))
		}
	}
	if size == 0 {
		t.Say("The error set is empty after %d steps: the second stage is ERM.", t.Taken())
	}
	if size == t.Rows() {
		t.Say("The error set is the whole training set after %d steps: the second stage is ERM.", t.Taken())
	}
	source, err := t.Listed("", list)
	if err != nil {
		return err
	}
	return t.Train(ctx, Stage{Net: t.Network(""), Source: source, Steps: t.Remaining()})
}
