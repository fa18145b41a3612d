package cluster

import "math"

// Silhouettes gives the mean over the points of each cluster of (b - a)/max(a, b), where a is a point's
// mean distance from the others of its cluster and b that from the points of the nearest other one, [k]
// (Rousseeuw 1987). A point alone in its cluster counts 0, and so does everything if there is one
// cluster; a cluster without points has NaN. O(n²).
func Silhouettes(p Points, clusters []int, k int) []float64 {
	size := make([]float64, k)
	for _, c := range clusters {
		size[c]++
	}
	mean, sum := make([]float64, k), make([]float64, k)
	for i, own := range clusters {
		clear(sum)
		for j, c := range clusters {
			sum[c] += math.Sqrt(squared(p.At(i), p.At(j)))
		}
		a, b := sum[own]/max(1, size[own]-1), math.Inf(1)
		for c, n := range size {
			if c != own && n > 0 {
				b = min(b, sum[c]/n)
			}
		}
		if size[own] > 1 && !math.IsInf(b, 1) && max(a, b) > 0 {
			mean[own] += (b - a) / max(a, b)
		}
	}
	for c, n := range size {
		mean[c] /= n
	}
	return mean
}
