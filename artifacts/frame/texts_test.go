package frame_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
)

// twins gives a column of so many rows in both forms, of at most so many texts.
func twins(r *rand.Rand, name string, rows, texts int, nullable bool) (plain, coded frame.Column) {
	values := make([]string, texts)
	for k := range values {
		values[k] = fmt.Sprintf("%*d", k%7, k)
	}
	r.Shuffle(texts, func(i, j int) { values[i], values[j] = values[j], values[i] })
	each, codes, valid := make([]string, rows), make([]uint8, rows), make([]bool, rows)
	for i := range rows {
		if i > 0 && r.IntN(3) > 0 {
			codes[i] = codes[i-1]
		} else {
			codes[i] = uint8(r.IntN(texts))
		}
		each[i], valid[i] = values[codes[i]], r.IntN(5) > 0
	}
	f := frame.Field{Name: name, Doc: "texts"}
	plain, coded = frame.Strings(f, each), frame.CodedStrings(f, values, codes)
	if nullable {
		plain, coded = plain.WithValid(valid), coded.WithValid(valid)
	}
	return plain, coded
}

// tables gives a table in both forms.
func tables(r *rand.Rand, rows int) (plain, coded *frame.Table) {
	plain, coded = &frame.Table{}, &frame.Table{}
	for i, texts := range []int{1, 3, 256} {
		p, c := twins(r, fmt.Sprintf("t%d", i), rows, texts, i == 1)
		plain.Columns, coded.Columns = append(plain.Columns, p), append(coded.Columns, c)
	}
	return plain, coded
}

func file(t *testing.T, table *frame.Table, format frame.Format) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := frame.NewWriter(&out, table.Fields(), frame.WriterOptions{Format: format})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(table); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestCodedTexts: whatever is done with a table, its texts are the same however they are kept.
func TestCodedTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, rows := range []int{0, 1, 7, 8, 9, 500, 3000} {
		plain, coded := tables(r, rows)
		rowsOf := func(n int) []int {
			list := make([]int, n*min(1, rows))
			for i := range list {
				list[i] = r.IntN(rows)
			}
			return list
		}
		some, from := rowsOf(100), r.IntN(rows+1)
		other, otherCoded := tables(r, 300) // of other texts in t0 and t1
		for name, of := range map[string]func(t, other *frame.Table) (*frame.Table, error){
			"as it is": func(t, _ *frame.Table) (*frame.Table, error) { return t, nil },
			"taken":    func(t, _ *frame.Table) (*frame.Table, error) { return t.Take(some), nil },
			"sliced":   func(t, _ *frame.Table) (*frame.Table, error) { return t.Slice(from, rows), nil },
			"joined": func(t, o *frame.Table) (*frame.Table, error) {
				return frame.Concat([]*frame.Table{t, o, t.Slice(from, rows)})
			},
			"spans": func(t, o *frame.Table) (*frame.Table, error) {
				spans := []frame.Span{frame.OfTable(t), frame.OfTable(o), frame.OfTable(t.Take(some))}
				out := &frame.Table{}
				for _, f := range t.Fields() {
					c, err := frame.Join(spans, f)
					if err != nil {
						return nil, err
					}
					out.Columns = append(out.Columns, c)
				}
				return out, nil
			},
			"rewritten": func(t, _ *frame.Table) (*frame.Table, error) {
				t = t.Take(slices.Sorted(slices.Values(some)))
				t.Rewrite(strings.TrimSpace, func(s string) string { return s })
				return t, nil
			},
			"set": func(t, _ *frame.Table) (*frame.Table, error) {
				t = t.Take(some)
				for row := range t.Rows() / 2 {
					t.Columns[0].Strings.Set(2*row, fmt.Sprint("set ", row))
				}
				return t, nil
			},
		} {
			want, err := of(plain, other)
			if err != nil {
				t.Fatal(err)
			}
			for form, inputs := range map[string][2]*frame.Table{"coded": {coded, otherCoded}, "first coded": {coded, other}, "second coded": {plain, otherCoded}} {
				got, err := of(inputs[0], inputs[1])
				if err != nil {
					t.Fatal(err)
				}
				sameTexts(t, fmt.Sprintf("%d rows, %s, %s", rows, name, form), got, want)
			}
		}
	}
}

func sameTexts(t *testing.T, what string, got, want *frame.Table) {
	t.Helper()
	if err := got.Check(nil); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if !frame.Equal(got, want) {
		t.Fatalf("%s: not the same table", what)
	}
	for i := range want.Columns {
		g, w := &got.Columns[i].Strings, &want.Columns[i].Strings
		if !slices.Equal(g.Rows(), w.Rows()) {
			t.Fatalf("%s: column %d: other texts", what, i)
		}
		for row := 0; row < g.Len(); row = g.End(row) {
			if end := g.End(row); end <= row || end > g.Len() || end != w.End(row) {
				t.Fatalf("%s: column %d: from row %d on equal to %d, want %d", what, i, row, g.End(row), w.End(row))
			}
		}
		seen := map[string]bool{}
		g.Any(func(s string) bool { seen[s] = true; return false })
		w.Any(func(s string) bool {
			if !seen[s] {
				t.Fatalf("%s: column %d: %q was not shown", what, i, s)
			}
			return false
		})
		for s := range seen {
			if !w.Any(func(o string) bool { return o == s }) {
				t.Fatalf("%s: column %d: %q does not occur", what, i, s)
			}
		}
	}
	for _, format := range []frame.Format{frame.Parquet, frame.ArrowFile, frame.CSV, frame.JSONLines} {
		if !bytes.Equal(file(t, got, format), file(t, want, format)) {
			t.Fatalf("%s: other bytes as %s", what, format)
		}
	}
	back, err := frame.Decode(file(t, want, frame.Parquet))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if !frame.Equal(back, want) {
		t.Fatalf("%s: read back as another table", what)
	}
}

// TestFewTextsAreSmall: texts of which few differ are read as a byte a row, from files of several row groups too, and many as
// they are.
func TestFewTextsAreSmall(t *testing.T) {
	const rows = 300_000
	for _, test := range []struct {
		name         string
		texts, bytes int
		nullable     bool
	}{
		{"two", 2, 2 * rows, false},
		{"as many as a byte tells apart", 256, 2 * rows, false},
		{"one too many", 257, 24 * rows, false},
		{"with nulls", 255, 3 * rows, true}, // a null has a code, too
		{"with nulls, one too many", 256, 25 * rows, true},
	} {
		values, valid := make([]string, rows), make([]bool, rows)
		for i := range values {
			values[i] = fmt.Sprint("text ", i*test.texts/rows) // each row group has others
			valid[i] = !test.nullable || i%3 > 0
			if !valid[i] {
				values[i] = ""
			}
		}
		c := frame.Strings(frame.Field{Name: "a"}, values)
		if test.nullable {
			c = c.WithValid(valid)
		}
		want := &frame.Table{Columns: []frame.Column{c}}
		got, err := frame.Decode(file(t, want, frame.Parquet))
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if !frame.Equal(got, want) || !slices.Equal(got.Columns[0].Strings.Rows(), values) {
			t.Errorf("%s: read back as another table", test.name)
		}
		if few := got.Bytes() < 4*rows; few != (test.bytes < 4*rows) || got.Bytes() > int64(test.bytes+40*test.texts) {
			t.Errorf("%s: %d bytes for %d rows", test.name, got.Bytes(), rows)
		}
	}
}

// TestWrongCodes: what Coded promises is checked.
func TestWrongCodes(t *testing.T) {
	f := frame.Field{Name: "a"}
	long := make([]string, 257)
	for k := range long {
		long[k] = fmt.Sprint(k)
	}
	for _, test := range []struct {
		c    frame.Column
		want string
	}{
		{frame.CodedStrings(f, []string{"x"}, []uint8{0, 0, 1}), "column a, row 2: code 1 of 1 texts"},
		{frame.CodedStrings(f, nil, []uint8{0}), "column a, row 0: code 0 of 0 texts"},
		{frame.CodedStrings(f, []string{"x", "y", "x"}, []uint8{1}), `column a: the text "x" has two codes`},
		{frame.CodedStrings(f, []string{"x", "\xff"}, []uint8{0, 0, 1}), `column a, row 2: "\xff" is not valid UTF-8`},
		{frame.CodedStrings(f, long, []uint8{0}), "column a: 257 coded texts"},
	} {
		if err := (&frame.Table{Columns: []frame.Column{test.c}}).Check(nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v; want %q", err, test.want)
		}
	}
	for what, c := range map[string]frame.Column{
		"a text that no row has": frame.CodedStrings(f, []string{"x", "\xff"}, []uint8{0, 0}),
		"a text of a null":       frame.CodedStrings(f, []string{"x", "\xff"}, []uint8{0, 1}).WithValid([]bool{true, false}),
		"no rows":                frame.CodedStrings(f, nil, nil),
	} {
		if err := (&frame.Table{Columns: []frame.Column{c}}).Check(nil); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
