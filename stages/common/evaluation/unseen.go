package evaluation

import (
	"context"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// An UnseenEvaluator measures networks on inputs whose core block, all of its coordinates, does not
// occur in the training set: what was learned of the core beyond a table of the samples.
//
// A cube that is enumerated for evaluations is enumerated here too. Else the rest of the input is drawn
// once, equally often for each attribute: of every unseen block if twice as many points as there are
// suffice, else of blocks drawn uniformly from the unseen ones. Labels are weighted by the exact
// shares of unseen blocks that have them.
type UnseenEvaluator struct {
	blocks    *coreBlocks // nil without a law or a finite training set
	evaluator *Evaluator  // nil if nothing is unseen
	points    int         // that were asked for
}

// UnseenMeasures are what an UnseenEvaluator finds; nothing where nothing is unseen.
type UnseenMeasures struct {
	Accuracy, AccuracyError Optional // under the data's law, given that the core block is unseen
	Core, CoreError         Optional // E[f_c sign(net)] on the uniform cube, given that
	// Repeats has what each repeat found, if there are several; else nil.
	Repeats []UnseenMeasures
}

// NewUnseenEvaluator looks at the finite training set; without one (nil), and without a law (nil), nothing
// is measured. l notes what is read.
func NewUnseenEvaluator(train *dataset.Samples, law *datalaw.Compiled, points int, stream *kernel.Stream, l *dataset.Ledger) (*UnseenEvaluator, error) {
	e := &UnseenEvaluator{points: points}
	if law == nil || train == nil || law.Law().CoreLength == 0 {
		return e, nil
	}
	if train.Packed() == nil {
		return nil, fmt.Errorf("the training samples of a law are not all -1 or +1")
	}
	e.blocks = newCoreBlocks(law, train)
	if n, counted := e.blocks.missing(); counted && n == 0 {
		return e, nil
	}
	l.Note(frame.MarkGroup, dataset.Evaluation, "")
	if size, err := law.CubeSize(); err == nil && size <= maxCube {
		e.evaluator = e.enumerate(size)
		return e, e.evaluator.prepare("")
	}
	var err error
	e.evaluator, err = e.sample(stream)
	return e, err
}

// Repeat adds a repeat for each stream, as Evaluator.Repeat does. Estimates are means over the repeats: a repeat that draws its
// blocks has its own share of each label. Where nothing is drawn there is nothing to do.
func (e *UnseenEvaluator) Repeat(streams []*kernel.Stream) error {
	if e.evaluator == nil || e.evaluator.population.exact || len(streams) == 0 {
		return nil
	}
	have := e.evaluator.have()
	for _, stream := range streams {
		a, err := e.sample(stream)
		if err != nil {
			return err
		}
		e.evaluator.again = append(e.evaluator.again, a)
		for g, ok := range a.have() {
			have[g] = have[g] || ok
		}
	}
	e.evaluator.pooled = e.weigh(have)
	return nil
}

// enumerate takes all points of the cube that are unseen.
func (e *UnseenEvaluator) enumerate(size int) *Evaluator {
	law := e.blocks.law
	to := &Evaluator{dimensions: law.Dimensions(), on: OnLaw}
	block := make([]uint64, 1)
	for i := range size {
		point := []uint64{uint64(i)}
		if law.CoreBlocks(block, point, 1); !e.blocks.occurs(block) {
			to.packed = append(to.packed, point[0])
		}
	}
	to.labels = make([]int16, len(to.packed))
	attributes := make([]int16, len(to.packed))
	law.Evaluate(to.packed, to.labels, attributes)
	to.group(attributes)
	to.population = e.weigh(to.have())
	to.population.exact = true
	return to
}

// sample draws the rest of the inputs.
func (e *UnseenEvaluator) sample(stream *kernel.Stream) (*Evaluator, error) {
	law := e.blocks.law
	var kinds []int16 // of attributes
	for s, p := range [2]float64{1 - law.SpuriousProbability(), law.SpuriousProbability()} {
		if p > 0 {
			kinds = append(kinds, int16(s))
		}
	}
	each := max(1, e.points/len(kinds)) // points of an attribute
	list, all := e.blocks.missing()
	if all = all && list <= each; all {
		each = each / list * list
	}
	to, words, rows := &Evaluator{dimensions: law.Dimensions(), on: OnLaw}, e.blocks.words, each*len(kinds)
	to.packed, to.labels = make([]uint64, rows*law.Words()), make([]int16, rows)
	attributes := make([]int16, rows)
	blocks := make([]uint64, len(attributes)*words)
	for i := range attributes {
		attributes[i] = kinds[i/each]
		if all {
			blocks[i] = e.blocks.nth(i % list)
		}
	}
	if !all {
		e.blocks.draw(blocks, stream) // anew for each attribute, so that groups are independent
	}
	law.CoreLabels(blocks, to.labels)
	if err := law.SampleGiven(stream, to.packed, to.labels, attributes); err != nil {
		return nil, err
	}
	law.SetCoreBlocks(to.packed, blocks, len(attributes))
	to.group(attributes)
	to.population = e.weigh(to.have())
	return to, to.prepare("")
}

// have tells which groups have points.
func (e *Evaluator) have() (have [Groups]bool) {
	for _, g := range e.places {
		have[g] = true
	}
	return have
}

// weigh gives the masses of the groups among unseen inputs; those under the law are all 0 if it has none of these. A label
// that no point has is left out: of drawn blocks, one that hardly any unseen block has.
func (e *UnseenEvaluator) weigh(have [Groups]bool) population {
	law := e.blocks.law
	spurious := [2]float64{1 - law.SpuriousProbability(), law.SpuriousProbability()}
	var masses, balanced [Groups]float64
	var uniform, inLaw float64
	for g, density := range law.Densities() {
		if have[g] {
			balanced[g] = float64(e.blocks.absent[g/2] * spurious[g%2])
			masses[g] = float64(balanced[g] * density)
			uniform += balanced[g]
			inLaw += masses[g]
		}
	}
	for g := range have {
		balanced[g] /= uniform
		if inLaw > 0 {
			masses[g] /= inLaw
		}
	}
	return fourGroups(masses[:], balanced[:])
}

// Evaluate measures a network. The error is neuralnet.ErrDiverged if an output is not a number, or ctx's.
func (e *UnseenEvaluator) Evaluate(ctx context.Context, net *neuralnet.Network) (UnseenMeasures, error) {
	if e.evaluator == nil {
		return UnseenMeasures{}, nil
	}
	m, err := e.evaluator.Evaluate(ctx, net)
	if err != nil {
		return UnseenMeasures{}, err
	}
	return e.measures(&m), nil
}

// Follow measures a predictor as Evaluator.Follow does.
func (e *UnseenEvaluator) Follow(predict func(label, attribute int16) int16) (UnseenMeasures, error) {
	if e.evaluator == nil {
		return UnseenMeasures{}, nil
	}
	m, err := e.evaluator.Follow(predict)
	if err != nil {
		return UnseenMeasures{}, err
	}
	return e.measures(&m), nil
}

func (e *UnseenEvaluator) measures(m *Measures) UnseenMeasures {
	u := unseenOf(m, &e.evaluator.population)
	if m.Repeats == nil {
		return u
	}
	u = unseenOf(m, &e.evaluator.pooled)
	u.Repeats = append(u.Repeats, unseenOf(&m.Repeats[0], &e.evaluator.population))
	for k, a := range e.evaluator.again {
		u.Repeats = append(u.Repeats, unseenOf(&m.Repeats[k+1], &a.population))
	}
	if u.Accuracy = meanOf(u.Repeats, func(u *UnseenMeasures) Optional { return u.Accuracy }); !u.Accuracy.Valid {
		u.AccuracyError = Optional{}
	}
	u.Core = meanOf(u.Repeats, func(u *UnseenMeasures) Optional { return u.Core })
	return u
}

// OfRepeat gives what repeat k found; the zero value where nothing is unseen.
func (u *UnseenMeasures) OfRepeat(k int) UnseenMeasures {
	if u.Repeats == nil {
		return UnseenMeasures{}
	}
	return u.Repeats[k]
}

func unseenOf(m *Measures, p *population) UnseenMeasures {
	u := UnseenMeasures{Core: m.Core, CoreError: m.CoreError}
	if slices.Max(p.law) > 0 {
		u.Accuracy, u.AccuracyError = Some(m.Accuracy), m.AccuracyError
	}
	return u
}

// UnseenFields gives the columns of UnseenMeasures.
func UnseenFields() []frame.Field {
	field := func(name, doc string) frame.Field {
		return frame.Field{Name: name, Type: frame.Float64, Unit: "1", Doc: doc, Nullable: true}
	}
	return []frame.Field{
		field("unseen_accuracy", "Accuracy under the data's law on inputs whose core block, all of its coordinates, does not occur in the training set. Null with fresh samples, for data without a law, and if every block occurs."),
		field("unseen_accuracy_se", "Standard error of unseen_accuracy, as of unseen_core_correlation."),
		field("unseen_core_correlation", "E[f_c sign(net)] on the uniform cube, over inputs whose core block does not occur in the training set; null as unseen_accuracy."),
		field("unseen_core_correlation_se", "Standard error of unseen_core_correlation, from the binomial variance within each group: 0 where the whole cube was enumerated; too large where every unseen block was measured."),
	}
}

// Append sets the columns of UnseenFields in b's current row. The zero value gives nulls.
func (u *UnseenMeasures) Append(b *frame.Builder) {
	u.Accuracy.Float64(b, "unseen_accuracy")
	u.AccuracyError.Float64(b, "unseen_accuracy_se")
	u.Core.Float64(b, "unseen_core_correlation")
	u.CoreError.Float64(b, "unseen_core_correlation_se")
}

// UnseenCountFields gives the columns of AppendCounts.
func UnseenCountFields() []frame.Field {
	return []frame.Field{
		{Name: "core_blocks_seen", Type: frame.Int64, Nullable: true, Doc: "Values of the core block that occur in the training set; null with fresh samples, and for data without a law."},
		{Name: "core_blocks_unseen", Type: frame.Int64, Nullable: true, Doc: fmt.Sprintf("Values of the core block that do not occur in it; null as core_blocks_seen, and for a block of more than %d coordinates, of which nearly all do not.", countable)},
		{Name: "unseen_core_mean", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Mean of f_c over the values that do not occur: the unseen_core_correlation of a network that always says +1. It may be far from E f_c, as values of the rarer label are left out more often. Null if there are none, and as core_blocks_seen."},
		{Name: "unseen_points", Type: frame.Int64, Unit: "points", Nullable: true, Doc: "Points with such blocks that each evaluation measured on, 0 if there are none: the whole cube's where evaluation_exact, else drawn, equally many for each spurious attribute: of every unseen block if evaluation.points suffice, else of blocks drawn uniformly from them. Null as core_blocks_seen."},
	}
}

// AppendCounts sets the columns of UnseenCountFields in b's current row.
func (e *UnseenEvaluator) AppendCounts(b *frame.Builder) {
	if e.blocks == nil {
		b.Null("core_blocks_seen")
		b.Null("core_blocks_unseen")
		b.Null("unseen_core_mean")
		b.Null("unseen_points")
		return
	}
	b.Int("core_blocks_seen", e.blocks.present())
	n, counted := e.blocks.missing()
	b.IntIf(counted, "core_blocks_unseen", n)
	if e.evaluator == nil {
		b.Null("unseen_core_mean")
		b.Int("unseen_points", 0)
		return
	}
	b.Float64("unseen_core_mean", e.blocks.mean())
	b.Int("unseen_points", e.evaluator.Points())
}
