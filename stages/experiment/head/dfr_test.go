package head

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/logistic"
	"spurion/stages/stagetest"
)

// Replayed by hand: C by the worst group of one half, for a fit to a balanced subset of the other; then fits to balanced subsets of
// all points, averaged, on scaled features.
func TestDFRByHand(t *testing.T) {
	d, m := finite(t, 300, .9), trained(t, 2)
	const refits = 3
	out := stagetest.Run(t, Kind, `{"head": {"name": "dfr", "refits": 3, "grid": [0.002, 0.3]}, "seed": 1}`, inputs(t, 2, d, 30))
	net := m.Checkpoints[0].Net
	all, err := featuresOf(net, d.Validation, false)
	if err != nil {
		t.Fatal(err)
	}
	raw := slices.Clone(all.features)
	mean, scale := moments(all)
	for i, v := range all.features {
		all.features[i] = float32((float64(v) - mean[i%all.width]) * scale[i%all.width])
	}
	groups := d.Validation.Groups(&dataset.Ledger{}, dataset.Evaluation)
	stream := kernel.NewStream(1, "head/dfr")
	fit := func(rows []int32, c float64) *logistic.Model {
		p, labels := all.of(rows), []int16{}
		for _, row := range rows {
			labels = append(labels, groups[row]>>1)
		}
		model, err := logistic.FitSparse(logistic.Rows{X: p.features, D: p.width, Labels: labels}, logistic.SparseOptions{C: c, PenalizeIntercept: true})
		if err != nil {
			t.Fatal(err)
		}
		return model
	}
	order := trainloop.All(300)
	stream.Shuffle(300, func(i, j int) { order[i], order[j] = order[j], order[i] })
	var inFirst []int16
	for _, row := range order[:150] {
		inFirst = append(inFirst, groups[row])
	}
	var subset []int32
	for _, i := range balanced(inFirst, evaluation.Groups, stream) {
		subset = append(subset, order[i])
	}
	chosen, best := 0., -1.
	for _, c := range []float64{.002, .3} {
		model := fit(subset, c)
		var right, count [evaluation.Groups]float64
		for _, row := range order[150:] {
			margin := model.Intercept
			for j, w := range model.Weights {
				margin += w * float64(all.features[int(row)*all.width+j])
			}
			count[groups[row]]++
			if (margin >= 0) == (groups[row] >= 2) {
				right[groups[row]]++
			}
		}
		worst := 1.
		for g := range right {
			worst = min(worst, right[g]/count[g])
		}
		if t.Logf("C = %v: worst group %v", c, worst); worst > best {
			chosen, best = c, worst
		}
	}
	s := out["summary"]
	if stagetest.Value(t, s, "head_chosen", 0) != chosen || stagetest.Value(t, s, "validation_worst_group_accuracy", 0) != best {
		t.Errorf("C = %v of worst group %v, want %v of %v", stagetest.Value(t, s, "head_chosen", 0), stagetest.Value(t, s, "validation_worst_group_accuracy", 0), chosen, best)
	}
	var models []*logistic.Model
	for range refits {
		models = append(models, fit(balanced(groups, evaluation.Groups, stream), chosen))
	}
	after, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, 300)
	lastLayer(after.Last().Net).Margins(got, raw, 300)
	for row := range 300 {
		want := 0.
		for _, m := range models {
			want += m.Intercept / refits
			for j, w := range m.Weights {
				want += w * float64(all.features[row*all.width+j]) / refits
			}
		}
		if math.Abs(float64(got[row])-want) > 1e-4*max(1, math.Abs(want)) {
			t.Fatalf("row %d has the margin %v, want %v", row, got[row], want)
		}
	}
}

// A balanced subset has as many of each group as the smallest, none twice; over draws each point of
// a group is as likely as another.
func TestBalanced(t *testing.T) {
	groups := []int16{0, 0, 0, 0, 0, 3, 3, 3, 1, 1}
	stream := kernel.NewStream(1, "x")
	var count [10]float64
	const draws = 5000
	for range draws {
		list := balanced(groups, evaluation.Groups, stream)
		var each [evaluation.Groups]int
		for _, i := range list {
			each[groups[i]]++
			count[i]++
		}
		slices.Sort(list)
		if each != [evaluation.Groups]int{2, 2, 0, 2} || len(slices.Compact(list)) != 6 {
			t.Fatalf("subset %v", list)
		}
	}
	for i, n := range count {
		p := 2 / [evaluation.Groups]float64{5, 2, 0, 3}[groups[i]]
		if math.Abs(n-draws*p) > 6*math.Sqrt(draws*p*(1-p)) {
			t.Errorf("point %d was drawn %v times, want about %v", i, n, draws*p)
		}
	}
}

// The installed layer's margin is weights·h + intercept, for one and two outputs and any scale.
func TestLinearHead(t *testing.T) {
	for outputs := 1; outputs <= 2; outputs++ {
		net := trained(t, outputs).Last().Net
		net.OutputScale = .25
		weights := make([]float64, 16)
		for j := range weights {
			weights[j] = float64(j) - 7
		}
		x, h, margin := []float32{1, -1, 1, 1, -1, -1}, make([]float32, 16), make([]float32, 1)
		net.Features(h, x, 1)
		want := .5
		for j, w := range weights {
			want += w * float64(h[j])
		}
		(&trial{}).linearHead(net, weights, []float64{.5}).Margins(margin, x, 1)
		if math.Abs(float64(margin[0])-want) > 1e-4 {
			t.Errorf("%d outputs: the margin is %v, want %v", outputs, margin[0], want)
		}
	}
}

// A feature is scaled to mean 0 and variance 1, or shifted alone if it is constant.
func TestMoments(t *testing.T) {
	p := &points{rows: trainloop.All(4), width: 2, features: []float32{1, 7, 2, 7, 3, 7, 6, 7}}
	mean, scale := moments(p)
	if mean[0] != 3 || mean[1] != 7 || scale[1] != 1 || math.Abs(scale[0]-1/math.Sqrt(3.5)) > 1e-12 {
		t.Errorf("means %v, scales %v", mean, scale)
	}
}

// Where features of the core are there, group-balanced refits find them: the network is right on the
// minority that it was wrong on.
func TestDFRHelpsTheWorstGroup(t *testing.T) {
	for outputs := 1; outputs <= 2; outputs++ {
		in := inputs(t, outputs, finite(t, 400, .9), 30, 30, 30)
		before, err := evaluation.NewEvaluator(datasettest.Compile(t, datasettest.Easy(.9)), 4096, "", kernel.NewStream(1, "x"), &dataset.Ledger{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := before.Evaluate(t.Context(), trained(t, outputs).Checkpoints[0].Net)
		if err != nil {
			t.Fatal(err)
		}
		table := stagetest.Run(t, Kind, dfrOn, in)["summary"]
		got := stagetest.Value(t, table, "worst_group_accuracy", 0).(float64)
		if gain := stagetest.Value(t, table, "worst_group_gain", 0); gain != got-.25 { // the base's row has a quarter
			t.Errorf("%d outputs: a gain of %v with %v", outputs, gain, got)
		}
		if got <= m.WorstAccuracy.Value || stagetest.Value(t, table, "method", 0) != "erm+dfr" {
			t.Errorf("%d outputs: the worst group's accuracy goes from %v to %v", outputs, m.WorstAccuracy.Value, got)
		}
	}
}

// DFR's is that of the penalty that was chosen, on the half that chose it: the best of the grid.
func TestValidationScoresOfDFR(t *testing.T) {
	in := inputs(t, 2, finite(t, 400, .9), 30, 30, 30)
	score := func(grid string) float64 {
		settings := `{"head": {"name": "dfr", "refits": 1, "grid": ` + grid + `}, "seed": 1}`
		return stagetest.Value(t, stagetest.Run(t, Kind, settings, in)["summary"], "validation_worst_group_accuracy", 0).(float64)
	}
	weak, strong := score("[1]"), score("[0.001]")
	if got := score("[0.001, 1]"); got != max(weak, strong) || weak == strong {
		t.Errorf("%v of penalties that have %v and %v", got, strong, weak)
	}
}
