// Package debias is the kind "debias": methods against spurious correlations, compared alike.
package debias

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/boolean"
	"spurion/stages/data"
	"spurion/stages/learn"
	"spurion/stages/model"
	"spurion/stages/nn"
)

// Kind trains a network by a debiasing method.
//
//	in   data       data set: a law, finite samples, or both; with attributes
//	out  history    a row an evaluation
//	out  summary    a row a selection rule
//	out  inference  a row an evaluation of a method that infers a minority, and of erm
//	out  model      a row a neuron: the network that each rule selects
//
// Equal settings and data give equal bytes, on any machine.
var Kind = stages.Define(stages.Kind{
	Name:    "debias",
	Version: 13,
	Doc:     doc(),
	Inputs:  []stages.Input{{Name: "data", Type: data.Type, Doc: "The data set to train on."}},
	Outputs: []stages.Output{
		{Name: "history", Doc: "One row for each evaluation.", Fields: historyFields},
		{Name: "summary", Doc: "One row for each selection rule: last, best_validation_accuracy, best_validation_worst_group.", Fields: summaryFields},
		{Name: "inference", Doc: "One row for each minority that the method inferred at an evaluation, compared with the true one; for erm the points that the network gets wrong. With evaluation.every an epoch of steps, one row an epoch. Empty on fresh samples and for methods that infer none.", Fields: inferenceFields},
		{Name: "model", Type: model.Type, Doc: "The networks that the selection rules chose, each at its step; the last is that of the rule last. One row for each neuron.", Fields: model.Fields, Internal: true},
	},
	Labels: labels,
}, run)

// labels is what methods, selection rules and evaluations may read.
var labels = []stages.LabelUse{
	{Mark: frame.MarkGroup, Purpose: data.Training},
	{Mark: frame.MarkAttribute, Purpose: data.Training},
	{Mark: frame.MarkGroup, Purpose: data.Selection},
	{Mark: frame.MarkSplit, Purpose: data.Selection},
	{Mark: frame.MarkGroup, Purpose: data.Evaluation},
	{Mark: frame.MarkSplit, Purpose: data.Evaluation},
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

Methods:
`)
	for _, m := range methods {
		fmt.Fprintf(&b, "\n%s (%s): %s Reads %s.\n", m.Name, m.Source, m.Doc, m.reads())
	}
	return b.String()
}

var historyFields = append([]frame.Field{
	{Name: "method", Type: frame.String, Doc: "The method."},
	{Name: "stage", Type: frame.String, Doc: "The stage of the method: main trains the network that is selected from; others (first, or split 1 and on of ssa) are earlier ones, measured as if they predicted the label."},
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken, counted from the start of the method."},
	{Name: "epoch", Type: frame.Float64, Unit: "epochs", Nullable: true, Doc: "Passes over the stage's finite training set since the stage began; null with fresh samples."},
	{Name: "training_loss", Type: frame.Float64, Unit: "nats", Nullable: true, Doc: "Mean unweighted loss of the batches since the evaluation before; null at a stage's start."},
	{Name: "validation_accuracy", Type: frame.Float64, Unit: "1", Doc: "Accuracy on the validation set."},
	{Name: "validation_worst_group_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Least accuracy of the groups that the validation set has."},
}, learn.MeasureFields("")...)

var summaryFields = slices.Concat([]frame.Field{
	{Name: "method", Type: frame.String, Doc: "The method."},
	{Name: "selection", Type: frame.String, Doc: "The rule that selected the step: last, best_validation_accuracy or best_validation_worst_group."},
	{Name: "label_access", Type: frame.String, Doc: "What the method and the rule read beyond training labels: mark, purpose and split (fresh: samples drawn from the law). split: selection is the use of validation labels."},
	{Name: "step", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "The selected step, counted from the start of the method; null if the last stage was never reached."},
	{Name: "steps", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken in all stages."},
	{Name: "earlier_steps", Type: frame.Int64, Unit: "steps", Doc: "Those of stages before the one that is selected from."},
	{Name: "diverged_step", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "The step whose result was not finite; null if none."},
	{Name: "validation", Type: frame.String, Doc: "The validation set: split (the data set's own) or law (drawn once from the law of the data)."},
	{Name: "validation_points", Type: frame.Int64, Unit: "samples", Doc: "Size of the validation set."},
	{Name: "validation_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Accuracy on the validation set at the selected step."},
	{Name: "validation_worst_group_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Least accuracy of the groups that the validation set has, at the selected step."},
}, nullable(learn.MeasureFields("")), learn.FloorFields(), learn.UnseenFields(), learn.SplitFields(), []frame.Field{
	{Name: "evaluation_points", Type: frame.Int64, Unit: "points", Doc: "Points that the measures are taken on."},
	{Name: "evaluation_exact", Type: frame.Bool, Doc: "Whether these are the whole cube, so that measures have no sampling error."},
	{Name: "note", Type: frame.String, Nullable: true, Doc: "What happened that a reader must know, in a sentence; null if nothing."},
})

func nullable(fields []frame.Field) []frame.Field {
	for i := range fields {
		fields[i].Nullable = true
	}
	return fields
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	d, law, err := learn.Data(r, "data")
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
func newTrial(s *Settings, m *Method, d *data.Dataset, law *boolean.Compiled, progress func(done, total int64)) (*Trial, error) {
	t := &Trial{Method: s.Method, settings: s, dataset: d, law: law, batch: s.Batch, budget: int64(s.Steps),
		ledger: &data.Ledger{}, progress: progress, visits: s.Evaluation.Steps(int64(s.Steps))}
	if _, err := nn.New(s.Network, d.Dimensions, learn.InitStream(s.Seed, "")); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	for _, split := range data.Splits {
		if samples := d.Split(split); samples != nil && !samples.HasAttributes() {
			return nil, errors.New("debiasing is about groups, but this data set has no attributes: there is no worst group to report")
		}
	}
	if m.Finite && t.Rows() == 0 {
		return nil, fmt.Errorf("method %s remembers training samples one by one, but this data set has none (every step would draw fresh ones): give the stage that makes it a number of training samples", m.Name)
	}
	t.record = &record{method: m.Name, ledger: &data.Ledger{},
		history: frame.NewBuilder(historyFields), inference: frame.NewBuilder(inferenceFields)}
	var trainingSet *data.Samples // nil with fresh samples
	if t.Rows() > 0 {
		trainingSet = d.Train
	}
	if err := t.record.setUp(s, d, trainingSet, law); err != nil {
		return nil, err
	}
	t.sayMissingGroups(trainingSet)
	return t, nil
}

// sayMissingGroups tells the rows' readers, and no method, which groups the data lack.
func (t *Trial) sayMissingGroups(trainingSet *data.Samples) {
	training := make([]float64, learn.Groups)
	switch {
	case trainingSet != nil:
		for _, g := range trainingSet.Groups(t.record.ledger, data.Evaluation) {
			training[g]++
		}
	case t.law != nil:
		t.record.ledger.Note(frame.MarkGroup, data.Evaluation, "")
		for g, mass := range t.law.Masses() {
			training[g] = mass
		}
	default:
		return // there is nothing to train on, as the method will say
	}
	t.sayMissing("training", byGroup, training)
	shares := t.record.validation.Shares()
	t.sayMissing("validation", byGroup, shares[:])
}

// setUp chooses the points that networks are measured and selected on. trainingSet is nil if none is trained on.
func (r *record) setUp(s *Settings, d *data.Dataset, trainingSet *data.Samples, law *boolean.Compiled) error {
	var err error
	switch {
	case law != nil:
		r.test, err = learn.NewEvaluator(law, s.Evaluation.Points, s.Loss, learn.EvaluationStream(s.Seed), r.ledger)
	case d.Test != nil:
		r.test, err = learn.NewSampleEvaluator(d.Test, data.Evaluation, s.Loss, r.ledger)
	default:
		err = errors.New("the data set has neither a law nor rows of the split test to evaluate on")
	}
	if err == nil {
		r.splits, err = learn.NewSplitEvaluator(d, r.ledger)
	}
	if err == nil {
		r.unseen, err = learn.NewUnseenEvaluator(trainingSet, law, s.Evaluation.Points, learn.UnseenStream(s.Seed), r.ledger)
	}
	if err != nil {
		return err
	}
	// Validation values are noted as read for evaluation here, because history shows them; what a
	// rule reads for selection is in its own ledger.
	switch {
	case d.Validation != nil:
		r.rules = rules(data.ValidationSplit)
		r.validation, err = learn.NewSampleEvaluator(d.Validation, data.Evaluation, "", r.ledger)
	case law != nil:
		r.rules = rules("")
		r.validation, err = learn.NewDrawEvaluator(law, s.Validation, data.Evaluation, "", learn.ValidationStream(s.Seed), r.ledger)
	default:
		err = errors.New("the data set has neither a law nor rows of the split validation to select on")
	}
	return err
}

func (t *Trial) write(ctx context.Context, r *stages.Run) error {
	m := model.New(t.settings.Network, t.dataset.Description())
	for _, rule := range t.record.rules {
		if rule.chosen {
			m.Add(rule.step, rule.net)
		}
	}
	if len(m.Checkpoints) == 0 { // an earlier stage diverged
		m.Add(0, t.Network(""))
	}
	if err := t.ledgers(); err != nil {
		return err
	}
	summary, err := t.summary(ctx)
	if err != nil {
		return err
	}
	history, err := t.record.history.Table()
	if err != nil {
		return err
	}
	inference, err := t.record.inference.Table()
	if err != nil {
		return err
	}
	networks, err := m.Table()
	if err != nil {
		return err
	}
	return errors.Join(r.Write("history", history), r.Write("summary", summary), r.Write("inference", inference), r.Write("model", networks))
}

// ledgers checks that evaluation and selection read what the kind declares and nothing else.
func (t *Trial) ledgers() error {
	errs := []error{t.record.ledger.Check(labels)}
	for _, rule := range t.record.rules {
		errs = append(errs, rule.ledger.Check(labels))
	}
	return errors.Join(errs...)
}

func (t *Trial) summary(ctx context.Context) (*frame.Table, error) {
	b := frame.NewBuilder(summaryFields)
	for _, rule := range t.record.rules {
		b.String("method", t.Method.Name)
		b.String("selection", rule.name)
		b.String("label_access", t.access(&rule.ledger))
		t.summarise(b, rule)
		learn.AppendFloors(b, t.law)
		unseen, splits, err := t.record.elsewhere(ctx, rule)
		if err != nil {
			return nil, err
		}
		unseen.Append(b)
		splits.Append(b)
		b.Int("evaluation_points", t.record.test.Points())
		b.Bool("evaluation_exact", t.record.test.Exact())
		if note := t.note(rule); note != "" {
			b.String("note", note)
		} else {
			b.Null("note")
		}
		b.EndRow()
	}
	return b.Table()
}

// summarise sets the columns about steps, and what was measured at the one that the rule selected.
func (t *Trial) summarise(b *frame.Builder, r *rule) {
	selected, accuracy := learn.Optional{}, learn.Optional{}
	if r.chosen {
		selected, accuracy = learn.Some(float64(r.step)), learn.Some(r.observed.Accuracy)
	}
	selected.Int64(b, "step")
	b.Int64("steps", t.taken)
	b.Int64("earlier_steps", t.earlier)
	t.diverged.Int64(b, "diverged_step")
	validation := "law"
	if t.dataset.Validation != nil {
		validation = "split"
	}
	b.String("validation", validation)
	b.Int("validation_points", t.record.validation.Points())
	accuracy.Float64(b, "validation_accuracy")
	r.observed.WorstAccuracy.Float64(b, "validation_worst_group_accuracy")
	if r.chosen {
		r.measures.Append(b, "")
		return
	}
	for _, f := range learn.MeasureFields("") {
		b.Null(f.Name)
	}
}

// note tells what a reader of the rule's row must know.
func (t *Trial) note(r *rule) string {
	notes := slices.Clone(t.notes)
	if r.chosen && t.diverged.Valid {
		notes = append(notes, fmt.Sprintf("The training diverged in step %v.", t.diverged.Value))
	}
	if r.chosen && r.untrained {
		notes = append(notes, "No network was evaluated after its first step: this is the untrained one.")
	}
	if r.chosen && r.measures.OneClass() {
		notes = append(notes, "The network predicts one class.")
	}
	if r.chosen && overCorrects(&r.measures) {
		notes = append(notes, "The network goes against the spurious attribute: it is mostly wrong where it equals the label, and mostly right where it does not.")
	}
	return strings.Join(notes, " ")
}

// overCorrects reports whether a network is wrong on most of either group in which label and attribute
// agree, and right on most of the others.
func overCorrects(m *learn.Measures) bool {
	for g, a := range m.GroupAccuracy {
		aligned := g == 0 || g == 3
		if !a.Valid || aligned != (a.Value < .5) || a.Value == .5 {
			return false
		}
	}
	return true
}
