package inference

import "math"

// kth gives the k-th smallest, from 0, of numbers that are counted instead of listed: count gives how many are at
// most t. It halves the float64 in their order, so that it takes 64 counts and is exact.
func kth(k int, count func(t float64) int) float64 {
	low := ordinal(math.Inf(-1))
	all := uint64(ordinal(math.Inf(1)) - low)
	i := search(all, func(i uint64) bool { return count(ordered(low+int64(i))) > k })
	return ordered(low+int64(i)) + 0 // 0 instead of -0
}

// ordinal gives the place of a float64 in their order; ordered is its inverse.
func ordinal(x float64) int64 {
	bits := int64(math.Float64bits(x))
	if bits < 0 {
		return math.MinInt64 - bits
	}
	return bits
}

func ordered(place int64) float64 {
	if place < 0 {
		place = math.MinInt64 - place
	}
	return math.Float64frombits(uint64(place))
}

// search gives the least i in [0, n) of which f is true, as it is of all that are greater; n if there is none.
func search(n uint64, f func(uint64) bool) uint64 {
	low, high := uint64(0), n
	for low < high {
		if middle := low + (high-low)/2; f(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// lastOf bisects between from, of which f is true unless the answer is from, and to, of which it is not: it gives the number nearest
// to from of which f is not true.
func lastOf(from, to float64, f func(float64) bool) float64 {
	if from == to || !f(math.Nextafter(from, to)) {
		return from
	}
	for {
		middle := halfway(from, to)
		if middle == from || middle == to {
			return to
		}
		if f(middle) {
			from = middle
		} else {
			to = middle
		}
	}
}
