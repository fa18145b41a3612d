package neuralnet

import "spurion/stages/numeric/kernel"

// turn sets dst [cols, rows] to the transpose of src [rows, cols]. It is kernel.Transpose, but quick
// for the one or two columns, or rows, of an output layer.
func turn(dst, src []float32, rows, cols int) {
	switch {
	case rows == 1 || cols == 1:
		copy(dst[:rows*cols], src)
	case cols == 2:
		first, second := dst[:rows], dst[rows:2*rows]
		src = src[:2*rows]
		for i := range first {
			pair := (*[2]float32)(src[2*i:])
			first[i], second[i] = pair[0], pair[1]
		}
	case rows == 2:
		first, second := src[:cols], src[cols:2*cols]
		dst = dst[:2*cols]
		for i, x := range first {
			pair := (*[2]float32)(dst[2*i:])
			pair[0], pair[1] = x, second[i]
		}
	default:
		kernel.Transpose(dst, rows, src, cols, rows, cols)
	}
}
