package retrain

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation/evaluationtest"
	"spurion/stages/common/model/modeltest"
	"spurion/stages/stagetest"
)

// TestRepeats: history and summary have means over repeats of both networks, and the fit stays the same.
func TestRepeats(t *testing.T) {
	const repeats = 4
	law := datasettest.Easy(.9)
	law.Independent += 10 // a cube of 2^16 points
	m := modeltest.Trained(t, law, settings(2, true, "1"), 0, 30, 120)
	in := stagetest.Inputs{"model": stagetest.Built(t, m)}
	run := func(more string) map[string]*frame.Table {
		return stagetest.Run(t, Kind, `{"samples": 400, "points": 200`+more+`}`, in)
	}
	one, got, said := run(""), run(`, "repeats": 4`), run(`, "repeats": 1`)
	for _, suffix := range []string{"_before", "_after"} {
		evaluationtest.Repeated(t, got["history"], got["repeats"], one["history"], repeats, suffix)
	}
	for _, column := range []string{"fit_loss", "step", "samples"} {
		if a, b := stagetest.Value(t, one["summary"], column, 0), stagetest.Value(t, got["summary"], column, 0); a != b {
			t.Errorf("repeats change %s from %v to %v", column, a, b)
		}
	}
	if a, b := stagetest.Value(t, one["summary"], "evaluation_points", 0), stagetest.Value(t, got["summary"], "evaluation_points", 0); b != repeats*a.(int64) {
		t.Errorf("%v points, without repeats %v", b, a)
	}
	for output := range one {
		if one["repeats"] != nil || len(said) != len(one) || stagetest.Digest(one[output]) != stagetest.Digest(said[output]) {
			t.Errorf("%s: one repeat is not what there is without", output)
		}
	}
	stagetest.Conform(t, Kind, stagetest.Case{Name: "repeats", Settings: `{"samples": 40, "points": 20, "repeats": 2, "seed": 3}`, Inputs: in})
	_, err := stagetest.Try(t.Context(), Kind, `{"repeats": 5}`, stagetest.Inputs{"model": stagetest.Built(t, trained(t, settings(2, true, "1")))})
	if err == nil || !strings.Contains(err.Error(), "repeats = 5: ") || !strings.Contains(err.Error(), "leave repeats out") {
		t.Error(err)
	}
}
