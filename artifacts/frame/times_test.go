package frame

import (
	"bytes"
	"testing"
)

// timesTable has every type of times, and lists of float64.
func timesTable() *Table {
	of := func(name string, t Type, values ...int64) Column {
		return Column{Field: Field{Name: name, Type: t, Nullable: true}, Int64s: append(values, 0), Valid: []bool{true, true, true, false}}
	}
	return &Table{Columns: []Column{
		of("micro", Timestamp, 0, 1_704_164_645_000_006, -1),
		of("utc", TimestampUTC, 0, 1_704_164_645_000_006, -1),
		of("nano", TimestampNano, 0, 1_704_164_645_000_000_006, -1),
		of("nano_utc", TimestampNanoUTC, 0, 1_704_164_645_000_000_006, -1),
		of("day", Date, 0, 19724, -1),
		of("clock", TimeOfDay, 0, 1, dayNanos-1),
		Float64Lists(Field{Name: "w"}, []float64{0.1, 0.2}, []int32{0, 2, 2, 2, 2}),
	}}
}

func TestTimesAsText(t *testing.T) {
	for name, want := range map[string][4]string{
		"micro":    {"1970-01-01T00:00:00.000000", "2024-01-02T03:04:05.000006", "1969-12-31T23:59:59.999999", ""},
		"utc":      {"1970-01-01T00:00:00.000000Z", "2024-01-02T03:04:05.000006Z", "1969-12-31T23:59:59.999999Z", ""},
		"nano":     {"1970-01-01T00:00:00.000000000", "2024-01-02T03:04:05.000000006", "1969-12-31T23:59:59.999999999", ""},
		"nano_utc": {"1970-01-01T00:00:00.000000000Z", "2024-01-02T03:04:05.000000006Z", "1969-12-31T23:59:59.999999999Z", ""},
		"day":      {"1970-01-01", "2024-01-02", "1969-12-31", ""},
		"clock":    {"00:00:00.000000000", "00:00:00.000000001", "23:59:59.999999999", ""},
	} {
		c := timesTable().Column(name)
		for row, text := range want {
			if got := c.Text(row); got != text {
				t.Errorf("%s, row %d: %q, not %q", name, row, got, text)
			}
			if text == "" {
				continue
			}
			if c.Value(row) != text {
				t.Errorf("%s, row %d has the value %v", name, row, c.Value(row))
			}
			if v, err := ParseTime(c.Type, text); err != nil || v != c.Int64s[row] {
				t.Errorf("%s: %q is read as %d, %v, not %d", name, text, v, err, c.Int64s[row])
			}
		}
	}
}

func TestParseTime(t *testing.T) {
	for _, test := range []struct {
		t    Type
		text string
		want int64
	}{
		{Timestamp, "1970-01-02", daySeconds * 1_000_000},
		{Timestamp, "1970-01-01 00:00:01.5", 1_500_000},
		{TimestampUTC, "1970-01-01T01:00:00+01:00", 0},
		{TimestampUTC, "1970-01-01T00:00:01", 1_000_000},
		{TimestampNanoUTC, "1970-01-01T00:00:00.000000001Z", 1},
		{TimeOfDay, "00:01", 60_000_000_000},
	} {
		if v, err := ParseTime(test.t, test.text); err != nil || v != test.want {
			t.Errorf("%v %q: %d, %v, not %d", test.t, test.text, v, err, test.want)
		}
	}
	for _, test := range []struct {
		t    Type
		text string
	}{
		{Timestamp, "1970-01-01T00:00:00Z"}, {TimestampNano, "1970-01-01T00:00:00+01:00"}, {Timestamp, "yesterday"}, {Timestamp, ""},
		{Date, "1970-01-01T00:00:00"}, {Date, "5"}, {TimeOfDay, "24:00:00"}, {TimestampNano, "2262-05-01"}, {TimestampNano, "1600-01-01"},
		{Timestamp, "1970-01-01T00:00:00.0000001"},
	} {
		_, err := ParseTime(test.t, test.text)
		wantError(t, err, test.t.String(), "write it like")
	}
}

func TestTimesGoRound(t *testing.T) {
	want := timesTable()
	got, err := Decode(encode(t, want))
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, got, want)
	twice, err := Concat([]*Table{want, want})
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, twice.Slice(4, 8), want)
	sameTable(t, want.Take([]int{3, 1, 2, 0}).Take([]int{3, 1, 2, 0}), want)
	for _, format := range Formats() {
		var whole, parts bytes.Buffer
		for _, w := range []struct {
			to     *bytes.Buffer
			tables []*Table
		}{{&whole, []*Table{twice}}, {&parts, []*Table{want, want}}} {
			out, err := NewWriter(w.to, want.Fields(), WriterOptions{Format: format})
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range w.tables {
				if err := out.Write(table); err != nil {
					t.Fatal(err)
				}
			}
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(whole.Bytes(), parts.Bytes()) || whole.Len() == 0 {
			t.Errorf("%s: the bytes depend on how the rows are divided", format)
		}
		if format == JSONLines && !bytes.HasPrefix(whole.Bytes(), []byte(`{"micro":"1970-01-01T00:00:00.000000","utc":"1970-01-01T00:00:00.000000Z",`)) {
			t.Errorf("JSON: %s", whole.Bytes())
		}
	}
}

func TestTimesOutOfRange(t *testing.T) {
	for want, c := range map[string]Column{
		"no time of day":           {Field: Field{Name: "a", Type: TimeOfDay}, Int64s: []int64{dayNanos}},
		"too far from 1970":        {Field: Field{Name: "a", Type: Date}, Int64s: []int64{1 << 31}},
		"another type are set":     {Field: Field{Name: "a", Type: Date}, Float64s: []float64{1}},
		"NaN in a list":            Float64Lists(Field{Name: "a"}, []float64{nan()}, []int32{0, 1}),
		"the offsets do not run":   Float64Lists(Field{Name: "a"}, []float64{1}, []int32{0, 0}),
		"rows, but 1 marks of val": {Field: Field{Name: "a", Type: Timestamp, Nullable: true}, Int64s: []int64{1, 2}, Valid: []bool{true}},
	} {
		_, err := Encode(&Table{Columns: []Column{c}})
		wantError(t, err, "column a", want)
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}
