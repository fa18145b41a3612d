package kernel

import "math"

// Logistic sets, for margins f and labels (0 for -1, 1 for +1), with u = f where the label is
// 1 and -f where it is 0,
//
//	losses[i] = log(1 + e^-u)               in nats, to 4 ulp
//	slopes[i] = d losses[i] / d f           ±1/(1 + e^u), to 4 ulp
//
// Below e^-86 the loss and the slope do not fall further. A NaN margin gives NaN in both, a
// margin of infinity on the wrong side an infinite loss. The slices have the length of margins.
func Logistic(losses, slopes, margins []float32, labels []int16) {
	n := len(margins)
	losses, slopes, labels = first(losses, n), first(slopes, n), first(labels, n)
	logistic(losses, slopes, margins, labels)
}

func logisticPortable(losses, slopes, margins []float32, labels []int16) {
	for i, f := range margins {
		flip := uint32(1) << 31 // the label 0 turns the sign of f, the label 1 that of the slope
		if labels[i] != 0 {
			flip = 0
		}
		u := math.Float32frombits(math.Float32bits(f) ^ flip)
		minus := -u
		a := minus // -|u|
		if u < 0 {
			a = u
		}
		t := expNegative(a)
		positive := minus // max(0, -u)
		if minus < 0 {
			positive = 0
		}
		losses[i] = positive + log1pUnit(t)
		numerator := float32(1)
		if u >= 0 {
			numerator = t
		}
		s := numerator / (1 + t)
		slopes[i] = math.Float32frombits(math.Float32bits(s) ^ flip ^ 1<<31)
	}
}

// AddRows sets dst[j], for j < n, to the sum of src[i*lds+j] over i < m, added one by one in the
// order of i to 0, or to dst[j] if accumulate is set. With n zero nothing happens.
func AddRows(dst, src []float32, lds, m, n int, accumulate bool) {
	if n <= 0 {
		return
	}
	if len(dst) < n || m < 0 || m > 0 && (lds < n || len(src) < (m-1)*lds+n) {
		panic("kernel: AddRows: a slice is too short for the shape")
	}
	matMul(dst, n, unit[:], 0, 0, src, lds, 1, n, m, nil, accumulate)
}

// unit makes a sum of a product: FMA32(1, x, s) is s + x.
var unit = [1]float32{1}
