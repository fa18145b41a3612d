package evaluation

import (
	"errors"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// maxCube is the size of the largest cube that is enumerated rather than sampled.
const maxCube = 1 << 14

// chunkRows is the number of points whose scores are computed at once: small enough to stay in
// the processor's second-level cache and to notice cancellation soon.
const chunkRows = 1024

// An Evaluator measures networks on fixed points.
type Evaluator struct {
	rows, dimensions int
	packed           []uint64 // the points, [rows, ceil(dimensions/64)], if they are signs
	// inputs writes the points first to first+rows-1 otherwise.
	inputs     func(dst []float32, first, rows int)
	labels     []int16
	groups     []int16 // nil if the points have no attributes
	population Population
	loss       string // empty if losses are not measured

	// Of points that were drawn from a law's groups: what they were drawn by, and the points of further repeats.
	law    *datalaw.Compiled
	points int
	again  []*Evaluator // the second repeat and on
	pooled Population   // what the points of all repeats stand for

	// Of a chunk of points.
	x              []float32
	scores, slopes []float32 // [chunk, scores of the network]
	losses         []float32
	predicted      []int16
}

// NewEvaluator measures on the law's cube: all of it, weighted, if it has at most 2^14 points; else
// on points drawn once from the stream, equally many uniformly from each group that exists, so that
// every group is measured equally well and the groups' exact masses are used. Labels and
// attributes are those of the functions; l notes their use for evaluation.
func NewEvaluator(law *datalaw.Compiled, points int, loss string, stream *kernel.Stream, l *dataset.Ledger) (*Evaluator, error) {
	l.Note(frame.MarkGroup, dataset.Evaluation, "")
	e := &Evaluator{dimensions: law.Dimensions()}
	e.population = Population{Law: law.Masses(), Uniform: law.UniformMasses()}
	if size, err := law.CubeSize(); err == nil && size <= maxCube {
		e.population.Exact = true
		packed := make([]uint64, size)
		for i := range packed {
			packed[i] = uint64(i)
		}
		e.labels = make([]int16, size)
		attributes := make([]int16, size)
		law.Evaluate(packed, e.labels, attributes)
		e.packed = packed
		e.group(attributes)
	} else if err := e.draw(law, points, stream); err != nil {
		return nil, err
	}
	return e, e.prepare(loss)
}

// draw takes equally many points of each group that exists.
func (e *Evaluator) draw(law *datalaw.Compiled, points int, stream *kernel.Stream) error {
	e.law, e.points = law, points
	var groups [][Groups]float64
	for g, m := range e.population.Uniform {
		if m > 0 {
			var masses [Groups]float64
			masses[g] = 1
			groups = append(groups, masses)
		}
	}
	each := (points + len(groups) - 1) / len(groups)
	rows := each * len(groups)
	e.packed, e.labels = make([]uint64, rows*law.Words()), make([]int16, rows)
	attributes := make([]int16, rows)
	for i, masses := range groups {
		from, err := law.Mixture(masses)
		if err != nil {
			return err
		}
		at, end := i*each, (i+1)*each
		law.SampleBits(stream, from, each, e.packed[at*law.Words():end*law.Words()], e.labels[at:end], attributes[at:end])
	}
	e.group(attributes)
	return nil
}

// group sets the groups of points with labels.
func (e *Evaluator) group(attributes []int16) {
	e.rows = len(e.labels)
	e.groups = make([]int16, e.rows)
	for i, y := range e.labels {
		e.groups[i] = datalaw.GroupOf(y, attributes[i])
	}
}

// NewSampleEvaluator measures on finite samples. Their own group shares stand for the data's law,
// and there is no uniform cube, so that core and spurious correlation do not exist. Without
// attributes there are no groups, and none are told apart but the four of two classes. With an empty loss, losses are not measured: they are NaN. l notes
// what is read for the purpose.
func NewSampleEvaluator(s *dataset.Samples, purpose, loss string, l *dataset.Ledger) (*Evaluator, error) {
	e := &Evaluator{rows: s.Rows, dimensions: s.Dimensions, packed: s.Packed(), inputs: s.Inputs, labels: s.Labels(l, purpose)}
	if s.HasAttributes() && s.Classes() == 2 && s.GroupCount() == Groups {
		e.groups = s.Groups(l, purpose)
		var count [Groups]int
		for _, g := range e.groups {
			count[g]++
		}
		e.population.Own = true
		for g, n := range count {
			e.population.Law[g] = float64(n) / float64(s.Rows)
		}
	}
	return e, e.prepare(loss)
}

// NewDrawEvaluator measures on rows drawn once from D_λ, as a validation split of that size would;
// l notes the purpose.
func NewDrawEvaluator(law *datalaw.Compiled, rows int, purpose, loss string, stream *kernel.Stream, l *dataset.Ledger) (*Evaluator, error) {
	l.Note(frame.MarkGroup, purpose, "")
	s, err := dataset.Draw(dataset.ValidationSplit, law, rows, stream)
	if err != nil {
		return nil, err
	}
	return NewSampleEvaluator(s, purpose, loss, &dataset.Ledger{}) // noted above: fresh, no split
}

// EvaluatorFor measures on the law (NewEvaluator) or, for data without one, on its test split, or
// on its validation split.
func EvaluatorFor(d *dataset.Dataset, law *datalaw.Compiled, points int, loss string, stream *kernel.Stream, l *dataset.Ledger) (*Evaluator, error) {
	if law != nil {
		return NewEvaluator(law, points, loss, stream, l)
	}
	for _, s := range []*dataset.Samples{d.Test, d.Validation} {
		if s != nil {
			return NewSampleEvaluator(s, dataset.Evaluation, loss, l)
		}
	}
	return nil, errors.New("the data set has neither a law nor rows of the split test or validation to evaluate on")
}

func (e *Evaluator) prepare(loss string) error {
	if loss != "" && !slices.Contains(neuralnet.Losses, loss) {
		return fmt.Errorf("there is no loss %q", loss)
	}
	e.loss = loss
	if e.rows == 0 {
		return errors.New("there are no points to evaluate on")
	}
	chunk := min(chunkRows, e.rows)
	e.predicted = make([]int16, chunk)
	if e.packed == nil {
		e.x = make([]float32, chunk*e.dimensions)
	}
	e.losses = make([]float32, chunk) // they stay 0 if not measured
	return nil
}

// Points gives the number of points measured on, in all repeats together.
func (e *Evaluator) Points() int {
	n := e.rows
	for _, a := range e.again {
		n += a.rows
	}
	return n
}

// Exact reports whether the points are the whole cube.
func (e *Evaluator) Exact() bool { return e.population.Exact }

// Shares gives the groups' shares of the points' law, which are the points' own for finite samples; all 0
// without attributes.
func (e *Evaluator) Shares() [Groups]float64 { return e.population.Law }

// HasCorrelations reports whether core and spurious correlation exist: whether there is a law.
func (e *Evaluator) HasCorrelations() bool { return e.population.Uniform != [Groups]float64{} }

// HasGroups reports whether the points have attributes, and so belong to groups.
func (e *Evaluator) HasGroups() bool { return e.groups != nil }
