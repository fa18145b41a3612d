//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

const neon = portable + 1 // Advanced SIMD

var pathNames = [...]string{"portable", "neon"}

func bestPath() pathLevel {
	if cpu.ARM64.HasASIMD {
		return neon
	}
	return portable
}

func burst(n int) int {
	const each = 16 * 4 // chains and lanes of burstNEON
	if path == portable {
		return burstPortable(n)
	}
	burstNEON(uintptr(n / each))
	return n / each * each
}
