package inference

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// doubleJ is 2J by its definition: over all pairs of rows of one block.
func doubleJ(y []float64, groups, blocks []int) int {
	n := 0
	for i := range y {
		for j := range y {
			if blocks[i] != blocks[j] || groups[i] >= groups[j] {
				continue
			}
			switch {
			case y[j] > y[i]:
				n += 2
			case y[j] == y[i]:
				n++
			}
		}
	}
	return n
}

// enumerate gives the distribution of 2J over all permutations of y within blocks, counted one by
// one.
func enumerate(y []float64, groups, blocks []int) map[int]float64 {
	counted, total := map[int]float64{}, 0.0
	y = slices.Clone(y)
	var permute func(from int)
	permute = func(from int) {
		if from == len(y) {
			counted[doubleJ(y, groups, blocks)]++
			total++
			return
		}
		for i := from; i < len(y); i++ {
			if blocks[i] != blocks[from] {
				continue
			}
			y[from], y[i] = y[i], y[from]
			permute(from + 1)
			y[from], y[i] = y[i], y[from]
		}
	}
	permute(0)
	for s := range counted {
		counted[s] /= total
	}
	return counted
}

func maxOf(values []int) int { return slices.Max(values) + 1 }

func TestStatistic(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name   string
		y      []float64
		groups []int
		want   int // 2J
	}{
		// (1,2) (1,3) (2,3) count 1 each, (2,2) a half: J = 3.5.
		{"by hand", []float64{1, 2, 2, 3}, []int{0, 0, 1, 1}, 7},
		{"rising", []float64{1, 2, 3}, []int{0, 1, 2}, 6},
		{"falling", []float64{3, 2, 1}, []int{0, 1, 2}, 0},
		{"equal", []float64{5, 5, 5}, []int{0, 1, 2}, 3},
		{"infinities are equal", []float64{1, inf, inf, 2}, []int{0, 1, 2, 2}, 2*2 + 2*1 + 1},
		// Hollander, Wolfe 1973, Nonparametric Statistical Methods, example 6.2: J = 79.
		{"knowledge of performance", knowledge, knowledgeGroups, 158},
	} {
		blocks := make([]int, len(c.y))
		d := newDesign(c.y, c.groups, blocks, maxOf(c.groups), 1)
		if got := d.statistic(); got != c.want || got != doubleJ(c.y, c.groups, blocks) {
			t.Errorf("%s: 2J is %d, want %d (by definition %d)", c.name, got, c.want, doubleJ(c.y, c.groups, blocks))
		}
	}
}

var (
	knowledge       = []float64{40, 35, 38, 43, 44, 41, 38, 40, 47, 44, 40, 42, 48, 40, 45, 43, 46, 44}
	knowledgeGroups = []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2}
)

// TestNullByEnumeration compares null distributions with a count of all permutations.
func TestNullByEnumeration(t *testing.T) {
	for _, c := range []struct {
		name           string
		y              []float64
		groups, blocks []int
	}{
		{"untied", []float64{1, 2, 3, 4, 5, 6, 7}, []int{0, 1, 1, 2, 2, 2, 0}, nil},
		{"two groups", []float64{4, 8, 1, 2, 3, 9}, []int{0, 0, 1, 1, 1, 1}, nil},
		{"tied", []float64{1, 1, 2, 3, 3, 3, 4}, []int{0, 1, 1, 2, 2, 2, 0}, nil},
		{"censored", []float64{1, 2, 2, math.Inf(1), math.Inf(1), 1, 0, 5}, []int{0, 0, 0, 1, 1, 2, 2, 2}, nil},
		{"all equal", []float64{1, 1, 1, 1}, []int{0, 0, 1, 1}, nil},
		{"four groups of two", []float64{1, 2, 2, 4, 4, 4, 7, 8}, []int{0, 0, 1, 1, 2, 2, 3, 3}, nil},
		{"blocks", []float64{1, 2, 3, 9, 9, 7}, []int{0, 1, 2, 0, 1, 2}, []int{0, 0, 0, 1, 1, 1}},
		{"uneven blocks", []float64{1, 2, 2, 3, 9, 7}, []int{0, 1, 2, 2, 0, 2}, []int{0, 0, 0, 0, 1, 1}},
	} {
		if c.blocks == nil {
			c.blocks = make([]int, len(c.y))
		}
		d := newDesign(c.y, c.groups, c.blocks, maxOf(c.groups), maxOf(c.blocks))
		got, want := d.null(), enumerate(c.y, c.groups, c.blocks)
		if len(got) != 2*d.pairs()+1 {
			t.Errorf("%s: %d probabilities for %d pairs", c.name, len(got), d.pairs())
		}
		sum := 0.0
		for s, p := range got {
			sum += p
			if math.Abs(p-want[s]) > 1e-14 {
				t.Errorf("%s: P(2J = %d) is %v, want %v", c.name, s, p, want[s])
			}
		}
		if math.Abs(sum-1) > 1e-13 {
			t.Errorf("%s: the probabilities add to %v", c.name, sum)
		}
		observed := d.statistic()
		for _, upper := range []bool{true, false} {
			p, exact, err := tailP(d, upper, 1)
			want := tailOf(want, observed, upper)
			if !exact || err != nil || math.Abs(p-want) > 1e-13 {
				t.Errorf("%s, upper %v: p is %v (exact %v, %v), want %v", c.name, upper, p, exact, err, want)
			}
		}
	}
}

func tailOf(null map[int]float64, observed int, upper bool) float64 {
	p := 0.0
	for s, q := range null {
		if s == observed || (s > observed) == upper {
			p += q
		}
	}
	return p
}

// TestKnownAnswer: 359,641 of the 17,153,136 ways to deal the 18 values reach J = 79, counted one by
// one by a program of its own.
func TestKnownAnswer(t *testing.T) {
	d := newDesign(knowledge, knowledgeGroups, make([]int, len(knowledge)), 3, 1)
	p, exact, err := tailP(d, true, 1)
	if want := 359641. / 17153136; !exact || err != nil || math.Abs(p-want) > 1e-15 {
		t.Errorf("p is %v (exact %v, %v), want %v", p, exact, err, want)
	}
}

// TestTiedAgreesWithUntied compares the two exact methods where both apply.
func TestTiedAgreesWithUntied(t *testing.T) {
	for _, sizes := range [][]int{{1, 1}, {5, 5, 5}, {2, 7, 3, 4}, {0, 3, 4}, {12, 9}} {
		n := 0
		for _, s := range sizes {
			n += s
		}
		a, b := untied(sizes), tied(sizes, slices.Repeat([]int{1}, n))
		for s := range a {
			if math.Abs(a[s]-b[s]) > 1e-14 {
				t.Errorf("%v: P(2J = %d) is %v and %v", sizes, s, a[s], b[s])
			}
		}
	}
}

// TestMannWhitney checks a table: of the 70 ways to choose 4 of 8, so many have U = 0, 1, ...
// (Mann, Whitney 1947, table I, n = m = 4).
func TestMannWhitney(t *testing.T) {
	want := []float64{1, 1, 2, 3, 5, 5, 7, 7, 8, 7, 7, 5, 5, 3, 2, 1, 1}
	for u, p := range mannWhitney(4, 4) {
		if math.Abs(p*70-want[u]) > 1e-12 {
			t.Errorf("P(U = %d) is %v/70, want %v/70", u, p*70, want[u])
		}
	}
}

func tailP(d *design, upper bool, permutations int) (p float64, exact bool, err error) {
	below, above, method, err := d.tails(&Question{Permutations: permutations, Purpose: "test/permutation"})
	if upper {
		below = above
	}
	return below, method == Exact, err
}

func permuted(d *design, upper bool, permutations int) (p float64, err error) {
	below, above, err := d.permute(&Question{Permutations: permutations, Purpose: "test/permutation"})
	if upper {
		below = above
	}
	return below, err
}

// TestPermute compares random permutations with the exact p-value: each estimate lies within 4.5
// standard errors.
func TestPermute(t *testing.T) {
	blocks := make([]int, len(knowledge))
	two := make([]int, len(knowledge))
	for i := range two {
		two[i] = i % 2
	}
	for _, b := range [][]int{blocks, two} {
		d := newDesign(knowledge, knowledgeGroups, b, 3, maxOf(b))
		for _, upper := range []bool{true, false} {
			exact, isExact, err := tailP(d, upper, 1)
			if !isExact || err != nil {
				t.Fatalf("no exact p-value: %v", err)
			}
			const n = 20000
			p, err := permuted(d, upper, n)
			if err != nil || math.Abs(p-exact) > 4.5*math.Sqrt(exact*(1-exact)/n) {
				t.Errorf("upper %v: p is %v, exactly %v (%v)", upper, p, exact, err)
			}
		}
	}
}

// TestFalsePositives draws data without any trend. Where there are no ties, the share of significant
// draws is the largest p-value up to alpha that the design can give, known beforehand; elsewhere it
// is at most alpha, and not far below. The bounds are 3.3 standard errors (.0034 each with 4,000
// draws).
func TestFalsePositives(t *testing.T) {
	const draws, alpha = 4000, 0.05
	stream := kernel.NewStream(1, "test/null")
	for _, c := range []struct {
		name          string
		groups, seeds int
		levels        int // values are rounded to so many; 0 for none equal
		blocked, step bool
	}{
		{"untied", 4, 5, 0, false, false},
		{"tied", 3, 6, 9, false, false},
		{"blocked", 4, 6, 0, true, false},
		{"permuted", 4, 8, 30, false, true},
	} {
		n := draws
		if c.step {
			n = 1000
		}
		significant, level, least := 0, alpha, alpha-0.015
		for range n {
			var y []float64
			var groups, blocks []int
			for g := range c.groups {
				for s := range c.seeds {
					v := stream.Float64()
					if c.levels > 0 {
						v = float64(stream.IntN(c.levels))
					}
					if c.blocked {
						v += 10 * float64(s) // rows of one seed resemble each other
					}
					y, groups, blocks = append(y, v), append(groups, g), append(blocks, s)
				}
			}
			if !c.blocked {
				clear(blocks)
			}
			d := newDesign(y, groups, blocks, c.groups, maxOf(blocks))
			p, exact, err := tailP(d, true, 199)
			if c.step {
				p, err = permuted(d, true, 199)
			} else if !exact {
				t.Fatalf("%s: no exact p-value", c.name)
			}
			if err != nil {
				t.Fatal(err)
			}
			if p <= alpha {
				significant++
			}
			if c.levels == 0 && significant == 0 {
				level = attainable(d.null(), alpha)
				least = level
			}
		}
		rate, se := float64(significant)/float64(n), math.Sqrt(alpha*(1-alpha)/float64(n))
		t.Logf("%s: %d of %d draws are significant (%.4f), %.4f expected", c.name, significant, n, rate, level)
		if rate > level+3.3*se || rate < least-3.3*se {
			t.Errorf("%s: %.4f of the draws without a trend are significant at %v", c.name, rate, alpha)
		}
	}
}

// attainable gives the largest tail probability of at most alpha.
func attainable(null []float64, alpha float64) float64 {
	sum := 0.0
	for s := len(null) - 1; s >= 0 && sum+null[s] <= alpha; s-- {
		sum += null[s]
	}
	return sum
}

func TestLeastP(t *testing.T) {
	for _, c := range []struct {
		sizes []int
		want  float64
	}{{[]int{3, 3}, 1. / 20}, {[]int{2, 2, 2}, 1. / 90}, {[]int{1, 1, 1}, 1. / 6}, {[]int{4}, 1}, {[]int{0, 5}, 1}} {
		if got := leastP(c.sizes); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("leastP(%v) = %v, want %v", c.sizes, got, c.want)
		}
	}
	for _, c := range []struct {
		groups  int
		alpha   float64
		blocked bool
		want    int
	}{{2, 0.05, false, 3}, {3, 0.05, false, 2}, {2, 0.01, false, 5}, {2, 0.05, true, 5}, {3, 0.05, true, 2}, {4, 0.05, true, 1}} {
		if got := enough(c.groups, c.alpha, c.blocked); got != c.want {
			t.Errorf("enough(%d, %v, %v) = %d, want %d", c.groups, c.alpha, c.blocked, got, c.want)
		}
	}
}

// TestLargeDesign: with many pairs the distribution is taken for normal, which random permutations confirm; ties and blocks count.
func TestLargeDesign(t *testing.T) {
	stream := kernel.NewStream(2, "test/large")
	for _, blocks := range []int{1, 20} {
		var y []float64
		var groups, block []int
		for i := range 1200 {
			y, groups, block = append(y, float64(stream.IntN(50))+0.8*float64(i%4)), append(groups, i%4), append(block, i/4%blocks)
		}
		d := newDesign(y, groups, block, 4, blocks)
		if d.pairs() <= maxPairs {
			t.Fatal("too few pairs to test anything")
		}
		for _, upper := range []bool{false, true} {
			p, exact, err := tailP(d, upper, 1)
			const n = 4000
			want, err2 := permuted(d, upper, n)
			if exact || err != nil || err2 != nil || math.Abs(p-want) > 4.5*math.Sqrt(want*(1-want)/n) {
				t.Errorf("%d blocks, upper %v: p is %v (exact %v, %v), %v by permutations", blocks, upper, p, exact, err, want)
			}
		}
	}
}

// TestVariance compares the variance of J with that of its distribution.
func TestVariance(t *testing.T) {
	for _, c := range []struct {
		y      []float64
		groups []int
	}{
		{knowledge, knowledgeGroups}, {[]float64{1, 2, 3, 4, 5, 6, 7}, []int{0, 1, 1, 2, 2, 2, 0}}, {[]float64{1, 1, 2, 2, 2, 9}, []int{0, 0, 1, 1, 2, 2}},
		{[]float64{3, 3, 3}, []int{0, 1, 2}}, {[]float64{1, 2}, []int{0, 1}},
	} {
		d := newDesign(c.y, c.groups, make([]int, len(c.y)), maxOf(c.groups), 1)
		mean, square := 0.0, 0.0
		for s, p := range d.null() {
			mean += p * float64(s) / 2
			square += p * float64(s*s) / 4
		}
		if got, want := d.variance(), square-mean*mean; math.Abs(got-want) > 1e-9*(1+want) {
			t.Errorf("%v: %v, want %v", c.y, got, want)
		}
	}
}
