package claimtests

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// tried calibrates a test on a table of seeds and values.
func tried(t *testing.T, kind *stages.Kind, settings string, n int, columns ...frame.Column) *stages.Calibration {
	t.Helper()
	decoded, err := stagetest.Settings(kind, settings)
	if err != nil {
		t.Fatal(err)
	}
	r := &stages.Run{Settings: decoded, Inputs: map[string][]stages.Artifact{"table": stagetest.Tables(&frame.Table{Columns: columns})}}
	done := 0
	c, err := Calibrate(t.Context(), r, "test", n, func() { done++ })
	if err != nil {
		t.Fatal(err)
	}
	if c != nil && done != c.Draws {
		t.Errorf("%d samples were reported, of %d", done, c.Draws)
	}
	return c
}

func seeds(n int) frame.Column {
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(i)
	}
	return frame.Int64s(frame.Field{Name: "seed", Doc: "seed"}, list)
}

func numbers(name string, values ...float64) frame.Column {
	return frame.Float64s(frame.Field{Name: name, Doc: "y"}, values)
}

// A test that breaks its promise is seen: Student's t of eight values, each about as far from the mean as the others. It rejects where
// all signs agree, or all but one, by enumeration 9/256 of the samples on the claim's side, more than .025.
func TestCalibrateSeesABrokenTest(t *testing.T) {
	const n, critical = 20_000, 2.3646243 // of Student's t with 7 degrees of freedom
	values := []float64{11.2, 8.8, 11.3, 8.7, 11, 9, 11.1, 8.9}
	rejects := 0
	for signs := range 256 {
		sum, squares := 0.0, 0.0
		for i, v := range values {
			d := math.Abs(v - 10) // their mean
			if signs>>i&1 == 1 {
				d = -d
			}
			sum, squares = sum+d, squares+d*d
		}
		if mean := sum / 8; mean/math.Sqrt((squares-sum*mean)/56) > critical {
			rejects++
		}
	}
	c := tried(t, Threshold, `{"column": "y", "statistic": "mean", "above": 0}`, n, seeds(8), numbers("y", values...))
	want := float64(rejects) / 256
	if share := float64(c.Reproduced) / n; rejects < 7 || math.Abs(share-want) > 4*math.Sqrt(want*(1-want)/n) || share <= c.Promised {
		t.Errorf("%+v: %.4f reproduced, want %.4f", c, share, want)
	}
}

// A rate among few patterns of signs, or few ways to deal, tells nothing of a test of means: it is not tried. Tests of ranks are.
func TestCalibrateLeavesFewMeans(t *testing.T) {
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
		seeds    int
		tried    bool
	}{
		{Threshold, `{"column": "y", "statistic": "mean", "above": 0}`, 7, false},
		{Threshold, `{"column": "y", "statistic": "mean", "above": 0}`, 8, true},
		{Threshold, `{"column": "y", "statistic": "median", "above": 0}`, 6, true},
		{Compare, `{"y": "y", "larger": {"seed": "< 4"}, "smaller": {"seed": ">= 4"}, "statistic": "mean"}`, 8, false}, // 70 ways
		{Compare, `{"y": "y", "larger": {"seed": "< 5"}, "smaller": {"seed": ">= 5"}, "statistic": "mean"}`, 10, true}, // 252
		{Compare, `{"y": "y", "larger": {"seed": "< 4"}, "smaller": {"seed": ">= 4"}}`, 8, true},
	} {
		y := make([]float64, c.seeds)
		for i := range y {
			y[i] = float64((7*i)%11) + 1
		}
		if got := tried(t, c.kind, c.settings, 10, seeds(c.seeds), numbers("y", y...)); (got.Draws > 0) != c.tried {
			t.Errorf("%s of %d seeds: %+v", c.settings, c.seeds, got)
		}
	}
}

// The tests by permutation keep their promise on what they are tried with, ties and nulls included, and promise all of alpha where two
// one-sided tests decide.
func TestCalibrateKeepsPromises(t *testing.T) {
	side := make([]string, 16)
	var y []float64
	for i := range side {
		side[i] = string(rune('a' + i/8))
		y = append(y, float64((i*7)%5)+float64(i%8)/10)
	}
	x := make([]float64, 16)
	for i := range x {
		x[i] = float64(i / 4)
	}
	columns := []frame.Column{
		frame.Int64s(frame.Field{Name: "seed", Doc: "seed"}, []int64{0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7}),
		frame.Strings(frame.Field{Name: "side", Doc: "side"}, side), numbers("y", y...), numbers("x", x...),
	}
	sides := `"larger": {"side": "a"}, "smaller": {"side": "b"}`
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
		promised float64
		units    int
	}{
		{Compare, `{"y": "y", "unit": "", "permutations": 99, "alpha": 0.1, ` + sides + `}`, 0.05, 16},
		{Paired, `{"y": "y", "pair": ["seed"], ` + sides + `}`, 0.025, 8},
		{Paired, `{"y": "y", "pair": ["seed"], "effect": "share", "min_effect": 0.3, ` + sides + `}`, 0.025, 8},
		{Equivalent, `{"y": "y", "margin": 2, "paired": true, "pair": ["seed"], "first": {"side": "a"}, "second": {"side": "b"}}`, 0.05, 8},
		{Trend, `{"y": "y", "x": "x", "direction": "increasing", "unit": ""}`, 0.025, 16},
		{Always, `{"y": "y", "is": "above", "value": 1, "at_least_share": 0.4}`, 0.025, 8},
	} {
		const n = 200
		got := tried(t, c.kind, c.settings, n, columns...)
		room := 4 * math.Sqrt(c.promised*(1-c.promised)/n)
		if got.Promised != c.promised || got.Units != c.units || float64(got.Reproduced)/n > c.promised+room {
			t.Errorf("%s %s: %+v", c.kind.Name, c.settings, got)
		}
	}
}

// What is no matter of chance is not tried, nor what has no units; an end of the context is told.
func TestCalibrateNot(t *testing.T) {
	if c := tried(t, Always, `{"y": "y", "is": "above", "value": 1}`, 10, seeds(2), numbers("y", 1, 2)); c != nil {
		t.Errorf("a fact was tried: %+v", c)
	}
	if c := tried(t, Paired, `{"y": "y", "y_smaller": "z", "missing": "drop"}`, 10, seeds(2), numbers("y", 1, 2), numbers("z", 1, 2).WithValid([]bool{false, false})); c.Draws != 0 || c.Units != 0 {
		t.Errorf("without a pair: %+v", c)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := stagetest.Settings(Threshold, `{"column": "y", "statistic": "mean", "above": 0}`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Calibrate(ctx, &stages.Run{Settings: s, Inputs: map[string][]stages.Artifact{"table": stagetest.Tables(&frame.Table{Columns: []frame.Column{seeds(2), numbers("y", 1, 2)}})}}, "test", 5, nil)
	if err == nil || !strings.Contains(fmt.Sprint(err), "canceled") {
		t.Errorf("after an interrupt: %v", err)
	}
}
