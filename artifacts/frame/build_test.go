package frame

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestBuilder(t *testing.T) {
	b := NewBuilder([]Field{
		{Name: "step", Type: Int64}, {Name: "t95", Type: Float64, Nullable: true}, {Name: "w", Type: Float32List, Nullable: true},
	})
	half := 0.5
	b.Int("step", 0)
	b.Float64OrNull("t95", nil)
	b.Float32List("w", []float32{1, 2})
	b.EndRow()
	b.Null("w") // any order
	b.Float64OrNull("t95", &half)
	b.Int64("step", 1)
	b.EndRow()
	got, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	want := &Table{Columns: []Column{
		Int64s(Field{Name: "step"}, []int64{0, 1}),
		Float64s(Field{Name: "t95"}, []float64{0, 0.5}).WithValid([]bool{false, true}),
		Float32Lists(Field{Name: "w"}, []float32{1, 2}, []int32{0, 2, 2}).WithValid([]bool{true, false}),
	}}
	sameTable(t, got, want)
	if err := got.Check(want.Fields()); err != nil {
		t.Error(err)
	}
}

// What does not exist is null, whatever the value beside it; so are numbers that a column does not hold.
func TestBuilderIf(t *testing.T) {
	b := NewBuilder([]Field{{Name: "b", Type: Bool, Nullable: true}, {Name: "i", Type: Int64, Nullable: true}, {Name: "x", Type: Float64, Nullable: true}, {Name: "y", Type: Float64, Nullable: true}})
	for i, y := range []float64{math.NaN(), math.Inf(-1), 2} {
		b.BoolIf(i > 0, "b", true)
		b.IntIf(i > 0, "i", i)
		b.Float64If(i > 1, "x", y)
		b.FiniteOrNull("y", y)
		b.EndRow()
	}
	got, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	later, last := []bool{false, true, true}, []bool{false, false, true}
	sameTable(t, got, &Table{Columns: []Column{
		Bools(Field{Name: "b"}, []bool{false, true, true}).WithValid(later),
		Int64s(Field{Name: "i"}, []int64{0, 1, 2}).WithValid(later),
		Float64s(Field{Name: "x"}, []float64{0, 0, 2}).WithValid(last),
		Float64s(Field{Name: "y"}, []float64{0, 0, 2}).WithValid(last),
	}})
}

func TestBuilderKeepsTheFirstMistake(t *testing.T) {
	fields := []Field{{Name: "a", Type: Int64}, {Name: "b", Type: Float64, Nullable: true}}
	row := func(b *Builder) { b.Int64("a", 1); b.Float64("b", 2); b.EndRow() }
	for _, test := range []struct {
		name, want string
		fill       func(*Builder)
	}{
		{"unknown", `no column "c"`, func(b *Builder) { row(b); b.Int64("c", 1) }},
		{"type", "column a holds int64, not float64", func(b *Builder) { b.Float64("a", 1) }},
		{"twice", "row 1: column a was set twice", func(b *Builder) { row(b); b.Int64("a", 1); b.Int64("a", 2) }},
		{"not set", "row 0: column b was not set", func(b *Builder) { b.Int64("a", 1); b.EndRow() }},
		{"not nullable", "row 1: column a is not nullable", func(b *Builder) { row(b); b.Null("a") }},
		{"not ended", "row 1 was not ended", func(b *Builder) { row(b); b.Int64("a", 1) }},
	} {
		b := NewBuilder(fields)
		test.fill(b)
		if test.name != "not ended" {
			b.Int64("later", 1)
		}
		_, err := b.Table()
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	b := NewBuilder([]Field{{Name: "a", Type: Int64}, {Name: "a", Type: Int64}})
	if _, err := b.Table(); err == nil {
		t.Error("two columns of one name")
	}
}

func BenchmarkBuilder(b *testing.B) {
	var fields []Field
	for i := range 8 {
		fields = append(fields, Field{Name: fmt.Sprint("column_", i), Type: Float64})
	}
	for b.Loop() {
		builder := NewBuilder(fields)
		for range 1_000_000 / 8 {
			for i := range fields {
				builder.Float64(fields[i].Name, 1)
			}
			builder.EndRow()
		}
		if _, err := builder.Table(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/value")
}
