package kernel

import (
	"math"
	"math/big"
	"testing"
)

// fmaExact rounds a*b + c once, by arithmetic without limits; finite arguments.
func fmaExact(a, b, c float32) float32 {
	p := new(big.Float).SetPrec(700).SetFloat64(float64(a))
	p.Mul(p, new(big.Float).SetPrec(700).SetFloat64(float64(b)))
	sum := new(big.Float).SetPrec(700).Add(p, new(big.Float).SetPrec(700).SetFloat64(float64(c)))
	if sum.Sign() == 0 {
		// IEEE 754, 6.3: a sum of zeros of one sign keeps it; every other zero is +0.
		negative := math.Signbit(float64(a)) != math.Signbit(float64(b))
		if p.Sign() == 0 && negative && math.Signbit(float64(c)) {
			return float32(math.Copysign(0, -1))
		}
		return 0
	}
	r, _ := sum.Float32()
	return r
}

// FMA32 rounds once, in easy and in hard cases: near the middle between two numbers, where the
// result is denormal, where it overflows, where terms cancel.
func TestFMA32IsExact(t *testing.T) {
	s := NewStream(1, "fma")
	number := func(low, high int) float32 {
		e := low + s.IntN(high-low+1)
		f := math.Float32frombits(uint32(s.Uint64())&(1<<23-1) | 127<<23)
		if s.IntN(3) == 0 { // few bits set, so that ties come up
			f = 1 + float32(s.IntN(8))/8 + float32(s.IntN(2))*0x1p-23
		}
		if s.IntN(2) == 0 {
			f = -f
		}
		return float32(math.Ldexp(float64(f), e))
	}
	for i := range 200000 {
		a, b := number(-12, 12), number(-12, 12)
		c := number(-40, 40)
		switch i % 5 {
		case 1: // denormal or nearly so
			a, b, c = number(-80, -60), number(-80, -60), number(-149, -120)
		case 2: // near overflow
			a, b, c = number(60, 64), number(60, 64), number(90, 127)
		case 3: // cancellation
			c = -float32(float64(a) * float64(b))
		case 4:
			a, b = number(-127, 0), number(-24, 0)
			c = number(-149, -100)
		}
		got, want := FMA32(a, b, c), fmaExact(a, b, c)
		if math.Float32bits(got) != math.Float32bits(want) {
			t.Fatalf("FMA32(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
	}
}

func TestFMA32KnownAnswers(t *testing.T) {
	inf, negZero := float32(math.Inf(1)), float32(math.Copysign(0, -1))
	for _, c := range []struct{ a, b, c, want float32 }{
		{4097, 4097, 0x1p-30, 16785410}, // twice rounded: 16785408
		{0x1p-75, 0x1p-75, 0x1p-127, 0x1p-127},
		{0x1.000002p-75, 0x1p-75, 0x1p-127, 0x1p-127 + 0x1p-149}, // just above the middle
		{negZero, 1, negZero, negZero},
		{negZero, 1, 0, 0},
		{1, -1, 1, 0},
		{0x1.fffffep127, 2, -inf, -inf},
		{inf, 1, 1, inf},
	} {
		if got := FMA32(c.a, c.b, c.c); math.Float32bits(got) != math.Float32bits(c.want) {
			t.Errorf("FMA32(%x, %x, %x) = %x, want %x", c.a, c.b, c.c, got, c.want)
		}
	}
	for _, c := range [][3]float32{{inf, 0, 1}, {inf, 1, -inf}, {float32(math.NaN()), 1, 1}} {
		if got := FMA32(c[0], c[1], c[2]); got == got {
			t.Errorf("FMA32(%v) = %v, want NaN", c, got)
		}
	}
}
