package head

import (
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// fittedBy is what cells and weights are made of: groups, and labels of samples that are held out.
var fittedBy = frame.MarkGroup.With(frame.MarkSplit)

// sampleFields are the columns of the output "groups".
var sampleFields = slices.Concat(rowFields[:4], []frame.Field{
	{Name: "split", Type: frame.String, Doc: "The split that the layer is fitted on: validation or train.", Mark: frame.MarkSplit},
	{Name: "row", Type: frame.Int64, Doc: "The sample's row within that split, from 0."},
	{Name: "cell", Type: frame.Int64, Nullable: true, Doc: "The cell that the sample is in: of dfr its group, which the fits balance; of self 1 if it was picked, else 0. Null of afr, which weighs samples alone, and for samples of the half that selects.", Mark: fittedBy},
	{Name: "cell_name", Type: frame.String, Nullable: true, Doc: "The cell's name.", Mark: fittedBy},
	{Name: "weight", Type: frame.Float64, Unit: "1", Doc: "How much the sample's loss counts in the fit of the layer: of dfr by how many of the balanced subsets that are fitted to have it, 0 of those that are not fitted on; 1 on average over the split.", Mark: fittedBy},
})

// samplesOutput is the output of the setting groups.
var samplesOutput = stages.Output{Name: "groups", Fields: sampleFields, Values: headOf,
	Doc: "One row for each row of summary with a new layer, and sample of the split that it is fitted on: the cell, and how much the sample counts. Empty if that split is drawn from the law."}

// samplesUse is what a fit made of points, of some samples of a split.
type samplesUse struct {
	points  *points
	cells   []int16 // [points]; nil if there are none
	name    func(cell int) string
	weights []float64 // [points], up to a common factor
}

// use notes the cells of points, nil for none, and how much each counts: for a table, where there is to be one.
func (t *trial) use(p *points, cells []int16, name func(cell int) string, weights []float64) {
	if t.settings.groups() && !p.fresh {
		t.used = &samplesUse{p, cells, name, weights}
	}
}

// appendSamples adds a row for each sample of the split that the layer of a row was fitted on; begin sets the first columns.
func (t *trial) appendSamples(begin func(*frame.Builder)) {
	u, b := t.used, t.samples
	if u == nil {
		return
	}
	split, sum := u.points.samples, 0.0
	place := slices.Repeat([]int{-1}, split.Rows)
	for i, row := range u.points.rows {
		place[row] = i
		sum += u.weights[i]
	}
	for row, i := range place {
		begin(b)
		b.String("split", string(split.Split))
		b.Int("row", row)
		if i >= 0 && u.cells != nil {
			b.Int("cell", int(u.cells[i]))
			b.String("cell_name", u.name(int(u.cells[i])))
		} else {
			b.Null("cell")
			b.Null("cell_name")
		}
		weight := 0.0
		if i >= 0 {
			weight = float64(u.weights[i]*float64(split.Rows)) / sum
		}
		b.Float64("weight", weight)
		b.EndRow()
	}
}

// pickedName names the cells of self.
func pickedName(cell int) string { return [...]string{"others", "picked"}[cell] }

func widened(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
