package debias

import (
	"math"
	"slices"
)

// averages are exponential averages of samples' losses, with the largest of each class.
type averages struct {
	decay  float64 // weight of the past
	labels []int16
	values []float64 // [n]; -1 before the first loss
	top    []int32   // the row of the largest in each class, -1 where it has to be looked for
}

func newAverages(labels []int16, classes int, decay float64) *averages {
	a := &averages{decay: decay, labels: labels, values: make([]float64, len(labels)), top: slices.Repeat([]int32{-1}, classes)}
	for i := range a.values {
		a.values[i] = -1
	}
	return a
}

func (a *averages) seen(row int32) bool { return a.values[row] != -1 }

// add takes in a loss of a row, which is not negative.
func (a *averages) add(row int32, loss float64) {
	old := a.values[row]
	value := loss
	if a.seen(row) {
		value = float64(a.decay*old) + float64((1-a.decay)*loss)
	}
	a.values[row] = value
	top := &a.top[a.labels[row]]
	switch {
	case *top == row && value < old:
		*top = -1
	case *top >= 0 && value > a.values[*top]:
		*top = row
	}
}

// largest gives the largest average of a class, 0 for one without samples. Rows are looked through only after
// the one that had it fell: about log n times in a pass over n rows in random order.
func (a *averages) largest(label int16) float64 {
	top := a.top[label]
	if top < 0 {
		best := math.Inf(-1)
		for row, value := range a.values {
			if a.labels[row] == label && value > best {
				top, best = int32(row), value
			}
		}
		if top < 0 {
			return 0
		}
		a.top[label] = top
	}
	return max(0, a.values[top])
}

// relative gives a row's average over the largest of its class, in [0, 1]; 0 if that is 0.
func (a *averages) relative(row int32) float64 {
	largest := a.largest(a.labels[row])
	if largest == 0 {
		return 0
	}
	return a.values[row] / largest
}
