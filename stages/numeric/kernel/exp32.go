package kernel

import "math"

// The constants of the float32 functions. The vector code uses the same bits.
const (
	expLeast float32 = -86           // below it expNegative gives e^-86, a normal number
	expMagic float32 = 12582912      // 1.5 * 2^23: adding it rounds to an integer
	log2E32  float32 = 1.44269504089 // 1/ln 2
	ln2Hi32  float32 = 0.693359375   // ln 2 in two parts, the first with few bits
	ln2Lo32  float32 = -2.12194440e-4

	expTerm7 float32 = 1.0 / 5040
	expTerm6 float32 = 1.0 / 720
	expTerm5 float32 = 1.0 / 120
	expTerm4 float32 = 1.0 / 24
	expTerm3 float32 = 1.0 / 6
	expTerm2 float32 = 1.0 / 2

	atanhTerm15 float32 = 1.0 / 15
	atanhTerm13 float32 = 1.0 / 13
	atanhTerm11 float32 = 1.0 / 11
	atanhTerm9  float32 = 1.0 / 9
	atanhTerm7  float32 = 1.0 / 7
	atanhTerm5  float32 = 1.0 / 5
	atanhTerm3  float32 = 1.0 / 3

	// Cephes (Moshier), tanhf: tanh(x) = x + x³ P(x²) for |x| < 0.625.
	tanhBound float32 = 0.625
	tanhTerm5 float32 = -5.70498872745e-3
	tanhTerm4 float32 = 2.06390887954e-2
	tanhTerm3 float32 = -5.37397155531e-2
	tanhTerm2 float32 = 1.33314422036e-1
	tanhTerm1 float32 = -3.33332819422e-1
)

// expNegative gives e^x for x <= 0, to 1.5 ulp, and e^-86 for x < -86; NaN for NaN. The argument is
// reduced by a multiple n of ln 2 (Cody and Waite); then Taylor's series to r^7.
func expNegative(x float32) float32 {
	if x < expLeast {
		x = expLeast
	}
	shifted := FMA32(x, log2E32, expMagic)
	n := shifted - expMagic
	r := FMA32(n, -ln2Hi32, x)
	r = FMA32(n, -ln2Lo32, r)
	p := FMA32(expTerm7, r, expTerm6)
	p = FMA32(p, r, expTerm5)
	p = FMA32(p, r, expTerm4)
	p = FMA32(p, r, expTerm3)
	p = FMA32(p, r, expTerm2)
	p = FMA32(p, r, 1)
	p = FMA32(p, r, 1)
	return math.Float32frombits(math.Float32bits(p) + math.Float32bits(shifted)<<23)
}

// log1pUnit gives log(1 + t) for 0 <= t <= 1, to 3 ulp: 2 atanh(s) with s = t/(2 + t).
func log1pUnit(t float32) float32 {
	s := t / (2 + t)
	z := float32(s * s)
	p := FMA32(atanhTerm15, z, atanhTerm13)
	p = FMA32(p, z, atanhTerm11)
	p = FMA32(p, z, atanhTerm9)
	p = FMA32(p, z, atanhTerm7)
	p = FMA32(p, z, atanhTerm5)
	p = FMA32(p, z, atanhTerm3)
	twice := s + s
	return FMA32(float32(twice*z), p, twice)
}

// tanh32 is one element of Tanh.
func tanh32(x float32) float32 {
	a := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	if a < tanhBound {
		z := float32(x * x)
		p := FMA32(tanhTerm5, z, tanhTerm4)
		p = FMA32(p, z, tanhTerm3)
		p = FMA32(p, z, tanhTerm2)
		p = FMA32(p, z, tanhTerm1)
		return FMA32(float32(x*z), p, x)
	}
	t := expNegative(-(a + a))
	y := (1 - t) / (1 + t)
	return math.Float32frombits(math.Float32bits(y) | math.Float32bits(x)&(1<<31))
}
