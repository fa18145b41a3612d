package evaluation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
	places     []int16 // of each point's cell in the population
	population population
	on         string // where the points are from: OnLaw, OnTest, OnValidation
	loss       string // empty if losses are not measured

	// Of points that were drawn from a law's groups: what they were drawn by, and the points of further repeats.
	law    *datalaw.Compiled
	points int
	again  []*Evaluator // the second repeat and on
	pooled population   // what the points of all repeats stand for

	// Of a chunk of points.
	x              []float32
	scores, slopes []float32 // [chunk, scores of the network]
	losses         []float32
	predicted      []int16

	found *tallies // of the last evaluation
}

// NewEvaluator measures on the law's cube: all of it, weighted, if it has at most 2^14 points; else
// on points drawn once from the stream, equally many uniformly from each group that exists, so that
// every group is measured equally well and the groups' exact masses are used. Labels and
// attributes are those of the functions; l notes their use for evaluation.
func NewEvaluator(law *datalaw.Compiled, points int, loss string, stream *kernel.Stream, l *dataset.Ledger) (*Evaluator, error) {
	l.Note(frame.MarkGroup, dataset.Evaluation, "")
	e := &Evaluator{dimensions: law.Dimensions(), population: ofLaw(law), on: OnLaw}
	if size, err := law.CubeSize(); err == nil && size <= maxCube {
		e.population.exact = true
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
	for g, m := range e.population.balanced {
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

// group sets the groups of a law's points with labels.
func (e *Evaluator) group(attributes []int16) {
	e.rows = len(e.labels)
	e.places = make([]int16, e.rows)
	for i, y := range e.labels {
		e.places[i] = datalaw.GroupOf(y, attributes[i])
	}
}

// NewSampleEvaluator measures on finite samples of the data set that d describes. Their own group shares stand for the
// data's law, and there is no uniform cube: core and spurious correlation are balanced estimates, each group counting as
// much as another, and exist if every group has samples. Without attributes there are no groups. With an empty loss, losses
// are not measured: they are NaN. l notes what is read for the purpose.
func NewSampleEvaluator(d *dataset.Description, s *dataset.Samples, purpose, loss string, l *dataset.Ledger) (*Evaluator, error) {
	e := &Evaluator{rows: s.Rows, dimensions: s.Dimensions, packed: s.Packed(), inputs: s.Inputs, labels: s.Labels(l, purpose), on: string(s.Split)}
	if s.Rows == 0 {
		return nil, errNoPoints
	}
	e.population, e.places = ofSamples(d, s, purpose, l)
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
	return NewSampleEvaluator(twoByTwo, s, purpose, loss, &dataset.Ledger{}) // noted above: fresh, no split
}

// EvaluatorFor measures on the law (NewEvaluator) or, for data without one, on its test split, or
// on its validation split.
func EvaluatorFor(d *dataset.Dataset, law *datalaw.Compiled, points int, loss string, stream *kernel.Stream, l *dataset.Ledger) (*Evaluator, error) {
	if law != nil {
		return NewEvaluator(law, points, loss, stream, l)
	}
	for _, s := range []*dataset.Samples{d.Test, d.Validation} {
		if s != nil {
			return NewSampleEvaluator(&d.Description, s, dataset.Evaluation, loss, l)
		}
	}
	return nil, errors.New("the data set has neither a law nor rows of the split test or validation to evaluate on; the block split of import makes some")
}

var errNoPoints = errors.New("there are no points to evaluate on")

func (e *Evaluator) prepare(loss string) error {
	if loss != "" && !slices.Contains(neuralnet.Losses, loss) {
		return fmt.Errorf("there is no loss %q", loss)
	}
	e.loss = loss
	if e.rows == 0 {
		return errNoPoints
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
func (e *Evaluator) Exact() bool { return e.population.exact }

// On tells where the points are from: OnLaw, OnTest or OnValidation.
func (e *Evaluator) On() string { return e.on }

// Shares gives the groups' shares of the points' law, which are the points' own for finite samples, for every group of the
// data set; nil without attributes.
func (e *Evaluator) Shares() []float64 {
	p := &e.population
	if !p.grouped {
		return nil
	}
	shares := make([]float64, p.data.GroupCount())
	for i, c := range p.cells {
		shares[c.group] = p.law[i]
	}
	return shares
}

// HasGroups reports whether the points have attributes, and so belong to groups.
func (e *Evaluator) HasGroups() bool { return e.population.grouped }

// NoCore says why there is no core correlation; "" if there is one.
func (e *Evaluator) NoCore() string {
	p := &e.population
	switch {
	case p.balanced != nil:
		return ""
	case !p.grouped:
		return "the data has no attributes"
	}
	return fmt.Sprintf("the split %s has no samples of %s, so that groups cannot be balanced", e.on, p.missing())
}

// missing names groups that have no points, at most three of them.
func (p *population) missing() string {
	const most = 3
	var names []string
	more, at := 0, 0
	for g := range p.data.GroupCount() {
		if at < len(p.cells) && p.cells[at].group == g {
			at++
			continue
		}
		if len(names) < most {
			names = append(names, p.data.GroupName(g))
			continue
		}
		more++
	}
	text := "the group " + strings.Join(names, " or ")
	if more > 0 {
		text = fmt.Sprintf("the groups %s, and of %d more", strings.Join(names, ", "), more)
	}
	return text
}
