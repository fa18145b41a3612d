package comparison

import (
	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/interval"
)

// tidyFields are the columns behind those of rows. Numbers are in the measure's unit, which differs by row.
var tidyFields = []frame.Field{
	{Name: "measure", Type: frame.String, Doc: "The column that is summed up."},
	{Name: "unit", Type: frame.String, Doc: "Its unit."},
	{Name: "n", Type: frame.Int64, Unit: "repetitions", Doc: "Repetitions with a value."},
	{Name: "missing", Type: frame.Int64, Unit: "repetitions", Doc: "Repetitions without one, which is null there."},
	{Name: "failed", Type: frame.Int64, Unit: "repetitions", Doc: "Repetitions that are not there because their instances failed (allow_failed)."},
	{Name: "capped", Type: frame.Int64, Unit: "repetitions", Nullable: true, Doc: "Repetitions whose run ended at its cap (its table has capped, which is true), or whose fit did not converge (converged, which is false); null if the tables do not tell, or no run had a stop rule."},
	{Name: "mean", Type: frame.Float64, Unit: stages.OwnUnit, Nullable: true, Doc: "Mean over the repetitions, in the measure's unit."},
	{Name: "low", Type: frame.Float64, Unit: stages.OwnUnit, Nullable: true, Doc: "Lower end of the 95 % interval of the mean; of shares between 0 and 1; null for fewer than two values."},
	{Name: "high", Type: frame.Float64, Unit: stages.OwnUnit, Nullable: true, Doc: "Upper end of it."},
	{Name: "interval", Type: frame.String, Doc: "How the intervals of the mean and of the difference are computed: student, or of shares wilson."},
	{Name: "value_se", Type: frame.Float64, Unit: stages.OwnUnit, Nullable: true, Doc: "Standard error of a single value, from the points that it was measured on: the root of the mean square over the repetitions. Null if the tables do not have it (a column NAME_se)."},
	{Name: "best", Type: frame.Bool, Doc: "Whether the row is told apart as the best of those that share the columns of rows but the last."},
	{Name: "pairs", Type: frame.Int64, Unit: "repetitions", Doc: "Repetitions that the baseline has a value for too; 0 where no difference was asked for."},
	{Name: "difference", Type: frame.Float64, Unit: stages.OwnUnit, Nullable: true, Doc: "Mean difference from the baseline, paired by repetition."},
	{Name: "difference_low", Type: frame.Float64, Unit: stages.OwnUnit, Nullable: true, Doc: "Lower end of its 95 % interval; of shares between -1 and 1."},
	{Name: "difference_high", Type: frame.Float64, Unit: stages.OwnUnit, Nullable: true, Doc: "Upper end of it."},
}

// tidy gives one row for each row of the comparison and each numeric measure.
func (c *comparison) tidy() *frame.Table {
	var fields []frame.Field
	for _, f := range c.names {
		fields = append(fields, frame.Field{Name: f.Name, Type: frame.String, Doc: f.Doc, Mark: f.Mark})
	}
	for _, f := range tidyFields {
		if f.Unit == stages.OwnUnit {
			f.Unit = "" // the column unit says it
		}
		fields = append(fields, f)
	}
	mark := c.chosen.With(c.ofErrors) // of the numbers: each of their columns holds all measures
	for _, m := range c.measures {
		if numeric(m.field.Type) {
			mark = mark.With(m.field.Mark)
		}
	}
	for i := range fields {
		if numeric(fields[i].Type) || fields[i].Name == "interval" || fields[i].Name == "best" {
			fields[i].Mark = mark
		}
	}
	b := frame.NewBuilder(fields)
	for _, r := range c.rows {
		for i, m := range c.measures {
			if !numeric(m.field.Type) {
				continue
			}
			for k, name := range c.s.Rows {
				b.String(name, r.name[k])
			}
			x := &r.cells[i]
			b.String("measure", m.field.Name)
			b.String("unit", m.field.Unit)
			b.Int("n", len(x.values))
			b.Int("missing", len(r.units)-len(x.values))
			b.Int("failed", len(r.failed))
			b.IntIf(r.ends.known > 0, "capped", r.ends.cut)
			addMean(b, x.mean, "mean", "low", "high")
			b.String("interval", map[bool]string{false: "student", true: "wilson"}[m.share])
			b.Float64OrNull("value_se", x.valueError)
			b.Bool("best", x.best)
			pairs := 0
			if x.difference != nil {
				pairs = x.difference.N
			}
			b.Int("pairs", pairs)
			addMean(b, x.difference, "difference", "difference_low", "difference_high")
			b.EndRow()
		}
	}
	t, err := b.Table()
	if err != nil {
		panic("comparison: " + err.Error()) // the fields are those above
	}
	return t
}

func addMean(b *frame.Builder, m *interval.Mean, value, low, high string) {
	if m == nil {
		b.Null(value)
	} else {
		b.Float64(value, m.Value)
	}
	if m == nil || !m.Known() {
		b.Null(low)
		b.Null(high)
		return
	}
	b.Float64(low, m.Low)
	b.Float64(high, m.High)
}
