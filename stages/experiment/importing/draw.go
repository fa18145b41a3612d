package importing

import (
	"cmp"
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// A stratum is rows of which shares are drawn.
type stratum []int32

// divide puts the rows of each stratum into splits, exactly as many as the fractions say: what is over by rounding down goes to the largest
// remainders, those of equal ones to the first split. The splits of all rows are written to splits.
func divide(strata []stratum, fractions map[string]float64, seed int64, splits []int8) {
	var shares [3]float64
	for name, share := range fractions {
		shares[splitPlace(name)] = share
	}
	stream := kernel.NewStream(seed, "import/split")
	for _, rows := range strata {
		counts := apportioned(len(rows), shares)
		shuffled := slices.Clone(rows)
		stream.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		for split, n := range counts {
			for _, row := range shuffled[:n] {
				splits[row] = int8(split)
			}
			shuffled = shuffled[n:]
		}
	}
}

// apportioned divides n by shares, which sum to 1, by the largest remainders (Hamilton's method).
func apportioned(n int, shares [3]float64) (counts [3]int) {
	var rest [3]float64
	left := n
	order := []int{0, 1, 2}
	for i, share := range shares {
		quota := float64(share * float64(n))
		counts[i] = min(left, int(math.Floor(quota)))
		rest[i] = quota - float64(counts[i])
		left -= counts[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order {
		if left > 0 && shares[i] > 0 {
			counts[i]++
			left--
		}
	}
	return counts
}

// limited leaves so many rows of each class in each split, drawn, in their order.
func limited(rows []int32, splits []int8, label []int16, limit int, seed int64) []int32 {
	type cell struct {
		split int8
		label int16
	}
	cells := map[cell][]int32{}
	for _, row := range rows {
		c := cell{splits[row], label[row]}
		cells[c] = append(cells[c], row)
	}
	order := make([]cell, 0, len(cells))
	for c := range cells {
		order = append(order, c)
	}
	slices.SortFunc(order, func(a, b cell) int { return cmp.Or(cmp.Compare(a.split, b.split), cmp.Compare(a.label, b.label)) })
	stream := kernel.NewStream(seed, "import/limit")
	kept := rows[:0:0]
	for _, c := range order {
		of := cells[c]
		stream.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		kept = append(kept, of[:min(limit, len(of))]...)
	}
	slices.Sort(kept)
	return kept
}

// arrange brings rows of width values into an order, in place: row i becomes what row order[i] was. Rows that order does not name
// are lost, and the result is as long as the order says.
func arrange[T any](values []T, width int, order []int32) []T {
	rows := len(values) / max(width, 1)
	identity := true
	for i, from := range order {
		if identity = int(from) == i; !identity {
			break
		}
	}
	if identity {
		return values[:len(order)*width]
	}
	to := make([]int32, 0, rows) // a permutation: the rest follows
	to = append(to, order...)
	named := make([]bool, rows)
	for _, from := range order {
		named[from] = true
	}
	for row, is := range named {
		if !is {
			to = append(to, int32(row))
		}
	}
	held := make([]T, width)
	for start := range to {
		if to[start] < 0 || int(to[start]) == start {
			continue
		}
		copy(held, values[start*width:(start+1)*width])
		at := start
		for {
			from := int(to[at])
			to[at] = -1
			if from == start {
				copy(values[at*width:(at+1)*width], held)
				break
			}
			copy(values[at*width:(at+1)*width], values[from*width:(from+1)*width])
			at = from
		}
	}
	return values[:len(order)*width]
}
