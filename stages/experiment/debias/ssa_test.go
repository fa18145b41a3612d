package debias

import (
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// Where the attribute is predicted without an error, what follows is GroupDRO on the true groups, bit for bit.
func TestSSAWithAPerfectPredictorIsGroupDRO(t *testing.T) {
	d := finiteData(t, easyLaw(.8), 400)
	out := run1(t, d, `{"name": "ssa", "split_steps": 200, "rate": 0.1}`, `"steps": 660`)
	i := out["inference"]
	if value(t, i, "used", -1) != true || value(t, i, "jaccard", -1) != 1. || value(t, i, "rand_index", -1) != 1. || value(t, i, "set", -1) != attributeOf {
		t.Fatalf("the attribute is not learned: Jaccard index %v", value(t, i, "jaccard", -1))
	}
	if lastModel(t, out) != lastModel(t, run1(t, d, `{"name": "group_dro", "rate": 0.1}`, "")) {
		t.Error("other weights than by GroupDRO on the true groups")
	}
	s := out["summary"]
	if access := value(t, s, "label_access", 0); access != "group: training (validation)" {
		t.Errorf("read %v", access)
	}
	if value(t, s, "earlier_steps", 0) != int64(600) || value(t, s, "steps", 0) != int64(660) {
		t.Errorf("steps %v, of them earlier %v", value(t, s, "steps", 0), value(t, s, "earlier_steps", 0))
	}
	h := out["history"]
	var stages []string
	for row := range h.Rows() {
		stages = append(stages, h.Column("stage").Text(row))
	}
	if got := strings.Join(slices.Compact(stages), ", "); got != "split 1, split 2, split 3, main" {
		t.Errorf("stages %s", got)
	}
}

// Validation samples without a minority, or without an attribute's value: noted, and it trains.
func TestSSAWithMissingGroups(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 100)
	d.Validation = finiteData(t, easyLaw(1), 100).Validation
	s := run1(t, d, `{"name": "ssa", "split_steps": 10}`, "")["summary"]
	note, _ := value(t, s, "note", 0).(string)
	if !strings.Contains(note, "There are no samples of the group 01 or 10 among those") {
		t.Errorf("the note says %q", note)
	}
	if value(t, s, "step", 0) != int64(60) {
		t.Errorf("the last step is %v", value(t, s, "step", 0))
	}
}

// A part gets the attributes that the best predictor says, not the last one: replayed by hand.
func TestSSALabelsByTheBestPredictor(t *testing.T) {
	s := ssaTrial(t, finiteData(t, easyLaw(.6), 90), 8, .95)
	s.settings.Optimizer.Rate, s.Method.SplitSteps, s.Method.SplitEvery, s.budget = 3, 60, 7, 100
	l, err := s.labelled()
	if err != nil {
		t.Fatal(err)
	}
	part := trainloop.All(90)[20:50]
	attributes := make([]int16, 90)
	if _, err := s.predictAttributes(t.Context(), l, part, "split 1", attributes); err != nil {
		t.Fatal(err)
	}
	p, err := newPredictor(s, l, part, "split 1")
	if err != nil {
		t.Fatal(err)
	}
	predicted := func(net *neuralnet.Network) []int16 {
		list, x, margin := []int16{}, make([]float32, 6), make([]float32, 1)
		for row := range 90 {
			p.samples.Inputs(x, row, 1)
			net.Margins(margin, x, 1)
			list = append(list, predictionOf(margin))
		}
		return list
	}
	best, top := []int16(nil), -1.
	var last []int16
	_, err = trainloop.Fit(t.Context(), trainloop.Phase{Source: p.source, Last: 60, Visits: []int64{7, 14, 21, 28, 35, 42, 49, 56, 60},
		Step: func(b *trainloop.Batch) (float64, error) { return p.step(t.Context(), b) },
		Visit: func(trainloop.Visit) (bool, error) {
			last = predicted(p.net)
			var right, count [evaluation.Groups]float64
			x, margin := make([]float32, 6), make([]float32, 1)
			for _, row := range l.tried {
				l.samples.Inputs(x, int(row), 1)
				p.net.Margins(margin, x, 1)
				g := l.group(row)
				count[g]++
				if predictionOf(margin) == g&1 {
					right[g]++
				}
			}
			worst := 1.
			for g, n := range count {
				if n > 0 {
					worst = min(worst, right[g]/n)
				}
			}
			if worst > top {
				best, top = last, worst
			}
			return false, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(best[20:50], last[20:50]) {
		t.Fatal("the best predictor says what the last does: the test shows nothing")
	}
	if !slices.Equal(attributes[20:50], best[20:50]) || slices.Max(attributes[:20]) != 0 || slices.Max(attributes[50:]) != 0 {
		t.Errorf("the part got %v, the best predictor says %v (and others get nothing: %v)", attributes[20:50], best[20:50], attributes)
	}
}

// The network after the last step is tried too, even where none was before.
func TestSSATriesTheLastPredictor(t *testing.T) {
	s := ssaTrial(t, finiteData(t, easyLaw(.6), 90), 8, .95)
	s.Method.SplitSteps, s.Method.SplitEvery, s.budget = 40, 1000, 100
	l, err := s.labelled()
	if err != nil {
		t.Fatal(err)
	}
	attributes := make([]int16, 90)
	last, err := s.predictAttributes(t.Context(), l, trainloop.All(45), "split 1", attributes)
	if err != nil || last.Step != 40 {
		t.Fatalf("the last look is at step %d, error %v", last.Step, err)
	}
	untrained := make([]int16, 90)
	err = s.scores(t.Context(), s.Network("split 1"), func(row int, margin []float32) { untrained[row] = predictionOf(margin) })
	if err != nil || slices.Equal(attributes[:45], untrained[:45]) {
		t.Errorf("samples are labelled by the untrained predictor (error %v)", err)
	}
}
