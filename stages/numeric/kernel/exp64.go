package kernel

import "math"

// ln2Hi has its lower 32 bits zero, so that k*ln2Hi is exact for every exponent k.
const (
	ln2Hi = 6.93147180369123816490e-01 // 0x3fe62e42fee00000
	ln2Lo = 1.90821492927058770002e-10 // ln 2 - ln2Hi
	log2E = 1.44269504088896338700e+00
)

// Exp64 gives e^x to 1 ulp (of the result; 1 ulp of the least normal number below that). Exp64(x)
// is 0 below about -745.13 and +Inf above about 709.78; NaN gives NaN.
func Exp64(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x > 709.782712893384:
		return math.Inf(1)
	case x < -745.1332191019412:
		return 0
	}
	k, hi, lo := reduceLn2(x)
	return ldexp(1+expm1Reduced(hi, lo), k)
}

// reduceLn2 gives k and r = hi - lo with x = k*ln2 + r, |r| <= ln2/2.
func reduceLn2(x float64) (k int, hi, lo float64) {
	kf := math.Floor(float64(x*log2E) + 0.5)
	hi = x - float64(kf*ln2Hi)
	lo = float64(kf * ln2Lo)
	return int(kf), hi, lo
}

// expm1Reduced gives e^r - 1 for r = hi - lo, |r| <= 0.36: Taylor's series to r^13 (its remainder
// is below 2^-60 r), with the rounding error of r carried along.
func expm1Reduced(hi, lo float64) float64 {
	r := hi - lo
	e := (hi - r) - lo // r + e is the argument
	p := 1.0 / 6227020800
	for _, c := range [...]float64{
		1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
		1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6,
	} {
		p = float64(p*r) + c
	}
	r2 := float64(r * r)
	// r + (e + e*r + r²/2 + r³p): the large term is added last.
	tail := float64(float64(r2*r)*p) + (e + float64(e*r))
	// r²/2 in two parts, so that its rounding error is not lost.
	half := float64(0.5 * r2)
	sum := r + half
	return sum + ((half - (sum - r)) + tail)
}

// Expm1 gives e^x - 1 to 1.5 ulp, also where it is small.
func Expm1(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1) || x == 0:
		return x
	case x > 709.782712893384:
		return math.Inf(1)
	case x < -40:
		return -1
	}
	k, hi, lo := reduceLn2(x)
	p := expm1Reduced(hi, lo)
	switch {
	case k == 0:
		return p
	case k > 60:
		return ldexp(1+p, k)
	}
	// 2^k (1 + p) - 1 = 2^k ((1 - 2^-k) + p), and 1 - 2^-k is exact.
	one := 1 - ldexp(1, -k)
	return ldexp(one+p, k)
}

// Narrow gives numbers as float32, rounded to nearest.
func Narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// Sigmoid64 gives 1/(1 + e^-x) to 2.5 ulp, without overflow.
func Sigmoid64(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + Exp64(-x))
	}
	t := Exp64(x)
	return t / (1 + t)
}

// Softplus64 gives log(1 + e^x) to 2.5 ulp, without overflow: the logistic loss of the margin -x, in nats.
func Softplus64(x float64) float64 {
	if x > 0 {
		return x + Log1p64(Exp64(-x))
	}
	return Log1p64(Exp64(x))
}

// ldexp gives x * 2^k with one rounding, for |k| < 1100 and x near 1.
func ldexp(x float64, k int) float64 {
	switch {
	case k > 1023:
		return float64(x * math.Float64frombits(2046<<52) * math.Float64frombits(uint64(k)<<52))
	case k < -1000:
		// Exact up to the last product, which rounds to a denormal number.
		return float64(x * math.Float64frombits(uint64(k+100+1023)<<52) * 0x1p-100)
	}
	return float64(x * math.Float64frombits(uint64(k+1023)<<52))
}
