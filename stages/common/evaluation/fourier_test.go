package evaluation

import (
	"context"
	"math"
	"math/bits"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

func newFourier(t testing.TB, sets [][]int, dimensions, points int, seed int64) *Fourier {
	t.Helper()
	f, err := NewFourier(sets, dimensions, points, kernel.NewStream(seed, "points"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func measure(t testing.TB, f *Fourier, net *neuralnet.Network) []Coefficient {
	t.Helper()
	found, err := f.Measure(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// allSets lists every set of the coordinates 1 to n.
func allSets(n int) [][]int {
	sets := make([][]int, 1<<n)
	for i := range sets {
		sets[i] = boolean.Coordinates(uint64(i))
	}
	return sets
}

// forward64 computes the margin of an input from the weights alone, in float64.
func forward64(net *neuralnet.Network, x []float64) float64 {
	for i := range net.Layers {
		l := &net.Layers[i]
		z := make([]float64, l.Out)
		for o := range z {
			z[o] = float64(l.Biases[o])
			for j, v := range x {
				z[o] += float64(v * float64(l.Weights[j*l.Out+o]))
			}
			if i < len(net.Layers)-1 {
				z[o] = max(z[o], 0)
			}
		}
		x = z
	}
	if len(x) == 1 {
		return x[0]
	}
	return x[1] - x[0]
}

// product is χ_S(x) by its definition.
func product(x []float64, set []int) float64 {
	p := 1.0
	for _, c := range set {
		p *= x[c-1]
	}
	return p
}

// Coefficients of a cube that is smaller than a chunk, one, and several are means over all inputs,
// each pushed through the weights on its own.
func TestFourierByEnumeration(t *testing.T) {
	for _, n := range []int{1, 4, 10, 12} {
		sets := [][]int{{}, {1}}
		if n > 1 {
			sets = append(sets, []int{n}, []int{n, 1}, []int{3, 2}, []int{n, n - 1, 2, 1}[:min(4, n-1)])
		}
		net := newNetwork(t, n)
		margins, signs := make([]float64, len(sets)), make([]float64, len(sets))
		for i := range 1 << n {
			x := make([]float64, n)
			for j := range x {
				x[j] = float64(2*(i>>j&1) - 1)
			}
			m := forward64(net, x)
			if math.Abs(m) < 1e-4 {
				t.Fatalf("n = %d: input %d has a margin of %v, whose sign rounding may change; choose other weights", n, i, m)
			}
			for k, set := range sets {
				margins[k] += m * product(x, set) / float64(int(1)<<n)
				signs[k] += math.Copysign(1, m) * product(x, set) / float64(int(1)<<n)
			}
		}
		for k, c := range measure(t, newFourier(t, sets, n, 4, 1), net) {
			if !c.Margin.Valid || math.Abs(c.Margin.Value-margins[k]) > 1e-5 || c.Sign != signs[k] {
				t.Errorf("n = %d, %s: %v and %v, want %v and %v", n, c.Set, c.Margin, c.Sign, margins[k], signs[k])
			}
			if c.MarginErr != Some(0) || c.SignErr != 0 || c.Size != len(sets[k]) {
				t.Errorf("n = %d, %s: %+v", n, c.Set, c)
			}
		}
	}
}

// parityNetwork computes x_i x_j as |x_i + x_j| - 1, with as many outputs as asked for.
func parityNetwork(t testing.TB, n, i, j, outputs int) *neuralnet.Network {
	t.Helper()
	net, err := neuralnet.New(neuralnet.NetworkSettings{Hidden: []int{2}, Bias: true, Outputs: outputs, Init: "zeros"}, n, kernel.NewStream(1, "zeros"))
	if err != nil {
		t.Fatal(err)
	}
	for o, sign := range []float32{1, -1} {
		weights := make([]float32, n)
		weights[i-1], weights[j-1] = sign, sign
		net.Layers[0].SetNeuronWeights(o, weights)
	}
	clear(net.Layers[0].Biases)
	clear(net.Layers[1].Biases)
	clear(net.Layers[1].Weights)
	net.Layers[1].SetNeuronWeights(outputs-1, []float32{1, 1})
	net.Layers[1].Biases[outputs-1] = -1
	return net
}

// A network that is a parity has that coefficient and no other, whatever the size of the cube.
func TestFourierOfAParity(t *testing.T) {
	for _, c := range []struct{ n, i, j, outputs int }{{3, 1, 3, 1}, {12, 2, 12, 2}, {14, 11, 13, 1}, {13, 3, 5, 2}} {
		sets := [][]int{{}, {c.i}, {c.j}, {c.j, c.i}, {1, 2, 3}}
		for k, got := range measure(t, newFourier(t, sets, c.n, 4, 1), parityNetwork(t, c.n, c.i, c.j, c.outputs)) {
			want := 0.0
			if k == 3 {
				want = 1
			}
			if got.Margin != Some(want) || got.Sign != want {
				t.Errorf("%+v: coefficient of %s is %v, of the signs %v", c, got.Set, got.Margin, got.Sign)
			}
		}
	}
}

// Parseval: squares of all coefficients sum to the mean square, which of signs is 1.
func TestFourierParseval(t *testing.T) {
	sum := 0.0
	for _, c := range measure(t, newFourier(t, allSets(7), 7, 4, 1), newNetwork(t, 7)) {
		sum += c.Sign * c.Sign
	}
	if sum != 1 {
		t.Errorf("squares sum to %v", sum)
	}
}

// On a cube that is too large, estimates are unbiased, and as far off as their standard errors say.
// The network reads three coordinates in two words, so that its coefficients are known.
func TestSampledFourier(t *testing.T) {
	const n = 70
	read := []int{2, 64, 67}
	sets := [][]int{{}, {2}, {2, 64}, {2, 64, 67}, {2, 64, 67, 70}, {5}}
	small := newNetwork(t, len(read))
	net := newNetwork(t, n)
	first := &net.Layers[0]
	clear(first.Weights)
	for j, c := range read {
		copy(first.Weights[(c-1)*first.Out:c*first.Out], small.Layers[0].Weights[j*first.Out:])
	}
	copy(first.Biases, small.Layers[0].Biases)
	copy(net.Layers[1].Weights, small.Layers[1].Weights)
	copy(net.Layers[1].Biases, small.Layers[1].Biases)
	exact := measure(t, newFourier(t, [][]int{{}, {1}, {1, 2}, {1, 2, 3}}, len(read), 4, 1), small)
	exact = append(exact, Coefficient{Margin: Some(0)}, Coefficient{Margin: Some(0)})

	const runs = 400
	z, z2 := make([]float64, 2*len(sets)), make([]float64, 2*len(sets))
	for run := range runs {
		f := newFourier(t, sets, n, 1500, int64(run)) // more than a chunk
		for k, c := range measure(t, f, net) {
			for i, d := range []float64{(c.Margin.Value - exact[k].Margin.Value) / c.MarginErr.Value, (c.Sign - exact[k].Sign) / c.SignErr} {
				z[2*k+i] += d / runs
				z2[2*k+i] += d * d / runs
			}
		}
	}
	// The mean of 400 standardised errors has deviation 1/20, their mean square about sqrt(2)/20.
	for k := range z {
		if math.Abs(z[k]) > 5./20 || math.Abs(z2[k]-1) > 5*math.Sqrt2/20 {
			t.Errorf("set %v, %d: standardised errors have mean %v and mean square %v", sets[k/2], k%2, z[k], z2[k])
		}
	}
}

// The cube is enumerated up to 20 dimensions.
func TestFourierIsExactUpToTwentyDimensions(t *testing.T) {
	for n, points := range map[int]int{20: 1 << 20, 21: 300} {
		f := newFourier(t, [][]int{{20}}, n, 300, 1)
		if f.exact != (n == 20) || f.rows != points {
			t.Errorf("%d dimensions: exact %v on %d points", n, f.exact, f.rows)
		}
		b := frame.NewBuilder(FourierFields)
		f.Append(b, 5, []Coefficient{{Set: "{20}", Size: 1, Margin: Some(.5), MarginErr: Some(0)}})
		table, err := b.Table()
		if err != nil {
			t.Fatal(err)
		}
		if table.Column("exact").Value(0) != (n == 20) || table.Column("points").Value(0) != int64(points) {
			t.Errorf("%d dimensions: the table says %v, %v", n, table.Column("exact").Value(0), table.Column("points").Value(0))
		}
	}
}

func TestFourierOfOverflowingNetworks(t *testing.T) {
	for _, n := range []int{5, 30} {
		f := newFourier(t, [][]int{{}, {2}}, n, 8, 1)
		net := newNetwork(t, n)
		net.Layers[1].Biases[1] = float32(math.Inf(1))
		for i, c := range measure(t, f, net) { // all +1
			if c.Margin.Valid || c.MarginErr.Valid || i == 0 && c.Sign != 1 {
				t.Errorf("n = %d, with infinite margins: %+v", n, c)
			}
		}
		findsDivergenceAndHeedsItsContext(t, n, func(ctx context.Context, net *neuralnet.Network) error {
			_, err := f.Measure(ctx, net)
			return err
		})
	}
}

func TestCheckSets(t *testing.T) {
	many := allSets(bits.Len(maxSets))
	for _, c := range []struct {
		sets [][]int
		want string
	}{
		{nil, ""},
		{[][]int{{}, {1}, {2, 1}, {1, 3}}, ""},
		{many[:maxSets], ""},
		{many[:maxSets+1], "1025 sets"},
		{[][]int{{0, 1}}, "counted from 1, but a set is {0,1}"},
		{[][]int{{3, -2}}, "{-2,3}"},
		{[][]int{{2, 5, 2}}, "{2,2,5} has a coordinate twice"},
		{[][]int{{1, 2}, {3}, {2, 1}}, "{1,2} is listed twice"},
		{[][]int{{}, {}}, "{} is listed twice"},
	} {
		problems := CheckSets("spectrum", c.sets)
		if (c.want == "") != (len(problems) == 0) || len(problems) > 0 && (problems[0].Path != "spectrum" || !strings.Contains(problems[0].Detail, c.want)) {
			t.Errorf("%d sets: %+v, want %q", len(c.sets), problems, c.want)
		}
	}
	if _, err := NewFourier([][]int{{2}, {4, 7}}, 6, 8, stream()); err == nil || !strings.Contains(err.Error(), "{4,7} has coordinate 7, but inputs have 6") {
		t.Errorf("a coordinate that does not exist: %v", err)
	}
}

func TestFourierAllocatesNothing(t *testing.T) {
	if stagetest.Raced {
		t.Skip("the race detector drops pooled memory")
	}
	for _, n := range []int{11, 70} {
		f, net := newFourier(t, [][]int{{1, 2}, {4}}, n, 1100, 1), newNetwork(t, n)
		if a := testing.AllocsPerRun(50, func() { measure(t, f, net) }); a >= 1 {
			t.Errorf("%v allocations in %d dimensions", a, n)
		}
	}
}
