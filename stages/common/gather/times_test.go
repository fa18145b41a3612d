package gather

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
)

// finished is a table of another program: rows 1 to 4 at 03:00, midnight, an unknown time, 04:00.
func finished() *frame.Table {
	field := frame.Field{Name: "finished", Type: frame.Timestamp, Nullable: true}
	const hour = 3600 * 1_000_000
	return &frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "row"}, []int64{1, 2, 3, 4}),
		{Field: field, Int64s: []int64{3 * hour, 0, 0, 4 * hour}, Valid: []bool{true, true, false, true}},
		{Field: frame.Field{Name: "day", Type: frame.Date}, Int64s: []int64{2, 1, 0, 0}},
	}}
}

func rowsOf(t *frame.Table) string {
	var words []string
	for i := range t.Rows() {
		words = append(words, t.Column("row").Text(i))
	}
	return strings.Join(words, " ")
}

func TestTimesAreComparedAndSorted(t *testing.T) {
	for _, c := range []struct{ column, condition, want string }{
		{"finished", ">= 1970-01-01 03:00", "1 4"},
		{"finished", "< 1970-01-01T03:00:00", "2"},
		{"finished", "1970-01-01", "2"},
		{"finished", "!= 1970-01-01", "1 4"},
		{"finished", "> 1970-01-01 and < 1970-01-01T04:00", "1"},
		{"day", "<= 1970-01-02", "2 3 4"},
	} {
		got, err := Where(finished(), map[string]string{c.column: c.condition})
		if err != nil || rowsOf(got) != c.want {
			t.Errorf("%s %s: rows %v, not %s (%v)", c.column, c.condition, got, c.want, err)
		}
	}
	for by, want := range map[string]string{"finished": "2 1 4 3", "-finished": "4 1 2 3", "day": "3 4 2 1"} {
		got, err := Sort(finished(), []string{by})
		if err != nil || rowsOf(got) != want {
			t.Errorf("sorted by %s: %v, not %s (%v)", by, got, want, err)
		}
	}
	for _, wrong := range []string{"yesterday", ">= 5", "1970-01-01T00:00:00Z"} {
		if _, err := Where(finished(), map[string]string{"finished": wrong}); err == nil || !strings.Contains(err.Error(), "write it like 2024-01-02") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

func TestTimesAreNoNumbers(t *testing.T) {
	_, _, err := Numbers(finished(), "finished", []Part{NewPart(nil, finished())})
	if err == nil || err.Error() != `column "finished" holds timestamp[us], not numbers; the columns of numbers are row` {
		t.Errorf("%v", err)
	}
	more := TakeOrNull(finished(), []int{0, -1})
	if more.Column("finished").Text(0) != "1970-01-01T03:00:00.000000" || !more.Column("finished").Null(1) || !more.Column("day").Null(1) {
		t.Errorf("%v", more)
	}
}
