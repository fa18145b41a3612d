package kernel

import "math"

// LogLoss64 sets, for margins f and signs y (-1 or 1), with u = y f and p = 1/(1 + e^-|u|),
//
//	losses[i] = log(1 + e^-u)             in nats, to 4 ulp
//	slopes[i] = d losses[i] / d f         -y/(1 + e^u), to 4 ulp
//	bends[i]  = d slopes[i] / d f         e^-|u| p², to 6 ulp
//
// Where |u| is above 700 the small ones of them are those of 700. A NaN margin gives NaN in all, an infinite one
// on the wrong side an infinite loss. The slices have the length of margins; they may not overlap.
func LogLoss64(losses, slopes, bends, margins, signs []float64) {
	n := len(margins)
	losses, slopes, bends, signs = first(losses, n), first(slopes, n), first(bends, n), first(signs, n)
	logLoss64(losses, slopes, bends, margins, signs)
}

func logLoss64Portable(losses, slopes, bends, margins, signs []float64) {
	for i, f := range margins {
		u := float64(f * signs[i])
		minus := -u
		a := minus // -|u|
		if u < 0 {
			a = u
		}
		e := expNegative64(a)
		p := 1 / (1 + e)
		positive := minus // max(0, -u)
		if minus < 0 {
			positive = 0
		}
		losses[i] = positive + log1pUnit64(e)
		small := float64(e * p)
		s := p
		if u >= 0 {
			s = small
		}
		slopes[i] = -float64(s * signs[i])
		bends[i] = float64(small * p)
	}
}

// taylor64 are 1/12!, 1/11!, ... 1/1!, 1/0!.
var taylor64 = [...]float64{1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
	1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1}

// expNegative64 gives e^x for x <= 0, and e^-700 below -700, as fast vectors do: Taylor's series to r^13 about
// the nearest multiple of log 2, whose integer factor moves into the exponent.
func expNegative64(x float64) float64 {
	if x < -700 {
		x = -700
	}
	const magic = 0x1.8p52
	shifted := math.FMA(x, log2E, magic)
	n := shifted - magic
	r := math.FMA(-n, ln2Hi, x)
	r = math.FMA(-n, ln2Lo, r)
	p := 1.0 / 6227020800
	for _, c := range taylor64 {
		p = math.FMA(p, r, c)
	}
	// What is added is 0, or NaN: the exponent of a NaN may else be moved to that of a number.
	return math.Float64frombits(math.Float64bits(p)+math.Float64bits(shifted)<<52) + (x - x)
}

// logCoefficients are those of logReduced, the highest power first.
var logCoefficients = [...]float64{1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
	2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01}

// log1pUnit64 gives log(1 + e) for 0 <= e <= 1: as logReduced with f = e, or with 1 + e halved if e > sqrt(2) - 1.
func log1pUnit64(e float64) float64 {
	f, c := e, 0.0
	if e > 0.4142135623730951 {
		f, c = float64(0.5*(e-1)), math.Ln2
	}
	s := f / (2 + f)
	z := float64(s * s)
	p := 1.479819860511658591e-01
	for _, l := range logCoefficients {
		p = math.FMA(p, z, l)
	}
	half := float64(float64(0.5*f) * f)
	t := math.FMA(-s, math.FMA(p, z, half), half)
	return (f - t) + c
}
