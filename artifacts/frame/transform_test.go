package frame

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestSliceAndConcat(t *testing.T) {
	table := sample(t, 500, 2)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var parts []*Table
		for from := 0; from < 500; {
			to := min(500, from+r.IntN(200)) // empty parts too
			parts = append(parts, table.Slice(from, to))
			if err := parts[len(parts)-1].Check(sampleFields); err != nil {
				t.Fatal(err)
			}
			from = to
		}
		got, err := Concat(parts)
		if err != nil {
			t.Fatal(err)
		}
		got.Meta = table.Meta
		sameTable(t, got, table)
	}
	empty, err := Concat(nil)
	if err != nil || empty.Rows() != 0 {
		t.Fatal(empty, err)
	}
}

func TestConcatRefuses(t *testing.T) {
	base := sample(t, 3, 1)
	for _, test := range []struct {
		change func(*Table)
		want   string
	}{
		{func(t *Table) { t.Columns = t.Columns[1:] }, "its column 0 is flag, not seed"},
		{func(t *Table) { t.Columns = t.Columns[:13] }, "it lacks the column y (list<int8>)"},
		{func(t *Table) { t.Columns = append(t.Columns, Bools(Field{Name: "z"}, make([]bool, 3))) }, "it also has the column z (bool)"},
		{func(t *Table) { t.Columns[5] = Float32s(t.Columns[5].Field, make([]float32, 3)) }, "its column loss holds float32, not float64"},
		{func(t *Table) { t.Columns[5].Unit = "bits" }, `its column loss has the unit "bits", not "nats"`},
		{func(t *Table) { t.Columns[5].Nullable = true }, "its column loss is nullable true"},
	} {
		other := sample(t, 3, 2)
		test.change(other)
		_, err := Concat([]*Table{base, other})
		wantError(t, err, "table 1 does not continue table 0", test.want)
	}
	other := sample(t, 3, 2)
	other.Columns[5].Doc = "other words"
	if _, err := Concat([]*Table{base, other}); err != nil {
		t.Errorf("docs may differ: %v", err)
	}
}

func TestFilter(t *testing.T) {
	table := sample(t, 300, 2)
	got := table.Filter(func(row int) bool { return row%3 == 1 })
	if err := got.Check(sampleFields); err != nil || got.Rows() != 100 {
		t.Fatal(got.Rows(), err)
	}
	for i := range got.Columns {
		for row := range 100 {
			g, w := &got.Columns[i], &table.Columns[i]
			if g.Text(row) != w.Text(3*row+1) || g.Null(row) != w.Null(3*row+1) {
				t.Fatalf("column %s, row %d: %v", g.Name, row, g.Value(row))
			}
		}
	}
}

func TestWithConstants(t *testing.T) {
	table := sample(t, 4, 1)
	axes := []Field{{Name: "strength", Type: Float64}, {Name: "method", Type: String}, {Name: "n", Type: Int64}, {Name: "deep", Type: Bool}}
	got, err := table.WithConstants(axes, []any{0.9, "erm", int64(3), true})
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Check(append(axes, sampleFields...)); err != nil {
		t.Fatal(err)
	}
	if got.Column("strength").Float64s[3] != 0.9 || got.Column("method").Strings.At(0) != "erm" || got.Column("n").Int64s[2] != 3 || !got.Column("deep").Bools[1] {
		t.Error("other values")
	}
	_, err = table.WithConstants([]Field{{Name: "loss", Type: Float64}}, []any{0.9})
	wantError(t, err, "column loss is there already")
	_, err = table.WithConstants([]Field{{Name: "strength", Type: Float64}}, []any{int64(1)})
	wantError(t, err, "strength holds float64", "int64")
	_, err = table.Select("seed", "nosuch")
	wantError(t, err, "nosuch")
}

func TestTake(t *testing.T) {
	lists := &Table{Meta: map[string]string{"a": "b"}, Columns: []Column{
		Float32Lists(Field{Name: "w"}, []float32{1, 2, 3}, []int32{0, 1, 1, 3}).WithValid([]bool{true, false, true}),
		Strings(Field{Name: "s"}, []string{"a", "b", "c"}),
	}}
	got := lists.Take([]int{2, 1, 2})
	var cells []string
	for row := range got.Rows() {
		cells = append(cells, got.Columns[0].Text(row)+got.Columns[1].Text(row))
	}
	if text := strings.Join(cells, " "); text != "[2.0,3.0]c b [2.0,3.0]c" || !got.Columns[0].Null(1) || got.Meta["a"] != "b" {
		t.Errorf("got %s with metadata %v", text, got.Meta)
	}
	if err := got.Check(nil); err != nil {
		t.Error(err)
	}
	if n := lists.Take(nil).Rows(); n != 0 {
		t.Errorf("no rows taken gives %d", n)
	}
}
