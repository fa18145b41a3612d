package debias

import (
	"slices"

	"spurion/stages/common/evaluation"
)

// A Partition is what a method infers of the groups: cells of the training samples.
type Partition struct {
	Count int     // cells are 0 to Count-1
	Cells []int16 // [n]
}

// crossed gives the partition into cells within classes, 2 Count of them: the cell c of label y is
// y Count + c.
func (p Partition) crossed(labels []int16) Partition {
	cells := slices.Clone(p.Cells)
	for i, y := range labels {
		cells[i] += y * int16(p.Count)
	}
	return Partition{2 * p.Count, cells}
}

// byClass counts the samples of each cell in each class, [2, Count].
func (p Partition) byClass(labels []int16) [2][]int {
	count := [2][]int{make([]int, p.Count), make([]int, p.Count)}
	for i, c := range p.Cells {
		count[labels[i]][c]++
	}
	return count
}

// Minority gives the minority that a partition stands for, [n]: in each class the largest cell is
// the majority, the first of equals, and all other samples are of the minority.
func (p Partition) Minority(labels []int16) []bool {
	var largest [2]int16
	for y, count := range p.byClass(labels) {
		largest[y] = int16(slices.Index(count, slices.Max(count)))
	}
	minority := make([]bool, len(labels))
	for i, y := range labels {
		minority[i] = p.Cells[i] != largest[y]
	}
	return minority
}

// Used counts the cells that have samples.
func (p Partition) Used() int {
	seen := make([]bool, p.Count)
	used := 0
	for _, c := range p.Cells {
		if !seen[c] {
			seen[c] = true
			used++
		}
	}
	return used
}

// RandIndex is the adjusted Rand index (Hubert and Arabie 1985) of the cells and the attributes
// within a class, its mean over classes weighted by their samples: 1 if cells are the groups, and 0
// on average for random cells of their sizes. A class in which both have one cell, or only
// cells of one sample, has no index; without any there is none.
func (p Partition) RandIndex(labels, attributes []int16) evaluation.Optional {
	var joint [2][][2]int // [class][cell][attribute]
	for y := range joint {
		joint[y] = make([][2]int, p.Count)
	}
	for i, c := range p.Cells {
		joint[labels[i]][c][attributes[i]]++
	}
	var sum, samples float64
	for _, class := range joint {
		if index, n := adjustedRand(class); index.Valid {
			sum += float64(index.Value * float64(n))
			samples += float64(n)
		}
	}
	if samples == 0 {
		return evaluation.Optional{}
	}
	return evaluation.Some(sum / samples)
}

// adjustedRand compares two partitions of n samples by the counts of their common samples.
func adjustedRand(joint [][2]int) (index evaluation.Optional, n int) {
	pairs := func(n int) float64 { return float64(n) * float64(n-1) / 2 }
	var both, rows, columns float64
	var attribute [2]int
	for _, count := range joint {
		both += pairs(count[0]) + pairs(count[1])
		rows += pairs(count[0] + count[1])
		attribute[0] += count[0]
		attribute[1] += count[1]
	}
	n = attribute[0] + attribute[1]
	if n < 2 {
		return evaluation.Optional{}, n
	}
	columns = pairs(attribute[0]) + pairs(attribute[1])
	expected := float64(rows * (columns / pairs(n)))
	most := (rows + columns) / 2
	if most == expected {
		return evaluation.Optional{}, n
	}
	return evaluation.Some((both - expected) / (most - expected)), n
}
