package kernel

// The functions of this file work element by element, in place.

// Relu sets z[i] to 0 where z[i] < 0. NaN and -0 stay.
func Relu(z []float32) {
	relu(z)
}

func reluPortable(z []float32) {
	for i, x := range z {
		if x < 0 {
			z[i] = 0
		}
	}
}

// ReluGradient sets d[i] to 0 unless h[i] > 0. It panics if h is shorter than d.
func ReluGradient(d, h []float32) {
	h = first(h, len(d))
	reluGradient(d, h)
}

func reluGradientPortable(d, h []float32) {
	for i, x := range h {
		if !(x > 0) {
			d[i] = 0
		}
	}
}

// LeakyRelu multiplies z[i] by slope where z[i] < 0.
func LeakyRelu(z []float32, slope float32) {
	leakyRelu(z, slope)
}

func leakyReluPortable(z []float32, slope float32) {
	for i, x := range z {
		if x < 0 {
			z[i] = float32(x * slope)
		}
	}
}

// LeakyReluGradient multiplies d[i] by slope unless h[i] > 0. It panics if h is shorter than d.
func LeakyReluGradient(d, h []float32, slope float32) {
	h = first(h, len(d))
	leakyReluGradient(d, h, slope)
}

func leakyReluGradientPortable(d, h []float32, slope float32) {
	for i, x := range h {
		if !(x > 0) {
			d[i] = float32(d[i] * slope)
		}
	}
}

// Square sets z[i] to z[i]².
func Square(z []float32) {
	square(z)
}

func squarePortable(z []float32) {
	for i, x := range z {
		z[i] = float32(x * x)
	}
}

// SquareGradient sets d[i] to d[i] * (z[i] + z[i]). It panics if z is shorter than d.
func SquareGradient(d, z []float32) {
	z = first(z, len(d))
	squareGradient(d, z)
}

func squareGradientPortable(d, z []float32) {
	for i, x := range z {
		d[i] = float32(d[i] * (x + x))
	}
}

// Tanh sets z[i] to its hyperbolic tangent, to 4 ulp.
func Tanh(z []float32) {
	tanh(z)
}

func tanhPortable(z []float32) {
	for i, x := range z {
		z[i] = tanh32(x)
	}
}

// TanhGradient sets d[i] to d[i] * FMA32(-h[i], h[i], 1). It panics if h is shorter than d.
func TanhGradient(d, h []float32) {
	h = first(h, len(d))
	tanhGradient(d, h)
}

func tanhGradientPortable(d, h []float32) {
	for i, x := range h {
		d[i] = float32(d[i] * FMA32(-x, x, 1))
	}
}

// Scale multiplies z[i] by factor.
func Scale(z []float32, factor float32) {
	scale(z, factor)
}

func scalePortable(z []float32, factor float32) {
	for i, x := range z {
		z[i] = float32(x * factor)
	}
}
