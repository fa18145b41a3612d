// Package score is the kind "score": predictions of a program of one's own, measured as methods are.
package score

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
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
)

// Settings are the attributes of `stage "score"`.
type Settings struct {
	Method      string   `name:"method" doc:"what the rows call the method"`
	LabelAccess string   `name:"label_access" default:"not declared" doc:"what the program reads beyond training labels, in the words of debias, such as \"group: training (train)\". Nobody checks it: rows say that it is declared"`
	Selection   []string `name:"selection" required:"true" default:"[\"last\"]" doc:"the rules of selection that the predictions stand for: a row for each. What no rule selected from, such as a closed form, may stand for all three"`
}

// Check reports rules named twice.
func (s *Settings) Check() []stages.Problem {
	for i, rule := range s.Selection {
		if slices.Contains(s.Selection[:i], rule) {
			return []stages.Problem{{Path: "selection", Summary: fmt.Sprintf("%q stands twice in selection", rule), Detail: "Each rule has one row."}}
		}
	}
	return nil
}

// Kind measures predictions.
//
//	in   data         the data set that they are about, with a test split
//	in   predictions  split, prediction or score, and perhaps probabilities, label and selection: rows in the data set's order
//	out  summary      a row for each rule of selection
//	out  by_group     a row for each rule of selection and group
//
// Equal settings and inputs give equal bytes.
var Kind = stages.Define(stages.Kind{
	Name:    "score",
	Version: 4,
	Brief:   "one pass over the predictions",
	Doc: `Measures predictions that a program made, as the kind debias measures networks, so that a method in any language
stands in one table with the built-in ones.

predictions is a table with the columns split (test, and if there are any validation) and prediction, the label that is
predicted for each sample of that split, in the order of the data set's rows; or, of two classes, score instead or besides, a number
of which at least 0 predicts label 1, below 0 label 0. If it has a column label too, it must be the data's: so rows in another order are
found out. If it has a column selection, a row of the summary is of the predictions of its rule; else all rules have the same. The output
predictions of debias, head and train, with per_sample = true, is such a table.

Group accuracies are those on the test split. For data without a law, core and spurious correlation are balanced estimates,
each group counting as much as another. For data with a law they are weighted by the exact masses
of its groups, and core and spurious correlation follow from them: within a group the test split, the
law and the uniform cube agree. What a test split lacks (a group) is said in the note; without attributes, columns about groups are null. auroc is that
of the scores, of two classes. As these need not be log-odds, expected_calibration_error takes a column probabilities: for each row a list of
as many numbers as there are classes, which sum to 1 and of which the predicted class has the largest.`,
	Inputs: []stages.Input{
		{Name: "data", Type: dataset.Type, Doc: "The data set, with a test split."},
		{Name: "predictions", Type: stages.AnyType, Doc: "The predictions, such as exec.ridge.predictions."},
	},
	Outputs: []stages.Output{{Name: "summary", Doc: "One row for each rule of selection, with columns of debias's summary.", Fields: summaryFields, Values: summaryValues}, groupOutput},
	Labels:  slices.Concat(labels, dataset.Reading),
}, run)

// labels is what measures read.
var labels = []stages.LabelUse{
	{Mark: frame.MarkGroup, Purpose: dataset.Evaluation},
	{Mark: frame.MarkSplit, Purpose: dataset.Evaluation},
}

// summaryValues tells what the columns method and selection hold.
func summaryValues(settings any) map[string][]string {
	s := settings.(*Settings)
	return map[string][]string{"method": {s.Method}, "selection": s.Selection}
}

var groupOutput = func() stages.Output {
	o := evaluation.GroupOutput("rule of selection", summaryFields[:2], "")
	o.Values = summaryValues
	return o
}()

var summaryFields = slices.Concat([]frame.Field{
	{Name: "method", Type: frame.String, Doc: "The method."},
	{Name: "selection", Type: frame.String, Doc: "The rule of selection that the row stands for."},
	{Name: "label_access", Type: frame.String, Doc: "What the program reads beyond training labels, as the spec declares it."},
	{Name: "validation_points", Type: frame.Int64, Unit: "samples", Doc: "Size of the validation split; 0 without predictions of it."},
	{Name: "validation_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Accuracy on the validation split."},
	{Name: "validation_worst_group_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Least accuracy of the groups that the validation split has."},
}, evaluation.MeasureFields(""), evaluation.ScoredFields(""), evaluation.ScoredErrorFields(), evaluation.FloorFields(), evaluation.SplitFields(), []frame.Field{
	{Name: "measured_on", Type: frame.String, Doc: "test: predictions are of the test split. With a law, its masses are the groups' weights all the same."},
	{Name: "evaluation_points", Type: frame.Int64, Unit: "points", Doc: "Samples of the test split, on which measures are taken."},
	{Name: "evaluation_exact", Type: frame.Bool, Doc: "False: measures on samples have a sampling error."},
	{Name: "note", Type: frame.String, Nullable: true, Doc: "What a reader must know, in a sentence; null if nothing."},
})

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d, law, err := trainloop.AnyData(r, "data")
	if err != nil {
		return err
	}
	table, err := r.Table("predictions")
	if err != nil {
		return err
	}
	if d.Test == nil {
		return errors.New("the data set has no test split to measure on")
	}
	var measured dataset.Ledger
	reader, err := newReader(table, d, &measured)
	if err != nil {
		return fmt.Errorf("predictions: %w", err)
	}
	summary, groups := frame.NewBuilder(summaryFields), frame.NewBuilder(groupOutput.Fields)
	var f *findings
	for _, rule := range s.Selection {
		if f == nil || reader.rules != nil {
			given, err := reader.of(rule)
			if err != nil {
				return fmt.Errorf("predictions: %w", err)
			}
			if f, err = measure(d, law, given, &measured); err != nil {
				return err
			}
		}
		f.append(summary, s, rule, law)
		f.measures.AppendGroups(groups, &d.Description, func() {
			groups.String("method", s.Method)
			groups.String("selection", rule)
		})
	}
	if err := measured.Check(labels); err != nil {
		return err
	}
	return errors.Join(r.WriteBuilt("summary", summary), r.WriteBuilt("by_group", groups))
}

// findings are what was measured.
type findings struct {
	points     int
	measures   evaluation.Measures
	scored     evaluation.Scored
	errors     evaluation.ScoredErrors
	splits     evaluation.SplitMeasures
	validated  *evaluation.Measures // nil without predictions of the split
	validation int                  // its size
	notes      []string
}

func measure(d *dataset.Dataset, law *datalaw.Compiled, given map[dataset.Split]*evaluation.Predicted, l *dataset.Ledger) (*findings, error) {
	f := &findings{points: d.Test.Rows}
	var whole bool
	var err error
	predicted := given[dataset.TestSplit].Classes
	if f.measures, whole, err = evaluation.OfPredictions(&d.Description, d.Test, predicted, law, l); err != nil {
		return nil, err
	}
	f.scored, f.errors = evaluation.ScorePredictions(&d.Description, d.Test, *given[dataset.TestSplit], law, l)
	if law != nil && !whole {
		f.notes = append(f.notes, "The test split lacks a group that the law has, so that there are no correlations.")
	}
	if f.measures.OnlyClass {
		f.notes = append(f.notes, "One class is predicted.")
	}
	tested := f.measures // by the split's own shares
	if whole {
		if tested, _, err = evaluation.OfPredictions(&d.Description, d.Test, predicted, nil, l); err != nil {
			return nil, err
		}
	}
	splits, err := evaluation.NewSplitEvaluator(d, l)
	if err != nil {
		return nil, err
	}
	f.splits = splits.Given(&tested, &f.measures)
	if list := given[dataset.ValidationSplit]; list != nil {
		m, _, err := evaluation.OfPredictions(&d.Description, d.Validation, list.Classes, nil, l)
		if err != nil {
			return nil, err
		}
		f.validated, f.validation = &m, d.Validation.Rows
	}
	return f, nil
}

// append adds the row of a rule.
func (f *findings) append(b *frame.Builder, s *Settings, rule string, law *datalaw.Compiled) {
	b.String("method", s.Method)
	b.String("selection", rule)
	b.String("label_access", "declared: "+s.LabelAccess)
	var accuracy, worst evaluation.Optional
	if f.validated != nil {
		accuracy, worst = evaluation.Some(f.validated.Accuracy), f.validated.WorstAccuracy
	}
	b.Int("validation_points", f.validation)
	accuracy.Float64(b, "validation_accuracy")
	worst.Float64(b, "validation_worst_group_accuracy")
	f.measures.Append(b, "")
	f.scored.Append(b, "")
	f.errors.Append(b)
	evaluation.AppendFloors(b, law)
	f.splits.Append(b)
	b.String("measured_on", evaluation.OnTest)
	b.Int("evaluation_points", f.points)
	b.Bool("evaluation_exact", false)
	b.StringUnlessEmpty("note", strings.Join(f.notes, " "))
	b.EndRow()
}
