package inference

import (
	"math"
	"slices"
)

// Trend asks the test of Jonckheere (1954) and Terpstra (1952) whether y rises with x: whether y - Null x does. block gives each
// value's block, such as its seed, as 0, 1, ...: only values of one block are compared; nil compares all. P is exact where
// that is feasible, with more than 10,000 pairs normal, and else from random permutations. The estimate is the slope of Theil (1950) and Sen (1968, JASA 63,
// 1379-1389), in y's unit per unit of x: the median of the slopes of all pairs that are compared and differ in x. The interval runs
// between two of those slopes, which the distribution of Jonckheere's J without ties chooses (Sen 1968, eq. 4.6). LeastUnits counts the values at each x, or the blocks.
func Trend(x []float64, y []Value, block []int, q Question) (Answer, error) {
	t := newTrend(x, y, block)
	units := enough(max(2, len(t.levels)), q.Alpha/2, block != nil)
	pairs := t.design(t.moved(0)).pairs()
	if len(t.levels) < 2 || pairs == 0 {
		return unknown(math.NaN(), q, units), nil
	}
	d := t.design(t.moved(q.Null))
	below, above, method, err := d.tails(&q)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Method: method, LeastP: min(1, twice(d.leastP())), LeastUnits: units}
	if method == Permutations {
		a.LeastP = max(a.LeastP, min(1, 2/float64(1+q.permutations())))
	}
	a = a.sided(below, above)
	lows := t.slopes(least, most, pairs)
	highs := lows
	if t.censored() {
		highs = t.slopes(most, least, pairs)
	}
	a.Estimate = known(lows.median(), highs.median())
	cut := -1
	if !q.NoInterval {
		cut = d.cut(q.Alpha)
	}
	if cut < 0 {
		return a.open(q), q.step()
	}
	a.Low, a.High = lows.at(cut), highs.at(pairs-1-cut)
	return a.snapped(q, lows.slack()), q.step()
}

// SomersD gives Somers' D of y on x within blocks (1962, Am. Sociol. Rev. 27, 799-811; see Trend): of the pairs that differ in x, the
// share in which y differs in the same sense less the share of the opposite one. It is NaN without such a pair.
func SomersD(x, y []float64, block []int) float64 {
	t := newTrend(x, Measured(y), block)
	d := t.design(t.moved(0))
	all := d.pairs()
	if all == 0 {
		return math.NaN()
	}
	return float64(d.statistic()-all) / float64(all)
}

// trend are values at levels of x, in blocks.
type trend struct {
	x      []float64
	y      []Value
	levels []float64 // of x, distinct, ascending
	group  []int     // index into levels
	block  []int
	blocks int
}

func newTrend(x []float64, y []Value, block []int) *trend {
	t := &trend{x: x, y: y, block: block, blocks: 1}
	if block == nil {
		t.block = make([]int, len(x))
	} else if len(block) > 0 {
		t.blocks = slices.Max(block) + 1
	}
	t.levels = slices.Compact(slices.Sorted(slices.Values(x)))
	for _, v := range x {
		g, _ := slices.BinarySearch(t.levels, v)
		t.group = append(t.group, g)
	}
	return t
}

// moved gives the scores less slope times x, with those equal that differ by rounding alone.
func (t *trend) moved(slope float64) []float64 {
	scores := Scores(t.y)
	slack := slackOf(scores...)
	z := make([]float64, len(scores))
	for i, s := range scores {
		z[i] = s - float64(slope*t.x[i])
		slack = max(slack, slackOf(float64(slope*t.x[i])))
	}
	s := scale{slack: slack}
	order, level := slices.Sorted(slices.Values(z)), s.levelled(z)
	for i, v := range z {
		at, _ := slices.BinarySearch(order, v)
		z[i] = level[at]
	}
	return z
}

func (t *trend) design(z []float64) *design {
	return newDesign(z, t.group, t.block, len(t.levels), t.blocks)
}

func (t *trend) censored() bool {
	return slices.ContainsFunc(t.y, func(v Value) bool { return v.Least != v.Most })
}

// cut gives the largest c for which J is c or less with a probability of at most alpha/2, where no values are equal; -1 if there is
// none.
func (d *design) cut(alpha float64) int {
	if d.pairs() > maxPairs {
		variance := 0.0
		for i := range d.blocks {
			variance += d.blocks[i].untiedVariance()
		}
		return normalCut(float64(d.pairs())/2, variance, alpha)
	}
	null := []float64{1}
	for i := range d.blocks {
		null = convolve(null, jonckheere(d.blocks[i].sizes))
	}
	return cutOf(null, alpha)
}

// untiedVariance gives that of J if no values of the block were equal.
func (b *block) untiedVariance() float64 {
	return (momentsOf([]int{len(b.labels)}).five - momentsOf(b.sizes).five) / 72
}
