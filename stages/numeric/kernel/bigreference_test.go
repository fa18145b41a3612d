package kernel

import (
	"math"
	"math/big"
)

// Elementary functions to about 250 bits, by series, for the tests to measure against.

const bigBits = 300

func bigOf(x float64) *big.Float { return new(big.Float).SetPrec(bigBits).SetFloat64(x) }

func bigNew() *big.Float { return new(big.Float).SetPrec(bigBits) }

// bigExp halves the argument until it is small, sums Taylor's series and squares back.
func bigExp(x *big.Float) *big.Float {
	halvings := max(0, x.MantExp(nil)+8)
	r := bigNew().SetMantExp(x, -halvings)
	sum, term := bigOf(1), bigOf(1)
	for i := 1; i < 40; i++ {
		term.Mul(term, r)
		term.Quo(term, bigOf(float64(i)))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// bigLog is m*ln 2 + 2 atanh((f-1)/(f+1)).
func bigLog(x *big.Float) *big.Float {
	f := bigNew()
	e := x.MantExp(f) // f in [1/2, 1)
	r := bigAtanhTwice(f)
	return r.Add(r, bigNew().Mul(bigLn2, bigOf(float64(e))))
}

var bigLn2 = bigNew().Neg(bigAtanhTwice(bigOf(0.5)))

func bigAtanhTwice(f *big.Float) *big.Float {
	s := bigNew().Quo(bigNew().Sub(f, bigOf(1)), bigNew().Add(f, bigOf(1)))
	z := bigNew().Mul(s, s)
	sum, power := bigNew(), bigNew().Set(s)
	for i := 1; i < 190; i += 2 {
		sum.Add(sum, bigNew().Quo(power, bigOf(float64(i))))
		power.Mul(power, z)
	}
	return sum.Add(sum, sum)
}

func bigExpm1(x *big.Float) *big.Float { return bigNew().Sub(bigExp(x), bigOf(1)) }

func bigTanh(x *big.Float) *big.Float {
	e := bigExpm1(bigNew().Add(x, x))
	return bigNew().Quo(e, bigNew().Add(e, bigOf(2)))
}

// bigPi is Machin's formula: π = 16 atan(1/5) - 4 atan(1/239).
func bigPi() *big.Float {
	atan := func(n float64) *big.Float {
		sum, power := bigNew(), bigNew().Quo(bigOf(1), bigOf(n))
		square := bigNew().Quo(bigOf(-1), bigOf(n*n))
		for i := 1; i < 300; i += 2 {
			sum.Add(sum, bigNew().Quo(power, bigOf(float64(i))))
			power.Mul(power, square)
		}
		return sum
	}
	a := bigNew().Mul(bigOf(16), atan(5))
	return a.Sub(a, bigNew().Mul(bigOf(4), atan(239)))
}

// bigCos is Taylor's series, for arguments up to about 10.
func bigCos(x *big.Float) *big.Float {
	square := bigNew().Neg(bigNew().Mul(x, x))
	sum, term := bigOf(1), bigOf(1)
	for i := 1.0; i < 160; i += 2 {
		term.Mul(term, square)
		term.Quo(term, bigOf(i*(i+1)))
		sum.Add(sum, term)
	}
	return sum
}

// ulps gives |got - want| in units in the last place of a number of want's size with so many bits
// (53 or 24) and this least exponent (of the last place of denormal numbers).
func ulps(got float64, want *big.Float, bits, least int) float64 {
	if math.IsNaN(got) || math.IsInf(got, 0) {
		return math.Inf(1)
	}
	d := bigNew().Sub(bigOf(got), want)
	exponent := want.MantExp(nil) - bits
	if want.Sign() == 0 || exponent < least {
		exponent = least
	}
	d.SetMantExp(d, -exponent)
	u, _ := d.Float64()
	return math.Abs(u)
}

func ulps64(got float64, want *big.Float) float64 { return ulps(got, want, 53, -1074) }

func ulps32(got float32, want *big.Float) float64 { return ulps(float64(got), want, 24, -149) }
