package debias

import (
	"math"
	"slices"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
	"spurion/stages/stagetest"
)

const perSample = `"per_sample": true`

// What is written of samples changes nothing else, and weights have mean 1.
func TestPerSampleOutputs(t *testing.T) {
	d := sixGroups(t)
	groups := d.Train.Groups(&dataset.Ledger{}, dataset.Evaluation)
	weighed := map[string]bool{}
	for _, m := range methods {
		if m == spurious {
			continue
		}
		plain, out := run1(t, d, short(m, ""), ""), run1(t, d, short(m, ""), perSample)
		for name, table := range plain {
			if stagetest.Digest(table) != stagetest.Digest(out[name]) {
				t.Errorf("%s: %s is another with per_sample", m.Name, name)
			}
		}
		checkPredictions(t, d, out)
		of := out["groups"]
		if of.Rows() == 0 {
			continue
		}
		weighed[m.Name] = true
		if of.Rows() != d.Train.Rows {
			t.Fatalf("%s: %d rows of samples", m.Name, of.Rows())
		}
		if mean, ok := meanWeight(t, of); ok && math.Abs(mean-1) > 1e-12 {
			t.Errorf("%s: the mean weight is %v", m.Name, mean)
		}
		for row, g := range groups {
			if slices.Contains([]string{"group_balance", "group_dro", "subg", "pde"}, m.Name) && value(t, of, "cell", row) != int64(g) {
				t.Errorf("%s: sample %d is in the cell %v, not %d", m.Name, row, value(t, of, "cell", row), g)
			}
		}
	}
	for _, m := range methods {
		not := slices.Contains([]*Method{erm, constant, spurious, cvarDRO, mixup, lisa}, m)
		if weighed[m.Name] == not {
			t.Errorf("%s tells of samples: %v", m.Name, !not)
		}
	}
}

func meanWeight(t *testing.T, of *frame.Table) (float64, bool) {
	sum := 0.0
	for row := range of.Rows() {
		w, ok := value(t, of, "weight", row).(float64)
		if !ok {
			return 0, false
		}
		sum += w
	}
	return sum / float64(of.Rows()), true
}

// checkPredictions holds the table against the networks and what summary says of the test split.
func checkPredictions(t *testing.T, d *dataset.Dataset, out map[string]*frame.Table) {
	t.Helper()
	p, s := out["predictions"], out["summary"]
	if want := 3 * (d.Validation.Rows + d.Test.Rows); p.Rows() != want {
		t.Fatalf("%d predictions, want %d", p.Rows(), want)
	}
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	labels := d.Test.Labels(&dataset.Ledger{}, dataset.Evaluation)
	x, logits := make([]float32, d.Dimensions), make([]float32, d.ClassCount())
	for rule := range 3 {
		net := m.Last().Net
		for _, c := range m.Checkpoints {
			if c.Step == value(t, s, "step", rule) {
				net = c.Net
			}
		}
		right := 0
		for row, y := range labels {
			at := rule*(d.Validation.Rows+d.Test.Rows) + d.Validation.Rows + row
			if value(t, p, "selection", at) != value(t, s, "selection", rule) || value(t, p, "split", at) != "test" || value(t, p, "row", at) != int64(row) || value(t, p, "label", at) != int64(y) {
				t.Fatalf("row %d is of another sample", at)
			}
			d.Test.Inputs(x, row, 1)
			net.Scores(logits, x, 1)
			sum, best := 0.0, 0
			for k, z := range logits {
				sum += math.Exp(float64(z))
				if z > logits[best] {
					best = k
				}
			}
			given := p.Column("probabilities").Float32List(at)
			for k, z := range logits {
				if math.Abs(float64(given[k])-math.Exp(float64(z))/sum) > 1e-6 {
					t.Fatalf("sample %d: probabilities %v of logits %v", row, given, logits)
				}
			}
			if value(t, p, "prediction", at) != int64(best) {
				t.Fatalf("sample %d is predicted as %v, its logits are %v", row, value(t, p, "prediction", at), logits)
			}
			if best == int(y) {
				right++
			}
		}
		if got, want := value(t, s, "accuracy", rule).(float64), float64(right)/float64(len(labels)); math.Abs(got-want) > 1e-12 {
			t.Errorf("accuracy %v, %v by predictions", got, want)
		}
	}
}

// The weights of GroupDRO begin equal, and sum to 1 at each evaluation; the samples of a group share its last one.
func TestGroupWeightsOverTime(t *testing.T) {
	d := sixGroups(t)
	out := run1(t, d, `{"name": "group_dro", "rate": 0.5}`, perSample)
	w := out["group_weights"]
	if w.Rows() != 4*6 {
		t.Fatalf("%d rows for 4 evaluations of 6 groups", w.Rows())
	}
	last := make([]float64, 6)
	for at := 0; at < w.Rows(); at += 6 {
		sum := 0.0
		for g := range 6 {
			last[g] = value(t, w, "weight", at+g).(float64)
			sum += last[g]
			if value(t, w, "cell", at+g) != int64(g) || value(t, w, "step", at+g) != int64(at/6*20) {
				t.Errorf("row %d is of group %v at step %v", at+g, value(t, w, "cell", at+g), value(t, w, "step", at+g))
			}
			if at == 0 && last[g] != 1./6 {
				t.Errorf("group %d begins with %v", g, last[g])
			}
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("weights sum to %v", sum)
		}
	}
	size := make([]float64, 6)
	groups := d.Train.Groups(&dataset.Ledger{}, dataset.Evaluation)
	for _, g := range groups {
		size[g]++
	}
	for row, g := range groups {
		want := last[g] / size[g] * float64(len(groups))
		if got := value(t, out["groups"], "weight", row).(float64); math.Abs(got-want) > 1e-9 {
			t.Errorf("sample %d weighs %v, want %v", row, got, want)
		}
	}
	if value(t, w, "cell_name", 1) != "a/B" {
		t.Errorf("group 1 is called %v", value(t, w, "cell_name", 1))
	}
}
