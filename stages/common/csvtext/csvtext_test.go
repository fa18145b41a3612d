package csvtext

import (
	"encoding/csv"
	"errors"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// all gives every record, or the first fault.
func all(text string, separator rune) (header []string, records [][]string, err error) {
	r, err := NewReader(strings.NewReader(text), separator)
	if err != nil {
		return nil, nil, err
	}
	for {
		record, err := r.Read()
		if err == io.EOF {
			return r.Header, records, nil
		}
		if err != nil {
			return r.Header, records, err
		}
		records = append(records, slices.Clone(record))
	}
}

func TestReader(t *testing.T) {
	for _, c := range []struct{ name, text, want, fault string }{
		{"plain", "a,b\n1,2\n3,4\n", "1 2|3 4", ""},
		{"a mark of byte order", "\ufeffa,b\r\n1,2\r\n", "1 2", ""},
		{"blank lines between rows of two columns", "a,b\n\n1,2\n\n", "1 2", ""},
		{"an empty field in quotes", "a\n\"\"\nx\n", "|x", ""},
		{"a blank line at the end", "a\n1\n\n\n", "1", ""},
		{"nothing", "", "", "the file is empty"},
		{"a blank line in one column", "a\n1\n\n2\n", "1", "before line 4"},
		{"a blank line behind a field of two lines", "a\n\"x\ny\"\n\nz\n", "x\ny", "before line 5"},
		{"too few fields", "a,b\n1,2\n3\n", "1 2", "line 3 has 1 field, and the first names 2 columns"},
		{"a bare quote", "a,b\n1,2\"\n", "", "line 2: a quote"},
		{"an open quote", "a,b\n1,\"2\n3,4\n", "", "whose record begins in line 2"},
		{"no UTF-8", "a,b\n1,\"x\n\xff\"\n", "", "line 3 is not UTF-8"},
		{"no UTF-8 in the header", "a\xff,b\n", "", "line 1 is not UTF-8"},
		{"UTF-16", "\xff\xfea\x00", "", "UTF-16"},
	} {
		_, records, err := all(c.text, 0)
		var rows []string
		for _, r := range records {
			rows = append(rows, strings.Join(r, " "))
		}
		if got := strings.Join(rows, "|"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if c.fault == "" && err != nil || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.fault)
		}
	}
}

func TestSeparatorAndLines(t *testing.T) {
	r, err := NewReader(strings.NewReader("a;b\n\"x\ny\";2\n3;4\n"), ';')
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 4} {
		if _, err := r.Read(); err != nil || r.Line(0) != want {
			t.Errorf("line %d, %v, want %d", r.Line(0), err, want)
		}
	}
}

// FuzzReader: what is read has as many fields as the header, lines ascend, and a text without blank lines is read as encoding/csv reads it.
func FuzzReader(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a\n\n1\n", "\ufeffa,b\r\n\"x\"\"y\",\"\n\"\r\n", "a,b\n1\n", "a\n\"", "a\n\xff\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := NewReader(strings.NewReader(text), 0)
		if err != nil {
			return
		}
		last := r.Line(0)
		for {
			record, err := r.Read()
			if err != nil {
				break
			}
			if len(record) != len(r.Header) || r.Line(0) <= last {
				t.Fatalf("%q: record %q on line %d after line %d", text, record, r.Line(0), last)
			}
			last = r.Line(0)
		}
		header, records, err := all(text, 0)
		if err != nil {
			return
		}
		want, werr := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
		if werr != nil || !slices.EqualFunc(want, append([][]string{header}, records...), slices.Equal) {
			t.Fatalf("%q: read as %q, encoding/csv reads %q, %v", text, records, want, werr)
		}
	})
}

// FuzzWhole: a text is a whole number exactly if math/big says so.
func FuzzWhole(f *testing.F) {
	for _, s := range []string{"1", "-0", "1e3", "12.50e1", "9223372036854775807", "9223372036854775808", "0x1", "1_0", "nan", "1e-999999", " 7\t", "+.0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Whole(s, 64)
		if len(s) > 30 || strings.Count(strings.ToLower(s), "e") > 0 && len(s) > 8 {
			return // math/big would take for ever over a large exponent
		}
		digits := strings.Trim(s, " \t")
		exact, ok := new(big.Rat).SetString(digits)
		ok = ok && !strings.ContainsAny(digits, "/_xXpPoObB")
		switch {
		case err == nil && (!ok || !exact.IsInt() || exact.Num().Cmp(big.NewInt(n)) != 0):
			t.Errorf("%q is read as %d", s, n)
		case errors.Is(err, ErrNumber) && ok && exact.IsInt() && exact.Num().IsInt64():
			t.Errorf("%q is not read, but is %v", s, exact.Num())
		}
	})
}

func TestNumeral(t *testing.T) {
	for _, c := range []struct {
		text          string
		whole, number bool
	}{{"1", true, true}, {" -2 ", true, true}, {"0", true, true}, {"007", false, false}, {"1.", false, true}, {".5e-3", false, true}, {"1e", false, false}, {"", false, false}, {"x", false, false}, {"0x1", false, false}} {
		whole, number := Numeral(c.text)
		if number != c.number || number && c.text != "1." && whole != c.whole {
			t.Errorf("%q: %v, %v", c.text, whole, number)
		}
	}
	if !IsWord(" NaN") || IsWord("nano") {
		t.Error("words")
	}
}
