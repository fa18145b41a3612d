package debias

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
)

// Kind trains a network by a debiasing method.
//
//	in   data       data set: a law, finite samples, or both; of any number of classes and groups
//	out  history    a row an evaluation
//	out  by_group   a row an evaluation and group
//	out  summary    a row a selection rule
//	out  inference  a row an evaluation of a method that infers a minority, and of erm
//	out  predictions, groups, group_weights  if asked for: a row a sample, or a row an evaluation and cell of GroupDRO
//	out  model      a row a neuron: the network that each rule selects
//	out  repeats    a row an evaluation and repeat, if there are several
//
// Equal settings and data give equal bytes, on any machine.
var Kind = stages.Define(stages.Kind{
	Name:    "debias",
	Version: 16,
	Doc:     doc(),
	Inputs:  []stages.Input{{Name: "data", Type: dataset.Type, Doc: "The data set to train on."}},
	Outputs: []stages.Output{
		{Name: "history", Doc: "One row for each evaluation.", Fields: historyFields, Values: methodOf},
		groupOutput,
		{Name: "summary", Doc: "One row for each selection rule: last, best_validation_accuracy, best_validation_worst_group (of data without attributes best_validation_worst_class).", Fields: summaryFields, Values: summaryValues, Diverged: trainloop.DivergedAdvice},
		{Name: "inference", Doc: "One row for each minority that the method inferred at an evaluation, compared with the true one; for erm the points that the network gets wrong. With evaluation.every an epoch of steps, one row an epoch. Empty on fresh samples and for methods that infer none.", Fields: inferenceFields, Values: methodOf},
		{Name: "model", Type: model.Type, Doc: "The networks that the selection rules chose, each at its step; the last is that of the rule last. One row for each neuron.", Fields: model.Fields, Internal: true},
	},
	DynamicOutputs: func(settings any) []stages.Output { return settings.(*Settings).outputs() },
	Parts:          parts(),
	Labels:         slices.Concat(labels, dataset.Reading),
}, run)

// labels is what methods, selection rules and evaluations may read.
var labels = []stages.LabelUse{
	{Mark: frame.MarkGroup, Purpose: dataset.Training},
	{Mark: frame.MarkAttribute, Purpose: dataset.Training},
	{Mark: frame.MarkGroup, Purpose: dataset.Selection},
	{Mark: frame.MarkSplit, Purpose: dataset.Selection},
	{Mark: frame.MarkGroup, Purpose: dataset.Evaluation},
	{Mark: frame.MarkSplit, Purpose: dataset.Evaluation},
}

func doc() string {
	var b strings.Builder
	b.WriteString(`Trains a network by a method against spurious correlations, and selects a checkpoint by three rules.

Every method has the same budget of gradient steps, those of its first stages included. The rules are
last (the last evaluation), best_validation_accuracy and best_validation_worst_group (the best
evaluated step on the validation split or, if there is none, on a set drawn once from the data's law;
the earliest of equals; the untrained network at the start only where no other was evaluated).
Measures are those of the kind train, on points of their own, and no rule sees them. What a method
and a rule really read beyond labels is in label_access, and a method that reads for training what it
does not declare fails.

There may be any number of classes and of groups, a group being a label with a value of the attribute. A group, cluster or
environment without training samples has no part in anything: no weight, no share of a batch; the note names it. Methods that
read labels alone run on data without attributes too: columns about groups are null then, worst_class_accuracy and
balanced_accuracy tell of the classes, and as there is no worst group to select by, the third rule is
best_validation_worst_class (the least accuracy of a class). What a method needs beyond labels is said with it below.

evaluation.repeats is that of the kind train. The validation set is drawn once all the same, as it is what a rule sees, and
summary has means over the repeats too.

Methods:
`)
	for _, m := range methods {
		fmt.Fprintf(&b, "\n%s (%s): %s Reads %s.\n", m.Name, m.Source, m.Doc, m.reads())
	}
	return b.String()
}

var historyFields = append([]frame.Field{
	{Name: "method", Type: frame.String, Doc: "The method."},
	{Name: "stage", Type: frame.String, Doc: "The stage of the method: main trains the network that is selected from; others (first, or split 1 and on of ssa) are earlier ones, measured as if they predicted the label; those of ssa are left out where there are not as many values of the attribute as classes."},
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken, counted from the start of the method."},
	{Name: "epoch", Type: frame.Float64, Unit: "epochs", Nullable: true, Doc: "Passes over the stage's finite training set since the stage began; null with fresh samples."},
	{Name: "training_loss", Type: frame.Float64, Unit: "nats", Nullable: true, Doc: "Mean unweighted loss of the batches since the evaluation before; null at a stage's start."},
	{Name: "validation_accuracy", Type: frame.Float64, Unit: "1", Doc: "Accuracy on the validation set."},
	{Name: "validation_worst_group_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Least accuracy of the groups that the validation set has."},
}, append(evaluation.MeasureFields(""), evaluation.MeasuredOnField)...)

var groupOutput = func() stages.Output {
	o := evaluation.GroupOutput("evaluation", historyFields[:3], "")
	o.Values = methodOf
	return o
}()

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	d, law, err := trainloop.AnyData(r, "data")
	if err != nil {
		return err
	}
	method := methodNamed(s.Method.Name)
	t, err := newTrial(s, method, d, law, r.Progress)
	if err != nil {
		return err
	}
	if err := method.Run(ctx, t); err != nil && !errors.Is(err, errDiverged) {
		return fmt.Errorf("method %s: %w", method.Name, err)
	}
	if err := method.check(t.ledger); err != nil {
		return fmt.Errorf("method %s: %w", method.Name, err)
	}
	r.Progress(t.budget, t.budget)
	return t.write(ctx, r)
}

// newTrial sets up what the method gets and how it is measured.
func newTrial(s *Settings, m *Method, d *dataset.Dataset, law *datalaw.Compiled, progress func(done, total int64)) (*Trial, error) {
	s, err := s.inSteps(trainloop.PassOf(d, s.Sampling, s.Batch))
	if err != nil {
		return nil, err
	}
	t := &Trial{Method: s.Method, settings: s, dataset: d, law: law, batch: s.Batch, budget: s.total(),
		ledger: &dataset.Ledger{}, groupWeights: frame.NewBuilder(weightFields), progress: progress, visits: s.Evaluation.Steps(s.total())}
	if t.network, err = trainloop.NetworkFor(s.Network, s.Loss, d.ClassCount(), &d.Description); err != nil {
		return nil, err
	}
	if _, err := neuralnet.New(t.network, d.Dimensions, trainloop.InitStream(s.Seed, "")); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	if err := t.checkReads(m); err != nil {
		return nil, err
	}
	if m.Finite && t.Rows() == 0 {
		return nil, fmt.Errorf("method %s remembers training samples one by one, but this data set has none (every step would draw fresh ones): give the stage that makes it a number of training samples", m.Name)
	}
	t.record = &record{method: m.Name, ledger: &dataset.Ledger{}, data: &d.Description,
		history: frame.NewBuilder(historyFields), groups: frame.NewBuilder(groupOutput.Fields), inference: frame.NewBuilder(inferenceFields), repeats: frame.NewBuilder(repeatFields)}
	var trainingSet *dataset.Samples // nil with fresh samples
	if t.Rows() > 0 {
		trainingSet = d.Train
	}
	if err := t.record.setUp(s, d, trainingSet, law); err != nil {
		return nil, err
	}
	t.record.allGroups = t.record.test.KeepsGroups(len(t.visits))
	t.sayMissingGroups(trainingSet)
	return t, nil
}

// checkReads wants what the method reads to be there.
func (t *Trial) checkReads(m *Method) error {
	for _, a := range m.Reads {
		s := t.dataset.Split(a.Split)
		if s == nil || a.Split == dataset.TrainSplit && t.fresh() {
			continue
		}
		if a.Mark != frame.MarkSplit && !s.HasAttributes() {
			return fmt.Errorf("method %s reads the %ss of %s samples, but this data set has no attributes: give it the column attribute (or group), or use a method that reads labels alone, such as %s",
				m.Name, a.Mark, a.Split, strings.Join(labelsAlone(), ", "))
		}
	}
	return nil
}

// sayMissingGroups tells the rows' readers, and no method, which groups the data lack.
func (t *Trial) sayMissingGroups(trainingSet *dataset.Samples) {
	if training := t.trainingShares(trainingSet); training != nil {
		t.sayMissing("training", t.byGroup(), training)
	}
	if shares := t.record.validation.Shares(); shares != nil {
		t.sayMissing("validation", t.byGroup(), shares)
	}
}

// trainingShares gives how much of what is trained on is of each group; nil if there are no groups, or nothing to train on.
func (t *Trial) trainingShares(trainingSet *dataset.Samples) []float64 {
	shares := make([]float64, t.dataset.GroupCount())
	switch {
	case trainingSet != nil && trainingSet.HasAttributes():
		for _, g := range trainingSet.Groups(t.record.ledger, dataset.Evaluation) {
			shares[g]++
		}
	case trainingSet == nil && t.law != nil:
		t.record.ledger.Note(frame.MarkGroup, dataset.Evaluation, "")
		for g, mass := range t.law.Masses() {
			shares[g] = mass
		}
	default:
		return nil
	}
	return shares
}
