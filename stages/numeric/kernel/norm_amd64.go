//go:build !noasm

package kernel

import "iter"

// columnArguments gives what the functions for columns are told of the shape; the columns that are left come with a mask.
func columnArguments(x []float32, channels int) (stride, rows, whole, lanes uintptr) {
	return 4 * uintptr(channels), uintptr(len(x) / channels), uintptr(channels &^ 7), uintptr(channels & 7)
}

// nearRows yields where matrices of n numbers are cut into rows that stay in the first cache, while a vector of their columns after another is done.
func nearRows(n, channels int) iter.Seq2[int, int] {
	const numbers = 2 << 10 // of a matrix; there are three at most
	step := max(1, numbers/channels) * channels
	return func(yield func(from, to int) bool) {
		for from := 0; from < n; from += step {
			if !yield(from, min(from+step, n)) {
				return
			}
		}
	}
}

func columnSums(sums []float64, x []float32) {
	if path == portable || len(x) == 0 {
		columnSumsPortable(sums, x)
		return
	}
	clear(sums)
	for from, to := range nearRows(len(x), len(sums)) {
		stride, rows, whole, lanes := columnArguments(x[from:to], len(sums))
		if path == avx512 {
			columnSumsAVX512(&sums[0], &x[from], stride, rows, whole, lanes)
		} else {
			columnSumsAVX2(&sums[0], &x[from], stride, rows, whole, lanes)
		}
	}
}

func columnSquares(sums []float64, x, mean []float32) {
	if path == portable || len(x) == 0 {
		columnSquaresPortable(sums, x, mean)
		return
	}
	clear(sums)
	for from, to := range nearRows(len(x), len(sums)) {
		stride, rows, whole, lanes := columnArguments(x[from:to], len(sums))
		if path == avx512 {
			columnSquaresAVX512(&sums[0], &x[from], &mean[0], stride, rows, whole, lanes)
		} else {
			columnSquaresAVX2(&sums[0], &x[from], &mean[0], stride, rows, whole, lanes)
		}
	}
}

func gradientSums(sums, products []float64, d, x, mean, root []float32) {
	if path == portable || len(x) == 0 {
		gradientSumsPortable(sums, products, d, x, mean, root)
		return
	}
	clear(sums)
	clear(products)
	for from, to := range nearRows(len(x), len(mean)) {
		stride, rows, whole, lanes := columnArguments(x[from:to], len(mean))
		if path == avx512 {
			gradientSumsAVX512(&sums[0], &products[0], &d[from], &x[from], &mean[0], &root[0], stride, rows, whole, lanes)
		} else {
			gradientSumsAVX2(&sums[0], &products[0], &d[from], &x[from], &mean[0], &root[0], stride, rows, whole, lanes)
		}
	}
}

func normalise(z, x, mean, root, scale, shift []float32) {
	if path == portable || len(x) == 0 {
		normalisePortable(z, x, mean, root, scale, shift)
		return
	}
	for from, to := range nearRows(len(x), len(mean)) {
		stride, rows, _, _ := columnArguments(x[from:to], len(mean))
		for c := 0; c < len(mean); c += vectorLanes() {
			i, lanes := from+c, uintptr(min(vectorLanes(), len(mean)-c))
			if path == avx512 {
				normaliseAVX512(&z[i], &x[i], &mean[c], &root[c], &scale[c], &shift[c], stride, rows, lanes)
			} else {
				normaliseAVX2(&z[i], &x[i], &mean[c], &root[c], &scale[c], &shift[c], stride, rows, lanes)
			}
		}
	}
}

func normaliseGradient(dx, d, x, mean, root, factor, product, sum []float32) {
	if path == portable || len(x) == 0 {
		normaliseGradientPortable(dx, d, x, mean, root, factor, product, sum)
		return
	}
	for from, to := range nearRows(len(x), len(mean)) {
		stride, rows, _, _ := columnArguments(x[from:to], len(mean))
		for c := 0; c < len(mean); c += vectorLanes() {
			i, lanes := from+c, uintptr(min(vectorLanes(), len(mean)-c))
			if path == avx512 {
				normaliseGradientAVX512(&dx[i], &d[i], &x[i], &mean[c], &root[c], &factor[c], &product[c], &sum[c], stride, rows, lanes)
			} else {
				normaliseGradientAVX2(&dx[i], &d[i], &x[i], &mean[c], &root[c], &factor[c], &product[c], &sum[c], stride, rows, lanes)
			}
		}
	}
}
