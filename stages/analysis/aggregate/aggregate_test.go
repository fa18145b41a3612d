package aggregate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// history is a run's table: steps 0, 10, 20, ... with a core correlation, null where it is negative.
func history(task string, seed int64, core ...float64) stages.Artifact {
	var steps []int64
	valid, odd := make([]bool, len(core)), make([]string, len(core))
	for i, v := range core {
		steps, valid[i], odd[i] = append(steps, int64(10*i)), v >= 0, "even"
		if i%2 == 1 {
			odd[i] = "odd"
		}
	}
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "step", Unit: "steps", Doc: "when"}, steps),
		frame.Float64s(frame.Field{Name: "core", Unit: "1", Doc: "how much"}, core).WithValid(valid),
		frame.Strings(frame.Field{Name: "kind", Doc: "odd or even"}, odd),
		frame.Float64s(frame.Field{Name: "tenth", Unit: "1", Doc: "0.1 everywhere"}, slices.Repeat([]float64{0.1}, len(core))),
	}})
	a.Axes = []stages.Axis{{Name: "task", Value: task}, {Name: "seed", Value: seed}}
	return a
}

func inputs() stagetest.Inputs {
	return stagetest.Inputs{"tables": {history("par", 1, 0, 0.5, 1, 0.75), history("par", 2, 0.25, -1), history("st", 1, 0.125)}}
}

func TestAggregate(t *testing.T) {
	for _, c := range []struct{ settings, want string }{
		{`{"result": {"n": {"function": "count"}}}`, "task seed n: par 1 4, par 2 2, st 1 1"},
		{`{"by": ["task"], "result": {"n": {"function": "count", "column": "core"}, "m": {"function": "mean", "column": "core"}}}`, "task m n: par 0.5 5, st 0.125 1"},
		{`{"by": ["kind", "seed"], "result": {"s": {"function": "sum", "column": "step"}}}`, "kind seed s: even 1 20, odd 1 40, even 2 0, odd 2 10"},
		{`{"result": {"s": {"function": "sum", "column": "core", "where": {"step": "> 10"}}, "least": {"function": "min", "column": "core", "where": {"step": "> 0"}}, "most": {"function": "max", "column": "core"}}}`,
			"task seed least most s: par 1 0.5 1 1.75, par 2 null 0.25 0, st 1 null 0.125 0"},
		{`{"result": {"med": {"function": "median", "column": "core"}, "q": {"function": "quantile", "q": 0.25, "column": "step"}, "sd": {"function": "std", "column": "step"}}}`,
			"task seed med q sd: par 1 0.625 7.5 12.909944487358056, par 2 0.25 2.5 7.0710678118654755, st 1 0.125 0 null"},
		// Between equal values there is that value.
		{`{"by": ["task"], "result": {"p": {"function": "quantile", "q": 0.04, "column": "tenth"}, "q": {"function": "quantile", "q": 0.07, "column": "tenth"}, "m": {"function": "median", "column": "tenth"}}}`, "task m p q: par 0.1 0.1 0.1, st 0.1 0.1 0.1"},
		// Shares: of all rows, or of those with a value; two conditions on a column; up to a row.
		{`{"result": {"all": {"function": "share", "where": {"core": "> 0.2 and < 0.8"}}, "known": {"function": "share", "column": "core", "where": {"core": "> 0.2 and < 0.8"}}}}`,
			"task seed all known: par 1 0.5 0.5, par 2 0.5 1, st 1 0 0"},
		{`{"result": {"early": {"function": "share", "where": {"core": "<= 0.25"}, "until": {"core": ">= 0.5"}}, "none": {"function": "share", "column": "core", "where": {"kind": "odd"}, "until": {"core": ">= 9"}}}}`,
			"task seed early none: par 1 0.5 0.5, par 2 0.5 0, st 1 1 0"},
		// First and last, of rows in their order or sorted; null where none fulfils, or where it is null.
		{`{"result": {"t": {"function": "first", "column": "step", "where": {"core": ">= 0.5"}}, "end": {"function": "last", "column": "core"}, "what": {"function": "last", "column": "kind", "where": {"core": "< 0.6"}}}}`,
			"task seed end t what: par 1 0.75 10 odd, par 2 null null even, st 1 0.125 null even"},
		{`{"sort": ["-core"], "by": ["task"], "result": {"at": {"function": "first", "column": "step"}, "seed_then": {"function": "last", "column": "seed"}}}`,
			"task at seed_then: par 20 2, st 0 1"},
		{`{"where": {"task": "par"}, "by": ["seed"], "result": {"a": {"function": "first", "column": "core"}, "b": {"function": "last", "column": "core", "where": {"step": "<= 20"}}}, "derive": {"gap": "b - a", "ratio": "b / a", "more": "-(a - 2) * 3e0 / 2 + seed"}}`,
			"seed a b gap more ratio: 1 0 1 1 4 null, 2 0.25 null null 4.625 null"},
	} {
		got := stagetest.Run(t, Kind, c.settings, inputs())["table"]
		if stagetest.Text(got) != c.want {
			t.Errorf("%s gives\n%s, want\n%s", c.settings, stagetest.Text(got), c.want)
		}
	}
}

func TestUnitsAndTypes(t *testing.T) {
	got := stagetest.Run(t, Kind, `{"by": ["task"], "result": {"a": {"function": "max", "column": "step"}, "b": {"function": "first", "column": "step"}, "c": {"function": "mean", "column": "core"}},
		"derive": {"d": "a - b", "e": "a / b", "f": "a * b", "g": "2 * a", "h": "a * c"}}`, inputs())["table"]
	for name, unit := range map[string]string{"a": "steps", "b": "steps", "c": "1", "d": "steps", "e": "1", "f": "", "g": "steps", "h": "steps"} {
		if u := got.Column(name).Unit; u != unit {
			t.Errorf("%s is in %q, want %q", name, u, unit)
		}
	}
	if got.Column("b").Type != frame.Int64 || got.Column("a").Type != frame.Float64 {
		t.Error("first keeps its column's type, max is a float64")
	}
}

// TestNoAxes: without axes all rows are one group.
func TestNoAxes(t *testing.T) {
	a := history("par", 1, 0.5, 1)
	a.Axes = nil
	got := stagetest.Run(t, Kind, `{"result": {"n": {"function": "count"}}}`, stagetest.Inputs{"tables": {a}})["table"]
	if stagetest.Text(got) != "n: 2" {
		t.Error(stagetest.Text(got))
	}
}

func TestErrors(t *testing.T) {
	for settings, says := range map[string]string{
		`{"by": ["taks"], "result": {"n": {"function": "count"}}}`:                              `"taks"`,
		`{"result": {"n": {"function": "mean", "column": "kind"}}}`:                             `not numbers`,
		`{"result": {"task": {"function": "count"}}}`:                                           `an axis`,
		`{"where": {"task": "maj"}, "result": {"n": {"function": "count"}}}`:                    `no row`,
		`{"result": {"n": {"function": "count", "where": {"core": "high"}}}}`:                   `numbers`,
		`{"by": ["kind"], "result": {"n": {"function": "count"}}, "derive": {"x": "n + kind"}}`: `column of numbers`,
	} {
		if _, err := stagetest.Try(t.Context(), Kind, settings, inputs()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", settings, err)
		}
	}
	for settings, says := range map[string]string{
		`{}`:             "setting result is required",
		`{"result": {}}`: "setting result is required",
		`{"result": {"n": {"function": "mean"}}}`:                                            "a column is missing",
		`{"result": {"n": {"function": "share"}}}`:                                           "a share of everything",
		`{"result": {"n": {"function": "quantile", "column": "a"}}}`:                         "q belongs",
		`{"result": {"n": {"function": "mean", "column": "a", "q": 0.5}}}`:                   "q belongs",
		`{"result": {"n": {"function": "mode", "column": "a"}}}`:                             "not one of",
		`{"by": ["n"], "result": {"n": {"function": "count"}}}`:                              "in by too",
		`{"by": ["a", "a"], "result": {"n": {"function": "count"}}}`:                         "twice",
		`{"result": {"n": {"function": "count"}}, "derive": {"d": "n - m"}}`:                 "unknown name",
		`{"result": {"n": {"function": "count"}}, "derive": {"Per-cent": "100 * n"}}`:        `"Per-cent" cannot name a column`,
		`{"result": {"n": {"function": "count"}}, "derive": {"n": "1"}}`:                     "already",
		`{"result": {"n": {"function": "count"}}, "derive": {"d": "n +"}}`:                   "cannot be read",
		`{"result": {"n": {"function": "count", "where": {"a": ">="}}}}`:                     "no value",
		`{"result": {"n": {"function": "count", "where": {"a": "1"}, "until": {"b": ">"}}}}`: "no value",
	} {
		if _, err := stagetest.Settings(Kind, settings); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", settings, err, says)
		}
	}
}

func TestExpressions(t *testing.T) {
	names := map[string]float64{"a": 3, "b": 4, "e1": 5}
	for expr, want := range map[string]float64{
		"a - b - 1": -2, "a - (b - 1)": 0, "a / b / 2": 0.375, "a + b * 2": 11, "-a*-b": 12, "--a": 3, "1e-1 + .5": 0.6,
		" ( a )": 3, "a-1": 2, "e1-1": 4, "2.5*a/ (b-e1)": -7.5, "a / (b - 4)": math.NaN(), "1e308*10*a": math.Inf(1),
	} {
		e, err := parse(expr)
		if err != nil {
			t.Errorf("%q: %v", expr, err)
			continue
		}
		if got := e.value(func(n string) float64 { return names[n] }); got != want && !(got != got && want != want) {
			t.Errorf("%q is %v, want %v", expr, got, want)
		}
	}
	for _, expr := range []string{"", "a b", "a +", "(a", "a)", "a ^ b", "1.2.3", "0x10", "1_0", "a.b", "* a", "3a", strings.Repeat("(", 1000) + "a", strings.Repeat("-", 1000) + "a"} {
		if _, err := parse(expr); err == nil {
			t.Errorf("%q was read", expr)
		}
	}
}

var conformCases = []stagetest.Case{{Name: "all", Inputs: inputs(), Settings: `{"where": {"core": ">= 0"}, "sort": ["-step"], "result": {"n": {"function": "count"}, "low": {"function": "quantile", "q": 0.1, "column": "core"},
	"end": {"function": "first", "column": "kind", "where": {"kind": "odd"}}, "share": {"function": "share", "where": {"kind": "odd"}, "until": {"step": "<= 10"}}}, "derive": {"x": "n * share / low"}}`}}

func TestKind(t *testing.T) { stagetest.Conform(t, Kind, conformCases...) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, conformCases[0], map[string]string{"table": "b062007a17b520ac7577428aa6d6fb0c72a07682a5c7d849b7cc3fc4d8efa070"})
}
