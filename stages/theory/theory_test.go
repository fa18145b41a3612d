package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/boolean"
	"spurion/stages/data"
	"spurion/stages/learn"
	"spurion/stages/nn"
	"spurion/stages/stagetest"
)

func parity(d int) boolean.Function    { return boolean.Function{Type: boolean.Parity, Degree: d} }
func staircase(d int) boolean.Function { return boolean.Function{Type: boolean.Staircase, Degree: d} }

// lawOf gives a law of n dimensions with an inert coordinate in each block if there is room.
func lawOf(core, spurious boolean.Function, n int, strength float64, variant string) *boolean.Law {
	l := &boolean.Law{Core: core, Spurious: spurious, CoreLength: core.Reads(), SpuriousLength: spurious.Reads(), Strength: strength, Variant: variant}
	if rest := n - l.CoreLength - l.SpuriousLength; rest >= 2 {
		l.CoreLength, l.SpuriousLength = l.CoreLength+1, l.SpuriousLength+1
	}
	l.Independent = n - l.CoreLength - l.SpuriousLength
	return l
}

func input(t testing.TB, law *boolean.Law) stagetest.Inputs {
	t.Helper()
	d := data.Dataset{Law: law, Dimensions: law.Dimensions()}
	table, err := d.Table()
	if err != nil {
		t.Fatal(err)
	}
	return stagetest.Inputs{"data": stagetest.Tables(table)}
}

// laws are of small cubes: unbiased, biased, of both variants, with a function that is constant.
func laws() []*boolean.Law {
	maj := boolean.Function{Type: boolean.Majority, Degree: 2}
	return []*boolean.Law{
		lawOf(parity(3), parity(2), 8, 0.9, boolean.Paper),
		lawOf(parity(4), parity(1), 5, 0.25, boolean.Paper),
		lawOf(staircase(5), staircase(3), 10, 0.75, boolean.Paper),
		lawOf(staircase(4), maj, 9, 0.9, boolean.Paper),
		lawOf(staircase(4), maj, 8, 0.9, boolean.Repository),
		lawOf(boolean.Function{Type: boolean.And, Degree: 3}, parity(2), 7, 1, boolean.Paper),
		lawOf(boolean.Function{Type: boolean.TruthTable, Table: "1"}, parity(2), 6, 0.7, boolean.Paper),
	}
}

var losses = []string{"correlation", "logistic", "squared", "cross_entropy"}

// analysed gives the exact gradients of a network that is large enough for its output to matter.
func analysed(t *testing.T, law *boolean.Law, loss string, seed int64) (*boolean.Compiled, *nn.Network, []neuron, *population) {
	t.Helper()
	c, err := law.Compile()
	if err != nil {
		t.Fatal(err)
	}
	outputs := 1
	if loss == "cross_entropy" {
		outputs = 2
	}
	net, err := nn.New(nn.NetworkSettings{Hidden: []int{7}, Activation: "relu", Bias: seed%2 == 0, Outputs: outputs, Init: "pytorch",
		InitScale: 1.5, OutputInit: "same", OutputScale: "1/sqrt(width)"}, c.Dimensions(), learn.InitStream(seed, ""))
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
			trainer, err := nn.NewTrainer(net.Clone(), loss, nn.OptimizerSettings{Type: "sgd", Rate: 1}, size)
			if err != nil {
				t.Fatal(err)
			}
			x, labels, attributes, weights := make([]float32, size*n), make([]int8, size), make([]int8, size), make([]float32, size)
			c.Enumerate(0, size, x, labels, attributes)
			for r := range weights {
				weights[r] = float32(c.Densities()[boolean.GroupOf(labels[r], attributes[r])] / float64(size))
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
func margin(net *nn.Network, x []float32) float64 {
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

func activation(net *nn.Network, x []float32, j int) float64 {
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
func populationLoss(c *boolean.Compiled, net *nn.Network, loss string) float64 {
	n, size := c.Dimensions(), 1<<c.Dimensions()
	x, labels, attributes := make([]float32, size*n), make([]int8, size), make([]int8, size)
	c.Enumerate(0, size, x, labels, attributes)
	sum := 0.0
	for r := range labels {
		f, y := margin(net, x[r*n:(r+1)*n]), float64(2*labels[r]-1)
		l := map[string]float64{"correlation": -y * f, "squared": (f - y) * (f - y), "logistic": math.Log1p(math.Exp(-y * f)),
			"cross_entropy": math.Log1p(math.Exp(-y * f))}[loss]
		sum += c.Densities()[boolean.GroupOf(labels[r], attributes[r])] * l / float64(size)
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
		x, labels, attributes := make([]float32, size*n), make([]int8, size), make([]int8, size)
		c.Enumerate(0, size, x, labels, attributes)
		for r := range labels { // y density is what its expansion says
			y, s := float64(2*labels[r]-1), float64(2*attributes[r]-1)
			want := y * c.Densities()[boolean.GroupOf(labels[r], attributes[r])]
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
	_, _, _, p := analysed(t, lawOf(parity(4), staircase(3), 8, 0.75, boolean.Paper), "correlation", 1)
	if p.alpha != 0 || p.beta != 1 || p.gamma != 0.5 || p.delta != 0 {
		t.Errorf("%v, %v, %v, %v", p.alpha, p.beta, p.gamma, p.delta)
	}
}

const small = `{"network": {"hidden": [9]}, "samples": 1000, "batch": 16, "seed": 3}`

func cases(t *testing.T) []stagetest.Case {
	return []stagetest.Case{
		{Name: "cross_entropy", Settings: small, Inputs: input(t, lawOf(parity(3), parity(1), 9, 0.9, boolean.Paper))},
		{Name: "correlation", Settings: `{"network": {"hidden": [5], "outputs": 1, "bias": false}, "loss": "correlation", "samples": 300, "seed": 1}`,
			Inputs: input(t, lawOf(staircase(4), staircase(2), 8, 0.8, boolean.Repository))},
	}
}

func TestKind(t *testing.T) { stagetest.Conform(t, Kind, cases(t)...) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, cases(t)[0], map[string]string{
		"gaps":      "ec4dbdd95610dea528041b8ed1ec219305e30b63e1393f57288bcac040e7d9a3",
		"gradients": "b8329d2a33f7641f88a6c06e2508ed3623096c02814c69af13ef2bfba34d3bbe",
		"summary":   "9f775e0ba2a19e27d55e92072587a488ffa7152b6c68d2eeb04a098f5934812c",
	})
	stagetest.Golden(t, Kind, cases(t)[1], map[string]string{
		"gaps":      "cc6a1bbe221662dacbab069f9db9a0118dac48d002f32a1f518e5290514b840c",
		"gradients": "ec266bb68eb15751573ede024f36b151c50327e7895a3c89f76d022ef0cbf673",
		"summary":   "cc0df547d85721deb546906c862c182da093d170bc7ecbc903ecbece7a426402",
	})
}

func value(t *testing.T, tables map[string]*frame.Table, name string) float64 {
	t.Helper()
	c := tables["summary"].Column(name)
	if c.Null(0) {
		t.Fatalf("%s is null", name)
	}
	return c.Float64s[0]
}

// TestSamplesAgree: z has mean square 1, for each loss; and samples of another strength are found out.
// Neurons see the same samples, so a run's mean square is more like that of one z a coordinate than of
// one a weight: over 30 seeds of 8 coordinates it spreads by sqrt(2/240), .09. With 50 batches it
// is 49/47 on average.
func TestSamplesAgree(t *testing.T) {
	for _, c := range []struct{ loss, outputs string }{{"cross_entropy", "2"}, {"logistic", "1"}, {"squared", "1"}, {"correlation", "1"}} {
		for _, law := range []*boolean.Law{lawOf(parity(3), parity(2), 8, 0.9, boolean.Paper), lawOf(staircase(4), staircase(2), 8, 0.9, boolean.Paper)} {
			in, sum := input(t, law), 0.0
			for seed := range 30 {
				settings := fmt.Sprintf(`{"network": {"hidden": [6], "outputs": %s}, "loss": %q, "samples": 3200, "seed": %d}`, c.outputs, c.loss, seed)
				tables := stagetest.Run(t, Kind, settings, in)
				if tables["gradients"].Rows() != 6*8 || tables["gaps"].Rows() != 12 {
					t.Fatalf("%d and %d rows", tables["gradients"].Rows(), tables["gaps"].Rows())
				}
				sum += value(t, tables, "mean_square_z") / 30
			}
			if math.Abs(sum-1.04) > 0.3 {
				t.Errorf("%s, %v: mean square of z is %v", c.loss, law.Core, sum)
			}
		}
	}
	a := stagetest.Run(t, Kind, `{"network": {"hidden": [32]}, "samples": 40000, "seed": 5}`, input(t, lawOf(parity(4), parity(2), 12, 0.9, boolean.Paper)))["gradients"]
	b := stagetest.Run(t, Kind, `{"network": {"hidden": [32]}, "samples": 40000, "seed": 5}`, input(t, lawOf(parity(4), parity(2), 12, 0.6, boolean.Paper)))["gradients"]
	squares := 0.0
	for i := range a.Rows() {
		z := (a.Column("sampled").Float64s[i] - b.Column("population").Float64s[i]) / a.Column("standard_error").Float64s[i]
		squares += z * z
	}
	if squares/float64(a.Rows()) < 3 {
		t.Errorf("samples of strength 0.9 agree with the theory of 0.6: mean square of z is %v", squares/float64(a.Rows()))
	}
}

// TestSimplerFeatureHasTheLargerGap, finding R7: the gap falls with the degree, whichever feature has it.
func TestSimplerFeatureHasTheLargerGap(t *testing.T) {
	settings := `{"network": {"hidden": [64]}, "samples": 128, "seed": 1}`
	for _, c := range []struct {
		core, spurious int
		less           bool
	}{{4, 1, false}, {4, 2, false}, {3, 1, false}, {3, 2, false}, {1, 3, true}, {2, 4, true}} {
		tables := stagetest.Run(t, Kind, settings, input(t, lawOf(parity(c.core), parity(c.spurious), 14, 0.9, boolean.Paper)))
		core, spurious := value(t, tables, "core_gap"), value(t, tables, "spurious_gap")
		if (spurious < core) != c.less {
			t.Errorf("parity(%d) with parity(%d): gaps %v and %v", c.core, c.spurious, core, spurious)
		}
	}
}

func TestRefusals(t *testing.T) {
	for text, paths := range map[string][]string{
		`{"network": {"hidden": []}}`:                                       {"network.hidden"},
		`{"network": {"hidden": [4, 4], "activation": "tanh"}}`:             {"network.hidden", "network.activation"},
		`{"network": {"hidden": [4]}, "samples": 100}`:                      {"samples"},
		`{"network": {"hidden": [4], "outputs": 1}}`:                        {"loss"},
		`{"network": {"hidden": [4], "layer_inits": ["zeros"]}}`:            {"network.layer_inits"},
		`{"network": {"hidden": [4], "outputs": 1}, "loss": "correlation"}`: nil,
	} {
		var got []string
		if _, err := stagetest.Settings(Kind, text); err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				path, _, _ := strings.Cut(line, ":")
				got = append(got, path)
			}
		}
		if !slices.Equal(got, paths) {
			t.Errorf("%s: problems with %v, want %v", text, got, paths)
		}
	}
	if _, err := stagetest.Try(t.Context(), Kind, small, input(t, lawOf(parity(3), parity(1), 21, 0.9, boolean.Paper))); err == nil || !strings.Contains(err.Error(), "at most 20") {
		t.Errorf("21 dimensions: %v", err)
	}
	samples, err := data.Pack(data.TrainSplit, 3, []uint64{1, 2}, []int8{0, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	table, err := (&data.Dataset{Dimensions: 3, Train: samples}).Table()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stagetest.Try(t.Context(), Kind, small, stagetest.Inputs{"data": stagetest.Tables(table)}); err == nil || !strings.Contains(err.Error(), "no law") {
		t.Errorf("external data: %v", err)
	}
}

func BenchmarkTheory(b *testing.B) {
	in := input(b, lawOf(parity(4), parity(2), 20, 0.9, boolean.Paper))
	for b.Loop() {
		stagetest.Run(b, Kind, `{"network": {"hidden": [64]}, "seed": 1}`, in)
	}
}
