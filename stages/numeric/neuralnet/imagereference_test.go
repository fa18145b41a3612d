package neuralnet

import (
	"math"
	"slices"
)

// A referenceImage is a CNN's part before its hidden layers in float64, written from the definitions of ImageLayer alone, channel by
// channel. The whole batch goes through it at once, as batch normalisation needs it.
type referenceImage struct {
	in     ImageShape
	layers []ImageLayer
	params []referenceLayer // of convolutions and batch normalisations, as Image.Layers
	mean   [][]float64      // running, of batch normalisations; else nil
	vars   [][]float64
	train  bool
}

// A volume is images [rows][channels][height][width].
type volume [][][][]float64

func newVolume(rows int, s ImageShape) volume {
	v := make(volume, rows)
	for r := range v {
		v[r] = make([][][]float64, s.Channels)
		for c := range v[r] {
			v[r][c] = make([][]float64, s.Height)
			for y := range v[r][c] {
				v[r][c][y] = make([]float64, s.Width)
			}
		}
	}
	return v
}

func (v volume) shape() ImageShape { return ImageShape{len(v[0]), len(v[0][0]), len(v[0][0][0])} }

func (v volume) change(f func(r, c, y, x int, old float64) float64) volume {
	out := newVolume(len(v), v.shape())
	for r := range v {
		for c := range v[r] {
			for y := range v[r][c] {
				for x, old := range v[r][c][y] {
					out[r][c][y][x] = f(r, c, y, x, old)
				}
			}
		}
	}
	return out
}

// referenceImageOf gives a reference with an image's weights.
func referenceImageOf(m *Image, layers []ImageLayer, train bool) *referenceImage {
	r := &referenceImage{in: m.In, layers: layers, train: train}
	for _, l := range m.Layers {
		p := referenceLayer{out: l.Out, weights: widen(l.Weights)}
		if l.Biases != nil {
			p.biases = widen(l.Biases)
		}
		r.params = append(r.params, p)
		r.mean, r.vars = append(r.mean, widen(l.Mean)), append(r.vars, widen(l.Variance))
	}
	return r
}

// of gives what the image makes of rows of inputs, pixel by pixel, channels innermost.
func (r *referenceImage) of(inputs [][]float64) [][]float64 {
	v := newVolume(len(inputs), r.in)
	for i, row := range inputs {
		for c := range r.in.Channels {
			for y := range r.in.Height {
				copy(v[i][c][y], row[(c*r.in.Height+y)*r.in.Width:])
			}
		}
	}
	next := 0
	v = r.run(r.layers, v, &next)
	out := make([][]float64, len(inputs))
	s := v.shape()
	for i := range out {
		for y := range s.Height {
			for x := range s.Width {
				for c := range s.Channels {
					out[i] = append(out[i], v[i][c][y][x])
				}
			}
		}
	}
	return out
}

func (r *referenceImage) run(layers []ImageLayer, v volume, next *int) volume {
	for i := range layers {
		v = r.layer(&layers[i], v, next)
	}
	return v
}

func (r *referenceImage) layer(l *ImageLayer, v volume, next *int) volume {
	s := v.shape()
	at := func(r, c, y, x int) float64 {
		if y < 0 || x < 0 || y >= s.Height || x >= s.Width {
			return 0
		}
		return v[r][c][y][x]
	}
	pooled := func(height, width, stride int, of func(window []float64) float64) volume {
		out := newVolume(len(v), ImageShape{s.Channels, (s.Height-height)/stride + 1, (s.Width-width)/stride + 1})
		return out.change(func(r, c, y, x int, _ float64) float64 {
			var window []float64
			for k := range height {
				window = append(window, v[r][c][y*stride+k][x*stride:x*stride+width]...)
			}
			return of(window)
		})
	}
	average := func(window []float64) float64 {
		sum := 0.0
		for _, x := range window {
			sum += x
		}
		return sum / float64(len(window))
	}
	switch l.Type {
	case Conv:
		p := r.params[*next]
		*next++
		k := l.Kernel
		out := newVolume(len(v), ImageShape{l.Channels, (s.Height+2*l.Padding-k)/l.Stride + 1, (s.Width+2*l.Padding-k)/l.Stride + 1})
		return out.change(func(row, o, y, x int, _ float64) float64 {
			sum := 0.0
			if p.biases != nil {
				sum = p.biases[o]
			}
			for c := range s.Channels {
				for dy := range k {
					for dx := range k {
						sum += at(row, c, y*l.Stride-l.Padding+dy, x*l.Stride-l.Padding+dx) * p.weights[((dy*k+dx)*s.Channels+c)*p.out+o]
					}
				}
			}
			return sum
		})
	case BatchNorm:
		p, mean, variance := r.params[*next], r.mean[*next], r.vars[*next]
		*next++
		if r.train {
			mean, variance = make([]float64, s.Channels), make([]float64, s.Channels)
			n := float64(len(v) * s.Height * s.Width)
			v.change(func(_, c, _, _ int, x float64) float64 { mean[c] += x / n; return 0 })
			v.change(func(_, c, _, _ int, x float64) float64 { variance[c] += (x - mean[c]) * (x - mean[c]) / n; return 0 })
		}
		return v.change(func(_, c, _, _ int, x float64) float64 {
			return (x-mean[c])/math.Sqrt(variance[c]+l.Epsilon)*p.weights[c] + p.biases[c]
		})
	case Rectify:
		return v.change(func(_, _, _, _ int, x float64) float64 { return max(0, x) })
	case MaxPool:
		return pooled(l.Window, l.Window, l.step(), slices.Max[[]float64])
	case AveragePool:
		return pooled(l.Window, l.Window, l.step(), average)
	case GlobalPool:
		return pooled(s.Height, s.Width, 1, average)
	case Normalise:
		return v.change(func(_, c, _, _ int, x float64) float64 { return (x - l.Mean[c]) / l.Deviation[c] })
	case Residual:
		main := r.run(l.Layers, v, next)
		side := r.run(l.Shortcut, v, next)
		return main.change(func(r, c, y, x int, z float64) float64 { return z + side[r][c][y][x] })
	}
	panic(l.Type)
}
