//go:build !noasm

package kernel

// The functions of this file choose the path for loops on bits.

func philoxTwice(dst *[8]uint64, counter *[4]uint64, key *[2]uint64) {
	if path == portable {
		philoxTwicePortable(dst, counter, key)
	} else {
		philoxTwiceAVX2(dst, counter, key)
	}
}

// signIndexAlong does whole blocks of eight rows of SignIndex, if any, and gives the rows that it did.
func signIndexAlong(dst []uint8, ldi int, packed []uint64, rows, words int) int {
	if path == portable || rows < 8 {
		return 0
	}
	for w := range words {
		signAlongAVX2(&dst[16*w*ldi], uintptr(ldi), &packed[w], uintptr(8*words), uintptr(rows/8))
	}
	return rows / 8 * 8
}

// signIndexAcross does whole groups of four rows, if any, and gives the rows that it did.
func signIndexAcross(dst []uint8, packed []uint64, rows, words int) int {
	if path != avx512 || rows < 4 {
		return 0
	}
	for w := range words {
		signAcrossAVX512(&dst[64*w], uintptr(64*words), &packed[w], uintptr(8*words), uintptr(rows/4))
	}
	return rows / 4 * 4
}
