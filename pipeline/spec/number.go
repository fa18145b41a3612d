package spec

import (
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// Numbers of a spec are decimals of high precision until they become a setting; log, powers and
// their like are computed here in big.Float and rounded once, since the standard library's change
// their last bit with the processor.

// precision is that of intermediate results, in bits: more than float64's 53 by so much that the
// rounded result is the correctly rounded one for all practical arguments.
const precision = 256

func newFloat() *big.Float { return new(big.Float).SetPrec(precision) }

// cleanNumber gives the float64 nearest to x as the decimal that its author would write.
func cleanNumber(x *big.Float) (cty.Value, error) {
	if x.IsInt() && x.MinPrec() <= 512 && x.MantExp(nil) <= 512 {
		return cty.NumberVal(x), nil
	}
	f, _ := x.Float64()
	if math.IsInf(f, 0) || f == 0 && x.Sign() != 0 {
		return cty.NilVal, fmt.Errorf("the result %s is out of range", x.Text('g', 6))
	}
	return cty.ParseNumberVal(strconv.FormatFloat(f, 'g', -1, 64))
}

// numberText writes a number as in a spec: integers in full, others in the shortest form of the
// nearest float64.
func numberText(x *big.Float) string {
	if x.IsInt() && x.MantExp(nil) <= 70 {
		return x.Text('f', 0)
	}
	f, _ := x.Float64()
	if math.IsInf(f, 0) || f == 0 && x.Sign() != 0 {
		return x.Text('g', 10)
	}
	return stages.FormatFloat(f)
}

// toFloat64 gives the nearest float64, never -0; ok is false if it would be infinite, or zero for
// a number that is not.
func toFloat64(x *big.Float) (f float64, ok bool) {
	f, _ = x.Float64()
	if math.IsInf(f, 0) || f == 0 && x.Sign() != 0 {
		return f, false
	}
	return f + 0, true // -0 + 0 is 0
}

// toInt64 gives an integer exactly.
func toInt64(x *big.Float) (i int64, ok bool) {
	if !x.IsInt() {
		return 0, false
	}
	i, accuracy := x.Int64()
	return i, accuracy == big.Exact
}

// bigLn gives the natural logarithm of x > 0: with x = m·2^e and √½ <= m < √2,
// e ln 2 + 2 atanh((m-1)/(m+1)).
func bigLn(x *big.Float) *big.Float {
	m := newFloat()
	e := x.MantExp(m) // m in [½, 1)
	m.SetPrec(precision)
	if f, _ := m.Float64(); f < math.Sqrt2/2 {
		m.SetMantExp(m, 1)
		e--
	}
	one := newFloat().SetInt64(1)
	z := newFloat().Quo(newFloat().Sub(m, one), newFloat().Add(m, one))
	third := newFloat().Quo(one, newFloat().SetInt64(3))
	ln2 := newFloat().Mul(twiceAtanh(third), newFloat().SetInt64(int64(e)))
	return ln2.Add(ln2, twiceAtanh(z))
}

// twiceAtanh gives 2(z + z³/3 + z⁵/5 + ...) for |z| <= 1/3.
func twiceAtanh(z *big.Float) *big.Float {
	sum, power := newFloat(), newFloat().Set(z)
	square := newFloat().Mul(z, z)
	for k := int64(1); power.Sign() != 0; k += 2 {
		term := newFloat().Quo(power, newFloat().SetInt64(k))
		if sum.Sign() != 0 && term.MantExp(nil) < sum.MantExp(nil)-precision {
			break
		}
		sum.Add(sum, term)
		power.Mul(power, square)
	}
	return sum.Add(sum, sum)
}

// bigExp gives e^x for |x| < 10^6: with x = k ln 2 + 2^s r, 2^k (e^r)^(2^s), e^r by Taylor.
func bigExp(x *big.Float) *big.Float {
	ln2 := bigLn(newFloat().SetInt64(2))
	q, _ := newFloat().Quo(x, ln2).Float64()
	k := int(math.Floor(q + 0.5))
	r := newFloat().Sub(newFloat().Set(x), newFloat().Mul(ln2, newFloat().SetInt64(int64(k))))
	const halvings = 16
	r.SetMantExp(r, -halvings)
	sum, term := newFloat().SetInt64(1), newFloat().SetInt64(1)
	for i := int64(1); ; i++ {
		term.Mul(term, r)
		term.Quo(term, newFloat().SetInt64(i))
		if term.Sign() == 0 || term.MantExp(nil) < -precision {
			break
		}
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum.SetMantExp(sum, k)
}

// bigPow gives x^y: exactly rounded products for an integer y, exp(y ln x) for others.
func bigPow(x, y *big.Float) (*big.Float, error) {
	if n, ok := toInt64(y); ok && n >= -100_000 && n <= 100_000 {
		if x.Sign() == 0 && n < 0 {
			return nil, fmt.Errorf("zero has no power of %d", n)
		}
		result, base := new(big.Float).SetPrec(512).SetInt64(1), new(big.Float).SetPrec(512).Set(x)
		for k := max(n, -n); k > 0; k >>= 1 {
			if k&1 == 1 {
				result.Mul(result, base)
			}
			base.Mul(base, base)
		}
		if result.IsInf() || result.Sign() == 0 && x.Sign() != 0 {
			return nil, fmt.Errorf("the result is out of range")
		}
		if n < 0 {
			result.Quo(new(big.Float).SetPrec(512).SetInt64(1), result)
		}
		return result, nil
	}
	switch x.Sign() {
	case -1:
		return nil, fmt.Errorf("a negative number has only integer powers")
	case 0:
		return newFloat(), nil
	}
	exponent := newFloat().Mul(bigLn(x), newFloat().Set(y))
	if f, _ := exponent.Float64(); math.Abs(f) > 1e5 {
		return nil, fmt.Errorf("the result is out of range")
	}
	return bigExp(exponent), nil
}
