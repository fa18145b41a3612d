package compose

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// The ways to decide which samples get which attribute.
const (
	exactMixing     = "exact"
	bernoulliMixing = "bernoulli"
)

// A mixing says with what attribute each class goes, and how often.
type mixing struct {
	way    string
	pairs  []int16 // of each class: its attribute
	values int     // of the attribute; at least 2
}

// attributes gives the attribute of each row. A share strength of the rows gets the attribute that goes with its label, the others
// each of the other attributes, equally often or equally likely.
//
//	exact      of the n rows of a class, round(n (1 - strength)) get another attribute, a tie rounded to the even number. The
//	           rows of a class, in order, are shuffled; the first get the other attributes in turn, the lowest first. Classes are
//	           taken in order.
//	bernoulli  a row at a time, in order: u uniform in [0, 1) and its own attribute if u < strength, else one of the
//	           others by a second draw
//
// Exact is what the authors' code for Dominoes does (Qiu, Kuang and Goel 2024).
func (m *mixing) attributes(labels []int16, strength float64, stream *kernel.Stream) []int16 {
	out := make([]int16, len(labels))
	if m.way == bernoulliMixing {
		for i, y := range labels {
			if out[i] = m.pairs[y]; stream.Float64() >= strength {
				out[i] = m.other(y, stream.IntN(m.values-1))
			}
		}
		return out
	}
	rows := make([][]int32, len(m.pairs))
	for i, y := range labels {
		rows[y] = append(rows[y], int32(i))
		out[i] = m.pairs[y]
	}
	for y, list := range rows {
		kernel.Shuffle(list, stream)
		for i, row := range list[:others(len(list), strength)] {
			out[row] = m.other(int16(y), i%(m.values-1))
		}
	}
	return out
}

// others gives how many of n rows get another attribute in exact mixing.
func others(n int, strength float64) int {
	return int(math.RoundToEven(float64(float64(n) * (1 - strength))))
}

// other gives the k-th of the attributes that do not go with a label.
func (m *mixing) other(label int16, k int) int16 {
	if int16(k) >= m.pairs[label] {
		k++
	}
	return int16(k)
}

// choose gives n of so many rows, ascending: all of them, or the first n of a shuffled list.
func choose(have, n int, stream *kernel.Stream) []int32 {
	rows := trainloop.All(have)
	if n == have {
		return rows
	}
	kernel.Shuffle(rows, stream)
	rows = rows[:n]
	slices.Sort(rows)
	return rows
}

// A dealer hands out the rows of a data set by their label.
type dealer struct {
	rows   [][]int32 // of each label, in order
	next   []int     // of each label: how many are given; for a dealer that gives none twice
	reuse  bool
	stream *kernel.Stream
}

// deal makes a dealer. With reuse every row is drawn anew, uniformly from those of its label; else those of each label are shuffled,
// the lowest label first, and given in turn.
func deal(labels []int16, classes int, reuse bool, stream *kernel.Stream) *dealer {
	d := &dealer{rows: make([][]int32, classes), next: make([]int, classes), reuse: reuse, stream: stream}
	for i, y := range labels {
		d.rows[y] = append(d.rows[y], int32(i))
	}
	if !reuse {
		for _, list := range d.rows {
			kernel.Shuffle(list, stream)
		}
	}
	return d
}

// draw gives a row for each of the labels that are wanted.
func (d *dealer) draw(wanted []int16) ([]int32, error) {
	need := make([]int, len(d.rows))
	for _, y := range wanted {
		need[y]++
	}
	for y, n := range need {
		switch have := len(d.rows[y]); {
		case n > 0 && have == 0:
			return nil, &lack{label: y, need: n}
		case n > have && !d.reuse:
			return nil, &lack{label: y, need: n, have: have}
		}
	}
	out := make([]int32, len(wanted))
	for i, y := range wanted {
		list := d.rows[y]
		if d.reuse {
			out[i] = list[d.stream.IntN(len(list))]
			continue
		}
		out[i] = list[d.next[y]]
		d.next[y]++
	}
	return out, nil
}

// A lack is an error: too few samples of a label.
type lack struct{ label, need, have int }

func (l *lack) Error() string {
	return fmt.Sprintf("%d samples of class %d are needed, but there are %d", l.need, l.label, l.have)
}
