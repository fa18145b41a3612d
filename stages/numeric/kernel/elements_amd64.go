//go:build !noasm

package kernel

// The functions of this file choose the path for element-by-element loops. Slices are as the
// exported functions have checked them.

func relu(z []float32) {
	switch {
	case len(z) == 0:
	case path == avx512:
		reluAVX512(&z[0], uintptr(len(z)))
	case path == avx2:
		reluAVX2(&z[0], uintptr(len(z)))
	default:
		reluPortable(z)
	}
}

func reluGradient(d, h []float32) {
	switch {
	case len(d) == 0:
	case path == avx512:
		reluGradientAVX512(&d[0], &h[0], uintptr(len(d)))
	case path == avx2:
		reluGradientAVX2(&d[0], &h[0], uintptr(len(d)))
	default:
		reluGradientPortable(d, h)
	}
}

func leakyRelu(z []float32, slope float32) {
	switch {
	case len(z) == 0:
	case path == avx512:
		leakyReluAVX512(&z[0], uintptr(len(z)), slope)
	case path == avx2:
		leakyReluAVX2(&z[0], uintptr(len(z)), slope)
	default:
		leakyReluPortable(z, slope)
	}
}

func leakyReluGradient(d, h []float32, slope float32) {
	switch {
	case len(d) == 0:
	case path == avx512:
		leakyReluGradientAVX512(&d[0], &h[0], uintptr(len(d)), slope)
	case path == avx2:
		leakyReluGradientAVX2(&d[0], &h[0], uintptr(len(d)), slope)
	default:
		leakyReluGradientPortable(d, h, slope)
	}
}

func square(z []float32) {
	switch {
	case len(z) == 0:
	case path == avx512:
		squareAVX512(&z[0], uintptr(len(z)))
	case path == avx2:
		squareAVX2(&z[0], uintptr(len(z)))
	default:
		squarePortable(z)
	}
}

func squareGradient(d, z []float32) {
	switch {
	case len(d) == 0:
	case path == avx512:
		squareGradientAVX512(&d[0], &z[0], uintptr(len(d)))
	case path == avx2:
		squareGradientAVX2(&d[0], &z[0], uintptr(len(d)))
	default:
		squareGradientPortable(d, z)
	}
}

func exponentials(z []float32) {
	switch {
	case len(z) == 0:
	case path == avx512:
		exponentialsAVX512(&z[0], uintptr(len(z)))
	case path == avx2:
		exponentialsAVX2(&z[0], uintptr(len(z)))
	default:
		exponentialsPortable(z)
	}
}

func tanh(z []float32) {
	switch {
	case len(z) == 0:
	case path == avx512:
		tanhAVX512(&z[0], uintptr(len(z)))
	case path == avx2:
		tanhAVX2(&z[0], uintptr(len(z)))
	default:
		tanhPortable(z)
	}
}

func tanhGradient(d, h []float32) {
	switch {
	case len(d) == 0:
	case path == avx512:
		tanhGradientAVX512(&d[0], &h[0], uintptr(len(d)))
	case path == avx2:
		tanhGradientAVX2(&d[0], &h[0], uintptr(len(d)))
	default:
		tanhGradientPortable(d, h)
	}
}

func scale(z []float32, factor float32) {
	switch {
	case len(z) == 0:
	case path == avx512:
		scaleAVX512(&z[0], uintptr(len(z)), factor)
	case path == avx2:
		scaleAVX2(&z[0], uintptr(len(z)), factor)
	default:
		scalePortable(z, factor)
	}
}

func add(z, a, b []float32) {
	switch {
	case len(a) == 0:
	case path == avx512:
		addAVX512(&z[0], &a[0], &b[0], uintptr(len(a)))
	case path == avx2:
		addAVX2(&z[0], &a[0], &b[0], uintptr(len(a)))
	default:
		addPortable(z, a, b)
	}
}

func logistic(losses, slopes, margins []float32, labels []int16) {
	n := len(margins)
	whole := 0
	switch path {
	case avx512:
		if whole = n &^ 15; whole > 0 {
			logisticAVX512(&losses[0], &slopes[0], &margins[0], &labels[0], uintptr(whole))
		}
	case avx2:
		if whole = n &^ 7; whole > 0 {
			logisticAVX2(&losses[0], &slopes[0], &margins[0], &labels[0], uintptr(whole))
		}
	}
	logisticPortable(losses[whole:], slopes[whole:], margins[whole:], labels[whole:])
}

func descend(w, g []float32, rate, decay float32) bool {
	switch {
	case len(w) == 0:
		return true
	case path == avx512:
		return descendAVX512(&w[0], &g[0], uintptr(len(w)), rate, decay)
	case path == avx2:
		return descendAVX2(&w[0], &g[0], uintptr(len(w)), rate, decay)
	}
	return descendPortable(w, g, rate, decay)
}

func descendMomentum(w, g, v []float32, rate, momentum, decay float32, nesterov bool) bool {
	n := uintptr(len(w))
	switch {
	case n == 0:
		return true
	case path == avx512 && nesterov:
		return descendNesterovAVX512(&w[0], &g[0], &v[0], n, rate, momentum, decay)
	case path == avx512:
		return descendMomentumAVX512(&w[0], &g[0], &v[0], n, rate, momentum, decay)
	case path == avx2 && nesterov:
		return descendNesterovAVX2(&w[0], &g[0], &v[0], n, rate, momentum, decay)
	case path == avx2:
		return descendMomentumAVX2(&w[0], &g[0], &v[0], n, rate, momentum, decay)
	}
	return descendMomentumPortable(w, g, v, rate, momentum, decay, nesterov)
}

func descendSign(w, g []float32, rate, decay float32) bool {
	switch {
	case len(w) == 0:
		return true
	case path == avx512:
		return descendSignAVX512(&w[0], &g[0], uintptr(len(w)), rate, decay)
	case path == avx2:
		return descendSignAVX2(&w[0], &g[0], uintptr(len(w)), rate, decay)
	}
	return descendSignPortable(w, g, rate, decay)
}

func adam(w, g, m, v []float32, p AdamStep) bool {
	switch {
	case len(w) == 0:
		return true
	case path == avx512:
		return adamAVX512(&w[0], &g[0], &m[0], &v[0], uintptr(len(w)), p.Rate, p.RootScale, p.Epsilon,
			p.OneLessBeta1, p.Beta2, p.OneLessBeta2, p.Decay, p.Shrink)
	case path == avx2:
		return adamAVX2(&w[0], &g[0], &m[0], &v[0], uintptr(len(w)), p.Rate, p.RootScale, p.Epsilon,
			p.OneLessBeta1, p.Beta2, p.OneLessBeta2, p.Decay, p.Shrink)
	}
	return adamPortable(w, g, m, v, p)
}

func finite(z []float32) bool {
	switch {
	case len(z) == 0:
		return true
	case path == avx512:
		return finiteAVX512(&z[0], uintptr(len(z)))
	case path == avx2:
		return finiteAVX2(&z[0], uintptr(len(z)))
	}
	return finitePortable(z)
}
