package kernel

import (
	"fmt"
	"math"
	"testing"
)

// packedSigns draws packed rows of n signs.
func packedSigns(s *Stream, rows, n int) []uint64 {
	words := (n + 63) / 64
	packed := make([]uint64, rows*words)
	s.Fill(packed)
	for i := words - 1; n%64 != 0 && i < len(packed); i += words {
		packed[i] &= 1<<(n%64) - 1
	}
	return packed
}

func signOf(packed []uint64, row, n, column int) float32 {
	if packed[row*((n+63)/64)+column/64]>>(column%64)&1 == 1 {
		return 1
	}
	return -1
}

// signReference is SignMatMul as its comment says it, from signs(i, l).
func signReference(c []float32, ldc int, sign func(i, l int) float32, b []float32, ldb, m, n, k int, row []float32, accumulate, relu bool) {
	for i := range m {
		for j := range n {
			var s float32
			if accumulate {
				s = c[i*ldc+j]
			} else if row != nil {
				s = row[j]
			}
			for l := 0; l < k; l += 4 {
				var t [4]float32
				for d := range t {
					v := float32(0)
					if l+d < k {
						v = b[(l+d)*ldb+j]
					}
					t[d] = -v
					if l+d < k && sign(i, l+d) > 0 {
						t[d] = v
					}
				}
				s += (t[0] + t[1]) + (t[2] + t[3])
			}
			if relu && s < 0 {
				s = 0
			}
			c[i*ldc+j] = s
		}
	}
}

// signTrial compares one shape with the definition and the paths with each other, across or along.
func signTrial(t *testing.T, p pool, m, n, k int) {
	t.Helper()
	s := p.s
	ldc, ldb := n+s.IntN(3), n+s.IntN(3)
	across, start, relu := s.IntN(2) == 0, s.IntN(3), s.IntN(3) == 0
	var index []uint8
	var ldi int
	var sign func(i, l int) float32
	if across {
		packed := packedSigns(s, k, m)
		ldi = 64 * ((m + 63) / 64)
		index = make([]uint8, (k+3)/4*ldi)
		SignIndexAcross(index, packed, k, m)
		sign = func(i, l int) float32 { return signOf(packed, l, m, i) }
	} else {
		packed := packedSigns(s, m, k)
		ldi = SignIndexRows(m)
		index = make([]uint8, 16*((k+63)/64)*ldi)
		SignIndex(index, packed, m, k)
		sign = func(i, l int) float32 { return signOf(packed, i, k, l) }
	}
	c, b := p.slice((m-1)*ldc+n), p.slice(max(0, k-1)*ldb+n)
	row := p.slice(n).values()
	if start != 1 {
		row = nil
	}
	what := fmt.Sprintf("SignMatMul m=%d n=%d k=%d start=%d across=%v relu=%v", m, n, k, start, across, relu)
	want := c.clone()
	signReference(want.values(), ldc, sign, b.values(), ldb, m, n, k, row, start == 2, relu)
	f := func(g []guarded) bool {
		SignMatMul(g[0].values(), ldc, index, ldi, b.values(), ldb, m, n, k, row, start == 2, relu)
		return true
	}
	got := c.clone()
	on(portable, func() { f([]guarded{got}) })
	if d := differ(got, want); d != "" {
		t.Fatalf("%s, portable, is not its definition: %s", what, d)
	}
	comparePaths(t, what, f, c)
}

func TestSignMatMulSameBitsForEverySmallShape(t *testing.T) {
	s := NewStream(20, "signs")
	for m := 1; m <= 17; m++ {
		for n := 1; n <= 17; n++ {
			for k := 1; k <= 17; k++ {
				signTrial(t, pool{s, (m+n+k)%3 == 0}, m, n, k)
			}
		}
	}
}

func TestSignMatMulSameBitsForLargerShapes(t *testing.T) {
	s := NewStream(21, "signs")
	for i := range 200 {
		signTrial(t, pool{s, i%4 == 0}, 1+s.IntN(140), 1+s.IntN(70), s.IntN(140))
	}
	for _, k := range []int{63, 64, 65, 127, 128, 129, 300} {
		signTrial(t, pool{s, false}, 13, 67, k)
	}
	for n := 15; n <= 130; n++ {
		signTrial(t, pool{s, false}, 9, n, 9)
	}
}

// A product that is cut at multiples of four columns goes on without changing a bit.
func TestSignMatMulGoesOn(t *testing.T) {
	s := NewStream(22, "signs")
	const m, n, k, cut = 7, 21, 91, 36
	packed := packedSigns(s, k, m)
	index, again := make([]uint8, 64*((k+3)/4)), make([]uint8, 64*((k+3)/4))
	SignIndexAcross(index, packed, k, m)
	b := pool{s: s}.slice(k * n).values()
	whole, parts := make([]float32, m*n), make([]float32, m*n)
	SignMatMul(whole, n, index, 64, b, n, m, n, k, nil, false, false)
	SignIndexAcross(again, packed, cut, m)
	SignMatMul(parts, n, again, 64, b, n, m, n, cut, nil, false, false)
	SignIndexAcross(again, packed[cut:], k-cut, m)
	SignMatMul(parts, n, again, 64, b[cut*n:], n, m, n, k-cut, nil, true, false)
	for i := range whole {
		if whole[i] != parts[i] {
			t.Fatalf("element %d is %x in one call, %x in two", i, whole[i], parts[i])
		}
	}
}

// Every path writes the index that the comments define, zeros where no sign is, and nothing past its end.
func TestSignIndexSameBits(t *testing.T) {
	s := NewStream(23, "signs")
	check := func(what string, dst []uint8, want func(g, i int) uint8, ld, slices int, write func(dst []uint8)) {
		t.Helper()
		for p := portable; p <= bestPath(); p++ {
			for i := range dst {
				dst[i] = 0x5a
			}
			on(p, func() { write(dst[:slices*ld]) })
			for at, got := range dst {
				expected := uint8(0x5a)
				if at < slices*ld {
					expected = want(at/ld, at%ld)
				}
				if got != expected {
					t.Fatalf("%s on %v: byte %d of slice %d is %#x, want %#x", what, p, at%ld, at/ld, got, expected)
				}
			}
		}
	}
	for rows := 1; rows <= 27; rows++ {
		for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 31, 50, 63, 64, 65, 100, 128, 130} {
			packed := packedSigns(s, rows, n)
			words := (n + 63) / 64
			// four signs as an entry's number, in the upper half of a byte
			entry := func(sign func(l int) (row, column int)) (e uint8) {
				for l := range 4 {
					if r, c := sign(l); r < rows && c < n && signOf(packed, r, n, c) > 0 {
						e |= 16 << l
					}
				}
				return e
			}
			ldi := SignIndexRows(rows)
			if ldi%8 != 0 || ldi < rows || ldi > rows+7 {
				t.Fatalf("the index of %d rows has rows of %d", rows, ldi)
			}
			check(fmt.Sprintf("SignIndex of %d rows of %d", rows, n), make([]uint8, 16*words*ldi+40),
				func(g, r int) uint8 { return entry(func(l int) (int, int) { return r, 4*g + l }) }, ldi, 16*words,
				func(dst []uint8) { SignIndex(dst, packed, rows, n) })
			check(fmt.Sprintf("SignIndexAcross of %d rows of %d", rows, n), make([]uint8, 64*words*((rows+3)/4)+40),
				func(g, j int) uint8 { return entry(func(l int) (int, int) { return 4*g + l, j }) }, 64*words, (rows+3)/4,
				func(dst []uint8) { SignIndexAcross(dst, packed, rows, n) })
		}
	}
}

// Where every sum is -0 the result is the start, and relu makes of it what Relu does: NaN and -0 stay.
func TestSignMatMulKeepsNaNAndMinusZero(t *testing.T) {
	s := NewStream(24, "signs")
	for _, k := range []int{0, 1, 3, 4, 6, 68} {
		for m := 1; m <= 17; m++ {
			for n := 1; n <= 35; n++ {
				c, row := pool{s, true}.slice(m*n), pool{s, true}.slice(n)
				for j := range row.values() {
					row.values()[j] = math.Float32frombits(specialBits[(j+m)%len(specialBits)])
				}
				for start := range 3 {
					signZeroTrial(t, c, row.values(), m, n, k, start, false)
					signZeroTrial(t, c, row.values(), m, n, k, start, true)
				}
			}
		}
	}
}

// signZeroTrial takes a product with zeros, all of whose signs are -1.
func signZeroTrial(t *testing.T, c guarded, row []float32, m, n, k, start int, relu bool) {
	t.Helper()
	want := c.clone()
	for at := range want.values() {
		x := &want.values()[at]
		switch start {
		case 0:
			*x = 0
		case 1:
			*x = row[at%n]
		}
		if relu && *x < 0 {
			*x = 0
		}
	}
	if start != 1 {
		row = nil
	}
	ldi := SignIndexRows(m)
	index, b := make([]uint8, (k+3)/4*ldi), make([]float32, k*n)
	for p := portable; p <= bestPath(); p++ {
		got := c.clone()
		on(p, func() { SignMatMul(got.values(), n, index, ldi, b, n, m, n, k, row, start == 2, relu) })
		if d := differ(got, want); d != "" {
			t.Fatalf("m=%d n=%d k=%d start=%d relu=%v on %v: %s", m, n, k, start, relu, p, d)
		}
	}
}
