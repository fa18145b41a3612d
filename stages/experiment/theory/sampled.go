package theory

import (
	"fmt"
	"math"

	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// samplePurpose names the stream of samples.
const samplePurpose = "theory/samples"

// A sampledGradient holds means over batches and their standard errors: of the hidden weights' gradients,
// [n, width] as the layer has its weights, and of the contrasts.
type sampledGradient struct {
	weights, contrasts estimates
}

// sample takes the gradients that training would, batch by batch, without a step.
func sample(s *Settings, law *datalaw.Compiled, net *neuralnet.Network, contrasts []contrast, step func() error) (*sampledGradient, error) {
	// Rates matter to frozen layers alone: there are no updates.
	trainer, err := neuralnet.NewTrainer(net.Clone(), s.Loss, neuralnet.OptimizerSettings{Type: "sgd", Rate: 1, LayerRates: []float64{1, 0}}, s.Batch)
	if err != nil {
		return nil, fmt.Errorf("theory: %w", err)
	}
	width := net.Width()
	out := &sampledGradient{newEstimates(len(net.Layers[0].Weights)), newEstimates(len(contrasts))}
	x, labels := make([]float32, s.Batch*law.Dimensions()), make([]int16, s.Batch)
	stream := kernel.NewStream(s.Seed, samplePurpose)
	for range s.batches() {
		law.Sample(stream, s.Batch, x, labels, nil)
		trainer.Forward(x, labels, s.Batch)
		trainer.Backward(nil)
		gradients, _ := trainer.Gradients(0)
		for i, g := range gradients {
			out.weights.add(i, float64(g))
		}
		for k := range contrasts {
			out.contrasts.add(k, contrasts[k].of(func(i int) float64 { return float64(gradients[i*width+contrasts[k].neuron]) }))
		}
		if err := step(); err != nil {
			return nil, err
		}
	}
	out.weights.finish(s.batches())
	out.contrasts.finish(s.batches())
	return out, nil
}

// Estimates hold sums and sums of squares until they are finished, then means and their standard errors.
type estimates struct {
	mean, deviation []float64
}

func newEstimates(n int) estimates { return estimates{make([]float64, n), make([]float64, n)} }

func (e *estimates) add(i int, v float64) {
	e.mean[i] += v
	e.deviation[i] += float64(v * v)
}

func (e *estimates) finish(count int) {
	n := float64(count)
	for i, sum := range e.mean {
		mean := sum / n
		variance := (e.deviation[i] - float64(sum*mean)) / (n - 1)
		e.mean[i], e.deviation[i] = mean, math.Sqrt(max(0, variance)/n)
	}
}

// A contrast is a sum of a neuron's gradients with fixed factors: the population gradient's gap between
// the coordinates that a function reads and those that no function reads. The factors' signs are those of
// the population gradient, so that the gap of a sample is not larger for its noise.
type contrast struct {
	neuron  int
	factors []float64 // [n]; nil if there is nothing to compare
}

func (c *contrast) of(gradient func(i int) float64) float64 {
	sum := 0.0
	for i, f := range c.factors {
		sum += float64(f * gradient(i))
	}
	return sum
}

// contrasts gives those of each neuron for the core (0) and the spurious function (1), in this order.
func contrasts(law datalaw.Law, neurons []neuron) []contrast {
	var list []contrast
	for j := range neurons {
		for _, name := range features {
			c, counts := contrast{neuron: j}, map[string]int{}
			for i := range neurons[j].coreT {
				counts[role(law, i, name)]++
			}
			if counts["relevant"] > 0 && counts["neither"] > 0 {
				c.factors = make([]float64, len(neurons[j].coreT))
				for i := range c.factors {
					sign := math.Copysign(1, neurons[j].total(i))
					switch r := role(law, i, name); r {
					case "relevant":
						c.factors[i] = sign / float64(counts[r])
					case "neither":
						c.factors[i] = -sign / float64(counts[r])
					}
				}
			}
			list = append(list, c)
		}
	}
	return list
}

// role says what a coordinate is to a feature: relevant, neither (no function reads it), or other.
func role(law datalaw.Law, i int, feature string) string {
	switch b := block(law, i); b {
	case feature:
		return "relevant"
	case "core", "spurious":
		return "other"
	}
	return "neither"
}
