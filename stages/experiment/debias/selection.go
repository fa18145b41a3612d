package debias

import (
	"math"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/neuralnet"
)

// A rule selects one of the evaluated networks of a method. It sees validation data alone.
type rule struct {
	name   string
	score  func(validation *evaluation.Measures) float64 // the larger the better; the first of equals wins
	reads  frame.Mark                                    // what of the validation data it reads; "" for nothing
	ledger dataset.Ledger

	chosen             bool
	best               float64
	step               int64
	untrained          bool
	measures, observed evaluation.Measures // on the law, and on validation data
	net                *neuralnet.Network
}

// rules gives the selection rules, in the order of rows. Without groups classes stand in their place.
func rules(validation dataset.Split, groups bool) []*rule {
	list := []*rule{
		{name: "last", score: nil},
		{name: "best_validation_accuracy", score: func(v *evaluation.Measures) float64 { return v.Accuracy }, reads: frame.MarkSplit},
		{name: "best_validation_worst_group", score: func(v *evaluation.Measures) float64 { return v.WorstAccuracy.Value }, reads: frame.MarkGroup},
	}
	if !groups {
		list[2] = worstClass()
	}
	for _, r := range list {
		if r.reads != "" {
			r.ledger.Note(r.reads, dataset.Selection, validation)
		}
	}
	return list
}

// worstClass is the rule in place of best_validation_worst_group where there are no groups.
func worstClass() *rule {
	return &rule{name: "best_validation_worst_class", score: func(v *evaluation.Measures) float64 { return v.WorstClassAccuracy.Value }, reads: frame.MarkSplit}
}

// consider offers the rule a network. An untrained one is chosen for want of another alone.
func (r *rule) consider(step int64, untrained bool, net *neuralnet.Network, validation, measures *evaluation.Measures) {
	score := math.Inf(-1)
	if !untrained && r.score != nil {
		score = r.score(validation)
	}
	if r.chosen && r.score != nil && score <= r.best {
		return
	}
	r.best = score
	r.chosen, r.step, r.untrained, r.measures, r.observed = true, step, untrained, *measures, *validation
	if r.net == nil {
		r.net = net.Clone()
		return
	}
	r.net.CopyFrom(net)
}
