package kernel

import "math"

// Pow64 gives x^y to 2 ulp, with the special cases of C99 (math.Pow's): x^0 = 1^y = 1, a negative
// x with a y that is not whole gives NaN.
func Pow64(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case y == 1:
		return x
	case math.IsNaN(x) || math.IsNaN(y):
		return math.NaN()
	case x == 0 || math.IsInf(x, 0) || math.IsInf(y, 0):
		return powSpecial(x, y)
	}
	sign := 1.0
	if x < 0 {
		if y != math.Floor(y) {
			return math.NaN()
		}
		if isOdd(y) {
			sign = -1
		}
		x = -x
	}
	if x == 1 {
		return sign
	}
	hi, lo := logDouble(x)
	if big := float64(y * hi); big > 710 {
		return math.Copysign(math.Inf(1), sign)
	} else if big < -746 {
		return math.Copysign(0, sign)
	}
	// y*(hi + lo) in two parts; the product's rounding error comes from an exact fused multiply-add.
	p := float64(y * hi)
	e := math.FMA(y, hi, -p) + float64(y*lo)
	k, rh, rl := reduceLn2(p)
	return math.Copysign(ldexp(1+expm1Reduced(rh, rl-e), k), sign)
}

// powSpecial treats zeros and infinities, for y other than 0 and x other than 1.
func powSpecial(x, y float64) float64 {
	a := math.Abs(x)
	if math.IsInf(y, 0) {
		switch {
		case a == 1:
			return 1
		case (a > 1) == (y > 0):
			return math.Inf(1)
		}
		return 0
	}
	r := 0.0
	if (a == 0) == (y < 0) {
		r = math.Inf(1)
	}
	if math.Signbit(x) && isOdd(y) {
		return -r
	}
	return r
}

func isOdd(y float64) bool {
	return math.Abs(y) < 1<<53 && y == math.Floor(y) && int64(y)&1 == 1
}

// logDouble gives log(x) = hi + lo to about 2^-64 relative to the larger of log(x) and the
// exponent's part, for finite x > 0.
func logDouble(x float64) (hi, lo float64) {
	k, f := splitLog(x)
	// y = log of the mantissa in float64; then one Newton step in two parts:
	// log(m) = y + log1p((m - e^y)/e^y), with e^y in two parts.
	m := 1 + f
	y := logReduced(0, f, 0)
	eh, el := expDouble(y)
	d := ((m - eh) - el) / eh
	yl := d - float64(0.5*d*d)
	kf := float64(k)
	a := float64(kf * ln2Hi)
	hi, lo = twoSum(a, y)
	lo += yl + float64(kf*ln2Lo)
	return fastTwoSum(hi, lo)
}

// expDouble gives e^y = hi + lo to about 2^-66, for |y| < 0.35: Taylor's series, its leading
// terms summed in two parts.
func expDouble(y float64) (hi, lo float64) {
	p := 1.0 / 355687428096000 // 1/17!
	n := 17.0
	inverse := 355687428096000.0
	for n > 4 {
		inverse /= n
		n--
		p = float64(p*y) + 1/inverse
	}
	// e^y = 1 + y + y²/2 + y³/6 + y⁴p.
	y2 := float64(y * y)
	y2e := math.FMA(y, y, -y2)
	y3 := float64(y2 * y)
	y3e := math.FMA(y2, y, -y3) + float64(y2e*y)
	const sixth, sixthLo = 1.0 / 6, 1.0 / 6 * 0x1p-54 // 1/6 = sixth + sixthLo (nearly)
	t := float64(y3 * sixth)
	te := math.FMA(y3, sixth, -t) + float64(y3*sixthLo) + float64(y3e*sixth)
	q := float64(float64(y2*y2) * p)

	hi, e1 := twoSum(1, y)
	hi, e2 := twoSum(hi, float64(0.5*y2))
	hi, e3 := twoSum(hi, t)
	hi, e4 := twoSum(hi, q)
	lo = e1 + (e2 + (e3 + (e4 + (te + float64(0.5*y2e)))))
	return fastTwoSum(hi, lo)
}

// twoSum gives a + b = s + e exactly (Knuth).
func twoSum(a, b float64) (s, e float64) {
	s = a + b
	t := s - a
	return s, (a - (s - t)) + (b - t)
}

// fastTwoSum gives a + b = s + e exactly where |a| >= |b| (Dekker).
func fastTwoSum(a, b float64) (s, e float64) {
	s = a + b
	return s, b - (s - a)
}

// CosPi64 gives cos(πx) to 2 ulp plus 2^-54; exact at multiples of 1/2.
func CosPi64(x float64) float64 {
	x = math.Abs(x)
	if math.IsNaN(x) || math.IsInf(x, 1) {
		return math.NaN()
	}
	x -= float64(2 * math.Floor(x/2)) // exact; in [0, 2)
	if x > 1 {
		x = 2 - x
	}
	sign := 1.0
	if x > 0.5 {
		x, sign = 1-x, -1
	}
	if x <= 0.25 {
		return float64(sign * cosTaylor(float64(math.Pi*x)))
	}
	return float64(sign * sinTaylor(float64(math.Pi*(0.5-x))))
}

// cosTaylor is for 0 <= y <= π/4.
func cosTaylor(y float64) float64 {
	z := float64(y * y)
	p := 1.0 / 20922789888000
	for _, c := range [...]float64{
		-1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800, 1.0 / 40320, -1.0 / 720, 1.0 / 24,
	} {
		p = float64(p*z) + c
	}
	half := float64(0.5 * z)
	one := 1 - half
	return one + (((1 - one) - half) + float64(float64(z*z)*p))
}

// sinTaylor is for 0 <= y <= π/4.
func sinTaylor(y float64) float64 {
	z := float64(y * y)
	p := -1.0 / 1307674368000
	for _, c := range [...]float64{
		1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6,
	} {
		p = float64(p*z) + c
	}
	return y + float64(float64(y*z)*p)
}
