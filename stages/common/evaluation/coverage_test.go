package evaluation

import (
	"math"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// unevenLaw has two features of one coordinate each, and six coordinates of noise.
func unevenLaw(t *testing.T, strength float64) *datalaw.Compiled {
	return datasettest.Compile(t, &datalaw.Law{Core: boolean.Function{Type: boolean.Parity, Degree: 1}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 1, SpuriousLength: 1, Independent: 6, Strength: strength, Variant: datalaw.Paper})
}

// leaning is a linear network that goes by both features and by noise, so that no group is all right or all wrong.
func leaning(t *testing.T) *neuralnet.Network {
	s := smallNetwork
	s.Hidden = nil
	net, err := neuralnet.New(s, 8, stream())
	if err != nil {
		t.Fatal(err)
	}
	last := &net.Layers[0]
	for o := range last.Out {
		sign := float32(2*o+1-last.Out) / float32(max(1, last.Out-1))
		if last.Out == 1 {
			sign = 1
		}
		w := []float32{1.6, 1.2, 1, 1, 1, 1, 1, 1}
		for i := range w {
			w[i] *= sign
		}
		last.SetNeuronWeights(o, w)
		if last.Biases != nil {
			last.Biases[o] = sign / 4
		}
	}
	return net
}

// Boolean data exported without their law: over many test splits, the balanced estimates are within 1.96 of their standard
// errors of the law's values as often as a normal estimate is. A right count of 3,000 lies outside of the bounds, five
// standard deviations of the binomial, once in a million; intervals that are 15 % too narrow give 90.4 %, and fail.
func TestBalancedEstimatesCoverTheLaw(t *testing.T) {
	const draws, rows, z = 3000, 1000, 1.959963984540054
	net := leaning(t)
	for _, strength := range []float64{.5, .8} {
		law := unevenLaw(t, strength)
		truth := enumerate(law, net)
		if math.Abs(truth.core) < .2 || math.Abs(truth.core) > .8 || math.Abs(truth.spurious) < .1 {
			t.Fatalf("core %v and spurious %v: the case tells nothing", truth.core, truth.spurious)
		}
		var covered [2]int
		stream := kernel.NewStream(11, "coverage")
		for range draws {
			s := datasettest.Draw(t, law, dataset.TestSplit, rows, stream)
			e, err := NewSampleEvaluator(&dataset.Description{Dimensions: 8}, s, dataset.Evaluation, "", &dataset.Ledger{})
			if err != nil {
				t.Fatal(err)
			}
			m, err := e.Evaluate(t.Context(), net)
			if err != nil {
				t.Fatal(err)
			}
			for i, of := range [2]struct {
				got, se Optional
				want    float64
			}{{m.Core, m.CoreError, truth.core}, {m.Spurious, m.SpuriousError, truth.spurious}} {
				if math.Abs(of.got.Value-of.want) <= z*of.se.Value {
					covered[i]++
				}
			}
		}
		spread := math.Sqrt(draws * .95 * .05)
		for i, name := range []string{"core", "spurious"} {
			if math.Abs(float64(covered[i])-.95*draws) > 5*spread {
				t.Errorf("strength %v: the %s correlation's interval holds the law's value in %d of %d draws", strength, name, covered[i], draws)
			}
			t.Logf("strength %v, %s: %d of %d", strength, name, covered[i], draws)
		}
	}
}
