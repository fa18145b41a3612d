package frame

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
)

// TestMalformed reads files that others' readers go round for ever in, or that ask them for more memory than
// there is: the error says where.
func TestMalformed(t *testing.T) {
	for _, name := range tableFiles(t, "testdata/damaged") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Decode(data)
		wantError(t, err, "frame: column ", "row group 0: damaged: ")
	}
}

// smallLimit bounds the work of tests with files that may promise anything.
const smallLimit = 1 << 20

func TestLimit(t *testing.T) {
	const rows = 200_000
	zeros := make([]int64, rows)
	words := make([]string, rows)
	for i := range words {
		words[i] = strconv.Itoa(i % 300) // more than are coded
	}
	lists := make([]float64, 8*1000)
	for name, c := range map[string]Column{
		"numbers": Int64s(Field{Name: "a"}, zeros),
		"text":    Strings(Field{Name: "a"}, words),
		"codes":   CodedStrings(Field{Name: "a"}, []string{"x"}, make([]uint8, 6*rows)),
		"truth":   Nulls(Field{Name: "a", Type: String}, 6*rows),
	} {
		data := encode(t, &Table{Columns: []Column{c}})
		if len(data) > 20_000 {
			t.Fatalf("%s: %d bytes are no test of what unpacks to more", name, len(data))
		}
		before := allocated()
		_, err := decode(data, nil, smallLimit)
		wantError(t, err, "column a", "more than 1.0 MB of memory, the limit for one table", "--memory or SPURION_MEMORY raises it")
		var large *TooLargeError
		if !errors.As(err, &large) || large.Limit != smallLimit {
			t.Errorf("%s: %v is no TooLargeError", name, err)
		}
		most := int64(1 << 20)
		if name == "text" {
			most = 2 << 20 // a page is unpacked before it shows that many differ
		}
		if used := allocated() - before; used > most {
			t.Errorf("%s: refused after %d bytes were taken", name, used)
		}
		if _, err := decode(data, nil, 4<<20); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := encode(t, &Table{Columns: []Column{Float64Lists(Field{Name: "a"}, lists, EqualOffsets(8, 1000))}})
	_, err := decode(long, nil, 60_000)
	wantError(t, err, "60.0 kB of memory")
	if _, err := decode(long, nil, 70_000); err != nil {
		t.Error(err)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(3 * 60_000))
	_, err = Decode(long)
	wantError(t, err, "60.0 kB of memory")
}

func allocated() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.TotalAlloc)
}

// TestMutated changes files of others: whatever comes of it takes no more memory than is allowed.
func TestMutated(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range tableFiles(t, "testdata/foreign") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 150 {
			bad := bytes.Clone(data)
			for range 1 + r.IntN(3) {
				at := r.IntN(len(bad))
				switch r.IntN(3) {
				case 0:
					bad[at] ^= 1 << r.IntN(8)
				case 1:
					bad[at] = byte(r.IntN(256))
				default:
					copy(bad[at:], "\xff\xff\xff\xff\x0f")
				}
			}
			before := allocated()
			checkDecoded(t, bad)
			// what is decoded, once more while slices grow, and what Arrow makes of a footer
			if used := allocated() - before; used > 16<<20 {
				t.Fatalf("%s: %d bytes for a file of %d", filepath.Base(name), used, len(bad))
			}
		}
	}
}

// TestEveryBit changes each bit of a file in which nothing is compressed, so that the levels of lists and nulls,
// what they are of, and every number in a header come to say something else.
func TestEveryBit(t *testing.T) {
	lists := func(values ...[]float32) Column {
		b := NewBuilder([]Field{{Name: "a", Type: Float32List, Nullable: true}})
		for _, v := range values {
			if v == nil {
				b.Null("a")
			} else {
				b.Float32List("a", v)
			}
			b.EndRow()
		}
		table, err := b.Table()
		if err != nil {
			t.Fatal(err)
		}
		return table.Columns[0]
	}
	for name, c := range map[string]Column{
		"lists": lists(nil, []float32{1, 2}, []float32{}, []float32{3}, nil, []float32{}, []float32{4, 5}),
		"signs": PackedSigns(Field{Name: "a", Length: 9}, []uint64{3, 0x1ff, 0, 0x100}).WithValid([]bool{true, true, false, true}),
		"bytes": PackedBytes(Field{Name: "a", Length: 2, Scale: .5, Offset: 1}, []uint8{1, 2, 3, 4, 0, 0, 7, 8}).WithValid([]bool{true, true, false, true}),
		"nulls": {Field: Field{Name: "a", Type: String, Nullable: true}, Strings: TextsOf([]string{"x", "", "z", "x"}), Valid: []bool{true, false, true, true}},
	} {
		var file bytes.Buffer
		w, err := NewWriter(&file, []Field{c.Field}, WriterOptions{Format: Parquet, Compression: "none"})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write(&Table{Columns: []Column{c}}), w.Close()); err != nil {
			t.Fatal(err)
		}
		for at := range file.Len() {
			for bit := range 8 {
				bad := bytes.Clone(file.Bytes())
				bad[at] ^= 1 << bit
				checkDecoded(t, bad)
				if t.Failed() {
					t.Fatalf("%s: bit %d of byte %d", name, bit, at)
				}
			}
		}
	}
}

// checkDecoded reads the file, and checks what is promised of a table that is read.
func checkDecoded(t *testing.T, data []byte) *Table {
	table, err := decode(data, nil, smallLimit)
	if err != nil {
		return nil
	}
	for i := range table.Columns {
		c := &table.Columns[i]
		if err := c.checkShape(); err != nil {
			t.Fatalf("decoded without error, but %v", err)
		}
		if c.Len() != table.Rows() {
			t.Fatalf("column %s has %d of %d rows", c.Name, c.Len(), table.Rows())
		}
	}
	return table
}

// FuzzDecode has seeds of every encoding, codec and type that other programs write. The limit bounds what
// one input may take.
func FuzzDecode(f *testing.F) {
	f.Add(encode(f, sample(f, 40, 1)))
	f.Add(encode(f, sample(f, 0, 1)))
	f.Add(encode(f, &Table{Columns: []Column{Strings(Field{Name: "s"}, []string{"a", "b", "a"})}}))
	for _, length := range []int{1, 64, 100} {
		c, _ := drawnSigns(20, length, length == 64)
		f.Add(encode(f, &Table{Columns: []Column{c}}))
	}
	for _, length := range []int{1, 6, 100} {
		c, _ := drawnBytes(20, length, length == 6)
		f.Add(encode(f, &Table{Columns: []Column{c}}))
	}
	f.Add([]byte("PAR1\x00\x00\x00\x00PAR1"))
	for _, folder := range []string{"testdata/foreign", "testdata/damaged"} {
		for _, name := range tableFiles(f, folder) {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table := checkDecoded(t, data)
		if table == nil || table.Check(nil) != nil || checkMeta(table.Meta) != nil {
			return // names and metadata that only other programs write
		}
		again, err := Decode(encode(t, table))
		if err != nil {
			t.Fatal(err)
		}
		sameTable(t, again, table)
	})
}
