package datalaw

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/bits"
	"testing"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/boolean/booleantest"
	"spurion/stages/numeric/kernel"
)

// TestChiSquareSeesWrongSamplers: the tests here would notice a law whose masses are a little wrong,
// and a biased majority whose ties are not drawn twice as often as turning signs would.
func TestChiSquareSeesWrongSamplers(t *testing.T) {
	c, err := law(boolean.Function{Type: boolean.Majority, Degree: 4}, boolean.Function{Type: boolean.Parity, Degree: 1}, 0.8, Paper).Compile()
	if err != nil {
		t.Fatal(err)
	}
	counts := cells(t, c, c.Confounded(), 60_000, 1)
	wrong, err := law(boolean.Function{Type: boolean.Majority, Degree: 4}, boolean.Function{Type: boolean.Parity, Degree: 1}, 0.78, Paper).Compile()
	if err != nil {
		t.Fatal(err)
	}
	labels, attributes := make([]int16, len(counts)), make([]int16, len(counts))
	c.Enumerate(0, len(counts), nil, labels, attributes)
	p := make([]float64, len(counts))
	for i := range p {
		p[i] = wrong.Densities()[GroupOf(labels[i], attributes[i])] / float64(len(p))
	}
	if booleantest.ChiSquareExcess(t, "masses", counts, p) <= 0 {
		t.Errorf("a strength of 0.78 in place of 0.80 is not seen")
	}
	stream, turned := kernel.NewStream(1, "turned"), make([]int, 5)
	for range 4000 {
		ones := bits.OnesCount64(stream.Uint64() & 15)
		turned[max(ones, 4-ones)]++
	}
	if booleantest.ChiSquareExcess(t, "ties", turned, cutBinomial(4, 1)) <= 0 {
		t.Errorf("a majority forced by turning signs alone is not seen")
	}
}

// cells counts how often each input of a small cube was drawn, and checks labels and attributes.
func cells(t *testing.T, c *Compiled, from Mixture, rows int, seed int64) []int {
	t.Helper()
	n := c.Dimensions()
	x := make([]float32, rows*n)
	labels, attributes := make([]int16, rows), make([]int16, rows)
	c.SampleFrom(kernel.NewStream(seed, "sample"), from, rows, x, labels, attributes)
	counts := make([]int, 1<<n)
	for r := range rows {
		i := 0
		values := make([]int, n)
		for j, v := range x[r*n : (r+1)*n] {
			values[j] = int(v)
			if v == 1 {
				i |= 1 << j
			} else if v != -1 {
				t.Fatalf("coordinate %v", v)
			}
		}
		counts[i]++
		y := int16(booleantest.Reference(c.law.Core, values)+1) / 2
		s := int16(booleantest.Reference(c.law.Spurious, values[c.law.CoreLength:])+1) / 2
		if labels[r] != y || attributes[r] != s {
			t.Fatalf("row %d: label %d and attribute %d, want %d and %d", r, labels[r], attributes[r], y, s)
		}
	}
	return counts
}

// TestSamplesFollowTheLaw compares the frequency of every input of a small cube with its
// probability, for functions of every type, biased and not, inert and independent coordinates, and
// all mixtures.
func TestSamplesFollowTheLaw(t *testing.T) {
	const rows = 60_000
	seed := int64(0)
	for i, core := range []boolean.Function{{Type: boolean.Parity, Degree: 3}, {Type: boolean.Staircase, Degree: 4}, {Type: boolean.Staircase, Degree: 3},
		{Type: boolean.Majority, Degree: 4}, {Type: boolean.Majority, Degree: 3}, {Type: boolean.TruthTable, Table: "01101110"}, {Type: boolean.TruthTable, Table: "1"},
		{Type: boolean.Threshold, Weights: []float64{3, 0.5, -1, 0.5}}, {Type: boolean.And, Degree: 3}, {Type: boolean.Or, Degree: 2}, booleantest.Not(boolean.Function{Type: boolean.And, Degree: 2}),
		{Type: boolean.Tribes, Width: 2, Count: 2}, {Type: boolean.Random, Degree: 4, Seed: 3}, booleantest.Not(boolean.Function{Type: boolean.Staircase, Degree: 4}),
		{Type: boolean.Polynomial, Monomials: [][]int{{1, 2}, {3}, {}}, Coefficients: []float64{1, -2, 0.5}}, booleantest.Not(boolean.Function{Type: boolean.Staircase, Degree: 3}),
		booleantest.Xor(boolean.Function{Type: boolean.Or, Degree: 2}, boolean.Function{Type: boolean.And, Degree: 2}), booleantest.Not(boolean.Function{Type: boolean.Parity, Degree: 3}), booleantest.Not(boolean.Function{Type: boolean.Majority, Degree: 3})} {
		for j, spurious := range []boolean.Function{{Type: boolean.Parity, Degree: 1}, {Type: boolean.Majority, Degree: 2}, {Type: boolean.Staircase, Degree: 2}, {Type: boolean.TruthTable, Table: "0001"}} {
			if i > 6 && i%4 != j {
				continue // the rest of the types beside one other each
			}
			l := law(core, spurious, 0.8, []string{Paper, Repository}[seed%2])
			l.SpuriousLength++
			c, err := l.Compile()
			if err != nil {
				t.Fatal(err)
			}
			cube := make([]float64, 1<<c.Dimensions())
			labels, attributes := make([]int16, len(cube)), make([]int16, len(cube))
			c.Enumerate(0, len(cube), nil, labels, attributes)
			probabilities := func(masses [4]float64) []float64 {
				for i := range cube {
					g := GroupOf(labels[i], attributes[i])
					cube[i] = 0
					if u := c.UniformMasses()[g]; u > 0 {
						cube[i] = masses[g] / u / float64(len(cube))
					}
				}
				return cube
			}
			what := fmt.Sprintf("%v, %v", core, spurious)
			booleantest.ChiSquare(t, what+", D_λ", cells(t, c, c.Confounded(), rows, seed), probabilities(c.Masses()))
			booleantest.ChiSquare(t, what+", uniform", cells(t, c, c.Uniform(), rows, seed), probabilities(c.UniformMasses()))
			balanced := [4]float64{.25, .25, .25, .25}
			if c.UniformMasses()[0] == 0 {
				balanced = [4]float64{0, 0, .5, .5}
			}
			m, err := c.Mixture(balanced)
			if err != nil {
				t.Fatal(err)
			}
			booleantest.ChiSquare(t, what+", balanced", cells(t, c, m, rows, seed), probabilities(balanced))
			m, _ = c.Mixture([4]float64{2: 3}) // masses are scaled
			booleantest.ChiSquare(t, what+", group 2", cells(t, c, m, rows, seed), probabilities([4]float64{2: 1}))
			seed++
		}
	}
}

// TestForceIsOneToOneWhereItDrawsNothing: for parities and odd staircases and majorities, forcing
// every input of the block to a value must give each input of that value equally often, exactly.
func TestForceIsOneToOneWhereItDrawsNothing(t *testing.T) {
	for _, f := range []boolean.Function{{Type: boolean.Parity, Degree: 5}, {Type: boolean.Parity, Degree: 6}, {Type: boolean.Staircase, Degree: 7}, {Type: boolean.Majority, Degree: 7}} {
		m := f.Form()
		for y := range int16(2) {
			counts := make([]int, 1<<f.Degree)
			for i := range counts {
				row := []uint64{uint64(i) << 3}
				m.Force(row, 1, 3, []int16{y}, nil)
				counts[row[0]>>3]++
				across := []uint64{uint64(i) << 62, uint64(i) >> 2} // a block that crosses words
				m.Force(across, 2, 62, []int16{y}, nil)
				if got := across[0]>>62 | across[1]<<2; got != row[0]>>3 {
					t.Fatalf("%v forced to %d: input %b becomes %b in a word and %b across two", f, y, i, row[0]>>3, got)
				}
			}
			for i, n := range counts {
				want := 0
				if int16(booleantest.Reference(f, booleantest.Inputs(i, f.Degree))+1)/2 == y {
					want = 2
				}
				if n != want {
					t.Fatalf("%v forced to %d: input %b occurs %d times, want %d", f, y, i, n, want)
				}
			}
		}
	}
}

// TestLongBlocks samples blocks that cross words, where no cube can be enumerated: the distribution
// of the number of ones (among coordinates for a majority, among prefix products for a staircase)
// given the value is a binomial cut in two.
func TestLongBlocks(t *testing.T) {
	const rows = 4000
	for i, f := range []boolean.Function{{Type: boolean.Majority, Degree: 150}, {Type: boolean.Staircase, Degree: 150}, {Type: boolean.Majority, Degree: 151}, {Type: boolean.Staircase, Degree: 131}} {
		l := Law{Core: boolean.Function{Type: boolean.Parity, Degree: 70}, Spurious: f, CoreLength: 77, SpuriousLength: 160, Independent: 3, Strength: 0.7, Variant: Paper}
		c, err := l.Compile()
		if err != nil {
			t.Fatal(err)
		}
		packed := make([]uint64, rows*c.Words())
		labels, attributes := make([]int16, rows), make([]int16, rows)
		c.SampleBits(kernel.NewStream(int64(i), "long"), c.Confounded(), rows, packed, labels, attributes)
		checkedLabels, checkedAttributes := make([]int16, rows), make([]int16, rows)
		c.Evaluate(packed, checkedLabels, checkedAttributes)
		groups := make([]int, 4)
		counts := [2][]int{make([]int, f.Degree+1), make([]int, f.Degree+1)}
		for r := range rows {
			if labels[r] != checkedLabels[r] || attributes[r] != checkedAttributes[r] {
				t.Fatalf("%v, row %d: label %d and attribute %d, of its inputs %d and %d", f, r, labels[r], attributes[r], checkedLabels[r], checkedAttributes[r])
			}
			groups[GroupOf(labels[r], attributes[r])]++
			row := packed[r*c.Words() : (r+1)*c.Words()]
			if row[3]>>(c.Dimensions()-192) != 0 {
				t.Fatalf("row %d has bits past its end", r)
			}
			counts[attributes[r]][ones(row, 77, f)]++
		}
		m := c.Masses()
		booleantest.ChiSquare(t, f.String()+": groups", groups, m[:])
		for y := range counts {
			tailed, p := pool(counts[y], cutBinomial(f.Degree, y))
			booleantest.ChiSquare(t, fmt.Sprintf("%v = %d: ones", f, y), tailed, p)
		}
	}
}

// ones gives the number of coordinates of the block at a bit of a row that are +1; of a staircase, that of
// prefix products.
func ones(row []uint64, off int, f boolean.Function) int {
	n, prefix := 0, 1
	for i := off; i < off+f.Degree; i++ {
		x := 2*int(row[i/64]>>(i%64)&1) - 1
		if prefix *= x; f.Type == boolean.Staircase {
			x = prefix
		}
		n += (x + 1) / 2
	}
	return n
}

// cutBinomial gives the distribution of the number of heads of d fair coins given that at least
// half are heads (y=1), or not (y=0), from the logarithms of factorials.
func cutBinomial(d, y int) []float64 {
	p, sum := make([]float64, d+1), 0.0
	lg := func(n int) float64 { v, _ := math.Lgamma(float64(n + 1)); return v }
	for k := range p {
		if (2*k >= d) == (y == 1) {
			p[k] = math.Exp(lg(d) - lg(k) - lg(d-k) - float64(d)*math.Ln2)
			sum += p[k]
		}
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

// pool joins cells until each expects five, as the chi-square approximation wants.
func pool(counts []int, p []float64) ([]int, []float64) {
	total := 0
	for _, n := range counts {
		total += n
	}
	var pooled []int
	var q []float64
	n, mass := 0, 0.0
	for i := range counts {
		n, mass = n+counts[i], mass+p[i]
		if mass*float64(total) >= 5 {
			pooled, q = append(pooled, n), append(q, mass)
			n, mass = 0, 0
		}
	}
	pooled[len(pooled)-1] += n
	q[len(q)-1] += mass
	return pooled, q
}

// TestStrengthAtItsEnds: at 1 there is no minority at all, at 0 nothing else.
func TestStrengthAtItsEnds(t *testing.T) {
	for _, strength := range []float64{0, 1} {
		c, err := law(boolean.Function{Type: boolean.Staircase, Degree: 4}, boolean.Function{Type: boolean.Parity, Degree: 2}, strength, Paper).Compile()
		if err != nil {
			t.Fatal(err)
		}
		const rows = 5000
		labels, attributes := make([]int16, rows), make([]int16, rows)
		c.Sample(kernel.NewStream(1, ""), rows, make([]float32, rows*c.Dimensions()), labels, attributes)
		for r := range labels {
			if (labels[r] == attributes[r]) != (strength == 1) {
				t.Fatalf("strength %v, row %d: label %d, attribute %d", strength, r, labels[r], attributes[r])
			}
		}
	}
}

// TestSampleBitsIsSample: both forms draw the same, whatever is asked for, at sizes on both sides of
// every boundary of words and chunks.
func TestSampleBitsIsSample(t *testing.T) {
	for _, n := range []int{1 + 4, 63, 64, 65, 128, 257, 20_000} {
		l := Law{Core: boolean.Function{Type: boolean.Majority, Degree: 2}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 2}, CoreLength: 2,
			SpuriousLength: 2, Independent: n - 4, Strength: 0.9, Variant: Paper}
		c, err := l.Compile()
		if err != nil {
			t.Fatal(err)
		}
		for _, rows := range []int{0, 1, 63, 64, 65, 130} {
			if n*rows > 200_000 {
				continue
			}
			packed, x, want := make([]uint64, rows*c.Words()), make([]float32, rows*n), make([]float32, rows*n)
			y, s := make([]int16, rows), make([]int16, rows)
			wantY, wantS := make([]int16, rows), make([]int16, rows)
			c.Sample(kernel.NewStream(9, "x"), rows, want, wantY, wantS)
			c.SampleBits(kernel.NewStream(9, "x"), c.Confounded(), rows, packed, y, s)
			boolean.Expand(x, packed, rows, n)
			for i := range x {
				if x[i] != want[i] {
					t.Fatalf("n=%d rows=%d: coordinate %d differs", n, rows, i)
				}
			}
			for r := range y {
				if y[r] != wantY[r] || s[r] != wantS[r] {
					t.Fatalf("n=%d rows=%d: row %d differs", n, rows, r)
				}
			}
			c.Sample(kernel.NewStream(9, "x"), rows, x, nil, nil)
			for i := range x {
				if x[i] != want[i] {
					t.Fatalf("n=%d rows=%d without labels: coordinate %d differs", n, rows, i)
				}
			}
		}
	}
}

func TestEnumerateIsTheCube(t *testing.T) {
	c, err := law(boolean.Function{Type: boolean.Staircase, Degree: 4}, boolean.Function{Type: boolean.Majority, Degree: 3}, 0.9, Paper).Compile()
	if err != nil {
		t.Fatal(err)
	}
	size, err := c.CubeSize()
	if err != nil || size != 256 {
		t.Fatalf("%d, %v", size, err)
	}
	x := make([]float32, size*8)
	c.Enumerate(0, 100, x, nil, nil)
	c.Enumerate(100, size-100, x[100*8:], nil, nil)
	for i := range size {
		for j, v := range booleantest.Inputs(i, 8) {
			if x[i*8+j] != float32(v) {
				t.Fatalf("input %d: %v", i, x[i*8:i*8+8])
			}
		}
	}
}

// TestSampleAllocatesNothing because it runs at every step of a training.
func TestSampleAllocatesNothing(t *testing.T) {
	c, _ := standard().Compile()
	stream := kernel.NewStream(1, "data")
	x, y, s := make([]float32, 64*50), make([]int16, 64), make([]int16, 64)
	if n := testing.AllocsPerRun(100, func() { c.Sample(stream, 64, x, y, s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestSampleBytes keeps what the samplers draw: changing it changes every artifact downstream.
func TestSampleBytes(t *testing.T) {
	h := sha256.New()
	for _, l := range []Law{standard(), hard(), {Core: boolean.Function{Type: boolean.Majority, Degree: 80}, Spurious: boolean.Function{Type: boolean.TruthTable, Table: "0110"},
		CoreLength: 90, SpuriousLength: 3, Independent: 1, Strength: 0.6, Variant: Repository}} {
		c, err := l.Compile()
		if err != nil {
			t.Fatal(err)
		}
		n := c.Dimensions()
		x, y, s := make([]float32, 200*n), make([]int16, 200), make([]int16, 200)
		c.Sample(kernel.NewStream(7, "bytes"), 200, x, y, s)
		fmt.Fprint(h, x, y, s)
	}
	const want = "935b82de7c01214a"
	if got := hex.EncodeToString(h.Sum(nil)[:8]); got != want {
		t.Errorf("samples are %s, were %s: raise the Version of every kind that draws them", got, want)
	}
}

func standard() Law {
	return Law{Core: boolean.Function{Type: boolean.Parity, Degree: 4}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 2},
		CoreLength: 4, SpuriousLength: 2, Independent: 44, Strength: 0.9, Variant: Paper}
}

func hard() Law {
	return Law{Core: boolean.Function{Type: boolean.Staircase, Degree: 14}, Spurious: boolean.Function{Type: boolean.Staircase, Degree: 10},
		CoreLength: 14, SpuriousLength: 20, Strength: 0.9, Variant: Paper}
}

func BenchmarkSample(b *testing.B) {
	for _, bench := range []struct {
		name string
		law  Law
	}{{"parity", standard()}, {"staircase", hard()}} {
		c, _ := bench.law.Compile()
		n := c.Dimensions()
		stream := kernel.NewStream(1, "data")
		x, y, s := make([]float32, 64*n), make([]int16, 64), make([]int16, 64)
		b.Run(fmt.Sprintf("law=%s/rows=64/n=%d", bench.name, n), func(b *testing.B) {
			for b.Loop() {
				c.Sample(stream, 64, x, y, s)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	large := hard()
	large.Core.Degree, large.CoreLength = 4096, 4096
	for _, bench := range []struct {
		name string
		law  Law
	}{{"parity", standard()}, {"staircase", hard()}, {"staircase_4096", large}} {
		b.Run("do=compile/law="+bench.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := bench.law.Compile(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("do=check/law="+bench.name, func(b *testing.B) {
			for b.Loop() {
				bench.law.Check()
			}
		})
	}
}
