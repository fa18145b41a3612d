package boolean_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"testing"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/boolean/booleantest"
	"spurion/stages/numeric/kernel"
)

// compounds gives functions of the types that have no reference in functions.
func compounds() []boolean.Function {
	maj3, par2 := boolean.Function{Type: boolean.Majority, Degree: 3}, boolean.Function{Type: boolean.Parity, Degree: 2}
	return []boolean.Function{
		{Type: boolean.Threshold, Weights: []float64{0.1, 0.2, 0.3}}, {Type: boolean.Threshold, Weights: []float64{1, 2, -3, 4, 5}, Threshold: -2.5},
		{Type: boolean.Threshold, Weights: []float64{1, 1, 1, 1, 1, 1, 1, 1}, Threshold: 2}, {Type: boolean.Threshold, Weights: []float64{1, 1}, Threshold: 3},
		{Type: boolean.Threshold, Weights: []float64{1, -0.5}, Threshold: -1.5}, {Type: boolean.Threshold, Weights: []float64{1, -0.5}, Threshold: 1.5}, {Type: boolean.Threshold, Weights: []float64{0}},
		{Type: boolean.And, Degree: 1}, {Type: boolean.And, Degree: 6}, {Type: boolean.Or, Degree: 1}, {Type: boolean.Or, Degree: 7},
		{Type: boolean.Tribes, Width: 3, Count: 3}, {Type: boolean.Tribes, Width: 1, Count: 4}, {Type: boolean.Tribes, Width: 4, Count: 1},
		{Type: boolean.Random, Degree: 3}, {Type: boolean.Random, Degree: 6, Seed: -4}, {Type: boolean.Random, Degree: 9, Seed: 2},
		{Type: boolean.Polynomial, Monomials: [][]int{{1}, {1, 2}, {1, 2, 3}, {4, 2}}}, {Type: boolean.Polynomial, Monomials: [][]int{{}, {5, 2}}, Coefficients: []float64{-0.1, 0.3}},
		{Type: boolean.Polynomial, Monomials: [][]int{{1}, {2}, {3}}, Coefficients: []float64{0.1, 0.2, -0.3}}, {Type: boolean.Polynomial, Monomials: [][]int{{}}},
		booleantest.Not(boolean.Function{Type: boolean.Parity, Degree: 3}), booleantest.Not(boolean.Function{Type: boolean.Staircase, Degree: 4}), booleantest.Not(booleantest.Not(boolean.Function{Type: boolean.Majority, Degree: 5})),
		booleantest.Xor(par2, maj3), booleantest.Xor(boolean.Function{Type: boolean.And, Degree: 2}, booleantest.Not(boolean.Function{Type: boolean.Or, Degree: 3})), booleantest.Xor(boolean.Function{Type: boolean.TruthTable, Table: "1"}, par2),
		{Type: boolean.Compose, Outer: &maj3, Inner: []boolean.Function{par2, {Type: boolean.And, Degree: 2}, booleantest.Not(boolean.Function{Type: boolean.Or, Degree: 2})}},
		{Type: boolean.Compose, Outer: &par2, Inner: []boolean.Function{{Type: boolean.Compose, Outer: &maj3, Inner: []boolean.Function{par2, maj3, par2}}, {Type: boolean.Random, Degree: 2, Seed: 1}}},
	}
}

// TestCompounds checks value, probability and constancy of every function on all of its inputs, in
// a block that starts within a word and one that crosses words.
func TestCompounds(t *testing.T) {
	for _, f := range compounds() {
		if ps := f.Check(); ps != nil {
			t.Fatalf("%v: %v", f, ps)
		}
		d, m, ones := f.Reads(), f.Form(), int64(0)
		for i := range 1 << d {
			want := booleantest.Reference(f, booleantest.Inputs(i, d))
			if want == 1 {
				ones++
			}
			if got := 2*int(m.Value([]uint64{uint64(i)<<5 | 31, 0}, 5)) - 1; got != want {
				t.Fatalf("%v at input %b is %d, want %d", f, i, got, want)
			}
			if got := 2*int(m.Value([]uint64{uint64(i) << 62, uint64(i) >> 2}, 62)) - 1; got != want {
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
		var g boolean.Function
		if err := json.Unmarshal(text, &g); err != nil || g.String() != f.String() || g.Reads() != f.Reads() {
			t.Errorf("%v becomes %v (%v)", f, g, err)
		}
		if ps := g.Check(); ps != nil {
			t.Errorf("%s: %v", text, ps)
		}
	}
}

func TestCompoundProblems(t *testing.T) {
	par, and := boolean.Function{Type: boolean.Parity, Degree: 2}, boolean.Function{Type: boolean.And, Degree: 15}
	for _, c := range []struct {
		f     boolean.Function
		paths []string
	}{
		{boolean.Function{Type: boolean.And, Degree: 63}, []string{"degree"}}, {boolean.Function{Type: boolean.Random, Degree: 21}, []string{"degree"}},
		{boolean.Function{Type: boolean.Threshold}, []string{"weights"}}, {boolean.Function{Type: boolean.Threshold, Weights: make([]float64, 21)}, []string{"weights"}},
		{boolean.Function{Type: boolean.Threshold, Weights: []float64{1e17, 1e-17}}, []string{"weights"}},
		{boolean.Function{Type: boolean.Tribes, Width: 5, Count: 5}, []string{"width"}}, {boolean.Function{Type: boolean.Tribes, Width: -1, Count: -1}, []string{"width"}},
		{boolean.Function{Type: boolean.Polynomial}, []string{"monomials"}}, {boolean.Function{Type: boolean.Polynomial, Monomials: [][]int{{0}}}, []string{"monomials"}},
		{boolean.Function{Type: boolean.Polynomial, Monomials: [][]int{{2, 2}}}, []string{"monomials"}}, {boolean.Function{Type: boolean.Polynomial, Monomials: [][]int{{21}}}, []string{"monomials"}},
		{boolean.Function{Type: boolean.Polynomial, Monomials: [][]int{{1}}, Coefficients: []float64{1, 2}}, []string{"coefficients"}},
		{boolean.Function{Type: boolean.Not}, []string{"of"}}, {boolean.Function{Type: boolean.Xor}, []string{"of", "with"}}, {booleantest.Xor(and, and), []string{"of"}},
		{booleantest.Not(boolean.Function{Type: boolean.TruthTable, Table: "011"}), []string{"of.table"}}, {booleantest.Xor(par, booleantest.Not(boolean.Function{Type: boolean.Parity})), []string{"with.of.degree"}},
		{boolean.Function{Type: boolean.Compose}, []string{"outer"}}, {boolean.Function{Type: boolean.Compose, Outer: &par, Inner: []boolean.Function{par}}, []string{"inner"}},
		{boolean.Function{Type: boolean.Compose, Outer: &par, Inner: []boolean.Function{and, and}}, []string{"inner"}},
		{boolean.Function{Type: boolean.Compose, Outer: &par, Inner: []boolean.Function{par, {Type: boolean.Parity}}}, []string{"inner"}},
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
	long := booleantest.Xor(boolean.Function{Type: boolean.Majority, Degree: 2}, booleantest.Xor(boolean.Function{Type: boolean.And, Degree: 5}, booleantest.Not(boolean.Function{Type: boolean.Staircase, Degree: 7})))
	if !boolean.Turns(long) || long.Check() != nil || boolean.Factors(long.Form()) == 0 {
		t.Fatalf("%v is not what this tests: %v", long, long.Check())
	}
	for _, f := range []boolean.Function{booleantest.Not(boolean.Function{Type: boolean.Parity, Degree: 5}), booleantest.Not(boolean.Function{Type: boolean.Staircase, Degree: 5}), booleantest.Not(boolean.Function{Type: boolean.Majority, Degree: 7}), long} {
		m, d := f.Form(), f.Reads()
		for y := range int16(2) {
			counts := make([]uint8, 1<<d)
			for i := range counts {
				row := []uint64{uint64(i) << 3}
				m.Force(row, 1, 3, []int16{y}, nil)
				counts[row[0]>>3]++
			}
			for i, n := range counts {
				want := uint8(0)
				if m.Value([]uint64{uint64(i)}, 0) == y {
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
	for _, f := range []boolean.Function{{Type: boolean.And, Degree: 40}, {Type: boolean.Or, Degree: 62}, booleantest.Not(boolean.Function{Type: boolean.Or, Degree: 33})} {
		m, stream := f.Form(), kernel.NewStream(4, "conjunctions")
		rare := int16(0) // the value of one input only
		if p, _ := f.Probability().Float64(); p < 0.5 {
			rare = 1
		}
		ones := make([]int, f.Reads())
		const rows = 2000
		for range rows {
			row := []uint64{stream.Uint64(), stream.Uint64()}
			m.Force(row, 2, 7, []int16{rare}, stream)
			if m.Value(row, 7) != rare {
				t.Fatalf("%v is not %d", f, rare)
			}
			m.Force(row, 2, 7, []int16{1 - rare}, stream) // so that it is drawn
			if m.Value(row, 7) == rare {
				t.Fatalf("%v is not %d", f, 1-rare)
			}
			for j := range ones {
				ones[j] += int(row[(7+j)/64] >> ((7 + j) % 64) & 1)
			}
		}
		for j, n := range ones {
			booleantest.ChiSquare(t, fmt.Sprintf("%v, coordinate %d", f, j), []int{n, rows - n}, []float64{.5, .5})
		}
	}
}
