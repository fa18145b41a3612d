package inference

import (
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// How many deals are counted one by one, and the most values that random ones may place where values are tied.
const (
	maxDeals   = 50_000
	roughDeals = 1000 // for a rough P
	maxPlaced  = 4_000_000
)

// dealt is the distribution of Brunner and Munzel's statistic over deals of the pooled values to the groups. It is symmetric
// where no values are equal, as those read from the far end are as likely, and where the groups have one size,
// as they may change places: then only sizes are kept of random deals.
type dealt struct {
	all       []float64 // statistics of all deals, or of random ones; only their sizes if folded
	sorted    bool
	exact     bool
	folded    bool
	turned    bool // it is of y, which is smaller
	leastTail float64
}

// deal gives the distribution for runs of equal values: of all deals where there are at most 50,000, else of random
// ones. The smaller group is dealt, so that the answer does not depend on which group is named first.
func deal(runs []run, q *Question) (*dealt, error) {
	p := place(runs)
	t := newTable(runs)
	n := min(p.n, p.m)
	most := float64(maxDeals)
	if q.rough {
		most = roughDeals
	}
	if binomial(len(t.of), n) > most {
		return random(runs, q)
	}
	d := &dealt{exact: true, turned: p.n > p.m, leastTail: leastP([]int{p.n, p.m}), all: t.all(n)}
	d.sort(len(runs) < len(t.of))
	return d, nil
}

// random gives the distribution of random deals. Where values are tied it must be had anew for each shift, so that
// there are fewer of more than 400 values.
func random(runs []run, q *Question) (*dealt, error) {
	p := place(runs)
	t := newTable(runs)
	tied := len(runs) < len(t.of)
	draws := q.permutations()
	if tied {
		draws = min(draws, max(999, maxPlaced/len(t.of)))
	}
	d := &dealt{folded: !tied || p.n == p.m, turned: p.n > p.m, all: make([]float64, draws)}
	stream := q.stream()
	for i := range d.all {
		s := t.draw(min(p.n, p.m), stream)
		if d.folded {
			s = math.Abs(s)
		}
		d.all[i] = s
		if err := q.step(); err != nil {
			return nil, err
		}
	}
	d.sort(tied)
	d.leastTail = max(leastP([]int{p.n, p.m}), d.upper(math.Inf(1)))
	return d, nil
}

// tails gives the one-sided p-values of a statistic of x.
func (d *dealt) tails(t float64) (below, above float64) {
	if d.turned {
		return d.upper(-t), d.lower(-t)
	}
	return d.lower(t), d.upper(t)
}

// upper gives the probability of a statistic of at least t. Of random deals it is (1+c)/(1+B), which keeps the test's level
// (Phipson, Smyth 2010, SAGMB 9, 39); if they are folded, B and c count the mirror image of each deal too.
func (d *dealt) upper(t float64) float64 {
	b := len(d.all)
	switch {
	case math.IsInf(t, -1):
		return 1
	case d.folded && t <= 0:
		return 1 - float64(b-d.before(nudged(-t, 1)))/float64(2*b+2)
	case d.folded:
		return float64(1+b-d.before(nudged(t, -1))) / float64(2*b+2)
	}
	return d.share(b - d.before(nudged(t, -1)))
}

// lower gives the probability of a statistic of at most t.
func (d *dealt) lower(t float64) float64 {
	switch {
	case d.folded:
		return d.upper(-t)
	case math.IsInf(t, 1):
		return 1
	}
	return d.share(d.before(nudged(max(t, -math.MaxFloat64), 1)))
}

// share gives the p-value if so many deals are as far out as the one observed.
func (d *dealt) share(reached int) float64 {
	if d.exact {
		return float64(reached) / float64(len(d.all))
	}
	return float64(1+reached) / float64(1+len(d.all))
}

// sort makes counting quick, unless values are tied: then the distribution is asked about one shift only.
func (d *dealt) sort(tied bool) {
	if !tied {
		slices.Sort(d.all)
		d.sorted = true
	}
}

// before counts the statistics below t.
func (d *dealt) before(t float64) int {
	n := 0
	if d.sorted {
		n, _ = slices.BinarySearch(d.all, t)
		return n
	}
	for _, s := range d.all {
		if s < t {
			n++
		}
	}
	return n
}

// nudged moves a statistic by what rounding may have made of it.
func nudged(t, sign float64) float64 {
	if !finite(t) {
		return t
	}
	return t + float64(sign*(float64(1e-10*math.Abs(t))+1e-300))
}

// A table is what is dealt: runs of equal values, and to which run each of the pooled values belongs.
type table struct {
	sizes []int
	of    []int
	runs  []run
	order []int
}

func newTable(runs []run) *table {
	t := &table{runs: make([]run, len(runs))}
	for i, r := range runs {
		t.sizes = append(t.sizes, r.x+r.y)
		t.of = append(t.of, slices.Repeat([]int{i}, r.x+r.y)...)
	}
	return t
}

// statistic gives that of the runs at hand.
func (t *table) statistic() float64 {
	p := place(t.runs)
	return p.statistic()
}

// give sets who has what: the first group gets the values at the places.
func (t *table) give(places []int) {
	for i, size := range t.sizes {
		t.runs[i] = run{0, size}
	}
	for _, at := range places {
		r := &t.runs[t.of[at]]
		r.x++
		r.y--
	}
}

// draw gives the statistic of a random deal of n values.
func (t *table) draw(n int, stream *kernel.Stream) float64 {
	if t.order == nil {
		t.order = make([]int, len(t.of))
		for i := range t.order {
			t.order[i] = i
		}
	}
	for i := range n {
		j := i + stream.IntN(len(t.order)-i)
		t.order[i], t.order[j] = t.order[j], t.order[i]
	}
	t.give(t.order[:n])
	return t.statistic()
}

// all gives the statistics of all deals of n values.
func (t *table) all(n int) []float64 {
	var list []float64
	places := make([]int, n)
	for i := range places {
		places[i] = i
	}
	for {
		t.give(places)
		list = append(list, t.statistic())
		i := n - 1
		for i >= 0 && places[i] == len(t.of)-n+i {
			i--
		}
		if i < 0 {
			return list
		}
		places[i]++
		for j := i + 1; j < n; j++ {
			places[j] = places[j-1] + 1
		}
	}
}
