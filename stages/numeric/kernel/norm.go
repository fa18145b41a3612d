package kernel

import "math"

// Moments sets mean and variance [channels] to those of the columns of x [rows, channels]: the biased variance. Sums are in float64,
// row by row; the mean is rounded to float32 before differences from it are squared.
func Moments(mean, variance, x []float32) {
	channels := len(mean)
	rows := len(x) / channels
	sums := make([]float64, channels)
	for i := 0; i < len(x); i += channels {
		for c, v := range x[i : i+channels] {
			sums[c] += float64(v)
		}
	}
	for c, sum := range sums {
		mean[c], sums[c] = float32(sum/float64(rows)), 0
	}
	for i := 0; i < len(x); i += channels {
		for c, v := range x[i : i+channels] {
			e := float64(v) - float64(mean[c])
			sums[c] += float64(e * e)
		}
	}
	for c, sum := range sums {
		variance[c] = float32(sum / float64(rows))
	}
}

// InverseRoots sets dst to 1/sqrt(variance + epsilon), computed in float64; dst may be variance.
func InverseRoots(dst, variance []float32, epsilon float64) {
	for c, v := range variance {
		dst[c] = float32(1 / math.Sqrt(float64(v)+epsilon))
	}
}

// Normalise sets z [rows, channels] to FMA32((x - mean) root, scale, shift), with a mean, root, scale and shift for each channel; z may
// be x.
func Normalise(z, x, mean, root, scale, shift []float32) {
	channels := len(mean)
	for i := 0; i < len(x); i += channels {
		to := z[i : i+channels]
		for c, v := range x[i : i+channels] {
			to[c] = FMA32(float32((v-mean[c])*root[c]), scale[c], shift[c])
		}
	}
}

// NormaliseGradient is Normalise's where mean and root are those of x itself (Moments, InverseRoots): from the gradient d by z
// [rows, channels] it sets dx to that by x, dScale and dShift [channels] to those by scale and shift. With h = (x - mean) root the sums
// of d h and of d over the rows are in float64, row by row, rounded to dScale and dShift; and
//
//	dx = (scale root) (d - FMA32(h, dScale/rows, dShift/rows))
func NormaliseGradient(dx, dScale, dShift, d, x, mean, root, scale []float32) {
	channels := len(mean)
	rows := len(x) / channels
	sums, products := make([]float64, channels), make([]float64, channels)
	for i := 0; i < len(x); i += channels {
		g := d[i : i+channels]
		for c, v := range x[i : i+channels] {
			h := float32((v - mean[c]) * root[c])
			sums[c] += float64(g[c])
			products[c] += float64(float64(g[c]) * float64(h))
		}
	}
	for c := range channels {
		dScale[c], dShift[c] = float32(products[c]), float32(sums[c])
		products[c], sums[c] = products[c]/float64(rows), sums[c]/float64(rows)
	}
	for i := 0; i < len(x); i += channels {
		g, to := d[i:i+channels], dx[i:i+channels]
		for c, v := range x[i : i+channels] {
			h := float32((v - mean[c]) * root[c])
			to[c] = float32(float32(scale[c]*root[c]) * (g[c] - FMA32(h, float32(products[c]), float32(sums[c]))))
		}
	}
}

// Affine sets z [rows, channels] to FMA32(x, factor, shift), with a factor and a shift for each channel; without shift to the
// product. z may be x.
func Affine(z, x, factor, shift []float32) {
	channels := len(factor)
	for i := 0; i < len(x); i += channels {
		to := z[i : i+channels]
		for c, v := range x[i : i+channels] {
			if shift == nil {
				to[c] = float32(v * factor[c])
			} else {
				to[c] = FMA32(v, factor[c], shift[c])
			}
		}
	}
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
