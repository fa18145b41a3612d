package retrain

import (
	"math"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// untrained gives a network of random features for data of three classes.
func untrained(t *testing.T, s neuralnet.NetworkSettings, d *dataset.Dataset) *model.Model {
	t.Helper()
	net, err := neuralnet.New(s, d.Dimensions, kernel.NewStream(1, "init"))
	if err != nil {
		t.Fatal(err)
	}
	m := model.New(s, d.Description)
	m.Add(0, net)
	return m
}

// Of three classes the last layer is the multinomial fit: its logits are those of the network, and it tells them apart.
func TestThreeClasses(t *testing.T) {
	d := datasettest.Corners(t, 3, datasettest.Sizes{Train: 3, Validation: 300, Test: 300})
	for _, s := range []neuralnet.NetworkSettings{settings(3, true, "1/width"), settings(3, false, "1")} {
		before := untrained(t, s, d)
		out := stagetest.Run(t, Kind, `{"c": 10}`, stagetest.Inputs{"model": stagetest.Built(t, before), "data": stagetest.Built(t, d)})
		if a := stagetest.Value(t, out["summary"], "accuracy_after", 0).(float64); a < .97 {
			t.Errorf("the accuracy is %v", a)
		}
		if converged := stagetest.Value(t, out["summary"], "converged", 0); converged != true {
			t.Error("the fit did not converge")
		}
		after, err := model.FromTable(out["model"])
		if err != nil {
			t.Fatal(err)
		}
		net := before.Last().Net
		x, labels := make([]float32, 2*300), d.Validation.Labels(&dataset.Ledger{}, dataset.Training)
		d.Validation.Inputs(x, 0, 300)
		features := make([]float32, 16*300)
		net.Features(features, x, 300)
		fit, err := refit(&Settings{C: 10}, features, 16, labels, 3, s.Bias)
		if err != nil {
			t.Fatal(err)
		}
		want, got := make([]float64, 3*300), make([]float32, 3*300)
		fit.Scores(want, features, nil)
		after.Last().Net.Scores(got, x, 300)
		for i := range want { // the kind fitted the same rows, in another order
			if math.Abs(float64(got[i])-want[i]) > 1e-4*max(1, math.Abs(want[i])) {
				t.Fatalf("logit %d of row %d is %v, fitted %v", i%3, i/3, got[i], want[i])
			}
		}
	}
}

func TestClassesOfNetworkAndDataDiffer(t *testing.T) {
	d := datasettest.Corners(t, 3, datasettest.Sizes{Train: 12, Validation: 60, Test: 60})
	four := datasettest.Corners(t, 4, datasettest.Sizes{Train: 12, Validation: 60, Test: 60})
	in := stagetest.Inputs{"model": stagetest.Built(t, untrained(t, settings(3, true, "1"), d)), "data": stagetest.Built(t, four)}
	if _, err := stagetest.Try(t.Context(), Kind, `{}`, in); err == nil || !strings.Contains(err.Error(), "tells 3 classes apart, but the data has 4") {
		t.Error(err)
	}
}
