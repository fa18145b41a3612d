package probe

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// uses is what targets are made of.
var uses = []stages.LabelUse{
	{Mark: frame.MarkAttribute, Purpose: dataset.Evaluation},
	{Mark: frame.MarkGroup, Purpose: dataset.Evaluation},
	{Mark: frame.MarkSplit, Purpose: dataset.Evaluation},
}

// chunkRows is the number of samples whose inputs are held as numbers at once.
const chunkRows = 1024

// sampler says how to make the probe of a repeat: on the law of the model's data, or on a split of the input data.
func sampler(s *Settings, m *model.Model, r *stages.Run) (func(repeat int) (*probe, error), error) {
	d, _, err := trainloop.AnyData(r, "data")
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
		return func(repeat int) (*probe, error) { return newProbe(s, law, repeat) }, nil
	}
	switch {
	case d == nil:
		return nil, errors.New("the model was trained on data without a law: give the input data, the data set that it was trained on or one like it, to probe it on samples")
	case s.Parts:
		return nil, errors.New("parts go by the blocks of a law's inputs, and the model's data has no law: leave parts out")
	case s.repeats() > 1:
		return nil, errors.New("repeats draw other points, and a split has no others: leave repeats out")
	}
	if err := m.Fits(&d.Description); err != nil {
		return nil, err
	}
	split := dataset.TestSplit
	if s.Split != nil {
		split = dataset.Split(*s.Split)
	}
	return func(int) (*probe, error) { return newSampleProbe(s, d, split) }, nil
}

// newSampleProbe takes equally many samples of each group of a split, or of each class where it has no attributes, at random.
// Within each, the first ones are to fit on; all of these come before those to score on.
func newSampleProbe(s *Settings, d *dataset.Dataset, split dataset.Split) (*probe, error) {
	samples := d.Split(split)
	if samples == nil || s.Targets == nil && !samples.HasAttributes() {
		return nil, fmt.Errorf("the data has no samples of the split %s with attributes to decode: give it some, or decode the label alone with targets = [\"label\"]", split)
	}
	p := begin(s, s.controls(false), 0)
	p.on = string(split)
	ledger := &dataset.Ledger{}
	labels := samples.Labels(ledger, dataset.Evaluation)
	cells, attributes := divided{of: labels, kinds: d.ClassCount(), name: d.ClassName}, []int16(nil)
	if samples.HasAttributes() {
		cells = divided{samples.Groups(ledger, dataset.Evaluation), d.GroupCount(), d.GroupName}
		attributes = samples.Attributes(ledger, dataset.Evaluation)
	}
	rows, err := p.choose(s, split, cells)
	if err != nil {
		return nil, err
	}
	p.most = min(chunkRows, len(rows))
	x := make([]float32, p.most*samples.Dimensions)
	p.points = func(first, n int) []float32 {
		samples.Gather(x, rows[first:first+n])
		return x[:n*samples.Dimensions]
	}
	if err := p.aim(s, &d.Description, pick(labels, rows), pick(attributes, rows)); err != nil {
		return nil, err
	}
	if len(p.targets) == 0 {
		return nil, fmt.Errorf("the data has %d classes, and %d values of the attribute of which none goes with one class alone, so that there is no spurious correlation to decode: name what is, such as targets = [\"label\", \"attribute\"]", d.ClassCount(), d.ValueCount())
	}
	return p, ledger.Check(uses)
}

// divided are samples by cells, of which equally many are taken.
type divided struct {
	of    []int16 // the cell of each sample
	kinds int
	name  func(cell int) string
}

// choose sets how many points there are, and gives the samples that they are.
func (p *probe) choose(s *Settings, split dataset.Split, cells divided) ([]int32, error) {
	members := make([][]int32, cells.kinds)
	for row, c := range cells.of {
		members[c] = append(members[c], int32(row))
	}
	each, held, err := balance(s, split, members, cells.name)
	if err != nil {
		return nil, err
	}
	stream := kernel.NewStream(s.Seed, p.purpose)
	for _, list := range members {
		kernel.Shuffle(list, stream)
	}
	p.fit, p.held = cells.kinds*(each-held), cells.kinds*held
	var rows []int32
	for _, list := range members {
		rows = append(rows, list[:each-held]...)
	}
	for _, list := range members {
		rows = append(rows, list[each-held:each]...)
	}
	return rows, nil
}

// balance gives how many samples of each cell are taken, and how many of these to score on.
func balance(s *Settings, split dataset.Split, members [][]int32, name func(cell int) string) (each, held int, err error) {
	each = s.Points / len(members)
	for _, list := range members {
		each = min(each, len(list))
	}
	held = int(math.Round(float64(s.Holdout * float64(each))))
	if held > 0 && held < each {
		return each, held, nil
	}
	const most = 8
	order := upTo(len(members))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(members[a]), len(members[b])) })
	var sizes []string
	for _, c := range order[:min(most, len(order))] {
		sizes = append(sizes, fmt.Sprintf("%d of %s", len(members[c]), name(c)))
	}
	if more := len(order) - most; more > 0 {
		sizes = append(sizes, fmt.Sprintf("at least as many of %d more", more))
	}
	return 0, 0, fmt.Errorf("the split %s has %s: with points = %d and holdout = %v, %d of each are left to fit on and %d to score on; both need some",
		split, strings.Join(sizes, ", "), s.Points, s.Holdout, each-held, held)
}

// pick gives the elements of x of some rows; nil of nil.
func pick(x []int16, rows []int32) []int16 {
	if x == nil {
		return nil
	}
	out := make([]int16, len(rows))
	for i, row := range rows {
		out[i] = x[row]
	}
	return out
}
