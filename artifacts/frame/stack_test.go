package frame

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"testing"
)

func TestStack(t *testing.T) {
	var s Stack
	first := sample(t, 5, 1)
	var spans []Span
	for range 3 {
		spans = append(spans, s.Add(first, nil))
	}
	other := &Table{Columns: []Column{Int64s(Field{Name: "other"}, []int64{7})}}
	spans = append(spans, s.Add(other, nil))
	spans = append(spans, s.Add(first.Slice(0, 1), nil))
	for i, want := range []*Table{first, first, first, other, first.Slice(0, 1)} {
		got := spans[i].Table()
		got.Meta = want.Meta
		if !Equal(got, want) {
			t.Errorf("table %d is %v, want %v", i, got, want)
		}
		if (spans[i].Block == spans[0].Block) != (i != 3) {
			t.Errorf("table %d stands in a block of its own: %v", i, spans[i].Block != spans[0].Block)
		}
	}
	kept := (&Stack{}).Add(first, func(string) bool { return false })
	if _, err := Join([]Span{kept}, first.Columns[0].Field); err == nil || kept.Rows() != first.Rows() {
		t.Errorf("%d rows without columns, %v", kept.Rows(), err)
	}
	if some := (&Stack{}).Add(first, func(name string) bool { return name == first.Columns[0].Name }); len(some.Table().Columns) != 1 || len(some.Block.Fields) != len(first.Columns) {
		t.Errorf("%d columns kept of %d", len(some.Table().Columns), len(some.Block.Fields))
	}
}

// What a type was guessed from goes with the table, however alike others are: +3 is no plain 3, whose text could be had again.
func TestStackKeepsGuesses(t *testing.T) {
	var s Stack
	for _, g := range []Guess{GuessPlain, "", GuessPlain, ""} {
		span := s.Add(&Table{Columns: []Column{Int64s(Field{Name: "x", Guess: g}, []int64{3})}}, nil)
		if got := span.Block.Field("x").Guess; got != g {
			t.Errorf("a guess %q became %q", g, got)
		}
	}
}

func TestJoin(t *testing.T) {
	f := Field{Name: "x", Type: Float64, Nullable: true}
	a := OfTable(&Table{Columns: []Column{Int64s(Field{Name: "x"}, []int64{1, 2, 3})}})
	a.From, a.To = 1, 3
	none := OfTable(&Table{Columns: []Column{Int64s(Field{Name: "other"}, []int64{1})}})
	got, err := Join([]Span{{To: 2, Value: int64(9)}, a, none, {To: 1, Value: 0.5}}, f)
	want := Float64s(f, []float64{9, 9, 2, 3, 0, 0.5}).WithValid([]bool{true, true, true, true, false, true})
	if err != nil || !equalColumns(&got, &want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := Join([]Span{{To: 1, Value: "text"}}, f); err == nil {
		t.Error("text is no number")
	}
	for _, c := range []struct {
		column Column
		value  any
		want   bool
	}{
		{Int64s(f, []int64{4, 4}), int64(4), true}, {Float64s(f, []float64{4, 4}), int64(4), true}, {Int64s(f, []int64{4, 4}), 4.0, true},
		{Int64s(f, []int64{4, 5}), int64(4), false}, {Int64s(f, []int64{1<<53 + 1}), float64(1 << 53), false}, {Strings(f, []string{"4"}), int64(4), false},
		{Strings(f, []string{"4"}), "4", true}, {Nulls(Field{Name: "x", Type: Int64}, 1), int64(0), false}, {Float64s(f, nil), "any", true},
		{Int8Lists(f, []int8{4}, []int32{0, 1}), int64(4), false},
	} {
		if got := c.column.Holds(c.value, 0, c.column.Len()); got != c.want {
			t.Errorf("%v holds %v: %v", c.column, c.value, got)
		}
	}
}

// Tables of one row take the room of their values, not of their columns' heads: 30 columns of 8 bytes.
func TestStackRoom(t *testing.T) {
	const tables = 4000
	fields := make([]Field, 30)
	for i := range fields {
		fields[i] = Field{Name: fmt.Sprintf("column_%d", i), Type: Float64, Unit: "1", Doc: "a number"}
	}
	var s Stack
	spans := make([]Span, tables)
	before := heap()
	for i := range spans {
		one := &Table{}
		for _, f := range fields {
			one.Columns = append(one.Columns, Float64s(f, []float64{float64(i)}))
		}
		spans[i] = s.Add(one, nil)
	}
	if each := int(heap()-before) / tables; each > 2*30*8 {
		t.Errorf("a table of %d bytes takes %d", 30*8, each)
	}
	if got := spans[tables-1].Table().Columns[29].Float64s; !slices.Equal(got, []float64{tables - 1}) {
		t.Errorf("the last table holds %v", got)
	}
	runtime.KeepAlive(&s)
}

// heap gives the bytes in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A writer that gets a table a row holds their values, and writes what it would write of one table.
func TestWriterRoom(t *testing.T) {
	const tables = 3000
	whole := sample(t, tables, 3)
	var one, many bytes.Buffer
	for _, o := range []struct {
		to   *bytes.Buffer
		step int
	}{{&one, tables}, {&many, 1}} {
		w, err := NewWriter(o.to, sampleFields, WriterOptions{Format: Parquet})
		if err != nil {
			t.Fatal(err)
		}
		before := heap()
		for from := 0; from < tables; from += o.step {
			rows := make([]int, o.step)
			for i := range rows {
				rows[i] = from + i
			}
			if err := w.Write(whole.Take(rows)); err != nil {
				t.Fatal(err)
			}
		}
		if each := int(heap()-before) / tables; each > 1000 {
			t.Errorf("in tables of %d rows each row takes %d bytes", o.step, each)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(one.Bytes(), many.Bytes()) {
		t.Error("the bytes depend on how the rows are divided")
	}
}
