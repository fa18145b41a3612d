package kernel

import (
	"fmt"
	"testing"
	"time"
)

// burstRate is the peak, in fused multiply-adds a second.
func burstRate() float64 {
	best := 0.0
	for range 30 {
		begin := time.Now()
		n := Burst(1_000_000)
		best = max(best, float64(n)/time.Since(begin).Seconds())
	}
	return best
}

// bestRate gives the operations a second of the fastest of many short spells: other work on the
// machine only slows spells down.
func bestRate(operations int, f func()) float64 {
	calls := 1 + 200_000/operations
	best := 0.0
	for range 40 {
		begin := time.Now()
		for range calls {
			f()
		}
		best = max(best, float64(operations*calls)/time.Since(begin).Seconds())
	}
	return best
}

// BenchmarkMatMul measures products of the shapes that trainings have: forward (a row by row) and of
// weights' gradients (a transposed). peak-% is the share of what Burst reaches,
// in the best spell.
func BenchmarkMatMul(b *testing.B) {
	for l := portable; l <= bestPath(); l++ {
		on(l, func() {
			top := burstRate()
			for _, shape := range []struct {
				m, n, k int
				turned  bool
			}{
				{32, 32, 16, false}, {16, 32, 32, true},
				{64, 64, 20, false}, {20, 64, 64, true},
				{64, 100, 50, false}, {50, 100, 64, true},
				{256, 1000, 100, false}, {100, 1000, 256, true},
				{128, 256, 784, false}, {784, 256, 128, true},
				{128, 256, 256, false}, {128, 1024, 1024, false},
				{256, 20, 50, false}, {50, 20, 256, true}, {2, 64, 100, false}, {64, 100, 2, true},
			} {
				if l == portable && shape.m*shape.n*shape.k > 1e6 {
					continue
				}
				m, n, k := shape.m, shape.n, shape.k
				p := pool{s: NewStream(1, "bench")}
				x, y, c := p.slice(m*k).values(), p.slice(k*n).values(), p.slice(m*n).values()
				aRow, aCol := k, 1
				if shape.turned {
					aRow, aCol = 1, m
				}
				b.Run(fmt.Sprintf("path=%v/m=%d/n=%d/k=%d/turned=%v", l, m, n, k, shape.turned), func(b *testing.B) {
					product := func() { MatMul(c, n, x, aRow, aCol, y, n, m, n, k, nil, false) }
					for range b.N {
						product()
					}
					b.StopTimer()
					rate := bestRate(m*n*k, product)
					b.ReportMetric(2*rate/1e9, "GFLOP/s")
					b.ReportMetric(100*rate/top, "peak-%")
				})
			}
		})
	}
}

// BenchmarkElements measures a layer's activations of 64 rows and 100 neurons.
func BenchmarkElements(b *testing.B) {
	const rows, width = 64, 100
	p := pool{s: NewStream(1, "bench")}
	z, h, d := p.slice(rows*width).values(), p.slice(rows*width).values(), p.slice(rows*width).values()
	labels := make([]int16, rows)
	for name, f := range map[string]func(){
		"relu":           func() { Relu(z) },
		"reluGradient":   func() { ReluGradient(d, h) },
		"tanh":           func() { Tanh(z) },
		"transpose":      func() { Transpose(d, rows, h, width, rows, width) },
		"addRows":        func() { AddRows(d, h, width, rows, width, false) },
		"softmax of 3":   func() { Softmax(d[:rows], z[:3*rows], h[:3*rows], labels, 3) },
		"softmax of 10":  func() { Softmax(d[:rows], z[:10*rows], h[:10*rows], labels, 10) },
		"softmax of 100": func() { Softmax(d[:rows], z[:100*rows], h[:100*rows], labels, 100) },
		"logistic":       func() { Logistic(d[:rows], z[:rows], h[:rows], labels) },
		"descend":        func() { Descend(d, h, 1e-9, 0) },
	} {
		b.Run("loop="+name, func(b *testing.B) {
			for range b.N {
				f()
			}
		})
	}
}

func BenchmarkSignMatMul(b *testing.B) {
	s := NewStream(1, "bench")
	for _, c := range [][3]int{{64, 100, 50}, {128, 1000, 100}, {128, 20, 50}} {
		m, n, k := c[0], c[1], c[2]
		packed := packedSigns(s, m, k)
		w := 16 * ((k + 63) / 64)
		ldi := SignIndexRows(m)
		along, across := make([]uint8, w*ldi), make([]uint8, (m+3)/4*4*w)
		SignIndex(along, packed, m, k)
		SignIndexAcross(across, packed, m, k)
		weights, h := pool{s: s}.slice(k*n).values(), pool{s: s}.slice(m*n).values()
		b.Run(fmt.Sprintf("rows=%d/width=%d/inputs=%d/what=forward", m, n, k), func(b *testing.B) {
			for b.Loop() {
				SignMatMul(h, n, along, ldi, weights, n, m, n, k, nil, false, false)
			}
		})
		b.Run(fmt.Sprintf("rows=%d/width=%d/inputs=%d/what=gradient", m, n, k), func(b *testing.B) {
			for b.Loop() {
				SignMatMul(weights, n, across, 4*w, h, n, k, n, m, nil, false, false)
			}
		})
		b.Run(fmt.Sprintf("rows=%d/width=%d/inputs=%d/what=index", m, n, k), func(b *testing.B) {
			for b.Loop() {
				SignIndex(along, packed, m, k)
				SignIndexAcross(across, packed, m, k)
			}
		})
	}
}

// BenchmarkSparseMatMul measures products whose first factor has zeros at random places; dense-% is the time beside
// MatMul's, in the best spells.
func BenchmarkSparseMatMul(b *testing.B) {
	for l := portable + 1; l <= bestPath(); l++ {
		on(l, func() {
			for _, shape := range []struct {
				m, n, k int
				turned  bool
			}{
				{128, 256, 256, false}, {256, 784, 128, true}, {256, 256, 128, true}, {128, 100, 100, false},
			} {
				for _, zeros := range []int{20, 35, 50, 70, 90} {
					m, n, k := shape.m, shape.n, shape.k
					p := pool{s: NewStream(1, "bench")}
					x, y, c := p.slice(m*k).values(), p.slice(k*n).values(), p.slice(m*n).values()
					for i := range x {
						if p.s.IntN(100) < zeros {
							x[i] = 0
						}
					}
					aRow, aCol := k, 1
					if shape.turned {
						aRow, aCol = 1, m
					}
					b.Run(fmt.Sprintf("path=%v/m=%d/n=%d/k=%d/turned=%v/zeros=%d", l, m, n, k, shape.turned, zeros), func(b *testing.B) {
						product := func() { SparseMatMul(c, n, x, aRow, aCol, y, n, m, n, k, nil, false) }
						for range b.N {
							product()
						}
						b.StopTimer()
						rate := bestRate(m*n*k, product)
						dense := bestRate(m*n*k, func() { MatMul(c, n, x, aRow, aCol, y, n, m, n, k, nil, false) })
						b.ReportMetric(100*dense/rate, "dense-%")
						b.ReportMetric(float64(m*n*k)/rate*1e6, "best-µs/op")
					})
				}
			}
		})
	}
}

// BenchmarkConv measures the convolutions of small CNNs and their gradients, behind a ReLU and a pool that leave an eighth of d,
// or with all of it. peak-% counts products with zeros as well.
func BenchmarkConv(b *testing.B) {
	top := burstRate()
	for _, s := range []ConvShape{
		{Rows: 8, Height: 56, Width: 28, In: 1, Out: 16, Kernel: 5, Stride: 1},
		{Rows: 8, Height: 26, Width: 12, In: 16, Out: 32, Kernel: 5, Stride: 1},
		{Rows: 8, Height: 64, Width: 32, In: 3, Out: 16, Kernel: 5, Stride: 1},
		{Rows: 8, Height: 30, Width: 14, In: 16, Out: 32, Kernel: 5, Stride: 1},
		{Rows: 8, Height: 32, Width: 32, In: 16, Out: 16, Kernel: 3, Stride: 1, Padding: 1},
		{Rows: 8, Height: 16, Width: 16, In: 32, Out: 32, Kernel: 3, Stride: 1, Padding: 1},
	} {
		nx, nz, nw := s.sizes()
		p := pool{s: NewStream(1, "bench")}
		x, z, w, dx, dw, db := p.slice(nx).values(), p.slice(nz).values(), p.slice(nw).values(), p.slice(nx).values(), p.slice(nw).values(), p.slice(s.Out).values()
		for _, zeros := range []int{0, 7} {
			d := p.slice(nz).values()
			for i := range d {
				if p.s.IntN(8) < zeros {
					d[i] = 0
				}
			}
			for name, f := range map[string]func(){
				"forward": func() { Conv(z, x, w, db, s) },
				"weights": func() { ConvWeights(dw, db, x, d, s, false) },
				"inputs":  func() { ConvInputs(dx, d, w, s) },
			} {
				if name == "forward" && zeros > 0 {
					continue
				}
				b.Run(fmt.Sprintf("image=%dx%dx%d/out=%d/kernel=%d/what=%s/zeros=%d of 8", s.In, s.Height, s.Width, s.Out, s.Kernel, name, zeros), func(b *testing.B) {
					for b.Loop() {
						f()
					}
					rate := bestRate(nz*s.window(), f)
					b.ReportMetric(2*rate/1e9, "GFLOP/s")
					b.ReportMetric(100*rate/top, "peak-%")
				})
			}
		}
	}
}

// BenchmarkMaxPool measures pools of 2 x 2 pixels.
func BenchmarkMaxPool(b *testing.B) {
	s := PoolShape{Rows: 8, Height: 52, Width: 24, Channels: 16, WindowHeight: 2, WindowWidth: 2, Stride: 2}
	nx, nz := s.sizes()
	p := pool{s: NewStream(1, "bench")}
	x, z, places := p.slice(nx).values(), p.slice(nz).values(), make([]uint16, nz)
	for name, f := range map[string]func(){
		"forward":  func() { MaxPool(z, places, x, s) },
		"gradient": func() { MaxPoolGradient(x, z, places, s) },
	} {
		b.Run("what="+name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(nx)/bestRate(nx, f)*1e6, "best-µs/op")
		})
	}
}
