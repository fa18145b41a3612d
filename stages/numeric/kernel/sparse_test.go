package kernel

import (
	"fmt"
	"math"
	"testing"
)

// A sparseTrial is a product whose first factor has zeros, of both signs, in so many of twelve places.
type sparseTrial struct {
	m, n, k, zeros int
	turned         bool
	specials       bool // in both factors
	accumulate     bool
	bias           bool
}

func (c sparseTrial) run(t *testing.T, s *Stream) {
	t.Helper()
	p := pool{s, c.specials}
	aRow, aCol := c.k+3, 1
	a := p.slice(c.m * (c.k + 3)).values()
	if c.turned {
		aRow, aCol = 1, c.m+1
		a = p.slice(c.k*(c.m+1) + 1).values()
	}
	for i := range a {
		if s.IntN(12) < c.zeros {
			a[i] = math.Float32frombits(uint32(s.IntN(2)) << 31)
		}
	}
	ldb, ldc := c.n+s.IntN(4), c.n+s.IntN(3)
	b, out := p.slice(c.k*ldb+c.n).values(), p.slice(c.m*ldc)
	var row []float32
	if c.bias {
		row = p.slice(c.n).values()
	}
	what := fmt.Sprintf("SparseMatMul %+v", c)
	want := out.clone()
	on(portable, func() {
		w := want.values()
		MatMul(w, ldc, a, aRow, aCol, b, ldb, c.m, c.n, c.k, row, c.accumulate)
		for i := range c.m {
			for j := range c.n {
				if w[i*ldc+j] == 0 {
					w[i*ldc+j] = 0
				}
			}
		}
	})
	f := func(g []guarded) bool {
		SparseMatMul(g[0].values(), ldc, a, aRow, aCol, b, ldb, c.m, c.n, c.k, row, c.accumulate)
		return true
	}
	got := out.clone()
	on(portable, func() { f([]guarded{got}) })
	if diff := differ(got, want); diff != "" {
		t.Fatalf("%s, portable, is not its definition: %s", what, diff)
	}
	comparePaths(t, what, f, out)
}

func TestSparseMatMulSameBits(t *testing.T) {
	s := NewStream(32, "sparse")
	widths := []int{1, 40, 41, 47, 48, 49, 63, 64, 65, 80, 81, 95, 96, 97, 111, 112, 113, 127, 128, 129, 176, 193, 208, 257}
	for i, n := range widths {
		for j, k := range []int{0, 1, 15, 16, 17, 63, 64, 65, 130} {
			sparseTrial{m: 16 + s.IntN(9), n: n, k: k, zeros: 4 + (i+j)%9, turned: (i+j)%2 == 0,
				specials: j%3 == 0, accumulate: i%3 == 0, bias: i%2 == 0}.run(t, s)
		}
	}
	for m := range 20 {
		sparseTrial{m: m, n: 130, k: 20, zeros: 6, turned: m%2 == 0, bias: true}.run(t, s)
	}
	sparseTrial{m: 130, n: 128, k: 70, zeros: 6, turned: true}.run(t, s)
	sparseTrial{m: 257, n: 112, k: 129, zeros: 9, specials: true}.run(t, s)
}

// Stretches of a without zeros, and panels of b that are not finite, are done by other means in the midst of the rest.
func TestSparseMatMulOfMixedParts(t *testing.T) {
	s := NewStream(33, "sparse parts")
	const m, n, k = 20, 300, 400
	for trial := range 12 {
		a, b := pool{s: s}.slice(m*k).values(), pool{s: s}.slice(k*n).values()
		for i := range a {
			if stretch := i % k / 64; stretch%3 == trial%3 || s.IntN(2) == 0 {
				if (stretch+trial)%4 > 0 {
					a[i] = 0
				}
			}
		}
		b[s.IntN(len(b))] = float32(math.Inf(1))
		b[s.IntN(len(b))] = float32(math.NaN())
		comparePaths(t, fmt.Sprintf("SparseMatMul, trial %d", trial), func(g []guarded) bool {
			SparseMatMul(g[0].values(), n, a, k, 1, b, n, m, n, k, nil, false)
			return true
		}, pool{s: s}.slice(m*n))
	}
}
