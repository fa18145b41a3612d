package inference

import "math"

// kth gives the k-th smallest, from 0, of numbers that are counted instead of listed: count gives how many are at
// most t. It halves the float64 in their order, so that it takes 64 counts and is exact.
func kth(k int, count func(t float64) int) float64 {
	low, high := ordinal(math.Inf(-1)), ordinal(math.Inf(1))
	for low < high {
		middle := low + int64(uint64(high-low)/2)
		if count(ordered(middle)) > k {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return ordered(high) + 0 // 0 instead of -0
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
