package inference

import (
	"slices"
	"sync"
)

// The work that an exact null distribution may take, in additions, and the longest one.
const (
	maxAdditions = 20_000_000
	maxPairs     = 10_000
	roughPairs   = 500 // for a rough P
)

// null gives the distribution of 2J over all ways to deal each block's values to its groups: null[s]
// is the probability of 2J = s. It is nil if that is too much work.
func (d *design) null() []float64 {
	sum := []float64{1}
	for i := range d.blocks {
		one := d.blocks[i].null()
		if one == nil {
			return nil
		}
		sum = convolve(sum, one)
	}
	return sum
}

// null gives the block's distribution of 2J, by the cheapest way that fits, or nil.
func (b *block) null() []float64 {
	if len(b.ties) == len(b.labels) {
		return untied(b.sizes)
	}
	states := 1
	for _, size := range b.sizes {
		if states *= size + 1; states > maxAdditions {
			return nil
		}
	}
	// A run of t values is dealt in C(t+k-1, k-1) ways; each state meets one run at most.
	ways := 1
	for i, t := 1, slices.Max(b.ties); i < len(b.sizes); i++ {
		if ways = ways * (t + i) / i; ways > maxAdditions {
			return nil
		}
	}
	if length := 2*pairs(b.sizes) + 1; states > maxAdditions/length/ways {
		return nil
	}
	return tied(b.sizes, b.ties)
}

// convolve gives the distribution of the sum of two independent statistics.
func convolve(a, b []float64) []float64 {
	out := make([]float64, len(a)+len(b)-1)
	for i, x := range a {
		if x == 0 {
			continue
		}
		for j, y := range b {
			out[i+j] += float64(x * y)
		}
	}
	return out
}

// untied gives the distribution of 2J without ties.
func untied(sizes []int) []float64 {
	sum := jonckheere(sizes)
	doubled := make([]float64, 2*len(sum)-1)
	for s, p := range sum {
		doubled[2*s] = p
	}
	return doubled
}

// jonckheere gives the distribution of J without ties, which is the sum of independent Mann-Whitney statistics: of each group against all
// before it. It is shared, and not to be changed: those asked for last are kept, since a claim that is tried on many samples
// asks for the same one each time.
func jonckheere(sizes []int) []float64 {
	return nulls.of(sizes, summedRanks)
}

// recent are the distributions of J that were asked for last, by the sizes of the groups.
type recent struct {
	mu   sync.Mutex
	kept [16]struct {
		sizes []int
		null  []float64
	}
	next int
}

var nulls recent

// of gives a distribution that is kept, or makes it.
func (r *recent) of(sizes []int, make func([]int) []float64) []float64 {
	r.mu.Lock()
	for _, k := range r.kept {
		if k.null != nil && slices.Equal(k.sizes, sizes) {
			r.mu.Unlock()
			return k.null
		}
	}
	r.mu.Unlock()
	null := make(sizes)
	r.mu.Lock()
	defer r.mu.Unlock()
	k := &r.kept[r.next]
	k.sizes, k.null, r.next = slices.Clone(sizes), null, (r.next+1)%len(r.kept)
	return null
}

func summedRanks(sizes []int) []float64 {
	sum := []float64{1}
	before := 0
	for _, size := range sizes {
		sum = convolve(sum, mannWhitney(before, size))
		before += size
	}
	return sum
}

// mannWhitney gives the distribution of the number of pairs (x, y) with x < y among m values x and
// n values y. The largest of all is a y with probability n/(m+n), and then beats all m of x (Mann,
// Whitney 1947, Ann. Math. Statist. 18, eq. 5).
func mannWhitney(m, n int) []float64 {
	row := make([][]float64, n+1) // row[j]: of i values x and j values y
	for j := range row {
		row[j] = []float64{1}
	}
	for i := 1; i <= m; i++ {
		next := make([][]float64, n+1)
		next[0] = []float64{1}
		for j := 1; j <= n; j++ {
			next[j] = make([]float64, i*j+1)
			largestY := float64(j) / float64(i+j)
			largestX := float64(i) / float64(i+j)
			for u, p := range next[j-1] {
				next[j][u+i] += float64(largestY * p)
			}
			for u, p := range row[j] {
				next[j][u] += float64(largestX * p)
			}
		}
		row = next
	}
	return row[n]
}

// tied gives the distribution of 2J for runs of equal values, lowest first. It walks over the runs;
// a state is how many values each group has got so far, and holds, for each 2J so far, the number of
// ways to get there. The numbers are whole and exact up to 2^53.
func tied(sizes, ties []int) []float64 {
	w := &walk{sizes: sizes, length: 2*pairs(sizes) + 1, counts: newCounts(len(sizes))}
	w.strides = make([]int, len(sizes))
	states := 1
	for g, size := range sizes {
		w.strides[g] = states
		states *= size + 1
	}
	current := make([][]float64, states)
	current[0] = make([]float64, w.length)
	current[0][0] = 1
	for _, run := range ties {
		w.next = make([][]float64, states)
		for state, ways := range current {
			if ways == nil {
				continue
			}
			for g := range sizes {
				w.counts.below[g] = state / w.strides[g] % (sizes[g] + 1)
				w.counts.level[g] = 0
			}
			w.deal(0, run, state, 1, ways)
		}
		current = w.next
	}
	null, total := current[states-1], 0.0
	for _, ways := range null {
		total += ways
	}
	for s := range null {
		null[s] /= total
	}
	return null
}

type walk struct {
	sizes, strides []int
	length         int
	counts         *counts
	next           [][]float64
}

// deal gives left values of a run to the groups from g on, in every possible way; multiplicity is
// the number of orders of the run that come to the same.
func (w *walk) deal(g, left, state int, multiplicity float64, ways []float64) {
	if g == len(w.sizes) {
		if left == 0 {
			w.arrive(state, multiplicity, ways)
		}
		return
	}
	for n := 0; n <= min(left, w.sizes[g]-w.counts.below[g]); n++ {
		w.counts.level[g] = n
		w.deal(g+1, left-n, state+n*w.strides[g], float64(multiplicity*binomial(left, n)), ways)
	}
	w.counts.level[g] = 0
}

// arrive adds the ways to a state of the next run.
func (w *walk) arrive(state int, multiplicity float64, ways []float64) {
	to := w.next[state]
	if to == nil {
		to = make([]float64, w.length)
		w.next[state] = to
	}
	gain := w.counts.gain()
	for s, n := range ways[:w.length-gain] {
		to[s+gain] += float64(multiplicity * n)
	}
}

// binomial gives n over k, exact up to 2^53.
func binomial(n, k int) float64 {
	c := 1.0
	for i := 1; i <= k; i++ {
		c = c * float64(n-k+i) / float64(i)
	}
	return c
}
