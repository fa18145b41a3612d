package cluster

import (
	"math"

	"spurion/stages/numeric/kernel"
)

// A Mixture is one of Gaussians with full covariances.
type Mixture struct {
	components []component
}

type component struct {
	logWeight float64
	mean      []float64
	factor    []float64 // the Cholesky factor of the covariance, lower, [d, d]
	logScale  float64   // -(d log 2π + log det)/2
	z         []float64 // (x - mean) / factor
}

// NewMixture fits a mixture by expectation maximisation from the clusters of a model, until the mean
// log-likelihood rises by less than 1e-3 or 100 times (scikit-learn's stopping rule). To the diagonal
// of covariances it adds 1e-6 of the mean variance of the points, which must not be 0, so that they have
// a factor. Components are the model's clusters; one without points has no weight.
func NewMixture(p Points, start Model) *Mixture {
	n, k := p.N(), start.Count()
	parts := make([][]float64, k) // of points in components, [k][n]
	for c := range parts {
		parts[c] = make([]float64, n)
	}
	for i, c := range Assign(start, p, nil) {
		parts[c][i] = 1
	}
	ridge := float64(1e-6 * p.Variance() / float64(p.D))
	m := &Mixture{components: make([]component, k)}
	likelihood := math.Inf(-1)
	for range 100 {
		for c := range m.components {
			m.components[c] = newComponent(p, parts[c], ridge)
		}
		next := m.expect(p, parts)
		if next-likelihood < 1e-3 {
			break
		}
		likelihood = next
	}
	return m
}

func newComponent(p Points, part []float64, ridge float64) component {
	n, d := p.N(), p.D
	c := component{mean: make([]float64, d), z: make([]float64, d)}
	var total float64
	for _, w := range part {
		total += w
	}
	if total == 0 {
		c.logWeight, c.factor = math.Inf(-1), make([]float64, d*d)
		for j := range d {
			c.factor[j*d+j] = 1
		}
		return c
	}
	c.logWeight = kernel.Log64(total / float64(n))
	for i, w := range part {
		for j, x := range p.At(i) {
			c.mean[j] += float64(w / total * x)
		}
	}
	c.factor = covariance(p, c.mean, part, total)
	for j := range d {
		c.factor[j*d+j] += ridge
	}
	cholesky(c.factor, d)
	const logTwoPi = 1.8378770664093454836
	c.logScale = -float64(d) * logTwoPi / 2
	for j := range d {
		c.logScale -= kernel.Log64(c.factor[j*d+j])
	}
	return c
}

// expect sets the parts of points in components, and gives the mean log-likelihood before.
func (m *Mixture) expect(p Points, parts [][]float64) float64 {
	scores := make([]float64, len(m.components))
	var likelihood float64
	for i := range p.N() {
		m.Scores(scores, p.At(i))
		largest := math.Inf(-1)
		for _, s := range scores {
			largest = max(largest, s)
		}
		var sum float64
		for c, s := range scores {
			scores[c] = kernel.Exp64(s - largest)
			sum += scores[c]
		}
		for c, s := range scores {
			parts[c][i] = s / sum
		}
		likelihood += (largest + kernel.Log64(sum)) / float64(p.N())
	}
	return likelihood
}

// Count gives the number of components.
func (m *Mixture) Count() int { return len(m.components) }

// Scores are the components' log-densities times their weights, in nats. It serves one goroutine.
func (m *Mixture) Scores(dst, x []float64) {
	d := len(x)
	for k := range m.components {
		c := &m.components[k]
		var square float64
		for i := range c.z {
			s := x[i] - c.mean[i]
			for j, l := range c.factor[i*d : i*d+i] {
				s -= float64(l * c.z[j])
			}
			c.z[i] = s / c.factor[i*d+i]
			square += float64(c.z[i] * c.z[i])
		}
		dst[k] = c.logWeight + c.logScale - square/2
	}
}

// cholesky turns a positive definite matrix [d, d] into its lower factor; what is above it is left.
func cholesky(a []float64, d int) {
	for j := range d {
		for i := j; i < d; i++ {
			s := a[i*d+j]
			for k := range j {
				s -= float64(a[i*d+k] * a[j*d+k])
			}
			if i == j {
				a[j*d+j] = math.Sqrt(s)
			} else {
				a[i*d+j] = s / a[j*d+j]
			}
		}
	}
}
