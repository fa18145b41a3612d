package frame_test

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
)

// Every text of a table is rewritten, wherever it stands, and a whole number that is one as well, also among fractions; the rest stays.
func TestRewrite(t *testing.T) {
	table := &frame.Table{
		Columns: []frame.Column{
			{Field: frame.Field{Name: "key_abc", Type: frame.String, Unit: "abc", Doc: "an abc", Nullable: true}, Strings: frame.TextsOf([]string{"abc", "", "xyz"}), Valid: []bool{true, false, true}},
			{Field: frame.Field{Name: "n", Type: frame.Int64, Nullable: true}, Int64s: []int64{123, 0, -4}, Valid: []bool{true, false, true}},
			{Field: frame.Field{Name: "m", Type: frame.Int64}, Int64s: []int64{1, 2, 3}},
			{Field: frame.Field{Name: "x", Type: frame.Float64}, Float64s: []float64{123, 1, 2.5}},
			{Field: frame.Field{Name: "y", Type: frame.Float64}, Float64s: []float64{12.3, 1e300, 0.123}},
		},
		Meta: map[string]string{"note": "the abc", "other": "kept"},
	}
	table.Rewrite(
		func(s string) string { return strings.ReplaceAll(s, "abc", "*") },
		func(s string) string { return strings.ReplaceAll(s, "123", "*") },
	)
	var got []string
	for _, c := range table.Columns {
		got = append(got, c.Name, c.Type.String(), c.Unit, c.Doc)
		for row := range c.Len() {
			if c.Null(row) {
				got = append(got, "null")
				continue
			}
			got = append(got, c.Text(row))
		}
	}
	got = append(got, table.Meta["note"], table.Meta["other"])
	const want = "key_* string * an * * null xyz n string   * null -4 m int64   1 2 3 x string   * 1.0 2.5 y float64   12.3 1e+300 0.123 the * kept"
	if text := strings.Join(got, " "); text != want {
		t.Errorf("it is %q, want %q", text, want)
	}
}
