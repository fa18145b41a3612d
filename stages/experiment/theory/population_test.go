package theory

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
)

var losses = []string{"correlation", "logistic", "squared", "cross_entropy"}

// analysed gives the exact gradients of a network that is large enough for its output to matter.
func analysed(t *testing.T, law *datalaw.Law, loss string, seed int64) (*datalaw.Compiled, *neuralnet.Network, []neuron, *population) {
	t.Helper()
	c := datasettest.Compile(t, law)
	outputs := 1
	if loss == "cross_entropy" {
		outputs = 2
	}
	net, err := neuralnet.New(neuralnet.NetworkSettings{Hidden: []int{7}, Activation: "relu", Bias: seed%2 == 0, Outputs: outputs, Init: "pytorch",
		InitScale: 1.5, OutputInit: "same", OutputScale: "1/sqrt(width)"}, c.Dimensions(), trainloop.InitStream(seed, ""))
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPopulation(c, net, loss)
	if err != nil {
		t.Fatal(err)
	}
	neurons, err := p.gradients(func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return c, net, neurons, p
}

// TestPopulationIsTheGradientOfTheWholeCube: training's own gradient, with every input weighed by its
// probability, is the one that Fourier analysis gives.
func TestPopulationIsTheGradientOfTheWholeCube(t *testing.T) {
	for k, law := range laws() {
		for _, loss := range losses {
			c, net, neurons, _ := analysed(t, law, loss, int64(k))
			n, size := c.Dimensions(), 1<<c.Dimensions()
			trainer, err := neuralnet.NewTrainer(net.Clone(), loss, neuralnet.OptimizerSettings{Type: "sgd", Rate: 1}, size)
			if err != nil {
				t.Fatal(err)
			}
			x, labels, attributes, weights := make([]float32, size*n), make([]int16, size), make([]int16, size), make([]float32, size)
			c.Enumerate(0, size, x, labels, attributes)
			for r := range weights {
				weights[r] = float32(c.Densities()[datalaw.GroupOf(labels[r], attributes[r])] / float64(size))
			}
			trainer.Forward(x, labels, size)
			trainer.Backward(weights)
			got, _ := trainer.Gradients(0)
			for j := range neurons {
				for i := range n {
					// float32 has 24 bits; a gradient here is a sum of up to 1024 terms of size 1/1024.
					if want := neurons[j].total(i); math.Abs(float64(got[i*net.Width()+j])-want) > 2e-7 {
						t.Fatalf("law %d, %s, neuron %d, coordinate %d: training's gradient %v, exact %v", k, loss, j, i, got[i*net.Width()+j], want)
					}
				}
			}
		}
	}
}

// margin is the network's output in float64, by its definition.
func margin(net *neuralnet.Network, x []float32) float64 {
	first, last := net.Layers[0], net.Layers[1]
	out := make([]float64, last.Out)
	for o := range out {
		if last.Biases != nil {
			out[o] = float64(last.Biases[o])
		}
		for j := range first.Out {
			out[o] += float64(last.Weights[j*last.Out+o]) * max(0, activation(net, x, j))
		}
		out[o] *= float64(net.OutputScale)
	}
	if len(out) == 2 {
		return out[1] - out[0]
	}
	return out[0]
}

func activation(net *neuralnet.Network, x []float32, j int) float64 {
	first, z := net.Layers[0], 0.0
	if first.Biases != nil {
		z = float64(first.Biases[j])
	}
	for i, v := range x {
		z += float64(first.Weights[i*first.Out+j]) * float64(v)
	}
	return z
}

// populationLoss is E_D ℓ, by its definition.
func populationLoss(c *datalaw.Compiled, net *neuralnet.Network, loss string) float64 {
	n, size := c.Dimensions(), 1<<c.Dimensions()
	x, labels, attributes := make([]float32, size*n), make([]int16, size), make([]int16, size)
	c.Enumerate(0, size, x, labels, attributes)
	sum := 0.0
	for r := range labels {
		f, y := margin(net, x[r*n:(r+1)*n]), float64(2*labels[r]-1)
		l := map[string]float64{"correlation": -y * f, "squared": (f - y) * (f - y), "logistic": math.Log1p(math.Exp(-y * f)),
			"cross_entropy": math.Log1p(math.Exp(-y * f))}[loss]
		sum += c.Densities()[datalaw.GroupOf(labels[r], attributes[r])] * l / float64(size)
	}
	return sum
}

// TestFiniteDifferences: the population loss changes with each weight as the gradient says. Steps are
// so small that no neuron's threshold moves over an input, and large enough for float32 weights.
func TestFiniteDifferences(t *testing.T) {
	const h = 0x1p-12
	for k, law := range laws() {
		if law.Dimensions() > 8 {
			continue
		}
		for _, loss := range losses {
			c, net, neurons, p := analysed(t, law, loss, int64(k))
			z := make([]float64, 1<<p.n)
			for j := range neurons {
				p.activations(z, j)
				closest := slices.MinFunc(z, func(a, b float64) int { return int(math.Copysign(1, math.Abs(a)-math.Abs(b))) })
				if math.Abs(closest) < 2*h {
					continue
				}
				i := j % p.n
				w := &net.Layers[0].Weights[i*net.Width()+j]
				old := *w
				*w = old + h
				up, above := float64(*w), populationLoss(c, net, loss)
				*w = old - h
				down, below := float64(*w), populationLoss(c, net, loss)
				*w = old
				got, want := (above-below)/(up-down), neurons[j].total(i)
				if math.Abs(got-want) > 1e-7 {
					t.Errorf("law %d, %s, neuron %d, coordinate %d: finite difference %v, exact %v", k, loss, j, i, got, want)
				}
			}
		}
	}
}

// TestTermsAreTheirDefinitions computes each term by enumeration: of the functions, not of the density.
func TestTermsAreTheirDefinitions(t *testing.T) {
	for k, law := range laws() {
		c, net, neurons, p := analysed(t, law, "correlation", int64(k))
		n, size := c.Dimensions(), 1<<c.Dimensions()
		x, labels, attributes := make([]float32, size*n), make([]int16, size), make([]int16, size)
		c.Enumerate(0, size, x, labels, attributes)
		for r := range labels { // y density is what its expansion says
			y, s := float64(2*labels[r]-1), float64(2*attributes[r]-1)
			want := y * c.Densities()[datalaw.GroupOf(labels[r], attributes[r])]
			if got := p.alpha + p.beta*y + p.gamma*s + p.delta*y*s; math.Abs(got-want) > 1e-14 {
				t.Fatalf("law %d: y density is %v, want %v", k, got, want)
			}
		}
		for j := range neurons {
			for i := range n {
				var one, core, spurious, both float64
				for r := range labels {
					row := x[r*n : (r+1)*n]
					if activation(net, row, j) > 0 {
						v, y, s := float64(row[i])/float64(size), float64(2*labels[r]-1), float64(2*attributes[r]-1)
						one, core, spurious, both = one+v, core+v*y, spurious+v*s, both+v*y*s
					}
				}
				u, a := &neurons[j], p.outgoing[j]
				if u.coreT[i] != core || u.spuriousT[i] != spurious || u.constantT[i] != one || p.delta != 0 && u.bothT[i] != both {
					t.Fatalf("law %d, neuron %d, coordinate %d: T is %v, %v, %v, %v, want %v, %v, %v, %v", k, j, i,
						u.coreT[i], u.spuriousT[i], u.constantT[i], u.bothT[i], core, spurious, one, both)
				}
				for name, pair := range map[string][2]float64{"core": {u.coreTerm[i], -a * p.beta * core}, "spurious": {u.spuriousTerm[i], -a * p.gamma * spurious},
					"bias": {u.biasTerm[i], -a * (p.alpha*one + p.delta*both)}, "output": {u.output[i], 0}} {
					if math.Abs(pair[0]-pair[1]) > 1e-15 {
						t.Fatalf("law %d, neuron %d, coordinate %d: %s term %v, want %v", k, j, i, name, pair[0], pair[1])
					}
				}
			}
		}
	}
}

// TestUnbiasedDensity: the paper's density, 1 + (2λ-1) f_c f_s.
func TestUnbiasedDensity(t *testing.T) {
	_, _, _, p := analysed(t, lawOf(parity(4), staircase(3), 8, 0.75, datalaw.Paper), "correlation", 1)
	if p.alpha != 0 || p.beta != 1 || p.gamma != 0.5 || p.delta != 0 {
		t.Errorf("%v, %v, %v, %v", p.alpha, p.beta, p.gamma, p.delta)
	}
}
