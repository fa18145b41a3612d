package inference_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// TestGolden: the same bits on every processor and build, of every test, with ties and without, in each of its ways.
func TestGolden(t *testing.T) {
	s := kernel.NewStream(18, "test/golden")
	h := sha256.New()
	put := func(a inference.Answer, err error) {
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []float64{a.Estimate, a.Low, a.High, a.P, a.Below, a.Above, a.LeastP} {
			fmt.Fprintf(h, "%016x ", math.Float64bits(x))
		}
		fmt.Fprintln(h, a.Method, a.LeastUnits)
	}
	for _, test := range sortedTests() {
		for i, sizes := range [][2]int{{4, 5}, {9, 12}, {11, 11}, {16, 23}, {40, 30}, {70, 65}} {
			for _, levels := range []float64{0, 2} {
				x, y := drawn(s, sizes[0], 10.5, 1, levels), drawn(s, sizes[1], 10, 2, levels)
				q := inference.Question{Null: []float64{0.75, 1.25}[i%2], Alpha: []float64{0.05, 0.001}[i%2], Permutations: 299, Purpose: "test/golden"}
				if test == "superiority" {
					q.Null /= 2
				}
				put(tests[test](x, y, q))
			}
		}
	}
	for n := range 40 {
		put(inference.Share(n/2, n, inference.Question{Null: 0.7, Alpha: 0.05}), nil)
	}
	const want = "4c0a674cd614f08b8a99fb7009907943c7567e9191f3da21f63590f060936382"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("bits changed: raise the versions of the kinds that use it; got %s", got)
	}
}
