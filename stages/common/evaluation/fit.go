package evaluation

import (
	"context"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/neuralnet"
)

// A Fit is how well a network fits the samples that it is trained on: all of them, each once, with the weights as they
// are. It is exact for them, so that it has no standard error. The mean loss of batches is another number: it
// is of the weights before each step.
type Fit struct {
	Loss     Optional // mean over the samples; nothing if it is not finite
	Accuracy float64
}

// A FitEvaluator measures a Fit.
type FitEvaluator struct{ on *Evaluator }

// NewFitEvaluator measures on the samples of the data set that d describes by a loss; l notes that their labels are read for
// evaluation.
func NewFitEvaluator(d *dataset.Description, s *dataset.Samples, loss string, l *dataset.Ledger) (*FitEvaluator, error) {
	e := &Evaluator{rows: s.Rows, dimensions: s.Dimensions, packed: s.Packed(), inputs: s.Inputs, labels: s.Labels(l, dataset.Evaluation)}
	e.population, e.places = ofCells(population{data: d, own: true}, e.labels, s.Classes())
	return &FitEvaluator{e}, e.prepare(loss)
}

// Evaluate measures a network. The error is neuralnet.ErrDiverged if an output is not a number, or ctx's.
func (e *FitEvaluator) Evaluate(ctx context.Context, net *neuralnet.Network) (*Fit, error) {
	m, err := e.on.Evaluate(ctx, net)
	if err != nil {
		return nil, err
	}
	return &Fit{Loss: Finite(m.Loss), Accuracy: m.Accuracy}, nil
}

// FitFields gives the columns of a Fit.
func FitFields() []frame.Field {
	const when = "on the whole training set, with the weights as they are; null with fresh samples, and where the setting training_set has it not measured."
	return []frame.Field{
		{Name: "training_set_loss", Type: frame.Float64, Unit: "nats", Nullable: true, Doc: "Mean loss, in the unit of loss, " + when + " It is exact for these samples, and so has no standard error."},
		{Name: "training_set_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Accuracy " + when},
	}
}

// Append sets the columns of FitFields in b's current row, to null if f is nil.
func (f *Fit) Append(b *frame.Builder) {
	if f == nil {
		b.Null("training_set_loss")
		b.Null("training_set_accuracy")
		return
	}
	f.Loss.Float64(b, "training_set_loss")
	b.Float64("training_set_accuracy", f.Accuracy)
}
