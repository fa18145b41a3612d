package debias

import (
	"context"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
)

// sampleFields are the columns of the output "groups".
var sampleFields = []frame.Field{
	historyFields[0],
	{Name: "row", Type: frame.Int64, Doc: "The sample's row within the split train, from 0."},
	{Name: "cell", Type: frame.Int64, Nullable: true, Doc: "The cell that the sample is in: what the method balances, or compares, as it read or inferred it. Null for a method that weighs samples alone.", Mark: frame.MarkGroup},
	{Name: "cell_name", Type: frame.String, Nullable: true, Doc: "The cell's name.", Mark: frame.MarkGroup},
	{Name: "weight", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "How much the sample's loss counts in what the last stage goes down, at its end: by how often it is in batches, and by its weight in them; 1 on average over the training samples. Null where that is not a number of the sample's own.", Mark: frame.MarkGroup},
}

// weightFields are the columns of the output "group_weights".
var weightFields = []frame.Field{
	historyFields[0],
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken, counted from the start of the method."},
	{Name: "cell", Type: frame.Int64, Doc: "The group, or the cell that the method inferred in its place."},
	{Name: "cell_name", Type: frame.String, Doc: "The cell's name."},
	{Name: "weight", Type: frame.Float64, Unit: "1", Doc: "The weight q of the cell's mean loss; over the cells they sum to 1."},
}

// asked reports whether outputs with a row for each sample are written.
func (s *Settings) asked() bool { return s.PerSample != nil && *s.PerSample }

// perSample gives the outputs of the setting per_sample.
func (s *Settings) perSample() []stages.Output {
	if !s.asked() {
		return nil
	}
	list := []stages.Output{
		evaluation.PredictionOutput("the network that a rule selected", summaryFields[:2]...),
		{Name: "groups", Doc: "One row for each training sample of a method that infers cells or weighs samples: the cell, and how much the sample counts. Empty on fresh samples, for other methods, and where the last stage was never reached.", Fields: sampleFields, Values: methodOf},
	}
	list[0].Values = selectionValues
	if s.weighsGroups() {
		list = append(list, stages.Output{Name: "group_weights", Doc: "One row for each evaluation of the last stage and cell that has samples: the weights of GroupDRO over time. If these would be more than 2^20, those of its end alone.", Fields: weightFields, Values: methodOf})
	}
	return list
}

// weighsGroups says whether the method goes down a loss of GroupDRO.
func (s *Settings) weighsGroups() bool {
	return slices.Contains([]string{groupDRO.Name, ssa.Name, george.Name}, s.Method.Name) || s.Method.Name == eiil.Name && s.Method.Objective != irm.Name
}

// samplesUse is what a method made of the training samples.
type samplesUse struct {
	cells   []int16 // [Rows]; nil if there are none
	names   []string
	weights []float64 // [Rows]; nil if there are none
}

// use notes the cells of the training samples, nil for none, and how much each sample counts, up to a common factor, nil for
// no weights. It is for a table: without per_sample, and with fresh samples, nothing is noted.
func (t *Trial) use(d *division, weights func() []float64) {
	if !t.settings.asked() || t.Rows() == 0 {
		return
	}
	u := &samplesUse{}
	if d != nil {
		u.cells, u.names = t.cells(d), d.names
	}
	if weights != nil {
		u.weights = weights()
		sum := 0.0
		for _, w := range u.weights {
			sum += w
		}
		scale := float64(len(u.weights)) / sum
		for i, w := range u.weights {
			u.weights[i] = float64(w * scale)
		}
	}
	t.used = u
}

// byCell gives weights of the training samples from those of cells, of which each has some samples: each sample has its part
// of its cell's.
func (t *Trial) byCell(d *division, of func(cell, samples int) float64) func() []float64 {
	return func() []float64 {
		share := make([]float64, len(d.names))
		for c, n := range t.sizes(d) {
			share[c] = of(c, n) / float64(n)
		}
		weights := make([]float64, t.Rows())
		for i, c := range t.cells(d) {
			weights[i] = share[c]
		}
		return weights
	}
}

// alike gives every cell the same weight.
func alike(int, int) float64 { return 1 }

// bySize gives a cell the weight of its samples, so that these count alike.
func bySize(_, samples int) float64 { return float64(samples) }

// cellsOf gives 1 for the members of a set, else 0.
func cellsOf(members []bool) []int16 {
	cells := make([]int16, len(members))
	for i, in := range members {
		if in {
			cells[i] = 1
		}
	}
	return cells
}

// often gives weights of rows by how often a list has them.
func often(rows int, list []int32) []float64 {
	weights := make([]float64, rows)
	for _, row := range list {
		weights[row]++
	}
	return weights
}

// keepWeights notes the weights q of GroupDRO's cells at a visit, of so many of the last stage.
func (t *Trial) keepWeights(v trainloop.Visit, d *division, state *dro) {
	const mostRows = 1 << 20
	if !t.settings.asked() || state.cells*(len(t.visits)+2) > mostRows && v.Step < t.budget {
		return
	}
	b := t.groupWeights
	for c, name := range d.names {
		if !state.has[c] {
			continue
		}
		b.String("method", t.Method.Name)
		b.Int64("step", v.Step)
		b.Int("cell", c)
		b.String("cell_name", name)
		b.Float64("weight", state.q[c])
		b.EndRow()
	}
}

// writePerSample writes the outputs of the setting per_sample.
func (t *Trial) writePerSample(ctx context.Context, r *stages.Run) error {
	if !t.settings.asked() {
		return nil
	}
	predictions, err := t.allPredictions(ctx)
	if err != nil {
		return err
	}
	if err := r.WriteBuilt("predictions", predictions); err != nil {
		return err
	}
	if t.settings.weighsGroups() {
		if err := r.WriteBuilt("group_weights", t.groupWeights); err != nil {
			return err
		}
	}
	return r.WriteBuilt("groups", t.sampleTable())
}

// allPredictions gives what the networks predict that the rules selected.
func (t *Trial) allPredictions(ctx context.Context) (*frame.Builder, error) {
	b := frame.NewBuilder(slices.Concat(summaryFields[:2], evaluation.PredictionFields))
	for _, rule := range t.record.rules {
		begin := func() {
			b.String("method", t.Method.Name)
			b.String("selection", rule.name)
		}
		switch {
		case !rule.chosen:
		case t.record.predict != nil:
			evaluation.AppendFollowed(b, t.dataset, t.record.predict, t.record.ledger, begin)
		default:
			if err := evaluation.AppendPredictions(ctx, b, t.dataset, rule.net, t.settings.Loss, t.record.ledger, begin); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

// sampleTable gives the output "groups".
func (t *Trial) sampleTable() *frame.Builder {
	b := frame.NewBuilder(sampleFields)
	if t.used == nil {
		return b
	}
	for row := range t.Rows() {
		b.String("method", t.Method.Name)
		b.Int("row", row)
		if t.used.cells != nil {
			b.Int("cell", int(t.used.cells[row]))
			b.String("cell_name", t.used.names[t.used.cells[row]])
		} else {
			b.Null("cell")
			b.Null("cell_name")
		}
		var weight evaluation.Optional
		if t.used.weights != nil {
			weight = evaluation.Finite(t.used.weights[row])
		}
		weight.Float64(b, "weight")
		b.EndRow()
	}
	return b
}
