package trainloop

import (
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// An evaluation's loss is what the trainer has on the same points, to the bit.
func TestLossesAreThoseOfTraining(t *testing.T) {
	for _, loss := range neuralnet.Losses {
		s := smallNetwork
		if loss != "cross_entropy" {
			s.Outputs = 1
		}
		samples := datasettest.Drawn(t, datasettest.Law(t), 70)
		net, err := neuralnet.New(s, samples.Dimensions, kernel.NewStream(3, "network"))
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := neuralnet.NewTrainer(net, loss, neuralnet.OptimizerSettings{Type: "sgd", Rate: .1}, 70)
		if err != nil {
			t.Fatal(err)
		}
		e, err := evaluation.NewSampleEvaluator(&dataset.Description{}, samples, dataset.Evaluation, loss, &dataset.Ledger{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.Evaluate(t.Context(), net)
		if err != nil {
			t.Fatal(err)
		}
		var b Batch
		Whole(samples).Next(&b)
		var sums, count [evaluation.Groups]float64
		losses := trainer.ForwardSigns(b.Signs, b.Labels, b.Rows)
		for i, g := range b.Groups(&dataset.Ledger{}) {
			sums[g] += float64(losses[i])
			count[g]++
		}
		for g := range evaluation.Groups {
			got := m.Group(g).Loss
			if got.Valid != (count[g] > 0) || got.Valid && got.Value != sums[g]/count[g] {
				t.Errorf("%s: the loss of group %d is %v, the trainer has %v", loss, g, got, sums[g]/count[g])
			}
		}
	}
}
