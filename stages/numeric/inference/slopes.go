package inference

import (
	"math"
	"slices"
)

// maxSlopes is how many slopes are listed; of more, some are found by counting.
const maxSlopes = 4_000_000

// slopes are those of all pairs of values of one block that differ in x. At the larger x a value counts as what later gives, at the
// smaller as what earlier gives.
type slopes struct {
	*trend
	later, earlier []float64
	pairs          int
	sorted         []float64 // nil if there are too many
}

func (t *trend) slopes(later, earlier func(Value) float64, pairs int) *slopes {
	s := &slopes{trend: t, later: pick(t.y, later), earlier: pick(t.y, earlier), pairs: pairs}
	if pairs > maxSlopes {
		return s
	}
	s.sorted = make([]float64, 0, pairs)
	for _, m := range t.members() {
		for _, i := range m {
			for _, j := range m {
				if t.x[i] < t.x[j] {
					s.sorted = append(s.sorted, (s.later[j]-s.earlier[i])/(t.x[j]-t.x[i]))
				}
			}
		}
	}
	slices.Sort(s.sorted)
	return s
}

// members lists the values of each block by ascending x.
func (t *trend) members() [][]int {
	order := make([]int, len(t.x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return t.group[a] - t.group[b] })
	list := make([][]int, t.blocks)
	for _, i := range order {
		list[t.block[i]] = append(list[t.block[i]], i)
	}
	return list
}

// at gives the k-th smallest slope, from 0.
func (s *slopes) at(k int) float64 {
	if s.sorted != nil {
		return s.sorted[k]
	}
	members := s.members()
	reach := s.reach()
	switch {
	case s.upTo(-reach, members) > k:
		return math.Inf(-1)
	case s.upTo(reach, members) <= k:
		return math.Inf(1)
	}
	low := ordinal(-reach)
	// Twice the distance of two float64 of opposite sign may be more than an int64 holds.
	i := search(uint64(ordinal(reach)-low), func(i uint64) bool { return s.upTo(ordered(low+int64(i)), members) > k })
	return ordered(low+int64(i)) + 0
}

// median gives the middle slope, or the mean of the middle two.
func (s *slopes) median() float64 {
	low, high := s.at((s.pairs-1)/2), s.at(s.pairs/2)
	if low != high && finite(low) && finite(high) {
		return halfway(low, high)
	}
	return high
}

// reach gives a number that is larger than every finite slope.
func (s *slopes) reach() float64 {
	return min(float64(4*s.steepest())+1, 1e150)
}

// slack gives what slopes owe to rounding.
func (s *slopes) slack() float64 { return float64(rounding * s.steepest()) }

// steepest gives the largest value over the least distance in x.
func (s *slopes) steepest() float64 {
	largest := 0.0
	for _, y := range slices.Concat(s.later, s.earlier) {
		if finite(y) {
			largest = max(largest, math.Abs(y))
		}
	}
	step := math.Inf(1)
	for i, x := range s.levels[1:] {
		step = min(step, x-s.levels[i])
	}
	return largest / step
}

// upTo counts the slopes that are at most b: the pairs in which y - b x of the later value is at most that of the earlier.
func (s *slopes) upTo(b float64, members [][]int) int {
	n := 0
	for _, m := range members {
		var before, level []float64 // of earlier values, sorted; of those at the x in hand
		for at, i := range m {
			if at > 0 && s.group[i] != s.group[m[at-1]] {
				before, level = merged(before, level), level[:0]
			}
			moved := float64(b * s.x[i])
			first, _ := slices.BinarySearch(before, s.later[i]-moved)
			n += len(before) - first
			level = append(level, s.earlier[i]-moved)
		}
	}
	return n
}

// merged gives both lists as one in ascending order; the second need not be sorted.
func merged(sorted, more []float64) []float64 {
	slices.Sort(more)
	list := make([]float64, 0, len(sorted)+len(more))
	i := 0
	for _, x := range more {
		for i < len(sorted) && sorted[i] <= x {
			list = append(list, sorted[i])
			i++
		}
		list = append(list, x)
	}
	return append(list, sorted[i:]...)
}
