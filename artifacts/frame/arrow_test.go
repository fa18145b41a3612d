package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArrowGoesRound writes tables of every type as Arrow, in batches, and reads them again: values, fields and metadata.
func TestArrowGoesRound(t *testing.T) {
	signs, _ := drawnSigns(70, 100, true)
	pixels, _ := drawnBytes(70, 6, true)
	times := &Table{Columns: []Column{Int64s(Field{Name: "a"}, []int64{0, 1, 2})}}
	for kind := Timestamp; kind <= TimeOfDay; kind++ {
		c := Int64s(Field{Name: "t" + string('a'+rune(kind))}, []int64{0, 7, 86_399})
		c.Type = kind
		times.Columns = append(times.Columns, c)
	}
	for name, table := range map[string]*Table{
		"sample": sample(t, 500, 4), "signs": {Columns: []Column{signs}}, "bytes": {Columns: []Column{pixels}}, "times": times, "no rows": sample(t, 0, 1),
	} {
		for _, format := range []Format{ArrowFile, ArrowStream} {
			for _, c := range format.Compressions() {
				data := write(t, WriterOptions{Format: format, Compression: c, Meta: table.Meta}, table)
				got, err := Decode(data)
				if err != nil {
					t.Fatalf("%s, %s, %s: %v", name, format, c, err)
				}
				sameTable(t, got, table)
				head, rows, err := DecodeFields(data)
				if err != nil || rows != int64(table.Rows()) || len(head.Columns) != len(table.Columns) {
					t.Errorf("%s, %s, %s: %d rows are promised, %v", name, format, c, rows, err)
				}
				last := table.Columns[len(table.Columns)-1]
				one, err := DecodeColumns(data, last.Name)
				if err != nil {
					t.Fatal(err)
				}
				sameTable(t, one, &Table{Columns: []Column{last}, Meta: table.Meta})
			}
		}
	}
}

// arrowSeeds are the files of Arrow that other programs wrote.
func arrowSeeds(t testing.TB) map[string][]byte {
	t.Helper()
	seeds := map[string][]byte{}
	for _, name := range tableFiles(t, "testdata/foreign") {
		if strings.HasSuffix(name, ".parquet") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		seeds[filepath.Base(name)] = data
	}
	return seeds
}

// TestArrowCutShort cuts files and streams at every place: each is an error, as nothing is to be read in part.
func TestArrowCutShort(t *testing.T) {
	for name, data := range arrowSeeds(t) {
		for n := range len(data) {
			if n%8 != 0 && n < len(data)-16 {
				continue
			}
			if _, err := decode(data[:n], nil, smallLimit); err == nil {
				t.Fatalf("%s: %d of %d bytes are read without an error", name, n, len(data))
			}
		}
	}
}

// TestArrowEveryBit changes each bit of small files that are not compressed.
func TestArrowEveryBit(t *testing.T) {
	for _, name := range []string{"arrow-none.arrow", "arrow-lists.arrow", "arrow-strings.arrow", "arrow-deltas.arrows", "arrow-views.arrow"} {
		data := arrowSeeds(t)[name]
		for at := range data {
			before := allocated()
			for bit := range 8 {
				bad := bytes.Clone(data)
				bad[at] ^= 1 << bit
				checkDecoded(t, bad)
			}
			if used := allocated() - before; used > 16<<20 || t.Failed() {
				t.Fatalf("%s: byte %d: %d bytes were allocated", name, at, used)
			}
		}
	}
}

// TestArrowDamage has files whose lengths lie: the error says where, and that it is damage.
func TestArrowDamage(t *testing.T) {
	seeds := arrowSeeds(t)
	file, packed := seeds["arrow-none.arrow"], seeds["arrow-zstd.arrow"]
	footer := len(file) - 10 - int(binary.LittleEndian.Uint32(file[len(file)-10:]))
	for name, c := range map[string]struct {
		data []byte
		want []string
	}{
		"nothing but the mark":      {[]byte("ARROW1\x00\x00"), []string{"not a whole Arrow file", "cut short"}},
		"no end":                    {file[:len(file)-3], []string{"not a whole Arrow file", "cut short"}},
		"a footer without end":      {changed(file, len(file)-10, 0xff), []string{"not a whole Arrow file", "damaged: a footer of"}},
		"a stream without end":      {seeds["arrow-stream-none.arrows"][:len(seeds["arrow-stream-none.arrows"])-8], []string{"message", "cut short"}},
		"an old stream":             {append([]byte("\xff\xff\xff\xff\x00\x00\x00\x00"), file...), []string{"it has no schema"}},
		"a footer of zeros":         {append(append(bytes.Clone(file[:footer]), make([]byte, len(file)-10-footer)...), file[len(file)-10:]...), []string{"not a whole Arrow file", "no schema"}},
		"packed to what is no zstd": {bytes.ReplaceAll(packed, []byte("\x28\xb5\x2f\xfd"), []byte("\x28\xb5\x2f\xfe")), []string{"column ", "record batch 0: damaged: a buffer unpacks to"}},
	} {
		_, err := Decode(c.data)
		if err == nil {
			t.Errorf("%s: it is read", name)
			continue
		}
		wantError(t, err, c.want...)
	}
}

// changed gives the bytes with others at a place.
func changed(data []byte, at int, to ...byte) []byte {
	bad := bytes.Clone(data)
	copy(bad[at:], append(to, 0xff, 0xff, 0xff))
	return bad
}

// TestArrowLimit: what is packed is not unpacked beyond the limit, and little is allocated before that is known.
func TestArrowLimit(t *testing.T) {
	const rows = 400_000
	words := make([]string, rows)
	for i := range words {
		words[i] = string([]rune{rune('a' + i%20), rune('a' + i/20%20)}) // more than are coded
	}
	for name, c := range map[string]Column{
		"numbers": Int64s(Field{Name: "a"}, make([]int64, rows)),
		"text":    Strings(Field{Name: "a"}, words),
		"codes":   CodedStrings(Field{Name: "a"}, []string{"x"}, make([]uint8, 3*rows)),
		"lists":   Float32Lists(Field{Name: "a"}, make([]float32, rows), EqualOffsets(4, rows/4)),
	} {
		for _, compression := range []string{"lz4", "zstd"} {
			data := write(t, WriterOptions{Format: ArrowFile, Compression: compression}, &Table{Columns: []Column{c}})
			before := allocated()
			_, err := decode(data, nil, smallLimit)
			wantError(t, err, "column a", "more than 1.0 MB of memory, the limit for one table")
			var large *TooLargeError
			if !errors.As(err, &large) || large.Limit != smallLimit {
				t.Errorf("%s, %s: %v is no TooLargeError", name, compression, err)
			}
			if used := allocated() - before; used > 3<<20 { // offsets and texts are unpacked before it shows that many differ
				t.Errorf("%s, %s: refused after %d bytes were taken", name, compression, used)
			}
			got, err := decode(data, nil, 16<<20)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, compression, err)
			}
			sameTable(t, got, &Table{Columns: []Column{c}})
		}
	}
}

// FuzzDecodeArrow has seeds of every type and codec that other programs write.
func FuzzDecodeArrow(f *testing.F) {
	for _, data := range arrowSeeds(f) {
		f.Add(data)
	}
	for _, format := range []Format{ArrowFile, ArrowStream} {
		f.Add(write(f, WriterOptions{Format: format, Compression: "lz4"}, sample(f, 20, 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !IsArrow(data) {
			return
		}
		table := checkDecoded(t, data)
		if table == nil || table.Check(nil) != nil || checkMeta(table.Meta) != nil {
			return // names and metadata that only other programs write
		}
		again, err := Decode(write(t, WriterOptions{Format: ArrowFile, Meta: table.Meta}, table))
		if err != nil {
			t.Fatal(err)
		}
		sameTable(t, again, table)
	})
}
