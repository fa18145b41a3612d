package debias

import (
	"math"
	"testing"

	"spurion/stages/numeric/kernel"
)

// By hand: the first loss as it is, then 0.7 of the past and 0.3 of the new.
func TestAveragesOfLosses(t *testing.T) {
	a := newAverages([]int16{0, 1, 1, 0}, 2, .7)
	for _, c := range []struct {
		row, loss                      float64
		average, relative, zeros, ones float64 // the row's average, over its class's largest; the largest of labels 0 and 1
	}{
		{1, 1, 1, 1, 0, 1},
		{2, 4, 4, 1, 0, 4},
		{2, 1, 3.1, 1, 0, 3.1},
		{1, 11, 4, 1, 0, 4},
		{0, 0, 0, 0, 0, 4}, // the largest of the class is 0
		{1, 0, 2.8, 2.8 / 3.1, 0, 3.1},
		{3, .5, .5, 1, .5, 3.1},
		{0, 1, .3, .6, .5, 3.1},
	} {
		row := int32(c.row)
		a.add(row, c.loss)
		got, want := []float64{a.values[row], a.relative(row), a.largest(0), a.largest(1)}, []float64{c.average, c.relative, c.zeros, c.ones}
		for i := range got {
			if math.Abs(got[i]-want[i]) > 1e-12 {
				t.Errorf("row %d, loss %v: %v, want %v", row, c.loss, got, want)
				break
			}
		}
	}
}

// The largest that is kept up to date is the largest there is, whatever comes.
func TestLargestAverageIsExact(t *testing.T) {
	s := kernel.NewStream(2, "losses")
	labels := make([]int16, 40)
	for i := range labels {
		labels[i] = int16(s.IntN(2))
	}
	a := newAverages(labels, 2, .5)
	for range 20000 {
		a.add(int32(s.IntN(40)), float64(s.IntN(9))) // with ties
		for label := range int16(2) {
			want := 0.
			for row, v := range a.values {
				if labels[row] == label {
					want = max(want, v)
				}
			}
			if s.IntN(3) == 0 && a.largest(label) != want {
				t.Fatalf("the largest of label %d is %v, want %v of %v", label, a.largest(label), want, a.values)
			}
		}
	}
	if got := newAverages([]int16{1, 1}, 2, .5).largest(0); got != 0 {
		t.Errorf("the largest of a class without samples is %v", got)
	}
}
