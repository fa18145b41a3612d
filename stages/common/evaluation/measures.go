package evaluation

import (
	"fmt"
	"math"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/datalaw"
)

// Groups is the number of groups: g = 2y + s for label y and spurious attribute s in {0, 1}.
const Groups = 4

// GroupNames names the groups in columns and texts: label, then attribute.
var GroupNames = [Groups]string{"00", "01", "10", "11"}

// Missing names those that have no share: "01, 10 or 11", or "" if all have one. names and shares go together.
func Missing[N int | float64](names []string, shares []N) string {
	var list []string
	for i, share := range shares {
		if share == 0 {
			list = append(list, names[i])
		}
	}
	if last := len(list) - 1; last > 0 {
		return strings.Join(list[:last], ", ") + " or " + list[last]
	}
	return strings.Join(list, "")
}

// A Tally is what a network did on points of one group.
type Tally struct {
	Points  int64   // 0: the group does not exist in what was measured
	Correct int64   // points with the right prediction
	Loss    float64 // sum over the points, nats
	Squares float64 // sum of the squared losses
}

// A Population says what the points of a Tally stand for.
type Population struct {
	// Law holds the groups' masses under the data's own law, Uniform those on the uniform cube. Each
	// sums to 1 over the groups that exist. Uniform is all zero if the cube is unknown, as for
	// external data.
	Law, Uniform [Groups]float64
	// Exact says that the points are all of the cube, so that no measure has a sampling error.
	Exact bool
	// Own says that Law holds the shares of the points themselves, which were drawn without regard to
	// groups: how many a group has is then an accident too.
	Own bool
}

// Measures are what an evaluation finds. Within a group every law of the data and the uniform
// cube agree (they draw uniformly from the group), so group accuracies are those of both, and so
// is their least.
type Measures struct {
	Loss     float64 // mean under the data's law, nats
	Accuracy float64 // under the data's law
	// GroupAccuracy and GroupLoss hold nothing for a group that does not exist.
	GroupAccuracy, GroupLoss [Groups]Optional
	Worst                    int // the group of least accuracy, the first of equals; -1 without groups
	WorstAccuracy            Optional
	MeanAccuracy             Optional // unweighted mean over the groups that exist
	// Errors are standard errors of what has their name, and exist where it does (but see setErrors).
	LossError, AccuracyError, WorstError, MeanError Optional
	GroupError                                      [Groups]Optional // of GroupAccuracy
	// Core is E[f_c sign(net)] and Spurious E[f_s sign(net)] on the uniform cube, sign(0) = +1, with
	// their standard errors, which are 0 where the cube was enumerated.
	Core, CoreError, Spurious, SpuriousError Optional
	// Repeats has what each repeat found of an evaluation that has several (Evaluator.Repeat); else nil.
	Repeats []Measures
}

// Summarise turns tallies by group into measures. At least one group must have points.
func Summarise(t *[Groups]Tally, p *Population) Measures {
	m := Measures{Worst: -1}
	var core, spurious, variance, mass, mean float64
	exist := 0
	for g := range t {
		if t[g].Points == 0 {
			continue
		}
		n := float64(t[g].Points)
		accuracy, loss := float64(t[g].Correct)/n, t[g].Loss/n
		m.GroupAccuracy[g], m.GroupLoss[g] = Some(accuracy), Finite(loss)
		if m.Worst < 0 || accuracy < m.WorstAccuracy.Value {
			m.Worst, m.WorstAccuracy = g, Some(accuracy)
		}
		exist++
		mean += accuracy
		m.Accuracy += float64(p.Law[g] * accuracy)
		if p.Law[g] > 0 {
			m.Loss += float64(p.Law[g] * loss)
		}
		u := p.Uniform[g]
		mass += u
		agreement := float64(2*accuracy) - 1 // E[f_c sign(net)] within the group
		core += float64(u * agreement)
		if aligned(g) {
			spurious += float64(u * agreement)
		} else {
			spurious -= float64(u * agreement)
		}
		variance += float64(u*u) * float64(4*float64(accuracy*(1-accuracy))) / n
	}
	m.MeanAccuracy = Some(mean / float64(exist))
	m.setErrors(t, p, exist)
	if mass == 0 {
		return m
	}
	if p.Exact {
		variance = 0
	}
	// Both correlations are sums of the same terms up to sign, so their errors are equal.
	se := math.Sqrt(variance)
	m.Core, m.CoreError = Some(core), Some(se)
	m.Spurious, m.SpuriousError = Some(spurious), Some(se)
	return m
}

// ungrouped gives the measures of points without attributes.
func ungrouped(t *Tally) Measures {
	n := float64(t.Points)
	m := Measures{Loss: t.Loss / n, Accuracy: float64(t.Correct) / n, Worst: -1}
	m.AccuracyError, m.LossError = Some(math.Sqrt(t.variance())), Finite(math.Sqrt(t.lossVariance()))
	return m
}

// aligned reports whether label and attribute agree in group g: the majority if they correlate.
func aligned(g int) bool { return g == 0 || g == 3 }

// MeasureFields gives the columns of measures, each name ending in suffix.
func MeasureFields(suffix string) []frame.Field {
	f := func(name, unit, doc string, nullable bool) frame.Field {
		return frame.Field{Name: name + suffix, Type: frame.Float64, Unit: unit, Doc: doc, Nullable: nullable}
	}
	fields := []frame.Field{
		f("loss", "nats", "Mean loss under the data's law (in the loss's own unit unless it is a log-loss); null if it is not finite.", true),
		f("loss_se", "nats", "Standard error of loss, in its unit, from the points that it was measured on: 0 where the whole cube was enumerated; null where loss is, or points are too few to tell.", true),
		f("accuracy", "1", "Accuracy under the data's law.", false),
		f("accuracy_se", "1", "Standard error of accuracy, from the points that it was measured on (binomial variance): 0 where the whole cube was enumerated, and where points are all right or all wrong.", false),
	}
	for g, name := range GroupNames {
		fields = append(fields, f("accuracy_"+name, "1", fmt.Sprintf(
			"Accuracy on the group of label y = %d and spurious attribute s = %d; null if there is none.", g/2, g%2), true))
	}
	for g, name := range GroupNames {
		fields = append(fields, f("loss_"+name, "nats", fmt.Sprintf(
			"Mean loss on the group of label y = %d and spurious attribute s = %d, in the unit of loss; null if there is none or it is not finite.", g/2, g%2), true))
	}
	return append(fields,
		f("worst_group_accuracy", "1", "Least of the group accuracies: the same on the uniform cube and under the data's law. Null without groups.", true),
		f("worst_group_accuracy_se", "1", "Standard error of worst_group_accuracy, from the points of that group; 0 as accuracy_se. It says nothing of the bias downwards that the least of several estimates has.", true),
		frame.Field{Name: "worst_group" + suffix, Type: frame.String, Nullable: true, Doc: "The group of least accuracy, label then attribute: 00, 01, 10 or 11."},
		f("group_mean_accuracy", "1", "Unweighted mean of the group accuracies; null without groups.", true),
		f("group_mean_accuracy_se", "1", "Standard error of group_mean_accuracy; 0 as accuracy_se.", true),
		f("core_correlation", "1", "E[f_c sign(net)] on the uniform cube; null for data without a law.", true),
		f("core_correlation_se", "1", "Standard error of core_correlation, from the binomial variance within each group: 0 where the whole cube was enumerated, and where each group is all right or all wrong.", true),
		f("spurious_correlation", "1", "E[f_s sign(net)] on the uniform cube; null for data without a law.", true),
		f("spurious_correlation_se", "1", "Standard error of spurious_correlation, as of core_correlation.", true),
	)
}

// OptionalMeasureFields is MeasureFields with columns that may all be null, for rows in which nothing may be measured.
func OptionalMeasureFields(suffix string) []frame.Field {
	fields := MeasureFields(suffix)
	for i := range fields {
		fields[i].Nullable = true
	}
	return fields
}

// AppendNoMeasures sets the columns of OptionalMeasureFields(suffix) in b's current row to null.
func AppendNoMeasures(b *frame.Builder, suffix string) {
	for _, f := range OptionalMeasureFields(suffix) {
		b.Null(f.Name)
	}
}

// OneClass reports whether the network predicts the same class wherever it was measured. Without
// groups it is false.
func (m *Measures) OneClass() bool {
	var predicted [2]bool // 0 or 1 on some points
	for g, a := range m.GroupAccuracy {
		if !a.Valid {
			continue
		}
		label := g >> 1
		if a.Value > 0 {
			predicted[label] = true
		}
		if a.Value < 1 {
			predicted[1-label] = true
		}
	}
	return predicted[0] != predicted[1]
}

// OverCorrects reports whether a network goes against the spurious attribute: it is wrong on most of either group in
// which label and attribute agree, and right on most of either of the others.
func (m *Measures) OverCorrects() bool {
	for g, a := range m.GroupAccuracy {
		if !a.Valid || aligned(g) != (a.Value < .5) || a.Value == .5 {
			return false
		}
	}
	return true
}

// Remarks are sentences for the note of a network's row.
func (m *Measures) Remarks() []string {
	var remarks []string
	if m.OneClass() {
		remarks = append(remarks, "The network predicts one class.")
	}
	if m.OverCorrects() {
		remarks = append(remarks, "The network goes against the spurious attribute: it is mostly wrong where it equals the label, and mostly right where it does not.")
	}
	return remarks
}

// FloorFields gives the columns of the floors of core and spurious correlation.
func FloorFields() []frame.Field {
	return []frame.Field{
		{Name: "core_floor", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Core correlation that a constant predictor reaches in magnitude, |E f_c|; null for data without a law."},
		{Name: "spurious_floor", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Spurious correlation that a constant predictor reaches in magnitude, |E f_s|; null for data without a law."},
	}
}

// AppendFloors sets the columns of FloorFields in b's current row; law may be nil.
func AppendFloors(b *frame.Builder, law *datalaw.Compiled) {
	if law == nil {
		b.Null("core_floor")
		b.Null("spurious_floor")
		return
	}
	b.Float64("core_floor", law.CoreFloor())
	b.Float64("spurious_floor", law.SpuriousFloor())
}

// PointFields gives the columns that say what measures are taken on.
func PointFields() []frame.Field {
	return []frame.Field{
		{Name: "evaluation_points", Type: frame.Int64, Unit: "points", Doc: "Points that the measures are taken on."},
		{Name: "evaluation_exact", Type: frame.Bool, Doc: "Whether these are the whole cube, so that measures have no sampling error."},
	}
}

// AppendPoints sets the columns of PointFields in b's current row.
func (e *Evaluator) AppendPoints(b *frame.Builder) {
	b.Int("evaluation_points", e.Points())
	b.Bool("evaluation_exact", e.Exact())
}

// Append sets the columns of MeasureFields(suffix) in b's current row.
func (m *Measures) Append(b *frame.Builder, suffix string) {
	Finite(m.Loss).Float64(b, "loss"+suffix)
	m.LossError.Float64(b, "loss_se"+suffix)
	b.Float64("accuracy"+suffix, m.Accuracy)
	m.AccuracyError.Float64(b, "accuracy_se"+suffix)
	for g, name := range GroupNames {
		m.GroupAccuracy[g].Float64(b, "accuracy_"+name+suffix)
		m.GroupLoss[g].Float64(b, "loss_"+name+suffix)
	}
	m.WorstAccuracy.Float64(b, "worst_group_accuracy"+suffix)
	m.WorstError.Float64(b, "worst_group_accuracy_se"+suffix)
	if m.Worst >= 0 {
		b.String("worst_group"+suffix, GroupNames[m.Worst])
	} else {
		b.Null("worst_group" + suffix)
	}
	m.MeanAccuracy.Float64(b, "group_mean_accuracy"+suffix)
	m.MeanError.Float64(b, "group_mean_accuracy_se"+suffix)
	m.Core.Float64(b, "core_correlation"+suffix)
	m.CoreError.Float64(b, "core_correlation_se"+suffix)
	m.Spurious.Float64(b, "spurious_correlation"+suffix)
	m.SpuriousError.Float64(b, "spurious_correlation_se"+suffix)
}
