package frame

import (
	"slices"
	"strings"
	"testing"
)

// TestMarksJoin: With is a union of sets, whatever the order and however often.
func TestMarksJoin(t *testing.T) {
	all := []Mark{""}
	for _, m := range Marks {
		for _, have := range all {
			all = append(all, have.With(m))
		}
	}
	if len(all) != 8 || !slices.Contains(all, "attribute,group,split") {
		t.Fatalf("three marks have the unions %q", all)
	}
	for _, a := range all {
		for _, b := range all {
			both := a.With(b)
			if both != b.With(a) || both.With(a) != both || !both.Includes(a) || !both.Includes(b) || !both.Known() {
				t.Errorf("%q with %q is %q", a, b, both)
			}
			for _, one := range both.All() {
				if !a.Includes(one) && !b.Includes(one) {
					t.Errorf("%q with %q has %q", a, b, one)
				}
			}
		}
	}
	if Mark("group").Includes("split") || Mark("").Includes("group") || len(Mark("").All()) != 0 {
		t.Error("a mark includes another")
	}
	for _, m := range []Mark{"other", "split,group", "group,group", "group,", ","} {
		if m.Known() {
			t.Errorf("%q is known", m)
		}
	}
}

// TestMarksAreKept: a column keeps several marks in a file, and a word that another program wrote
// in their place is none; what Spurion writes has known marks alone.
func TestMarksAreKept(t *testing.T) {
	table := &Table{Columns: []Column{Int64s(Field{Name: "x", Mark: Mark("group").With(MarkSplit)}, []int64{1})}}
	data, err := Encode(table)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(data)
	if err != nil || back.Columns[0].Mark != "group,split" {
		t.Errorf("read back, it is %+v, %v", back, err)
	}
	table.Columns[0].Mark = "secret"
	if err := table.Check(nil); err == nil || !strings.Contains(err.Error(), `column x has the mark "secret"; the marks are [attribute group split]`) {
		t.Errorf("an unknown mark gives %v", err)
	}
	foreign := []leaf{{field: Field{Name: "x"}}}
	place := map[string]int{"x": 0}
	schema, err := fileMetadata([]Field{{Name: "x", Type: Int64, Mark: "secret", Unit: "steps"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	describe(foreign, place, schema[0][1])
	if foreign[0].field.Mark != "" || foreign[0].field.Unit != "steps" {
		t.Errorf("another program's field is read as %+v", foreign[0].field)
	}
	if schema, err = fileMetadata([]Field{{Name: "x", Type: Int64, Mark: "split,group"}}, nil); err != nil {
		t.Fatal(err)
	}
	if describe(foreign, place, schema[0][1]); foreign[0].field.Mark != "group,split" {
		t.Errorf("marks in another order are read as %q", foreign[0].field.Mark)
	}
}
