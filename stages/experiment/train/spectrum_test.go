package train

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/stagetest"
)

const asked = `, "spectrum": [[2, 1], [3], [], [1, 2, 3]]`

// In law, the core is the parity of coordinates 1 and 2, and the spurious feature is coordinate 3: so
// the predictions' coefficients of these sets are core and spurious correlation. The cube has 2^6
// points, and both are exact.
func TestSpectrumOfParitiesIsTheirCorrelation(t *testing.T) {
	const settings = `{"steps": 300, "evaluation": {"every": 25}, ` + small + `, "seed": 1`
	out := stagetest.Run(t, Kind, settings+asked+`}`, inputs(t, datasettest.Fresh(.8)))
	h, s := out["history"], out["spectrum"]
	if s.Rows() != 4*h.Rows() {
		t.Fatalf("%d rows of %d evaluations", s.Rows(), h.Rows())
	}
	if core := floats(t, h, "core_correlation"); core[len(core)-1] < .95 {
		t.Fatalf("the core is not learned: %v", core)
	}
	for row := range s.Rows() {
		e, k := row/4, row%4
		if stagetest.Value(t, s, "step", row) != stagetest.Value(t, h, "step", e) || stagetest.Value(t, s, "set", row) != []string{"{1,2}", "{3}", "{}", "{1,2,3}"}[k] ||
			stagetest.Value(t, s, "exact", row) != true || stagetest.Value(t, s, "points", row) != int64(64) {
			t.Fatalf("row %d is of set %v at step %v, exact %v on %v points", row, stagetest.Value(t, s, "set", row), stagetest.Value(t, s, "step", row), stagetest.Value(t, s, "exact", row), stagetest.Value(t, s, "points", row))
		}
		if k < 2 {
			name := []string{"core_correlation", "spurious_correlation"}[k]
			if got, want := floats(t, s, "sign_coefficient")[row], floats(t, h, name)[e]; math.Abs(got-want) > 1e-15 {
				t.Errorf("evaluation %d: the coefficient of %v is %v, %s is %v", e, stagetest.Value(t, s, "set", row), got, name, want)
			}
		}
	}
	plain := stagetest.Run(t, Kind, settings+`}`, inputs(t, datasettest.Fresh(.8)))
	if plain["spectrum"].Rows() != 0 {
		t.Errorf("%d rows without sets", plain["spectrum"].Rows())
	}
	for _, name := range []string{"history", "model", "summary", "layers", "neurons"} {
		if stagetest.Digest(plain[name]) != stagetest.Digest(out[name]) {
			t.Errorf("measuring a spectrum changes %s", name)
		}
	}
}

// The rows of a checkpoint's step are those of its network.
func TestSpectrumIsThatOfTheCheckpoint(t *testing.T) {
	out := stagetest.Run(t, Kind, `{"steps": 40, "evaluation": {"every": 10}, "checkpoints": {"every": 20}, `+small+asked+`}`, inputs(t, datasettest.Fresh(.8)))
	f, err := evaluation.NewFourier([][]int{{1, 2}, {3}, {}, {1, 2, 3}}, 6, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range readModel(t, out["model"]).Checkpoints {
		found, err := f.Measure(t.Context(), c.Net)
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range found {
			row := 4*2*i + k
			if stagetest.Value(t, out["spectrum"], "step", row) != c.Step || stagetest.Value(t, out["spectrum"], "margin_coefficient", row) != want.Margin.Value ||
				stagetest.Value(t, out["spectrum"], "sign_coefficient", row) != want.Sign {
				t.Errorf("step %d: the coefficients of %s are %v and %v, want %v and %v", c.Step, want.Set,
					stagetest.Value(t, out["spectrum"], "margin_coefficient", row), stagetest.Value(t, out["spectrum"], "sign_coefficient", row), want.Margin.Value, want.Sign)
			}
		}
	}
}

func TestSpectrumNeedsACube(t *testing.T) {
	const settings = `{"steps": 5, "spectrum": [[6], [1, %d]], ` + small + `}`
	signs := finite(t, 30, 30)
	signs.Law = nil
	if rows := stagetest.Run(t, Kind, fmt.Sprintf(settings, 2), inputs(t, signs))["spectrum"].Rows(); rows != 2*6 {
		t.Errorf("external data of signs: %d rows", rows)
	}
	numbers := &dataset.Dataset{Description: dataset.Description{Dimensions: 6}, Train: signs.Train}
	test, err := dataset.Real(dataset.TestSplit, 6, []float32{1, 1, -1, 1, .5, 1}, []int16{1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	numbers.Test = test
	for _, c := range []struct {
		d          *dataset.Dataset
		coordinate int
		want       string
	}{
		{numbers, 2, "not all -1 or +1"},
		{datasettest.Fresh(.9), 7, "{1,7} has coordinate 7, but inputs have 6"},
	} {
		if _, err := stagetest.Try(t.Context(), Kind, fmt.Sprintf(settings, c.coordinate), inputs(t, c.d)); err == nil || !strings.Contains(err.Error(), "spectrum: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
