package inference_test

import (
	"fmt"
	"testing"

	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// BenchmarkDifference: with 15 and more values a group by Student's distribution, with fewer by deals.
func BenchmarkDifference(b *testing.B) {
	for _, n := range []int{8, 14, 20, 100} {
		for _, levels := range []float64{0, 2} {
			b.Run(fmt.Sprintf("values=%d/tied=%v", n, levels > 0), func(b *testing.B) {
				s := kernel.NewStream(1, "bench")
				x, y := inference.Measured(drawn(s, n, 11, 1, levels)), inference.Measured(drawn(s, n+1, 10, 2, levels))
				for b.Loop() {
					if _, err := inference.Difference(x, y, inference.Question{Alpha: 0.05}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
