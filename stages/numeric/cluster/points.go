package cluster

import (
	"math"
	"slices"
)

// Points are n points of d coordinates, [n, d] row-major, all finite.
type Points struct {
	X []float64
	D int
}

// N gives the number of points.
func (p Points) N() int { return len(p.X) / p.D }

// At gives point i, [d]; it is shared.
func (p Points) At(i int) []float64 { return p.X[i*p.D : (i+1)*p.D] }

// Spread gives at most n of the points, evenly spread over their order; all if there are no more.
func (p Points) Spread(n int) Points {
	rows := p.N()
	if rows <= n {
		return p
	}
	s := Points{make([]float64, 0, n*p.D), p.D}
	for i := range n {
		s.X = append(s.X, p.At(i*rows/n)...)
	}
	return s
}

// Along gives the points' coordinates along a direction, [n, 1], and the points without that part. A
// direction of zeros has none.
func (p Points) Along(direction []float64) (scores, rest Points) {
	var square float64
	for _, x := range direction {
		square += float64(x * x)
	}
	length := max(math.Sqrt(square), math.SmallestNonzeroFloat64)
	scores, rest = Points{D: 1}, Points{slices.Clone(p.X), p.D}
	for i := range p.N() {
		var score float64
		for j, x := range p.At(i) {
			score += float64(x * (direction[j] / length))
		}
		scores.X = append(scores.X, score)
		for j, x := range rest.At(i) {
			rest.X[i*p.D+j] = x - float64(score*(direction[j]/length))
		}
	}
	return scores, rest
}

// Beside gives points with the coordinates of p and then those of q.
func (p Points) Beside(q Points) Points {
	both := Points{D: p.D + q.D}
	for i := range p.N() {
		both.X = append(append(both.X, p.At(i)...), q.At(i)...)
	}
	return both
}

// mean gives the points' mean, [d].
func (p Points) mean() []float64 {
	mean := make([]float64, p.D)
	for i := range p.N() {
		for j, x := range p.At(i) {
			mean[j] += x / float64(p.N())
		}
	}
	return mean
}

// Variance gives the mean squared distance from the points' mean.
func (p Points) Variance() float64 {
	mean, sum := p.mean(), 0.0
	for i := range p.N() {
		sum += squared(p.At(i), mean)
	}
	return sum / float64(p.N())
}

// squared gives the squared distance of two points.
func squared(a, b []float64) float64 {
	var sum float64
	for i, x := range a {
		e := x - b[i]
		sum += float64(e * e)
	}
	return sum
}

// Distinct counts different points, up to most.
func (p Points) Distinct(most int) int {
	var seen []int
	for i := 0; i < p.N() && len(seen) < most; i++ {
		if !slices.ContainsFunc(seen, func(j int) bool { return slices.Equal(p.At(i), p.At(j)) }) {
			seen = append(seen, i)
		}
	}
	return len(seen)
}
