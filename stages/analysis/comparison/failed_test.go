package comparison

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/stagetest"
)

// without gives the tables of inputs but those at some places, and what a run then lacks: of the instances of each
// stage, which are known by their method, some failed.
func without(in stagetest.Inputs, at ...int) (stagetest.Inputs, []stages.Lack) {
	stage := []int{0, 0, 0, 1, 1, 1, 2}
	lacks := make([]stages.Lack, 3)
	var left []stages.Artifact
	for i, a := range in["tables"] {
		l := &lacks[stage[i]]
		l.Input, l.Along, l.Total = "tables", []string{"seed"}, l.Total+1
		if slices.Contains(at, i) {
			l.Missing = append(l.Missing, a.Axes)
			continue
		}
		l.Beside = append(l.Beside, len(left))
		left = append(left, a)
	}
	return stagetest.Inputs{"tables": left}, slices.DeleteFunc(lacks, func(l stages.Lack) bool { return len(l.Missing) == 0 })
}

// gathered puts the tables of some inputs into one, as a stage of kind table does, whose own instances those of a lack
// then are.
func gathered(t *testing.T, in stagetest.Inputs, lacks []stages.Lack) (stagetest.Inputs, []stages.Lack) {
	t.Helper()
	var whole []stages.Artifact
	for at := range lacks {
		l := &lacks[at]
		var parts []gather.Part
		for _, i := range l.Beside {
			table, err := in["tables"][i].Table()
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, gather.NewPart(in["tables"][i].Axes, table))
		}
		joined, err := gather.Union(parts, gather.Options{})
		if err != nil {
			t.Fatal(err)
		}
		l.Beside, l.Upstream = []int{len(whole)}, true
		whole = append(whole, stagetest.Table(joined))
	}
	return stagetest.Inputs{"tables": whole}, lacks
}

// TestWithoutWhatFailed: cells say of how many repetitions of how many they are, where some failed, and only there.
func TestWithoutWhatFailed(t *testing.T) {
	const erm, jtt, lone = 0, 3, 6
	for _, c := range []struct {
		name   string
		failed []int
		where  string
		rows   []string
		count  map[string]int64 // the column failed
	}{
		{"one of jtt", []int{jtt + 2}, "",
			[]string{
				"| easy | jtt | 0.75 (1 of 3 seeds, 1 failed) | +0.50 (1 of 3 seeds, 1 failed) | y1s0 (2 of 3 seeds, 1 failed) |",
				"| easy | ERM | 0.50 [0.11, 0.89] | – | y0s1 (2), y1s0 (1) |",
				"| easy | a_b | – | – | y1s0 |",
			}, map[string]int64{"jtt": 1, "erm": 0, "a_b": 0}},
		{"one of the baseline", []int{erm + 1}, "",
			[]string{
				"| easy | jtt | 0.88 [0.03, 1.00] of 2 | +0.38 [-0.75, +0.94] (2 of 3 seeds, 1 failed) | y1s0 |",
				"| easy | ERM | 0.50 [0.01, 0.99] (2 of 3 seeds, 1 failed) | – | y0s1 (2 of 3 seeds, 1 failed) |",
				"| easy | a_b | – | – | y1s0 |",
			}, map[string]int64{"jtt": 0, "erm": 1, "a_b": 0}},
		{"one that where leaves out", []int{jtt + 2}, `"where": {"seed": "< 2"}, `,
			[]string{"| easy | jtt | 0.75 of 1 | +0.50 of 1 | y1s0 |"}, map[string]int64{"jtt": 0, "erm": 0, "a_b": 0}},
		{"a whole row", []int{lone}, "",
			[]string{"| easy | jtt | 0.88 [0.03, 1.00] of 2 | +0.38 [-0.75, +0.94] of 2 | y1s0 |"}, map[string]int64{"jtt": 0, "erm": 0}},
	} {
		asked := strings.Replace(settings, `"sort"`, c.where+`"sort"`, 1)
		in, lacks := without(inputs(), c.failed...)
		check := func(name string, in stagetest.Inputs, lacks []stages.Lack) {
			out, err := stagetest.Try(t.Context(), Kind, asked, in, func(r *stages.Run) { r.Lacks = lacks })
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			markdown := string(out.Files["markdown"])
			for _, row := range append(c.rows, stages.LacksText(lacks)) {
				if !strings.Contains(markdown, row) {
					t.Errorf("%s: without %s:\n%s", name, row, markdown)
				}
			}
			if got := failedOf(out.Tables["table"]); !maps.Equal(got, c.count) {
				t.Errorf("%s: failed are %v, want %v", name, got, c.count)
			}
		}
		check(c.name, in, lacks)
		if c.name != "a whole row" { // of which nothing is left that could stand in a table
			others, all := without(inputs(), c.failed...)
			for i := range all { // a table of one stage, beside the others' own
				one, upstream := gathered(t, others, all[i:i+1])
				rest := slices.Clone(others["tables"])
				for _, at := range slices.Backward(lacks[i].Beside) {
					rest = slices.Delete(rest, at, at+1)
				}
				check(c.name+", in one table", stagetest.Inputs{"tables": append(one["tables"], rest...)}, upstream)
			}
		}
	}
}

func failedOf(t *frame.Table) map[string]int64 {
	got := map[string]int64{}
	for row := range t.Rows() {
		got[gather.Text(t.Column("method"), row)] = t.Column("failed").Value(row).(int64)
	}
	return got
}
