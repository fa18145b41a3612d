package evaluation

import (
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
)

// mostGroupRows is how many rows of groups a table holds with all evaluations: 100 evaluations of 10,485 groups.
const mostGroupRows = 1 << 20

// GroupFields gives the columns that tell of one group. Those of measures end in each of the suffixes.
func GroupFields(suffixes ...string) []frame.Field {
	fields := []frame.Field{
		{Name: "group", Type: frame.Int64, Doc: "The group's number: A y + s for label y, attribute s and A values of the attribute."},
		{Name: "group_name", Type: frame.String, Doc: "Its name, label then attribute: 01, or landbird/water if they have names."},
		{Name: "label", Type: frame.Int64, Doc: "The label y of its points."},
		{Name: "attribute", Type: frame.Int64, Doc: "The attribute s of its points."},
		{Name: "minority", Type: frame.Bool, Nullable: true, Doc: "Whether its attribute is not the one that goes with its class; null where none does."},
		{Name: "points", Type: frame.Int64, Unit: "points", Doc: "Its points that measures are taken on."},
	}
	for _, suffix := range suffixes {
		fields = append(fields,
			frame.Field{Name: "accuracy" + suffix, Type: frame.Float64, Unit: "1", Doc: "Accuracy on the group."},
			frame.Field{Name: "accuracy_se" + suffix, Type: frame.Float64, Unit: "1", Doc: "Standard error of accuracy (binomial variance): 0 where the whole cube was enumerated, and where points are all right or all wrong."},
			frame.Field{Name: "loss" + suffix, Type: frame.Float64, Unit: "nats", Nullable: true, Doc: "Mean loss on the group, in the loss's own unit unless it is a log-loss; null if it is not finite or not measured."})
	}
	return fields
}

// GroupOutput is the output of what each group has, with the columns that say what a row is of before those of
// GroupFields(suffixes...); rows is what has a row for each group, such as "evaluation".
func GroupOutput(rows string, before []frame.Field, suffixes ...string) stages.Output {
	return stages.Output{Name: "by_group", Fields: slices.Concat(before, GroupFields(suffixes...)), Doc: "One row for each " + rows +
		" and group that has points: what the group's points gave. If these would be more than 2^20, there are rows for what summary tells of alone. Empty without attributes."}
}

// KeepsGroups reports whether the groups of so many evaluations are few enough for a table of all.
func (e *Evaluator) KeepsGroups(evaluations int) bool {
	return !e.HasGroups() || evaluations*len(e.population.cells) <= mostGroupRows
}

// AppendGroups adds a row for each group of measures of points of the data set that d describes, with the columns of
// GroupFields(""); begin sets those before them.
func (m *Measures) AppendGroups(b *frame.Builder, d *dataset.Description, begin func()) {
	AppendGroups(b, d, begin, []string{""}, m)
}

// AppendGroups is Measures.AppendGroups for several measures on the same points, each with a suffix of its own.
func AppendGroups(b *frame.Builder, d *dataset.Description, begin func(), suffixes []string, of ...*Measures) {
	for i, g := range of[0].Groups {
		begin()
		b.Int("group", g.Group)
		b.String("group_name", d.GroupName(g.Group))
		b.Int("label", g.Group/d.ValueCount())
		b.Int("attribute", g.Group%d.ValueCount())
		if g.Side == NoSide {
			b.Null("minority")
		} else {
			b.Bool("minority", g.Side == MinoritySide)
		}
		b.Int64("points", g.Points)
		for k, suffix := range suffixes {
			g := of[k].Groups[i]
			b.Float64("accuracy"+suffix, g.Accuracy)
			b.Float64("accuracy_se"+suffix, g.Error)
			g.Loss.Float64(b, "loss"+suffix)
		}
		b.EndRow()
	}
}
