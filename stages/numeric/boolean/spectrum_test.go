package boolean_test

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"testing"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/boolean/booleantest"
	"spurion/stages/numeric/kernel"
)

// spectral gives functions that are small enough for sums over all inputs and sets.
func spectral() []boolean.Function {
	var list []boolean.Function
	for _, f := range append(functions(7), compounds()...) {
		if f.Reads() <= 8 {
			list = append(list, f)
		}
	}
	return list
}

// values gives a function at all inputs, by its definition.
func values(f boolean.Function) []int {
	v := make([]int, 1<<f.Reads())
	for i := range v {
		v[i] = booleantest.Reference(f, booleantest.Inputs(i, f.Reads()))
	}
	return v
}

// character is χ_S at input i.
func character(set, i int) int { return 1 - 2*(bits.OnesCount(uint(set&^i))&1) }

// TestSpectrum compares coefficients with the means that define them, and what is derived from them
// with its own definition on inputs.
func TestSpectrum(t *testing.T) {
	for _, f := range spectral() {
		s, err := f.Spectrum()
		if err != nil {
			t.Fatal(err)
		}
		v, d := values(f), f.Reads()
		n := float64(len(v))
		degree, support := 0, 0
		for set := range v {
			sum := 0
			for i, y := range v {
				sum += y * character(set, i)
			}
			if got := s.Coefficient(uint64(set)); got != float64(sum)/n {
				t.Fatalf("%v: coefficient of %b is %v, want %d/%v", f, set, got, sum, n)
			}
			if sum != 0 {
				support++
				degree = max(degree, bits.OnesCount(uint(set)))
			}
		}
		if s.Degree() != degree || s.Support() != support || len(s.Largest(1<<d)) != support {
			t.Errorf("%v: degree %d and support %d, want %d and %d", f, s.Degree(), s.Support(), degree, support)
		}
		for j, got := range s.Influences() {
			turns := 0
			for i, y := range v {
				if v[i^1<<j] != y {
					turns++
				}
			}
			if got != float64(turns)/n {
				t.Errorf("%v: influence of coordinate %d is %v, want %d/%v", f, j+1, got, turns, n)
			}
		}
		for _, delta := range []float64{0, 0.1, 0.5, 0.9} {
			if got, want := s.Stability(1-2*delta), stability(v, delta); math.Abs(got-want) > 1e-13 {
				t.Errorf("%v: stability with noise %v is %v, want %v", f, delta, got, want)
			}
		}
	}
}

// stability gives E f(x) f(x') by its definition: x' differs from x in each coordinate with
// probability delta.
func stability(v []int, delta float64) float64 {
	d := bits.Len(uint(len(v))) - 1
	agreement := make([]int, d+1) // by the number of coordinates that differ
	for i, y := range v {
		for noise := range v {
			agreement[bits.OnesCount(uint(noise))] += y * v[i^noise]
		}
	}
	sum := 0.0
	for k, n := range agreement {
		sum += float64(n) / float64(len(v)) * math.Pow(delta, float64(k)) * math.Pow(1-delta, float64(d-k))
	}
	return sum
}

// TestLeap compares the leap with the least over all orders, where there are few sets.
func TestLeap(t *testing.T) {
	tested := 0
	for _, f := range spectral() {
		s, _ := f.Spectrum()
		var sets []int
		for set, c := range s.Numerators() {
			if c != 0 && set != 0 {
				sets = append(sets, set)
			}
		}
		if len(sets) > 7 {
			continue
		}
		tested++
		if got, want := s.Leap(), leastLeap(sets, 0); got != want {
			t.Errorf("%v has leap %d, want %d", f, got, want)
		}
	}
	if tested < 12 {
		t.Errorf("only %d functions with few sets", tested)
	}
	monomials := func(sets ...[]int) boolean.Function {
		return boolean.Function{Type: boolean.Polynomial, Monomials: sets}
	}
	for _, c := range []struct {
		f    boolean.Function
		leap int
	}{
		{boolean.Function{Type: boolean.Parity, Degree: 12}, 12}, {boolean.Function{Type: boolean.Staircase, Degree: 14}, 1}, {boolean.Function{Type: boolean.Majority, Degree: 9}, 1},
		{boolean.Function{Type: boolean.TruthTable, Table: "1111"}, 0}, {booleantest.Xor(boolean.Function{Type: boolean.Parity, Degree: 3}, boolean.Function{Type: boolean.Majority, Degree: 3}), 4},
		// Dominated by one long monomial, so that its sign is that of the monomial alone.
		{boolean.Function{Type: boolean.Polynomial, Monomials: [][]int{{1, 2, 3}, {1}}, Coefficients: []float64{3, 1}}, 3},
		{monomials([]int{1}, []int{1, 2}, []int{1, 2, 3, 4, 5}), 3},
	} {
		s, err := c.f.Spectrum()
		if err != nil || s.Leap() != c.leap {
			t.Errorf("%v has leap %d, want %d (%v)", c.f, s.Leap(), c.leap, err)
		}
	}
}

// leastLeap tries all orders.
func leastLeap(sets []int, known int) int {
	if len(sets) == 0 {
		return 0
	}
	least := 99
	for i, set := range sets {
		rest := slices.Delete(slices.Clone(sets), i, i+1)
		least = min(least, max(bits.OnesCount(uint(set&^known)), leastLeap(rest, known|set)))
	}
	return least
}

// TestHardStaircaseSpectrum: the published value, an equal weight of .2095 and .2461 on the prefixes and the constant.
func TestHardStaircaseSpectrum(t *testing.T) {
	for d, want := range map[int]float64{10: .24609375, 14: .20947265625} {
		s, err := boolean.Function{Type: boolean.Staircase, Degree: d}.Spectrum()
		if err != nil {
			t.Fatal(err)
		}
		for i := range d + 1 {
			if got := s.Coefficient(1<<i - 1); got != want {
				t.Errorf("staircase(%d): the coefficient of the first %d coordinates is %v, want %v", d, i, got, want)
			}
		}
		if got := s.Largest(3); got[0] != (boolean.Term{0, want}) || got[1] != (boolean.Term{1, want}) || got[2] != (boolean.Term{3, want}) {
			t.Errorf("staircase(%d): the largest are %v", d, got)
		}
	}
}

func TestLargestOfAllSizes(t *testing.T) {
	s, _ := boolean.Function{Type: boolean.And, Degree: 3}.Spectrum()
	want := []boolean.Term{{0, -.75}, {1, .25}, {2, .25}, {4, .25}, {3, .25}, {5, .25}, {6, .25}, {7, .25}}
	if got := s.Largest(100); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := s.Largest(3); !slices.Equal(got, want[:3]) {
		t.Errorf("%v", got)
	}
}

// TestWalshOfItself: the transform twice is the identity times 2^d, with bits turned as x_i = -1 for 0.
func TestWalshOfItself(t *testing.T) {
	stream := kernel.NewStream(1, "walsh")
	for d := range 12 {
		v := make([]int32, 1<<d)
		for i := range v {
			v[i] = int32(stream.IntN(2001) - 1000)
		}
		w := slices.Clone(v)
		boolean.Walsh(w)
		for i := range v {
			sum := int32(0)
			if i%97 == 0 { // by its definition
				for j, x := range v {
					sum += x * int32(character(i, j))
				}
				if w[i] != sum {
					t.Fatalf("d=%d: sum for set %b is %d, want %d", d, i, w[i], sum)
				}
			}
		}
		total, energy := int64(0), int64(0)
		for i := range v {
			total += int64(v[i]) * int64(v[i])
			energy += int64(w[i]) * int64(w[i])
		}
		if energy != total<<d {
			t.Errorf("d=%d: the squares sum to %d, want %d", d, energy, total<<d)
		}
	}
}

// TestClosedForms: what is used beyond the listed degrees agrees with the expansion below them.
func TestClosedForms(t *testing.T) {
	const rho = 0.7
	for d := 1; d <= 11; d++ {
		for _, kind := range []string{boolean.Parity, boolean.Staircase, boolean.Majority, boolean.And, boolean.Or} {
			f := boolean.Function{Type: kind, Degree: d}
			if d == 1 && (kind == boolean.And || kind == boolean.Or) {
				continue // unbiased, and so without the coefficient of the empty set
			}
			want, got := f.Profile(rho), boolean.Profile{Mean: f.Profile(rho).Mean}
			boolean.Closed(booleantest.Not(f), &got, rho)
			if *got.Degree != *want.Degree || *got.Leap != *want.Leap || got.Support != nil && *got.Support != *want.Support {
				t.Errorf("%v: degree %d, leap %d, want %d, %d", f, *got.Degree, *got.Leap, *want.Degree, *want.Leap)
			}
			if got.Stability != nil && math.Abs(*got.Stability-*want.Stability) > 1e-14 {
				t.Errorf("%v: stability %v, want %v", f, *got.Stability, *want.Stability)
			}
			if (got.Stability == nil || got.Support == nil) != (got.Reason != "") {
				t.Errorf("%v: something is missing without a reason, or the reverse", f)
			}
			if !slices.Equal(got.Influences, want.Influences) {
				t.Errorf("%v: influences %v, want %v", f, got.Influences, want.Influences)
			}
		}
	}
}

func TestProfileBeyondLists(t *testing.T) {
	p := boolean.Function{Type: boolean.Parity, Degree: 100}.Profile(0.5)
	if p.Spectrum != nil || *p.Leap != 100 || *p.TotalInfluence() != 100 || p.Mean != 0 || p.Variance != 1 || p.Reason != "" {
		t.Errorf("%+v", p)
	}
	for _, f := range []boolean.Function{{Type: boolean.Staircase, Degree: 65}, booleantest.Xor(boolean.Function{Type: boolean.Parity, Degree: 20}, boolean.Function{Type: boolean.And, Degree: 3})} {
		p = f.Profile(0.5)
		if p.Influences != nil || p.TotalInfluence() != nil || p.Stability != nil || p.Reason == "" {
			t.Errorf("%v: %+v", f, p)
		}
	}
}

func BenchmarkSpectrum(b *testing.B) {
	for _, d := range []int{10, 20} {
		f := boolean.Function{Type: boolean.Random, Degree: d}
		b.Run(fmt.Sprintf("do=spectrum/reads=%d", d), func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Spectrum(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("do=profile/reads=%d", d), func(b *testing.B) {
			for b.Loop() {
				f.Profile(0.8)
			}
		})
	}
}
