package theory

import (
	"fmt"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// A population is what the exact gradients need of the law and the network; see Kind for the symbols.
type population struct {
	n         int
	net       *neuralnet.Network
	outgoing  []float64 // a_j
	constant  float64   // c
	kappa     float64
	residual  func(f float64) float64 // r, nil if it is 0
	densities [4]float64
	// The coefficients of y times the density.
	alpha, beta, gamma, delta float64
	core, spurious, both      expansion // both is empty if delta is 0
	groups                    []int16   // [2^n], for the output term; nil if there is none
}

// An expansion lists the Fourier coefficients that are not 0 of a function on the whole cube, as
// numerators over 2^reads.
type expansion struct {
	reads      int
	sets       []uint32
	numerators []int64
}

// newPopulation prepares for a network with one hidden layer.
func newPopulation(law *datalaw.Compiled, net *neuralnet.Network, loss string) (*population, error) {
	p := &population{n: law.Dimensions(), net: net, densities: law.Densities()}
	switch loss {
	case "correlation":
		p.kappa = 1
	case "logistic", "cross_entropy":
		p.kappa, p.residual = 0.5, func(f float64) float64 { return kernel.Sigmoid64(f) - 0.5 }
	case "squared":
		p.kappa, p.residual = 2, func(f float64) float64 { return f + f }
	default:
		return nil, fmt.Errorf("no analysis of the loss %q", loss)
	}
	p.readOutput()
	p.expandDensity(law)
	l := law.Law()
	core, err := l.Core.Spectrum()
	if err != nil {
		return nil, err
	}
	spurious, err := l.Spurious.Spectrum()
	if err != nil {
		return nil, err
	}
	p.core, p.spurious = expand(core, 0), expand(spurious, l.CoreLength)
	if p.delta != 0 {
		p.both = times(p.core, p.spurious)
	}
	if p.residual != nil {
		p.groups = groups(law)
	}
	return p, nil
}

// readOutput reads the output layer as weights of the margin.
func (p *population) readOutput() {
	hidden, last := p.net.Width(), &p.net.Layers[1]
	scale := float64(p.net.OutputScale)
	difference := func(x []float32) float64 {
		if len(x) == 2 {
			return float64((float64(x[1]) - float64(x[0])) * scale)
		}
		return float64(float64(x[0]) * scale)
	}
	p.outgoing = make([]float64, hidden)
	for j := range p.outgoing {
		p.outgoing[j] = difference(last.Weights[j*last.Out : (j+1)*last.Out])
	}
	if last.Biases != nil {
		p.constant = difference(last.Biases)
	}
}

// expandDensity finds y density = α + β f_c + γ f_s + δ f_c f_s.
func (p *population) expandDensity(law *datalaw.Compiled) {
	if law.CoreProbability() == 0.5 && law.SpuriousProbability() == 0.5 {
		p.beta, p.gamma = 1, float64(2*law.Law().Strength)-1 // without rounding
		return
	}
	d := p.densities // of (y, s) = (-1, -1), (-1, 1), (1, -1), (1, 1)
	p.alpha = ((d[3] + d[2]) - (d[1] + d[0])) / 4
	p.beta = ((d[3] + d[2]) + (d[1] + d[0])) / 4
	p.gamma = ((d[3] - d[2]) - (d[1] - d[0])) / 4
	p.delta = ((d[3] - d[2]) + (d[1] - d[0])) / 4
}

// expand places a function's expansion on the coordinates from first on.
func expand(s *boolean.Spectrum, first int) expansion {
	e := expansion{reads: s.Reads()}
	for set, c := range s.Numerators() {
		if c != 0 {
			e.sets, e.numerators = append(e.sets, uint32(set)<<first), append(e.numerators, int64(c))
		}
	}
	return e
}

// times gives the product of functions of different coordinates.
func times(f, g expansion) expansion {
	e := expansion{reads: f.reads + g.reads}
	for i, s := range f.sets {
		for k, t := range g.sets {
			e.sets, e.numerators = append(e.sets, s|t), append(e.numerators, f.numerators[i]*g.numerators[k])
		}
	}
	return e
}

// groups gives the group of each input of the cube.
func groups(law *datalaw.Compiled) []int16 {
	size := 1 << law.Dimensions()
	labels, attributes := make([]int16, size), make([]int16, size)
	law.Enumerate(0, size, nil, labels, attributes)
	for x, y := range labels {
		labels[x] = datalaw.GroupOf(y, attributes[x])
	}
	return labels
}

// A neuron is what is known of one: T_F by coordinate, [n] each, in units of E[F τ x_i], and the
// gradient's terms.
type neuron struct {
	active                                   float64 // P(τ = 1), for uniform inputs
	constantT, coreT, spuriousT, bothT       []float64
	coreTerm, spuriousTerm, biasTerm, output []float64
}

// gradients computes all neurons. It calls step once for each in each of two passes, and stops at its
// error.
func (p *population) gradients(step func() error) ([]neuron, error) {
	z := make([]float64, 1<<p.n)
	weights, err := p.residuals(z, step)
	if err != nil {
		return nil, err
	}
	list, threshold := make([]neuron, len(p.outgoing)), make([]int32, len(z))
	for j := range list {
		p.activations(z, j)
		p.expandNeuron(&list[j], z, threshold, p.outgoing[j])
		if weights != nil {
			list[j].output = p.outputTerm(z, weights, p.outgoing[j])
		}
		if err := step(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// activations sets z to w_j·x + b_j for all inputs x of the cube.
func (p *population) activations(z []float64, j int) {
	first := &p.net.Layers[0]
	at := 0.0
	if first.Biases != nil {
		at = float64(first.Biases[j])
	}
	for i := range p.n {
		at -= float64(first.Weights[i*first.Out+j])
	}
	z[0] = at
	for i := range p.n {
		w, h := float64(first.Weights[i*first.Out+j]), 1<<i
		for x := range h {
			z[h+x] = z[x] + (w + w)
		}
	}
}

// residuals gives the density times r(f) at all inputs, divided by 2^n; nil if r is 0.
func (p *population) residuals(z []float64, step func() error) ([]float64, error) {
	if p.residual == nil {
		for range p.outgoing {
			if err := step(); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	f := make([]float64, len(z))
	for x := range f {
		f[x] = p.constant
	}
	for j, a := range p.outgoing {
		p.activations(z, j)
		for x, v := range z {
			if v > 0 {
				f[x] += float64(a * v)
			}
		}
		if err := step(); err != nil {
			return nil, err
		}
	}
	for x, v := range f {
		f[x] = float64(p.densities[p.groups[x]]*p.residual(v)) / float64(len(f))
	}
	return f, nil
}

// expandNeuron computes T_F for all F, and the terms that follow from them; threshold is scratch.
func (p *population) expandNeuron(to *neuron, z []float64, threshold []int32, a float64) {
	for x, v := range z {
		threshold[x] = 0
		if v > 0 {
			threshold[x] = 1
		}
	}
	boolean.Walsh(threshold)
	to.active = float64(threshold[0]) / float64(len(z))
	one := expansion{sets: []uint32{0}, numerators: []int64{1}}
	to.constantT, to.bothT = p.correlate(one, threshold), p.correlate(p.both, threshold)
	to.coreT, to.spuriousT = p.correlate(p.core, threshold), p.correlate(p.spurious, threshold)
	to.coreTerm, to.spuriousTerm = make([]float64, p.n), make([]float64, p.n)
	to.biasTerm, to.output = make([]float64, p.n), make([]float64, p.n)
	factor := -float64(p.kappa * a)
	for i := range p.n {
		to.coreTerm[i] = float64(float64(factor*p.beta) * to.coreT[i])
		to.spuriousTerm[i] = float64(float64(factor*p.gamma) * to.spuriousT[i])
		bias := float64(p.alpha*to.constantT[i]) + float64(p.delta*to.bothT[i])
		to.biasTerm[i] = float64(factor * bias)
	}
}

// correlate gives Σ_S F̂(S) τ̂(S Δ {i}) for each coordinate i, from numerators over 2^n of τ̂. The sums
// are exact: by Cauchy and Schwarz none exceeds 2^40 before it is divided.
func (p *population) correlate(f expansion, threshold []int32) []float64 {
	t := make([]float64, p.n)
	for i := range t {
		sum, bit := int64(0), uint32(1)<<i
		for k, set := range f.sets {
			sum += f.numerators[k] * int64(threshold[set^bit])
		}
		t[i] = float64(sum) / float64(uint64(1)<<(p.n+f.reads))
	}
	return t
}

// outputTerm gives a E[density r(f) τ x_i] by coordinate; z becomes scratch.
func (p *population) outputTerm(z, weights []float64, a float64) []float64 {
	for x, v := range z {
		if v > 0 {
			z[x] = weights[x]
		} else {
			z[x] = 0
		}
	}
	term := make([]float64, p.n)
	for i := p.n - 1; i >= 0; i-- {
		low, high := z[:1<<i], z[1<<i:2<<i]
		for x := range low {
			low[x], high[x] = low[x]+high[x], high[x]-low[x]
		}
		term[i] = float64(a * pairwise(high))
	}
	return term
}

// pairwise sums in pairs, so that rounding errors grow with the logarithm of the length.
func pairwise(x []float64) float64 {
	if len(x) > 32 {
		return pairwise(x[:len(x)/2]) + pairwise(x[len(x)/2:])
	}
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

// total gives the population gradient of the weight from coordinate i.
func (u *neuron) total(i int) float64 {
	return u.coreTerm[i] + u.spuriousTerm[i] + u.biasTerm[i] + u.output[i]
}
