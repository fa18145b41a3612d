package retrain

import (
	"errors"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// A sample is group-balanced held-out data.
type sample struct {
	source string // fromLaw or validation
	rows   int
	x      []float32 // [rows, n]
	labels []int16   // [rows]
}

// heldOut chooses the points to fit on. law and d may be nil.
func heldOut(s *Settings, law *datalaw.Compiled, d *dataset.Dataset, l *dataset.Ledger) (*sample, error) {
	stream := kernel.NewStream(s.Seed, heldOutPurpose)
	given := d != nil && d.Validation != nil
	switch {
	case s.HeldOut == validation && !given:
		return nil, errors.New(`held_out = "validation" needs the input data to be a data set with a validation split: give it one, or use held_out = "law"`)
	case s.HeldOut != fromLaw && given:
		return fromSplit(s, d.Validation, stream, l)
	case law == nil:
		return nil, errors.New("there is no law to draw held-out points from: give the input data, with a validation split")
	}
	return draw(s, law, stream, l)
}

// draw takes equally many fresh points of each group that the uniform cube has.
func draw(s *Settings, law *datalaw.Compiled, stream *kernel.Stream, l *dataset.Ledger) (*sample, error) {
	l.Note(frame.MarkGroup, dataset.Training, "")
	var groups []int
	for g, mass := range law.UniformMasses() {
		if mass > 0 {
			groups = append(groups, g)
		}
	}
	each, n := (s.Samples+len(groups)-1)/len(groups), law.Dimensions()
	h := &sample{source: fromLaw, rows: each * len(groups)}
	h.x, h.labels = make([]float32, h.rows*n), make([]int16, h.rows)
	for i, g := range groups {
		from, to := i*each, (i+1)*each
		if err := law.SampleGroup(stream, g, each, h.x[from*n:to*n], h.labels[from:to], nil); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// fromSplit takes equally many points of each group that the split has, without replacement.
func fromSplit(s *Settings, split *dataset.Samples, stream *kernel.Stream, l *dataset.Ledger) (*sample, error) {
	if !split.HasAttributes() {
		return nil, errors.New("the validation split has no attributes, so its groups cannot be balanced: give the data set an attribute where it is made")
	}
	pools := trainloop.Pools(split.Groups(l, dataset.Training), split.GroupCount())
	if len(pools) == 0 {
		return nil, errors.New("the validation split has no rows")
	}
	each := min(trainloop.Smallest(pools), (s.Samples+len(pools)-1)/len(pools))
	rows := trainloop.Subset(nil, pools, each, stream)
	h := &sample{source: validation, rows: len(rows)}
	h.x, h.labels = make([]float32, len(rows)*split.Dimensions), make([]int16, len(rows))
	split.Gather(h.x, rows)
	labels := split.Labels(l, dataset.Training)
	for i, row := range rows {
		h.labels[i] = labels[row]
	}
	return h, nil
}
