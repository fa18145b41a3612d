package trainloop

import (
	"slices"

	"spurion/stages/numeric/kernel"
)

// Pools gives the rows of each cell that has any, in the order of cells and ascending in each. cells holds each
// row's, from 0; there are n.
func Pools(cells []int16, n int) [][]int32 {
	pools := make([][]int32, n)
	for row, c := range cells {
		pools[c] = append(pools[c], int32(row))
	}
	return slices.DeleteFunc(pools, func(pool []int32) bool { return len(pool) == 0 })
}

// Smallest gives the size of the smallest pool, 0 without any.
func Smallest(pools [][]int32) int {
	if len(pools) == 0 {
		return 0
	}
	return len(slices.MinFunc(pools, func(a, b []int32) int { return len(a) - len(b) }))
}

// Subset appends to list each of every pool's rows, or all of a smaller one, drawn without replacement: the first
// after a shuffle, pool by pool. It reorders pools.
func Subset(list []int32, pools [][]int32, each int, stream *kernel.Stream) []int32 {
	for _, pool := range pools {
		kernel.Shuffle(pool, stream)
		list = append(list, pool[:min(each, len(pool))]...)
	}
	return list
}
