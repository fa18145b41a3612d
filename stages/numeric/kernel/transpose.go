package kernel

// Transpose sets dst[j*ldd+i] = src[i*lds+j] for i < rows and j < cols, moving bits as they are.
// dst must not overlap src.
func Transpose(dst []float32, ldd int, src []float32, lds int, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	if ldd < rows || lds < cols || len(dst) < (cols-1)*ldd+rows || len(src) < (rows-1)*lds+cols {
		panic("kernel: Transpose: a slice is too short for the shape")
	}
	transpose(dst, ldd, src, lds, rows, cols)
}

func transposePortable(dst []float32, ldd int, src []float32, lds int, rows, cols int) {
	for i := range rows {
		s := src[i*lds : i*lds+cols]
		for j, x := range s {
			dst[j*ldd+i] = x
		}
	}
}
