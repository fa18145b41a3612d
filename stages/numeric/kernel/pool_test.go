package kernel

import (
	"fmt"
	"math"
	"testing"
)

// poolShapes are windows that overlap, lie side by side and leave pixels out, with tails of vectors.
func poolShapes(yield func(s PoolShape) bool) {
	for _, channels := range []int{1, 3, 8, 13, 16, 35} {
		for height := 1; height <= 3; height++ {
			for width := 1; width <= 3; width++ {
				for stride := 1; stride <= 3; stride++ {
					i := channels + height + 2*width + stride
					s := PoolShape{Rows: 1 + i%3, Height: 3 + i%5, Width: 3 + i*5%7, Channels: channels, WindowHeight: height, WindowWidth: width, Stride: stride}
					if !yield(s) {
						return
					}
				}
			}
		}
	}
}

// window gives where x has the pixels of a channel's window, row by row.
func (s *PoolShape) window(z int) []int {
	c, pixel := z%s.Channels, z/s.Channels
	x, y := pixel%s.OutWidth()*s.Stride, pixel/s.OutWidth()%s.OutHeight()*s.Stride
	row := pixel / s.OutWidth() / s.OutHeight()
	var all []int
	for k := range s.WindowHeight {
		for l := range s.WindowWidth {
			all = append(all, ((row*s.Height+y+k)*s.Width+x+l)*s.Channels+c)
		}
	}
	return all
}

// equalDigits draws numbers many of which are equal, and a few that are not numbers.
func equalDigits(s *Stream, z []float32) {
	for i := range z {
		if z[i] = float32(s.IntN(4)) - 1; s.IntN(40) == 0 {
			z[i] = float32(math.NaN())
		}
	}
}

func TestMaxPoolTakesTheLargest(t *testing.T) {
	stream := NewStream(52, "pool")
	for s := range poolShapes {
		nx, nz := s.sizes()
		x, z, d, dx := make([]float32, nx), make([]float32, nz), pool{s: stream}.slice(nz).values(), pool{s: stream}.slice(nx).values()
		equalDigits(stream, x)
		places, want := make([]uint16, nz), make([]float64, nx)
		MaxPool(z, places, x, s)
		MaxPoolGradient(dx, d, places, s)
		for i, v := range z {
			place, window := 0, s.window(i)
			for k, at := range window {
				if most := x[window[place]]; x[at] > most || x[at] != x[at] {
					place = k
				}
			}
			if most := x[window[place]]; int(places[i]) != place || v != most && most == most {
				t.Fatalf("%+v: window %d has %v at %d, want %v at %d", s, i, v, places[i], most, place)
			}
			want[window[place]] += float64(d[i])
		}
		for i, v := range dx {
			if math.Abs(float64(v)-want[i]) > 1e-5 {
				t.Fatalf("%+v: gradient %d is %v, want %v", s, i, v, want[i])
			}
		}
		clear(z)
		if MaxPool(z, nil, x, s); !sameNumbers(z, s, x, places) {
			t.Fatalf("%+v: without places the largest numbers are others", s)
		}
	}
}

func sameNumbers(z []float32, s PoolShape, x []float32, places []uint16) bool {
	for i, v := range z {
		if want := x[s.window(i)[places[i]]]; v != want && want == want {
			return false
		}
	}
	return true
}

func TestAveragePoolIsTheMean(t *testing.T) {
	stream := NewStream(53, "pool")
	for s := range poolShapes {
		nx, nz := s.sizes()
		p := pool{s: stream}
		x, z, d, dx := p.slice(nx).values(), p.slice(nz).values(), p.slice(nz).values(), p.slice(nx).values()
		want := make([]float64, nx)
		for i, v := range d {
			for _, at := range s.window(i) {
				want[at] += float64(v) / float64(s.WindowHeight*s.WindowWidth)
			}
		}
		AveragePool(z, x, s)
		AveragePoolGradient(dx, d, s)
		for i, v := range z {
			mean := 0.0
			for _, at := range s.window(i) {
				mean += float64(x[at]) / float64(s.WindowHeight*s.WindowWidth)
			}
			if math.Abs(float64(v)-mean) > 1e-6 {
				t.Fatalf("%+v: the mean %d is %v, want %v", s, i, v, mean)
			}
		}
		for i, v := range dx {
			if math.Abs(float64(v)-want[i]) > 1e-5 {
				t.Fatalf("%+v: gradient %d is %v, want %v", s, i, v, want[i])
			}
		}
	}
}

func TestPoolsSameBits(t *testing.T) {
	stream := NewStream(54, "pool")
	trial := 0
	for s := range poolShapes {
		trial++
		nx, nz := s.sizes()
		p := pool{stream, trial%2 == 0}
		x, d, places := p.slice(nx), p.slice(nz), make([]uint16, nz)
		for name, f := range map[string]func(z, x []float32){
			"MaxPool":     func(z, x []float32) { MaxPool(z, places, x, s); MaxPoolGradient(x, z, places, s) },
			"AveragePool": func(z, x []float32) { AveragePool(z, x, s); AveragePoolGradient(x, z, s) },
			"no places":   func(z, x []float32) { MaxPool(z, nil, x, s) },
		} {
			comparePaths(t, fmt.Sprintf("%s %+v", name, s), func(g []guarded) bool {
				f(g[0].values(), g[1].values())
				return true
			}, d, x)
		}
	}
}
