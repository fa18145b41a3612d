package boolean_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/boolean/booleantest"
	"spurion/stages/numeric/kernel"
)

// FuzzFunction: whatever stands in a data set's metadata is refused with a problem, or is a function
// whose value, probability and samples agree with its definition.
func FuzzFunction(f *testing.F) {
	for _, g := range append(compounds(), functions(2)...) {
		text, err := json.Marshal(g)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var g boolean.Function
		if json.Unmarshal(text, &g) != nil {
			return
		}
		problems := g.Check()
		g.Reads()
		_ = g.String()
		for _, p := range problems {
			if p.Path == "" || p.Summary == "" || p.Detail == "" {
				t.Fatalf("%s: %+v", text, p)
			}
		}
		if len(problems) > 0 || g.Reads() > 12 {
			return
		}
		d, m, ones := g.Reads(), g.Form(), int64(0)
		for i := range 1 << d {
			want := int16(booleantest.Reference(g, booleantest.Inputs(i, d))+1) / 2
			ones += int64(want)
			if got := m.Value([]uint64{uint64(i)<<1 | 1}, 1); got != want {
				t.Fatalf("%v at %b is %d, want %d", g, i, got, want)
			}
		}
		if p := g.Probability(); p.Cmp(big.NewRat(ones, 1<<d)) != 0 {
			t.Fatalf("P(%v = +1) = %v, want %d/%d", g, p, ones, 1<<d)
		}
		stream := kernel.NewStream(1, "fuzz")
		for y := range int16(2) {
			if g.Constant() && (ones > 0) != (y == 1) {
				continue // there is no such input
			}
			row := []uint64{stream.Uint64()}
			rest := row[0] &^ (boolean.LowMask(d) << 1)
			m.Force(row, 1, 1, []int16{y}, stream)
			if m.Value(row, 1) != y || row[0]&^(boolean.LowMask(d)<<1) != rest {
				t.Fatalf("%v forced to %d is %d", g, y, m.Value(row, 1))
			}
		}
	})
}
