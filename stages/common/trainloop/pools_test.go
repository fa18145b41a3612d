package trainloop

import (
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

func TestPools(t *testing.T) {
	pools := Pools([]int16{3, 0, 3, 0, 1, 3}, 4)
	if len(pools) != 3 || !slices.Equal(pools[0], []int32{1, 3}) || !slices.Equal(pools[1], []int32{4}) || !slices.Equal(pools[2], []int32{0, 2, 5}) {
		t.Errorf("pools %v", pools)
	}
	if none := Pools(nil, 4); len(none) != 0 || Smallest(none) != 0 || Smallest(pools) != 1 {
		t.Errorf("%v of no rows; the smallest has %d and %d", none, Smallest(none), Smallest(pools))
	}
}

// A subset has each of every pool, and every one of a pool is as likely.
func TestSubset(t *testing.T) {
	stream := kernel.NewStream(3, "subset")
	const draws = 6000
	var count [6]int
	for range draws {
		list := Subset([]int32{9}, [][]int32{{0, 1, 2, 3}, {4}, {5}}, 2, stream)
		if len(list) != 5 || list[0] != 9 || list[1] > 3 || list[2] > 3 || list[1] == list[2] || list[3] != 4 || list[4] != 5 {
			t.Fatalf("a subset is %v", list)
		}
		for _, row := range list[1:] {
			count[row]++
		}
	}
	for row, n := range count[:4] { // six standard deviations of draws at 1/2
		if n < draws/2-233 || n > draws/2+233 {
			t.Errorf("row %d is in %d of %d subsets, want half", row, n, draws)
		}
	}
	if count[4] != draws || count[5] != draws {
		t.Errorf("rows of pools of one are in %v", count[4:])
	}
}
