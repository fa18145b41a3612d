package milestones

import (
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// follow gives the history of a run: a value of the column core at steps 0, 10, 20, ...; a negative one stands for null.
func follow(strength float64, seed int64, core ...float64) stages.Artifact {
	var steps []int64
	var valid []bool
	for i, v := range core {
		steps, valid = append(steps, int64(10*i)), append(valid, v >= 0)
	}
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "step", Unit: "steps", Doc: "steps"}, steps),
		frame.Strings(frame.Field{Name: "stage", Doc: "the stage"}, slices.Repeat([]string{"main"}, len(steps))),
		frame.Float64s(frame.Field{Name: "core", Unit: "1", Doc: "core", Nullable: true}, core).WithValid(valid),
	}})
	a.Axes = []stages.Axis{{Name: "strength", Value: strength}, {Name: "seed", Value: seed}}
	return a
}

func inputs() stagetest.Inputs {
	return stagetest.Inputs{
		"tables": {follow(.9, 1, .1, .3, .5, .3, .6), follow(.9, 0, .0, .0, .45), follow(.8, 0, .5, -1, .8)},
		// final .8 and .6, mean .7 with error .1; the largest mean is that of step 10: .75
		"reference": {follow(.5, 0, .1, .9, .8), follow(.5, 1, .1, .6, .6)},
	}
}

func TestMilestones(t *testing.T) {
	alone := inputs()
	delete(alone, "reference")
	uneven := inputs()
	uneven["reference"] = []stages.Artifact{follow(.5, 0, .1, .9, .8, .2), follow(.5, 1, .3, .6)}
	const head = "strength seed column level threshold reached_step last_step largest ceiling ceiling_se ceiling_runs: "
	for _, c := range []struct {
		name, settings string
		in             stagetest.Inputs
		want           string
	}{
		{"values", `{"column": "core", "levels": [0.5, 0.3]}`, alone, head +
			"0.8 0 core 0.5 0.5 0 20 0.8 null null null, 0.8 0 core 0.3 0.3 0 20 0.8 null null null, " +
			"0.9 0 core 0.5 0.5 null 20 0.45 null null null, 0.9 0 core 0.3 0.3 20 20 0.45 null null null, " +
			"0.9 1 core 0.5 0.5 20 40 0.6 null null null, 0.9 1 core 0.3 0.3 10 40 0.6 null null null"},
		{"a share of the final mean", `{"column": "core", "levels": [0.75]}`, inputs(), head +
			"0.8 0 core 0.75 0.5249999999999999 20 20 0.8 0.7 0.10000000000000003 2, " +
			"0.9 0 core 0.75 0.5249999999999999 null 20 0.45 0.7 0.10000000000000003 2, " +
			"0.9 1 core 0.75 0.5249999999999999 40 40 0.6 0.7 0.10000000000000003 2"},
		{"a share of the largest mean", `{"column": "core", "levels": [0.6], "ceiling": "largest"}`, inputs(), head +
			"0.8 0 core 0.6 0.44999999999999996 0 20 0.8 0.75 0.15000000000000002 2, " +
			"0.9 0 core 0.6 0.44999999999999996 20 20 0.45 0.75 0.15000000000000002 2, " +
			"0.9 1 core 0.6 0.44999999999999996 20 40 0.6 0.75 0.15000000000000002 2"},
		{"of steps that all have", `{"column": "core", "levels": [1], "ceiling": "largest", "where": {"strength": "<= 0.8"}}`, uneven, head +
			"0.8 0 core 1 0.75 20 20 0.8 0.75 0.15000000000000002 2"},
		{"a ceiling for each seed", `{"column": "core", "levels": [1], "match": ["seed"]}`, inputs(), head +
			"0.8 0 core 1 0.8 20 20 0.8 0.8 null 1, 0.9 0 core 1 0.8 null 20 0.45 0.8 null 1, 0.9 1 core 1 0.6 40 40 0.6 0.6 null 1"},
	} {
		got := stagetest.Run(t, Kind, c.settings, c.in)["table"]
		if stagetest.Text(got) != c.want {
			t.Errorf("%s gives\n%s, want\n%s", c.name, stagetest.Text(got), c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	change := func(input string, a stages.Artifact) stagetest.Inputs {
		in := inputs()
		in[input] = append(in[input], a)
		return in
	}
	twice := inputs()
	twice["tables"] = append(twice["tables"], twice["tables"][0])
	for name, c := range map[string]struct {
		settings string
		in       stagetest.Inputs
		want     string
	}{
		"no such column":       {`{"column": "cor"}`, inputs(), `no column "cor"`},
		"nothing is learned":   {`{"column": "core", "match": ["seed"]}`, change("reference", follow(.5, 2, .5, 0)), "the run of strength 0.5, seed 2: the ceiling of core is 0: nothing was learned"},
		"no value":             {`{"column": "core"}`, change("tables", follow(.9, 7, -1, -1)), "the run of strength 0.9, seed 7: core has no value at any step"},
		"no partner":           {`{"column": "core", "match": ["seed"]}`, change("tables", follow(.9, 7, 1)), "no run of reference agrees with it in seed"},
		"no such axis":         {`{"column": "core", "match": ["rate"]}`, inputs(), `there is no axis "rate"; there are strength, seed`},
		"several curves":       {`{"column": "core"}`, twice, `step 0 comes after step 40: pick the rows of one curve`},
		"no step in common":    {`{"column": "core", "ceiling": "largest"}`, change("reference", follow(.5, 2, -1, -1, -1, 1)), `use ceiling = "final"`},
		"a level twice":        {`{"levels": [0.5, 0.5]}`, inputs(), "0.5 stands twice in levels"},
		"no level":             {`{"levels": []}`, inputs(), "setting levels is empty"},
		"no rows":              {`{"column": "core", "where": {"stage": "first"}}`, inputs(), "stage"},
		"an axis of that name": {`{"column": "core"}`, renamed("level"), "an axis is called level"},
	} {
		_, err := stagetest.Try(t.Context(), Kind, c.settings, c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// renamed are inputs whose first axis has another name.
func renamed(name string) stagetest.Inputs {
	in := inputs()
	for _, list := range in {
		for i := range list {
			list[i].Axes[0].Name = name
		}
	}
	return in
}

func shares() stagetest.Case {
	return stagetest.Case{Name: "shares", Settings: `{"column": "core", "levels": [0.5, 0.9], "where": {"stage": "main"}}`, Inputs: inputs()}
}

func TestConform(t *testing.T) { stagetest.Conform(t, Kind, shares()) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, shares(), map[string]string{"table": "72ae64a1dedfdf8e86339465a9313aee9180b377280efa821d68c9dc15d02fc1"})
}

// What a marked column tells, of either side or by which rows were picked, is marked.
func TestMarks(t *testing.T) {
	want := []string{"table.threshold", "table.reached_step", "table.last_step", "table.largest", "table.ceiling", "table.ceiling_se", "table.ceiling_runs"}
	marked := shares()
	for _, list := range marked.Inputs { // where decides of the last row
		for i := range list {
			table, err := list[i].Table()
			if err != nil {
				t.Fatal(err)
			}
			table.Column("stage").Strings.Set(table.Rows()-1, "other")
			axes := list[i].Axes
			list[i] = stagetest.Table(table)
			list[i].Axes = axes
		}
	}
	for _, c := range [][2]string{{"tables", "core"}, {"tables", "stage"}, {"reference", "core"}, {"reference", "stage"}} {
		if got := stagetest.KeepsMark(t, Kind, marked, c[0], c[1]); !slices.Equal(got, want) {
			t.Errorf("%s of %s: marked are %v, want %v", c[1], c[0], got, want)
		}
	}
}
