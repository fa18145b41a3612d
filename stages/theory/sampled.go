package theory

import (
	"fmt"
	"math"

	"spurion/stages/boolean"
	"spurion/stages/kernel"
	"spurion/stages/nn"
)

// samplePurpose names the stream of samples.
const samplePurpose = "theory/samples"

// A sampled gradient of the hidden weights: means over batches and their standard errors, [n, width]
// as the layer has its weights.
type sampledGradient struct {
	mean, deviation []float64
}

// sample takes the gradients that training would, batch by batch, without a step.
func sample(s *Settings, law *boolean.Compiled, net *nn.Network, step func() error) (*sampledGradient, error) {
	// Rates matter to frozen layers alone: there are no updates.
	trainer, err := nn.NewTrainer(net.Clone(), s.Loss, nn.OptimizerSettings{Type: "sgd", Rate: 1, LayerRates: []float64{1, 0}}, s.Batch)
	if err != nil {
		return nil, fmt.Errorf("theory: %w", err)
	}
	weights := len(net.Layers[0].Weights)
	sums, squares := make([]float64, weights), make([]float64, weights)
	x, labels := make([]float32, s.Batch*law.Dimensions()), make([]int8, s.Batch)
	stream := kernel.NewStream(s.Seed, samplePurpose)
	for range s.batches() {
		law.Sample(stream, s.Batch, x, labels, nil)
		trainer.Forward(x, labels, s.Batch)
		trainer.Backward(nil)
		gradients, _ := trainer.Gradients(0)
		for i, g := range gradients {
			v := float64(g)
			sums[i] += v
			squares[i] += float64(v * v)
		}
		if err := step(); err != nil {
			return nil, err
		}
	}
	batches := float64(s.batches())
	out := &sampledGradient{sums, squares}
	for i, sum := range sums {
		mean := sum / batches
		variance := (squares[i] - float64(sum*mean)) / (batches - 1)
		out.mean[i], out.deviation[i] = mean, math.Sqrt(max(0, variance)/batches)
	}
	return out, nil
}
