package train

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"spurion/stages"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// A training leaves where it stood at its end, and what it told at each look, so that one of more steps goes on from
// there, and one that is looked at otherwise need not train where the weights or the rows are there. Both give the
// bytes of a training that began at step 0: rows are written from looks by one function, whoever took them, and the
// mean loss of batches, a sum in the order of steps, is there for each stretch between two looks of a few next to each
// other, since a schedule of 100 evaluations over a run twice as long has every second one.

const (
	// lookBack is how many looks may lie in a stretch between two of a later run's.
	lookBack = 16
	// maxAbout bounds what is read of another run's looks, in bytes.
	maxAbout = 256 << 20
)

// An about is what a training says of itself to later ones.
type about struct {
	End      int64          // the last step
	Rows     int64          // samples taken until then
	Pass     trainloop.Pass // what lengths in epochs are in steps
	Measured string         // how it was measured: rows are as they would be only for the same
	Kept     []int64
	Looks    []look
}

// measured tells what else the rows of an evaluation depend on besides the network.
func (s *Settings) measured() string {
	text, err := json.Marshal([]any{s.Evaluation.Points, s.repeats(), s.Spectrum})
	if err != nil {
		panic(err) // numbers have a JSON form
	}
	return string(text)
}

// thread implements stages.Continuation: where weights go depends neither on how far nor on who looks. A descent of
// the rate that ends with the training does: its end stands for it, in the unit that it is given in.
func thread(settings any) (free, lines []string) {
	s := settings.(*Settings)
	free = []string{"steps", "epochs", "evaluation", "spectrum", "training_set", "checkpoints", "stop", "learned", "per_sample"}
	if c := s.Optimizer.Schedule; c != nil && c.Type == neuralnet.Cosine {
		free = append(free, "optimizer.schedule.steps", "optimizer.schedule.epochs")
		steps, epochs := int64(c.Steps), c.Epochs
		if steps == 0 && epochs == nil {
			steps, epochs = s.total(), s.Epochs
		}
		if epochs != nil {
			lines = append(lines, "schedule.epochs "+stages.FormatFloat(*epochs))
		} else {
			lines = append(lines, fmt.Sprintf("schedule.steps %d", steps))
		}
	}
	return free, append(lines, "form 2") // of what is left
}

// way implements stages.Continuation.
func way(settings any, text []byte) (stages.Way, bool) {
	a, err := readAbout(text)
	if err != nil {
		return stages.Way{}, false
	}
	s, err := settings.(*Settings).inSteps(a.Pass) // a thread has one data set, batch and sampling
	if err != nil {
		return stages.Way{}, false
	}
	k, ok := a.serves(s)
	w := stages.Way{From: k.end, Text: "trains on from step " + fmt.Sprint(k.end)}
	if k.whole {
		w.Text = "trains no step again"
	}
	return w, ok
}

// known says how much of a training an earlier one knows.
type known struct {
	end   int64
	whole bool // the training ends there
}

// serves says how much of a training with the settings is known, and whether anything is.
func (a *about) serves(s *Settings) (known, bool) {
	due, last := s.visits(), int64(0)
	same, stop := a.Measured == s.measured(), s.Stop.Follow()
	for i, step := range due.all {
		if step > a.End {
			break
		}
		at := a.find(step)
		if at < 0 {
			return known{}, false
		}
		var loss evaluation.Optional
		if i > 0 {
			sum, ok := a.sum(at, last)
			if !ok {
				return known{}, false
			}
			loss = evaluation.Finite(sum / float64(step-last))
		}
		last = step
		l := &a.Looks[at]
		_, weights := slices.BinarySearch(a.Kept, step)
		if _, keep := slices.BinarySearch(due.keep, step); keep && !weights {
			return known{}, false
		}
		if _, evaluate := slices.BinarySearch(due.evaluate, step); !evaluate {
			continue
		}
		if l.Found == nil || !same || s.whenMeasured() == atEvaluations && l.Fit == nil {
			if !weights || s.Stop.Any() { // whether a rule ends it there is not known yet
				return known{}, false
			}
			continue
		}
		if stop.Reached(trainloop.Visit{Step: step, Epoch: l.Epoch, TrainingLoss: loss}, &l.Found.Measures, l.Fit) != "" {
			return known{step, true}, weights
		}
	}
	if last == s.total() {
		return known{last, true}, true
	}
	at := a.find(a.End)
	_, weights := slices.BinarySearch(a.Kept, a.End)
	if at < 0 || !weights {
		return known{}, false
	}
	if last < a.End {
		if _, ok := a.sum(at, last); !ok {
			return known{}, false
		}
	}
	return known{a.End, false}, true
}

// find gives the place of the look at a step, or -1.
func (a *about) find(step int64) int {
	i, ok := slices.BinarySearchFunc(a.Looks, step, func(l look, step int64) int { return cmp.Compare(l.Step, step) })
	if !ok {
		return -1
	}
	return i
}

// sum gives that of the batches' losses from an earlier look's step to the look at a place, if it is there.
func (a *about) sum(at int, since int64) (sum float64, ok bool) {
	from := a.find(since)
	if back := at - 1 - from; from >= 0 && back >= 0 && back < len(a.Looks[at].Sums) {
		return a.Looks[at].Sums[back], true
	}
	return 0, false
}

// sums gives those since each of some steps, the last one first, as far as they are there.
func (a *about) sums(at int, steps []int64) []float64 {
	var list []float64
	for i := len(steps) - 1; i >= 0 && len(list) < lookBack; i-- {
		sum, ok := a.sum(at, steps[i])
		if !ok {
			break
		}
		list = append(list, sum)
	}
	return list
}

func (a *about) encode() ([]byte, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(text)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// readAbout reads what encode wrote, or says what is wrong with it.
func readAbout(data []byte) (*about, error) {
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), maxAbout))
	if err != nil {
		return nil, err
	}
	a := &about{}
	if err := json.Unmarshal(text, a); err != nil {
		return nil, err
	}
	if !slices.IsSorted(a.Kept) || !slices.IsSortedFunc(a.Looks, func(x, y look) int { return cmp.Compare(x.Step, y.Step) }) {
		return nil, errors.New("the steps are not in order")
	}
	if a.Pass < 0 {
		return nil, fmt.Errorf("an epoch of %d steps", a.Pass)
	}
	return a, nil
}
