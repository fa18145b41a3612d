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
)

var summaryFields = slices.Concat([]frame.Field{
	{Name: "method", Type: frame.String, Doc: "The method."},
	{Name: "selection", Type: frame.String, Doc: "The rule that selected the step: last, best_validation_accuracy or best_validation_worst_group; of data without attributes best_validation_worst_class in place of the last."},
	{Name: "label_access", Type: frame.String, Doc: "What the method and the rule read beyond training labels: mark, purpose and split (fresh: samples drawn from the law). split: selection is the use of validation labels."},
	{Name: "step", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "The selected step, counted from the start of the method; null if the last stage was never reached."},
	{Name: "steps", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken in all stages."},
	{Name: "earlier_steps", Type: frame.Int64, Unit: "steps", Doc: "Those of stages before the one that is selected from."},
	{Name: "ended", Type: frame.String, Nullable: true, Doc: "Why the training ended: steps (the whole budget taken, as it is to be) or diverged; null for a reference row, which takes no steps."},
	{Name: "diverged_step", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "The step whose result was not finite; null if none."},
	{Name: "validation", Type: frame.String, Doc: "The validation set: split (the data set's own) or law (drawn once from the law of the data)."},
	{Name: "validation_points", Type: frame.Int64, Unit: "samples", Doc: "Size of the validation set."},
	{Name: "validation_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Accuracy on the validation set at the selected step."},
	{Name: "validation_worst_group_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Least accuracy of the groups that the validation set has, at the selected step."},
}, evaluation.OptionalMeasureFields(""), evaluation.ScoredFields(""), evaluation.FloorFields(), evaluation.UnseenFields(), evaluation.SplitFields(), evaluation.PointFields(), []frame.Field{
	{Name: "note", Type: frame.String, Nullable: true, Doc: "What happened that a reader must know, in a sentence; null if nothing."},
})

// methodOf tells what the column method holds.
func methodOf(settings any) map[string][]string {
	return map[string][]string{"method": {settings.(*Settings).Method.Name}}
}

// selectionValues tells what the columns method and selection hold.
func selectionValues(settings any) map[string][]string {
	values := methodOf(settings)
	for _, r := range append(rules(dataset.ValidationSplit, true), worstClass()) {
		values["selection"] = append(values["selection"], r.name)
	}
	return values
}

// summaryValues tells what the columns method, selection, validation and ended hold.
func summaryValues(settings any) map[string][]string {
	values := selectionValues(settings)
	values["validation"] = []string{"split", "law"}
	values["ended"] = []string{"steps", "diverged"}
	return values
}

// write writes the outputs.
func (t *Trial) write(ctx context.Context, r *stages.Run) error {
	m := model.New(t.network, t.dataset.Description)
	for _, rule := range t.record.rules {
		if rule.chosen {
			m.Add(rule.step, rule.net)
		}
	}
	if len(m.Checkpoints) == 0 { // an earlier stage diverged
		m.Add(0, t.Network(""))
	}
	if err := t.writePerSample(ctx, r); err != nil {
		return err
	}
	if err := t.ledgers(); err != nil {
		return err
	}
	summary, err := t.summary(ctx)
	if err != nil {
		return err
	}
	if t.settings.repeats() > 1 {
		if err := r.WriteBuilt("repeats", t.record.repeats); err != nil {
			return err
		}
	}
	if !t.record.allGroups {
		t.record.noteSelected()
	}
	return errors.Join(r.WriteBuilt("history", t.record.history), r.WriteBuilt("by_group", t.record.groups), r.WriteBuilt("summary", summary),
		r.WriteBuilt("inference", t.record.inference), r.WriteBuilt("model", m))
}

// ledgers checks that evaluation and selection read what the kind declares and nothing else.
func (t *Trial) ledgers() error {
	errs := []error{t.record.ledger.Check(labels)}
	for _, rule := range t.record.rules {
		errs = append(errs, rule.ledger.Check(labels))
	}
	return errors.Join(errs...)
}

// summary gives a row for each rule.
func (t *Trial) summary(ctx context.Context) (*frame.Builder, error) {
	b := frame.NewBuilder(summaryFields)
	for _, rule := range t.record.rules {
		b.String("method", t.Method.Name)
		b.String("selection", rule.name)
		b.String("label_access", t.access(&rule.ledger))
		t.summarise(b, rule)
		scored, err := t.record.scores(ctx, rule)
		if err != nil {
			return nil, err
		}
		scored.Append(b, "")
		evaluation.AppendFloors(b, t.law)
		unseen, splits, err := t.record.elsewhere(ctx, rule)
		if err != nil {
			return nil, err
		}
		unseen.Append(b)
		splits.Append(b)
		t.record.test.AppendPoints(b)
		b.StringUnlessEmpty("note", t.note(rule))
		b.EndRow()
	}
	return b, nil
}

// summarise sets the columns about steps, and what was measured at the one that the rule selected.
func (t *Trial) summarise(b *frame.Builder, r *rule) {
	selected, accuracy := evaluation.Optional{}, evaluation.Optional{}
	if r.chosen {
		selected, accuracy = evaluation.Some(float64(r.step)), evaluation.Some(r.observed.Accuracy)
	}
	selected.Int64(b, "step")
	b.Int64("steps", t.taken)
	b.Int64("earlier_steps", t.earlier)
	switch {
	case t.diverged.Valid:
		b.String("ended", "diverged")
	case t.taken > 0:
		b.String("ended", "steps")
	default:
		b.Null("ended")
	}
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
	evaluation.AppendNoMeasures(b, "")
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
	if r.chosen {
		notes = append(notes, r.measures.Remarks()...)
	}
	return strings.Join(notes, " ")
}
