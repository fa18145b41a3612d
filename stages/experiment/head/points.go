package head

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// points are rows of a split, and what a network's hidden layers make of them.
type points struct {
	samples  *dataset.Samples
	fresh    bool // drawn from the law here, not of the data set
	rows     []int32
	width    int
	features []float32 // [len(rows), width]; to read, not to change
}

// of gives the points of the rows that list names by their place in p.
func (p *points) of(list []int32) *points {
	q := &points{samples: p.samples, fresh: p.fresh, width: p.width, features: make([]float32, 0, len(list)*p.width)}
	for _, i := range list {
		q.rows = append(q.rows, p.rows[i])
		q.features = append(q.features, p.features[int(i)*p.width:(int(i)+1)*p.width]...)
	}
	return q
}

// split gives the places of two halves of the points at random; the first half gets the odd one. One point is an
// error.
func (p *points) split(stream *kernel.Stream) (first, second []int32, err error) {
	if len(p.rows) < 2 {
		return nil, nil, fmt.Errorf("the %s split has %d sample, and the head needs one to fit on and another to choose by: give the data set more", p.samples.Split, len(p.rows))
	}
	order := trainloop.All(len(p.rows))
	kernel.Shuffle(order, stream)
	cut := (len(order) + 1) / 2
	return order[:cut], order[cut:], nil
}

// halves gives such halves as points.
func (p *points) halves(stream *kernel.Stream) (first, second *points, err error) {
	one, other, err := p.split(stream)
	if err != nil {
		return nil, nil, err
	}
	return p.of(one), p.of(other), nil
}

// labels gives the points' labels and notes the use.
func (p *points) labels(l *dataset.Ledger, purpose string) []int16 {
	return p.read(l, frame.MarkSplit, purpose, p.samples.Labels)
}

// groups gives the points' groups A y + s and notes the use.
func (p *points) groups(l *dataset.Ledger, purpose string) []int16 {
	return p.read(l, frame.MarkGroup, purpose, p.samples.Groups)
}

// cells gives the points' groups or, without attributes, their labels, and notes the use.
func (p *points) cells(l *dataset.Ledger, purpose string) []int16 {
	if p.samples.HasAttributes() {
		return p.groups(l, purpose)
	}
	return p.labels(l, purpose)
}

func (p *points) read(l *dataset.Ledger, mark frame.Mark, purpose string, column func(*dataset.Ledger, string) []int16) []int16 {
	if p.fresh {
		l.Note(mark, purpose, "")
		l = &dataset.Ledger{}
	}
	all := column(l, purpose)
	out := make([]int16, len(p.rows))
	for i, row := range p.rows {
		out[i] = all[row]
	}
	return out
}

// featuresOf gives all rows of a split as points of a network. The error is neuralnet.ErrDiverged if an
// activation is not finite.
func featuresOf(net *neuralnet.Network, s *dataset.Samples, fresh bool) (*points, error) {
	p := &points{samples: s, fresh: fresh, rows: trainloop.All(s.Rows), width: net.Width()}
	if x := s.Raw().Floats; x != nil && len(net.Layers) == 1 && net.Image == nil {
		p.features = x // without a hidden layer, such as on embeddings, they are the inputs: shared, and finite
		return p, nil
	}
	p.features = make([]float32, s.Rows*p.width)
	const chunk = 512
	x := make([]float32, chunk*s.Dimensions)
	for first := 0; first < s.Rows; first += chunk {
		rows := min(chunk, s.Rows-first)
		s.Inputs(x, first, rows)
		net.Features(p.features[first*p.width:], x, rows)
	}
	if !kernel.Finite(p.features) {
		return nil, fmt.Errorf("an activation is not finite: %w", neuralnet.ErrDiverged)
	}
	return p, nil
}

// validationOf gives the validation split, or samples drawn once from the law as debias draws them.
func validationOf(s *Settings, d *dataset.Dataset, law *datalaw.Compiled) (samples *dataset.Samples, fresh bool, err error) {
	if d.Validation != nil {
		return d.Validation, false, nil
	}
	if law == nil {
		return nil, false, fmt.Errorf("the data set has neither a validation split nor a law to draw one from")
	}
	samples, err = dataset.Draw(dataset.ValidationSplit, law, s.Validation, trainloop.ValidationStream(s.Seed))
	return samples, true, err
}

// lastLayer gives the network's last layer as a network on features.
func lastLayer(net *neuralnet.Network) *neuralnet.Network {
	c := net.Clone()
	c.Image, c.Layers = nil, c.Layers[len(c.Layers)-1:]
	return c
}

// install gives the network with the last layer of a network on features.
func install(net, last *neuralnet.Network) *neuralnet.Network {
	c := net.Clone()
	c.Layers[len(c.Layers)-1] = last.Clone().Layers[0]
	return c
}

// A score is how good a layer is on held-out points; worst is that of groups, and does not exist without them.
type score struct{ worst, accuracy evaluation.Optional }

func scored(worst, accuracy float64) score {
	return score{evaluation.Some(worst), evaluation.Some(accuracy)}
}

// worst gives the least accuracy of the cells that are there, and accuracy the mean over points, of scores [points, S].
func worst(scores []float32, labels, cells []int16) (least, accuracy float64) {
	predicted := make([]int16, len(labels))
	neuralnet.Predict(predicted, scores)
	kinds := 1 + int(slices.Max(append(cells[:len(cells):len(cells)], 0)))
	right, count := make([]float64, kinds), make([]float64, kinds)
	for i, y := range labels {
		count[cells[i]]++
		if predicted[i] == y {
			right[cells[i]]++
			accuracy++
		}
	}
	return evaluation.Worst(right, count), accuracy / float64(len(labels))
}
