package spec

import (
	"fmt"
	"math/big"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// maxLogspace bounds logspace, whose elements cost tens of microseconds each.
const maxLogspace = 10_000

// rangeFunc is Terraform's range: range(end), range(start, end), range(start, end, step), without
// its limit of 1,024 elements.
func rangeFunc(limit int) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "bounds", Type: cty.Number},
		Type:     function.StaticReturnType(cty.List(cty.Number)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			start, step := new(big.Float), big.NewFloat(1)
			var end *big.Float
			switch len(args) {
			case 1:
				end = wide(args[0])
			case 2, 3:
				start, end = wide(args[0]), wide(args[1])
			default:
				return cty.NilVal, fmt.Errorf("takes range(end), range(start, end) or range(start, end, step)")
			}
			if start.IsInf() || end.IsInf() {
				return cty.NilVal, fmt.Errorf("the bounds must be finite")
			}
			down := end.Cmp(start) < 0
			if down {
				step = big.NewFloat(-1)
			}
			if len(args) == 3 {
				step = wide(args[2])
				if step.Sign() == 0 || step.IsInf() {
					return cty.NilVal, function.NewArgErrorf(2, "the step must be a finite number other than 0")
				}
				if start.Cmp(end) != 0 && down != (step.Sign() < 0) {
					return cty.NilVal, function.NewArgErrorf(2, "the step leads away from the end")
				}
			}
			return steps(start, end, step, limit)
		},
	})
}

// steps gives start, start+step, ... up to but without end.
func steps(start, end, step *big.Float, limit int) (cty.Value, error) {
	span := new(big.Float).SetPrec(512).Sub(end, start)
	n := span.Quo(span, step)
	if n.Cmp(big.NewFloat(float64(limit))) > 0 {
		return cty.NilVal, fmt.Errorf("%s elements are more than the %s allowed", n.Text('g', 6), grouped(limit))
	}
	var values []cty.Value
	for i := int64(0); ; i++ {
		x := new(big.Float).SetPrec(512).SetInt64(i)
		x.Add(start, x.Mul(x, step))
		if c := x.Cmp(end); c == 0 || (c > 0) == (step.Sign() > 0) {
			return listOfNumbers(values), nil
		}
		values = append(values, cty.NumberVal(x))
	}
}

// spaced gives from + i(to-from)/(n-1) for i = 0, ..., n-1; for n = 1, from alone.
func spaced(from, to *big.Float, n int) []*big.Float {
	points := make([]*big.Float, n)
	width := new(big.Float).SetPrec(512).Sub(to, from)
	for i := range points {
		x := new(big.Float).SetPrec(512)
		if n > 1 {
			x.Quo(x.Mul(width, x.SetInt64(int64(i))), new(big.Float).SetPrec(512).SetInt64(int64(n-1)))
		}
		points[i] = x.Add(from, x)
	}
	return points
}

// linspaceFunc gives n numbers from a to b, both included, evenly spaced.
func linspaceFunc(limit int) function.Function {
	return function.New(&function.Spec{
		Params: numberParams("from", "to", "count"),
		Type:   function.StaticReturnType(cty.List(cty.Number)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			n, err := elementsArg(args[2], 2, limit)
			if err != nil {
				return cty.NilVal, err
			}
			return cleanNumbers(spaced(wide(args[0]), wide(args[1]), n))
		},
	})
}

// logspaceFunc gives n numbers from 10^a to 10^b, both included, evenly spaced in their logarithm.
var logspaceFunc = function.New(&function.Spec{
	Params: numberParams("from_exponent", "to_exponent", "count"),
	Type:   function.StaticReturnType(cty.List(cty.Number)),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		n, err := elementsArg(args[2], 2, maxLogspace)
		if err != nil {
			return cty.NilVal, err
		}
		points := spaced(wide(args[0]), wide(args[1]), n)
		for i := range points {
			if points[i], err = bigPow(new(big.Float).SetPrec(512).SetInt64(10), points[i]); err != nil {
				return cty.NilVal, err
			}
		}
		return cleanNumbers(points)
	},
})

func cleanNumbers(points []*big.Float) (cty.Value, error) {
	values := make([]cty.Value, len(points))
	for i, x := range points {
		v, err := cleanNumber(x)
		if err != nil {
			return cty.NilVal, err
		}
		values[i] = v
	}
	return listOfNumbers(values), nil
}

var powFunc = function.New(&function.Spec{
	Params: numberParams("number", "power"),
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		x, err := bigPow(args[0].AsBigFloat(), args[1].AsBigFloat())
		if err != nil {
			return cty.NilVal, err
		}
		return cleanNumber(x)
	},
})

var logFunc = function.New(&function.Spec{
	Params: numberParams("number", "base"),
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		for i, a := range args {
			if x := a.AsBigFloat(); x.Sign() <= 0 || x.IsInf() {
				return cty.NilVal, function.NewArgErrorf(i, "must be above 0")
			}
		}
		base := bigLn(args[1].AsBigFloat())
		if base.Sign() == 0 {
			return cty.NilVal, function.NewArgErrorf(1, "must not be 1")
		}
		return cleanNumber(newFloat().Quo(bigLn(args[0].AsBigFloat()), base))
	},
})

// roundFunc rounds to so many decimal digits (0 unless given; negative ones before the point),
// halves away from zero.
var roundFunc = function.New(&function.Spec{
	Params:   numberParams("number"),
	VarParam: &function.Parameter{Name: "digits", Type: cty.Number},
	Type:     function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		digits := int64(0)
		if len(args) > 2 {
			return cty.NilVal, fmt.Errorf("takes a number and the digits after the point")
		}
		if len(args) == 2 {
			var ok bool
			if digits, ok = toInt64(args[1].AsBigFloat()); !ok || digits < -300 || digits > 300 {
				return cty.NilVal, function.NewArgErrorf(1, "must be an integer from -300 to 300")
			}
		}
		ten, _ := bigPow(big.NewFloat(10), new(big.Float).SetInt64(max(digits, -digits)))
		x := wide(args[0])
		if digits < 0 {
			x.Quo(x, ten)
		} else {
			x.Mul(x, ten)
		}
		if x.IsInf() || x.MantExp(nil) > 4096 {
			return cty.NilVal, function.NewArgErrorf(0, "is out of range")
		}
		x.SetPrec(precision) // 1.005 is not exact in binary, 100.5 is
		half := big.NewFloat(0.5)
		if x.Sign() < 0 {
			half.Neg(half)
		}
		whole, _ := x.Add(x, half).Int(nil)
		x = new(big.Float).SetPrec(512).SetInt(whole)
		if digits < 0 {
			return cleanNumber(x.Mul(x, ten))
		}
		return cleanNumber(x.Quo(x, ten))
	},
})
