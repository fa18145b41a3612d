package frame

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/klauspost/compress/zstd"
)

func write(t testing.TB, o WriterOptions, tables ...*Table) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := NewWriter(&buf, tables[0].Fields(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if err := w.Write(table); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// The bytes depend on the rows, not on the tables that brought them.
func TestWriterBytesDependOnTheRows(t *testing.T) {
	table := sample(t, 3000, 4)
	long := &Table{Columns: []Column{Int64s(Field{Name: "i"}, make([]int64, 2*groupRows+17))}}
	for i := range long.Columns[0].Int64s {
		long.Columns[0].Int64s[i] = int64(i)
	}
	wide := &Table{Columns: []Column{Float32Lists(Field{Name: "w"}, make([]float32, 5*groupBytes/8), EqualOffsets(5, groupBytes/8))}}
	for _, whole := range []*Table{table, long, wide} {
		for _, format := range Formats() {
			if whole == wide && format != Parquet {
				continue
			}
			o := WriterOptions{Format: format, Meta: map[string]string{"a": "b"}}
			want := write(t, o, whole)
			r := rand.New(rand.NewPCG(3, 4))
			parts := []*Table{whole.Slice(0, 0)}
			for from := 0; from < whole.Rows(); {
				to := min(whole.Rows(), from+1+r.IntN(whole.Rows()/3))
				parts = append(parts, whole.Slice(from, to))
				from = to
			}
			if !bytes.Equal(write(t, o, parts...), want) {
				t.Errorf("%s, %d rows: the bytes depend on the division into tables", format, whole.Rows())
			}
			if format == Parquet {
				got, err := Decode(want)
				if err != nil {
					t.Fatal(err)
				}
				got.Meta = whole.Meta
				sameTable(t, got, whole)
			}
		}
	}
}

func TestCompressionsReadBack(t *testing.T) {
	table := sample(t, 500, 4)
	for _, c := range Parquet.Compressions() {
		got, err := Decode(write(t, WriterOptions{Format: Parquet, Compression: c, Meta: table.Meta}, table))
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		sameTable(t, got, table)
	}
	plain := write(t, WriterOptions{Format: CSV}, table)
	zipped, err := gzip.NewReader(bytes.NewReader(write(t, WriterOptions{Format: CSV, Compression: "gzip"}, table)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(zipped)
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("gzip: %v", err)
	}
	zst, err := zstd.NewReader(bytes.NewReader(write(t, WriterOptions{Format: CSV, Compression: "zstd"}, table)))
	if err != nil {
		t.Fatal(err)
	}
	got, err = io.ReadAll(zst)
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("zstd: %v", err)
	}
}

func TestArrowReadsBack(t *testing.T) {
	table := sample(t, 500, 4)
	for _, format := range []Format{ArrowFile, ArrowStream} {
		for _, c := range format.Compressions() {
			data := write(t, WriterOptions{Format: format, Compression: c, Meta: table.Meta}, table)
			var records array.RecordReader
			if format == ArrowStream {
				r, err := ipc.NewReader(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				records = r
			} else {
				r, err := ipc.NewFileReader(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				rec, err := r.Record(0)
				if err != nil {
					t.Fatal(err)
				}
				records, err = array.NewRecordReader(r.Schema(), []arrow.Record{rec})
				if err != nil {
					t.Fatal(err)
				}
			}
			if !records.Schema().Equal(arrowSchema(table.Fields(), table.Meta)) {
				t.Errorf("%s %s: schema %v", format, c, records.Schema())
			}
			records.Next()
			rec := records.Record()
			for i := range table.Columns {
				for row := range table.Rows() {
					if a := rec.Column(i); a.IsNull(row) != table.Columns[i].Null(row) {
						t.Fatalf("%s %s: column %s, row %d: null %v", format, c, table.Columns[i].Name, row, a.IsNull(row))
					}
				}
			}
			loss := rec.Column(5).(*array.Float64).Float64Values()
			for row, want := range table.Column("loss").Float64s {
				if math.Float64bits(loss[row]) != math.Float64bits(want) {
					t.Fatalf("%s %s: loss[%d] = %v, not %v", format, c, row, loss[row], want)
				}
			}
			lists := rec.Column(10).(*array.List)
			for row := range table.Rows() {
				from, to := lists.ValueOffsets(row)
				want := table.Column("w").Float32List(row)
				if got := lists.ListValues().(*array.Float32).Float32Values()[from:to]; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("%s %s: w[%d] = %v, not %v", format, c, row, got, want)
				}
			}
		}
	}
}

func TestCSVReadsBack(t *testing.T) {
	table := sample(t, 2000, 6)
	r := csv.NewReader(bytes.NewReader(write(t, WriterOptions{Format: CSV}, table)))
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2001 {
		t.Fatalf("%d records", len(records))
	}
	for i := range table.Columns {
		c := &table.Columns[i]
		if records[0][i] != c.Name {
			t.Errorf("column %d is %s", i, records[0][i])
		}
		for row := range table.Rows() {
			text := records[row+1][i]
			switch {
			case c.Null(row):
				if text != "" {
					t.Fatalf("column %s, row %d: %q for a null", c.Name, row, text)
				}
			case c.Type == Float64:
				x, err := strconv.ParseFloat(text, 64)
				if err != nil || math.Float64bits(x) != math.Float64bits(c.Float64s[row]) {
					t.Fatalf("column %s, row %d: %q for %v", c.Name, row, text, c.Float64s[row])
				}
			case c.Type == Float32:
				x, err := strconv.ParseFloat(text, 32)
				if err != nil || math.Float32bits(float32(x)) != math.Float32bits(c.Float32s[row]) {
					t.Fatalf("column %s, row %d: %q for %v", c.Name, row, text, c.Float32s[row])
				}
			case c.Type.IsList():
				var list []float64
				if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != int(c.Offsets[row+1]-c.Offsets[row]) {
					t.Fatalf("column %s, row %d: %q", c.Name, row, text)
				}
			case c.Type == String:
				// encoding/csv reads CRLF in quotes as LF
				if text != strings.ReplaceAll(c.Strings.At(row), "\r\n", "\n") {
					t.Fatalf("column %s, row %d: %q for %q", c.Name, row, text, c.Strings.At(row))
				}
			}
		}
	}
}

func TestJSONLinesReadBack(t *testing.T) {
	table := sample(t, 2000, 6)
	d := json.NewDecoder(bytes.NewReader(write(t, WriterOptions{Format: JSONLines}, table)))
	for row := range table.Rows() {
		var object map[string]any
		if err := d.Decode(&object); err != nil {
			t.Fatalf("row %d: %v", row, err)
		}
		for i := range table.Columns {
			c := &table.Columns[i]
			got, ok := object[c.Name]
			switch {
			case !ok:
				t.Fatalf("row %d lacks %s", row, c.Name)
			case c.Null(row):
				if got != nil {
					t.Fatalf("column %s, row %d: %v for a null", c.Name, row, got)
				}
			case c.Type == Float64:
				if math.Float64bits(got.(float64)) != math.Float64bits(c.Float64s[row]) {
					t.Fatalf("column %s, row %d: %v for %v", c.Name, row, got, c.Float64s[row])
				}
			case c.Type == String:
				if got != c.Strings.At(row) {
					t.Fatalf("column %s, row %d: %q for %q", c.Name, row, got, c.Strings.At(row))
				}
			}
		}
	}
}

func TestTextOfFloats(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0.0", 1: "1.0", -2.5: "-2.5", 0.1: "0.1", 1e15: "1000000000000000.0", 1e16: "1e+16", 1e-4: "0.0001", 1e-5: "1e-05",
		123456.789: "123456.789", 20000: "20000.0", 5e-324: "5e-324", math.MaxFloat64: "1.7976931348623157e+308",
	} {
		if got := formatFloat(x, 64); got != want {
			t.Errorf("%v is written %s, not %s", x, got, want)
		}
	}
	if got := formatFloat(math.Copysign(0, -1), 64); got != "-0.0" {
		t.Errorf("-0 is written %s", got)
	}
	if got := formatFloat(float64(float32(0.1)), 32); got != "0.1" {
		t.Errorf("float32 0.1 is written %s", got)
	}
}

// A full disk at any byte is an error of Write or Close, with its cause.
func TestFullDisk(t *testing.T) {
	table := sample(t, 300, 8)
	full := errors.New("no space left on device")
	for _, format := range Formats() {
		size := len(write(t, WriterOptions{Format: format}, table))
		for room := 0; room < size; room += 1 + size/50 {
			w, err := NewWriter(&disk{room: room, err: full}, table.Fields(), WriterOptions{Format: format})
			if err == nil {
				err = errors.Join(w.Write(table), w.Close())
			}
			if !errors.Is(err, full) {
				t.Fatalf("%s, %d of %d bytes: %v", format, room, size, err)
			}
		}
	}
}

type disk struct {
	room int
	err  error
}

func (d *disk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		n := d.room
		d.room = 0
		return n, d.err
	}
	d.room -= len(p)
	return len(p), nil
}

func TestWriterRefuses(t *testing.T) {
	table := sample(t, 3, 1)
	for _, o := range []WriterOptions{{}, {Format: "xlsx"}, {Format: CSV, Compression: "snappy"}, {Format: ArrowFile, Meta: map[string]string{"pandas": "x"}}} {
		if _, err := NewWriter(io.Discard, table.Fields(), o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	w, err := NewWriter(io.Discard, table.Fields(), WriterOptions{Format: Parquet})
	if err != nil {
		t.Fatal(err)
	}
	other, err := table.Select("seed")
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, w.Write(other), "does not fit the file", "lacks the column flag")
	wantError(t, w.Close(), "does not fit the file")
}
