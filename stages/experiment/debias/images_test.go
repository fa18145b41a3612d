package debias

import (
	"testing"

	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

const cnn = `"network": {"type": "cnn", "layers": [{"type": "conv", "channels": 3, "kernel": 3, "padding": 1}, {"type": "batch_norm"}, {"type": "relu"}, {"type": "max_pool", "window": 2}], "hidden": [6]}`

// Every method trains a CNN on images, which it augments, and what it selects predicts better than chance.
func TestEveryMethodTakesImages(t *testing.T) {
	d := datasettest.Images(t, datasettest.Sizes{Train: 120, Validation: 60, Test: 80})
	for _, m := range methods {
		out, err := stagetest.Try(t.Context(), Kind, settings(short(m, ""), cnn+`, "optimizer": {"type": "sgd", "rate": 0.1}, "augment": {"noise": 0.05}`), inputs(t, d))
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		checkRows(t, out.Tables["summary"], m, &odd{})
		plain := stagetest.Run(t, Kind, settings(short(m, ""), cnn+`, "optimizer": {"type": "sgd", "rate": 0.1}`), inputs(t, d))
		if trains := m != constant && m != spurious; trains == (lastModel(t, out.Tables) == lastModel(t, plain)) {
			t.Errorf("%s: whether samples are augmented makes no difference, or makes one without training", m.Name)
		}
	}
}
