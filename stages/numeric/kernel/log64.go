package kernel

import "math"

// Log64 gives the natural logarithm to 1 ulp. Log64(±0) is -Inf; a negative number or NaN gives NaN.
func Log64(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	k, f := splitLog(x)
	return logReduced(k, f, 0)
}

// Log1p64 gives log(1 + x) to 1.5 ulp, also where x is small. Log1p64(-1) is -Inf.
func Log1p64(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1) || x == 0:
		return x
	case x < -1:
		return math.NaN()
	case x == -1:
		return math.Inf(-1)
	case math.Abs(x) < 0x1p-54:
		return x
	case x > -0.29289 && x < 0.41421:
		return logReduced(0, x, 0)
	}
	u := 1 + x
	// What rounding 1 + x lost, relative to u, is added to log(u).
	lost := x - (u - 1)
	if x > 1 {
		lost = 1 - (u - x)
	}
	k, f := splitLog(u)
	return logReduced(k, f, lost/u)
}

// splitLog gives k and f with x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), for finite x > 0.
func splitLog(x float64) (k int, f float64) {
	if x < 0x1p-1022 {
		x = float64(x * 0x1p54)
		k = -54
	}
	// Adding the distance from sqrt(1/2) to 1 makes the exponent change there, not at 1.
	const sqrtHalf, one = 0x3fe6a09e667f3bcd, 0x3ff0000000000000
	b := math.Float64bits(x) + (one - sqrtHalf)
	k += int(b>>52) - 1023
	m := math.Float64frombits(b&(1<<52-1) + sqrtHalf)
	return k, m - 1
}

// logReduced gives k*ln2 + log(1 + f) + c for f in [sqrt(1/2) - 1, sqrt(2) - 1] and tiny c, after
// e_log.c of FreeBSD's libm (Sun Microsystems, 1993): log(1 + f) = f - f²/2 + s (f²/2 + R(s²)) with
// s = f/(2 + f), R a minimax polynomial with error below 2^-58.
func logReduced(k int, f, c float64) float64 {
	const (
		l1 = 6.666666666666735130e-01
		l2 = 3.999999999940941908e-01
		l3 = 2.857142874366239149e-01
		l4 = 2.222219843214978396e-01
		l5 = 1.818357216161805012e-01
		l6 = 1.531383769920937332e-01
		l7 = 1.479819860511658591e-01
	)
	s := f / (2 + f)
	z := float64(s * s)
	w := float64(z * z)
	even := float64(w * (l2 + float64(w*(l4+float64(w*l6)))))
	odd := float64(z * (l1 + float64(w*(l3+float64(w*(l5+float64(w*l7)))))))
	r := even + odd
	half := float64(0.5 * f * f)
	kf := float64(k)
	tail := float64(s*(half+r)) + (c + float64(kf*ln2Lo))
	return float64(kf*ln2Hi) - ((half - tail) - f)
}
