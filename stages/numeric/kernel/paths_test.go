package kernel

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// fastPaths are the levels above portable that this machine and build have.
func fastPaths() []pathLevel {
	var levels []pathLevel
	for p := portable + 1; p <= bestPath(); p++ {
		levels = append(levels, p)
	}
	return levels
}

// on runs f on a path.
func on(p pathLevel, f func()) {
	old := path
	path = p
	defer func() { path = old }()
	f()
}

// A pool draws float32 numbers; some hold what is special about the format.
type pool struct {
	s        *Stream
	specials bool
}

var specialBits = []uint32{
	0, 1 << 31, // zeros
	1, 1<<31 | 1, 0x007fffff, 0x00400000, // denormal
	0x00800000, 0x80800000, 0x7f7fffff, 0xff7fffff, // least and greatest normal
	0x7f800000, 0xff800000, // infinities
	0x7fc00000, 0xffc00001, 0x7fa00000, // NaN, quiet and signalling
	0x3f800000, 0xbf800000,
}

func (p pool) draw() float32 {
	if p.specials && p.s.IntN(12) == 0 {
		return math.Float32frombits(specialBits[p.s.IntN(len(specialBits))])
	}
	if p.specials && p.s.IntN(12) == 0 {
		return float32(math.Ldexp(p.s.Normal(), -140+p.s.IntN(280)))
	}
	return float32(p.s.Normal())
}

const guard = 0x7fdeadbe // a NaN that no operation makes

// slice gives n drawn numbers at a random misalignment, within guards.
func (p pool) slice(n int) guarded {
	g := guarded{from: 16 + p.s.IntN(16), n: n}
	g.all = make([]float32, g.from+n+32)
	for i := range g.all {
		g.all[i] = math.Float32frombits(guard)
	}
	for i := range n {
		g.all[g.from+i] = p.draw()
	}
	return g
}

type guarded struct {
	all     []float32
	from, n int
}

func (g guarded) values() []float32 { return g.all[g.from : g.from+g.n : g.from+g.n] }

func (g guarded) clone() guarded {
	g.all = append([]float32(nil), g.all...)
	return g
}

// differ describes the first difference, guards included: equal bits, or NaN in both.
func differ(got, want guarded) string {
	for i, x := range got.all {
		y := want.all[i]
		if math.Float32bits(x) != math.Float32bits(y) && (x == x || y == y) || math.Float32bits(y) == guard && math.Float32bits(x) != guard {
			return fmt.Sprintf("element %d of %d is %x (%#08x), want %x (%#08x)", i-got.from, got.n, x, math.Float32bits(x), y, math.Float32bits(y))
		}
	}
	return ""
}

// A call is a function with the slices it changes; other arguments are bound in f.
func comparePaths(t *testing.T, what string, f func(slices []guarded) bool, slices ...guarded) {
	t.Helper()
	run := func(p pathLevel) (out []guarded, ok bool) {
		for _, g := range slices {
			out = append(out, g.clone())
		}
		on(p, func() { ok = f(out) })
		return out, ok
	}
	want, wantOK := run(portable)
	for _, p := range fastPaths() {
		got, ok := run(p)
		if ok != wantOK {
			t.Fatalf("%s on %v: reports %v, want %v", what, p, ok, wantOK)
		}
		for i := range got {
			if d := differ(got[i], want[i]); d != "" {
				t.Fatalf("%s on %v: slice %d: %s", what, p, i, d)
			}
		}
	}
}

func TestMatMulSameBitsForEverySmallShape(t *testing.T) {
	s := NewStream(2, "matmul")
	for m := 1; m <= 17; m++ {
		for n := 1; n <= 17; n++ {
			for k := 1; k <= 17; k++ {
				matMulTrial(t, pool{s, (m+n+k)%3 == 0}, m, n, k)
			}
		}
	}
}

func TestMatMulSameBitsForLargerShapes(t *testing.T) {
	s := NewStream(3, "matmul")
	for i := range 150 {
		p := pool{s, i%4 == 0}
		matMulTrial(t, p, 1+s.IntN(40), 1+s.IntN(150), s.IntN(40))
	}
	for _, k := range []int{127, 128, 129, 255, 256, 257, 773} { // about the kBlock of every vector path
		matMulTrial(t, pool{s, false}, 13, 67, k)
	}
	for _, n := range []int{15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 79, 80, 81, 95, 96, 97, 111, 112, 113, 127, 128, 129} {
		matMulTrial(t, pool{s, false}, 25, n, 9)
	}
}

// Twenty columns have tiles of their own, for every multiple of four rows.
func TestMatMulSameBitsForTwentyColumns(t *testing.T) {
	s := NewStream(34, "twenty")
	for m := 1; m <= 45; m++ {
		for i, k := range []int{4, 8, 12, 20, 21, 132} {
			matMulTrial(t, pool{s, (m+i)%3 == 0}, m, 20, k)
		}
	}
}

// matMulTrial compares the paths for one shape, with random strides, orientation of a and start.
func matMulTrial(t *testing.T, p pool, m, n, k int) {
	t.Helper()
	s := p.s
	ldc, ldb := n+s.IntN(3), n+s.IntN(3)
	aRow, aCol := k+s.IntN(2), 1
	if s.IntN(2) == 0 {
		aRow, aCol = 1, m+s.IntN(2)
	}
	c := p.slice((m-1)*ldc + n)
	a := p.slice((m-1)*aRow + max(0, k-1)*aCol + 1)
	b := p.slice(max(0, k-1)*ldb + n)
	row := p.slice(n).values()
	start := s.IntN(3)
	if start != 1 {
		row = nil
	}
	comparePaths(t, fmt.Sprintf("MatMul m=%d n=%d k=%d start=%d", m, n, k, start), func(g []guarded) bool {
		MatMul(g[0].values(), ldc, a.values(), aRow, aCol, b.values(), ldb, m, n, k, row, start == 2)
		return true
	}, c)
}

// Products of one term, of all bits: the processor's fused multiply-add is FMA32.
func TestFMASameBits(t *testing.T) {
	s := NewStream(4, "bits")
	const n = 64
	a, b, c := make([]float32, 1), make([]float32, n), pool{s: s}.slice(n)
	for range 4000 {
		exponent := uint32(s.IntN(256)) << 23 // near 127 - that of the others, so that terms meet
		a[0] = math.Float32frombits(uint32(s.Uint64())&^(255<<23) | exponent)
		for i := range b {
			e := 127 + uint32(s.IntN(64)) - 32
			b[i] = math.Float32frombits(uint32(s.Uint64())&^(255<<23) | e<<23)
			e = uint32(min(254, max(0, int(exponent>>23)+int(e)-127+s.IntN(64)-32)))
			c.values()[i] = math.Float32frombits(uint32(s.Uint64())&^(255<<23) | e<<23)
		}
		comparePaths(t, "MatMul k=1", func(g []guarded) bool {
			MatMul(g[0].values(), n, a, 1, 1, b, n, 1, n, 1, nil, true)
			return true
		}, c)
	}
}

func TestTransposeSameBits(t *testing.T) {
	p := pool{NewStream(5, "transpose"), true}
	for rows := 1; rows <= 35; rows++ {
		for cols := 1; cols <= 21; cols++ {
			lds, ldd := cols+p.s.IntN(3), rows+p.s.IntN(3)
			src, dst := p.slice((rows-1)*lds+cols), p.slice((cols-1)*ldd+rows)
			comparePaths(t, fmt.Sprintf("Transpose %d by %d", rows, cols), func(g []guarded) bool {
				Transpose(g[0].values(), ldd, src.values(), lds, rows, cols)
				return true
			}, dst)
			Transpose(dst.values(), ldd, src.values(), lds, rows, cols)
			for i := range rows {
				for j := range cols {
					if math.Float32bits(dst.values()[j*ldd+i]) != math.Float32bits(src.values()[i*lds+j]) {
						t.Fatalf("%d by %d: element (%d, %d) is wrong", rows, cols, i, j)
					}
				}
			}
		}
	}
}

func TestElementsSameBits(t *testing.T) {
	s := NewStream(6, "elements")
	for n := range 70 {
		for trial := range 12 {
			p := pool{s, trial%2 == 0}
			size := float32(1)
			if trial%3 == 0 {
				size = 30
			}
			z, h := p.slice(n), p.slice(n)
			for i := range z.values() {
				z.values()[i] = float32(z.values()[i] * size)
			}
			slope := float32(s.Float64())
			one := map[string]func(z []float32){
				"Relu": Relu, "Square": Square, "Tanh": Tanh,
				"LeakyRelu": func(z []float32) { LeakyRelu(z, slope) },
				"Scale":     func(z []float32) { Scale(z, slope) },
			}
			for name, f := range one {
				comparePaths(t, fmt.Sprintf("%s n=%d", name, n), func(g []guarded) bool { f(g[0].values()); return true }, z)
			}
			two := map[string]func(d, h []float32){
				"ReluGradient": ReluGradient, "SquareGradient": SquareGradient, "TanhGradient": TanhGradient,
				"LeakyReluGradient": func(d, h []float32) { LeakyReluGradient(d, h, slope) },
			}
			for name, f := range two {
				comparePaths(t, fmt.Sprintf("%s n=%d", name, n), func(g []guarded) bool { f(g[0].values(), g[1].values()); return true }, z, h)
			}
			logisticTrial(t, z, p.slice(n), p.slice(n))
			lds, m := n+s.IntN(3), s.IntN(9)
			src := p.slice(max(0, m-1)*lds + n)
			comparePaths(t, fmt.Sprintf("AddRows n=%d m=%d", n, m), func(g []guarded) bool {
				AddRows(g[0].values(), src.values(), lds, m, n, trial%2 == 0)
				return true
			}, z)
		}
	}
}

func logisticTrial(t *testing.T, margins, losses, slopes guarded) {
	labels := make([]int16, margins.n)
	for i := range labels {
		labels[i] = int16(i * i % 3 % 2)
	}
	comparePaths(t, fmt.Sprintf("Logistic n=%d", margins.n), func(g []guarded) bool {
		Logistic(g[1].values(), g[2].values(), g[0].values(), labels)
		return true
	}, margins, losses, slopes)
}

func TestOptimizersSameBits(t *testing.T) {
	s := NewStream(7, "optimizers")
	for n := range 50 {
		for trial := range 12 {
			p := pool{s, trial%3 == 0}
			w, g, m, v := p.slice(n), p.slice(n), p.slice(n), p.slice(n)
			for i, x := range v.values() {
				if x < 0 {
					v.values()[i] = -x
				}
			}
			rate, decay := float32(s.Float64()), float32(0.1*s.Float64())
			step := AdamStep{rate, 1.5, 1e-8, 0.1, 0.99, 0.01, decay, float32(trial % 2)}
			grad := g.values()
			for name, f := range map[string]func(w, m, v []float32) bool{
				"Descend":     func(w, _, _ []float32) bool { return Descend(w, grad, rate, decay) },
				"Finite":      func(w, _, _ []float32) bool { return Finite(w) },
				"DescendSign": func(w, _, _ []float32) bool { return DescendSign(w, grad, rate, decay) },
				"DescendMomentum": func(w, m, _ []float32) bool {
					return DescendMomentum(w, grad, m, rate, 0.9, decay, trial%2 == 0)
				},
				"Adam": func(w, m, v []float32) bool { return Adam(w, grad, m, v, step) },
			} {
				comparePaths(t, fmt.Sprintf("%s n=%d", name, n), func(g []guarded) bool {
					return f(g[0].values(), g[1].values(), g[2].values())
				}, w, m, v)
			}
		}
	}
}

// The vector code is what runs: it is many times as fast as the portable code, even emulated.
func TestFastPathRuns(t *testing.T) {
	const n, rows = 96, 64
	p := pool{s: NewStream(8, "speed")}
	a, b, c, d := p.slice(n*n).values(), p.slice(n*n).values(), p.slice(n*n).values(), p.slice(n*n).values()
	pair, logits := p.slice(2*n).values(), p.slice(2*rows).values()
	doubles, out := make([]float64, n), [4][]float64{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
	index := make([]uint8, 16*2*rows)
	SignIndex(index, packedSigns(p.s, rows, n), rows, n)
	s := ConvShape{Rows: 1, Height: 20, Width: 20, In: 16, Out: 16, Kernel: 3, Stride: 1}
	image, gradient, weights := p.slice(400*16).values(), p.slice(324*16).values(), p.slice(9*16*16).values()
	for _, loop := range []struct {
		name string
		run  func()
		neon bool // it has vector code there
	}{
		{"Conv", func() { Conv(gradient, image, weights, nil, s) }, true},
		{"ConvWeights", func() { ConvWeights(weights, nil, image, gradient, s, false) }, true},
		{"ConvInputs", func() { ConvInputs(image, gradient, weights, s) }, true},
		{"MatMul", func() { MatMul(c, n, a, n, 1, b, n, n, n, n, nil, false) }, true},
		{"SignMatMul", func() { SignMatMul(c, n, index, rows, b, n, rows, n, n, nil, false, true) }, false},
		{"LogitPair", func() { LogitPair(logits, c, a, pair, nil, rows, n) }, true},
		{"ReluHead", func() { ReluHead(c, a, logits, pair, b[:2*n], b[2*n:], rows, n, 0, false) }, true},
		{"Tanh", func() { Tanh(c) }, false},
		{"Adam", func() { Adam(c, a, b, d, AdamStep{Rate: .1, RootScale: 1, Epsilon: 1}) }, true},
		{"RowDots", func() { RowDots(doubles[:n], doubles, a, n, nil) }, false},
		{"AddRows64", func() { AddRows64(doubles, doubles, a, n, nil) }, false},
		{"LogLoss64", func() { LogLoss64(out[0], out[1], out[2], doubles, out[3]) }, false},
	} {
		best := func(l pathLevel) time.Duration {
			least := time.Hour
			on(l, func() {
				for range 5 {
					begin := time.Now()
					loop.run()
					least = min(least, time.Since(begin))
				}
			})
			return least
		}
		slow := best(portable)
		for _, l := range fastPaths() {
			least := time.Duration(4)
			if l.String() == "neon" { // vectors of 4, not of 8 or 16
				if !loop.neon {
					continue
				}
				least = 2
			}
			fast := best(l)
			t.Logf("%s on %v: %v, portable: %v", loop.name, l, fast, slow)
			if fast*least > slow {
				t.Errorf("%s on %v takes %v, portable %v: the vector code did not run", loop.name, l, fast, slow)
			}
		}
	}
}
