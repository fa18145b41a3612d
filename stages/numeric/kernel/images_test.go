package kernel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
)

// imageCalls are the functions for images, with slices that are so much shorter than they may be: each of them in turn.
func imageCalls(f func(n int) []float32, words func(n int) []uint16) map[string]func() {
	c := ConvShape{Rows: 2, Height: 4, Width: 3, In: 2, Out: 3, Kernel: 2, Stride: 1}                     // x 48, z 36, w 24
	m := PoolShape{Rows: 2, Height: 4, Width: 5, Channels: 3, WindowHeight: 2, WindowWidth: 2, Stride: 2} // x 120, z 24
	return map[string]func(){
		"Conv z":         func() { Conv(f(35), f(48), f(24), nil, c) },
		"Conv x":         func() { Conv(f(36), f(47), f(24), nil, c) },
		"Conv w":         func() { Conv(f(36), f(48), f(23), nil, c) },
		"Conv bias":      func() { Conv(f(36), f(48), f(24), f(2), c) },
		"ConvWeights dw": func() { ConvWeights(f(23), nil, f(48), f(36), c, false) },
		"ConvWeights db": func() { ConvWeights(f(24), f(2), f(48), f(36), c, false) },
		"ConvWeights x":  func() { ConvWeights(f(24), nil, f(47), f(36), c, false) },
		"ConvWeights d":  func() { ConvWeights(f(24), nil, f(48), f(35), c, false) },
		"ConvInputs dx":  func() { ConvInputs(f(47), f(36), f(24), c) },
		"ConvInputs d":   func() { ConvInputs(f(48), f(35), f(24), c) },
		"ConvInputs w":   func() { ConvInputs(f(48), f(36), f(23), c) },
		"Conv no window": func() {
			Conv(f(99), f(99), f(99), nil, ConvShape{Rows: 1, Height: 2, Width: 2, In: 1, Out: 1, Kernel: 3, Stride: 1})
		},
		"MaxPool z":              func() { MaxPool(f(23), nil, f(120), m) },
		"MaxPool places":         func() { MaxPool(f(24), words(23), f(120), m) },
		"MaxPool x":              func() { MaxPool(f(24), nil, f(119), m) },
		"MaxPoolGradient dx":     func() { MaxPoolGradient(f(119), f(24), words(24), m) },
		"MaxPoolGradient d":      func() { MaxPoolGradient(f(120), f(23), words(24), m) },
		"MaxPoolGradient places": func() { MaxPoolGradient(f(120), f(24), words(23), m) },
		"AveragePool z":          func() { AveragePool(f(23), f(120), m) },
		"AveragePool x":          func() { AveragePool(f(24), f(119), m) },
		"AveragePoolGradient dx": func() { AveragePoolGradient(f(119), f(24), m) },
		"AveragePoolGradient d":  func() { AveragePoolGradient(f(120), f(23), m) },
		"MaxPool no window": func() {
			MaxPool(f(24), nil, f(120), PoolShape{Rows: 1, Height: 1, Width: 5, Channels: 1, WindowHeight: 2, WindowWidth: 1, Stride: 1})
		},
		"Moments variance":         func() { Moments(f(3), f(2), f(12)) },
		"Moments x":                func() { Moments(f(3), f(3), f(11)) },
		"InverseRoots":             func() { InverseRoots(f(2), f(3), .1) },
		"Normalise z":              func() { Normalise(f(11), f(12), f(3), f(3), f(3), f(3)) },
		"Normalise root":           func() { Normalise(f(12), f(12), f(3), f(2), f(3), f(3)) },
		"Normalise scale":          func() { Normalise(f(12), f(12), f(3), f(3), f(2), f(3)) },
		"Normalise shift":          func() { Normalise(f(12), f(12), f(3), f(3), f(3), f(2)) },
		"NormaliseGradient dx":     func() { NormaliseGradient(f(11), f(3), f(3), f(12), f(12), f(3), f(3), f(3)) },
		"NormaliseGradient dScale": func() { NormaliseGradient(f(12), f(2), f(3), f(12), f(12), f(3), f(3), f(3)) },
		"NormaliseGradient dShift": func() { NormaliseGradient(f(12), f(3), f(2), f(12), f(12), f(3), f(3), f(3)) },
		"NormaliseGradient d":      func() { NormaliseGradient(f(12), f(3), f(3), f(11), f(12), f(3), f(3), f(3)) },
		"NormaliseGradient root":   func() { NormaliseGradient(f(12), f(3), f(3), f(12), f(12), f(3), f(2), f(3)) },
		"NormaliseGradient scale":  func() { NormaliseGradient(f(12), f(3), f(3), f(12), f(12), f(3), f(3), f(2)) },
		"Affine z":                 func() { Affine(f(11), f(12), f(3), f(3)) },
		"Affine shift":             func() { Affine(f(12), f(12), f(3), f(2)) },
		"Sum z":                    func() { Sum(f(2), f(3), f(3)) },
		"Sum b":                    func() { Sum(f(3), f(3), f(2)) },
	}
}

// What is too short panics, and nothing was written by then.
func TestImagesOfTooShortSlicesPanic(t *testing.T) {
	for l := portable; l <= bestPath(); l++ {
		on(l, func() {
			var given [][]float32
			for name, call := range imageCalls(func(n int) []float32 {
				z := make([]float32, n, n+64)
				for i := range z {
					z[i] = 7
				}
				given = append(given, z)
				return z
			}, func(n int) []uint16 { return make([]uint16, n, n+64) }) {
				given = nil
				func() {
					defer func() {
						if recover() == nil {
							t.Errorf("%s on %v: no panic", name, l)
						}
					}()
					call()
				}()
				for _, z := range given {
					for _, v := range z {
						if v != 7 {
							t.Fatalf("%s on %v: a number was written before the panic", name, l)
						}
					}
				}
			}
		})
	}
}

// The bits of the functions for images on finite numbers.
func TestImagesGolden(t *testing.T) {
	golden := map[string]string{}
	digest := func(name string, slices ...[]float32) {
		hash := sha256.New()
		for _, z := range slices {
			for _, x := range z {
				hash.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(x)))
			}
		}
		golden[name] = hex.EncodeToString(hash.Sum(nil)[:8])
	}
	for name, s := range map[string]ConvShape{
		"5x5 of 1":             {Rows: 2, Height: 14, Width: 17, In: 1, Out: 16, Kernel: 5, Stride: 1},
		"3x3 of 16, padding 1": {Rows: 3, Height: 7, Width: 8, In: 16, Out: 19, Kernel: 3, Stride: 1, Padding: 1},
		"3x3 of 3, stride 2":   {Rows: 2, Height: 9, Width: 11, In: 3, Out: 33, Kernel: 3, Stride: 2, Padding: 1},
		"1x1 of 5, stride 2":   {Rows: 2, Height: 6, Width: 5, In: 5, Out: 8, Kernel: 1, Stride: 2},
	} {
		p := pool{s: NewStream(57, name)}
		nx, nz, nw := s.sizes()
		x, z, w, b, d := p.slice(nx).values(), p.slice(nz).values(), p.slice(nw).values(), p.slice(s.Out).values(), p.slice(nz).values()
		sparsely(p.s, d, 4)
		Conv(z, x, w, b, s)
		digest("Conv "+name, z)
		dx, dw := p.slice(nx).values(), p.slice(nw).values()
		ConvInputs(dx, d, w, s)
		digest("ConvInputs "+name, dx)
		ConvWeights(dw, b, x, d, s, false)
		digest("ConvWeights "+name, dw, b)
	}
	s := PoolShape{Rows: 2, Height: 7, Width: 8, Channels: 19, WindowHeight: 3, WindowWidth: 2, Stride: 2}
	p := pool{s: NewStream(58, "pools")}
	nx, nz := s.sizes()
	x, z, places, dx := p.slice(nx).values(), p.slice(nz).values(), make([]uint16, nz), make([]float32, nx)
	MaxPool(z, places, x, s)
	MaxPoolGradient(dx, x[:nz], places, s)
	digest("MaxPool", z, dx)
	AveragePool(z, x, s)
	digest("AveragePool", z)
	AveragePoolGradient(dx, z, s)
	digest("AveragePoolGradient", dx)
	mean, root, scale, shift := make([]float32, 19), make([]float32, 19), p.slice(19).values(), p.slice(19).values()
	Moments(mean, root, x)
	InverseRoots(root, root, 1e-5)
	Normalise(dx, x, mean, root, scale, shift)
	digest("Normalise", mean, root, dx)
	NormaliseGradient(dx, scale, shift, p.slice(nx).values(), x, mean, root, p.slice(19).values())
	digest("NormaliseGradient", dx, scale, shift)
	checkGolden(t, "testdata/images.golden", golden)
}

// Steps of a training allocate nothing here: rooms are kept.
func TestImagesAllocateNothing(t *testing.T) {
	s := ConvShape{Rows: 2, Height: 9, Width: 8, In: 3, Out: 8, Kernel: 3, Stride: 1, Padding: 1}
	m := PoolShape{Rows: 2, Height: 9, Width: 8, Channels: 3, WindowHeight: 2, WindowWidth: 2, Stride: 2}
	nx, nz, nw := s.sizes()
	x, z, w, b := make([]float32, nx), make([]float32, nz), make([]float32, nw), make([]float32, s.Out)
	places := make([]uint16, nx)
	mean, root, scale := make([]float32, 3), make([]float32, 3), make([]float32, 3)
	ones := make([]float32, nz)
	for i := range ones {
		ones[i] = 1
	}
	for l := portable; l <= bestPath(); l++ {
		on(l, func() {
			if n := testing.AllocsPerRun(20, func() {
				Conv(z, x, w, b, s)
				ConvWeights(w, b, x, z, s, false)
				ConvInputs(x, z, w, s)
				ConvWeights(w, b, x, ones, s, false)
				ConvInputs(x, ones, w, s)
				MaxPool(z, places, x, m)
				MaxPoolGradient(x, z, places, m)
				AveragePool(z, x, m)
				AveragePoolGradient(x, z, m)
				Moments(mean, root, x)
				Normalise(x, x, mean, root, scale, scale)
				NormaliseGradient(x, mean, root, x, x, mean, root, scale)
				Affine(x, x, scale, nil)
			}); n != 0 {
				t.Errorf("on %v %v allocations", l, n)
			}
		})
	}
}
