package join

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// summary is one method's rows: a rule and the step that it chose, 0 for none.
func summary(method string, seed int64, steps ...int64) stages.Artifact {
	valid := make([]bool, len(steps))
	for i, s := range steps {
		valid[i] = s > 0
	}
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Strings(frame.Field{Name: "rule", Doc: "the rule"}, []string{"last", "best"}[:len(steps)]),
		frame.Int64s(frame.Field{Name: "step", Unit: "steps", Doc: "chosen"}, steps).WithValid(valid),
	}})
	a.Axes = []stages.Axis{{Name: "method", Value: method}, {Name: "seed", Value: seed}}
	return a
}

// decoded is what a probe finds at steps: a core of step / 100, and no more than that.
func decoded(axes []stages.Axis, steps ...int64) stages.Artifact {
	core := make([]float64, len(steps))
	for i, s := range steps {
		core[i] = float64(s) / 100
	}
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "step", Unit: "steps", Doc: "of the checkpoint"}, steps),
		frame.Float64s(frame.Field{Name: "core", Unit: "1", Doc: "decoded"}, core),
	}})
	a.Axes = axes
	return a
}

func inputs() stagetest.Inputs {
	left := []stages.Artifact{summary("jtt", 0, 20, 10), summary("erm", 0, 30, 30), summary("erm", 1, 0, 10)}
	return stagetest.Inputs{"tables": left, "with": {
		decoded(left[2].Axes, 10, 30), decoded(left[0].Axes, 10, 20), decoded(left[1].Axes, 30),
	}}
}

// apart is tables whose axes with has none of.
func apart(steps ...int64) stagetest.Inputs {
	return stagetest.Inputs{"tables": inputs()["tables"], "with": {decoded(nil, steps...)}}
}

func TestJoin(t *testing.T) {
	bySeed := inputs()
	bySeed["with"] = []stages.Artifact{decoded([]stages.Axis{{Name: "seed", Value: int64(1)}}, 10), decoded([]stages.Axis{{Name: "seed", Value: int64(0)}}, 20)}
	one := inputs()
	one["with"] = []stages.Artifact{decoded(nil, 40)}
	// keys that are whole numbers on one side and fractions, some of them whole, on the other; and a table of with without rows, whose key has no type
	fractions := stagetest.Inputs{"tables": inputs()["tables"], "with": {
		stagetest.Table(&frame.Table{Columns: []frame.Column{
			frame.Float64s(frame.Field{Name: "step", Unit: "epochs"}, []float64{10, 20.5, 30}), frame.Float64s(frame.Field{Name: "core"}, []float64{1, 2, 3})}}),
		stagetest.Table(&frame.Table{Columns: []frame.Column{frame.Strings(frame.Field{Name: "step"}, nil), frame.Int64s(frame.Field{Name: "core"}, nil)}}),
	}}
	for _, c := range []struct {
		name, settings string
		in             stagetest.Inputs
		want           string
	}{
		{"whole numbers and fractions", `{"on": ["step"], "columns": ["core"], "missing": "null"}`, fractions,
			"method seed rule step core: erm 0 last 30 3, erm 0 best 30 3, erm 1 last null null, erm 1 best 10 1, jtt 0 last 20 null, jtt 0 best 10 1"},
		// A null agrees with nothing, and one row of with serves two rules.
		{"axes and a column", `{"on": ["step"], "columns": ["core"], "missing": "null"}`, inputs(),
			"method seed rule step core: erm 0 last 30 0.3, erm 0 best 30 0.3, erm 1 last null null, erm 1 best 10 0.1, jtt 0 last 20 0.2, jtt 0 best 10 0.1"},
		{"some of the rows of with", `{"on": ["step"], "columns": ["core"], "missing": "null", "where": {"step": "< 20"}}`, inputs(),
			"method seed rule step core: erm 0 last 30 null, erm 0 best 30 null, erm 1 last null null, erm 1 best 10 0.1, jtt 0 last 20 null, jtt 0 best 10 0.1"},
		{"the axes in common", `{"columns": ["core"]}`, bySeed,
			"method seed rule step core: erm 0 last 30 0.2, erm 0 best 30 0.2, erm 1 last null 0.1, erm 1 best 10 0.1, jtt 0 last 20 0.2, jtt 0 best 10 0.2"},
		{"one row for all", `{"columns": ["core"]}`, one,
			"method seed rule step core: erm 0 last 30 0.4, erm 0 best 30 0.4, erm 1 last null 0.4, erm 1 best 10 0.4, jtt 0 last 20 0.4, jtt 0 best 10 0.4"},
	} {
		got := stagetest.Run(t, Kind, c.settings, c.in)["table"]
		if stagetest.Text(got) != c.want {
			t.Errorf("%s gives\n%s, want\n%s", c.name, stagetest.Text(got), c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	twice := inputs()
	twice["with"] = append(twice["with"], twice["with"][0])
	for name, c := range map[string]struct {
		settings string
		in       stagetest.Inputs
		want     string
	}{
		"a row without a partner": {`{"on": ["step"], "columns": ["core"]}`, inputs(), "no row of with has step null, method erm, seed 1"},
		"several partners":        {`{"columns": ["core"]}`, inputs(), "several rows of with have method erm, seed 1"},
		"the same table twice":    {`{"on": ["step"], "columns": ["core"], "missing": "null"}`, twice, "several rows of with have step 10, method erm, seed 1"},
		"a column of both":        {`{"on": ["step"], "columns": ["step"], "missing": "null"}`, inputs(), `both sides have "step"`},
		"no such column":          {`{"on": ["step"], "columns": ["cor"]}`, inputs(), `with: there is no column "cor"`},
		"no such key":             {`{"on": ["rule"], "columns": ["core"]}`, inputs(), `with: there is no column "rule"`},
		"no such key on the left": {`{"on": ["core"], "columns": ["step"]}`, inputs(), `on: there is no column "core"`},
		"nothing to take":         {`{"on": ["step"]}`, inputs(), "setting columns is required"},
		"none of a list":          {`{"on": ["step"], "columns": []}`, inputs(), "setting columns is empty"},
		"twice in a list":         {`{"on": ["step", "step"], "columns": ["core"]}`, inputs(), "twice"},
		"no row left":             {`{"columns": ["core"], "where": {"step": "> 90"}}`, inputs(), "where"},
		"no key":                  {`{"columns": ["core"]}`, apart(10, 30), "no axis in common, so that every row would belong to all 2 rows of with"},
		"no key and no row":       {`{"columns": ["core"]}`, apart(), "with has no rows"},
		"nothing to look in":      {`{"columns": ["core"]}`, stagetest.Inputs{"tables": inputs()["tables"]}, "with"},
	} {
		_, err := stagetest.Try(t.Context(), Kind, c.settings, c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func joined() stagetest.Case {
	return stagetest.Case{Name: "left", Settings: `{"on": ["step"], "columns": ["core"], "missing": "null"}`, Inputs: inputs()}
}

func TestConform(t *testing.T) { stagetest.Conform(t, Kind, joined()) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, joined(), map[string]string{"table": "71e4b9d3878d6a872ae31ad440848f5363074c343dff6a6e54289634e59bd7bf"})
}
