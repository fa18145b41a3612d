package comparison

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/stagetest"
)

// ending is one run: 1 if the column is true, 0 if false, -1 if null.
func ending(method string, seed int64, column string, value int) stages.Artifact {
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Strings(frame.Field{Name: "method"}, []string{method}),
		frame.Float64s(frame.Field{Name: "score", Unit: "1"}, []float64{float64(seed)}),
		frame.Bools(frame.Field{Name: column, Nullable: true}, []bool{value == 1}).WithValid([]bool{value >= 0}),
	}})
	a.Axes = []stages.Axis{{Name: "seed", Value: seed}}
	return a
}

// The table counts the runs that were cut off, and the caption says how many there are, and of which rows.
func TestComparisonsSayWhatWasCutOff(t *testing.T) {
	for _, c := range []struct {
		column string
		erm    []int
		jtt    []int
		counts string
		says   string
	}{
		{"capped", []int{1, 0, 1}, []int{0, 0, 0}, "2 0", "2 of 6 runs ended at their cap, before a stop rule held (ERM: 2 of 3)."},
		{"capped", []int{1, 0, -1}, []int{1, 0, 0}, "1 1", "2 of 5 runs ended at their cap, before a stop rule held (ERM: 1 of 2, jtt: 1 of 3)."},
		{"capped", []int{0, 0, 0}, []int{0, 0, 0}, "0 0", ""},
		{"capped", []int{-1, -1, -1}, []int{0, -1, -1}, "null 0", ""},
		{"converged", []int{1, 1, 0}, []int{1, 1, 1}, "1 0", "1 of 6 fits did not converge (ERM: 1 of 3)."},
		{"converged", []int{1}, nil, "0", ""},
		{"capped", []int{1}, nil, "1", "The run ended at its cap, before a stop rule held."},
		{"sudden", []int{1, 1, 1}, []int{1, 1, 1}, "null null", ""},
	} {
		var in []stages.Artifact
		for seed, v := range c.erm {
			in = append(in, ending("erm", int64(seed), c.column, v))
		}
		for seed, v := range c.jtt {
			in = append(in, ending("jtt", int64(seed), c.column, v))
		}
		out, err := stagetest.Try(t.Context(), Kind, `{"rows": ["method"], "measures": ["score"], "names": {"erm": "ERM"}}`, stagetest.Inputs{"tables": in})
		if err != nil {
			t.Fatal(err)
		}
		table := out.Tables["table"]
		var counts []string
		for row := range table.Rows() {
			counts = append(counts, gather.Text(table.Column("capped"), row))
		}
		if got := strings.Join(counts, " "); got != c.counts {
			t.Errorf("%s %v %v: counts %s, want %s", c.column, c.erm, c.jtt, got, c.counts)
		}
		caption := string(out.Files["markdown"])
		says := strings.Contains(caption, "cap,") || strings.Contains(caption, "converge")
		if !strings.Contains(caption, c.says) || says != (c.says != "") {
			t.Errorf("%s %v %v: the caption is %q, want it to say %q", c.column, c.erm, c.jtt, caption, c.says)
		}
	}
}
