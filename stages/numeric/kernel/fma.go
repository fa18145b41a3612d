package kernel

import "math"

// FMA32 gives a*b + c with one rounding, exactly as the fused multiply-add of IEEE 754 and of
// every processor that has one. (float32(math.FMA(...)) rounds twice, so it is not that.)
//
// The product is exact in float64. The sum may round, and the conversion to float32 would then
// round a second time; this does harm only if the sum lands on the middle between two float32
// numbers. Such a sum is moved off the middle, towards the exact value (Boldo and Melquiond,
// "Emulation of FMA and correctly rounded sums", 2008).
func FMA32(a, b, c float32) float32 {
	p := float64(float64(a) * float64(b))
	s := p + float64(c)
	if mayBeMiddle(s) {
		s = offMiddle(s, p, c)
	}
	return float32(s)
}

// mayBeMiddle reports whether s can be the middle between two float32 numbers: its last 29 bits
// are half a unit, or it is below the normal numbers, where the middle may be anywhere.
func mayBeMiddle(s float64) bool {
	const least = (1023 - 126) << 52 // 2^-126
	bits := math.Float64bits(s)
	return bits&(1<<29-1) == 1<<28 || bits<<1-1 < least<<1-1
}

// offMiddle gives s, which is p + c rounded, or its neighbour towards the exact sum if that
// differs from s.
func offMiddle(s, p float64, c float32) float64 {
	if s-s != 0 { // infinite or NaN
		return s
	}
	// Knuth's two-sum: p + c = s + e exactly.
	t := s - p
	e := (p - (s - t)) + (float64(c) - t)
	if e == 0 {
		return s
	}
	bits := math.Float64bits(s)
	if (e > 0) == (s > 0) {
		bits++
	} else {
		bits--
	}
	return math.Float64frombits(bits)
}

// burstPortable keeps eight chains going.
func burstPortable(n int) int {
	rounds := n / 8
	var s [8]float32
	for range rounds {
		for i := range s {
			s[i] = FMA32(0.5, 0.25, s[i])
		}
	}
	if s[0] < 0 { // never; but the compiler does not know, and so keeps the work
		return 0
	}
	return 8 * rounds
}
