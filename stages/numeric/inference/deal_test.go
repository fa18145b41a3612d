package inference

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// munzelBy gives Brunner and Munzel's statistic by its definition: the superiority less 1/2 over its standard error, from
// the placements of each value among the other group's.
func munzelBy(x, y []float64) float64 {
	placements := func(a, b []float64) []float64 {
		p := make([]float64, len(a))
		for i, v := range a {
			for _, w := range b {
				if v > w {
					p[i] += 1 / float64(len(b))
				} else if v == w {
					p[i] += 0.5 / float64(len(b))
				}
			}
		}
		return p
	}
	spread := func(p []float64) float64 {
		mean, sum := 0.0, 0.0
		for _, v := range p {
			mean += v / float64(len(p))
		}
		for _, v := range p {
			sum += (v - mean) * (v - mean)
		}
		return sum / float64(len(p)-1) / float64(len(p))
	}
	p := placements(x, y)
	theta := 0.0
	for _, v := range p {
		theta += v / float64(len(p))
	}
	se := math.Sqrt(spread(p) + spread(placements(y, x)))
	switch {
	case math.Abs(theta-0.5) < 1e-12:
		return 0
	case se < 1e-9:
		return math.Inf(int(math.Copysign(1, theta-0.5)))
	}
	return (theta - 0.5) / se
}

// everyDeal gives the shares of all ways to choose len(x) of the pooled values whose statistic is at most, and at least, the one
// observed.
func everyDeal(x, y []float64) (below, above float64) {
	pooled := slices.Concat(x, y)
	observed := munzelBy(x, y)
	all := 0.0
	for mask := range 1 << len(pooled) {
		var a, b []float64
		for i, v := range pooled {
			if mask>>i&1 == 1 {
				a = append(a, v)
			} else {
				b = append(b, v)
			}
		}
		if len(a) != len(x) {
			continue
		}
		all++
		s := munzelBy(a, b)
		if s <= observed+1e-9 {
			below++
		}
		if s >= observed-1e-9 {
			above++
		}
	}
	return below / all, above / all
}

// TestDealsByEnumeration: exact p-values are those of all deals, and random ones lie near them.
func TestDealsByEnumeration(t *testing.T) {
	stream := kernel.NewStream(12, "test/deals")
	for i := range 12 {
		n, m := 2+stream.IntN(4), 2+stream.IntN(4)
		x, y := make([]float64, n), make([]float64, m)
		for _, v := range [][]float64{x, y} {
			for j := range v {
				v[j] = stream.Normal()
				if i%2 == 1 {
					v[j] = float64(stream.IntN(4))
				}
			}
		}
		below, above := everyDeal(x, y)
		a, err := Difference(Measured(x), Measured(y), Question{Alpha: 0.05})
		if err != nil || a.Method != Exact || math.Abs(a.Below-below) > 1e-12 || math.Abs(a.Above-above) > 1e-12 {
			t.Errorf("%v and %v: %+v, want %v and %v (%v)", x, y, a, below, above, err)
		}
	}
}

// TestRandomDeals: folded where nothing is tied or sizes are equal, and not, p-values lie within 4.5 standard errors of exact ones.
func TestRandomDeals(t *testing.T) {
	const draws = 20_000
	for name, runs := range map[string][]run{
		"untied, unequal": {{1, 0}, {0, 1}, {1, 0}, {1, 0}, {0, 1}, {0, 1}, {1, 0}, {0, 1}, {1, 0}, {1, 0}, {1, 0}, {0, 1}},
		"tied, equal":     {{2, 1}, {0, 2}, {2, 2}, {1, 0}, {1, 1}},
		"tied, unequal":   {{2, 1}, {0, 2}, {3, 1}, {3, 0}},
		"tied, turned":    {{1, 2}, {2, 0}, {1, 3}, {0, 3}},
	} {
		exact, err := deal(runs, &Question{})
		if err != nil || !exact.exact {
			t.Fatalf("%s: not exact (%v)", name, err)
		}
		q := &Question{Permutations: draws, Purpose: "test/deals"}
		random, err := random(runs, q)
		if err != nil || random.exact || random.folded != (name == "untied, unequal" || name == "tied, equal") {
			t.Fatalf("%s: %+v, %v", name, random, err)
		}
		p := place(runs)
		for _, s := range []float64{p.statistic(), -p.statistic(), 0, 2.2, -1.7, math.Inf(1), math.Inf(-1)} {
			below, above := exact.tails(s)
			b, a := random.tails(s)
			for _, c := range [][2]float64{{b, below}, {a, above}} {
				if math.Abs(c[0]-c[1]) > 4.5*math.Sqrt(c[1]*(1-c[1])/draws)+1.0/draws {
					t.Errorf("%s, statistic %v: p is %v, exactly %v", name, s, c[0], c[1])
				}
			}
		}
	}
}

// TestPIsNeverNought: random deals of groups that lie apart have p-values of 1/(1+B), or twice that where far ends differ.
func TestPIsNeverNought(t *testing.T) {
	apart := func(n int, from float64) []Value {
		v := make([]float64, n)
		for i := range v {
			v[i] = from + float64(i/2)
		}
		return Measured(v)
	}
	for _, c := range []struct {
		n, m int
		want float64
	}{{12, 12, 1.0 / 1000}, {10, 14, 2.0 / 1000}} {
		a, err := Difference(apart(c.n, 100), apart(c.m, 1), Question{Alpha: 0.05, Permutations: 999})
		if err != nil || a.P != c.want || a.LeastP != c.want {
			t.Errorf("%d and %d: %+v, want %v (%v)", c.n, c.m, a, c.want, err)
		}
	}
}

// TestTiedEnds: with ties, bisection finds the hull of the shifts that counting all deals keeps, or, where p does not fall all the way, a
// part of it.
func TestTiedEnds(t *testing.T) {
	stream := kernel.NewStream(20, "test/tied ends")
	const alpha, repeat = 0.2, 30
	same := 0
	for range repeat {
		x, y := make([]float64, 4), make([]float64, 5)
		for _, v := range [][]float64{x, y} {
			for j := range v {
				v[j] = float64(stream.IntN(7))
			}
		}
		b := newTwo(x, y, false)
		levels := b.levels()
		low, high := math.Inf(1), math.Inf(-1)
		for i := range len(levels) + 1 {
			from, to := math.Inf(-1), math.Inf(1)
			if i > 0 {
				from = levels[i-1]
			}
			if i < len(levels) {
				to = levels[i]
			}
			moved := make([]float64, len(x))
			for j := range x {
				moved[j] = x[j] - min(max(from+0.5, -99), to-0.5, 99)
			}
			if below, above := everyDeal(moved, y); 2*min(below, above) > alpha {
				low, high = min(low, from), max(high, to)
			}
		}
		a, err := Difference(Measured(x), Measured(y), Question{Alpha: alpha})
		if err != nil || a.Low < low || a.High > high {
			t.Errorf("%v and %v: %v to %v, all deals keep %v to %v (%v)", x, y, a.Low, a.High, low, high, err)
		}
		if a.Low == low && a.High == high {
			same++
		}
	}
	if same < repeat*9/10 {
		t.Errorf("%d of %d agree", same, repeat)
	}
}

// TestUpTo: counting and listing give the same differences, also by bisection of all float64.
func TestUpTo(t *testing.T) {
	stream := kernel.NewStream(13, "test/kth")
	for _, ratio := range []bool{false, true} {
		x, y := make([]float64, 9), make([]float64, 7)
		for _, v := range [][]float64{x, y} {
			for j := range v {
				v[j] = 1 + float64(stream.IntN(9))/4
			}
		}
		b := newTwo(x, y, ratio)
		var gaps []float64
		for _, v := range b.x {
			for _, w := range b.y {
				gaps = append(gaps, b.gap(v, w))
			}
		}
		slices.Sort(gaps)
		for k, want := range gaps {
			if got := kth(k, b.upTo); got != want {
				t.Errorf("ratio %v: difference %d is %v, want %v", ratio, k, got, want)
			}
		}
	}
	w := newWalsh([]float64{3, -1, 4, 1, -5, 9, 2, 6})
	var means []float64
	for i := range w {
		for j := range i + 1 {
			means = append(means, (w[i]+w[j])/2)
		}
	}
	slices.Sort(means)
	for k, want := range means {
		if got := w.at(k); got != want {
			t.Errorf("mean %d is %v, want %v", k, got, want)
		}
	}
}

// TestBisect: the way to the ends for many differences finds the same ends as looking at all.
func TestBisect(t *testing.T) {
	stream := kernel.NewStream(14, "test/bisect")
	same := 0
	const repeat = 60
	for i := range repeat {
		x, y := make([]float64, 20), make([]float64, 17)
		for k, v := range [][]float64{x, y} {
			for j := range v {
				v[j] = 20 + stream.Normal()*float64(1+k)
			}
		}
		b := &shifts{two: newTwo(x, y, i%2 == 1), q: &Question{Alpha: 0.05}, student: true}
		low, err := b.end(1, math.Inf(-1))
		high, err2 := b.end(-1, math.Inf(1))
		low2, err3 := b.bisect(1, math.Inf(-1))
		high2, err4 := b.bisect(-1, math.Inf(1))
		if err != nil || err2 != nil || err3 != nil || err4 != nil || low > low2 || high < high2 {
			t.Errorf("%v to %v, by bisection %v to %v", low, high, low2, high2)
		}
		if low == low2 && high == high2 {
			same++
		}
	}
	if same < repeat*9/10 {
		t.Errorf("%d of %d agree", same, repeat)
	}
}

// TestManySlopes: counted slopes are those that are listed, but for rounding.
func TestManySlopes(t *testing.T) {
	stream := kernel.NewStream(16, "test/slopes")
	var x []float64
	var y []Value
	var block []int
	for i := range 60 {
		x, block = append(x, []float64{0.6, 0.75, 0.9, 0.95}[i%4]), append(block, i%3)
		if i%7 == 0 {
			y = append(y, Above(4))
			continue
		}
		y = append(y, Measured([]float64{stream.Normal()})...)
	}
	tr := newTrend(x, y, block)
	pairs := tr.design(tr.moved(0)).pairs()
	for _, bounds := range [][2]func(Value) float64{{least, most}, {most, least}} {
		listed := tr.slopes(bounds[0], bounds[1], pairs)
		counted := *listed
		counted.sorted = nil
		for k := range pairs {
			if got, want := counted.at(k), listed.at(k); got != want && !(math.Abs(got-want) < 1e-9*(1+math.Abs(want))) {
				t.Errorf("slope %d is %v, want %v", k, got, want)
			}
		}
	}
}
