package distribution_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"spurion/stages/numeric/distribution"
	"spurion/stages/numeric/kernel"
)

func TestSettleKnown(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ x, want float64 }{
		{0, 0}, {1, 1}, {0.5, 0.5}, {0.03125, 0.03125}, {2.0395134463964081, 2.03951345}, {12.706204736432095, 12.7062047},
		{-2.0395134463964081, -2.03951345}, {0.1 * 0.1, 0.01}, {0.1 + 0.2, 0.3}, {1e300, 1e300}, {inf, inf}, {-inf, -inf},
		{999999999.4, 999999999}, {999999999.6, 1e9}, {9.9999999951, 10},
		// Ties that a float64 holds exactly, to the even digit.
		{1000000000.5 * 2, 2e9}, {123456788.5, 123456788}, {123456789.5, 123456790}, {-123456789.5, -123456790},
		{math.MaxFloat64, 1.79769313e308}, {math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat64}, {0x1p-1050, 0x1p-1050},
	} {
		if got := distribution.Settle(c.x); got != c.want {
			t.Errorf("%v gives %v, want %v", c.x, got, c.want)
		}
	}
	if got := distribution.Settle(math.Copysign(0, -1)); got != 0 || !math.Signbit(got) {
		t.Errorf("-0 gives %v", got)
	}
	if got := distribution.Settle(math.NaN()); got == got {
		t.Errorf("NaN gives %v", got)
	}
}

// anyNumbers are finite numbers of every size, those that settling concerns among them: of 9 digits, half-way
// between two, and their neighbours.
func anyNumbers() []float64 {
	s := kernel.NewStream(1, "test/settle")
	var list []float64
	for len(list) < 4000 {
		if x := math.Float64frombits(s.Uint64()); x-x == 0 {
			list = append(list, x)
		}
		digits, power := float64(100_000_000+s.IntN(900_000_000)), math.Pow(10, float64(s.IntN(40)-20))
		for _, x := range []float64{digits * power, (digits + 0.5) * power} {
			list = append(list, x, math.Nextafter(x, 0), math.Nextafter(x, math.Inf(1)))
		}
	}
	for _, x := range []float64{0, math.SmallestNonzeroFloat64, 0x1p-1060, 0x1p-1022, math.Nextafter(0x1p-1022, 0), 1, 10, math.MaxFloat64} {
		list = append(list, x, -x)
	}
	return list
}

// TestSettleKeepsItsPromises: half a unit of the ninth digit, counted in fractions; once is enough; odd.
func TestSettleKeepsItsPromises(t *testing.T) {
	for _, x := range anyNumbers() {
		got := distribution.Settle(x)
		if again := distribution.Settle(got); math.Float64bits(again) != math.Float64bits(got) {
			t.Errorf("%v gives %v, and that %v", x, got, again)
		}
		if back := distribution.Settle(-x); math.Float64bits(-back) != math.Float64bits(got) {
			t.Errorf("%v gives %v, but -x %v", x, got, back)
		}
		if x == 0 {
			continue
		}
		// The error is at most half of a unit of the ninth digit, and half of a float64's own.
		off := new(big.Rat).Sub(rat(got), rat(x))
		ulp := new(big.Rat).Sub(rat(math.Nextafter(math.Abs(got), math.Inf(1))), rat(math.Abs(got)))
		allowed := new(big.Rat).Add(unit(x), ulp)
		if off.Abs(off).Cmp(allowed.Quo(allowed, big.NewRat(2, 1))) > 0 {
			t.Errorf("%v gives %v: off by %v", x, got, off.FloatString(20))
		}
	}
}

// TestSettleKeepsOrder over all of them at once.
func TestSettleKeepsOrder(t *testing.T) {
	list := anyNumbers()
	slices.Sort(list)
	for i, x := range list[1:] {
		if a, b := distribution.Settle(list[i]), distribution.Settle(x); a > b {
			t.Errorf("%v gives %v, and %v gives %v", list[i], a, x, b)
		}
	}
}

// TestSettleIsTheNearest of the numbers of 9 digits, against whole-number arithmetic.
func TestSettleIsTheNearest(t *testing.T) {
	for _, x := range anyNumbers() {
		if math.Abs(x) < 0x1p-1022 || x == 0 {
			continue
		}
		u := unit(x)
		n := new(big.Rat).Quo(rat(x), u)
		down := new(big.Int).Div(n.Num(), n.Denom()) // floor
		switch gap := new(big.Rat).Sub(n, new(big.Rat).SetInt(down)).Cmp(big.NewRat(1, 2)); {
		case gap > 0, gap == 0 && down.Bit(0) == 1:
			down.Add(down, big.NewInt(1))
		}
		want, _ := new(big.Rat).Mul(new(big.Rat).SetInt(down), u).Float64()
		if got := distribution.Settle(x); got != want {
			t.Errorf("%v gives %v, want %v", x, got, want)
		}
	}
}

func rat(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

// unit gives one of the ninth digit of x, which is not 0.
func unit(x float64) *big.Rat {
	size := rat(math.Abs(x))
	e := int(math.Floor(math.Log10(math.Abs(x))))
	for size.Cmp(power(e)) < 0 {
		e--
	}
	for size.Cmp(power(e+1)) >= 0 {
		e++
	}
	return power(e - 8)
}

// power gives 10^e.
func power(e int) *big.Rat {
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil)
	if e < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), n)
	}
	return new(big.Rat).SetInt(n)
}
