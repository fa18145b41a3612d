package main

import (
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
)

// A job is a training that both sides do. Its JSON is what the sides are told.
type job struct {
	Name       string  `json:"name"`
	Says       string  `json:"says"`
	Inputs     int     `json:"inputs"`
	Hidden     []int   `json:"hidden"`
	Activation string  `json:"activation"`
	Batch      int     `json:"batch"`
	Optimizer  string  `json:"optimizer"` // sgd or adam, with their defaults
	Rate       float64 `json:"rate"`
	// Data says where batches come from: fresh draws of the law; epochs of a fixed set in a new order
	// each; or a cycle through batches that were prepared before.
	Data     string  `json:"data"`
	Rows     int     `json:"rows"` // of the fixed set or of the cycle
	Core     int     `json:"core"` // degrees of the law's parities
	Spurious int     `json:"spurious"`
	Strength float64 `json:"strength"`
	Ratio    float64 `json:"goal_ratio"` // to the strongest peer, at least
	Share    float64 `json:"goal_share"` // of the peak in the matrix products, at least; 0 for none
	// Tolerance is how far a peer's losses may be from Spurion's, as a share of the largest one: both round every
	// operation to float32, in different orders. A rate that is wrong by a hundredth is further off.
	Tolerance float64 `json:"tolerance"`
	// Files of the fixed set: float32 [Rows, Inputs] and int8 [Rows], as this machine has them.
	X string `json:"x"`
	Y string `json:"y"`
	// File of the weights to start from: float32, layer by layer, weights [in, out] and then biases [out]. Peers
	// take their own if it is empty.
	Start string `json:"start"`

	// Reals says that inputs are taken as any real numbers, although they are -1 and +1: of an image.
	Reals bool `json:"reals"`

	staircase bool // the law of Hard Staircase instead of parities
}

// jobs lists the five trainings that there are goals for.
func jobs() []job {
	parity := job{Activation: "relu", Batch: 64, Optimizer: "sgd", Rate: .05, Core: 4, Spurious: 2, Strength: .9, Tolerance: 1e-5}
	a, b, c, d, e := parity, parity, parity, parity, parity
	a.Name, a.Says = "a", "fresh samples, n = 50, hidden 100, batch 64, SGD"
	a.Inputs, a.Hidden, a.Data, a.Ratio, a.Share = 50, []int{100}, "fresh", 2.5, .35
	b.Name, b.Says = "b", "60,000 x 34 (Hard Staircase), shuffled epochs, hidden 100, batch 64, SGD"
	b.Inputs, b.Hidden, b.Data, b.Rows, b.staircase, b.Ratio = 34, []int{100}, "epochs", 60_000, true, 2.5
	c.Name, c.Says = "c", "full batch 10,000 x 50, hidden 20 and 20, LeakyReLU, Adam"
	c.Inputs, c.Hidden, c.Data, c.Rows, c.Batch, c.Ratio = 50, []int{20, 20}, "cycle", 10_000, 10_000, 3
	c.Activation, c.Optimizer, c.Rate = "leaky_relu", "adam", .001
	d.Name, d.Says = "d", "n = 100, hidden 1000, batch 512, SGD"
	d.Inputs, d.Hidden, d.Data, d.Batch, d.Rows, d.Ratio, d.Share = 100, []int{1000}, "cycle", 512, 16*512, 2.5, .6
	e.Name, e.Says = "e", "n = 784, hidden 256 and 256, batch 128, Adam"
	e.Inputs, e.Hidden, e.Data, e.Batch, e.Rows, e.Ratio = 784, []int{256, 256}, "cycle", 128, 16*128, 2
	e.Optimizer, e.Rate, e.Reals = "adam", .001, true
	e.Tolerance = 2e-4 // Adam makes a step of full size of a first gradient that is all rounding
	return []job{a, b, c, d, e}
}

// law gives the distribution of the job's data.
func (j *job) law() datalaw.Law {
	if j.staircase {
		return datalaw.Law{
			Core: boolean.Function{Type: boolean.Staircase, Degree: 14}, CoreLength: 14,
			Spurious: boolean.Function{Type: boolean.Staircase, Degree: 10}, SpuriousLength: 20,
			Strength: j.Strength, Variant: datalaw.Paper,
		}
	}
	return datalaw.Law{
		Core: boolean.Function{Type: boolean.Parity, Degree: j.Core}, CoreLength: j.Core,
		Spurious: boolean.Function{Type: boolean.Parity, Degree: j.Spurious}, SpuriousLength: j.Spurious,
		Independent: j.Inputs - j.Core - j.Spurious, Strength: j.Strength, Variant: datalaw.Paper,
	}
}

func (j *job) network() neuralnet.NetworkSettings {
	return neuralnet.NetworkSettings{Hidden: j.Hidden, Activation: j.Activation, Slope: .01, Bias: true, Outputs: 2, InitScale: 1}
}

func (j *job) optimizer() neuralnet.OptimizerSettings {
	return neuralnet.OptimizerSettings{Type: j.Optimizer, Rate: j.Rate, Beta1: .9, Beta2: .999, Epsilon: 1e-8, DecayBiases: true}
}

// epochSteps gives the steps of a pass over the fixed set; 1 for fresh samples.
func (j *job) epochSteps() int {
	if j.Data != "epochs" {
		return 1
	}
	return (j.Rows + j.Batch - 1) / j.Batch
}

// A product is one matrix product of a step: [m, n] = [m, k] x [k, n]. turned says that the first
// factor is stored transposed, and rows which of m, n and k is the number of rows of the batch.
type product struct {
	m, n, k int
	turned  bool
	rows    byte
}

// products lists the matrix products of a step on rows of a batch: for each layer the forward one and
// the weights' gradient, and for all but the first the gradient of what it reads. The output layer
// is computed with rows across, as the trainer does, because it is narrow.
func (j *job) products(rows int) []product {
	var list []product
	in := j.Inputs
	for i, out := range append(append([]int(nil), j.Hidden...), 2) {
		last := i == len(j.Hidden)
		if last {
			list = append(list, product{out, rows, in, true, 'n'}, product{out, in, rows, false, 'k'})
		} else {
			list = append(list, product{rows, out, in, false, 'm'}, product{in, out, rows, true, 'k'})
		}
		if i > 0 {
			list = append(list, product{rows, in, out, last, 'm'})
		}
		in = out
	}
	return list
}

// multiplyAdds counts those of a step's matrix products. Everything else is small beside them.
func (j *job) multiplyAdds() float64 {
	total := 0.0
	for _, p := range j.products(j.Batch) {
		total += float64(p.m) * float64(p.n) * float64(p.k)
	}
	return total
}
