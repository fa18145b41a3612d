package debias

import (
	"fmt"
	"slices"

	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
)

// A Partition is what a method infers of the groups: cells of the training samples.
type Partition struct {
	Count int     // cells are 0 to Count-1
	Cells []int16 // [n]
}

// addClass puts the samples of a class, which rows lists, into cells of their own, behind those that are there: clusters says
// which of so many each is in. More than 2^15 cells in all are an error.
func (p *Partition) addClass(rows []int32, clusters []int, count int) error {
	if p.Count+count > dataset.MaxGroups {
		return fmt.Errorf("the classes have more than %d clusters together: set clusters or max_clusters lower", dataset.MaxGroups)
	}
	for i, row := range rows {
		p.Cells[row] = int16(p.Count + clusters[i])
	}
	p.Count += count
	return nil
}

// crossed gives the partition into cells within classes, classes times Count of them: the cell c of label y is
// y Count + c. More than 2^15 are an error.
func (p Partition) crossed(labels []int16, classes int) (Partition, error) {
	if classes*p.Count > dataset.MaxGroups {
		return p, fmt.Errorf("%d classes with %d cells each make more than %d cells: give the data set fewer classes, or use a method that does not divide them", classes, p.Count, dataset.MaxGroups)
	}
	cells := slices.Clone(p.Cells)
	for i, y := range labels {
		cells[i] += y * int16(p.Count)
	}
	return Partition{classes * p.Count, cells}, nil
}

// A place is a cell in a class.
type place struct{ class, cell int16 }

// byClass counts the samples of each cell in each class; those without any are not there.
func (p Partition) byClass(labels []int16) map[place]int {
	count := map[place]int{}
	for i, c := range p.Cells {
		count[place{labels[i], c}]++
	}
	return count
}

// Minority gives the minority that a partition stands for, [n]: in each class the largest cell is
// the majority, the first of equals, and all other samples are of the minority.
func (p Partition) Minority(labels []int16) []bool {
	count := p.byClass(labels)
	largest := map[int16]int16{}
	for at, n := range count {
		best, ok := largest[at.class]
		if most := count[place{at.class, best}]; !ok || n > most || n == most && at.cell < best {
			largest[at.class] = at.cell
		}
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
	var joint []contingency // by class
	for i, c := range p.Cells {
		y := int(labels[i])
		for len(joint) <= y {
			joint = append(joint, contingency{})
		}
		if joint[y] == nil {
			joint[y] = contingency{}
		}
		joint[y][[2]int16{c, attributes[i]}]++
	}
	var sum, samples float64
	for _, class := range joint {
		if index, n := class.adjustedRand(); index.Valid {
			sum += float64(index.Value * float64(n))
			samples += float64(n)
		}
	}
	if samples == 0 {
		return evaluation.Optional{}
	}
	return evaluation.Some(sum / samples)
}

// A contingency counts the common samples of the cells of two partitions, where there are any.
type contingency map[[2]int16]int

// adjustedRand compares the partitions of n samples.
func (joint contingency) adjustedRand() (index evaluation.Optional, n int) {
	// Pairs are whole numbers, and their sums exact up to 2^53: the order of a map does not matter.
	pairs := func(n int) int64 { return int64(n) * int64(n-1) / 2 }
	var both int64
	sizes := [2]map[int16]int{{}, {}}
	for cells, count := range joint {
		both += pairs(count)
		n += count
		for side, c := range cells {
			sizes[side][c] += count
		}
	}
	if n < 2 {
		return evaluation.Optional{}, n
	}
	var of [2]int64
	for side := range of {
		for _, count := range sizes[side] {
			of[side] += pairs(count)
		}
	}
	return randIndex(float64(both), float64(of[0]), float64(of[1]), float64(pairs(n))), n
}

// randIndex gives the index from the numbers of pairs that are together in both partitions, in either, and of all.
func randIndex(both, rows, columns, all float64) evaluation.Optional {
	expected := float64(rows * (columns / all))
	most := (rows + columns) / 2
	if most == expected {
		return evaluation.Optional{}
	}
	return evaluation.Some((both - expected) / (most - expected))
}
