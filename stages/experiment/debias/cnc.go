package debias

import (
	"context"

	"spurion/stages"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// cnc is Correct-n-Contrast.
var cnc = &Method{
	Name:    "cnc",
	Version: 1,
	Doc: "Trains a first network by ERM for T steps, and takes its predictions on the training samples for their spurious attribute. A second network starts afresh and goes down λ times a contrastive loss of its last hidden layer plus 1 - λ times the batch's mean loss. " +
		"The contrastive loss has as anchors the samples that the first network gets right: their positives have the same label and another prediction, their negatives the same prediction and another label; it is the mean over the anchors that have both in the batch, and over each one's positives, of -log(e^(s/τ) / sum of e^(s/τ) over the anchor's positives and negatives), s being the cosine similarity of activations. " +
		"Two-sided, the same with the samples that it gets wrong as anchors is added. A batch holds equally many samples of each label and prediction (the published code draws, for each anchor in turn, as many of each, and takes a step for 32 anchors), and every sample is an anchor against all in the batch. Of more than two classes, samples that share neither label nor prediction with the anchor are left out of its sum, as published. " +
		"A batch with nothing to contrast is trained on by the mean loss alone; if the first network gets no sample wrong, or all, the second stage is ERM; the note says so. The steps of both stages count.",
	Source: "Zhang, Sohoni, Zhang, Finn and Ré 2022, algorithm 1; the second side from the published code",
	Finite: true,
	Check: func(s *Settings) []stages.Problem {
		problems := checkFirst(s)
		if len(s.Network.Hidden) == 0 {
			problems = append(problems, stages.Problem{Path: "network.hidden", Summary: "No features to contrast",
				Detail: "The method cnc contrasts activations of the last hidden layer, and this network has none. Give it a hidden layer."})
		}
		return problems
	},
	Run: runCnC,
}

func runCnC(ctx context.Context, t *Trial) error {
	labels := t.Labels()
	errors, err := t.firstStage(ctx, func(ctx context.Context, first *neuralnet.Network, _ bool) (Set, error) {
		predicted, err := t.predictions(ctx, first)
		return Set{What: errorsOf, Members: wrongOf(predicted, labels), Partition: &Partition{t.Classes(), predicted}}, err
	})
	if err != nil {
		return err
	}
	wrong := errors.Members
	stage := Stage{Net: t.Network(""), Steps: t.Remaining()}
	if size := sizeOf(wrong); size == 0 || size == t.Rows() {
		t.Say("The first network gets %d of %d training samples wrong after %d steps, so that there is nothing to contrast: the second stage is ERM.", size, t.Rows(), t.Taken())
		if stage.Source, err = t.Natural(""); err != nil {
			return err
		}
		return t.Train(ctx, stage)
	}
	cells, err := errors.Partition.crossed(labels, t.Classes())
	if err != nil {
		return err
	}
	class := t.dataset.ClassName
	d := byCells("label and prediction", crossedNames(&t.dataset.Description, t.Classes(), class), cells.Cells)
	if stage.Source, err = t.batches(d); err != nil {
		return err
	}
	if t.Method.Batches == natural {
		t.use(d, t.byCell(d, bySize))
	} else {
		t.use(d, t.byCell(d, alike))
	}
	a := &alignment{predicted: errors.Partition.Cells, share: t.Method.ContrastiveWeight, contrast: contrast{temperature: t.Method.Temperature, twoSided: t.Method.TwoSided}}
	stage.Pull = a.pull
	first := t.Taken()
	err = t.Train(ctx, stage)
	if a.alone > 0 {
		t.Say("%d of %d batches had nothing to contrast, and were trained on by their mean loss alone.", a.alone, t.Taken()-first)
	}
	return err
}

// alignment is the objective of the second stage.
type alignment struct {
	contrast
	predicted []int16 // of the training samples
	share     float64 // λ
	alone     int     // batches with nothing to contrast

	batch   []int16 // predictions, of a batch
	weights []float32
}

func (a *alignment) pull(b *trainloop.Batch, features []float32) (gradient, weights []float32) {
	if a.share == 0 {
		return nil, nil
	}
	a.batch, a.weights = a.batch[:0], a.weights[:0]
	for _, row := range b.Index {
		a.batch = append(a.batch, a.predicted[row])
		a.weights = append(a.weights, float32((1-a.share)/float64(b.Rows)))
	}
	if _, gradient = a.of(features, b.Labels, a.batch); gradient == nil {
		a.alone++
		return nil, nil
	}
	kernel.Scale(gradient, float32(a.share))
	return gradient, a.weights
}
