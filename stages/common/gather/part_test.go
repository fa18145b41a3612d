package gather

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// counted gives an artifact and counts how often its table is decoded.
func counted(reads *int, digest string, t *frame.Table, a ...any) stages.Artifact {
	return stages.Artifact{Axes: axes(a...), Digest: digest, Table: func() (*frame.Table, error) {
		*reads++
		return t, nil
	}}
}

// Of tables with equal bytes one is decoded; each instance has its own axes all the same.
func TestReadOnce(t *testing.T) {
	reads := 0
	list := []stages.Artifact{
		counted(&reads, "a", steps(1, 2), "seed", int64(3)), counted(&reads, "b", steps(5), "seed", int64(2)),
		counted(&reads, "a", steps(1, 2), "seed", int64(1)), counted(&reads, "", steps(7), "seed", int64(4)), counted(&reads, "", steps(8), "seed", int64(5)),
	}
	parts, got, err := ReadUnion(list, Options{})
	if want := "seed step\n1 1\n1 2\n2 5\n3 1\n3 2\n4 7\n5 8"; err != nil || text(got) != want || reads != 4 {
		t.Fatalf("%v, %d reads\n%s\nwant\n%s", err, reads, text(got), want)
	}
	again, err := Union(parts[1:3], Options{})
	if want := "seed step\n1 1\n1 2\n2 5"; err != nil || text(again) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, text(again), want)
	}
}

// Only what is asked for is kept, but what can be asked for is known.
func TestReadColumns(t *testing.T) {
	reads := 0
	table := grid()
	_, _, err := ReadUnion([]stages.Artifact{counted(&reads, "a", table, "method", "x"), counted(&reads, "b", table)},
		Options{Columns: []string{"rate"}, Where: map[string]string{"seed": "> 3"}})
	if err == nil || !strings.Contains(err.Error(), `column "method" holds other values`) {
		t.Fatalf("%v", err)
	}
	parts, got, err := ReadUnion([]stages.Artifact{counted(&reads, "a", table, "run", "x"), counted(&reads, "b", table)},
		Options{Columns: []string{"rate"}, Where: map[string]string{"seed": "> 3"}})
	if want := "run rate seed\nnull 0.2 4\nx 0.2 4"; err != nil || text(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, text(got), want)
	}
	if names := Numeric(parts); !slices.Equal(names, []string{"strength", "rate", "seed"}) || !parts[0].Has("x") || parts[0].Has("y") || !parts[0].Has("run") || parts[1].Has("run") {
		t.Errorf("columns of numbers are %v", names)
	}
}

// A table that has none of the columns which are asked for has its rows all the same.
func TestReadNoColumn(t *testing.T) {
	reads := 0
	other := &frame.Table{Columns: []frame.Column{frame.Strings(frame.Field{Name: "note"}, []string{"a", "b"})}}
	list := []stages.Artifact{counted(&reads, "a", steps(7)), counted(&reads, "b", other), counted(&reads, "c", other)}
	_, got, err := ReadUnion(list, Options{Columns: []string{"step"}, Missing: "null"})
	if want := "step\n7\nnull\nnull\nnull\nnull"; err != nil || text(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, text(got), want)
	}
}

// A table of a row takes little more room than its values, read and joined.
func TestRoom(t *testing.T) {
	const tables, columns = 3000, 20
	list := make([]stages.Artifact, tables)
	for i := range list {
		list[i] = stages.Artifact{Axes: axes("seed", int64(i)), Digest: fmt.Sprint(i), Table: func() (*frame.Table, error) {
			t := &frame.Table{}
			for k := range columns {
				t.Columns = append(t.Columns, frame.Float64s(frame.Field{Name: fmt.Sprintf("column_%d", k), Doc: "a number"}, []float64{float64(i)}))
			}
			return t, nil
		}}
	}
	for _, c := range []struct {
		o    Options
		most int // bytes: the values twice, as parts and joined, and as much for the rest
	}{{Options{}, 4 * 8 * columns}, {Options{Columns: []string{"column_3"}}, 200}} {
		before := heap()
		parts, joined, err := ReadUnion(list, c.o)
		if err != nil || joined.Rows() != tables {
			t.Fatal(err)
		}
		if each := int(heap()-before) / tables; each > c.most {
			t.Errorf("a table takes %d bytes, want at most %d", each, c.most)
		}
		runtime.KeepAlive(parts)
		runtime.KeepAlive(joined)
	}
	runtime.KeepAlive(list)
}

// heap gives the bytes in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkUnion(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		parts := make([]Part, n)
		for i := range parts {
			parts[i] = NewPart(axes("run", int64(i)), grid())
		}
		b.Run(fmt.Sprintf("tables=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Union(parts, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Standard errors stand in NAME_se, or before the last word of the name; every table must have them in one unit.
func TestErrorColumn(t *testing.T) {
	part := func(fields ...frame.Field) Part {
		table := &frame.Table{}
		for _, f := range fields {
			if f.Type == frame.String {
				table.Columns = append(table.Columns, frame.Strings(f, []string{"x"}))
			} else {
				table.Columns = append(table.Columns, frame.Float64s(f, []float64{1}))
			}
		}
		return NewPart(nil, table)
	}
	y, se, text := frame.Field{Name: "loss_after", Unit: "nats"}, frame.Field{Name: "loss_after_se", Unit: "nats"}, frame.Field{Name: "loss_after_se", Type: frame.String}
	inner, other := frame.Field{Name: "loss_se_after", Unit: "nats"}, frame.Field{Name: "loss_after_se", Unit: "steps"}
	for _, c := range []struct {
		parts []Part
		want  string
	}{
		{[]Part{part(y, se)}, "loss_after_se"},
		{[]Part{part(y, inner)}, "loss_se_after"},
		{[]Part{part(y, other, inner)}, "loss_se_after"},
		{[]Part{part(y, se), part(y)}, ""},
		{[]Part{part(y, text)}, ""},
		{[]Part{part(y)}, ""},
		{[]Part{part(se)}, ""},
		{nil, ""},
	} {
		if got := ErrorColumn(c.parts, "loss_after"); got != c.want {
			t.Errorf("%v: %q, want %q", c.parts, got, c.want)
		}
	}
}
