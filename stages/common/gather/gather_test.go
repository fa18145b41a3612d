package gather

import (
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

var stepField = frame.Field{Name: "step", Unit: "steps", Doc: "the step"}

func steps(values ...int64) *frame.Table {
	return &frame.Table{Columns: []frame.Column{frame.Int64s(stepField, values)}}
}

func axes(pairs ...any) []stages.Axis {
	var list []stages.Axis
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, stages.Axis{Name: pairs[i].(string), Value: pairs[i+1]})
	}
	return list
}

// text gives a table as lines, a header first.
func text(t *frame.Table) string {
	lines := []string{strings.Join(Names(t), " ")}
	for row := range t.Rows() {
		var cells []string
		for c := range t.Columns {
			cells = append(cells, Text(&t.Columns[c], row))
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "\n")
}

func TestUnion(t *testing.T) {
	for _, c := range []struct {
		name  string
		parts []Part
		o     Options
		want  string
	}{
		{"canonical order whatever the order given", []Part{
			NewPart(axes("strength", 0.9, "seed", int64(10)), steps(5, 4)),
			NewPart(axes("strength", 0.9, "seed", int64(2)), steps(3)),
			NewPart(axes("strength", 0.6, "seed", int64(3)), steps(1, 2)),
		}, Options{}, "strength seed step\n0.6 3 1\n0.6 3 2\n0.9 2 3\n0.9 10 5\n0.9 10 4"},
		{"an axis that only some have is null", []Part{
			NewPart(axes("method", "dfr", "seed", int64(1)), steps(7)),
			NewPart(axes("seed", int64(1)), steps(8)),
		}, Options{}, "method seed step\ndfr 1 7\nnull 1 8"},
		{"a column stands for the axis", []Part{
			NewPart(axes("step", int64(1)), &frame.Table{Columns: []frame.Column{
				frame.Float64s(frame.Field{Name: "loss", Unit: "nats"}, []float64{0.5})}}),
			NewPart(nil, &frame.Table{Columns: []frame.Column{frame.Int64s(stepField, []int64{2}),
				frame.Float64s(frame.Field{Name: "loss", Unit: "nats"}, []float64{0.25})}}),
		}, Options{}, "step loss\n2 0.25\n1 0.5"},
		{"a column that agrees with its axis is one with it", []Part{
			NewPart(axes("step", int64(4)), steps(4, 4)),
		}, Options{}, "step\n4\n4"},
		{"whole numbers and fractions along an axis", []Part{
			NewPart(axes("strength", int64(1)), steps(1)),
			NewPart(axes("strength", 0.5), steps(2)),
		}, Options{}, "strength step\n0.5 2\n1 1"},
		{"a column that is whole, fractions, null and empty", []Part{
			NewPart(axes("seed", int64(1)), &frame.Table{Columns: []frame.Column{frame.Nulls(frame.Field{Name: "x", Type: frame.String}, 1)}}),
			NewPart(axes("seed", int64(2)), &frame.Table{Columns: []frame.Column{frame.Int64s(frame.Field{Name: "x"}, []int64{2, 4})}}),
			NewPart(axes("seed", int64(3)), &frame.Table{Columns: []frame.Column{frame.Strings(frame.Field{Name: "x"}, nil)}}),
			NewPart(axes("seed", int64(4)), &frame.Table{Columns: []frame.Column{frame.Float64s(frame.Field{Name: "x"}, []float64{0.5})}}),
		}, Options{Where: map[string]string{"x": "<= 2"}}, "seed x\n2 2\n4 0.5"},
		{"an axis that is no value elsewhere", []Part{
			NewPart(axes("x", 0.5), steps(1)),
			NewPart(nil, &frame.Table{Columns: []frame.Column{frame.Nulls(frame.Field{Name: "x", Type: frame.String}, 1), steps(2).Columns[0]}}),
		}, Options{}, "x step\nnull 2\n0.5 1"},
		{"lists, booleans and empty tables", []Part{
			NewPart(axes("deep", true), &frame.Table{Columns: []frame.Column{
				frame.Float32Lists(frame.Field{Name: "w"}, []float32{1, 2, 3}, []int32{0, 1, 3})}}),
			NewPart(axes("deep", false), &frame.Table{Columns: []frame.Column{
				frame.Float32Lists(frame.Field{Name: "w"}, nil, []int32{0})}}),
		}, Options{}, "deep w\ntrue [1.0]\ntrue [2.0,3.0]"},
		{"nulls where a table lacks a column", []Part{
			NewPart(axes("seed", int64(1)), steps(1)),
			NewPart(axes("seed", int64(2)), &frame.Table{Columns: []frame.Column{
				frame.Int8Lists(frame.Field{Name: "x"}, []int8{1, -1}, []int32{0, 2})}}),
		}, Options{Missing: "null"}, "seed step x\n1 1 null\n2 null [1,-1]"},
		{"columns picked", []Part{
			NewPart(axes("seed", int64(1)), &frame.Table{Columns: []frame.Column{
				frame.Strings(frame.Field{Name: "only_here"}, []string{"a"}), steps(1).Columns[0]}}),
			NewPart(axes("seed", int64(2)), steps(2)),
		}, Options{Columns: []string{"step", "seed"}}, "seed step\n1 1\n2 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Union(c.parts, c.o)
			if err != nil {
				t.Fatal(err)
			}
			if text(got) != c.want {
				t.Errorf("got\n%s\nwant\n%s", text(got), c.want)
			}
			if err := got.Check(nil); err != nil {
				t.Error(err)
			}
			slices.Reverse(c.parts)
			again, err := Union(c.parts, c.o)
			if err != nil {
				t.Fatal(err)
			}
			order := func(s string) string { lines := strings.Split(s, "\n"); return strings.Join(lines[1:], "\n") }
			if c.name == "canonical order whatever the order given" && order(text(again)) != order(text(got)) {
				t.Errorf("reversed, it is\n%s", text(again))
			}
		})
	}
}

func TestUnionKeepsMarksAndUnits(t *testing.T) {
	plain, marked := steps(1), steps(2)
	marked.Columns[0].Mark = frame.MarkGroup
	got, err := Union([]Part{NewPart(axes("seed", int64(1)), plain), NewPart(axes("seed", int64(2)), marked)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Column("step"); c.Mark != frame.MarkGroup || c.Unit != "steps" || c.Doc != "the step" || c.Nullable {
		t.Errorf("column step is %+v", c.Field)
	}
	other := steps(3)
	other.Columns[0].Mark = frame.MarkSplit
	got, err = Union([]Part{NewPart(axes("seed", int64(1)), plain), NewPart(axes("seed", int64(2)), marked), NewPart(axes("seed", int64(3)), other)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Column("step"); c.Mark != frame.MarkGroup.With(frame.MarkSplit) { // as of aggregates that choose rows by one and by the other
		t.Errorf("marked by two tables: %q", c.Mark)
	}
	if plain.Columns[0].Mark != "" {
		t.Error("an input was changed")
	}
}

func TestUnionErrors(t *testing.T) {
	words := &frame.Table{Columns: []frame.Column{frame.Strings(frame.Field{Name: "step"}, []string{"a"})}}
	epochs := steps(1)
	epochs.Columns[0].Unit = "epochs"
	one, two := axes("seed", int64(1)), axes("seed", int64(2))
	for _, c := range []struct {
		name  string
		parts []Part
		o     Options
		want  []string
	}{
		{"none", nil, Options{}, []string{"no table"}},
		{"type", []Part{NewPart(one, steps(1)), NewPart(two, words)}, Options{}, []string{"[seed=2]", `"step"`, "string", "int64"}},
		{"unit", []Part{NewPart(one, steps(1)), NewPart(two, epochs)}, Options{}, []string{"[seed=2]", `"epochs"`, `"steps"`}},
		{"missing", []Part{NewPart(one, steps(1)), NewPart(two, &frame.Table{Columns: []frame.Column{frame.Int64s(frame.Field{Name: "other"}, []int64{1})}})},
			Options{}, []string{"[seed=2]", `"step"`, "other"}},
		{"nowhere", []Part{NewPart(one, steps(1))}, Options{Columns: []string{"stp"}}, []string{`"stp"`, "seed, step"}},
		{"contradiction", []Part{NewPart(axes("step", int64(3)), steps(3, 4))}, Options{}, []string{"[step=3]", "other values"}},
		{"whole numbers that are no fractions", []Part{NewPart(one, steps(1<<53+1)), NewPart(two, &frame.Table{Columns: []frame.Column{frame.Float64s(stepField, []float64{1})}})},
			Options{}, []string{`"step"`, "9007199254740993 in table [seed=1]", "float64 in table [seed=2]"}},
		{"truth values", []Part{NewPart(one, steps(1)), NewPart(two, &frame.Table{Columns: []frame.Column{frame.Bools(stepField, []bool{true})}})},
			Options{}, []string{`"step"`, "int64 in table [seed=1]", "bool in table [seed=2]", "columns = { step = "}},
		{"axis type", []Part{NewPart(axes("a", "x"), steps(1)), NewPart(axes("a", int64(1)), steps(1))}, Options{}, []string{`axis "a"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Union(c.parts, c.o)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in: %v", w, err)
				}
			}
		})
	}
}

// Where is applied to the joined rows, and reads columns that are not asked for.
func TestUnionWhere(t *testing.T) {
	some, err := grid().Select("rate", "method")
	if err != nil {
		t.Fatal(err)
	}
	parts := []Part{NewPart(axes("seed", int64(1)), some), NewPart(axes("seed", int64(2)), some)}
	got, err := Union(parts, Options{Columns: []string{"rate"}, Where: map[string]string{"method": "erm", "seed": "2"}})
	if err != nil {
		t.Fatal(err)
	}
	if text(got) != "seed rate method\n2 0.1 erm\n2 0.1 erm" {
		t.Errorf("got\n%s", text(got))
	}
	if _, err := Union(parts, Options{Where: map[string]string{"seed": "3"}}); err == nil || !strings.HasPrefix(err.Error(), "where: no row has seed 3") {
		t.Errorf("no row left: %v", err)
	}
}

// Groups are numbered as they first come; a key that is looked up joins none.
func TestGroups(t *testing.T) {
	var g Groups[string]
	if _, known := g.Find("b"); known {
		t.Error("a key is known to no groups")
	}
	var of []int
	for _, key := range []string{"b", "a", "b", "c", "a"} {
		of = append(of, g.Of(key))
	}
	at, known := g.Find("c")
	_, other := g.Find("d")
	if !slices.Equal(of, []int{0, 1, 0, 2, 1}) || !slices.Equal(g.Keys, []string{"b", "a", "c"}) || at != 2 || !known || other {
		t.Errorf("groups %v of keys %v; c is %d, %v; d is known: %v", of, g.Keys, at, known, other)
	}
}

// Nulls agree with each other alone, not with a text that reads like one; no columns make one group.
func TestGroupRows(t *testing.T) {
	table := &frame.Table{Columns: []frame.Column{
		frame.Strings(frame.Field{Name: "a"}, []string{"null", "x", "", "x", "", "xy"}).WithValid([]bool{true, true, false, true, false, true}),
		frame.Strings(frame.Field{Name: "b"}, []string{"1", "yz", "1", "yz", "1", "z"}),
	}}
	for _, c := range []struct {
		by        []string
		of, first []int
	}{
		{[]string{"a", "b"}, []int{0, 1, 2, 1, 2, 3}, []int{0, 1, 2, 5}},
		{[]string{"b"}, []int{0, 1, 0, 1, 0, 2}, []int{0, 1, 5}},
		{nil, []int{0, 0, 0, 0, 0, 0}, []int{0}},
	} {
		if of, first := GroupRows(table, c.by); !slices.Equal(of, c.of) || !slices.Equal(first, c.first) {
			t.Errorf("by %v: groups %v with first rows %v, want %v and %v", c.by, of, first, c.of, c.first)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  []string // what the problems begin with
	}{
		{[]string{"a", "b"}, nil}, {nil, nil}, {[]string{"a", "b", "a"}, []string{`"a" stands twice in by`}},
		{[]string{"-a", "a"}, []string{`"a" stands twice`}}, {[]string{"a", "-a", "-"}, []string{`"a" stands twice`, "a column's name is empty"}},
	} {
		got := CheckColumns("by", c.names)
		if len(got) != len(c.want) {
			t.Fatalf("%v: problems %v", c.names, got)
		}
		for i, p := range got {
			if p.Path != "by" || !strings.HasPrefix(p.Summary, c.want[i]) {
				t.Errorf("%v: problem %v, want %q", c.names, p, c.want[i])
			}
		}
	}
	for name, ok := range map[string]bool{"a_1": true, "gap": true, "": false, "Gap": false, "1a": false, "a-b": false, "é": false} {
		if got := CheckNew("derive", name); (len(got) == 0) != ok {
			t.Errorf("%q: problems %v", name, got)
		}
	}
}

func grid() *frame.Table {
	return &frame.Table{Columns: []frame.Column{
		frame.Float64s(frame.Field{Name: "strength"}, []float64{0.5, 0.6, 0.9, 0.9}).WithValid([]bool{true, true, true, false}),
		frame.Float32s(frame.Field{Name: "rate"}, []float32{0.1, 0.2, 0.1, 0.2}),
		frame.Int64s(frame.Field{Name: "seed"}, []int64{1, 2, 3, 4}),
		frame.Strings(frame.Field{Name: "method"}, []string{"erm", "dfr", "erm", "jtt"}),
		frame.Bools(frame.Field{Name: "bias"}, []bool{true, false, true, false}),
		frame.Int8Lists(frame.Field{Name: "x"}, []int8{1, 1, 1, 1}, frame.EqualOffsets(4, 1)),
	}}
}

func TestWhere(t *testing.T) {
	for _, c := range []struct {
		where map[string]string
		want  string // seeds that are kept
	}{
		{nil, "1 2 3 4"},
		{map[string]string{"strength": "0.9"}, "3"},
		{map[string]string{"strength": ">= 0.6"}, "2 3"},
		{map[string]string{"strength": ">0.5"}, "2 3"},
		{map[string]string{"strength": "!= 0.5"}, "2 3"},
		{map[string]string{"strength": "<= .6"}, "1 2"},
		{map[string]string{"strength": "< 0.6"}, "1"},
		{map[string]string{"strength": "> 0.5 and <= 0.9"}, "2 3"},
		{map[string]string{"strength": ">0.5 and < 0.9 and != 0.7"}, "2"},
		{map[string]string{"rate": "0.1"}, "1 3"},
		{map[string]string{"seed": "=2"}, "2"},
		{map[string]string{"method": "erm", "seed": "> 1"}, "3"},
		{map[string]string{"method": "!= erm"}, "2 4"},
		{map[string]string{"bias": "false"}, "2 4"},
		{map[string]string{"bias": "true", "method": "dfr"}, ""},
	} {
		got, err := Where(grid(), c.where)
		if err != nil {
			t.Errorf("%v: %v", c.where, err)
			continue
		}
		var seeds []string
		for i := range got.Rows() {
			seeds = append(seeds, Text(got.Column("seed"), i))
		}
		if strings.Join(seeds, " ") != c.want {
			t.Errorf("%v keeps %v, want %s", c.where, seeds, c.want)
		}
	}
	for _, c := range []struct{ column, condition, want string }{
		{"strenght", "0.9", "strength"},
		{"strength", "0.95", "0.5, 0.6, 0.9"},
		{"strength", "high", "numbers"},
		{"strength", "> 0.5 and high", "numbers"},
		{"strength", "> 0.6 and < 0.7", "0.5, 0.6, 0.9"},
		{"method", "erm and dfr", "erm, dfr, jtt"},
		{"strength", "NaN", "numbers"},
		{"method", "> erm", "no order"},
		{"bias", "1", "true and false"},
		{"x", "1", "list<int8>"},
		{"method", "gdro", "erm, dfr, jtt"},
	} {
		_, err := Where(grid(), map[string]string{c.column: c.condition})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want an error with %q", c.column, c.condition, err, c.want)
		}
	}
	if p := CheckWhere("where", map[string]string{"b": "<", "a": ">= ", "c": "1", "d": ""}); len(p) != 2 || !strings.Contains(p[0].Summary, "on a ") || p[0].Path != "where.a" {
		t.Errorf("problems are %v", p)
	}
	for condition, meant := range map[string]string{
		"=> 0.6": `">= 0.6"`, "=<0.6": `"<= 0.6"`, "== erm": `"= erm"`, "!erm": `"!= erm"`, "<> erm": `"!= erm"`, "=>": `">="`,
		"> 0.2 and =< 0.8": `"<= 0.8"`, "> 0.2 and <": "has no value", "><5": "the operators are = != < <= > >=",
	} {
		p := CheckWhere("where", map[string]string{"a": condition})
		if len(p) != 1 || !strings.Contains(p[0].Detail, meant) {
			t.Errorf("%s: %v, want %s", condition, p, meant)
		}
		if _, err := Where(grid(), map[string]string{"strength": condition}); err == nil || !strings.Contains(err.Error(), meant) {
			t.Errorf("%s in a run: %v, want %s", condition, err, meant)
		}
	}
	for _, condition := range []string{"", "salt and <pepper>", "= <none>", "a>b", "0.2 and 0.8"} {
		if p := CheckWhere("where", map[string]string{"a": condition}); len(p) != 0 {
			t.Errorf("%s: %v", condition, p)
		}
	}
}

func TestNumbers(t *testing.T) {
	of := []Part{NewPart(axes("seed", int64(1), "name", "a"), grid())}
	have := Numeric(of)
	if !slices.Equal(have, []string{"seed", "strength", "rate"}) {
		t.Errorf("columns of numbers are %v", have)
	}
	v, valid, err := Numbers(grid(), "strength", of)
	if err != nil || !slices.Equal(v, []float64{0.5, 0.6, 0.9, 0}) || !slices.Equal(valid, []bool{true, true, true, false}) {
		t.Errorf("%v %v %v", v, valid, err)
	}
	for _, name := range []string{"method", "x", "bias", "none"} {
		if _, _, err := Numbers(grid(), name, of); err == nil || !strings.Contains(err.Error(), "seed, strength, rate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Text among numbers is named with its place and what to declare, be it in one of many tables or in a table of all.
func TestNumbersBesideText(t *testing.T) {
	f := frame.Field{Name: "x"}
	plain := f
	plain.Guess = frame.GuessPlain
	part := func(key string, c frame.Column) Part {
		return NewPart(axes("key", key), &frame.Table{Columns: []frame.Column{c, frame.Int64s(frame.Field{Name: "n"}, make([]int64, c.Len()))}})
	}
	whole, text := part("a", frame.Int64s(plain, []int64{3})), part("b", frame.Strings(f, []string{"4", "n.a."}))
	none, codes := part("c", frame.Strings(f, []string{""}).WithValid([]bool{false})), part("d", frame.Strings(f, []string{"007"}))
	names := NewPart(nil, &frame.Table{Columns: []frame.Column{frame.Strings(f, []string{"erm", "jtt"})}})
	all, err := Union([]Part{none, whole, text}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		of   []Part
		want string
	}{
		"two tables":   {[]Part{none, whole, text}, `column "x" holds string, not numbers: row 2 of table [key=b] has "n.a.", table [key=a] holds int64: if "n.a." says that there is no value, declare null = ["n.a."] in the CSV output of the exec that writes it; else give the column one type there, such as columns = { x = { type = "string" } }; the columns of numbers are n`},
		"one table":    {[]Part{NewPart(nil, all)}, `column "x" holds string, not numbers: row 3 has "n.a.", others have numbers: if "n.a." says`},
		"one instance": {[]Part{text}, `not numbers: row 2 has "n.a.", others have numbers: if`},
		"text alone":   {[]Part{names}, `column "x" holds string, not numbers: row 1 has "erm"`},
		"no words":     {[]Part{codes, whole}, `column "x" holds string, not numbers; the columns of numbers are n`},
	} {
		joined, err := Union(c.of, Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = Numbers(joined, "x", c.of)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", name, err, c.want)
		}
		if name == "text alone" && err.Error() != c.want {
			t.Errorf("%s: %v\nwant no more than %s", name, err, c.want)
		}
	}
	if _, err := Union([]Part{none, whole, text}, Options{Where: map[string]string{"x": "> 3"}}); err == nil ||
		!strings.Contains(err.Error(), `where: column "x" holds string, which has no order: row 2 of table [key=b] has "n.a.", table [key=a] holds int64: if`) {
		t.Errorf("a condition: %v", err)
	}
	axis := []Part{whole}
	if joined, err := Union(axis, Options{}); err != nil {
		t.Error(err)
	} else if _, _, err := Numbers(joined, "key", axis); err == nil || !strings.Contains(err.Error(), `"key" holds string, not numbers: row 1 has "a"; the columns of numbers are x, n`) {
		t.Errorf("an axis: %v", err)
	}
}

func TestCompare(t *testing.T) {
	c := frame.Float64s(frame.Field{Name: "x"}, []float64{2, 1, 0, 1}).WithValid([]bool{true, true, false, true})
	for _, o := range []struct {
		a, b       int
		descending bool
		want       int
	}{{0, 1, false, 1}, {0, 1, true, -1}, {1, 3, false, 0}, {2, 0, false, 1}, {2, 0, true, 1}, {0, 2, true, -1}, {2, 2, false, 0}} {
		if got := Compare(&c, o.a, o.b, o.descending); got != o.want {
			t.Errorf("Compare(%d, %d, %v) = %d, want %d", o.a, o.b, o.descending, got, o.want)
		}
	}
}
