package kernel

import "math"

// The functions of this file take matrices [rows, channels] of whole rows, as many as the first argument that is read has, and
// slices with a number for each channel, as many as there are means or factors. They panic where another slice is shorter.

// Moments sets mean and variance [channels] to those of the columns of x: the biased variance. Sums are in float64, row by row; the
// mean is rounded to float32 before differences from it are squared. Without rows both are NaN.
func Moments(mean, variance, x []float32) {
	channels := len(mean)
	variance = first(variance, channels)
	rows := rowsOf(x, channels)
	r := newRoom(0, 0, 0)
	defer r.free()
	sums := r.doubles(channels)
	columnSums(sums, x[:rows*channels])
	for c, sum := range sums {
		mean[c] = float32(sum / float64(rows))
	}
	columnSquares(sums, x[:rows*channels], mean)
	for c, sum := range sums {
		variance[c] = float32(sum / float64(rows))
	}
}

// rowsOf gives how many rows x has.
func rowsOf(x []float32, channels int) int {
	if channels == 0 || len(x)%channels != 0 {
		panic("kernel: a matrix is not of whole rows of all channels")
	}
	return len(x) / channels
}

func columnSumsPortable(sums []float64, x []float32) {
	clear(sums)
	for i := 0; i < len(x); i += len(sums) {
		for c, v := range x[i : i+len(sums)] {
			sums[c] += float64(v)
		}
	}
}

func columnSquaresPortable(sums []float64, x, mean []float32) {
	clear(sums)
	for i := 0; i < len(x); i += len(sums) {
		for c, v := range x[i : i+len(sums)] {
			e := float64(v) - float64(mean[c])
			sums[c] += float64(e * e)
		}
	}
}

// InverseRoots sets dst to 1/sqrt(variance + epsilon), computed in float64; dst may be variance.
func InverseRoots(dst, variance []float32, epsilon float64) {
	dst = first(dst, len(variance))
	for c, v := range variance {
		dst[c] = float32(1 / math.Sqrt(float64(v)+epsilon))
	}
}

// Normalise sets z to FMA32((x - mean) root, scale, shift), with a mean, root, scale and shift for each channel; z may be x.
func Normalise(z, x, mean, root, scale, shift []float32) {
	channels := len(mean)
	rowsOf(x, channels)
	normalise(first(z, len(x)), x, mean, first(root, channels), first(scale, channels), first(shift, channels))
}

func normalisePortable(z, x, mean, root, scale, shift []float32) {
	channels := len(mean)
	for i := 0; i < len(x); i += channels {
		to := z[i : i+channels]
		for c, v := range x[i : i+channels] {
			to[c] = FMA32(float32((v-mean[c])*root[c]), scale[c], shift[c])
		}
	}
}

// NormaliseGradient is Normalise's where mean and root are those of x itself (Moments, InverseRoots): from the gradient d by z it sets
// dx to that by x, dScale and dShift [channels] to those by scale and shift. With h = (x - mean) root the sums of d h and of d over the
// rows are in float64, row by row, rounded to dScale and dShift; and
//
//	dx = (scale root) (d - FMA32(h, dScale/rows, dShift/rows))
func NormaliseGradient(dx, dScale, dShift, d, x, mean, root, scale []float32) {
	channels := len(mean)
	rows := rowsOf(x, channels)
	dx, d = first(dx, len(x)), first(d, len(x))
	dScale, dShift, root, scale = first(dScale, channels), first(dShift, channels), first(root, channels), first(scale, channels)
	r := newRoom(3*channels, 3, 0)
	defer r.free()
	both := r.doubles(2 * channels)
	sums, products := both[:channels], both[channels:]
	gradientSums(sums, products, d, x, mean, root)
	factor, product, sum := r.slice(channels), r.slice(channels), r.slice(channels)
	for c := range channels {
		dScale[c], dShift[c] = float32(products[c]), float32(sums[c])
		product[c], sum[c] = float32(products[c]/float64(rows)), float32(sums[c]/float64(rows))
		factor[c] = float32(scale[c] * root[c])
	}
	normaliseGradient(dx, d, x, mean, root, factor, product, sum)
}

func gradientSumsPortable(sums, products []float64, d, x, mean, root []float32) {
	channels := len(mean)
	clear(sums)
	clear(products)
	for i := 0; i < len(x); i += channels {
		g := d[i : i+channels]
		for c, v := range x[i : i+channels] {
			h := float32((v - mean[c]) * root[c])
			sums[c] += float64(g[c])
			products[c] += float64(float64(g[c]) * float64(h))
		}
	}
}

func normaliseGradientPortable(dx, d, x, mean, root, factor, product, sum []float32) {
	channels := len(mean)
	for i := 0; i < len(x); i += channels {
		g, to := d[i:i+channels], dx[i:i+channels]
		for c, v := range x[i : i+channels] {
			h := float32((v - mean[c]) * root[c])
			to[c] = float32(factor[c] * (g[c] - FMA32(h, product[c], sum[c])))
		}
	}
}

// Affine sets z to FMA32(x, factor, shift), with a factor and a shift for each channel; without shift to the product. z may be x.
func Affine(z, x, factor, shift []float32) {
	channels := len(factor)
	r := newRoom(3*channels, 3, 0)
	defer r.free()
	mean, root := r.slice(channels), r.slice(channels)
	clear(mean) // x less 0 is x, and so is it times 1
	for c := range root {
		root[c] = 1
	}
	if shift == nil {
		shift = r.slice(channels)
		for c := range shift {
			shift[c] = float32(math.Copysign(0, -1)) // so that a product of 0 keeps its sign
		}
	}
	Normalise(z, x, mean, root, factor, shift)
}

// Sum sets z to a + b, which z may be. It panics if z or b is shorter than a.
func Sum(z, a, b []float32) {
	add(first(z, len(a)), a, first(b, len(a)))
}

func addPortable(z, a, b []float32) {
	for i, v := range a {
		z[i] = v + b[i]
	}
}
