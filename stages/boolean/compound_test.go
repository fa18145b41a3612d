package boolean

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"testing"

	"spurion/stages/kernel"
)

func not(f Function) Function    { return Function{Type: Not, Of: &f} }
func xor(f, g Function) Function { return Function{Type: Xor, Of: &f, With: &g} }

// compound computes the functions that are made of others or of numbers, by their definitions.
func compound(f Function, x []int) int {
	rational := func(v float64) *big.Rat { r, _ := new(big.Rat).SetString(fmt.Sprint(v)); return r }
	times := func(v float64, s int) *big.Rat { return new(big.Rat).Mul(rational(v), big.NewRat(int64(s), 1)) }
	sum := new(big.Rat)
	all := func(x []int) int {
		for _, v := range x {
			if v < 0 {
				return -1
			}
		}
		return 1
	}
	switch f.Type {
	case Threshold:
		for i, w := range f.Weights {
			sum.Add(sum, times(w, x[i]))
		}
		return sign(sum.Cmp(rational(f.Threshold)))
	case Polynomial:
		for k, set := range f.Monomials {
			c, p := 1.0, 1
			if f.Coefficients != nil {
				c = f.Coefficients[k]
			}
			for _, i := range set {
				p *= x[i-1]
			}
			sum.Add(sum, times(c, p))
		}
		return sign(sum.Sign())
	case And:
		return all(x[:f.Degree])
	case Or:
		some := -1
		for _, v := range x[:f.Degree] {
			some = max(some, v)
		}
		return some
	case Tribes:
		some := -1
		for k := range f.Count {
			some = max(some, all(x[k*f.Width:(k+1)*f.Width]))
		}
		return some
	case Random:
		stream, word, i := kernel.NewStream(f.Seed, "boolean/random"), uint64(0), 0
		for j := range f.Degree {
			i |= (x[j] + 1) / 2 << j
		}
		for range i/64 + 1 {
			word = stream.Uint64()
		}
		return 2*int(word>>(i%64)&1) - 1
	case Not:
		return -reference(*f.Of, x)
	case Xor:
		return reference(*f.Of, x) * reference(*f.With, x[f.Of.Reads():])
	case Compose:
		values := make([]int, 0, 20)
		for _, g := range f.Inner {
			values = append(values, reference(g, x))
			x = x[g.Reads():]
		}
		return reference(*f.Outer, values)
	}
	panic("no such function: " + f.Type)
}

// compounds gives functions of the types that have no reference in functions.
func compounds() []Function {
	maj3, par2 := Function{Type: Majority, Degree: 3}, Function{Type: Parity, Degree: 2}
	return []Function{
		{Type: Threshold, Weights: []float64{0.1, 0.2, 0.3}}, {Type: Threshold, Weights: []float64{1, 2, -3, 4, 5}, Threshold: -2.5},
		{Type: Threshold, Weights: []float64{1, 1, 1, 1, 1, 1, 1, 1}, Threshold: 2}, {Type: Threshold, Weights: []float64{1, 1}, Threshold: 3},
		{Type: Threshold, Weights: []float64{1, -0.5}, Threshold: -1.5}, {Type: Threshold, Weights: []float64{1, -0.5}, Threshold: 1.5}, {Type: Threshold, Weights: []float64{0}},
		{Type: And, Degree: 1}, {Type: And, Degree: 6}, {Type: Or, Degree: 1}, {Type: Or, Degree: 7},
		{Type: Tribes, Width: 3, Count: 3}, {Type: Tribes, Width: 1, Count: 4}, {Type: Tribes, Width: 4, Count: 1},
		{Type: Random, Degree: 3}, {Type: Random, Degree: 6, Seed: -4}, {Type: Random, Degree: 9, Seed: 2},
		{Type: Polynomial, Monomials: [][]int{{1}, {1, 2}, {1, 2, 3}, {4, 2}}}, {Type: Polynomial, Monomials: [][]int{{}, {5, 2}}, Coefficients: []float64{-0.1, 0.3}},
		{Type: Polynomial, Monomials: [][]int{{1}, {2}, {3}}, Coefficients: []float64{0.1, 0.2, -0.3}}, {Type: Polynomial, Monomials: [][]int{{}}},
		not(Function{Type: Parity, Degree: 3}), not(Function{Type: Staircase, Degree: 4}), not(not(Function{Type: Majority, Degree: 5})),
		xor(par2, maj3), xor(Function{Type: And, Degree: 2}, not(Function{Type: Or, Degree: 3})), xor(Function{Type: TruthTable, Table: "1"}, par2),
		{Type: Compose, Outer: &maj3, Inner: []Function{par2, {Type: And, Degree: 2}, not(Function{Type: Or, Degree: 2})}},
		{Type: Compose, Outer: &par2, Inner: []Function{{Type: Compose, Outer: &maj3, Inner: []Function{par2, maj3, par2}}, {Type: Random, Degree: 2, Seed: 1}}},
	}
}

// TestCompounds checks value, probability and constancy of every function on all of its inputs, in
// a block that starts within a word and one that crosses words.
func TestCompounds(t *testing.T) {
	for _, f := range compounds() {
		if ps := f.Check(); ps != nil {
			t.Fatalf("%v: %v", f, ps)
		}
		d, m, ones := f.Reads(), f.form(), int64(0)
		for i := range 1 << d {
			want := reference(f, inputs(i, d))
			if want == 1 {
				ones++
			}
			if got := 2*int(m.value([]uint64{uint64(i)<<5 | 31, 0}, 5)) - 1; got != want {
				t.Fatalf("%v at input %b is %d, want %d", f, i, got, want)
			}
			if got := 2*int(m.value([]uint64{uint64(i) << 62, uint64(i) >> 2}, 62)) - 1; got != want {
				t.Fatalf("%v at input %b across words is %d, want %d", f, i, got, want)
			}
		}
		if p := f.Probability(); p.Cmp(big.NewRat(ones, 1<<d)) != 0 {
			t.Errorf("P(%v = +1) = %v, want %d/%d", f, p, ones, 1<<d)
		}
		if want := ones == 0 || ones == 1<<d; f.Constant() != want {
			t.Errorf("%v is constant: %v", f, !want)
		}
	}
}

// TestFunctionsSurviveMetadata: the law stands as JSON in a data set's metadata.
func TestFunctionsSurviveMetadata(t *testing.T) {
	for _, f := range append(compounds(), functions(3)...) {
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var g Function
		if err := json.Unmarshal(text, &g); err != nil || g.String() != f.String() || g.Reads() != f.Reads() {
			t.Errorf("%v becomes %v (%v)", f, g, err)
		}
		if ps := g.Check(); ps != nil {
			t.Errorf("%s: %v", text, ps)
		}
	}
}

func TestCompoundProblems(t *testing.T) {
	par, and := Function{Type: Parity, Degree: 2}, Function{Type: And, Degree: 15}
	for _, c := range []struct {
		f     Function
		paths []string
	}{
		{Function{Type: And, Degree: 63}, []string{"degree"}}, {Function{Type: Random, Degree: 21}, []string{"degree"}},
		{Function{Type: Threshold}, []string{"weights"}}, {Function{Type: Threshold, Weights: make([]float64, 21)}, []string{"weights"}},
		{Function{Type: Threshold, Weights: []float64{1e17, 1e-17}}, []string{"weights"}},
		{Function{Type: Tribes, Width: 5, Count: 5}, []string{"width"}}, {Function{Type: Tribes, Width: -1, Count: -1}, []string{"width"}},
		{Function{Type: Polynomial}, []string{"monomials"}}, {Function{Type: Polynomial, Monomials: [][]int{{0}}}, []string{"monomials"}},
		{Function{Type: Polynomial, Monomials: [][]int{{2, 2}}}, []string{"monomials"}}, {Function{Type: Polynomial, Monomials: [][]int{{21}}}, []string{"monomials"}},
		{Function{Type: Polynomial, Monomials: [][]int{{1}}, Coefficients: []float64{1, 2}}, []string{"coefficients"}},
		{Function{Type: Not}, []string{"of"}}, {Function{Type: Xor}, []string{"of", "with"}}, {xor(and, and), []string{"of"}},
		{not(Function{Type: TruthTable, Table: "011"}), []string{"of.table"}}, {xor(par, not(Function{Type: Parity})), []string{"with.of.degree"}},
		{Function{Type: Compose}, []string{"outer"}}, {Function{Type: Compose, Outer: &par, Inner: []Function{par}}, []string{"inner"}},
		{Function{Type: Compose, Outer: &par, Inner: []Function{and, and}}, []string{"inner"}},
		{Function{Type: Compose, Outer: &par, Inner: []Function{par, {Type: Parity}}}, []string{"inner"}},
	} {
		var paths []string
		for _, p := range c.f.Check() {
			paths = append(paths, p.Path)
		}
		if !reflect.DeepEqual(paths, c.paths) {
			t.Errorf("%v: problems with %v, want %v", c.f, paths, c.paths)
		}
		c.f.Reads() // must not panic whatever is missing: settings ask before they are checked
		_ = c.f.String()
	}
}

// TestForceKeepsUniform: forcing every input of a block to a value where nothing is drawn gives each
// input of that value equally often, also for products with a factor that turns and for opposites.
func TestForceKeepsUniform(t *testing.T) {
	long := xor(Function{Type: Majority, Degree: 2}, xor(Function{Type: And, Degree: 5}, not(Function{Type: Staircase, Degree: 7})))
	if !long.turns() || long.Check() != nil || long.form().parts == nil {
		t.Fatalf("%v is not what this tests: %v", long, long.Check())
	}
	for _, f := range []Function{not(Function{Type: Parity, Degree: 5}), not(Function{Type: Staircase, Degree: 5}), not(Function{Type: Majority, Degree: 7}), long} {
		m, d := f.form(), f.Reads()
		for y := range int8(2) {
			counts := make([]uint8, 1<<d)
			for i := range counts {
				row := []uint64{uint64(i) << 3}
				m.forceAll(row, 1, 3, []int8{y}, nil)
				counts[row[0]>>3]++
			}
			for i, n := range counts {
				want := uint8(0)
				if m.value([]uint64{uint64(i)}, 0) == y {
					want = 2
				}
				if n != want {
					t.Fatalf("%v forced to %d: input %b occurs %d times, want %d", f, y, i, n, want)
				}
			}
		}
	}
}

// TestLongConjunctions: what cannot be enumerated has its value, and is uniform in each coordinate.
func TestLongConjunctions(t *testing.T) {
	for _, f := range []Function{{Type: And, Degree: 40}, {Type: Or, Degree: 62}, not(Function{Type: Or, Degree: 33})} {
		m, stream := f.form(), kernel.NewStream(4, "conjunctions")
		rare := int8(0) // the value of one input only
		if p, _ := f.Probability().Float64(); p < 0.5 {
			rare = 1
		}
		ones := make([]int, f.Reads())
		const rows = 2000
		for range rows {
			row := []uint64{stream.Uint64(), stream.Uint64()}
			m.force(row, 7, rare, stream)
			if m.value(row, 7) != rare {
				t.Fatalf("%v is not %d", f, rare)
			}
			m.force(row, 7, 1-rare, stream) // so that it is drawn
			if m.value(row, 7) == rare {
				t.Fatalf("%v is not %d", f, 1-rare)
			}
			for j := range ones {
				ones[j] += int(row[(7+j)/64] >> ((7 + j) % 64) & 1)
			}
		}
		for j, n := range ones {
			chiSquare(t, fmt.Sprintf("%v, coordinate %d", f, j), []int{n, rows - n}, []float64{.5, .5})
		}
	}
}
