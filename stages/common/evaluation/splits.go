package evaluation

import (
	"context"
	"errors"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/neuralnet"
)

// A SplitEvaluator measures networks by what the data set itself holds, beside the measures on its
// law: by the groups of its training samples, and on its test split. Published averages weight
// group accuracies by the training groups; published worst groups are those of a finite test set.
type SplitEvaluator struct {
	shares []groupShare // of the training samples, ascending; none without a finite training set
	test   *Evaluator   // nil without a test split
}

// A groupShare is the share of a group among samples.
type groupShare struct {
	group int
	share float64
}

// SplitMeasures are what a SplitEvaluator finds; without a split, its part does not exist.
type SplitMeasures struct {
	TrainWeighted Optional
	TrainError    Optional // the standard error of TrainWeighted
	TestPoints    Optional
	Test          *Measures // accuracies alone; nil without a test split
}

// NewSplitEvaluator looks at the splits that have attributes; l notes what is read.
func NewSplitEvaluator(d *dataset.Dataset, l *dataset.Ledger) (*SplitEvaluator, error) {
	e := &SplitEvaluator{}
	if d.Train != nil && d.Train.HasAttributes() {
		p, _ := ofSamples(&d.Description, d.Train, dataset.Evaluation, l)
		for i, c := range p.cells {
			e.shares = append(e.shares, groupShare{c.group, p.law[i]})
		}
	}
	var err error
	if d.Test != nil && d.Test.HasAttributes() {
		e.test, err = NewSampleEvaluator(&d.Description, d.Test, dataset.Evaluation, "", l)
	}
	return e, err
}

// Evaluate measures a network, whose measures elsewhere are m: they have its group accuracies. On a
// test split with an output that is not a number there are no measures. The error is ctx's.
func (e *SplitEvaluator) Evaluate(ctx context.Context, net *neuralnet.Network, m *Measures) (SplitMeasures, error) {
	if e.test == nil {
		return e.measures(m, nil), nil
	}
	tested, err := e.test.Evaluate(ctx, net)
	if errors.Is(err, neuralnet.ErrDiverged) {
		return e.measures(m, nil), nil
	}
	return e.measures(m, &tested), err
}

// Follow measures a predictor as Evaluator.Follow does; m are its measures elsewhere.
func (e *SplitEvaluator) Follow(predict func(label, attribute int16) int16, m *Measures) (SplitMeasures, error) {
	if e.test == nil {
		return e.measures(m, nil), nil
	}
	tested, err := e.test.Follow(predict)
	return e.measures(m, &tested), err
}

// Given takes measures on the test split that somebody else made, such as OfPredictions; nil for none.
func (e *SplitEvaluator) Given(tested, m *Measures) SplitMeasures {
	if e.test == nil {
		tested = nil
	}
	return e.measures(m, tested)
}

func (e *SplitEvaluator) measures(m, tested *Measures) SplitMeasures {
	s := SplitMeasures{Test: tested}
	if tested != nil {
		s.TestPoints = Some(float64(e.test.Points()))
	}
	weighted, all, variance := 0.0, 0.0, 0.0
	for _, of := range e.shares {
		if g := m.Group(of.group); g.Points > 0 {
			weighted += float64(of.share * g.Accuracy)
			all += of.share
			se := float64(of.share * g.Error)
			variance += float64(se * se)
		}
	}
	if all > 0 {
		s.TrainWeighted, s.TrainError = Some(weighted/all), Some(math.Sqrt(variance)/all)
	}
	return s
}

// SplitFields gives the columns of SplitMeasures.
func SplitFields() []frame.Field {
	return []frame.Field{
		{Name: "train_weighted_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Mean of the group accuracies weighted by the groups' training samples: the average that papers print, also called adjusted. Null without a finite training set."},
		{Name: "train_weighted_accuracy_se", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Standard error of train_weighted_accuracy, from the points of evaluation: the training groups' shares are taken as they are."},
		{Name: "test_points", Type: frame.Int64, Unit: "samples", Nullable: true, Doc: "Size of the data set's test split; null if there is none. Nothing is selected on it."},
		{Name: "test_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Accuracy on the test split."},
		{Name: "test_accuracy_se", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Standard error of test_accuracy as an estimate for the distribution that the split was drawn from: sqrt(a (1 - a) / test_points)."},
		{Name: "test_worst_group_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Least of the group accuracies on the test split: an estimate of worst_group_accuracy from few samples of the small groups, and biased low as the least of several estimates."},
		{Name: "test_worst_group_accuracy_se", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Standard error of test_worst_group_accuracy, from the samples of that group."},
		{Name: "test_worst_group", Type: frame.String, Nullable: true, Doc: "The group of least accuracy on the test split."},
	}
}

// Append sets the columns of SplitFields in b's current row. The zero value gives nulls.
func (s *SplitMeasures) Append(b *frame.Builder) {
	s.TrainWeighted.Float64(b, "train_weighted_accuracy")
	s.TrainError.Float64(b, "train_weighted_accuracy_se")
	s.TestPoints.Int64(b, "test_points")
	if s.Test == nil {
		for _, column := range []string{"test_accuracy", "test_accuracy_se", "test_worst_group_accuracy", "test_worst_group_accuracy_se", "test_worst_group"} {
			b.Null(column)
		}
		return
	}
	b.Float64("test_accuracy", s.Test.Accuracy)
	s.Test.AccuracyError.Float64(b, "test_accuracy_se")
	s.Test.WorstAccuracy.Float64(b, "test_worst_group_accuracy")
	s.Test.WorstError.Float64(b, "test_worst_group_accuracy_se")
	b.StringUnlessEmpty("test_worst_group", s.Test.WorstName)
}
