package inference

import (
	"cmp"
	"slices"

	"spurion/stages/numeric/kernel"
)

// A design is a set of observations for the test of ordered alternatives of Jonckheere (1954,
// Biometrika 41, 133-145) and Terpstra (1952, Indag. Math. 14, 327-333): values y in groups that
// are ordered by x, possibly within blocks that are compared only with themselves. With one row of
// each group in each block it is close to Page's test (1963, JASA 58, 216-230).
//
// Its statistic counts the pairs of one block whose groups differ: 2 for a pair in which the later
// group has the larger value, 1 for equal values, 0 for the rest. That is 2J, a whole number.
type design struct {
	blocks []block
	groups int
}

// A block holds its observations in ascending order of y, as their groups; ties gives the lengths of
// the runs of equal values.
type block struct {
	labels []int
	ties   []int
	rows   []int // each observation's place in the caller's slices
	sizes  []int // observations per group
}

// newDesign sorts observations into blocks. groups[i] in [0, k) and blocks[i] in [0, b) are those
// of y[i]; y may hold +Inf, several of which are tied.
func newDesign(y []float64, groups, blocks []int, k, b int) *design {
	d := &design{blocks: make([]block, b), groups: k}
	order := make([]int, len(y))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(y[i], y[j]) })
	last := make([]float64, b)
	for i := range d.blocks {
		d.blocks[i].sizes = make([]int, k)
	}
	for _, i := range order {
		in := &d.blocks[blocks[i]]
		if n := len(in.ties); n > 0 && last[blocks[i]] == y[i] {
			in.ties[n-1]++
		} else {
			in.ties = append(in.ties, 1)
		}
		last[blocks[i]] = y[i]
		in.labels = append(in.labels, groups[i])
		in.rows = append(in.rows, i)
		in.sizes[groups[i]]++
	}
	return d
}

// pairs gives the number of pairs that are compared: 2J is at most twice that.
func (d *design) pairs() int {
	n := 0
	for i := range d.blocks {
		n += pairs(d.blocks[i].sizes)
	}
	return n
}

func pairs(sizes []int) int {
	n, before := 0, 0
	for _, size := range sizes {
		n += size * before
		before += size
	}
	return n
}

// statistic gives 2J.
func (d *design) statistic() int {
	n := 0
	scratch := newCounts(d.groups)
	for i := range d.blocks {
		n += d.blocks[i].score(d.blocks[i].labels, nil, scratch)
	}
	return n
}

// counts are the observations of each group: below the run of equal values in hand, and in it.
type counts struct{ below, level []int }

func newCounts(groups int) *counts {
	return &counts{below: make([]int, groups), level: make([]int, groups)}
}

// score gives 2J of a block under other labels; with weights, by row, an observation counts that
// often.
func (b *block) score(labels, weights []int, c *counts) int {
	clear(c.below)
	total, at := 0, 0
	for _, run := range b.ties {
		clear(c.level)
		for i := at; i < at+run; i++ {
			w := 1
			if weights != nil {
				w = weights[b.rows[i]]
			}
			c.level[labels[i]] += w
		}
		at += run
		total += c.gain()
		for g, n := range c.level {
			c.below[g] += n
		}
	}
	return total
}

// gain gives what a run of equal values adds to 2J: each beats what lies below it in earlier groups
// and draws with its equals in other groups.
func (c *counts) gain() int {
	total, below, level := 0, 0, 0
	for g, n := range c.level {
		total += n * (2*below + level)
		below += c.below[g]
		level += n
	}
	return total
}

// pValue gives the probability, over all ways to deal each block's values to its groups, of a
// statistic of at least (with upper) or at most the observed one. It is exact if it can be had
// with reasonable work; else it is (1+c)/(1+B), where c of B random permutations reach the observed
// value, which keeps the test's level (Phipson, Smyth 2010, SAGMB 9, 39). The error is step's, which
// is called after each permutation.
func (d *design) pValue(upper bool, permutations int, step func() error) (p float64, exact bool, err error) {
	if null := d.null(); null != nil {
		return tail(null, d.statistic(), upper), true, nil
	}
	p, err = d.permute(upper, permutations, step)
	return p, false, err
}

// permute gives the p-value from random permutations.
func (d *design) permute(upper bool, permutations int, step func() error) (float64, error) {
	observed := d.statistic()
	stream := kernel.NewStream(0, "claims/trend/permutation")
	labels := make([][]int, len(d.blocks))
	for i := range d.blocks {
		labels[i] = slices.Clone(d.blocks[i].labels)
	}
	scratch := newCounts(d.groups)
	reached := 0
	for range permutations {
		total := 0
		for i, l := range labels {
			stream.Shuffle(len(l), func(a, b int) { l[a], l[b] = l[b], l[a] })
			total += d.blocks[i].score(l, nil, scratch)
		}
		if total == observed || (total > observed) == upper {
			reached++
		}
		if err := step(); err != nil {
			return 0, err
		}
	}
	return float64(1+reached) / float64(1+permutations), nil
}

// tail adds the probabilities of the statistics at or beyond the observed one, smallest first as
// they lie away from the middle.
func tail(null []float64, observed int, upper bool) float64 {
	sum := 0.0
	if upper {
		for s := len(null) - 1; s >= observed; s-- {
			sum += null[s]
		}
	} else {
		for s := 0; s <= observed; s++ {
			sum += null[s]
		}
	}
	return min(sum, 1)
}

// leastP gives the smallest p-value that the design could give if no values were tied: one over
// the number of ways to deal them.
func (d *design) leastP() float64 {
	p := 1.0
	for i := range d.blocks {
		p = float64(p * leastP(d.blocks[i].sizes))
	}
	return p
}

func leastP(sizes []int) float64 {
	p, n := 1.0, 0
	for _, size := range sizes {
		for i := 1; i <= size; i++ {
			n++
			p = float64(p * (float64(i) / float64(n)))
		}
	}
	return p
}

// enough gives the least number of rows in each of k groups (or, with blocked, of blocks with a row
// of each group) whose best outcome has a p-value of at most alpha.
func enough(k int, alpha float64, blocked bool) int {
	ones := slices.Repeat([]int{1}, k)
	for n := 1; ; n++ {
		p := 1.0
		if blocked {
			for range n {
				p = float64(p * leastP(ones))
			}
		} else {
			p = leastP(slices.Repeat([]int{n}, k))
		}
		if p <= alpha {
			return n
		}
	}
}
