package cluster

import (
	"cmp"
	"math"
	"slices"
)

// Axes are the principal axes of points: the directions of largest variance.
type Axes struct {
	mean []float64   // [d]
	axes [][]float64 // [components][d], orthonormal, by falling variance
	// Variances are those along the axes, [components].
	Variances []float64
}

// NewAxes finds up to count axes of points, of which there must be one at least. The sign of an axis
// is that which makes its entry of largest magnitude positive, the first of equals.
func NewAxes(p Points, count int) *Axes {
	d := p.D
	a := &Axes{mean: p.mean()}
	values, vectors := symmetricEigen(covariance(p, a.mean, nil, float64(p.N())), d)
	for c := range min(count, d) {
		axis := make([]float64, d)
		sign, largest := 1.0, 0.0
		for j := range axis {
			axis[j] = vectors[j*d+c]
			if m := math.Abs(axis[j]); m > largest {
				largest, sign = m, math.Copysign(1, axis[j])
			}
		}
		for j := range axis {
			axis[j] = float64(axis[j] * sign)
		}
		a.axes, a.Variances = append(a.axes, axis), append(a.Variances, values[c])
	}
	return a
}

// Project gives the points' coordinates along the axes.
func (a *Axes) Project(p Points) Points {
	to := Points{make([]float64, 0, p.N()*len(a.axes)), len(a.axes)}
	for i := range p.N() {
		x := p.At(i)
		for _, axis := range a.axes {
			var sum float64
			for j, v := range x {
				sum += float64((v - a.mean[j]) * axis[j])
			}
			to.X = append(to.X, sum)
		}
	}
	return to
}

// covariance gives Σ w_i (x_i - mean)(x_i - mean)ᵀ / total, [d, d]; nil weights are ones.
func covariance(p Points, mean, weights []float64, total float64) []float64 {
	d := p.D
	c, e := make([]float64, d*d), make([]float64, d)
	for i := range p.N() {
		w := 1 / total
		if weights != nil {
			w = weights[i] / total
		}
		for j, x := range p.At(i) {
			e[j] = x - mean[j]
		}
		for j := range d {
			u := float64(w * e[j])
			row := c[j*d : j*d+j+1]
			for k := range row {
				row[k] += float64(u * e[k])
			}
		}
	}
	for j := range d {
		for k := range j {
			c[k*d+j] = c[j*d+k]
		}
	}
	return c
}

// symmetricEigen gives the eigenvalues of a symmetric matrix [d, d], falling, and its eigenvectors as
// columns, by Jacobi's method in cyclic order (Golub and Van Loan 2013, section 8.5). It overwrites a.
func symmetricEigen(a []float64, d int) (values, vectors []float64) {
	v := make([]float64, d*d)
	for i := range d {
		v[i*d+i] = 1
	}
	for range 60 { // it converges quadratically: ten sweeps are many
		var off, diagonal float64
		for i := range d {
			diagonal += float64(a[i*d+i] * a[i*d+i])
			for j := range i {
				off += float64(a[i*d+j] * a[i*d+j])
			}
		}
		if off <= float64(1e-30*diagonal) {
			break
		}
		for p := range d {
			for q := p + 1; q < d; q++ {
				rotate(a, v, d, p, q)
			}
		}
	}
	order := make([]int, d)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(a[j*d+j], a[i*d+i]) })
	vectors = make([]float64, d*d)
	for to, from := range order {
		values = append(values, a[from*d+from])
		for j := range d {
			vectors[j*d+to] = v[j*d+from]
		}
	}
	return values, vectors
}

// rotate makes a[p][q] zero by a rotation of the plane of p and q, and applies it to the columns of v.
func rotate(a, v []float64, d, p, q int) {
	if a[p*d+q] == 0 {
		return
	}
	tau := (a[q*d+q] - a[p*d+p]) / (2 * a[p*d+q])
	t := 1 / (math.Abs(tau) + math.Sqrt(1+float64(tau*tau)))
	if tau < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(1+float64(t*t))
	s := float64(t * c)
	turn := func(x, y *float64) {
		*x, *y = float64(c**x)-float64(s**y), float64(s**x)+float64(c**y)
	}
	for i := range d {
		turn(&a[i*d+p], &a[i*d+q])
	}
	for i := range d {
		turn(&a[p*d+i], &a[q*d+i])
	}
	for i := range d {
		turn(&v[i*d+p], &v[i*d+q])
	}
}
