package frame

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TSV holds the cells of CSV, and JSON the objects of JSON lines.
func TestTextFormatsHoldTheSame(t *testing.T) {
	for _, rows := range []int{0, 1, 500} {
		table := sample(t, rows, 6)
		records := func(format Format, comma rune) [][]string {
			r := csv.NewReader(bytes.NewReader(write(t, WriterOptions{Format: format}, table)))
			r.Comma = comma
			all, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		if got, want := records(TSV, '\t'), records(CSV, ','); !reflect.DeepEqual(got, want) {
			t.Errorf("%d rows: TSV holds other cells than CSV", rows)
		}
		var array []json.RawMessage
		if err := json.Unmarshal(write(t, WriterOptions{Format: JSON}, table), &array); err != nil {
			t.Fatal(err)
		}
		lines := bytes.SplitAfter(write(t, WriterOptions{Format: JSONLines}, table), []byte("\n"))
		lines = lines[:len(lines)-1] // what follows the last line's end
		if !slices.EqualFunc(array, lines, func(a json.RawMessage, l []byte) bool { return bytes.Equal(append(a[:len(a):len(a)], '\n'), l) }) {
			t.Errorf("%d rows: JSON holds %d objects, JSON lines %d, or others", rows, len(array), len(lines))
		}
	}
}

// A text that a spreadsheet would compute gets a ' before it if that is asked for; numbers and other texts do not.
func TestGuard(t *testing.T) {
	formulas := []string{
		"=1+2", "@SUM(A1)", "+cmd|' /C calc'!A0", "-1+1", "-erm", "\t=1", " \r\n@x", "＝1+2", "+0.5 [+0.1, +0.9]", "-inf", "+0x10", "--1", "=5", "=\"a,b\"",
	}
	plain := []string{"", "-", "+", "@", "=", "-1", "+2.5", "-.5e-3", "−1", "a=b", "x@y.org", "'=1", "1-2"}
	texts := slices.Concat(formulas, plain)
	numbers := make([]float64, len(texts))
	for i := range numbers {
		numbers[i] = -float64(i)
	}
	table := &Table{Columns: []Column{Strings(Field{Name: "text"}, texts), Float64s(Field{Name: "number"}, numbers)}}
	for _, format := range []Format{CSV, TSV} {
		for _, guard := range []bool{false, true} {
			var b bytes.Buffer
			w, err := NewWriter(&b, table.Fields(), WriterOptions{Format: format, Guard: guard})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(table); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r := csv.NewReader(&b)
			r.Comma = map[Format]rune{CSV: ',', TSV: '\t'}[format]
			records, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range texts {
				want := text
				if guard && i < len(formulas) {
					want = "'" + text
				}
				want = strings.ReplaceAll(want, "\r\n", "\n") // as encoding/csv reads
				if got := records[i+1]; got[0] != want || got[1] != formatFloat(numbers[i], 64) {
					t.Errorf("%s, guarded %v: %q is %q", format, guard, text, got)
				}
			}
			if want := map[bool]int64{true: int64(len(formulas))}[guard]; w.Guarded() != want {
				t.Errorf("%s: %d cells are said to be guarded, want %d", format, w.Guarded(), want)
			}
		}
	}
}
