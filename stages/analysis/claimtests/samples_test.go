package claimtests

import (
	"math"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// null stands for a row without a value.
var null = math.NaN()

// runs gives one table per value of y, as of a stage with axes strength and seed: y[i] holds the
// values of the seeds 0, 1, ... at strength x[i].
func runs(x []float64, y ...[]float64) stagetest.Inputs {
	var list []stages.Artifact
	for i, seeds := range y {
		for seed, v := range seeds {
			valid := []bool{!math.IsNaN(v)}
			if !valid[0] {
				v = 0
			}
			a := stagetest.Table(&frame.Table{Columns: []frame.Column{
				frame.Float64s(frame.Field{Name: "t95", Unit: "steps", Doc: "the step"}, []float64{v}).WithValid(valid),
				frame.Strings(frame.Field{Name: "method", Doc: "the method"}, []string{"erm"}),
			}})
			a.Axes = []stages.Axis{{Name: "strength", Value: x[i]}, {Name: "seed", Value: int64(seed)}}
			list = append(list, a)
		}
	}
	return stagetest.Inputs{"table": list}
}

// outcome is a verdict's row, for comparison.
type outcome struct {
	verdict, measure, unit, needed, detail string
	estimate, low, high, p                 float64 // NaN for null
	n, missing, units, unitsNeeded         int64
}

func outcomeOf(t *testing.T, kind *stages.Kind, settings string, in stagetest.Inputs) outcome {
	t.Helper()
	table := stagetest.Run(t, kind, settings, in)["verdict"]
	if table.Rows() != 1 {
		t.Fatalf("%d rows", table.Rows())
	}
	number := func(name string) float64 {
		if v, ok := table.Column(name).Value(0).(float64); ok {
			return v
		}
		return math.NaN()
	}
	text := func(name string) string { return table.Column(name).Strings.At(0) }
	return outcome{
		verdict: text("verdict"), measure: text("measure"), unit: text("unit"), needed: text("needed"), detail: text("detail"),
		estimate: number("estimate"), low: number("ci_low"), high: number("ci_high"), p: number("p_value"),
		units: table.Column("n_units").Int64s[0], unitsNeeded: table.Column("units_needed").Int64s[0],
		n: table.Column("n").Int64s[0], missing: table.Column("n_missing").Int64s[0],
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// trialOf opens the trial of a test.
func trialOf(t *testing.T, kind *stages.Kind, settings string, in stagetest.Inputs) Trial {
	t.Helper()
	s, err := stagetest.Settings(kind, settings)
	if err != nil {
		t.Fatal(err)
	}
	trial, err := Open(t.Context(), &stages.Run{Settings: s, Inputs: in, Progress: func(int64, int64) {}})
	if err != nil {
		t.Fatal(err)
	}
	return trial
}

// quickVerdict gives the verdict of a test without its words, which take longer.
func quickVerdict(t *testing.T, kind *stages.Kind, settings string, in stagetest.Inputs) string {
	t.Helper()
	trial := trialOf(t, kind, settings, in)
	if trial == nil {
		return outcomeOf(t, kind, settings, in).verdict
	}
	verdict, err := trial.Verdict(nil)
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}
