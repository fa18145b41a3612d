package claimtests

import (
	"cmp"
	"context"
	"math"
	"slices"

	"spurion/stages"
	"spurion/stages/numeric/inference"
)

// placing is a test in which the worst value of a row depends on the other rows: of a trend, whose middle rows gain
// by being above those before them and below those behind.
type placing interface {
	// placed gives the verdict when the rows whose measured value is one of marks have those that favour the claim
	// most, or least.
	placed(ctx context.Context, r *stages.Run, marks []float64, x extremes, best bool) (string, error)
}

// placed puts each value of marks where it agrees most with the trend, or least, in the count of Jonckheere and
// Terpstra. The best places of values rise with x and the worst fall, so that they are also best, and worst, with
// respect to each other. It is no verdict where rows that failed would be reduced with others that are there.
func (s *TrendSettings) placed(ctx context.Context, r *stages.Run, marks []float64, x extremes, best bool) (string, error) {
	t, err := s.open(ctx, r)
	if err != nil {
		return "", err
	}
	p := &places{trendRows: &t.trendRows, x: x, rising: best == (s.Direction == "increasing")}
	isMark := make(map[float64]bool, len(marks))
	for _, y := range marks {
		isMark[y] = true
	}
	for i, rows := range t.of {
		marked := 0
		for _, y := range rows {
			if isMark[y] {
				marked++
			}
		}
		switch {
		case marked == len(rows):
			p.open = append(p.open, i)
		case marked > 0:
			return "", nil
		case finite(t.y[i]):
			p.known = append(p.known, t.y[i])
		}
	}
	slices.Sort(p.known)
	p.known = slices.Compact(p.known)
	p.fill()
	top := slices.MaxFunc(t.y, func(a, b float64) int { return cmp.Compare(seen(a), seen(b)) })
	for _, i := range p.open {
		if y := t.y[i]; finite(y) {
			t.values[i] = inference.Value{Score: y, Least: y, Most: y}
		} else {
			t.values[i] = inference.Above(top)
		}
	}
	return t.Verdict(nil)
}

// seen puts the nulls of a censored column below everything.
func seen(y float64) float64 {
	if math.IsInf(y, 1) {
		return math.Inf(-1)
	}
	return y
}

// places finds values for some rows of a trend.
type places struct {
	*trendRows
	x      extremes
	rising bool      // whether y is to rise with x, or to fall
	open   []int     // rows without a value
	known  []float64 // the values of the others, ascending, each once
}

// fill gives each open row its value. A place is a number: 2i+1 is above i of the known values, 2n+2 is a null.
func (p *places) fill() {
	isOpen := make([]bool, len(p.y))
	for _, i := range p.open {
		isOpen[i] = true
	}
	at := make([]int, len(p.open))
	for k, i := range p.open {
		at[k] = p.place(i, isOpen)
	}
	if !p.x.tied {
		p.part(at)
	}
	order := make([]int, len(p.open))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x := cmp.Compare(p.group[p.open[a]], p.group[p.open[b]])
		if !p.rising {
			x = -x
		}
		return cmp.Or(cmp.Compare(at[a], at[b]), x)
	})
	rank := 0
	for i, k := range order {
		if tied := i > 0 && p.x.tied && at[k] == at[order[i-1]] && p.group[p.open[k]] == p.group[p.open[order[i-1]]]; !tied {
			rank = i
		}
		p.y[p.open[k]] = p.value(at[k], rank, len(order))
	}
}

// part leaves of the nulls of a block only those that are to be highest: the others are just below, and no ties with them.
func (p *places) part(at []int) {
	null := 2*len(p.known) + 2
	highest := map[int]int{} // by block: the x of those that are to be highest
	for k, i := range p.open {
		x, known := highest[p.block[i]]
		if at[k] == null && (!known || (p.group[i] > x) == p.rising) {
			highest[p.block[i]] = p.group[i]
		}
	}
	for k, i := range p.open {
		if at[k] == null && p.group[i] != highest[p.block[i]] {
			at[k]--
		}
	}
}

// place finds where an open row agrees most with a rise, or with a fall. Of several such places it takes the lowest
// for the half of x in which a row is to be low, and else the highest.
func (p *places) place(row int, isOpen []bool) int {
	n := len(p.known)
	last := 2*n + 1
	if p.x.null {
		last++
	}
	score := p.scores(row, last, isOpen)
	low := 2*p.group[row] < len(p.trendRows.x)-1 // it is to be low in a rise
	found := 0
	for place := 1; place <= last; place++ {
		if place%2 == 0 && place <= 2*n {
			continue // that of a known value
		}
		gain := score[place] - score[max(found, 1)]
		if !p.rising {
			gain = -gain
		}
		if found == 0 || gain > 0 || gain == 0 && low != p.rising {
			found = place
		}
	}
	return found
}

// scores gives, for each place of a row up to the last, twice how many pairs with rows that have a value rise, equal ones
// counted half.
func (p *places) scores(row, last int, isOpen []bool) []int {
	steps := make([]int, last+3) // by how much each place has more than the one before it
	for j, y := range p.y {
		if isOpen[j] || p.block[j] != p.block[row] || p.group[j] == p.group[row] {
			continue
		}
		other := 2*len(p.known) + 2 // a null
		if finite(y) {
			i, _ := slices.BinarySearch(p.known, y)
			other = 2*i + 2 // between the places below and above it
		}
		step := 1 // a row before it: it rises from there on
		if p.group[j] > p.group[row] {
			step = -1
			steps[0] += 2
		}
		if other <= last {
			steps[other] += step
			steps[other+1] += step
		}
	}
	for place := range steps[1:] {
		steps[place+1] += steps[place]
	}
	return steps
}

// value gives a number at a place, the rank-th of all the open rows, which are of, from below.
func (p *places) value(place, rank, of int) float64 {
	share := float64(rank+1) / float64(of+1)
	n := len(p.known)
	switch below := place / 2; {
	case place == 2*n+2:
		return math.Inf(1)
	case n == 0 || below == n:
		return float64(p.x.high * (1 + share))
	case below == 0 && p.x.low > 0:
		return float64(p.x.low * (0.5 + share/2))
	case below == 0:
		return float64(p.x.low * (2 - share))
	default:
		return p.known[below-1] + float64(share*(p.known[below]-p.known[below-1]))
	}
}
