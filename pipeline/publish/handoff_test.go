package publish

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// handoff is where TestWriteHandoff leaves the files that .ci/handoff opens in pandas, polars,
// pyarrow and DuckDB.
var handoff = flag.String("handoff", "", "write the files for .ci/handoff to this `folder`")

// An expectation is what Python is to find in a table, written independently of every format but JSON.
type expectation struct {
	Fields []expectedField   `json:"fields"`
	Rows   []json.RawMessage `json:"rows"` // one object a row
	Meta   map[string]string `json:"meta"`
}

type expectedField struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Unit        string `json:"unit"`
	Description string `json:"description"`
	Mark        string `json:"mark"`
	Nullable    bool   `json:"nullable"`
}

func expect(t *frame.Table) (*expectation, error) {
	e := &expectation{Meta: t.Meta, Rows: []json.RawMessage{}}
	for _, f := range t.Fields() {
		e.Fields = append(e.Fields, expectedField{f.Name, f.Type.String(), f.Unit, f.Doc, string(f.Mark), f.Nullable})
	}
	for row := range t.Rows() {
		var b bytes.Buffer
		for i := range t.Columns {
			text, err := json.Marshal(plain(t.Columns[i].Value(row)))
			if err != nil {
				return nil, err
			}
			separator := byte(',')
			if i == 0 {
				separator = '{'
			}
			fmt.Fprintf(&b, "%c%q:%s", separator, t.Columns[i].Name, text)
		}
		b.WriteByte('}')
		e.Rows = append(e.Rows, b.Bytes())
	}
	return e, nil
}

// plain gives a value such that its JSON is unmistakable: floats have an exponent (Python would take
// -0 for a whole number), small integers are not bytes, and no list is null.
func plain(value any) any {
	switch v := value.(type) {
	case float64:
		return json.RawMessage(strconv.FormatFloat(v, 'e', -1, 64))
	case float32:
		return json.RawMessage(strconv.FormatFloat(float64(v), 'e', -1, 32))
	case []int8:
		list := []any{}
		for _, x := range v {
			list = append(list, int(x))
		}
		return list
	case []float32:
		list := []any{}
		for _, x := range v {
			list = append(list, plain(x))
		}
		return list
	}
	return value
}

// TestWriteHandoff writes every type in every format and compression, a published folder, and
// hive-partitioned folders. Without the flag it does so in a temporary folder, so that it keeps
// working.
func TestWriteHandoff(t *testing.T) {
	dir := *handoff
	if dir == "" {
		dir = t.TempDir()
	}
	writeJSON := func(name string, v any) {
		data, err := json.Marshal(v)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, rows := range []int{0, 1, 2000} {
		table := everyType(t, rows)
		e, err := expect(table)
		if err != nil {
			t.Fatal(err)
		}
		writeJSON(fmt.Sprintf("every-%d.json", rows), e)
		for _, format := range frame.Formats() {
			for _, compression := range format.Compressions() {
				name := fmt.Sprintf("every-%d-%s%s", rows, compression, Extension(format, ""))
				var b bytes.Buffer
				w, err := frame.NewWriter(&b, table.Fields(), frame.WriterOptions{Format: format, Compression: compression, Meta: table.Meta})
				if err != nil {
					t.Fatal(err)
				}
				for from := 0; from < rows; from += 300 { // in pieces, as a union of instances is written
					if err := w.Write(table.Slice(from, min(rows, from+300))); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	s := newStore()
	source := s.grid(t)
	publish(t, s.out(filepath.Join(dir, "out")), source, s.claim(t, "slower", "reproduced"), s.claim(t, "other", "inconclusive"))
	published := readTable(t, filepath.Join(dir, "out", "tables", "train.erm.history.parquet"))
	e, err := expect(published)
	if err != nil {
		t.Fatal(err)
	}
	writeJSON("grid.json", e)
	for _, format := range frame.Formats() {
		path := filepath.Join(dir, "hive-"+string(format))
		o := ExportOptions{Format: format, Partition: []string{"method", "strength", "seed", "deep"}, Force: true}
		if _, err := ExportFolder(context.Background(), path, s.out(""), source, o); err != nil {
			t.Fatal(err)
		}
	}
}

// grid gives train.erm.history over axes of all types.
func (s *store) grid(t *testing.T) Source {
	source := Source{Kind: "train", Name: "erm", Output: "history", Doc: "What happened", Axes: []string{"method", "strength", "seed", "deep"}}
	for i, method := range []string{"erm", "group dro", "a/b=c%d", "é", "jtt"} {
		for _, strength := range []float64{1, 0.5, 0.1} {
			table := everyType(t, 3+i)
			source.Instances = append(source.Instances, s.instance("train.erm", encode(t, table),
				stages.Axis{Name: "method", Value: method}, stages.Axis{Name: "strength", Value: strength},
				stages.Axis{Name: "seed", Value: int64(i)}, stages.Axis{Name: "deep", Value: i%2 == 0}))
		}
	}
	return source
}

// everyType gives a table of all types, with nulls and numbers that are easily lost.
func everyType(t *testing.T, rows int) *frame.Table {
	t.Helper()
	b := frame.NewBuilder([]frame.Field{
		{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Steps done"},
		{Name: "flag", Type: frame.Bool, Doc: "A truth value", Nullable: true},
		{Name: "s", Type: frame.Int8, Unit: "1", Doc: "The spurious attribute", Mark: frame.MarkAttribute},
		{Name: "group", Type: frame.Int8, Doc: "The group", Mark: frame.MarkGroup, Nullable: true},
		{Name: "large", Type: frame.Int64, Doc: "Beyond 2^53", Nullable: true},
		{Name: "weight", Type: frame.Float32, Unit: "1", Doc: "A weight", Nullable: true},
		{Name: "loss", Type: frame.Float64, Unit: "nats", Doc: "Mean loss: \"é\""},
		{Name: "t95", Type: frame.Float64, Unit: "steps", Doc: "Null if never", Nullable: true},
		{Name: "kind", Type: frame.String, Doc: "One of few"},
		{Name: "note", Type: frame.String, Doc: "Any text", Nullable: true},
		{Name: "x", Type: frame.Int8List, Unit: "1", Doc: "Coordinates"},
		{Name: "w", Type: frame.Float32List, Unit: "1", Doc: "Weights", Nullable: true},
	})
	floats := []float64{0, math.Copysign(0, -1), 1, 0.1, 1.0 / 3, 1e-5, 1e16, 1e22, 5e-324, math.MaxFloat64, -123456789.25, 1e-300}
	texts := []string{"", "plain", "a,b", "say \"hi\"", "two\nlines", "é漢字🙂", " spaced ", "back\\slash", "0.5", "tab\there", "'quoted'"}
	for i := range rows {
		null := func(every int) bool { return i%every == every-1 }
		b.Int("step", i)
		if null(5) {
			b.Null("flag")
			b.Null("group")
			b.Null("large")
		} else {
			b.Bool("flag", i%2 == 0)
			b.Int8("group", int8(i%4))
			b.Int64("large", math.MaxInt64-int64(i)*1_000_000_007)
		}
		b.Int8("s", int8(2*(i%2)-1))
		if null(4) {
			b.Null("weight")
			b.Null("t95")
			b.Null("note")
			b.Null("w")
		} else {
			b.Float32("weight", float32(i)/3)
			b.Float64("t95", floats[(i+3)%len(floats)])
			b.String("note", texts[i%len(texts)])
			w := make([]float32, i%3)
			for k := range w {
				w[k] = float32(k+i) / 7
			}
			b.Float32List("w", w)
		}
		b.Float64("loss", floats[i%len(floats)])
		b.String("kind", []string{"erm", "jtt"}[i%2])
		b.Int8List("x", []int8{1, -1, int8(i % 128)}[:i%4])
		b.EndRow()
	}
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	table.Meta = map[string]string{"spurion.spec": "quick", "spurion.note": "é"}
	return table
}
