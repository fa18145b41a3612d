package head

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/numeric/neuralnet"
)

// row works on the network of a row of the base, and gives it with its new layer; nil if there is
// none.
func (t *trial) row(ctx context.Context, base *frame.Table, row int, b *frame.Builder) (*neuralnet.Network, error) {
	t.ledger, t.chosen, t.validated, t.ended, t.used, t.notes = dataset.Ledger{}, evaluation.Optional{}, score{}, "", nil, nil
	text := func(column string) string { s, _ := base.Column(column).Value(row).(string); return s }
	rule := text("selection")
	net, f, err := t.network(ctx, base, row, rule)
	if err != nil {
		return nil, err
	}
	if err := t.ledger.Check(labels); err != nil {
		return nil, err
	}
	name := func(b *frame.Builder) {
		b.String("method", text("method")+"+"+t.settings.Head.Name)
		b.String("base_method", text("method"))
		b.String("head", t.settings.Head.Name)
		b.String("selection", rule)
	}
	name(b)
	b.String("label_access", joinAccess(text("label_access"), t.ledger.Access()))
	for _, column := range []string{"step", "steps", "earlier_steps"} {
		if v, ok := base.Column(column).Value(row).(int64); ok {
			b.Int64(column, v)
		} else {
			b.Null(column)
		}
	}
	fit, _, _ := t.fitted()
	b.Int("head_points", fit.Rows)
	t.chosen.Float64(b, "head_chosen")
	b.StringUnlessEmpty("ended", t.ended)
	b.BoolIf(t.ended == endedConverged || t.ended == endedCapped, "converged", t.ended == endedConverged)
	t.validated.accuracy.Float64(b, "validation_accuracy")
	t.validated.worst.Float64(b, "validation_worst_group_accuracy")
	gain := evaluation.Optional{}
	if before, ok := base.Column("worst_group_accuracy").Value(row).(float64); ok && f.measures != nil && f.measures.WorstAccuracy.Valid {
		gain = evaluation.Some(f.measures.WorstAccuracy.Value - before)
	}
	gain.Float64(b, "worst_group_gain")
	t.append(b, f)
	b.EndRow()
	if net != nil && t.settings.perSample() {
		if err := evaluation.AppendPredictions(ctx, t.predictions, t.dataset, net, t.loss(net), &t.measured, func() { name(t.predictions) }); err != nil {
			return nil, err
		}
	}
	if net != nil {
		t.appendSamples(name)
	}
	if f.measures != nil {
		step, _ := base.Column("step").Value(row).(int64)
		begin := func(b *frame.Builder) { name(b); b.Int64("step", step) }
		f.measures.AppendGroups(t.groups, &t.dataset.Description, func() { begin(t.groups) })
		t.appendRepeats(f, begin)
	}
	return net, nil
}

// appendRepeats adds what each repeat found, if there are several, in rows that begin alike.
func (t *trial) appendRepeats(f found, begin func(*frame.Builder)) {
	b := t.repeats
	for k := range f.measures.Repeats {
		begin(b)
		b.Int("repeat", k)
		f.measures.Repeats[k].Append(b, "")
		unseen := f.unseen.OfRepeat(k)
		unseen.Append(b)
		b.EndRow()
	}
}

// found is what was measured of a network.
type found struct {
	measures *evaluation.Measures // nil if there is no network, or nothing to measure of it
	scored   evaluation.Scored
	unseen   evaluation.UnseenMeasures
	splits   evaluation.SplitMeasures
}

// network gives the network of a row with its new layer, and its measures; nil if there is none.
func (t *trial) network(ctx context.Context, base *frame.Table, row int, rule string) (*neuralnet.Network, found, error) {
	if base.Column("head") != nil {
		return nil, found{}, errors.New("the base is itself the summary of a stage head; give the one of a stage debias")
	}
	step, ok := base.Column("step").Value(row).(int64)
	i := slices.IndexFunc(t.networks.Checkpoints, func(c model.Checkpoint) bool { return c.Step == step })
	if !ok {
		t.say("The base gave no network.")
		return nil, found{}, nil
	}
	if i < 0 {
		return nil, found{}, fmt.Errorf("the model has no network of step %d: model and base must come from one stage", step)
	}
	net, err := headNamed(t.settings.Head.Name).fit(ctx, t, t.networks.Checkpoints[i].Net, rule)
	if errors.Is(err, neuralnet.ErrDiverged) {
		t.say("There is no new layer: %v.", err)
		return nil, found{}, nil
	}
	if err != nil {
		return nil, found{}, err
	}
	m, err := t.evaluator.Evaluate(ctx, net)
	if errors.Is(err, neuralnet.ErrDiverged) {
		t.say("There are no measures: %v.", err)
		return net, found{}, nil
	}
	if err != nil {
		return nil, found{}, err
	}
	for _, remark := range m.Remarks() {
		t.say("%s", remark)
	}
	scored, err := t.evaluator.Score(ctx, net)
	if err != nil {
		return nil, found{}, err
	}
	unseen, err := t.unseen.Evaluate(ctx, net)
	if err != nil && !errors.Is(err, neuralnet.ErrDiverged) {
		return nil, found{}, err
	}
	splits, err := t.splits.Evaluate(ctx, net, &m)
	return net, found{&m, scored, unseen, splits}, err
}

// append sets the columns of measures and those after them.
func (t *trial) append(b *frame.Builder, f found) {
	if f.measures != nil {
		f.measures.Append(b, "")
	} else {
		evaluation.AppendNoMeasures(b, "")
	}
	f.scored.Append(b, "")
	evaluation.AppendFloors(b, t.law)
	f.unseen.Append(b)
	f.splits.Append(b)
	t.evaluator.AppendPoints(b)
	b.StringUnlessEmpty("note", strings.Join(t.notes, " "))
}

// joinAccess unites two texts of dataset.Ledger.Access.
func joinAccess(texts ...string) string {
	var parts []string
	for _, text := range texts {
		if text != "none" && text != "" {
			parts = append(parts, strings.Split(text, "; ")...)
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	slices.Sort(parts)
	return strings.Join(slices.Compact(parts), "; ")
}

// sortBy sorts places by falling score, equals by place; without scores by place.
func sortBy(order []int32, scores []float64) {
	slices.SortFunc(order, func(i, j int32) int {
		if scores != nil {
			if c := cmp.Compare(scores[j], scores[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(i, j)
	})
}
