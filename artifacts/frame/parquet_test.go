package frame

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

func encode(t testing.TB, table *Table) []byte {
	t.Helper()
	data, err := Encode(table)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTripIsExact(t *testing.T) {
	for _, n := range []int{0, 1, 2, 63, 1000, 1024, 16384, 16385, 40000} {
		want := sample(t, n, uint64(n))
		got, err := Decode(encode(t, want))
		if err != nil {
			t.Fatalf("%d rows: %v", n, err)
		}
		sameTable(t, got, want)
	}
}

func TestNoColumns(t *testing.T) {
	got, err := Decode(encode(t, &Table{}))
	if err != nil || len(got.Columns) != 0 {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestAllNull(t *testing.T) {
	b := NewBuilder(sampleFields[3:5])
	for range 3000 {
		b.Null("step")
		b.Null("weight")
		b.EndRow()
	}
	want, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(encode(t, want))
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, got, want)
}

// Golden digests: the bytes of a file are part of every key downstream, so that they must not
// change with the library, the processor or the day. If they must, every kind's Version is raised.
func TestGoldenDigests(t *testing.T) {
	long := make([]float64, 300_000)
	names := make([]string, len(long))
	for i := range long {
		long[i] = math.Sqrt(float64(i))
		names[i] = fmt.Sprint("distinct-", int64(i)*7919%int64(len(long)))
	}
	for _, test := range []struct {
		name  string
		table *Table
		want  string
	}{
		{"every type", sample(t, 1000, 1), "7b1de152ad3dac0133e5325dddb6197edfe435c12da10eede96a20227804ae3b"},
		{"no rows", sample(t, 0, 1), "dbf329b3d3013c96c71cbc3b04e47497c6b04a72c814e0320496fb0c59e2d76c"},
		{"one row", sample(t, 1, 1), "a3825a35ad9ab1ddfda729023c21e7586efb3187a0682ac9372f04670bf01f72"},
		{"no columns", &Table{}, "0621397a1dab44d96f2ebf003ad30aff89093af2af4c1235eaa02603749df220"},
		{"several row groups, large dictionaries", &Table{Columns: []Column{
			Float64s(Field{Name: "x"}, long), Strings(Field{Name: "s"}, names)}}, "5103a0e2a4dd1627bd34fa63b0e52d791ffb42261e87e3a28a06aecdfaa18a15"},
	} {
		sum := sha256.Sum256(encode(t, test.table))
		if got := hex.EncodeToString(sum[:]); got != test.want {
			t.Errorf("%s: the bytes changed: %s, were %s", test.name, got, test.want)
		}
	}
}

func TestBytesDependOnTheTableAlone(t *testing.T) {
	tables := make([]*Table, 12)
	want := make([][]byte, len(tables))
	for i := range tables {
		tables[i] = sample(t, 200+37*i, uint64(i))
		want[i] = encode(t, tables[i])
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 3 * len(tables) {
				j := (i*5 + worker) % len(tables)
				got, err := Encode(tables[j])
				if err != nil || !bytes.Equal(got, want[j]) {
					t.Errorf("table %d: other bytes with other work beside it (%v)", j, err)
				}
			}
		}()
	}
	wg.Wait()
	// what stands in the slot of a null does not count
	dirty := sample(t, 200, 0)
	for i := range dirty.Column("t95").Valid {
		if !dirty.Column("t95").Valid[i] {
			dirty.Column("t95").Float64s[i] = math.NaN()
		}
	}
	if !bytes.Equal(encode(t, dirty), want[0]) {
		t.Error("a null's slot changes the bytes")
	}
	// nor whether a nullable column without nulls says so
	a := &Table{Columns: []Column{Int64s(Field{Name: "a"}, []int64{1, 2}).WithValid(nil)}}
	b := &Table{Columns: []Column{Int64s(Field{Name: "a"}, []int64{1, 2}).WithValid([]bool{true, true})}}
	if !Equal(a, b) || !bytes.Equal(encode(t, a), encode(t, b)) {
		t.Error("a nullable column without nulls has two forms")
	}
}

func TestDecodeColumns(t *testing.T) {
	table := sample(t, 100, 3)
	got, err := DecodeColumns(encode(t, table), "w", "seed")
	if err != nil {
		t.Fatal(err)
	}
	want, err := table.Select("w", "seed")
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, got, want)
	_, err = DecodeColumns(encode(t, table), "w", "nosuch")
	wantError(t, err, "nosuch")
}

func TestDecodeFields(t *testing.T) {
	table := sample(t, 123, 3)
	head, rows, err := DecodeFields(encode(t, table))
	if err != nil || rows != 123 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	sameTable(t, head, &Table{Columns: emptyTable(sampleFields).Columns, Meta: table.Meta})
}

func TestEncodeRefuses(t *testing.T) {
	bad := &Table{Columns: []Column{Float64s(Field{Name: "loss"}, []float64{1, math.NaN()})}}
	_, err := Encode(bad)
	wantError(t, err, "column loss, row 1: NaN")
	_, err = Encode(&Table{Meta: map[string]string{"ARROW:schema": "x"}})
	wantError(t, err, "reserved")
	_, err = Encode(&Table{Meta: map[string]string{"a": "\xff"}})
	wantError(t, err, "UTF-8")
}

func TestMemoryIsReleased(t *testing.T) {
	table := sample(t, 20_000, 5)
	for _, format := range Formats() {
		for _, compression := range format.Compressions() {
			mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
			var buf bytes.Buffer
			w, err := newWriter(&buf, table.Fields(), WriterOptions{Format: format, Compression: compression}, mem)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(w.Write(table), w.Close()); err != nil {
				t.Fatal(err)
			}
			mem.AssertSize(t, 0)
			if format != Parquet {
				continue
			}
			if _, err := Decode(buf.Bytes()); err != nil {
				t.Fatalf("%s: %v", compression, err)
			}
			mem.AssertSize(t, 0)
		}
	}
}

// TestDamage flips, cuts and zeroes: an error or a table must come, and never a panic. Parquet has
// no checksums, so that a flipped value may pass here; the store compares digests.
func TestDamage(t *testing.T) {
	data := encode(t, sample(t, 30, 9))
	try := func(what string, bad []byte) {
		table, err := Decode(bad)
		if err == nil && table.Rows() != 30 {
			t.Errorf("%s: %d rows without an error", what, table.Rows())
		}
	}
	for i := 0; i < len(data); i += 3 {
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i / 3 % 8)
		try(fmt.Sprintf("bit %d of byte %d flipped", i/3%8, i), bad)
	}
	for n := 0; n < len(data); n += 7 {
		if _, err := Decode(data[:n]); err == nil {
			t.Errorf("cut to %d bytes: no error", n)
		}
	}
	for i := 0; i+16 <= len(data); i += 16 {
		bad := bytes.Clone(data)
		clear(bad[i : i+16])
		try(fmt.Sprintf("zeros at %d", i), bad)
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range []int{0, 100, 100_000} {
		table := sample(b, n, 1)
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				encode(b, table)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{0, 100, 100_000} {
		data := encode(b, sample(b, n, 1))
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestSmallTablesTakeLittle bounds what is allocated to read a table of one row whose schema has been read before.
func TestSmallTablesTakeLittle(t *testing.T) {
	data := encode(t, sample(t, 1, 1))
	read := func() {
		if _, err := Decode(data); err != nil {
			t.Fatal(err)
		}
	}
	read()
	const times = 100
	before := allocated()
	for range times {
		read()
	}
	if got := (allocated() - before) / times; got > 40<<10 {
		t.Errorf("%d bytes are allocated to read one row", got)
	}
}

// TestSmallTablesAreWrittenWithLittle bounds what is allocated to write a table of one row whose schema has been written before.
func TestSmallTablesAreWrittenWithLittle(t *testing.T) {
	table := sample(t, 1, 1)
	encode(t, table)
	const times = 100
	before := allocated()
	for range times {
		encode(t, table)
	}
	if got := (allocated() - before) / times; got > 60<<10 {
		t.Errorf("%d bytes are allocated to write one row", got)
	}
}

// TestSchemasAreToldApart reads tables in turn whose schemas differ in one respect, each more often than schemas are remembered.
func TestSchemasAreToldApart(t *testing.T) {
	f := Field{Name: "a", Unit: "1", Doc: "doc"}
	other := func(change func(*Field)) Field { g := f; change(&g); return g }
	tables := []*Table{{}}
	for _, f := range []Field{f, other(func(f *Field) { f.Name = "b" }), other(func(f *Field) { f.Unit = "steps" }),
		other(func(f *Field) { f.Doc = "another" }), other(func(f *Field) { f.Mark = MarkGroup }), other(func(f *Field) { f.Nullable = true })} {
		tables = append(tables, &Table{Columns: []Column{Int64s(f, []int64{1})}}, &Table{Columns: []Column{Int8s(f, []int8{1})}},
			&Table{Columns: []Column{Int64s(f, []int64{1}), Int64s(Field{Name: "c"}, []int64{2})}})
	}
	for i := range rememberedSchemas {
		tables = append(tables, &Table{Columns: []Column{Int64s(Field{Name: fmt.Sprint("x", i)}, []int64{1})}})
	}
	var files [][]byte
	for _, table := range tables {
		files = append(files, encode(t, table))
	}
	for range 2 {
		for i, data := range files {
			got, err := Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			sameTable(t, got, tables[i])
			if len(got.Columns) > 0 {
				got.Columns[0].Doc = "changed" // who reads a table may change it
			}
		}
	}
}
