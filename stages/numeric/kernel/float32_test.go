package kernel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"testing"
)

// The float32 functions keep the error bounds that their comments state.
func TestFloat32FunctionsErrorBounds(t *testing.T) {
	one := bigOf(1)
	logistic := func(pick int) func(float32) float32 {
		return func(x float32) float32 {
			var out [2][1]float32
			Logistic(out[0][:], out[1][:], []float32{x}, []int16{1})
			return out[pick][0]
		}
	}
	for _, c := range []struct {
		name      string
		f         func(float32) float32
		exact     func(*big.Float) *big.Float
		low, high float64
		bound     float64
	}{
		{"expNegative", expNegative, bigExp, -86, 0, 1.5},
		{"log1pUnit", log1pUnit, func(x *big.Float) *big.Float { return bigLog(bigNew().Add(x, one)) }, 0, 1, 3},
		{"Tanh", tanh32, bigTanh, -1, 1, 4},
		{"Tanh", tanh32, bigTanh, -10, 10, 4},
		{"Logistic loss", logistic(0), func(x *big.Float) *big.Float {
			return bigLog(bigNew().Add(one, bigExp(bigNew().Neg(x))))
		}, -40, 40, 4},
		{"Logistic slope", logistic(1), func(x *big.Float) *big.Float {
			return bigNew().Neg(bigNew().Quo(one, bigNew().Add(one, bigExp(x))))
		}, -40, 40, 4},
	} {
		s := NewStream(9, c.name)
		worst, at := 0.0, float32(0)
		for range 2500 {
			x := float32(c.low + (c.high-c.low)*s.Float64())
			if u := ulps32(c.f(x), c.exact(bigOf(float64(x)))); u > worst {
				worst, at = u, x
			}
		}
		t.Logf("%s on [%v, %v]: at most %.3f ulp (at %v)", c.name, c.low, c.high, worst, at)
		if worst > c.bound {
			t.Errorf("%s(%v) is %.3f ulp off; the comment says %v", c.name, at, worst, c.bound)
		}
	}
}

func TestLogisticExtremes(t *testing.T) {
	inf := float32(math.Inf(1))
	least := expNegative(-1000)
	for _, c := range []struct {
		margin      float32
		label       int16
		loss, slope float32
	}{
		{1000, 1, least, -least}, {-1000, 0, least, least},
		{-1000, 1, 1000, -1}, {1000, 0, 1000, 1},
		{-inf, 1, inf, -1}, {inf, 0, inf, 1},
		{0, 0, math.Ln2, 0.5}, {0, 1, math.Ln2, -0.5},
	} {
		var loss, slope [1]float32
		Logistic(loss[:], slope[:], []float32{c.margin}, []int16{c.label})
		if loss[0] != c.loss || slope[0] != c.slope {
			t.Errorf("margin %v, label %d: loss %v, slope %v; want %v, %v", c.margin, c.label, loss[0], slope[0], c.loss, c.slope)
		}
	}
}

// The products agree with three plain loops.
func TestMatMulIsItsDefinition(t *testing.T) {
	s := NewStream(10, "definition")
	p := pool{s, false}
	for range 60 {
		m, n, k := 1+s.IntN(9), 1+s.IntN(40), s.IntN(20)
		a, b, c := p.slice(m*k).values(), p.slice(k*n).values(), p.slice(m*n).values()
		for i := range a {
			if s.IntN(2) == 0 {
				a[i] = float32(s.IntN(3) - 1)
			}
		}
		want := append([]float32(nil), c...)
		for i := range m {
			for j := range n {
				for l := range k {
					want[i*n+j] = FMA32(a[i*k+l], b[l*n+j], want[i*n+j])
				}
			}
		}
		MatMul(c, n, a, k, 1, b, n, m, n, k, nil, true)
		for i := range want {
			if c[i] != want[i] {
				t.Fatalf("m=%d n=%d k=%d: element %d is %v, want %v", m, n, k, i, c[i], want[i])
			}
		}
	}
}

// What a function cannot read or write, it refuses before it writes anything, even if there is memory past the slice's
// end.
func TestShortSlicesPanic(t *testing.T) {
	f := func(n int) []float32 { return make([]float32, n, n+100) }
	bytes := func(n int) []uint8 { return make([]uint8, n, n+100) }
	words := func(n int) []uint64 { return make([]uint64, n, n+100) }
	labels := func(n int) []int16 { return make([]int16, n, n+100) }
	for name, call := range map[string]func(){
		"MatMul c":              func() { MatMul(f(5), 3, f(8), 4, 1, f(12), 3, 2, 3, 4, nil, false) },
		"MatMul a":              func() { MatMul(f(6), 3, f(7), 4, 1, f(12), 3, 2, 3, 4, nil, false) },
		"MatMul b":              func() { MatMul(f(6), 3, f(8), 4, 1, f(11), 3, 2, 3, 4, nil, false) },
		"MatMul row":            func() { MatMul(f(6), 3, f(8), 4, 1, f(12), 3, 2, 3, 4, f(2), false) },
		"MatMul ldc":            func() { MatMul(f(60), 2, f(8), 4, 1, f(12), 3, 2, 3, 4, nil, false) },
		"SparseMatMul c":        func() { SparseMatMul(f(5), 3, f(8), 4, 1, f(12), 3, 2, 3, 4, nil, false) },
		"SparseMatMul a":        func() { SparseMatMul(f(6), 3, f(7), 4, 1, f(12), 3, 2, 3, 4, nil, false) },
		"SparseMatMul b":        func() { SparseMatMul(f(6), 3, f(8), 4, 1, f(11), 3, 2, 3, 4, nil, false) },
		"SparseMatMul row":      func() { SparseMatMul(f(6), 3, f(8), 4, 1, f(12), 3, 2, 3, 4, f(2), false) },
		"SparseMatMul strides":  func() { SparseMatMul(f(6), 3, f(80), 8, 2, f(12), 3, 2, 3, 4, nil, false) },
		"SignMatMul c":          func() { SignMatMul(f(5), 3, bytes(2), 2, f(12), 3, 2, 3, 4, nil, false, false) },
		"SignMatMul index":      func() { SignMatMul(f(6), 3, bytes(3), 2, f(15), 3, 2, 3, 5, nil, false, false) },
		"SignMatMul ldi":        func() { SignMatMul(f(6), 3, bytes(9), 1, f(12), 3, 2, 3, 4, nil, false, false) },
		"SignMatMul b":          func() { SignMatMul(f(6), 3, bytes(2), 2, f(11), 3, 2, 3, 4, nil, false, false) },
		"SignMatMul row":        func() { SignMatMul(f(6), 3, bytes(2), 2, f(12), 3, 2, 3, 4, f(2), false, false) },
		"SignIndex dst":         func() { SignIndex(bytes(127), words(3), 3, 50) },
		"SignIndex packed":      func() { SignIndex(bytes(128), words(2), 3, 50) },
		"SignIndexAcross dst":   func() { SignIndexAcross(bytes(127), words(5), 5, 50) },
		"SignIndexAcross words": func() { SignIndexAcross(bytes(128), words(4), 5, 50) },
		"LogitPair logits":      func() { LogitPair(f(5), f(12), f(12), f(8), nil, 3, 4) },
		"LogitPair room":        func() { LogitPair(f(6), f(11), f(12), f(8), nil, 3, 4) },
		"LogitPair h":           func() { LogitPair(f(6), f(12), f(11), f(8), nil, 3, 4) },
		"LogitPair w":           func() { LogitPair(f(6), f(12), f(12), f(7), nil, 3, 4) },
		"LogitPair bias":        func() { LogitPair(f(6), f(12), f(12), f(8), f(1), 3, 4) },
		"ReluHead g":            func() { ReluHead(f(11), f(12), f(6), f(8), f(8), f(4), 3, 4, 0, false) },
		"ReluHead h":            func() { ReluHead(f(12), f(11), f(6), f(8), f(8), f(4), 3, 4, 0, false) },
		"ReluHead d":            func() { ReluHead(f(12), f(12), f(5), f(8), f(8), f(4), 3, 4, 0, false) },
		"ReluHead w":            func() { ReluHead(f(12), f(12), f(6), f(7), f(8), f(4), 3, 4, 0, false) },
		"ReluHead dw":           func() { ReluHead(f(12), f(12), f(6), f(8), f(7), f(4), 3, 4, 0, false) },
		"ReluHead db":           func() { ReluHead(f(12), f(12), f(6), f(8), f(8), f(3), 3, 4, 0, false) },
		"Transpose dst":         func() { Transpose(f(5), 2, f(6), 3, 2, 3) },
		"Transpose src":         func() { Transpose(f(6), 2, f(5), 3, 2, 3) },
		"AddRows":               func() { AddRows(f(3), f(5), 3, 2, 3, false) },
		"ReluGradient":          func() { ReluGradient(f(3), f(2)) },
		"LeakyReluGradient":     func() { LeakyReluGradient(f(3), f(2), .1) },
		"SquareGradient":        func() { SquareGradient(f(3), f(2)) },
		"TanhGradient":          func() { TanhGradient(f(3), f(2)) },
		"Softmax losses":        func() { Softmax(f(1), f(6), f(6), labels(2), 3) },
		"Softmax slopes":        func() { Softmax(f(2), f(5), f(6), labels(2), 3) },
		"Softmax logits":        func() { Softmax(f(2), f(6), f(5), labels(2), 3) },
		"Softmax one logit":     func() { Softmax(f(2), f(2), f(2), labels(2), 1) },
		"Softmax label":         func() { Softmax(f(2), f(6), f(6), []int16{2, 3}, 3) },
		"Softmax negative":      func() { Softmax(f(2), f(6), f(6), []int16{-1, 0}, 3) },
		"Logistic losses":       func() { Logistic(f(1), f(2), f(2), labels(2)) },
		"Logistic slopes":       func() { Logistic(f(2), f(1), f(2), labels(2)) },
		"Logistic labels":       func() { Logistic(f(2), f(2), f(2), labels(1)) },
		"Descend":               func() { Descend(f(2), f(1), .1, 0) },
		"DescendSign":           func() { DescendSign(f(2), f(1), .1, 0) },
		"DescendMomentum g":     func() { DescendMomentum(f(2), f(1), f(2), .1, .9, 0, false) },
		"DescendMomentum v":     func() { DescendMomentum(f(2), f(2), f(1), .1, .9, 0, false) },
		"Adam g":                func() { Adam(f(2), f(1), f(2), f(2), AdamStep{}) },
		"Adam m":                func() { Adam(f(2), f(2), f(1), f(2), AdamStep{}) },
		"Adam v":                func() { Adam(f(2), f(2), f(2), f(1), AdamStep{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}

// The bits of the loops on finite numbers, since with the build tag noasm the portable code would
// only be compared with itself.
func TestLoopsGolden(t *testing.T) {
	golden := map[string]string{}
	digest := func(name string, slices ...guarded) {
		hash := sha256.New()
		for _, g := range slices {
			for _, x := range g.values() {
				hash.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(x)))
			}
		}
		golden[name] = hex.EncodeToString(hash.Sum(nil)[:8])
	}
	p := pool{s: NewStream(15, "golden")}
	for _, shape := range [][3]int{{1, 1, 1}, {3, 5, 7}, {17, 33, 40}, {64, 100, 50}, {50, 100, 64}, {2, 64, 300}} {
		m, n, k := shape[0], shape[1], shape[2]
		a, b, c := p.slice(m*k), p.slice(k*n), p.slice(m*n)
		MatMul(c.values(), n, a.values(), 1, m, b.values(), n, m, n, k, nil, true)
		digest(fmt.Sprintf("MatMul %v", shape), c)
	}
	for name, f := range map[string]func(z, h []float32){
		"Tanh":         func(z, _ []float32) { Tanh(z) },
		"TanhGradient": TanhGradient, "ReluGradient": ReluGradient, "SquareGradient": SquareGradient,
		"LeakyRelu": func(z, _ []float32) { LeakyRelu(z, 0.01) },
	} {
		p := pool{s: NewStream(16, name)}
		z := p.slice(333)
		f(z.values(), p.slice(333).values())
		digest(name, z)
	}
	z, losses, slopes := p.slice(333), p.slice(333), p.slice(333)
	Scale(z.values(), 4)
	Logistic(losses.values(), slopes.values(), z.values(), make([]int16, 333))
	digest("Logistic", losses, slopes)
	Softmax(losses.values()[:111], slopes.values(), z.values(), make([]int16, 111), 3)
	digest("Softmax", losses, slopes)
	w, g, m, v := p.slice(333), p.slice(333), p.slice(333), p.slice(333)
	Square(v.values())
	Adam(w.values(), g.values(), m.values(), v.values(), AdamStep{0.1, 1.5, 1e-8, 0.1, 0.99, 0.01, 0.001, 0.002})
	digest("Adam", w, m, v)
	DescendMomentum(w.values(), g.values(), v.values(), 0.1, 0.9, 0.01, true)
	DescendSign(w.values(), m.values(), 0.1, 0.01)
	Descend(w.values(), g.values(), 0.1, 0.01)
	digest("Descend", w, v)
	checkGolden(t, "testdata/float32.golden", golden)
}
