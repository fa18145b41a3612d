package train

import (
	"math"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation/evaluationtest"
	"spurion/stages/stagetest"
)

// wide has training samples of a law whose cube of 2^22 points is drawn from, also for Fourier coefficients.
func wide(t testing.TB) *dataset.Dataset {
	t.Helper()
	law := datasettest.Easy(.9)
	law.CoreLength, law.Independent = 7, 14
	return datasettest.Finite(t, law, 11, datasettest.Sizes{Train: 100})
}

const wideSettings = `{"steps": 40, "spectrum": [[1, 2], [3]], "evaluation": {"every": 20, "points": 200}, "stop": {"core_correlation": 0.99}, ` + small + `, "seed": 3}`

func withRepeats(settings, n string) string {
	return strings.Replace(settings, `"points": 200`, `"points": 200, "repeats": `+n, 1)
}

// TestRepeats: history, summary and spectrum have means over repeats; the training is the same, and without repeats nothing changes.
func TestRepeats(t *testing.T) {
	const repeats = 4
	in := inputs(t, wide(t))
	one, got := stagetest.Run(t, Kind, wideSettings, in), stagetest.Run(t, Kind, withRepeats(wideSettings, "4"), in)
	evaluationtest.Repeated(t, got["history"], got["repeats"], one["history"], repeats, "")
	for _, column := range []string{"evaluation_points", "unseen_points"} {
		if a, b := stagetest.Value(t, one["summary"], column, 0), stagetest.Value(t, got["summary"], column, 0); b != repeats*a.(int64) {
			t.Errorf("%s is %v, without repeats %v", column, b, a)
		}
	}
	last := got["history"].Rows() - 1
	for _, column := range []string{"accuracy", "loss_se", "unseen_core_correlation", "worst_group_accuracy_se"} {
		if a, b := stagetest.Value(t, got["history"], column, last), stagetest.Value(t, got["summary"], column, 0); a != b || a == nil {
			t.Errorf("%s is %v at the end of history, %v in summary", column, a, b)
		}
	}
	for row := range one["spectrum"].Rows() {
		a, b := stagetest.Value(t, one["spectrum"], "sign_coefficient", row).(float64), stagetest.Value(t, got["spectrum"], "sign_coefficient", row).(float64)
		se := stagetest.Value(t, one["spectrum"], "sign_coefficient_se", row).(float64)
		if a == b || math.Abs(a-b) > 5*se || stagetest.Value(t, got["spectrum"], "points", row) != int64(200*repeats) {
			t.Errorf("row %d of spectrum: %v ± %v without repeats, %v with", row, a, se, b)
		}
	}
	for _, output := range []string{"layers", "neurons", "model"} {
		if stagetest.Digest(one[output]) != stagetest.Digest(got[output]) {
			t.Errorf("repeats change %s", output)
		}
	}
	said := stagetest.Run(t, Kind, withRepeats(wideSettings, "1"), in)
	for output := range one {
		if one["repeats"] != nil || len(said) != len(one) || stagetest.Digest(one[output]) != stagetest.Digest(said[output]) {
			t.Errorf("%s: one repeat is not what there is without", output)
		}
	}
}

// TestNoRepeats: what is not drawn cannot be drawn again, and too many points are a mistake of the spec.
func TestNoRepeats(t *testing.T) {
	external := finite(t, 60, 60)
	external.Law = nil
	for what, d := range map[string]*dataset.Dataset{"whole cube": datasettest.Fresh(.9), "own samples": external} {
		_, err := stagetest.Try(t.Context(), Kind, withRepeats(wideSettings, "5"), inputs(t, d))
		if err == nil || !strings.Contains(err.Error(), "evaluation.repeats = 5: ") || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for settings, want := range map[string]string{`"repeats": 0`: "at least 1", `"points": 10000, "repeats": 1000`: "", `"points": 10001, "repeats": 1000`: "evaluation.repeats: "} {
		_, err := stagetest.Settings(Kind, `{"steps": 5, "optimizer": {"type": "sgd", "rate": 1}, "evaluation": {`+settings+`}}`)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", settings, err)
		}
	}
}
