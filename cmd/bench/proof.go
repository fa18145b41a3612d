package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
)

// checkSteps is how many steps a peer repeats to show that it does the job.
const checkSteps = 24

// prove has a peer show that it does the job: from the same weights on the same batches its losses are Spurion's, and
// what its own loop draws is what the job says. It gives the largest difference of a loss.
func (c *contest) prove(s *contestant) (difference float64, err error) {
	request := trainRequest{Do: "check", Job: c.checked, Variant: s.variant, Steps: checkSteps}
	var a trainAnswer
	if err := s.side.ask(request, &a); err != nil {
		return 0, err
	}
	difference, err = compare(a.Losses, c.losses, c.job.Tolerance)
	if err != nil {
		return 0, fmt.Errorf("%s (%s) does not do the job: %w", s.label, s.variant, err)
	}
	if c.job.Data == "cycle" {
		return difference, nil
	}
	rows := c.job.Rows
	if c.job.Data == "fresh" {
		rows = 1 << 16
	}
	if err := s.side.ask(trainRequest{Do: "draw", Job: c.job, Steps: rows}, new(trainAnswer)); err != nil {
		return 0, err
	}
	if err := c.job.checkDrawn(); err != nil {
		return 0, fmt.Errorf("%s draws other data than the job's: %w", s.label, err)
	}
	return difference, nil
}

// compare gives the largest difference of losses as a share of the largest loss; too large a one is an error.
func compare(losses, want []float64, tolerance float64) (largest float64, err error) {
	if len(losses) != len(want) {
		return 0, fmt.Errorf("it gives %d losses of %d", len(losses), len(want))
	}
	for i, w := range want {
		d := math.Abs(losses[i]-w) / slices.Max(want)
		if !(d <= tolerance) {
			return d, fmt.Errorf("before step %d its loss is %v, Spurion's is %v", i+1, losses[i], w)
		}
		largest = max(largest, d)
	}
	return largest, nil
}

// prepared gives the job for prove: the same trainings on prepared batches, one for each step if the job has several.
func (j job) prepared() job {
	if j.Rows != j.Batch {
		j.Rows = checkSteps * j.Batch
	}
	j.Data = "cycle"
	return j
}

// checkDrawn reads what a peer drew, and says if it is not what the job asks for: samples of the law, or the rows of
// the fixed set, each once.
func (j *job) checkDrawn() error {
	x, err := os.ReadFile(j.X + ".drawn")
	if err != nil {
		return err
	}
	labels, err := os.ReadFile(j.Y + ".drawn")
	if err != nil {
		return err
	}
	defer os.Remove(j.X + ".drawn")
	defer os.Remove(j.Y + ".drawn")
	if len(labels) == 0 || len(x) != 4*len(labels)*j.Inputs {
		return fmt.Errorf("%d labels and %d bytes of inputs are no rows of %d float32", len(labels), len(x), j.Inputs)
	}
	if j.Data == "fresh" {
		return j.checkLaw(x, labels)
	}
	wantX, err := os.ReadFile(j.X)
	if err != nil {
		return err
	}
	wantLabels, err := os.ReadFile(j.Y)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(j.rows(x, labels), j.rows(wantX, wantLabels), bytes.Equal) {
		return fmt.Errorf("an epoch's rows are not those of the set, each once")
	}
	if bytes.Equal(x, wantX) {
		return fmt.Errorf("an epoch's rows are in the set's order")
	}
	return nil
}

// rows gives each row with its label, in sorted order.
func (j *job) rows(x, labels []byte) [][]byte {
	list := make([][]byte, len(labels))
	for i := range list {
		list[i] = append(slices.Clone(x[4*i*j.Inputs:4*(i+1)*j.Inputs]), labels[i])
	}
	slices.SortFunc(list, bytes.Compare)
	return list
}

// checkLaw checks samples of parities: signs, labels that are the core parity, and in number within six standard
// deviations of what is expected the positive ones of each input, and the rows whose parities agree.
func (j *job) checkLaw(x, labels []byte) error {
	signs := make([]float32, len(x)/4)
	if _, err := binary.Decode(x, binary.NativeEndian, signs); err != nil {
		return err
	}
	positive, agree := make([]int, j.Inputs), 0
	for i, label := range labels {
		row := signs[i*j.Inputs : (i+1)*j.Inputs]
		for k, v := range row {
			if v != 1 && v != -1 {
				return fmt.Errorf("input %d of row %d is %v", k, i, v)
			}
			if v > 0 {
				positive[k]++
			}
		}
		core, spurious := parity(row[:j.Core]), parity(row[j.Core:j.Core+j.Spurious])
		if (label == 1) != (core > 0) {
			return fmt.Errorf("row %d with core parity %v has label %d", i, core, label)
		}
		if core == spurious {
			agree++
		}
	}
	for k, n := range positive {
		if err := expected(n, len(labels), .5); err != nil {
			return fmt.Errorf("input %d is positive %w", k, err)
		}
	}
	if err := expected(agree, len(labels), j.Strength); err != nil {
		return fmt.Errorf("the parities agree %w", err)
	}
	return nil
}

func parity(signs []float32) float32 {
	p := float32(1)
	for _, v := range signs {
		p *= v
	}
	return p
}

// expected says if n of so many independent draws with a probability p are too far from what is expected.
func expected(n, draws int, p float64) error {
	mean := p * float64(draws)
	if deviation := math.Sqrt(mean * (1 - p)); math.Abs(float64(n)-mean) > 6*deviation {
		return fmt.Errorf("in %d of %d rows, not in about %.0f", n, draws, mean)
	}
	return nil
}
