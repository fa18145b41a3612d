package kernel

import (
	"fmt"
	"math"
	"testing"
)

// convShapes are small shapes with every size of window, stride and padding, tails of vectors and tiles.
func convShapes(yield func(s ConvShape) bool) {
	for _, in := range []int{1, 2, 3, 5, 16} {
		for _, out := range []int{1, 3, 8, 16, 19, 33} {
			for kernel := 1; kernel <= 5; kernel++ {
				for stride := 1; stride <= 3; stride++ {
					for padding := 0; padding <= 2; padding++ {
						i := in + out + kernel + stride + padding
						s := ConvShape{Rows: 1 + i%3, Height: 5 + i%4, Width: 5 + i*7%11, In: in, Out: out, Kernel: kernel, Stride: stride, Padding: padding}
						if !yield(s) {
							return
						}
					}
				}
			}
		}
	}
	// Longer lines of windows than registers have room for, and more rows than are done at a time.
	_ = yield(ConvShape{Rows: 1, Height: 9, Width: 10, In: 40, Out: 16, Kernel: 5, Stride: 1}) &&
		yield(ConvShape{Rows: 2, Height: 8, Width: 9, In: 50, Out: 9, Kernel: 3, Stride: 2, Padding: 1}) &&
		yield(ConvShape{Rows: 1, Height: 18, Width: 37, In: 3, Out: 40, Kernel: 3, Stride: 1, Padding: 1})
}

func (s *ConvShape) sizes() (x, z, w int) {
	return s.Rows * s.image(), s.Rows * s.pixels() * s.Out, s.window() * s.Out
}

// sparsely sets about so many eighths of the numbers to 0.
func sparsely(s *Stream, z []float32, eighths int) {
	for i := range z {
		if s.IntN(8) < eighths {
			z[i] = 0
		}
	}
}

// zeroEighths are how many eighths of d are 0: behind a batch normalisation, a ReLU, and a ReLU with a pool. What paths do depends on it.
var zeroEighths = []int{0, 4, 7}

// eachProduct calls use for each product of the convolution: where x, w and z have its numbers.
func (s *ConvShape) eachProduct(use func(x, w, z int)) {
	for row := range s.Rows {
		for oy := range s.OutHeight() {
			for ox := range s.OutWidth() {
				for k := range s.Kernel {
					for l := range s.Kernel {
						y, x := oy*s.Stride+k-s.Padding, ox*s.Stride+l-s.Padding
						if y < 0 || y >= s.Height || x < 0 || x >= s.Width {
							continue
						}
						for c := range s.In {
							for o := range s.Out {
								use(((row*s.Height+y)*s.Width+x)*s.In+c, ((k*s.Kernel+l)*s.In+c)*s.Out+o, ((row*s.OutHeight()+oy)*s.OutWidth()+ox)*s.Out+o)
							}
						}
					}
				}
			}
		}
	}
}

func TestConvAgainstSumsInFloat64(t *testing.T) {
	stream := NewStream(50, "conv")
	for s := range convShapes {
		nx, nz, nw := s.sizes()
		p := pool{s: stream}
		x, w, bias, d := p.slice(nx).values(), p.slice(nw).values(), p.slice(s.Out).values(), p.slice(nz).values()
		sparsely(stream, d, zeroEighths[stream.IntN(len(zeroEighths))])
		z, dw, db, dx := make([]float64, nz), make([]float64, nw), make([]float64, s.Out), make([]float64, nx)
		for i := range z {
			z[i] = float64(bias[i%s.Out])
			db[i%s.Out] += float64(d[i])
		}
		s.eachProduct(func(ix, iw, iz int) {
			z[iz] += float64(x[ix]) * float64(w[iw])
			dw[iw] += float64(x[ix]) * float64(d[iz])
			dx[ix] += float64(w[iw]) * float64(d[iz])
		})
		gotZ, gotW, gotB, gotX := p.slice(nz), p.slice(nw), p.slice(s.Out), p.slice(nx)
		Conv(gotZ.values(), x, w, bias, s)
		ConvWeights(gotW.values(), gotB.values(), x, d, s, false)
		ConvInputs(gotX.values(), d, w, s)
		for name, c := range map[string]struct {
			got  []float32
			want []float64
		}{"Conv": {gotZ.values(), z}, "dw": {gotW.values(), dw}, "db": {gotB.values(), db}, "dx": {gotX.values(), dx}} {
			for i, want := range c.want {
				if math.Abs(float64(c.got[i])-want) > 2e-5*(4+math.Abs(want)) {
					t.Fatalf("%s of %+v: number %d is %v, want %v", name, s, i, c.got[i], want)
				}
			}
		}
	}
}

func TestConvSameBits(t *testing.T) {
	stream := NewStream(51, "conv")
	trial := 0
	for s := range convShapes {
		trial++
		nx, nz, nw := s.sizes()
		p := pool{stream, trial%4 == 0}
		x, w := p.slice(nx).values(), p.slice(nw).values()
		var bias []float32
		if trial%2 == 0 {
			bias = p.slice(s.Out).values()
		}
		comparePaths(t, fmt.Sprintf("Conv %+v", s), func(g []guarded) bool {
			Conv(g[0].values(), x, w, bias, s)
			return true
		}, p.slice(nz))
		for _, eighths := range zeroEighths {
			d := p.slice(nz).values()
			sparsely(stream, d, eighths)
			comparePaths(t, fmt.Sprintf("ConvWeights %+v, %d/8 zero", s, eighths), func(g []guarded) bool {
				ConvWeights(g[0].values(), g[1].values(), x, d, s, false)
				return true
			}, p.slice(nw), p.slice(s.Out))
			comparePaths(t, fmt.Sprintf("ConvInputs %+v, %d/8 zero", s, eighths), func(g []guarded) bool {
				ConvInputs(g[0].values(), d, w, s)
				return true
			}, p.slice(nx))
		}
	}
}

// Images that come some at a time give the bits of all at once.
func TestConvWeightsGoesOn(t *testing.T) {
	stream := NewStream(59, "conv")
	for s := range convShapes {
		s.Rows = 3
		nx, nz, nw := s.sizes()
		p := pool{s: stream}
		x, d := p.slice(nx).values(), p.slice(nz).values()
		sparsely(stream, d[:nz/3], 7) // what the first image has need not be what the others have
		sparsely(stream, d[nz/3:], zeroEighths[stream.IntN(len(zeroEighths))])
		want, got, db, dbParts := p.slice(nw), p.slice(nw), p.slice(s.Out), p.slice(s.Out)
		ConvWeights(want.values(), db.values(), x, d, s, false)
		part := s
		part.Rows = 1
		ConvWeights(got.values(), dbParts.values(), x, d, part, false)
		part.Rows = 2
		ConvWeights(got.values(), dbParts.values(), x[nx/3:], d[nz/3:], part, true)
		for i, v := range want.values() {
			if math.Float32bits(got.values()[i]) != math.Float32bits(v) {
				t.Fatalf("%+v: weight %d is %v, want %v", s, i, got.values()[i], v)
			}
		}
		for i, v := range db.values() {
			if math.Float32bits(dbParts.values()[i]) != math.Float32bits(v) {
				t.Fatalf("%+v: bias %d is %v, want %v", s, i, dbParts.values()[i], v)
			}
		}
	}
}
