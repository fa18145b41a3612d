package frame

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"weak"
)

// largeTables have more than one row group, of lists of equal length, of lists of which some are null or empty, and of bytes.
func largeTables(t *testing.T) map[string]*Table {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	const rows, length = 18_000, 1024
	floats := make([]float32, rows*length)
	for i := range floats {
		floats[i] = r.Float32()
	}
	pixels := make([]uint8, 12_000*6144)
	for i := range pixels {
		pixels[i] = uint8(r.Uint64())
	}
	uneven := Float32Lists(Field{Name: "x"}, floats, EqualOffsets(rows, length))
	uneven.Offsets = []int32{0}
	uneven = uneven.WithValid(make([]bool, 2*rows))
	for i := range 2 * rows {
		to := uneven.Offsets[i]
		if i%2 == 0 {
			to += length
		}
		uneven.Offsets, uneven.Valid[i] = append(uneven.Offsets, to), i%4 != 3
	}
	one := func(c Column) *Table { return &Table{Columns: []Column{c}} }
	return map[string]*Table{
		"lists":  one(Float32Lists(Field{Name: "x"}, floats, EqualOffsets(rows, length))),
		"uneven": one(uneven),
		"bytes":  one(PackedBytes(Field{Name: "x", Length: 6144}, pixels)),
	}
}

// TestLargeTablesAreNotCopied bounds what is allocated to write and read tables: little beside the values to a file, the file and what it is made of
// in memory, the values when they are read.
func TestLargeTablesAreNotCopied(t *testing.T) {
	for name, table := range largeTables(t) {
		values := table.Bytes()
		before := allocated()
		w, err := NewWriter(io.Discard, table.Fields(), WriterOptions{Format: Parquet})
		if err == nil {
			err = errors.Join(w.Write(table), w.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		// encoders of zstd, and buffers for a page
		if used := allocated() - before; used > 30<<20 {
			t.Errorf("%s: %d bytes were allocated to write %d", name, used, values)
		}

		before = allocated()
		data := encode(t, table)
		// room for the first row group, which tells the size of the file
		if used := allocated() - before; used > int64(len(data)+len(data)/10)+2*groupBytes {
			t.Errorf("%s: %d bytes were allocated to encode %d", name, used, len(data))
		}
		if spare := cap(data) - len(data); spare > len(data)/8 {
			t.Errorf("%s: a file of %d bytes keeps %d more", name, len(data), spare)
		}

		for what, data := range map[string][]byte{"Parquet": data, "Arrow": write(t, WriterOptions{Format: ArrowFile}, table)} {
			before = allocated()
			got, err := Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			if used := allocated() - before; used > values+values/10+10<<20 {
				t.Errorf("%s, %s: %d bytes were allocated to read %d", name, what, used, values)
			}
			if !Equal(got, table) {
				t.Errorf("%s, %s: another table is read", name, what)
			}
		}
	}
}

// TestFilesAreLetGo: nothing holds on to a file that was read, not even a codec.
func TestFilesAreLetGo(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	floats := make([]float32, 1<<18)
	for i := range floats {
		floats[i] = r.Float32()
	}
	table := &Table{Columns: []Column{Float32Lists(Field{Name: "x"}, floats, EqualOffsets(256, 1024))}}
	for _, compression := range []string{"zstd", "snappy", "gzip", "none"} {
		var b bytes.Buffer
		w, err := NewWriter(&b, table.Fields(), WriterOptions{Format: Parquet, Compression: compression})
		if err == nil {
			err = errors.Join(w.Write(table), w.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		data := b.Bytes()
		file := weak.Make(&data[0])
		got, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		b, data = bytes.Buffer{}, nil
		runtime.GC()
		if file.Value() != nil {
			t.Errorf("%s: the file stays in memory after it was read", compression)
		}
		runtime.KeepAlive(got)
	}
}

// TestRowsBeyondCounting: a promise of more rows than an int64 has bytes for is refused, not rounded.
func TestRowsBeyondCounting(t *testing.T) {
	b := budget{limit: 1 << 32}
	wantError(t, b.holdRows(maxRows, maxPacked), "more than")
	if err := b.holdRows(1<<10, 1<<20); err != nil || b.held != 1<<30 {
		t.Errorf("%d are held, %v", b.held, err)
	}
	wantError(t, b.holdRows(1<<12, 1<<20), "more than")
	if err := b.holdRows(maxRows, 0); err != nil {
		t.Error(err)
	}
}
