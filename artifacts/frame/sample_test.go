package frame

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

var sampleFields = []Field{
	{Name: "seed", Type: Int64, Doc: "Seed of the instance"},
	{Name: "flag", Type: Bool, Doc: "A truth value"},
	{Name: "sign", Type: Int8, Unit: "1", Doc: "A label, -1 or 1", Mark: MarkAttribute},
	{Name: "step", Type: Int64, Unit: "steps", Doc: "Optimizer steps done", Nullable: true},
	{Name: "weight", Type: Float32, Unit: "1", Doc: "A weight", Nullable: true},
	{Name: "loss", Type: Float64, Unit: "nats", Doc: "Mean loss per row"},
	{Name: "t95", Type: Float64, Unit: "steps", Doc: "When 95 % is reached; \"null\" if never, é", Nullable: true},
	{Name: "name", Type: String, Doc: "A name"},
	{Name: "note", Type: String, Doc: "A remark", Nullable: true},
	{Name: "x", Type: Int8List, Unit: "1", Doc: "Coordinates, -1 or 1"},
	{Name: "w", Type: Float32List, Unit: "1", Doc: "Incoming weights", Nullable: true},
	{Name: "on", Type: Bool, Doc: "A truth value that may be unknown", Nullable: true},
	{Name: "label", Type: Int8, Doc: "A label that may be unknown", Nullable: true},
	{Name: "y", Type: Int8List, Doc: "Labels that may be unknown", Nullable: true},
}

// awkward are numbers that lose something in careless hands.
var awkward = []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 1.0 / 3, 1e-5, 1e16, 1e21, 1e22, 123456789, 5e-324,
	math.MaxFloat64, -math.MaxFloat64, 2.2250738585072014e-308, 4503599627370497.5, 9007199254740993, 1e15, 0.0001, 99999999999999990}

var awkwardStrings = []string{"", "plain", "a,b", "say \"hi\"", "two\nlines", "cr\r\nlf", " spaced ", "é漢字🙂", "NA", "null", "0.5",
	"true", "\u2028", "tab\t", "back\\slash", "\x01\x7f", "'", "=1+1", "\ufeffbom"}

// sample gives a table of all types with nulls, n rows; equal arguments give equal tables.
func sample(t testing.TB, n int, seed uint64) *Table {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	b := NewBuilder(sampleFields)
	pick := func() float64 {
		if r.IntN(3) == 0 {
			return awkward[r.IntN(len(awkward))]
		}
		return float64(r.Int64N(2_000_001)-1_000_000) / 1024
	}
	for i := range n {
		b.Int64("seed", int64(i/7))
		b.Bool("flag", r.IntN(2) == 0)
		b.Int8("sign", int8(r.IntN(256)-128))
		if r.IntN(4) == 0 {
			b.Null("step")
		} else {
			b.Int64("step", r.Int64()-r.Int64())
		}
		if r.IntN(4) == 0 {
			b.Null("weight")
		} else {
			b.Float32("weight", float32(math.Mod(pick(), 1e30)))
		}
		b.Float64("loss", pick())
		if r.IntN(3) == 0 {
			b.Null("t95")
		} else {
			b.Float64("t95", pick())
		}
		b.String("name", fmt.Sprintf("name-%d", r.IntN(5)))
		if r.IntN(3) == 0 {
			b.Null("note")
		} else {
			b.String("note", awkwardStrings[r.IntN(len(awkwardStrings))])
		}
		x := make([]int8, r.IntN(5))
		for j := range x {
			x[j] = int8(r.IntN(256) - 128)
		}
		b.Int8List("x", x)
		if r.IntN(4) == 0 {
			b.Null("w")
		} else {
			w := make([]float32, r.IntN(4))
			for j := range w {
				w[j] = float32(math.Mod(pick(), 1e30))
			}
			b.Float32List("w", w)
		}
		if r.IntN(3) == 0 {
			b.Null("on")
			b.Null("label")
			b.Null("y")
		} else {
			b.Bool("on", r.IntN(2) == 0)
			b.Int8("label", int8(r.IntN(2)))
			b.Int8List("y", []int8{int8(r.IntN(2))})
		}
		b.EndRow()
	}
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	table.Meta = map[string]string{"spurion.b": "second", "spurion.a": "first é", "empty": ""}
	return table
}

// sameTable fails unless the tables are equal, and says where they first differ.
func sameTable(t testing.TB, got, want *Table) {
	t.Helper()
	if Equal(got, want) {
		return
	}
	if fmt.Sprint(got.Meta) != fmt.Sprint(want.Meta) {
		t.Errorf("metadata %q, want %q", got.Meta, want.Meta)
	}
	if err := sameFields(want.Fields(), got); err != nil {
		t.Fatal(err)
	}
	for i := range want.Columns {
		g, w := &got.Columns[i], &want.Columns[i]
		if g.Field != w.Field {
			t.Errorf("field %+v, want %+v", g.Field, w.Field)
		}
		if g.Len() != w.Len() {
			t.Fatalf("column %s: %d rows, want %d", w.Name, g.Len(), w.Len())
		}
		for row := range w.Len() {
			if g.Null(row) != w.Null(row) || !g.Null(row) && !equalValues(g, w, row) {
				t.Fatalf("column %s, row %d: %v, want %v", w.Name, row, g.Value(row), w.Value(row))
			}
		}
	}
	t.Fatal("tables differ")
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q lacks %q", err, p)
		}
	}
}
