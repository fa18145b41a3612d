package measure_test

import (
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/measure"
)

func TestIsShare(t *testing.T) {
	within := []float64{0, 0.5, 1}
	for _, c := range []struct {
		name, unit string
		said       map[string]bool
		values     []float64
		want       bool
	}{
		{"accuracy", "1", nil, within, true},
		{"Worst_Group_Accuracy", "", nil, within, true},
		{"wga", "1", nil, nil, true},
		{"accuracy_gain", "1", nil, within, false},
		{"accuracy_se", "1", nil, within, false},
		{"correlation", "1", nil, within, false},
		{"accurate", "1", nil, within, false},
		{"accuracy", "percent", nil, within, false},
		{"learned", "share", nil, within, true},
		{"learned", "share", nil, []float64{0.5, 1.5}, false},
		{"accuracy", "1", nil, []float64{-0.01, 0.5}, false},
		{"accuracy", "1", nil, []float64{0.5, math.NaN()}, false},
		{"correlation", "1", map[string]bool{"correlation": true}, within, true},
		{"accuracy", "1", map[string]bool{"accuracy": false}, within, false},
		{"accuracy", "1", map[string]bool{"accuracy": false}, []float64{2}, false},
		{"accuracy", "1", map[string]bool{"correlation": false}, within, true},
	} {
		got, err := measure.IsShare(frame.Field{Name: c.name, Unit: c.unit}, c.said, c.values)
		if err != nil || got != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	_, err := measure.IsShare(frame.Field{Name: "score"}, map[string]bool{"score": true}, []float64{0.5, 1.1})
	if err == nil || !strings.Contains(err.Error(), "shares: score is 1.1, which is no share") {
		t.Errorf("1.1 as a share: %v", err)
	}
}

// Whatever shares there are, the intervals of their means lie in [0, 1], those of their differences in [-1, 1]; those of
// other numbers do not.
func TestIntervals(t *testing.T) {
	values, gaps := []float64{0.9, 1, 1}, []float64{0.9, 1, 0.7}
	if m := measure.Mean(values, true); m.High > 1 || m.High < m.Value {
		t.Errorf("shares: %+v", m)
	}
	if m := measure.Mean(values, false); m.High <= 1 {
		t.Errorf("not shares: %+v", m)
	}
	if m := measure.Difference(gaps, true); m.High > 1 || m.High < m.Value {
		t.Errorf("differences of shares: %+v", m)
	}
	if m := measure.Difference(gaps, false); m.High <= 1 {
		t.Errorf("other differences: %+v", m)
	}
}
