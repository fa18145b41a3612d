package evaluation

import (
	"context"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// PredictionFields are the columns of what a network predicts for samples.
var PredictionFields = []frame.Field{
	{Name: "split", Type: frame.String, Doc: "The split of the sample: validation or test.", Mark: frame.MarkSplit},
	{Name: "row", Type: frame.Int64, Doc: "The sample's row within its split, from 0."},
	{Name: "label", Type: frame.Int64, Doc: "Its label y.", Mark: frame.MarkSplit},
	{Name: "attribute", Type: frame.Int64, Nullable: true, Doc: "Its attribute s; null if the split has none.", Mark: frame.MarkAttribute},
	{Name: "prediction", Type: frame.Int64, Doc: "The label that is predicted."},
	{Name: "score", Type: frame.Float32, Unit: "1", Nullable: true, Doc: "The margin of two classes: 1 is predicted where it is at least 0. Null for more classes."},
	{Name: "probabilities", Type: frame.Float32List, Unit: "1", Nullable: true, Doc: "The probability of each class; null for losses whose outputs are no log-odds."},
}

// PredictionOutput is the output predictions, with the columns that say what a row is of before those of PredictionFields;
// networks is what has rows, such as "the network that a rule selected".
func PredictionOutput(networks string, before ...frame.Field) stages.Output {
	return stages.Output{Name: "predictions", Fields: slices.Concat(before, PredictionFields), Doc: "One row for each sample of the splits validation and test: what " + networks +
		" predicts for it. The kind score reads it. Without such splits, and for a network with an output that is not finite, there are no rows."}
}

// AppendPredictions adds a row for each sample of the splits validation and test, with what a network that was trained by a
// loss predicts; begin sets the columns before those of PredictionFields. l notes what is read for evaluation. The error is
// ctx's.
func AppendPredictions(ctx context.Context, b *frame.Builder, d *dataset.Dataset, net *neuralnet.Network, loss string, l *dataset.Ledger, begin func()) error {
	for _, s := range []*dataset.Samples{d.Validation, d.Test} {
		if s == nil {
			continue
		}
		scores, err := scoresOf(ctx, net, s)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(scores, func(z float32) bool { return z-z != 0 }) {
			continue
		}
		width := net.ScoreWidth()
		predicted := make([]int16, s.Rows)
		neuralnet.Predict(predicted, scores)
		var p []float32
		appendSamples(b, s, l, begin, func(row int, _ int16) int16 {
			of := scores[row*width : (row+1)*width]
			if width == 1 {
				b.Float32("score", of[0])
			} else {
				b.Null("score")
			}
			if neuralnet.HasProbabilities(loss) {
				p = probabilities(p[:0], of)
				b.Float32List("probabilities", p)
			} else {
				b.Null("probabilities")
			}
			return predicted[row]
		})
	}
	return nil
}

// AppendFollowed is AppendPredictions of a predictor that looks at label and attribute; it has no scores.
func AppendFollowed(b *frame.Builder, d *dataset.Dataset, predict func(label, attribute int16) int16, l *dataset.Ledger, begin func()) {
	for _, s := range []*dataset.Samples{d.Validation, d.Test} {
		if s == nil || !s.HasAttributes() {
			continue
		}
		labels := s.Labels(l, dataset.Evaluation)
		appendSamples(b, s, l, begin, func(row int, attribute int16) int16 {
			b.Null("score")
			b.Null("probabilities")
			return predict(labels[row], attribute)
		})
	}
}

// appendSamples adds a row for each sample. predict sets the columns score and probabilities, and gives the prediction.
func appendSamples(b *frame.Builder, s *dataset.Samples, l *dataset.Ledger, begin func(), predict func(row int, attribute int16) int16) {
	labels := s.Labels(l, dataset.Evaluation)
	var attributes []int16
	if s.HasAttributes() {
		l.Note(frame.MarkGroup, dataset.Evaluation, s.Split) // which is attribute and label
		attributes = s.Attributes(&dataset.Ledger{}, dataset.Evaluation)
	}
	for row, y := range labels {
		begin()
		b.String("split", string(s.Split))
		b.Int("row", row)
		b.Int("label", int(y))
		attribute := int16(-1)
		if attributes != nil {
			attribute = attributes[row]
		}
		b.IntIf(attributes != nil, "attribute", int(attribute))
		b.Int("prediction", int(predict(row, attribute)))
		b.EndRow()
	}
}

// scoresOf gives the network's scores on all samples, [rows, ScoreWidth()].
func scoresOf(ctx context.Context, net *neuralnet.Network, s *dataset.Samples) ([]float32, error) {
	width := net.ScoreWidth()
	all := make([]float32, s.Rows*width)
	err := EachScore(ctx, net, s, func(row int, scores []float32) { copy(all[row*width:], scores) })
	return all, err
}

// EachScore hands on the network's scores on each sample, [ScoreWidth()], which are valid until use returns. The error is ctx's.
func EachScore(ctx context.Context, net *neuralnet.Network, s *dataset.Samples, use func(row int, scores []float32)) error {
	width, chunk := net.ScoreWidth(), min(chunkRows, s.Rows)
	scores := make([]float32, chunk*width)
	var x []float32
	if !s.Signs() {
		x = make([]float32, chunk*s.Dimensions)
	}
	for first := 0; first < s.Rows; first += chunkRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := min(chunkRows, s.Rows-first)
		if s.Signs() {
			net.ScoresOfSigns(scores, s.Packed()[first*s.Words():], rows)
		} else {
			s.Inputs(x, first, rows)
			net.Scores(scores, x, rows)
		}
		for i := range rows {
			use(first+i, scores[i*width:(i+1)*width])
		}
	}
	return nil
}

// probabilities appends those of all classes, from a margin or from logits.
func probabilities(to, scores []float32) []float32 {
	if len(scores) == 1 {
		z := float64(scores[0])
		return append(to, float32(kernel.Sigmoid64(-z)), float32(kernel.Sigmoid64(z)))
	}
	largest, sum := kernel.SumExp(scores)
	for _, z := range scores {
		to = append(to, float32(kernel.Exp64(float64(z)-largest)/sum))
	}
	return to
}
