package frame

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// drawnBytes gives a column of bytes with a scale and an offset, and its bytes drawn one by one.
func drawnBytes(rows, length int, nulls bool) (Column, [][]uint8) {
	r := rand.New(rand.NewPCG(uint64(rows), uint64(length)))
	f := Field{Name: "x", Unit: "1", Doc: "Pixels", Length: length, Scale: 1. / 255, Offset: -.5}
	c := PackedBytes(f, make([]uint8, rows*length))
	if nulls {
		c = c.WithValid(make([]bool, rows))
	}
	drawn := make([][]uint8, rows)
	for i := range drawn {
		if nulls {
			if c.Valid[i] = r.IntN(3) > 0; !c.Valid[i] {
				continue
			}
		}
		drawn[i] = make([]uint8, length)
		for j := range drawn[i] {
			drawn[i][j] = uint8(r.Uint64())
			c.Uint8s[i*length+j] = drawn[i][j]
		}
	}
	return c, drawn
}

// stands gives the number that a byte stands for, by exact arithmetic with two roundings to float64 and one to float32.
func stands(f Field, b uint8) float32 {
	round := func(x *big.Float) float64 { v, _ := x.Float64(); return v }
	exact := func(x float64) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(x) }
	product := round(new(big.Float).SetPrec(2000).Mul(exact(float64(b)), exact(f.Scale)))
	return float32(round(new(big.Float).SetPrec(2000).Add(exact(product), exact(f.Offset))))
}

// wantBytes fails unless the column holds the bytes, nil for a null, and shows the numbers that they stand for.
func wantBytes(t *testing.T, c Column, want [][]uint8) {
	t.Helper()
	if err := (&Table{Columns: []Column{c}}).Check(nil); err != nil {
		t.Fatal(err)
	}
	if c.Len() != len(want) {
		t.Fatalf("%d rows, want %d", c.Len(), len(want))
	}
	for i, w := range want {
		if c.Null(i) != (w == nil) {
			t.Fatalf("row %d: null %v", i, c.Null(i))
		}
		if w == nil {
			continue
		}
		if !slices.Equal(c.ByteRow(i), w) {
			t.Fatalf("row %d: %v, want %v", i, c.ByteRow(i), w)
		}
		var read []float32
		if err := json.Unmarshal([]byte(c.Text(i)), &read); err != nil {
			t.Fatal(err)
		}
		var numbers []float32
		for _, b := range w {
			numbers = append(numbers, stands(c.Field, b))
		}
		if v, _ := c.Value(i).([]float32); !slices.Equal(v, numbers) || !slices.Equal(read, numbers) {
			t.Fatalf("row %d: %v, as text %s, want %v", i, v, c.Text(i), numbers)
		}
	}
}

func TestByteRows(t *testing.T) {
	for _, length := range []int{1, 7, 64, 784} {
		for _, nulls := range []bool{false, true} {
			c, drawn := drawnBytes(40, length, nulls)
			moved(t, c, func(got Column, rows ...int) { wantBytes(t, got, rowsOf(drawn, rows)) })
			table := &Table{Columns: []Column{c}}
			if part := table.Slice(3, 9).Columns[0]; &part.Uint8s[0] != &c.Uint8s[3*length] {
				t.Error("a slice has a copy of the bytes")
			}
			var s Stack
			s.Add(table, nil)
			s.Add(table.Slice(0, 2), nil)
			if got, want := s.Bytes(), table.Bytes()+table.Slice(0, 2).Bytes(); got != want || want < int64(42*length) {
				t.Errorf("a stack of %d bytes, its tables have %d", got, want)
			}
			if nulls {
				wantBytes(t, Nulls(c.Field, 3), make([][]uint8, 3))
			}

			b := NewBuilder([]Field{c.Field})
			for _, row := range drawn {
				if row == nil {
					b.Null("x")
				} else {
					b.Bytes("x", row)
				}
				b.EndRow()
			}
			built, err := b.Table()
			if err != nil {
				t.Fatal(err)
			}
			wantBytes(t, built.Columns[0], drawn)
		}
	}
	b := NewBuilder([]Field{{Name: "x", Type: Bytes, Length: 3, Scale: 1}})
	b.Bytes("x", []uint8{1, 2})
	b.EndRow()
	_, err := b.Table()
	wantError(t, err, "row 0: column x has 2 bytes, not 3")
}

// TestBytesAsText: text formats hold what the bytes stand for, whole numbers without a point.
func TestBytesAsText(t *testing.T) {
	for _, test := range []struct {
		scale, offset float64
		want          string
	}{
		{1, 0, "[0,1,255]"},
		{0, 0, "[0,1,255]"}, // which PackedBytes takes for 1
		{2, -255, "[-255,-253,255]"},
		{.5, 0, "[0.0,0.5,127.5]"},
		{1. / 255, 0, "[0.0,0.003921569,1.0]"},
		{1 << 20, 0, "[0.0,1048576.0,267386880.0]"},
	} {
		c := PackedBytes(Field{Name: "x", Length: 3, Scale: test.scale, Offset: test.offset}, []uint8{0, 1, 255})
		for format, want := range map[Format]string{CSV: "x\n\"" + test.want + "\"\n", JSONLines: `{"x":` + test.want + "}\n"} {
			var b bytes.Buffer
			w, err := NewWriter(&b, []Field{c.Field}, WriterOptions{Format: format})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(w.Write(&Table{Columns: []Column{c}}), w.Close()); err != nil || b.String() != want {
				t.Errorf("%s: %q, %v, want %q", format, b.String(), err, want)
			}
		}
	}
}

// TestBytesUnified puts bytes beside bytes of another length, scale or offset, beside signs and beside lists: all are numbers in lists then.
func TestBytesUnified(t *testing.T) {
	a, an := drawnBytes(5, 7, true)
	shorter, _ := drawnBytes(4, 3, false)
	scaled, shifted := a, a
	scaled.Scale, shifted.Offset = 2, .25
	signs, _ := drawnSigns(3, 7, true)
	lists := map[Type]Column{
		Int8List:    Int8Lists(Field{Name: "x", Unit: "1"}, []int8{5, 6}, []int32{0, 2}),
		Float32List: Float32Lists(Field{Name: "x", Unit: "1"}, []float32{.1, 6}, []int32{0, 2}),
		Float64List: Float64Lists(Field{Name: "x", Unit: "1"}, []float64{.1, 6}, []int32{0, 2}),
	}
	for what, test := range map[string]struct {
		other Column
		want  Type
	}{
		"another length": {shorter, Float32List}, "another scale": {scaled, Float32List}, "another offset": {shifted, Float32List}, "signs": {signs, Float32List},
		"int8": {lists[Int8List], Float32List}, "float32": {lists[Float32List], Float32List}, "float64": {lists[Float64List], Float64List},
	} {
		for _, columns := range [][]Column{{a, test.other}, {test.other, a}} {
			var shares []Share
			var spans []Span
			for i, c := range columns {
				shares = append(shares, share(fmt.Sprint(i), c))
				spans = append(spans, OfTable(&Table{Columns: []Column{c}}))
			}
			f, err := Unify(shares)
			if err != nil || f.Type != test.want || f.Length != 0 || f.Scale != 0 || f.Offset != 0 {
				t.Fatalf("%s: %+v, %v", what, f, err)
			}
			c, err := Join(spans, f)
			if err != nil {
				t.Fatal(err)
			}
			if err := (&Table{Columns: []Column{c}}).Check(nil); err != nil {
				t.Fatal(err)
			}
			row := 0
			for _, part := range columns {
				for i := range part.Len() {
					if c.Null(row) != part.Null(i) || !part.Null(i) && !slices.Equal(numbersOf(t, &c, row), numbersOf(t, &part, i)) {
						t.Fatalf("%s: row %d is %v, want %v", what, row, c.Value(row), part.Value(i))
					}
					row++
				}
			}
			if row != c.Len() {
				t.Fatalf("%s: %d rows, want %d", what, c.Len(), row)
			}
		}
	}
	for i, b := range a.unpackedBytes(Float64List).Float64s { // not by way of float32
		drawn := slices.Concat(an...)
		if want := float64(float64(drawn[i])*a.Scale) + a.Offset; b != want {
			t.Fatalf("%v, want %v", b, want)
		}
	}
	f, err := Unify([]Share{share("0", a), share("1", a)})
	if err != nil || f != a.Field {
		t.Errorf("equal bytes become %+v, %v", f, err)
	}
	f, err = Unify([]Share{share("0", Nulls(lists[Float64List].Field, 2)), share("1", a)})
	if err != nil || f.Type != Bytes || f.Length != a.Length || f.Scale != a.Scale || f.Offset != a.Offset {
		t.Errorf("beside nulls: %+v, %v", f, err)
	}
	_, err = Unify([]Share{share("0", a), share("1", Float64s(Field{Name: "x", Unit: "1"}, []float64{1}))})
	wantError(t, err, "holds bytes in 0", "float64 in 1")
	_, err = Join([]Span{{Block: OfTable(&Table{Columns: []Column{a}}).Block, To: math.MaxInt32 / 2}}, lists[Float32List].Field)
	wantError(t, err, "column x", "more than 2147483647 elements, which are 8.6 GB of float32")
}

// numbersOf gives the numbers of a row as float32.
func numbersOf(t *testing.T, c *Column, row int) (list []float32) {
	t.Helper()
	if err := json.Unmarshal([]byte(c.Text(row)), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestBytesDamage(t *testing.T) {
	good := func() *Table {
		c, _ := drawnBytes(6, 70, false)
		return &Table{Columns: []Column{c}}
	}
	for _, c := range []struct {
		says   string
		change func(*Column)
	}{
		{"419 bytes are no rows of 70", func(c *Column) { c.Uint8s = c.Uint8s[:419] }},
		{"0 in a row", func(c *Column) { c.Length = 0 }},
		{"-1 in a row", func(c *Column) { c.Length = -1 }},
		{"134217729 in a row", func(c *Column) { c.Length = 1<<27 + 1 }},
		{"a scale of 0", func(c *Column) { c.Scale = 0 }},
		{"the scale NaN", func(c *Column) { c.Scale = math.NaN() }},
		{"the scale +Inf", func(c *Column) { c.Scale = math.Inf(1) }},
		{"numbers beyond float32", func(c *Column) { c.Scale = 1e37 }},
		{"the offset -Inf", func(c *Column) { c.Offset = math.Inf(-1) }},
		{"another type are set", func(c *Column) { c.Int8s = []int8{1} }},
		{"holds int64, with a scale", func(c *Column) { *c = Int64s(Field{Name: "x", Scale: 1}, make([]int64, 6)) }},
	} {
		table := good()
		c.change(&table.Columns[0])
		_, err := Encode(table)
		wantError(t, err, c.says)
	}
	declared := good().Columns[0].Field
	for says, change := range map[string]func(*Field){
		"has 70 bytes in a row, not 71 as declared":       func(f *Field) { f.Length = 71 },
		"and the offset -0.5, not 2 and -0.5 as declared": func(f *Field) { f.Scale = 2 },
	} {
		f := declared
		change(&f)
		wantError(t, good().Check([]Field{f}), "column x", says)
	}
	open := declared
	open.Length, open.Scale, open.Offset = 0, 0, 0
	if err := good().Check([]Field{open}); err != nil {
		t.Error(err)
	}
	other := good()
	other.Columns[0].Scale = 3
	_, err := Concat([]*Table{good(), other})
	wantError(t, err, "column x has the scale 3 and the offset -0.5, not")

	// metadata of a binary of 70 bytes: what is read, and what is refused
	for _, test := range []struct {
		meta string
		want Field // without a length if it is refused
	}{
		{"bytes=70", Field{Length: 70, Scale: 1}},
		{"bytes=70 scale=0.5 offset=-3", Field{Length: 70, Scale: .5, Offset: -3}},
		{"scale=-1e-3 bytes=70 offset=-0", Field{Length: 70, Scale: -1e-3}},
		{"", Field{}}, {"scale=1", Field{}}, {"bytes=", Field{}}, {"bytes=0", Field{}}, {"bytes=-70", Field{}}, {"bytes=71", Field{}}, {"bytes=70x", Field{}},
		{"bytes=70 scale=0", Field{}}, {"bytes=70 scale=", Field{}}, {"bytes=70 scale=x", Field{}}, {"bytes=70 scale=NaN", Field{}}, {"bytes=70 scale=Inf", Field{}},
		{"bytes=70 scale=1e300", Field{}}, {"bytes=70 offset=x", Field{}}, {"bytes=70 offset=NaN", Field{}},
		{"bytes=70 signs=560", Field{}}, {"signs=560 bytes=70", Field{}},
	} {
		var keys, values []string
		for _, pair := range strings.Fields(test.meta) {
			key, value, _ := strings.Cut(pair, "=")
			keys, values = append(keys, key), append(values, value)
		}
		field, err := readAs(t, good(), arrow.Field{Name: "x", Type: &arrow.FixedSizeBinaryType{ByteWidth: 70}, Metadata: arrow.NewMetadata(keys, values)})
		if test.want.Length == 0 {
			wantError(t, err, "column x holds bytes")
			continue
		}
		test.want.Name, test.want.Type = "x", Bytes
		if err != nil || field != test.want || math.Signbit(field.Offset) != (test.want.Offset < 0) {
			t.Errorf("%s: %+v, %v, want %+v", test.meta, field, err, test.want)
		}
	}
}

// readAs reads the first field of a table's file whose schema says something else.
func readAs(t *testing.T, table *Table, said arrow.Field) (Field, error) {
	t.Helper()
	f, err := openParquet(encode(t, table), Limit())
	if err != nil {
		t.Fatal(err)
	}
	if f.schema.text, err = encodedSchema(arrow.NewSchema([]arrow.Field{said}, nil)); err != nil {
		t.Fatal(err)
	}
	f.schema.bytes = ""
	leaves, err := f.leaves(nil)
	if err != nil {
		return Field{}, err
	}
	return leaves[0].field, nil
}

// TestBytesOfPages: pages and row groups of long rows are bounded in bytes, not in rows.
func TestBytesOfPages(t *testing.T) {
	const length, rows = 6144, 12_000
	c := PackedBytes(Field{Name: "x", Length: length}, make([]uint8, rows*length))
	f, err := openParquet(encode(t, &Table{Columns: []Column{c}}), Limit())
	if err != nil {
		t.Fatal(err)
	}
	if len(f.groups) != 3 {
		t.Errorf("%d row groups", len(f.groups))
	}
	for _, g := range f.groups {
		if size := g.Rows * length; size > groupBytes {
			t.Errorf("a row group of %d bytes", size)
		}
	}
	for _, length := range []int{1, 784, 1024, 6144, 12_288, 1<<20 - 1, 1 << 20, 1<<20 + 1, maxPacked} {
		f := Field{Type: Bytes, Length: length}
		if batch := f.batchRows(); batch < 1 || batch > batchLevels || batch > 1 && (batch-1)*length >= dataPageBytes {
			t.Errorf("rows of %d bytes: %d in a batch", length, batch)
		}
	}
}

func TestBytesGolden(t *testing.T) {
	c, _ := drawnBytes(3000, 784, false)
	sum := sha256.Sum256(encode(t, &Table{Columns: []Column{c}}))
	if got, want := hex.EncodeToString(sum[:]), "48bf300c74320191b4f678904c97877e3d319528095ca8122cc21e282671737b"; got != want {
		t.Errorf("the bytes changed: %s, were %s", got, want)
	}
}
