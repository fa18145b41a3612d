package stagetest

import (
	"testing"

	"spurion/artifacts/frame"
)

func TestTables(t *testing.T) {
	b := frame.NewBuilder([]frame.Field{{Name: "seed", Type: frame.Int64}, {Name: "rate", Type: frame.Float64, Nullable: true}})
	b.Int("seed", 0)
	b.Float64("rate", 1e20)
	b.EndRow()
	b.Int("seed", 1)
	b.Null("rate")
	b.EndRow()
	built, err := Built(t, b)[0].Table()
	if err != nil {
		t.Fatal(err)
	}
	if got := Text(built); got != "seed rate: 0 100000000000000000000, 1 null" {
		t.Errorf("the text is %q", got)
	}
	if first, last, null := Value(t, built, "rate", 0), Value(t, built, "seed", -1), Value(t, built, "rate", -1); first != 1e20 || last != int64(1) || null != nil {
		t.Errorf("values %v, %v and %v", first, last, null)
	}
}
