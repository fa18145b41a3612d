package frame

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
)

// arrowParquet is a groupWriter that writes with Arrow's own writer of columns, whose bytes are those of all tables in stores.
type arrowParquet struct{ file *file.Writer }

// arrowZstd has Arrow's writer compress with the encoders of this package, of the level that is zstdLevel or zstdPixelLevel.
type arrowZstd struct{ compress.Codec }

func (arrowZstd) Encode(dst, src []byte) []byte { return zstdValues.compress(dst, src) }

func (a arrowZstd) EncodeLevel(dst, src []byte, level int) []byte {
	if level == int(zstdPixelLevel) {
		return zstdPixels.compress(dst, src)
	}
	return a.Encode(dst, src)
}

func init() {
	arrows, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		panic(err)
	}
	compress.RegisterCodec(compress.Codecs.Zstd, arrowZstd{arrows})
}

func newArrowParquet(w io.Writer, fields []Field, meta map[string]string, compression string) (*arrowParquet, error) {
	root, err := parquetSchema(fields)
	if err != nil {
		return nil, err
	}
	pairs, err := fileMetadata(fields, meta)
	if err != nil {
		return nil, err
	}
	kv := metadata.NewKeyValueMetadata()
	for _, p := range pairs {
		if err := kv.Append(p[0], p[1]); err != nil {
			return nil, err
		}
	}
	return &arrowParquet{file.NewParquetWriter(w, root, file.WithWriterProps(writerProperties(fields, codecs[compression])), file.WithWriteMetadata(kv))}, nil
}

func (p *arrowParquet) writeGroup(t *Table) error {
	group := p.file.AppendRowGroup()
	for i := range t.Columns {
		cw, err := group.NextColumn()
		if err != nil {
			return err
		}
		if err := writeArrowColumn(cw, &t.Columns[i]); err != nil {
			return fmt.Errorf("column %s: %w", t.Columns[i].Name, err)
		}
	}
	return group.Close()
}

func (p *arrowParquet) close() error { return p.file.FlushWithFooter() }

// writeArrowColumn writes whole rows of at least rowsPerBlock levels at once, for pages are cut within what is written at once.
func writeArrowColumn(cw file.ColumnChunkWriter, c *Column) error {
	var def, rep []int16
	first := 0 // row
	for row := range c.Len() {
		base := int16(0)
		if c.Nullable {
			base = 1
		}
		switch {
		case !c.Type.hasOffsets() && c.Nullable && c.Null(row):
			def = append(def, 0)
		case !c.Type.hasOffsets():
			def = append(def, base)
		case c.Null(row):
			def, rep = append(def, 0), append(rep, 0)
		case c.Offsets[row] == c.Offsets[row+1]:
			def, rep = append(def, base), append(rep, 0)
		default:
			for i := range c.Offsets[row+1] - c.Offsets[row] {
				def, rep = append(def, base+1), append(rep, int16(min(i, 1)))
			}
		}
		if len(def) < rowsPerBlock && row < c.Len()-1 {
			continue
		}
		if !c.Type.hasOffsets() && !c.Nullable {
			def = nil
		}
		if err := writeArrowRows(cw, c, first, row+1, def, rep); err != nil {
			return err
		}
		first, def, rep = row+1, nil, nil
	}
	return nil
}

func writeArrowRows(cw file.ColumnChunkWriter, c *Column, from, to int, def, rep []int16) (err error) {
	var int32s []int32
	var texts []parquet.ByteArray
	var rows []parquet.FixedLenByteArray
	exists := func(i int) bool { return !c.Null(i) }
	if c.Type.hasOffsets() {
		from, to = int(c.Offsets[from]), int(c.Offsets[to])
		exists = func(int) bool { return true }
	}
	for i := from; i < to; i++ {
		switch {
		case !exists(i):
		case c.Type == Date:
			int32s = append(int32s, int32(c.Int64s[i]))
		case c.Type.stored() == Int8:
			int32s = append(int32s, int32(c.Int8s[i]))
		case c.Type == String:
			texts = append(texts, parquet.ByteArray(c.Strings.At(i)))
		case c.Type == Signs:
			rows = append(rows, c.storedSigns(nil, i, i+1))
		case c.Type == Bytes:
			rows = append(rows, c.ByteRow(i))
		}
	}
	switch cw := cw.(type) {
	case *file.BooleanColumnChunkWriter:
		_, err = cw.WriteBatch(existing(c.Bools, from, to, exists), def, rep)
	case *file.Int32ColumnChunkWriter:
		_, err = cw.WriteBatch(int32s, def, rep)
	case *file.Int64ColumnChunkWriter:
		_, err = cw.WriteBatch(existing(c.Int64s, from, to, exists), def, rep)
	case *file.Float32ColumnChunkWriter:
		_, err = cw.WriteBatch(existing(c.Float32s, from, to, exists), def, rep)
	case *file.Float64ColumnChunkWriter:
		_, err = cw.WriteBatch(existing(c.Float64s, from, to, exists), def, rep)
	case *file.ByteArrayColumnChunkWriter:
		_, err = cw.WriteBatch(texts, def, rep)
	case *file.FixedLenByteArrayColumnChunkWriter:
		_, err = cw.WriteBatch(rows, def, rep)
	}
	return err
}

func existing[T any](values []T, from, to int, exists func(int) bool) (out []T) {
	for i := from; i < to; i++ {
		if exists(i) {
			out = append(out, values[i])
		}
	}
	return out
}

func writerProperties(fields []Field, codec compress.Compression) *parquet.WriterProperties {
	options := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_6),
		parquet.WithDataPageVersion(parquet.DataPageV1), // what every reader reads
		parquet.WithCreatedBy(createdBy),
		parquet.WithRootName("schema"),
		parquet.WithCompression(codec),
		parquet.WithCompressionLevel(compress.DefaultCompressionLevel), // zstd's is zstdLevel; gzip's its own
		parquet.WithDataPageSize(dataPageBytes),
		parquet.WithDictionaryPageSizeLimit(1 << 30),
		parquet.WithBatchSize(batchLevels),
		parquet.WithMaxRowGroupLength(groupRows),
		parquet.WithMaxStatsSize(maxStatisticsBytes),
		parquet.WithStats(true),
		parquet.WithDictionaryDefault(false),
		parquet.WithEncoding(parquet.Encodings.Plain),
	}
	for _, f := range fields {
		// Strings repeat, and an int8 has 256 values; dictionaries of measured numbers would only
		// be given up later.
		switch f.Type {
		case String, Int8:
			options = append(options, parquet.WithDictionaryFor(f.Name, true))
		case Int8List:
			options = append(options, parquet.WithDictionaryFor(f.Name+".list.element", true))
		case Bytes: // none are in an order
			options = append(options, parquet.WithStatsFor(f.Name, false), parquet.WithBatchSize(int64(f.batchRows())))
			if codec == compress.Codecs.Zstd {
				options = append(options, parquet.WithCompressionLevelFor(f.Name, int(zstdPixelLevel)))
			}
		case Signs: // drawn bits: no bytes are rarer than others, and none are in an order
			options = append(options, parquet.WithCompressionFor(f.Name, compress.Codecs.Uncompressed), parquet.WithStatsFor(f.Name, false))
		}
	}
	return parquet.NewWriterProperties(options...)
}

// asArrowDoes fails unless the file has the bytes that Arrow's writer gives for the table.
func asArrowDoes(t *testing.T, what string, table *Table, compression string) {
	t.Helper()
	var got, want bytes.Buffer
	w, err := NewWriter(&got, table.Fields(), WriterOptions{Format: Parquet, Compression: compression, Meta: table.Meta})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := newArrowParquet(&want, table.Fields(), table.Meta, compression)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []*Writer{w, {fields: table.Fields(), groups: groups}} {
		if err := w.Write(table); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	a, b := got.Bytes(), want.Bytes()
	if bytes.Equal(a, b) {
		return
	}
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	t.Errorf("%s, %s, %d rows: byte %d of %d differs from Arrow's %d: % x, not % x", what, compression, table.Rows(), at, len(a), len(b),
		a[at:min(at+16, len(a))], b[at:min(at+16, len(b))])
}

// TestBytesAreArrows compares files with Arrow's writer: random columns of each type with and without nulls, from values that repeat
// in runs of random length, and so many rows that batches, pages and row groups end inside.
func TestBytesAreArrows(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	lengths := []int{1, 2, 7, 8, 9, 63, 64, 65, 504, 505, 513, 1023, 1024, 1025, 5000, 16384, 16385, 40000, groupRows + 3000}
	for kind := Bool; kind <= Bytes; kind++ {
		for _, nullable := range []bool{false, true} {
			for _, rows := range lengths {
				table := &Table{Columns: []Column{randomColumn(r, kind, nullable, rows)}, Meta: map[string]string{"rows": fmt.Sprint(rows)}}
				what := fmt.Sprintf("%v, nullable %v", kind, nullable)
				asArrowDoes(t, what, table, "none")
				if rows == 1025 {
					for _, compression := range Parquet.Compressions() {
						asArrowDoes(t, what, table, compression)
					}
				}
			}
		}
	}
	for _, rows := range []int{0, 1, 2, 40, 3000} {
		asArrowDoes(t, "every type", sample(t, rows, uint64(rows)), "zstd")
	}
	asArrowDoes(t, "no columns", &Table{}, "zstd")
	wide := &Table{Meta: map[string]string{}}
	for i := range 20 {
		c := randomColumn(r, Int64, i%2 == 0, 3)
		c.Name = fmt.Sprint("x", i)
		wide.Columns = append(wide.Columns, c)
		wide.Meta[c.Name] = strings.Repeat("é", i*i)
	}
	asArrowDoes(t, "more than 14 columns", wide, "zstd")
}

// TestLongPagesAreArrows has lists and signs of which pages end because they are large, and texts beyond what statistics hold.
func TestLongPagesAreArrows(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	numbers := make([]float64, 700_000)
	small := make([]int8, 3_000_000)
	for i := range numbers {
		numbers[i] = r.NormFloat64()
	}
	for i := range small {
		small[i] = int8(r.IntN(1 + i*255/len(small))) // pages whose values differ
	}
	offsets := func(n, most int) []int32 {
		out := []int32{0}
		for int(out[len(out)-1]) < n {
			out = append(out, min(out[len(out)-1]+int32(r.IntN(most+1)), int32(n)))
		}
		return out
	}
	words := make([]uint64, 60_000*4)
	for i := range words {
		words[i] = r.Uint64()
	}
	pixels := make([]uint8, 3_200_000)
	for i := range pixels {
		pixels[i] = uint8(r.Uint64())
	}
	texts := make([]string, 2000)
	for i := range texts {
		texts[i] = strings.Repeat(string(rune('a'+r.IntN(26))), []int{0, 1, maxStatisticsBytes - 1, maxStatisticsBytes, maxStatisticsBytes + 1}[r.IntN(5)])
	}
	for _, c := range []Column{
		Float64Lists(Field{Name: "x"}, numbers, offsets(len(numbers), 5)),
		Float64Lists(Field{Name: "x"}, numbers, offsets(len(numbers), 50_000)),
		Int8Lists(Field{Name: "x"}, small, offsets(len(small), 400)),
		PackedSigns(Field{Name: "x", Length: 256}, words),
		PackedBytes(Field{Name: "x", Length: 784}, pixels[:4000*784]),
		PackedBytes(Field{Name: "x", Length: 6144}, pixels[:500*6144]),
		PackedBytes(Field{Name: "x", Length: 1_500_000}, pixels[:2*1_500_000]),
		Strings(Field{Name: "x"}, texts),
	} {
		for _, nullable := range []bool{false, true} {
			c.Nullable = nullable
			asArrowDoes(t, fmt.Sprintf("%v, nullable %v", c.Type, nullable), &Table{Columns: []Column{c}}, "none")
		}
	}
}

// randomColumn draws a column in which a value stands as often as the one before it, on average, as a number says that is drawn too.
func randomColumn(r *rand.Rand, kind Type, nullable bool, rows int) Column {
	many, repeats := 1+r.IntN(1<<r.IntN(18)), r.Float64()*r.Float64()
	c := Column{Field: Field{Name: "x", Type: kind, Nullable: nullable}}
	switch kind {
	case Signs:
		c.Length = 1 + r.IntN(150)
	case Bytes:
		c.Length, c.Scale, c.Offset = 1+r.IntN(150), .5, -1
	}
	if nullable {
		c.Valid = make([]bool, rows)
	}
	nulls := r.IntN(3)
	value := r.IntN(many)
	if kind.hasOffsets() {
		c.Offsets = []int32{0}
	}
	for i := range rows {
		if r.Float64() > repeats {
			value = r.IntN(many)
		}
		null := nullable && (nulls == 2 || nulls == 1 && r.IntN(3) == 0)
		if nullable {
			c.Valid[i] = !null
		}
		n := 1
		if kind.hasOffsets() {
			if n = value % 4; null {
				n = 0
			}
			c.Offsets = append(c.Offsets, c.Offsets[i]+int32(n))
		}
		for range n {
			c.draw(value)
			if r.Float64() > repeats {
				value = r.IntN(many)
			}
		}
	}
	return c
}

// draw appends what the number stands for.
func (c *Column) draw(value int) {
	real := (float64(value) - 3) / 7
	if value < len(awkward) {
		real = awkward[value]
	}
	switch c.Type.stored() {
	case Bool:
		c.Bools = append(c.Bools, value%2 == 0)
	case Int8:
		c.Int8s = append(c.Int8s, int8(value))
	case Int64:
		n := int64(value)
		if c.Type != TimeOfDay {
			n -= 3
		}
		c.Int64s = append(c.Int64s, n)
	case Float32:
		c.Float32s = append(c.Float32s, float32(math.Mod(real, 1e30)))
	case Float64:
		c.Float64s = append(c.Float64s, real)
	case String:
		text := fmt.Sprint("text ", value)
		if value < len(awkwardStrings) {
			text = awkwardStrings[value]
		}
		c.Strings.append(text)
	case Signs:
		row := make([]uint64, c.words())
		for i := range row {
			row[i] = uint64(value+1) * 0x9e3779b97f4a7c15
		}
		if c.Length%64 != 0 {
			row[len(row)-1] &= 1<<(c.Length%64) - 1
		}
		c.Words = append(c.Words, row...)
	case Bytes:
		for i := range c.Length {
			c.Uint8s = append(c.Uint8s, uint8(value*i))
		}
	}
}

// TestBitsAreArrows has columns of 0 and 1, which are written eight rows at a time, among which another value comes early, late or never.
func TestBitsAreArrows(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for _, drawn := range [][]int8{{0, 1}, {1, 0}, {0}, {1}, {0, -1}, {1, 3}, {5, 0, 1}, {0, 1, 2, 3}} {
		for _, rows := range []int{1, 7, 9, 1024, 1025, 2053, 9001} {
			for _, late := range []int{0, 3, 1023, 1024, 5000, rows} {
				values := make([]int8, rows)
				for i := range values {
					values[i] = drawn[min(i, r.IntN(len(drawn)))]
					if i >= late && r.IntN(3) == 0 {
						values[i] = []int8{0, 1, -128, 127}[r.IntN(4)]
					}
				}
				asArrowDoes(t, fmt.Sprint(drawn, late), &Table{Columns: []Column{Int8s(Field{Name: "x"}, values)}}, "none")
			}
		}
	}
}
