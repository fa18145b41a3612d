package debias

import (
	"testing"

	"spurion/stages/data"
	"spurion/stages/learn"
	"spurion/stages/nn"
)

// Each rule by its own score: the accuracy, or the worst group's, on validation data alone; the earliest of equals; an
// untrained network for want of another.
func TestRulesByHand(t *testing.T) {
	type visit struct {
		step            int64
		untrained       bool
		accuracy, worst float64 // on validation data; on the law it is the other way round
	}
	visits := []visit{{10, true, 1, 1}, {20, false, .7, .2}, {30, false, .9, .1}, {40, false, .8, .6}, {50, false, .9, .6}, {60, false, .5, .3}}
	list := rules(data.ValidationSplit)
	net := &nn.Network{Layers: []nn.Layer{{In: 1, Out: 1, Weights: []float32{0}}}}
	for i, v := range visits {
		measures := func(sign float64) *learn.Measures {
			return &learn.Measures{Accuracy: sign * v.accuracy, WorstAccuracy: learn.Some(sign * v.worst)}
		}
		net.Layers[0].Weights[0] = float32(v.step)
		for _, r := range list {
			r.consider(v.step, v.untrained, net, measures(1), measures(-1))
			if i == 0 && (!r.untrained || r.step != 10) {
				t.Errorf("%s does not take the first there is", r.name)
			}
		}
	}
	for i, want := range []int64{60, 30, 40} {
		if r := list[i]; r.step != want || r.untrained || r.net.Layers[0].Weights[0] != float32(want) || r.observed.Accuracy != -r.measures.Accuracy {
			t.Errorf("%s selects step %d (the network of %v), want %d", r.name, r.step, r.net.Layers[0].Weights[0], want)
		}
	}
}
