package frame

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// drawnSigns gives a column of signs, and its numbers drawn one by one.
func drawnSigns(rows, length int, nulls bool) (Column, [][]int8) {
	r := rand.New(rand.NewPCG(uint64(rows), uint64(length)))
	c := PackedSigns(Field{Name: "x", Unit: "1", Doc: "Signs", Length: length}, make([]uint64, rows*words(length)))
	if nulls {
		c = c.WithValid(make([]bool, rows))
	}
	numbers := make([][]int8, rows)
	for i := range numbers {
		if nulls {
			if c.Valid[i] = r.IntN(3) > 0; !c.Valid[i] {
				continue
			}
		}
		numbers[i] = make([]int8, length)
		for j := range numbers[i] {
			bit := r.Uint64() & 1
			numbers[i][j] = int8(bit)*2 - 1
			c.Words[i*words(length)+j/64] |= bit << (j % 64)
		}
	}
	return c, numbers
}

func wantNumbers(t *testing.T, c Column, want [][]int8) {
	t.Helper()
	if err := (&Table{Columns: []Column{c}}).Check(nil); err != nil {
		t.Fatal(err)
	}
	if c.Len() != len(want) {
		t.Fatalf("%d rows, want %d", c.Len(), len(want))
	}
	for i, w := range want {
		v, _ := c.Value(i).([]int8)
		if c.Null(i) != (w == nil) || !slices.Equal(v, w) {
			t.Fatalf("row %d: %v, want %v", i, c.Value(i), w)
		}
		if w != nil && c.Text(i) != strings.ReplaceAll(fmt.Sprint(w), " ", ",") {
			t.Fatalf("row %d reads %s, want %v", i, c.Text(i), w)
		}
	}
}

func TestSigns(t *testing.T) {
	for _, length := range []int{1, 7, 8, 50, 63, 64, 65, 200} {
		for _, nulls := range []bool{false, true} {
			c, numbers := drawnSigns(40, length, nulls)
			moved(t, c, func(got Column, rows ...int) { wantNumbers(t, got, rowsOf(numbers, rows)) })
		}
	}
}

// moved takes a column of 40 rows through a file, and moves its rows about; want fails unless a column has those rows.
func moved(t *testing.T, c Column, want func(got Column, rows ...int)) {
	t.Helper()
	all := make([]int, 40)
	for i := range all {
		all[i] = i
	}
	want(c, all...)
	table := &Table{Columns: []Column{Int64s(Field{Name: "id"}, make([]int64, 40)), c}}
	got, err := Decode(encode(t, table))
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, got, table)
	want(got.Columns[1], all...)

	want(c.Take([]int{7, 0, 39, 7}), 7, 0, 39, 7)
	want(table.Slice(3, 9).Columns[1], all[3:9]...)
	again, err := Concat([]*Table{table.Slice(5, 40), table.Slice(0, 5)})
	if err != nil {
		t.Fatal(err)
	}
	want(again.Columns[1], slices.Concat(all[5:], all[:5])...)
	var s Stack
	spans := []Span{s.Add(table, nil), s.Add(table.Slice(0, 2), nil)}
	joined, err := Join(spans, c.Field)
	if err != nil {
		t.Fatal(err)
	}
	want(joined, slices.Concat(all, all[:2])...)
}

func rowsOf[T any](of []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = of[row]
	}
	return out
}

// TestSignsUnified puts signs beside signs of another length, and beside lists: all are lists then.
func TestSignsUnified(t *testing.T) {
	a, an := drawnSigns(5, 70, true)
	b, bn := drawnSigns(4, 3, false)
	lists := Int8Lists(b.Field, []int8{5, 6}, []int32{0, 2})
	lists.Length = 0
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		columns, rows := []Column{a, b, lists}, [][][]int8{an, bn, {{5, 6}}}
		var shares []Share
		var spans []Span
		var want [][]int8
		for _, i := range order {
			shares = append(shares, share(fmt.Sprint(i), columns[i]))
			spans = append(spans, OfTable(&Table{Columns: columns[i : i+1]}))
			want = append(want, rows[i]...)
		}
		f, err := Unify(shares)
		if err != nil || f.Type != Int8List || f.Length != 0 {
			t.Fatalf("%+v, %v", f, err)
		}
		c, err := Join(spans, f)
		if err != nil {
			t.Fatal(err)
		}
		wantNumbers(t, c, want)
	}
}

func TestSignsDamage(t *testing.T) {
	good := func() *Table {
		c, _ := drawnSigns(6, 70, false)
		return &Table{Columns: []Column{c}}
	}
	for _, c := range []struct {
		says   string
		change func(*Column)
	}{
		{"row 2: bits beyond the 70 signs", func(c *Column) { c.Words[5] |= 1 << 6 }},
		{"11 words are no rows of 70 signs", func(c *Column) { c.Words = c.Words[:11] }},
		{"0 in a row", func(c *Column) { c.Length = 0 }},
		{"-1 in a row", func(c *Column) { c.Length = -1 }},
		{"another type are set", func(c *Column) { c.Int8s = []int8{1} }},
	} {
		table := good()
		c.change(&table.Columns[0])
		_, err := Encode(table)
		wantError(t, err, c.says)
	}
	whole := encode(t, good())
	stored := good().Columns[0].storedSigns(nil, 2, 3)
	at := bytes.Index(whole, stored)
	if at < 0 {
		t.Fatal("the third row is not found in the file")
	}
	whole[at+len(stored)-1] |= 0x80
	_, err := Decode(whole)
	wantError(t, err, "column x, row 2: bits beyond the 70 signs")

	// bytes of which nothing says that they are signs, or how many
	for length, says := range map[string]string{
		"": "may have lost it", "0": "may have lost it", "72x": "may have lost it", "-70": "may have lost it", "1000000000": "column x holds bytes",
		"73": "9 in a row, but its field's metadata tells of 73 numbers (signs)", "64": "tells of 64 numbers",
	} {
		err := retold(t, good(), length)
		wantError(t, err, "column x holds bytes", says)
	}
	if err := retold(t, good(), "71"); err != nil { // as many as the bytes have room for
		t.Error(err)
	}
}

// retold reads the columns of a file of signs whose schema says another length.
func retold(t *testing.T, table *Table, length string) error {
	t.Helper()
	f, err := openParquet(encode(t, table), Limit())
	if err != nil {
		t.Fatal(err)
	}
	said := arrow.NewMetadata([]string{signsKey}, []string{length})
	field := arrow.Field{Name: "x", Type: &arrow.FixedSizeBinaryType{ByteWidth: 9}, Metadata: said}
	if f.schema.text, err = encodedSchema(arrow.NewSchema([]arrow.Field{field}, nil)); err != nil {
		t.Fatal(err)
	}
	f.schema.bytes = ""
	_, err = f.leaves(nil)
	return err
}

func TestSignsGolden(t *testing.T) {
	c, _ := drawnSigns(3000, 70, false)
	sum := sha256.Sum256(encode(t, &Table{Columns: []Column{c}}))
	if got, want := hex.EncodeToString(sum[:]), "aa4917882a8d5215428e3b06e9eeaccd0bfcb1588631b48683925e1138c65c1a"; got != want {
		t.Errorf("the bytes changed: %s, were %s", got, want)
	}
}
