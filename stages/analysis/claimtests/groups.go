package claimtests

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// groups is the sample of a claim about two groups: one value a unit in each. A unit may be in both, as a seed with which both
// were trained.
type groups struct {
	question
	effect          string // "difference", "ratio", "superiority"
	statistic       string // "hodges_lehmann" or "mean"
	larger, smaller []inference.Value
	both            [][2]int // the places of units that are in both groups
	units           int      // of either group
	rows, missing   int
	measure         string // unit of the values
}

// A group is one of two groups of rows: the attribute that names it, its column and conditions.
type group struct {
	attribute, column string
	where             map[string]string
}

// groups takes both groups and reduces the rows of each unit to one value. A null that counts as above every value is one of
// which that is known; a unit with some nulls among its rows counts for the ranks as what speaks least for the claim.
func (p *pool) groups(a, b group, within string) (*groups, error) {
	larger, err := p.take(a.column, a.where, nil, "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.attribute, err)
	}
	smaller, err := p.take(b.column, b.where, nil, "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.attribute, err)
	}
	if err := apart(larger, smaller, a.attribute, b.attribute); err != nil {
		return nil, err
	}
	g := &groups{
		rows: len(larger.rows) + len(smaller.rows), missing: larger.missing + smaller.missing, measure: larger.measure,
	}
	top := largest(larger.rows, smaller.rows)
	var units gather.Groups[string]
	place := map[string]int{}
	for i, c := range cells(larger.rows) {
		v := valueOf(within, c.values, top)
		v.Score = reduceLeast(within, c.values, top)
		g.larger = append(g.larger, v)
		if p.unit != "" {
			units.Of(c.unit)
			place[c.unit] = i
		}
	}
	for j, c := range cells(smaller.rows) {
		v := valueOf(within, c.values, top)
		g.smaller = append(g.smaller, v)
		if i, known := place[c.unit]; known {
			g.both = append(g.both, [2]int{i, j})
		}
		if p.unit != "" {
			units.Of(c.unit)
		}
	}
	if g.units = len(units.Keys); p.unit == "" {
		g.units = len(g.larger) + len(g.smaller)
	}
	return g, nil
}

// valueOf makes one value of the rows of a unit. Its score is as large as it can be.
func valueOf(within string, values []float64, top float64) inference.Value {
	score, least := reduce(within, values), reduceLeast(within, values, top)
	return inference.Value{Score: score, Least: min(least, top), Most: score}
}

// find implements sample.
func (g *groups) find(ask inference.Question) (*finding, error) {
	return g.question.find(ask, func(q inference.Question) (inference.Answer, error) {
		switch {
		case g.effect == "superiority":
			return inference.Superiority(inference.Scores(g.larger), inference.Scores(g.smaller), q)
		case g.statistic == "mean" && g.effect == "ratio":
			return inference.WelchRatio(inference.Scores(g.larger), inference.Scores(g.smaller), q)
		case g.statistic == "mean":
			return inference.WelchDifference(inference.Scores(g.larger), inference.Scores(g.smaller), q)
		case g.effect == "ratio":
			return inference.Ratio(g.larger, g.smaller, q)
		}
		return inference.Difference(g.larger, g.smaller, q)
	})
}

// check reports values that the effect cannot be taken of.
func (g *groups) check(name string) error {
	all := inference.Scores(slices.Concat(g.larger, g.smaller))
	if len(all) == 0 {
		return nil
	}
	if g.effect == "ratio" && slices.Min(all) <= 0 {
		return fmt.Errorf("a ratio needs values above 0, but %s has %s; ask for a difference", name, number(slices.Min(all)))
	}
	if g.statistic == "mean" && g.effect != "superiority" && slices.ContainsFunc(all, func(x float64) bool { return !finite(x) }) {
		return fmt.Errorf("a mean of values above every other does not exist, but %s has some; leave statistic out", name)
	}
	return nil
}

// redraw implements sample. Where all units are in both groups, each is drawn into both at once.
func (g *groups) redraw(n int, stream *kernel.Stream) sample {
	drawn := *g
	drawn.larger, drawn.smaller, drawn.both = make([]inference.Value, n), make([]inference.Value, n), nil
	paired := len(g.both) == len(g.larger) && len(g.both) == len(g.smaller)
	for i := range n {
		if paired {
			at := g.both[stream.IntN(len(g.both))]
			drawn.larger[i], drawn.smaller[i] = g.larger[at[0]], g.smaller[at[1]]
			drawn.both = append(drawn.both, [2]int{i, i})
			continue
		}
		drawn.larger[i], drawn.smaller[i] = g.larger[stream.IntN(len(g.larger))], g.smaller[stream.IntN(len(g.smaller))]
	}
	return &drawn
}

// Verdict implements Trial.
func (g *groups) Verdict(step func() error) (string, error) { return verdictOf(g, step) }

// Null moves the larger group back by the estimate, so that the groups have one centre, deals the values anew, and moves them to
// the bound. A unit that is in both groups exchanges its two values or does not; the others are dealt among themselves. For a
// superiority the values of both groups are drawn from all, the larger ones of a law that is above the other with the
// probability that is the bound (Lehmann 1953, Ann. Math. Statist. 24, 23-43).
func (g *groups) Null(stream *kernel.Stream) Trial {
	drawn := *g
	drawn.larger, drawn.smaller = slices.Clone(g.larger), slices.Clone(g.smaller)
	bound := g.bound(stream)
	if g.effect == "superiority" {
		drawn.lehmann(bound, stream)
		return &drawn
	}
	neutral := 0.0
	if g.effect == "ratio" {
		neutral = 1
	}
	plain := *g
	plain.question = asked(true, neutral, g.alpha, g.permutations, g.purpose)
	shift := neutral
	if f, err := plain.find(inference.Question{NoInterval: true}); err == nil && finite(f.Estimate) {
		shift = f.Estimate
	}
	g.move(drawn.larger, shift, -1)
	drawn.deal(stream)
	g.move(drawn.larger, bound, 1)
	return &drawn
}

// move adds an effect to values, or takes it off.
func (g *groups) move(values []inference.Value, by float64, sign int) {
	moved := func(x float64) float64 {
		switch {
		case g.effect == "ratio" && sign > 0:
			return float64(x * by)
		case g.effect == "ratio":
			return x / by
		case sign > 0:
			return x + by
		}
		return x - by
	}
	for i, v := range values {
		values[i] = inference.Value{Score: moved(v.Score), Least: moved(v.Least), Most: moved(v.Most)}
	}
}

// deal exchanges values between the groups at random.
func (g *groups) deal(stream *kernel.Stream) {
	inBoth := [2]map[int]bool{{}, {}}
	for _, at := range g.both {
		inBoth[0][at[0]], inBoth[1][at[1]] = true, true
		if stream.IntN(2) == 1 {
			g.larger[at[0]], g.smaller[at[1]] = g.smaller[at[1]], g.larger[at[0]]
		}
	}
	var free []*inference.Value
	for k, list := range [2][]inference.Value{g.larger, g.smaller} {
		for i := range list {
			if !inBoth[k][i] {
				free = append(free, &list[i])
			}
		}
	}
	stream.Shuffle(len(free), func(i, j int) { *free[i], *free[j] = *free[j], *free[i] })
}

// lehmann draws both groups from all values: the smaller one from each alike, the larger so that a value of it is above one of the
// smaller with probability theta, equal ones counted half.
func (g *groups) lehmann(theta float64, stream *kernel.Stream) {
	all := slices.Concat(g.larger, g.smaller)
	slices.SortFunc(all, func(a, b inference.Value) int {
		switch {
		case a.Score < b.Score:
			return -1
		case a.Score > b.Score:
			return 1
		}
		return 0
	})
	n := len(all)
	var ends []float64 // of the runs of equal values, as shares of all
	for i := 1; i <= n; i++ {
		if i == n || all[i].Score > all[i-1].Score {
			ends = append(ends, float64(i)/float64(n))
		}
	}
	reached := func(k float64) float64 { // the superiority if the larger group's law is the k-th power
		sum, last := 0.0, 0.0
		for _, end := range ends {
			sum += float64((raised(end, k) - raised(last, k)) * ((end + last) / 2))
			last = end
		}
		return sum
	}
	low, high := 1e-3, 1e3
	for range 60 {
		if k := math.Sqrt(low * high); reached(k) < theta {
			low = k
		} else {
			high = k
		}
	}
	for i := range g.smaller {
		g.smaller[i] = all[stream.IntN(n)]
	}
	for i := range g.larger {
		g.larger[i] = all[min(n-1, int(float64(n)*raised(stream.Float64(), 1/high)))]
	}
}

// raised gives x^k for x in [0, 1].
func raised(x, k float64) float64 {
	if x <= 0 {
		return 0
	}
	return kernel.Exp64(float64(k * kernel.Log64(x)))
}
