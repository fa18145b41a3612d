//go:build !amd64 || noasm

package kernel

func philoxTwice(dst *[8]uint64, counter *[4]uint64, key *[2]uint64) {
	philoxTwicePortable(dst, counter, key)
}

func signIndexAlong([]uint8, int, []uint64, int, int) int { return 0 }

func signIndexAcross([]uint8, []uint64, int, int) int { return 0 }
