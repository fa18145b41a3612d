package kernel

import (
	"fmt"
	"math"
	"testing"
)

func nearAll(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	for i, v := range got {
		if math.Abs(float64(v)-want[i]) > 2e-6*(4+math.Abs(want[i])) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, v, want[i])
		}
	}
}

func TestNormaliseAgainstSumsInFloat64(t *testing.T) {
	stream := NewStream(55, "norm")
	for channels := 1; channels <= 35; channels++ {
		for _, rows := range []int{40, 57} {
			p, n := pool{s: stream}, rows*channels
			x, d, scale, shift := p.slice(n).values(), p.slice(n).values(), p.slice(channels).values(), p.slice(channels).values()
			mean, variance, root := p.slice(channels).values(), p.slice(channels).values(), p.slice(channels).values()
			z, dx, dScale, dShift := p.slice(n).values(), p.slice(n).values(), p.slice(channels).values(), p.slice(channels).values()
			Moments(mean, variance, x)
			InverseRoots(root, variance, .01)
			Normalise(z, x, mean, root, scale, shift)
			NormaliseGradient(dx, dScale, dShift, d, x, mean, root, scale)

			wantMean, wantVariance, wantScale, wantShift := make([]float64, channels), make([]float64, channels), make([]float64, channels), make([]float64, channels)
			wantZ, wantX := make([]float64, n), make([]float64, n)
			for c := range channels {
				var sum, squares, sumD, sumDH float64
				for i := c; i < n; i += channels {
					sum += float64(x[i])
					squares += float64(x[i]) * float64(x[i])
				}
				m := sum / float64(rows)
				v := squares/float64(rows) - m*m
				r := 1 / math.Sqrt(v+.01)
				for i := c; i < n; i += channels {
					h := (float64(x[i]) - m) * r
					sumD += float64(d[i])
					sumDH += float64(d[i]) * h
					wantZ[i] = h*float64(scale[c]) + float64(shift[c])
				}
				for i := c; i < n; i += channels {
					h := (float64(x[i]) - m) * r
					wantX[i] = float64(scale[c]) * r * (float64(d[i]) - h*sumDH/float64(rows) - sumD/float64(rows))
				}
				wantMean[c], wantVariance[c], wantScale[c], wantShift[c] = m, v, sumDH, sumD
			}
			what := fmt.Sprintf("%d rows of %d channels", rows, channels)
			nearAll(t, what+": mean", mean, wantMean)
			nearAll(t, what+": variance", variance, wantVariance)
			nearAll(t, what+": z", z, wantZ)
			nearAll(t, what+": dScale", dScale, wantScale)
			nearAll(t, what+": dShift", dShift, wantShift)
			nearAll(t, what+": dx", dx, wantX)
			Affine(z, x, scale, shift)
			for i := range z {
				if got := FMA32(x[i], scale[i%channels], shift[i%channels]); z[i] != got {
					t.Fatalf("%s: Affine gives %v, want %v", what, z[i], got)
				}
			}
			want := make([]float32, n)
			for i := range want {
				want[i] = float32(x[i] * scale[i%channels])
			}
			Affine(x, x, scale, nil)
			Sum(z, x, d)
			for i := range z {
				if x[i] != want[i] || z[i] != want[i]+d[i] {
					t.Fatalf("%s: product and sum are %v and %v, want %v and %v", what, x[i], z[i], want[i], want[i]+d[i])
				}
			}
		}
	}
}

func TestNormaliseSameBits(t *testing.T) {
	stream := NewStream(56, "norm")
	for channels := 1; channels <= 35; channels++ {
		for trial := range 4 {
			p, n := pool{stream, trial%2 == 0}, channels*stream.IntN(20)
			x, d, scale, shift := p.slice(n), p.slice(n), p.slice(channels).values(), p.slice(channels).values()
			mean, root := p.slice(channels), p.slice(channels)
			for name, f := range map[string]func(x, d, mean, root []float32){
				"Moments":   func(x, _, mean, root []float32) { Moments(mean, root, x) },
				"Normalise": func(x, d, mean, root []float32) { Normalise(d, x, mean, root, scale, shift) },
				"in place":  func(x, _, mean, root []float32) { Normalise(x, x, mean, root, scale, shift) },
				"product":   func(x, d, _, _ []float32) { Affine(d, x, scale, nil) },
				"sum":       func(x, d, _, _ []float32) { Sum(d, d, x) },
			} {
				comparePaths(t, fmt.Sprintf("%s of %d numbers of %d channels", name, n, channels), func(g []guarded) bool {
					f(g[0].values(), g[1].values(), g[2].values(), g[3].values())
					return true
				}, x, d, mean, root)
			}
			comparePaths(t, fmt.Sprintf("NormaliseGradient of %d numbers of %d channels", n, channels), func(g []guarded) bool {
				NormaliseGradient(g[0].values(), g[1].values(), g[2].values(), d.values(), x.values(), mean.values(), root.values(), scale)
				return true
			}, p.slice(n), p.slice(channels), p.slice(channels))
		}
	}
}
