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
	lanes := 8
	switch path {
	case portable:
		lanes = rows + 1 // no block of rows is left to the vectors
	case avx512:
		lanes = 16
	}
	quads := cols / 4
	i := 0
	if quads > 0 {
		for ; i+lanes <= rows; i += lanes {
			d, s := &dst[i], &src[i*lds]
			if path == avx512 {
				transposeRowsAVX512(d, 4*uintptr(ldd), s, 4*uintptr(lds), uintptr(quads))
			} else {
				transposeRowsAVX2(d, 4*uintptr(ldd), s, 4*uintptr(lds), uintptr(quads))
			}
		}
		if i > 0 && cols%4 > 0 {
			transposePortable(dst[4*quads*ldd:], ldd, src[4*quads:], lds, i, cols%4)
		}
	}
	if i < rows {
		transposePortable(dst[i:], ldd, src[i*lds:], lds, rows-i, cols)
	}
}
