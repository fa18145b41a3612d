package cluster

import (
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// A Model says how well each of its clusters fits a point; a point belongs to the one that fits best,
// the first of equals.
type Model interface {
	Count() int
	// Scores sets dst [Count()] to how well the clusters fit x; the larger, the better.
	Scores(dst, x []float64)
}

// Assign gives the cluster of each point, [n], among those that keep names; nil for all.
func Assign(m Model, p Points, keep []bool) []int {
	clusters, scores := make([]int, p.N()), make([]float64, m.Count())
	for i := range clusters {
		m.Scores(scores, p.At(i))
		best := -1
		for c, score := range scores {
			if (keep == nil || keep[c]) && (best < 0 || score > scores[best]) {
				best = c
			}
		}
		clusters[i] = best
	}
	return clusters
}

// Means are the centres of k-means, [Count()][d].
type Means [][]float64

// Count gives the number of clusters.
func (m Means) Count() int { return len(m) }

// Scores are the squared distances, negated.
func (m Means) Scores(dst, x []float64) {
	for c, centre := range m {
		dst[c] = -squared(centre, x)
	}
}

// NewMeans finds k centres by k-means from some starts, each by k-means++ (Arthur and Vassilvitskii
// 2007), and gives those of the least sum of squared distances. If there are fewer distinct points
// there are as many centres.
func NewMeans(p Points, k, starts int, stream *kernel.Stream) Means {
	var best Means
	least := math.Inf(1)
	for range starts {
		m := sown(p, k, stream)
		if cost := m.improve(p); best == nil || cost < least {
			best, least = m, cost
		}
	}
	return best
}

// sown draws centres from the points: the first uniformly, each further one in proportion to the squared
// distance from the nearest centre.
func sown(p Points, k int, stream *kernel.Stream) Means {
	m := Means{slices.Clone(p.At(stream.IntN(p.N())))}
	nearest := make([]float64, p.N())
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	for len(m) < k {
		var sum float64
		for i := range nearest {
			nearest[i] = min(nearest[i], squared(m[len(m)-1], p.At(i)))
			sum += nearest[i]
		}
		if sum == 0 {
			break // every point is a centre
		}
		at, chosen := float64(stream.Float64()*sum), -1
		for i, q := range nearest {
			if q > 0 {
				chosen = i // the last of these, if sums were rounded past it
				if at -= q; at < 0 {
					break
				}
			}
		}
		m = append(m, slices.Clone(p.At(chosen)))
	}
	return m
}

// improve moves centres to the means of their points until no point changes its cluster (Lloyd 1982),
// 300 times at most, and gives the sum of squared distances. A centre that loses all points stays.
func (m Means) improve(p Points) float64 {
	clusters := Assign(m, p, nil)
	for range 300 {
		count := make([]float64, len(m))
		sum := make([][]float64, len(m))
		for c := range sum {
			sum[c] = make([]float64, p.D)
		}
		for i, c := range clusters {
			count[c]++
			for j, x := range p.At(i) {
				sum[c][j] += x
			}
		}
		for c, n := range count {
			for j := range sum[c] {
				if n > 0 {
					m[c][j] = sum[c][j] / n
				}
			}
		}
		next := Assign(m, p, nil)
		if slices.Equal(next, clusters) {
			break
		}
		clusters = next
	}
	var cost float64
	for i, c := range clusters {
		cost += squared(m[c], p.At(i))
	}
	return cost
}
