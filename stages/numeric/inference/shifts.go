package inference

// shifts asks Brunner and Munzel's test at one shift after the other.
type shifts struct {
	*two
	q       *Question
	student bool
	floor   float64 // of one-sided p-values
	method  Method
	untied  *dealt // the distribution of deals without ties, which is the same at each shift
}

// tails gives the one-sided p-values at a shift.
func (b *shifts) tails(shift float64) (below, above float64, err error) {
	runs := b.runs(shift)
	p := place(runs)
	if b.student {
		b.method = Student
		below, above = p.studentTails(b.floor)
		return below, above, nil
	}
	d := b.untied
	if tied := len(runs) < p.n+p.m; d == nil || tied {
		if d, err = deal(runs, b.q); err != nil {
			return 0, 0, err
		}
		if !tied {
			b.untied = d
		}
	}
	b.method = Permutations
	if d.exact {
		b.method = Exact
	}
	b.floor = max(b.floor, d.leastTail)
	below, above = d.tails(p.statistic())
	return below, above, nil
}

// keeps reports whether the test does not reject a shift.
func (b *shifts) keeps(shift float64) (bool, error) {
	below, above, err := b.tails(shift)
	return twice(min(below, above)) > b.q.Alpha, err
}

// lean gives the side to which x lies of y after a shift: 1, 0 or -1. It falls as the shift grows.
func (b *shifts) lean(shift float64) int {
	p := place(b.runs(shift))
	switch equal := float64(p.n * p.m); {
	case p.sum > equal:
		return 1
	case p.sum < equal:
		return -1
	}
	return 0
}

// end gives one end of the shifts that are kept: the low one for sign 1, the high one for -1; none if there is no end on
// that side. It is a gap of two values.
func (b *shifts) end(sign int, none float64) (float64, error) {
	if len(b.x)*len(b.y) > maxLevels {
		return b.bisect(sign, none)
	}
	// The shifts between neighbouring levels are alike. They are pieces, numbered from the outside.
	levels := b.levels()
	last := len(levels)
	piece := func(i int) float64 {
		if sign < 0 {
			i = last - i
		}
		low, high := b.bounds()
		switch i {
		case 0:
			return low
		case last:
			return high
		}
		return b.middle(levels[i-1], levels[i])
	}
	first, err := b.first(uint64(last), sign, b.student || !b.tied(), func(i uint64) float64 { return piece(int(i)) })
	switch {
	case err != nil:
		return 0, err
	case first == 0:
		return none, nil
	case sign > 0:
		return levels[first-1], nil
	}
	return levels[last-int(first)], nil
}

// first gives the least i up to last whose shift is kept, or at which the groups no longer lean to the side where they do from
// the outside: with all each i is looked at, else it is found by bisection.
func (b *shifts) first(last uint64, sign int, all bool, at func(i uint64) float64) (uint64, error) {
	var err error
	keeps := func(i uint64) bool {
		kept := err != nil
		if !kept {
			kept, err = b.keeps(at(i))
		}
		return kept
	}
	inner := search(last, func(i uint64) bool { return sign*b.lean(at(i)) <= 0 })
	if !all {
		i := search(inner, keeps)
		return i, err
	}
	for i := range inner {
		if keeps(i) {
			return i, err
		}
	}
	return inner, err
}

// bisect seeks an end among all float64, and then the gap that lies there.
func (b *shifts) bisect(sign int, none float64) (float64, error) {
	least, most := b.bounds()
	low, high := ordinal(least), ordinal(most)
	middle := ordinal(b.two.median())
	middle = min(max(middle, low), high)
	at := func(i uint64) float64 { return ordered(low + int64(i)) }
	last := uint64(middle - low)
	if sign < 0 {
		at = func(i uint64) float64 { return ordered(high - int64(i)) }
		last = uint64(high - middle)
	}
	first, err := b.first(last, sign, false, at)
	if err != nil || first == 0 {
		return none, err
	}
	// The test changes where rounding makes values equal: the slack before or after the gap.
	found := at(first)
	wide := float64(2 * b.slack)
	if b.ratio {
		wide = float64(2 * rounding * found)
	}
	if sign > 0 {
		return kth(b.upTo(found-wide), b.upTo), nil
	}
	return kth(b.upTo(found+wide)-1, b.upTo), nil
}
