package train

import (
	"fmt"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

// The predictions are those of the network at the end: as many are right as summary says, by class and group; and what is
// written besides is as without them.
func TestPredictions(t *testing.T) {
	nine := datasettest.Mixed(t, 3, 3, datasettest.Sizes{Train: 60, Validation: 30, Test: 90})
	for _, d := range []*dataset.Dataset{nine, datasettest.Unattributed(t, nine)} {
		const settings = `{"steps": 40, "batch": 16, "network": {"hidden": [8]}, "optimizer": {"type": "sgd", "rate": 0.2}, "seed": 1%s}`
		in := stagetest.Inputs{"data": stagetest.Built(t, d)}
		plain, out := stagetest.Run(t, Kind, fmt.Sprintf(settings, ""), in), stagetest.Run(t, Kind, fmt.Sprintf(settings, `, "per_sample": true`), in)
		for name, table := range plain {
			if stagetest.Digest(table) != stagetest.Digest(out[name]) {
				t.Errorf("%s is another with per_sample", name)
			}
		}
		p := out["predictions"]
		if p.Rows() != 120 {
			t.Fatalf("%d rows", p.Rows())
		}
		right, labels := 0, d.Test.Labels(&dataset.Ledger{}, dataset.Evaluation)
		for i, y := range labels {
			if row := 30 + i; stagetest.Value(t, p, "split", row) != "test" || stagetest.Value(t, p, "label", row) != int64(y) || (stagetest.Value(t, p, "attribute", row) == nil) == d.Test.HasAttributes() {
				t.Fatalf("row %d is of another sample", row)
			}
			if stagetest.Value(t, p, "prediction", 30+i) == int64(y) {
				right++
			}
		}
		if got := stagetest.Value(t, out["summary"], "accuracy", 0).(float64); int(got*90+.5) != right {
			t.Errorf("accuracy %v, %d of 90 predictions are right", got, right)
		}
	}
}

// A network whose outputs are not numbers predicts nothing.
func TestNoPredictionsOfADivergedNetwork(t *testing.T) {
	d := datasettest.Mixed(t, 3, 2, datasettest.Sizes{Train: 60, Validation: 30, Test: 90})
	out := stagetest.Run(t, Kind, `{"steps": 40, "batch": 16, "network": {"hidden": [8]}, "optimizer": {"type": "sgd", "rate": 1e30}, "seed": 1, "per_sample": true}`, stagetest.Inputs{"data": stagetest.Built(t, d)})
	if stagetest.Value(t, out["summary"], "ended", 0) != "diverged" || out["predictions"].Rows() != 0 {
		t.Errorf("ended: %v, %d predictions", stagetest.Value(t, out["summary"], "ended", 0), out["predictions"].Rows())
	}
}
