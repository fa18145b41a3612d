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

// doublesOf gives n float64 numbers, special ones among them if the pool has those, between guards.
func (p pool) doublesOf(n int) guarded64 {
	g := guarded64{from: 8 + p.s.IntN(8), n: n}
	g.all = make([]float64, g.from+n+16)
	for i := range g.all {
		g.all[i] = math.Float64frombits(0x7ffdeadbeefdeadb)
	}
	for i := range n {
		g.all[g.from+i] = float64(p.draw())
		if p.s.IntN(2) == 0 {
			g.all[g.from+i] = float64(g.all[g.from+i] * p.s.Normal())
		}
	}
	return g
}

type guarded64 struct {
	all     []float64
	from, n int
}

func (g guarded64) values() []float64 { return g.all[g.from : g.from+g.n : g.from+g.n] }

// comparePaths64 runs f on every path with copies of the slices, and compares all that these hold.
func comparePaths64(t *testing.T, what string, f func(slices [][]float64), slices ...guarded64) {
	t.Helper()
	run := func(p pathLevel) (out []guarded64) {
		var values [][]float64
		for _, g := range slices {
			g.all = append([]float64(nil), g.all...)
			out, values = append(out, g), append(values, g.values())
		}
		on(p, func() { f(values) })
		return out
	}
	want := run(portable)
	for _, p := range fastPaths() {
		for i, g := range run(p) {
			for k, x := range g.all {
				y := want[i].all[k]
				inside := k >= g.from && k < g.from+g.n
				if math.Float64bits(x) != math.Float64bits(y) && (!inside || x == x || y == y) {
					t.Fatalf("%s on %v: element %d of slice %d is %v (%#x), want %v (%#x)", what, p, k-g.from, i, x, math.Float64bits(x), y, math.Float64bits(y))
				}
			}
		}
	}
}

// indexOf names rows in any order, some twice; nil one time in three.
func indexOf(s *Stream, n, of int) []int32 {
	if s.IntN(3) == 0 {
		return nil
	}
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(s.IntN(of))
	}
	return rows
}

func TestRowsSameBits(t *testing.T) {
	s := NewStream(40, "rows")
	for _, rows := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 25} {
		for n := range 41 {
			p := pool{s, (rows+n)%3 == 0}
			ld := n + s.IntN(3)
			x := p.slice(max(0, rows*ld)).values()
			index := indexOf(s, rows, max(rows, 1))
			what := fmt.Sprintf("%d rows of %d, %d apart, index %v", rows, n, ld, index)
			w := p.doublesOf(n).values()
			comparePaths64(t, "RowDots of "+what, func(g [][]float64) { RowDots(g[0], w, x, ld, index) }, p.doublesOf(rows))
			a := p.doublesOf(rows).values()
			comparePaths64(t, "AddRows64 of "+what, func(g [][]float64) { AddRows64(g[0], a, x, ld, index) }, p.doublesOf(n))
			dst, center, scale, factor := p.slice(n), p.slice(n).values(), p.slice(n).values(), p.draw()
			from := p.slice(n).values()
			comparePaths(t, "ScaleCentered", func(g []guarded) bool {
				ScaleCentered(g[0].values(), from, center, scale, factor)
				return true
			}, dst)
		}
	}
}

// The definitions, by other words: sums in 200 bits.
func TestRowsValues(t *testing.T) {
	s := NewStream(41, "rows")
	const rows, n, ld = 11, 53, 55
	p := pool{s: s}
	x, w, a := p.slice(rows*ld).values(), p.doublesOf(n).values(), p.doublesOf(rows).values()
	index := []int32{3, 3, 10, 0, 7, 1, 2, 9, 8, 4, 5}
	z, g := make([]float64, rows), make([]float64, n)
	RowDots(z, w, x, ld, index)
	AddRows64(g, a, x, ld, index)
	product := func(sum *big.Float, a, b float64) { sum.Add(sum, bigNew().Mul(bigOf(a), bigOf(b))) }
	for r, i := range index {
		sum := bigNew()
		for j := range n {
			product(sum, w[j], float64(x[int(i)*ld+j]))
		}
		if want, _ := sum.Float64(); math.Abs(z[r]-want) > 1e-13 {
			t.Errorf("row %d: %v, want %v", r, z[r], want)
		}
	}
	for j := range n {
		sum := bigNew()
		for r, i := range index {
			product(sum, a[r], float64(x[int(i)*ld+j]))
		}
		if want, _ := sum.Float64(); math.Abs(g[j]-want) > 1e-13 {
			t.Errorf("column %d: %v, want %v", j, g[j], want)
		}
	}
}

// Products are exact, and are added in order: another order would lose the last one.
func TestDot64(t *testing.T) {
	const big = 1 << 27
	x, y := []float32{big, -big, big + 16, 3}, []float32{big, big, 1, .5, 7}
	if got := Dot64(x, y); got != big+16+1.5 {
		t.Errorf("the product is %v", got)
	}
	if got := Dot64([]float32{1, big, -big}, []float32{1, big, big}); got != 0 {
		t.Errorf("1 + 2^54 - 2^54 is %v, added in order", got)
	}
}

func TestRowsRefuse(t *testing.T) {
	for name, f := range map[string]func(){
		"short x":      func() { RowDots(make([]float64, 2), make([]float64, 3), make([]float32, 5), 3, nil) },
		"a row beyond": func() { RowDots(make([]float64, 1), make([]float64, 3), make([]float32, 6), 3, []int32{2}) },
		"row -1":       func() { AddRows64(make([]float64, 3), make([]float64, 1), make([]float32, 6), 3, []int32{-1}) },
		"short index":  func() { AddRows64(make([]float64, 3), make([]float64, 2), make([]float32, 6), 3, []int32{0}) },
		"short scale": func() {
			ScaleCentered(make([]float32, 3), make([]float32, 3), make([]float32, 3), make([]float32, 2), 1)
		},
		"short y": func() { Dot64(make([]float32, 3), make([]float32, 2)) },
		"short signs": func() {
			LogLoss64(make([]float64, 3), make([]float64, 3), make([]float64, 3), make([]float64, 3), make([]float64, 2))
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestLogLoss64SameBits(t *testing.T) {
	s := NewStream(42, "log-loss")
	for n := range 40 {
		p := pool{s, n%3 == 0}
		margins, signs := p.doublesOf(n).values(), make([]float64, n)
		for i := range signs {
			signs[i] = float64(1 - 2*s.IntN(2))
			margins[i] = float64(margins[i] * math.Ldexp(1, s.IntN(12)))
		}
		comparePaths64(t, fmt.Sprintf("LogLoss64 of %d", n), func(g [][]float64) { LogLoss64(g[0], g[1], g[2], margins, signs) },
			p.doublesOf(n), p.doublesOf(n), p.doublesOf(n))
	}
}

func lossOf(margin, sign float64) (loss, slope, bend float64) {
	var out [3][1]float64
	LogLoss64(out[0][:], out[1][:], out[2][:], []float64{margin}, []float64{sign})
	return out[0][0], out[1][0], out[2][0]
}

// The bounds that the comment states.
func TestLogLoss64ErrorBounds(t *testing.T) {
	s := NewStream(43, "log-loss")
	one := bigOf(1)
	worst := [3]float64{}
	for i := range 3000 {
		x := (2*s.Float64() - 1) * []float64{1e-6, 1, 3, 40, 650}[i%5]
		e := bigExp(bigNew().Neg(bigOf(x)))
		sum := bigNew().Add(one, e)
		slope := bigNew().Quo(e, sum)
		exact := bigLog(sum)
		if x > 40 { // which the sum has too few bits for; the next term is beyond 2^-115
			exact = bigNew().Sub(e, bigNew().Quo(bigNew().Mul(e, e), bigOf(2)))
		}
		loss, gotSlope, bend := lossOf(x, 1)
		for k, u := range []float64{ulps64(loss, exact), ulps64(-gotSlope, slope), ulps64(bend, bigNew().Quo(slope, sum))} {
			worst[k] = max(worst[k], u)
		}
		if l, s, b := lossOf(-x, -1); l != loss || s != -gotSlope || b != bend {
			t.Errorf("margin %v: the two labels differ", x)
		}
	}
	t.Logf("at most %.2f ulp", worst)
	if worst[0] > 4 || worst[1] > 4 || worst[2] > 6 {
		t.Errorf("%.2f ulp; the comment says 4, 4 and 6", worst)
	}
}

func TestLogLoss64Extremes(t *testing.T) {
	least, inf := expNegative64(-1000), math.Inf(1)
	for _, c := range []struct{ margin, sign, loss, slope, bend float64 }{
		{1000, 1, least, -least, least}, {-1000, -1, least, least, least},
		{-1000, 1, 1000, -1, least}, {1000, -1, 1000, 1, least},
		{-inf, 1, inf, -1, least}, {inf, -1, inf, 1, least},
		{0, -1, math.Ln2, 0.5, 0.25}, {0, 1, math.Ln2, -0.5, 0.25},
	} {
		if l, s, b := lossOf(c.margin, c.sign); l != c.loss || s != c.slope || b != c.bend {
			t.Errorf("margin %v, sign %v: %v, %v, %v; want %v, %v, %v", c.margin, c.sign, l, s, b, c.loss, c.slope, c.bend)
		}
	}
	if l, s, b := lossOf(math.NaN(), 1); l == l || s == s || b == b {
		t.Errorf("NaN gives %v, %v, %v", l, s, b)
	}
}

// Bits of float64 loops, on every machine.
func TestRows64Golden(t *testing.T) {
	s := NewStream(44, "rows golden")
	const rows, n = 37, 53
	p := pool{s: s}
	x, w := p.slice(rows*n).values(), p.doublesOf(n).values()
	z, losses, slopes, bends := make([]float64, rows), make([]float64, rows), make([]float64, rows), make([]float64, rows)
	signs := make([]float64, rows)
	for i := range signs {
		signs[i] = float64(1 - 2*(i%2))
	}
	RowDots(z, w, x, n, nil)
	LogLoss64(losses, slopes, bends, z, signs)
	AddRows64(w, slopes, x, n, nil)
	golden := map[string]string{}
	for name, v := range map[string][]float64{"RowDots": z, "AddRows64": w, "LogLoss64": losses, "LogLoss64 slopes": slopes, "LogLoss64 bends": bends} {
		h := sha256.New()
		for _, f := range v {
			_ = binary.Write(h, binary.LittleEndian, math.Float64bits(f))
		}
		golden[name] = hex.EncodeToString(h.Sum(nil)[:8])
	}
	checkGolden(t, "testdata/rows64.golden", golden)
}
