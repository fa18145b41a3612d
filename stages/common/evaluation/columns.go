package evaluation

import (
	"fmt"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/datalaw"
)

// Groups is the number of groups of binary data: g = 2y + s for label y and spurious attribute s in {0, 1}.
const Groups = 4

// GroupNames names the groups of binary data in columns and texts: label, then attribute.
var GroupNames = [Groups]string{"00", "01", "10", "11"}

// Missing names those that have no share: "01, 10 or 11", or "" if all have one; of many the first and how many more.
func Missing[N int | float64](shares []N, name func(int) string) string {
	const most = 8
	var list []string
	for i, share := range shares {
		if share == 0 {
			list = append(list, name(i))
		}
	}
	if more := len(list) - most; more > 0 {
		list = append(list[:most], fmt.Sprintf("%d more", more))
	}
	if last := len(list) - 1; last > 0 {
		return strings.Join(list[:last], ", ") + " or " + list[last]
	}
	return strings.Join(list, "")
}

// MeasureFields gives the columns of measures, each name ending in suffix.
func MeasureFields(suffix string) []frame.Field {
	f := func(name, unit, doc string, nullable bool) frame.Field {
		return frame.Field{Name: name + suffix, Type: frame.Float64, Unit: unit, Doc: doc, Nullable: nullable}
	}
	text := func(name, doc string) frame.Field {
		return frame.Field{Name: name + suffix, Type: frame.String, Nullable: true, Doc: doc}
	}
	fields := []frame.Field{
		f("loss", "nats", "Mean loss under the data's law (in the loss's own unit unless it is a log-loss); null if it is not finite.", true),
		f("loss_se", "nats", "Standard error of loss, in its unit, from the points that it was measured on: 0 where the whole cube was enumerated; null where loss is, or points are too few to tell.", true),
		f("accuracy", "1", "Accuracy under the data's law.", false),
		f("accuracy_se", "1", "Standard error of accuracy, from the points that it was measured on (binomial variance): 0 where the whole cube was enumerated, and where points are all right or all wrong.", false),
	}
	for g, name := range GroupNames {
		fields = append(fields, f("accuracy_"+name, "1", fmt.Sprintf(
			"Accuracy on the group of label y = %d and spurious attribute s = %d; null if there is none, and unless there are two classes and two attributes.", g/2, g%2), true))
	}
	for g, name := range GroupNames {
		fields = append(fields, f("loss_"+name, "nats", fmt.Sprintf(
			"Mean loss on the group of label y = %d and spurious attribute s = %d, in the unit of loss; null as accuracy_%s, and if it is not finite.", g/2, g%2, name), true))
	}
	return append(fields,
		f("worst_group_accuracy", "1", "Least of the group accuracies: the same on the uniform cube and under the data's law. Null without groups.", true),
		f("worst_group_accuracy_se", "1", "Standard error of worst_group_accuracy, from the points of that group; 0 as accuracy_se. It says nothing of the bias downwards that the least of several estimates has.", true),
		text("worst_group", "The group of least accuracy, label then attribute: 00, 01, 10 or 11, or landbird/water if they have names."),
		f("group_mean_accuracy", "1", "Unweighted mean of the group accuracies; null without groups.", true),
		f("group_mean_accuracy_se", "1", "Standard error of group_mean_accuracy; 0 as accuracy_se.", true),
		f("minority_accuracy", "1", "Accuracy under the data's law on the groups whose attribute is not the one that goes with their class; under a law without them on the uniform cube. Of several groups together, so steadier than that of the worst one. Null without groups, and where no attribute goes with a class.", true),
		f("minority_accuracy_se", "1", "Standard error of minority_accuracy; 0 as accuracy_se.", true),
		f("majority_accuracy", "1", "The same on the groups whose attribute is the one that goes with their class.", true),
		f("majority_accuracy_se", "1", "Standard error of majority_accuracy; 0 as accuracy_se.", true),
		f("worst_class_accuracy", "1", "Least of the classes' accuracies under the data's law, their recall.", true),
		f("worst_class_accuracy_se", "1", "Standard error of worst_class_accuracy, from the points of that class; as of worst_group_accuracy.", true),
		text("worst_class", "The class of least accuracy."),
		f("balanced_accuracy", "1", "Unweighted mean of the classes' accuracies under the data's law.", true),
		f("balanced_accuracy_se", "1", "Standard error of balanced_accuracy; 0 as accuracy_se.", true),
		f("macro_f1", "1", "Unweighted mean of the classes' F1 = 2 P R / (P + R), for precision P and recall R under the data's law; 0 for a class that is predicted and has no points.", true),
		f("core_correlation", "1", "E[f_c sign(net)] on the uniform cube. For data without a law a balanced estimate: (K a - 1) / (K - 1), a being group_mean_accuracy and K the number of classes; 2a - 1 for two. Null if a group has no points, and without groups.", true),
		f("core_correlation_se", "1", "Standard error of core_correlation, from the binomial variance within each group: 0 where the whole cube was enumerated, and where each group is all right or all wrong.", true),
		f("spurious_correlation", "1", "E[f_s sign(net)] on the uniform cube. For data without a law a balanced estimate: (K b - 1) / (K - 1), b being the unweighted mean over the groups of the share of points that are predicted to be of the class that their attribute goes with. Null as core_correlation, and unless each attribute goes with one class.", true),
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

// Append sets the columns of MeasureFields(suffix) in b's current row.
func (m *Measures) Append(b *frame.Builder, suffix string) {
	Finite(m.Loss).Float64(b, "loss"+suffix)
	m.LossError.Float64(b, "loss_se"+suffix)
	b.Float64("accuracy"+suffix, m.Accuracy)
	m.AccuracyError.Float64(b, "accuracy_se"+suffix)
	for g, name := range GroupNames {
		var accuracy, loss Optional
		if m.Classes == 2 && m.Values == 2 {
			accuracy, loss = m.GroupAccuracy(g), m.Group(g).Loss
		}
		accuracy.Float64(b, "accuracy_"+name+suffix)
		loss.Float64(b, "loss_"+name+suffix)
	}
	m.WorstAccuracy.Float64(b, "worst_group_accuracy"+suffix)
	m.WorstError.Float64(b, "worst_group_accuracy_se"+suffix)
	b.StringUnlessEmpty("worst_group"+suffix, m.WorstName)
	m.MeanAccuracy.Float64(b, "group_mean_accuracy"+suffix)
	m.MeanError.Float64(b, "group_mean_accuracy_se"+suffix)
	m.Minority.Float64(b, "minority_accuracy"+suffix)
	m.MinorityError.Float64(b, "minority_accuracy_se"+suffix)
	m.Majority.Float64(b, "majority_accuracy"+suffix)
	m.MajorityError.Float64(b, "majority_accuracy_se"+suffix)
	m.WorstClassAccuracy.Float64(b, "worst_class_accuracy"+suffix)
	m.WorstClassError.Float64(b, "worst_class_accuracy_se"+suffix)
	b.StringUnlessEmpty("worst_class"+suffix, m.WorstClass)
	m.Balanced.Float64(b, "balanced_accuracy"+suffix)
	m.BalancedError.Float64(b, "balanced_accuracy_se"+suffix)
	m.MacroF1.Float64(b, "macro_f1"+suffix)
	m.Core.Float64(b, "core_correlation"+suffix)
	m.CoreError.Float64(b, "core_correlation_se"+suffix)
	m.Spurious.Float64(b, "spurious_correlation"+suffix)
	m.SpuriousError.Float64(b, "spurious_correlation_se"+suffix)
}

// MeasuredOnField is the column that says where measures are taken.
var MeasuredOnField = frame.Field{Name: "measured_on", Type: frame.String, Doc: "Where measures are taken: law (points of the data's law, so that correlations are on the uniform cube), or the split test or validation of data without one, where core and spurious correlation are balanced estimates."}

// PointFields gives the columns that say what measures are taken on.
func PointFields() []frame.Field {
	return []frame.Field{
		MeasuredOnField,
		{Name: "evaluation_points", Type: frame.Int64, Unit: "points", Doc: "Points that the measures are taken on."},
		{Name: "evaluation_exact", Type: frame.Bool, Doc: "Whether these are the whole cube, so that measures have no sampling error."},
	}
}

// AppendPoints sets the columns of PointFields in b's current row.
func (e *Evaluator) AppendPoints(b *frame.Builder) {
	b.String("measured_on", e.on)
	b.Int("evaluation_points", e.Points())
	b.Bool("evaluation_exact", e.Exact())
}

// FloorFields gives the columns of the floors of core and spurious correlation.
func FloorFields() []frame.Field {
	return []frame.Field{
		{Name: "core_floor", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Core correlation that a constant predictor reaches in magnitude, |E f_c|; null for data without a law, where balanced estimates of it are 0."},
		{Name: "spurious_floor", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Spurious correlation that a constant predictor reaches in magnitude, |E f_s|; null for data without a law, as core_floor."},
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
