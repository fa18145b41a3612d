//go:build !noasm

package kernel

// The NEON loops of elements_arm64.s do as many elements as 4 divides, the portable code the rest.
// Functions that take little of a training's time have no loop there.

//go:noescape
func reluNEON(z *float32, quads uintptr)

//go:noescape
func reluGradientNEON(d, h *float32, quads uintptr)

//go:noescape
func leakyReluNEON(z *float32, quads uintptr, slope float32)

//go:noescape
func leakyReluGradientNEON(d, h *float32, quads uintptr, slope float32)

//go:noescape
func scaleNEON(z *float32, quads uintptr, factor float32)

// The optimizers' loops give 0 if all new weights are finite.

//go:noescape
func descendNEON(w, grad *float32, quads uintptr, rate, decay float32) (infinite uint64)

//go:noescape
func descendMomentumNEON(w, grad, v *float32, quads uintptr, rate, momentum, decay float32) (infinite uint64)

//go:noescape
func descendNesterovNEON(w, grad, v *float32, quads uintptr, rate, momentum, decay float32) (infinite uint64)

//go:noescape
func adamNEON(w, grad, m, v *float32, quads uintptr, p *AdamStep) (infinite uint64)

// vectorised gives how many of n elements, and how many vectors, are for NEON.
func vectorised(n int) (elements int, quads uintptr) {
	if path == portable {
		return 0, 0
	}
	return n &^ 3, uintptr(n / 4)
}

func relu(z []float32) {
	n, quads := vectorised(len(z))
	if n > 0 {
		reluNEON(&z[0], quads)
	}
	reluPortable(z[n:])
}

func reluGradient(d, h []float32) {
	n, quads := vectorised(len(d))
	if n > 0 {
		reluGradientNEON(&d[0], &h[0], quads)
	}
	reluGradientPortable(d[n:], h[n:])
}

func leakyRelu(z []float32, slope float32) {
	n, quads := vectorised(len(z))
	if n > 0 {
		leakyReluNEON(&z[0], quads, slope)
	}
	leakyReluPortable(z[n:], slope)
}

func leakyReluGradient(d, h []float32, slope float32) {
	n, quads := vectorised(len(d))
	if n > 0 {
		leakyReluGradientNEON(&d[0], &h[0], quads, slope)
	}
	leakyReluGradientPortable(d[n:], h[n:], slope)
}

func scale(z []float32, factor float32) {
	n, quads := vectorised(len(z))
	if n > 0 {
		scaleNEON(&z[0], quads, factor)
	}
	scalePortable(z[n:], factor)
}

func descend(w, g []float32, rate, decay float32) bool {
	n, quads := vectorised(len(w))
	infinite := uint64(0)
	if n > 0 {
		infinite = descendNEON(&w[0], &g[0], quads, rate, decay)
	}
	finite := descendPortable(w[n:], g[n:], rate, decay)
	return finite && infinite == 0
}

func descendMomentum(w, g, v []float32, rate, momentum, decay float32, nesterov bool) bool {
	n, quads := vectorised(len(w))
	infinite := uint64(0)
	if n > 0 && nesterov {
		infinite = descendNesterovNEON(&w[0], &g[0], &v[0], quads, rate, momentum, decay)
	} else if n > 0 {
		infinite = descendMomentumNEON(&w[0], &g[0], &v[0], quads, rate, momentum, decay)
	}
	finite := descendMomentumPortable(w[n:], g[n:], v[n:], rate, momentum, decay, nesterov)
	return finite && infinite == 0
}

func adam(w, g, m, v []float32, p AdamStep) bool {
	n, quads := vectorised(len(w))
	infinite := uint64(0)
	if n > 0 {
		infinite = adamNEON(&w[0], &g[0], &m[0], &v[0], quads, &p)
	}
	finite := adamPortable(w[n:], g[n:], m[n:], v[n:], p)
	return finite && infinite == 0
}

func transpose(dst []float32, ldd int, src []float32, lds int, rows, cols int) {
	transposePortable(dst, ldd, src, lds, rows, cols)
}

func square(z []float32)            { squarePortable(z) }
func squareGradient(d, z []float32) { squareGradientPortable(d, z) }
func tanh(z []float32)              { tanhPortable(z) }
func tanhGradient(d, h []float32)   { tanhGradientPortable(d, h) }
func exponentials(z []float32)      { exponentialsPortable(z) }

func logistic(losses, slopes, margins []float32, labels []int16) {
	logisticPortable(losses, slopes, margins, labels)
}

func descendSign(w, g []float32, rate, decay float32) bool {
	return descendSignPortable(w, g, rate, decay)
}

func finite(z []float32) bool { return finitePortable(z) }
