package kernel

import (
	"math"
	"testing"
)

func TestSettle(t *testing.T) {
	for _, bits := range specialBits {
		x := math.Float32frombits(bits)
		got, want := math.Float32bits(Settle(x)), bits
		if -0x1p-126 < x && x < 0x1p-126 {
			want = 0
		}
		if got != want {
			t.Errorf("Settle(%#08x) is %#08x, want %#08x", bits, got, want)
		}
	}
}

// Where the gradient stays 0, what wears down arrives at 0, on every path; it would else stay denormal
// for ever.
func TestOptimizersWearDownToZero(t *testing.T) {
	const n = 37
	s := NewStream(12, "worn")
	fill := func(size float32) []float32 {
		z := make([]float32, n)
		for i := range z {
			z[i] = float32(size * float32(1+s.Float64()))
		}
		return z
	}
	for p := portable; p <= bestPath(); p++ {
		on(p, func() {
			g := make([]float32, n)
			worn := map[string][]float32{"weight": fill(1e-36), "shrunk weight": fill(1e-36), "velocity": fill(1e-36),
				"looking ahead": fill(1e-36), "mean": fill(1e-36), "square": fill(1e-36)}
			kept := fill(1)
			for range 400 {
				Descend(worn["weight"], g, 0.5, 0.1)
				DescendMomentum(kept, g, worn["velocity"], 0.5, 0.9, 0, false)
				DescendMomentum(kept, g, worn["looking ahead"], 0.5, 0.9, 0, true)
				Adam(worn["shrunk weight"], g, worn["mean"], worn["square"],
					AdamStep{Rate: 1e-30, RootScale: 1, Epsilon: 1, OneLessBeta1: 0.1, Beta2: 0.9, OneLessBeta2: 0.1, Shrink: 0.05})
			}
			for name, z := range worn {
				for i, x := range z {
					if math.Float32bits(x) != 0 {
						t.Fatalf("%v: %s %d is %x, not 0", p, name, i, x)
					}
				}
			}
		})
	}
}
