package kernel

import "math/bits"

// philox4x64 is the counter-based generator Philox4x64-10 of Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3" (SC 2011): ten rounds of a keyed bijection of the
// counter.
func philox4x64(counter [4]uint64, key [2]uint64) [4]uint64 {
	const (
		multiplier0 = 0xD2E7470EE14C6C93
		multiplier1 = 0xCA5A826395121157
		weyl0       = 0x9E3779B97F4A7C15 // golden ratio
		weyl1       = 0xBB67AE8584CAA73B // sqrt(3) - 1
	)
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	k0, k1 := key[0], key[1]
	for range 10 {
		hi0, lo0 := bits.Mul64(multiplier0, c0)
		hi1, lo1 := bits.Mul64(multiplier1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += weyl0
		k1 += weyl1
	}
	return [4]uint64{c0, c1, c2, c3}
}
