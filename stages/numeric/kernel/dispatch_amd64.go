//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

const (
	avx2   = portable + 1 // AVX2, FMA and BMI2
	avx512 = portable + 2 // AVX-512 F, BW and VL, and BMI2
)

var pathNames = [...]string{"portable", "avx2", "avx512"}

func bestPath() pathLevel {
	switch x := &cpu.X86; {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasBMI2:
		return avx512
	case x.HasAVX2 && x.HasFMA && x.HasBMI2:
		return avx2
	}
	return portable
}

func burst(n int) int {
	const chains = 12
	switch path {
	case avx512:
		rounds := n / (chains * 16)
		burstAVX512(uintptr(rounds))
		return rounds * chains * 16
	case avx2:
		rounds := n / (chains * 8)
		burstAVX2(uintptr(rounds))
		return rounds * chains * 8
	}
	return burstPortable(n)
}

func transpose(dst []float32, ldd int, src []float32, lds int, rows, cols int) {
	lanes, quads := vectorLanes(), cols/4
	if path == portable || rows < lanes || quads == 0 {
		transposePortable(dst, ldd, src, lds, rows, cols)
		return
	}
	for i := 0; i < rows; i += lanes {
		at := min(i, rows-lanes) // the last rows may be moved twice
		d, s := &dst[at], &src[at*lds]
		if path == avx512 {
			transposeRowsAVX512(d, 4*uintptr(ldd), s, 4*uintptr(lds), uintptr(quads))
		} else {
			transposeRowsAVX2(d, 4*uintptr(ldd), s, 4*uintptr(lds), uintptr(quads))
		}
	}
	if cols%4 > 0 {
		transposePortable(dst[4*quads*ldd:], ldd, src[4*quads:], lds, rows, cols%4)
	}
}
