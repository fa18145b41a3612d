package trainloop

// A Tally counts what a phase has trained on, and adds up its losses since each of the last visits. A phase that is
// given the tally of one that ended earlier goes on as if the two were one.
type Tally struct {
	Rows int64 // samples taken
	// Visits are the steps of the last visits, the last one first, the start among them; Sums the sums of the batches'
	// mean losses since each, in the order of the steps.
	Visits []int64
	Sums   []float64

	span int // how many visits are looked back to
}

// NewTally gives a tally that looks back to so many visits, at least 1.
func NewTally(span int) *Tally { return &Tally{span: span} }

// add counts a step.
func (t *Tally) add(rows int, loss float64) {
	t.Rows += int64(rows)
	for i := range t.Sums {
		t.Sums[i] += loss
	}
}

// mean gives the mean loss of the batches since the last visit; there is one.
func (t *Tally) mean(step int64) float64 { return t.Sums[0] / float64(step-t.Visits[0]) }

// visited notes a visit.
func (t *Tally) visited(step int64) {
	if n := len(t.Visits); n < t.span {
		t.Visits, t.Sums = append(t.Visits, 0), append(t.Sums, 0)
	}
	copy(t.Visits[1:], t.Visits)
	copy(t.Sums[1:], t.Sums)
	t.Visits[0], t.Sums[0] = step, 0
}
