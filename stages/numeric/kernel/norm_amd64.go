//go:build !noasm

package kernel

// columnArguments gives what the functions for columns are told of the shape; the columns that are left come with a mask.
func columnArguments(x []float32, channels int) (stride, rows, whole, lanes uintptr) {
	return 4 * uintptr(channels), uintptr(len(x) / channels), uintptr(channels &^ 7), uintptr(channels & 7)
}

func columnSums(sums []float64, x []float32) {
	if path == portable || len(x) == 0 {
		columnSumsPortable(sums, x)
		return
	}
	stride, rows, whole, lanes := columnArguments(x, len(sums))
	if path == avx512 {
		columnSumsAVX512(&sums[0], &x[0], stride, rows, whole, lanes)
	} else {
		columnSumsAVX2(&sums[0], &x[0], stride, rows, whole, lanes)
	}
}

func columnSquares(sums []float64, x, mean []float32) {
	if path == portable || len(x) == 0 {
		columnSquaresPortable(sums, x, mean)
		return
	}
	stride, rows, whole, lanes := columnArguments(x, len(sums))
	if path == avx512 {
		columnSquaresAVX512(&sums[0], &x[0], &mean[0], stride, rows, whole, lanes)
	} else {
		columnSquaresAVX2(&sums[0], &x[0], &mean[0], stride, rows, whole, lanes)
	}
}

func gradientSums(sums, products []float64, d, x, mean, root []float32) {
	if path == portable || len(x) == 0 {
		gradientSumsPortable(sums, products, d, x, mean, root)
		return
	}
	stride, rows, whole, lanes := columnArguments(x, len(mean))
	if path == avx512 {
		gradientSumsAVX512(&sums[0], &products[0], &d[0], &x[0], &mean[0], &root[0], stride, rows, whole, lanes)
	} else {
		gradientSumsAVX2(&sums[0], &products[0], &d[0], &x[0], &mean[0], &root[0], stride, rows, whole, lanes)
	}
}

func normalise(z, x, mean, root, scale, shift []float32) {
	if path == portable || len(x) == 0 {
		normalisePortable(z, x, mean, root, scale, shift)
		return
	}
	stride, rows, _, _ := columnArguments(x, len(mean))
	for c := 0; c < len(mean); c += vectorLanes() {
		lanes := uintptr(min(vectorLanes(), len(mean)-c))
		if path == avx512 {
			normaliseAVX512(&z[c], &x[c], &mean[c], &root[c], &scale[c], &shift[c], stride, rows, lanes)
		} else {
			normaliseAVX2(&z[c], &x[c], &mean[c], &root[c], &scale[c], &shift[c], stride, rows, lanes)
		}
	}
}

func normaliseGradient(dx, d, x, mean, root, factor, product, sum []float32) {
	if path == portable || len(x) == 0 {
		normaliseGradientPortable(dx, d, x, mean, root, factor, product, sum)
		return
	}
	stride, rows, _, _ := columnArguments(x, len(mean))
	for c := 0; c < len(mean); c += vectorLanes() {
		lanes := uintptr(min(vectorLanes(), len(mean)-c))
		if path == avx512 {
			normaliseGradientAVX512(&dx[c], &d[c], &x[c], &mean[c], &root[c], &factor[c], &product[c], &sum[c], stride, rows, lanes)
		} else {
			normaliseGradientAVX2(&dx[c], &d[c], &x[c], &mean[c], &root[c], &factor[c], &product[c], &sum[c], stride, rows, lanes)
		}
	}
}
