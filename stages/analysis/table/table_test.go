package table

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// summary is one instance's table, as an artifact with its axes.
func summary(strength float64, seed int64, t95 ...int64) stages.Artifact {
	valid := make([]bool, len(t95))
	runs := make([]string, len(t95))
	for i, v := range t95 {
		valid[i] = v > 0
		runs[i] = string(rune('a' + i))
	}
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Strings(frame.Field{Name: "run", Doc: "the run"}, runs),
		frame.Int64s(frame.Field{Name: "t95", Unit: "steps", Doc: "when"}, t95).WithValid(valid),
	}})
	a.Axes = []stages.Axis{{Name: "strength", Value: strength}, {Name: "seed", Value: seed}}
	return a
}

func inputs() stagetest.Inputs {
	return stagetest.Inputs{"tables": {summary(0.6, 1, 30, 10), summary(0.9, 0, 50), summary(0.9, 1, 0, 20)}}
}

func TestTable(t *testing.T) {
	for _, c := range []struct{ settings, want string }{
		{`{}`, "strength seed run t95: 0.6 1 a 30, 0.6 1 b 10, 0.9 0 a 50, 0.9 1 a null, 0.9 1 b 20"},
		{`{"columns": ["t95"]}`, "strength seed t95: 0.6 1 30, 0.6 1 10, 0.9 0 50, 0.9 1 null, 0.9 1 20"},
		{`{"columns": ["t95", "seed", "run"], "where": {"run": "a"}}`, "strength seed t95 run: 0.6 1 30 a, 0.9 0 50 a, 0.9 1 null a"},
		{`{"where": {"strength": ">= 0.9"}, "columns": ["run"]}`, "strength seed run: 0.9 0 a, 0.9 1 a, 0.9 1 b"},
		{`{"sort": ["t95"], "columns": ["run"]}`, "strength seed run: 0.6 1 b, 0.9 1 b, 0.6 1 a, 0.9 0 a, 0.9 1 a"},
		{`{"sort": ["-t95"], "columns": ["t95"]}`, "strength seed t95: 0.9 0 50, 0.6 1 30, 0.9 1 20, 0.6 1 10, 0.9 1 null"},
		{`{"sort": ["run", "-seed"], "columns": ["run"]}`, "strength seed run: 0.6 1 a, 0.9 1 a, 0.9 0 a, 0.6 1 b, 0.9 1 b"},
	} {
		got := stagetest.Run(t, Kind, c.settings, inputs())["table"]
		if stagetest.Text(got) != c.want {
			t.Errorf("%s gives\n%s, want\n%s", c.settings, stagetest.Text(got), c.want)
		}
	}
}

func TestTableErrors(t *testing.T) {
	lacking := inputs()
	lacking["tables"] = append(lacking["tables"], func() stages.Artifact {
		a := stagetest.Table(&frame.Table{Columns: []frame.Column{frame.Strings(frame.Field{Name: "run", Doc: "the run"}, []string{"z"})}})
		a.Axes = []stages.Axis{{Name: "strength", Value: 1.0}, {Name: "seed", Value: int64(0)}}
		return a
	}())
	for _, c := range []struct {
		settings string
		inputs   stagetest.Inputs
		want     string
	}{
		{`{"columns": ["t59"]}`, inputs(), "t95"},
		{`{"sort": ["t59"]}`, inputs(), `sort: there is no column "t59"`},
		{`{"where": {"strength": "0.7"}}`, inputs(), "where: no row has strength 0.7"},
		{`{"columns": ["run", "run"]}`, inputs(), "twice"},
		{`{"sort": ["run", "-run"]}`, inputs(), "twice"},
		{`{"sort": ["-"]}`, inputs(), "empty"},
		{`{"where": {"seed": ">"}}`, inputs(), "no value"},
		{`{"missing": "drop"}`, inputs(), "drop"},
		{`{}`, lacking, `[strength=1,seed=0] has no column "t95", which others have, and missing = "null" writes null there`},
		{`{}`, stagetest.Inputs{}, "no table"},
	} {
		_, err := stagetest.Try(t.Context(), Kind, c.settings, c.inputs)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.settings, err, c.want)
		}
	}
	got := stagetest.Run(t, Kind, `{"missing": "null", "columns": ["t95"], "where": {"strength": "1"}}`, lacking)["table"]
	if stagetest.Text(got) != "strength seed t95: 1 0 null" {
		t.Errorf("with nulls it is %s", stagetest.Text(got))
	}
}

func TestConform(t *testing.T) {
	stagetest.Conform(t, Kind, stagetest.Case{
		Name: "sorted", Settings: `{"sort": ["-t95"], "where": {"run": "a"}}`, Inputs: inputs(),
	})
}

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, stagetest.Case{
		Settings: `{"sort": ["-t95"], "where": {"run": "a"}}`, Inputs: inputs(),
	}, map[string]string{"table": "9a06acbca022a8798315d0ceb685b8925e8675b29c97dd153e2aa28bcd2f8092"})
}
