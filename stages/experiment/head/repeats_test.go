package head

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation/evaluationtest"
	"spurion/stages/common/model/modeltest"
	"spurion/stages/stagetest"
)

// wide gives what a head is given, of a law whose cube of 2^21 points is drawn from and whose core blocks are not all seen.
func wide(t testing.TB, steps ...int64) stagetest.Inputs {
	t.Helper()
	law := datasettest.Easy(.9)
	law.CoreLength, law.Independent = 7, 13
	m := modeltest.Trained(t, law, modeltest.Network(2), 30, 120)
	d := datasettest.Finite(t, law, 11, datasettest.Sizes{Train: 200, Validation: 200})
	return stagetest.Inputs{"model": stagetest.Built(t, m), "base": stagetest.Tables(summary(t, steps...)), "data": stagetest.Built(t, d)}
}

func repeatsCase(t testing.TB) stagetest.Case {
	return stagetest.Case{Name: "repeats", Settings: strings.Replace(afrOn, `"seed"`, `"points": 40, "repeats": 2, "seed"`, 1), Inputs: wide(t, 120, 30)}
}

// TestRepeats: summary has means over the repeats, and the fit stays the same. A row without a network has no repeats.
func TestRepeats(t *testing.T) {
	const repeats = 4
	in := wide(t, 120, 30)
	run := func(more string, in stagetest.Inputs) map[string]*frame.Table {
		return stagetest.Run(t, Kind, strings.Replace(afrOn, `"seed"`, `"points": 200, `+more+`"seed"`, 1), in)
	}
	one, got, said := run("", in), run(`"repeats": 4, `, in), run(`"repeats": 1, `, in)
	evaluationtest.Repeated(t, got["summary"], got["repeats"], one["summary"], repeats, "")
	if a, b := stagetest.Value(t, one["summary"], "evaluation_points", 0), stagetest.Value(t, got["summary"], "evaluation_points", 0); b != repeats*a.(int64) {
		t.Errorf("%v points, without repeats %v", b, a)
	}
	for row := range got["summary"].Rows() {
		for _, column := range []string{"method", "selection", "step"} {
			if a, b := stagetest.Value(t, got["summary"], column, row), stagetest.Value(t, got["repeats"], column, row*repeats+1); a != b {
				t.Errorf("%s is %v in summary, %v in repeats", column, a, b)
			}
		}
		if a, b := stagetest.Value(t, one["summary"], "validation_accuracy", row), stagetest.Value(t, got["summary"], "validation_accuracy", row); a != b {
			t.Errorf("repeats change validation_accuracy from %v to %v", a, b)
		}
	}
	if stagetest.Digest(one["model"]) != stagetest.Digest(got["model"]) {
		t.Error("repeats change the networks")
	}
	for output := range one {
		if one["repeats"] != nil || len(said) != len(one) || stagetest.Digest(one[output]) != stagetest.Digest(said[output]) {
			t.Errorf("%s: one repeat is not what there is without", output)
		}
	}
	if none := run(`"repeats": 4, `, wide(t, -1, 30))["repeats"]; none.Rows() != repeats {
		t.Errorf("%d rows of repeats for one network", none.Rows())
	}
	_, err := stagetest.Try(t.Context(), Kind, `{"head": {"name": "afr"}, "repeats": 5}`, inputs(t, 2, finite(t, 400, .9), 120))
	if err == nil || !strings.Contains(err.Error(), "repeats = 5: ") || !strings.Contains(err.Error(), "leave repeats out") {
		t.Error(err)
	}
}
