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
		n += d.blocks[i].score(d.blocks[i].labels, scratch)
	}
	return n
}

// counts are the observations of each group: below the run of equal values in hand, and in it.
type counts struct{ below, level []int }

func newCounts(groups int) *counts {
	return &counts{below: make([]int, groups), level: make([]int, groups)}
}

// score gives 2J of a block under other labels.
func (b *block) score(labels []int, c *counts) int {
	clear(c.below)
	total, at := 0, 0
	for _, run := range b.ties {
		clear(c.level)
		for i := at; i < at+run; i++ {
			c.level[labels[i]]++
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

// tails gives the probabilities, over all ways to deal each block's values to its groups, of a statistic of at most and at
// least the observed one. They are exact if they can be had with reasonable work; else they are (1+c)/(1+B), where c of
// B random permutations reach the observed value, which keeps the test's level (Phipson, Smyth 2010, SAGMB 9, 39); with more than
// 10,000 pairs the distribution is normal for all practical ends.
func (d *design) tails(q *Question) (below, above float64, method Method, err error) {
	normal := d.pairs() > maxPairs || q.rough && d.pairs() > roughPairs
	if normal {
		below, above, method = normalTails(float64(d.statistic())/2, float64(d.pairs())/2, d.variance(), d.halfStep())
		return below, above, method, nil
	}
	if null := d.null(); null != nil {
		observed := d.statistic()
		return tail(null, observed, false), tail(null, observed, true), Exact, nil
	}
	below, above, err = d.permute(q)
	return below, above, Permutations, err
}

// permute gives the tails from random permutations.
func (d *design) permute(q *Question) (below, above float64, err error) {
	observed := d.statistic()
	stream := q.stream()
	labels := make([][]int, len(d.blocks))
	for i := range d.blocks {
		labels[i] = slices.Clone(d.blocks[i].labels)
	}
	scratch := newCounts(d.groups)
	upTo, from := 0, 0
	draws := q.permutations()
	for range draws {
		total := 0
		for i, l := range labels {
			kernel.Shuffle(l, stream)
			total += d.blocks[i].score(l, scratch)
		}
		if total <= observed {
			upTo++
		}
		if total >= observed {
			from++
		}
		if err := q.step(); err != nil {
			return 0, 0, err
		}
	}
	return float64(1+upTo) / float64(1+draws), float64(1+from) / float64(1+draws), nil
}

// variance gives that of J over all ways to deal (Kendall 1970, Rank Correlation Methods, §4; Hollander, Wolfe 1999, eq. 6.19),
// with ties.
func (d *design) variance() float64 {
	sum := 0.0
	for i := range d.blocks {
		b := &d.blocks[i]
		n := float64(len(b.labels))
		if n < 2 {
			continue
		}
		groups, ties := momentsOf(b.sizes), momentsOf(b.ties)
		all := momentsOf([]int{len(b.labels)})
		sum += (all.five - groups.five - ties.five) / 72
		sum += float64(groups.two*ties.two) / (8 * n * (n - 1))
		if n > 2 {
			sum += float64(groups.three*ties.three) / (36 * n * (n - 1) * (n - 2))
		}
	}
	return sum
}

// sizesSummed are Σ of t(t-1)(2t+5), t(t-1) and t(t-1)(t-2).
type sizesSummed struct{ five, two, three float64 }

func momentsOf(sizes []int) sizesSummed {
	s := sizesSummed{}
	for _, size := range sizes {
		t := float64(size)
		pairs := float64(t * (t - 1))
		s.two += pairs
		s.three += float64(pairs * (t - 2))
		s.five += float64(pairs * (t + t + 5))
	}
	return s
}

// halfStep gives half the distance of neighbouring values of J.
func (d *design) halfStep() float64 {
	for i := range d.blocks {
		if len(d.blocks[i].ties) < len(d.blocks[i].labels) {
			return 0.25
		}
	}
	return 0.5
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
