package probe

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// labels is what targets are made of.
var labels = []stages.LabelUse{
	{Mark: frame.MarkAttribute, Purpose: dataset.Evaluation},
	{Mark: frame.MarkGroup, Purpose: dataset.Evaluation},
	{Mark: frame.MarkSplit, Purpose: dataset.Evaluation},
}

// groups is the number of groups of binary data.
const groups = 4

// chunkRows is the number of samples whose inputs are held as numbers at once.
const chunkRows = 1024

// sampler says how to make the probe of a repeat: on the law of the model's data, or on a split of the input data.
func sampler(s *Settings, m *model.Model, r *stages.Run) (func(repeat int) (*probe, error), error) {
	d, _, err := trainloop.Data(r, "data")
	if err != nil {
		return nil, err
	}
	if m.Data.Law != nil {
		if d != nil || s.Split != nil {
			return nil, errors.New("the model's data has a law, on which it is probed: leave out data and split")
		}
		law, err := m.Data.Law.Compile()
		if err != nil {
			return nil, err
		}
		return func(repeat int) (*probe, error) { return newProbe(s, law, repeat), nil }, nil
	}
	switch {
	case d == nil:
		return nil, errors.New("the model was trained on data without a law: give the input data, the data set that it was trained on or one like it, to probe it on samples")
	case s.Parts:
		return nil, errors.New("parts go by the blocks of a law's inputs, and the model's data has no law: leave parts out")
	case s.repeats() > 1:
		return nil, errors.New("repeats draw other points, and a split has no others: leave repeats out")
	case d.Dimensions != m.Inputs:
		return nil, fmt.Errorf("the network has %d inputs, but the data %d dimensions", m.Inputs, d.Dimensions)
	}
	split := dataset.TestSplit
	if s.Split != nil {
		split = dataset.Split(*s.Split)
	}
	return func(int) (*probe, error) { return newSampleProbe(s, d, split) }, nil
}

// newSampleProbe takes equally many samples of each group of a split, at random. Within each group, the first ones are to
// fit on; all of these come before those to score on.
func newSampleProbe(s *Settings, d *dataset.Dataset, split dataset.Split) (*probe, error) {
	samples := d.Split(split)
	if samples == nil || !samples.HasAttributes() {
		return nil, fmt.Errorf("the data has no samples of the split %s with attributes to decode", split)
	}
	p := begin(s, s.controls(false), 0)
	p.on = string(split)
	ledger := &dataset.Ledger{}
	members := make([][]int32, groups)
	for row, g := range samples.Groups(ledger, dataset.Evaluation) {
		members[g] = append(members[g], int32(row))
	}
	each, held, err := balance(s, d, split, members)
	if err != nil {
		return nil, err
	}
	stream := kernel.NewStream(s.Seed, p.purpose)
	for _, list := range members {
		stream.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	p.fit, p.held = groups*(each-held), groups*held
	var rows []int32
	for _, list := range members {
		rows = append(rows, list[:each-held]...)
	}
	for _, list := range members {
		rows = append(rows, list[each-held:each]...)
	}
	p.margins, p.most = make([]float32, len(rows)), min(chunkRows, len(rows))
	x := make([]float32, p.most*samples.Dimensions)
	p.points = func(first, n int) []float32 {
		samples.Gather(x, rows[first:first+n])
		return x[:n*samples.Dimensions]
	}
	p.target(d, samples.Labels(ledger, dataset.Evaluation), samples.Attributes(ledger, dataset.Evaluation), rows)
	return p, ledger.Check(labels)
}

// balance gives how many samples of each group are taken, and how many of these to score on.
func balance(s *Settings, d *dataset.Dataset, split dataset.Split, members [][]int32) (each, held int, err error) {
	each = s.Points / groups
	for _, list := range members {
		each = min(each, len(list))
	}
	held = int(math.Round(float64(s.Holdout * float64(each))))
	if held > 0 && held < each {
		return each, held, nil
	}
	var sizes []string
	for g, list := range members {
		sizes = append(sizes, fmt.Sprintf("%d of %s", len(list), d.GroupName(g)))
	}
	return 0, 0, fmt.Errorf("the split %s has %s: with points = %d and holdout = %v, %d of each group are left to fit on and %d to score on; both need some",
		split, strings.Join(sizes, ", "), s.Points, s.Holdout, each-held, held)
}

// target sets what is decoded: the label, and the class that the attribute goes with, or else the attribute.
func (p *probe) target(d *dataset.Dataset, labels, attributes []int16, rows []int32) {
	follows := d.Followed()
	for _, row := range rows {
		s := attributes[row]
		if follows != nil {
			s = follows[s]
		}
		p.targets[core] = append(p.targets[core], labels[row])
		p.targets[spurious] = append(p.targets[spurious], s)
	}
}
