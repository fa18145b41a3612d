package cluster

import (
	"cmp"
	"math"
	"slices"
)

// A Line holds numbers to be divided into clusters by k-means. In one dimension the best clusters are
// intervals, so that they can be found and not only approached. Numbers that are equal, or that are
// once the mean is taken off, stay together.
type Line struct {
	place  []int     // the distinct value of each number, [n]
	values []float64 // distinct, ascending, less the numbers' mean, [m]
	// Of all numbers before each distinct value, and of all, [m+1].
	count        []int
	sum, squares []float64
}

// NewLine sorts numbers, which must be finite.
func NewLine(x []float64) *Line {
	n := len(x)
	l := &Line{place: make([]int, n), count: []int{0}, sum: []float64{0}, squares: []float64{0}}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	var mean float64
	for _, i := range order {
		mean += x[i] / float64(n)
	}
	for _, i := range order {
		v, m := x[i]-mean, len(l.values)
		if m == 0 || v != l.values[m-1] {
			l.values = append(l.values, v)
			l.count, l.sum, l.squares = append(l.count, l.count[m]), append(l.sum, l.sum[m]), append(l.squares, l.squares[m])
			m++
		}
		l.place[i] = m - 1
		l.count[m]++
		l.sum[m] += v
		l.squares[m] += float64(v * v)
	}
	return l
}

// Divide gives the divisions into 1, 2, ..., most clusters that have the least sum of squared
// distances from the clusters' means, to rounding; fewer if there are fewer distinct numbers. It is a
// dynamic programme over the last cluster's start, which never falls as numbers are added, so
// that halving them finds all starts in O(most m log m) (Wang and Song 2011; Grønlund et al. 2017).
func (l *Line) Divide(most int) []Division {
	m := len(l.values)
	least := make([]float64, m+1) // of the first values in so many clusters
	for i := range least {
		least[i] = l.cost(0, i)
	}
	var divisions []Division
	var last [][]int // where the last of two, three, ... clusters of the first values starts
	for k := 1; k <= min(most, m); k++ {
		if k > 1 {
			next, start := make([]float64, m+1), make([]int, m+1)
			l.extend(next, least, start, k, m, k-1, m-1)
			least, last = next, append(last, start)
		}
		starts, end := make([]int, k), m
		for q := k - 1; q > 0; q-- {
			end = last[q-1][end]
			starts[q] = end
		}
		divisions = append(divisions, Division{l, starts})
	}
	return divisions
}

// extend sets next[i], for from <= i <= to, to the least of least[j] + cost(j, i) over low <= j <= high
// with j < i, and start[i] to the first such j.
func (l *Line) extend(next, least []float64, start []int, from, to, low, high int) {
	if from > to {
		return
	}
	i := (from + to) / 2
	next[i] = math.Inf(1)
	for j := low; j <= min(high, i-1); j++ {
		if c := least[j] + l.cost(j, i); c < next[i] {
			next[i], start[i] = c, j
		}
	}
	l.extend(next, least, start, from, i-1, low, start[i])
	l.extend(next, least, start, i+1, to, start[i], high)
}

// cost gives the sum of squared distances from their mean of the distinct values from to to-1.
func (l *Line) cost(from, to int) float64 {
	n := l.count[to] - l.count[from]
	if n == 0 {
		return 0
	}
	sum := l.sum[to] - l.sum[from]
	return max(0, l.squares[to]-l.squares[from]-float64(sum*sum)/float64(n))
}

// A Division of a line's numbers into clusters, in ascending order.
type Division struct {
	line   *Line
	starts []int // the first distinct value of each cluster
}

// Count gives the number of clusters.
func (d Division) Count() int { return len(d.starts) }

// end gives the distinct value after the last of cluster c.
func (d Division) end(c int) int {
	if c+1 < len(d.starts) {
		return d.starts[c+1]
	}
	return len(d.line.values)
}

// Clusters gives the cluster of each number, [n].
func (d Division) Clusters() []int {
	clusters := make([]int, len(d.line.place))
	of := make([]int, len(d.line.values))
	for c := range d.starts {
		for v := d.starts[c]; v < d.end(c); v++ {
			of[v] = c
		}
	}
	for i, v := range d.line.place {
		clusters[i] = of[v]
	}
	return clusters
}

// Silhouette gives the mean over all numbers of (b - a)/max(a, b), where a is a number's mean
// distance from the others of its cluster and b that from the numbers of the nearest other one;
// a number alone in its cluster counts 0 (Rousseeuw 1987). It is 0 for a single cluster. O(m).
func (d Division) Silhouette() float64 {
	l := d.line
	if d.Count() < 2 {
		return 0
	}
	var total float64
	for c := range d.starts {
		from, to := d.starts[c], d.end(c)
		size := l.count[to] - l.count[from]
		for v := from; v < to && size > 1; v++ {
			x := l.values[v]
			below, above := l.count[v]-l.count[from], l.count[to]-l.count[v]
			a := float64(x*float64(below)) - (l.sum[v] - l.sum[from]) + (l.sum[to] - l.sum[v]) - float64(x*float64(above))
			a = max(0, a) / float64(size-1)
			// The means are ascending: the nearest other cluster is a neighbour.
			b := math.Inf(1)
			if c > 0 {
				b = x - d.mean(c-1)
			}
			if c+1 < d.Count() {
				b = min(b, d.mean(c+1)-x)
			}
			total += float64((b - a) / max(a, b) * float64(l.count[v+1]-l.count[v]))
		}
	}
	return total / float64(len(l.place))
}

// mean gives that of a cluster's numbers, less the mean of all.
func (d Division) mean(c int) float64 {
	l, from, to := d.line, d.starts[c], d.end(c)
	return (l.sum[to] - l.sum[from]) / float64(l.count[to]-l.count[from])
}
