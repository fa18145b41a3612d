package kernel

import "math/bits"

const (
	philoxMultiplier0 = 0xD2E7470EE14C6C93
	philoxMultiplier1 = 0xCA5A826395121157
	philoxWeyl0       = 0x9E3779B97F4A7C15 // golden ratio
	philoxWeyl1       = 0xBB67AE8584CAA73B // sqrt(3) - 1
)

// philox4x64 is the counter-based generator Philox4x64-10 of Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3" (SC 2011): ten rounds of a keyed bijection of the
// counter.
func philox4x64(counter [4]uint64, key [2]uint64) [4]uint64 {
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	k0, k1 := key[0], key[1]
	for range 10 {
		hi0, lo0 := bits.Mul64(philoxMultiplier0, c0)
		hi1, lo1 := bits.Mul64(philoxMultiplier1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += philoxWeyl0
		k1 += philoxWeyl1
	}
	return [4]uint64{c0, c1, c2, c3}
}

// philoxTwicePortable gives philox4x64 of a counter and of the next, whose rounds overlap on the processor;
// the counter's first word must not be the last.
func philoxTwicePortable(dst *[8]uint64, counter *[4]uint64, key *[2]uint64) {
	a0, a1, a2, a3 := counter[0], counter[1], counter[2], counter[3]
	b0, b1, b2, b3 := a0+1, a1, a2, a3
	k0, k1 := key[0], key[1]
	for range 10 {
		hi0, lo0 := bits.Mul64(philoxMultiplier0, a0)
		hi1, lo1 := bits.Mul64(philoxMultiplier1, a2)
		a0, a1, a2, a3 = hi1^a1^k0, lo1, hi0^a3^k1, lo0
		hi0, lo0 = bits.Mul64(philoxMultiplier0, b0)
		hi1, lo1 = bits.Mul64(philoxMultiplier1, b2)
		b0, b1, b2, b3 = hi1^b1^k0, lo1, hi0^b3^k1, lo0
		k0 += philoxWeyl0
		k1 += philoxWeyl1
	}
	dst[0], dst[1], dst[2], dst[3] = a0, a1, a2, a3
	dst[4], dst[5], dst[6], dst[7] = b0, b1, b2, b3
}
