package cluster

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// squares is the sum of squared distances from the clusters' means, by definition.
func squares(x []float64, clusters []int, k int) float64 {
	total := 0.0
	for c := range k {
		var sum, n float64
		for i, v := range x {
			if clusters[i] == c {
				sum += v
				n++
			}
		}
		for i, v := range x {
			if clusters[i] == c {
				total += (v - sum/n) * (v - sum/n)
			}
		}
	}
	return total
}

// silhouette is the mean silhouette, by definition.
func silhouette(x []float64, clusters []int, k int) float64 {
	total := 0.0
	for i := range x {
		sum, count := make([]float64, k), make([]float64, k)
		for j := range x {
			if i != j {
				sum[clusters[j]] += math.Abs(x[i] - x[j])
				count[clusters[j]]++
			}
		}
		own := clusters[i]
		if count[own] == 0 {
			continue
		}
		a, b := sum[own]/count[own], math.Inf(1)
		for c := range k {
			if c != own && count[c] > 0 {
				b = min(b, sum[c]/count[c])
			}
		}
		total += (b - a) / max(a, b)
	}
	return total / float64(len(x))
}

// No assignment of numbers to clusters, intervals or not, is better than the division.
func TestDivideIsTheOptimum(t *testing.T) {
	stream := kernel.NewStream(1, "line")
	for round := range 60 {
		n := 1 + stream.IntN(8)
		x := make([]float64, n)
		for i := range x {
			x[i] = stream.Normal()
			if round%2 == 0 {
				x[i] = float64(stream.IntN(4)) // equal ones
			}
		}
		distinct := slices.Clone(x)
		slices.Sort(distinct)
		distinct = slices.Compact(distinct)
		divisions := NewLine(x).Divide(4)
		if len(divisions) != min(4, len(distinct)) {
			t.Fatalf("%v: %d divisions", x, len(divisions))
		}
		for i, d := range divisions {
			k := i + 1
			best, all := math.Inf(1), 1
			for range n {
				all *= k
			}
			clusters := make([]int, n)
			for code := range all {
				for j := range clusters {
					clusters[j] = code % k
					code /= k
				}
				best = min(best, squares(x, clusters, k))
			}
			got := d.Clusters()
			if c := squares(x, got, k); math.Abs(c-best) > 1e-12 || d.Count() != k {
				t.Fatalf("%v in %d: %v, %v costs %v, the best %v", x, k, d.starts, got, c, best)
			}
			for a := range x {
				for b := range x {
					if (x[a] < x[b] && got[a] > got[b]) || (x[a] == x[b] && got[a] != got[b]) {
						t.Fatalf("%v: clusters %v are no ascending intervals", x, got)
					}
				}
			}
		}
	}
}

// By halving, the same starts are found as by looking at all.
func TestDivideManyNumbers(t *testing.T) {
	stream := kernel.NewStream(2, "line")
	x := make([]float64, 400)
	for i := range x {
		x[i] = kernel.Sigmoid64(3 * stream.Normal())
	}
	l := NewLine(x)
	m := len(l.values)
	least := make([]float64, m+1)
	for i := range least {
		least[i] = l.cost(0, i)
	}
	for i, d := range l.Divide(6) {
		if i > 0 {
			next := make([]float64, m+1)
			for to := range next {
				next[to] = math.Inf(1)
				for j := range to {
					next[to] = min(next[to], least[j]+l.cost(j, to))
				}
			}
			least = next
		}
		if got := squares(x, d.Clusters(), i+1); math.Abs(got-least[m]) > 1e-12*squares(x, make([]int, len(x)), 1) {
			t.Errorf("in %d clusters: %v, the best %v", i+1, got, least[m])
		}
	}
}

func TestSilhouetteByDefinition(t *testing.T) {
	stream := kernel.NewStream(3, "line")
	for round := range 40 {
		x := make([]float64, 2+stream.IntN(20))
		for i := range x {
			x[i] = 1e3 + stream.Normal()
			if round%2 == 0 {
				x[i] = float64(stream.IntN(6))
			}
		}
		for i, d := range NewLine(x).Divide(5) {
			want := 0.0
			if i > 0 {
				want = silhouette(x, d.Clusters(), i+1)
			}
			if got := d.Silhouette(); math.Abs(got-want) > 1e-9 {
				t.Fatalf("%v in %v: %v, by definition %v", x, d.Clusters(), got, want)
			}
		}
	}
}

// By hand: {0, 1} and {5, 6} have a = 1 and b = 5.5, 4.5, 4.5, 5.5.
func TestSilhouetteByHand(t *testing.T) {
	d := NewLine([]float64{5, 0, 6, 1}).Divide(2)[1]
	if got, want := d.Clusters(), []int{1, 0, 1, 0}; !slices.Equal(got, want) {
		t.Fatalf("clusters %v", got)
	}
	if got, want := d.Silhouette(), (4.5/5.5+3.5/4.5)/2; math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}

// Numbers that are all equal are one cluster; of none there is none.
func TestDegenerateLines(t *testing.T) {
	d := NewLine([]float64{2, 2, 2}).Divide(3)
	if len(d) != 1 || d[0].Silhouette() != 0 || !slices.Equal(d[0].Clusters(), []int{0, 0, 0}) {
		t.Errorf("%d divisions of equal numbers", len(d))
	}
	if d := NewLine(nil).Divide(3); len(d) != 0 {
		t.Errorf("%d divisions of nothing", len(d))
	}
	d = NewLine([]float64{1, 1e-300, -1e-300}).Divide(3)
	if got, want := d[len(d)-1].Clusters(), []int{1, 0, 0}; len(d) != 2 || !slices.Equal(got, want) || d[1].Silhouette() <= 0 {
		t.Errorf("clusters %v, silhouette %v", got, d[1].Silhouette())
	}
}
