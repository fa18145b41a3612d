package dataset

import (
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
)

// Lists of float64, as pandas and polars write them, are inputs; they become float32.
func TestInputsOfFloat64(t *testing.T) {
	table := func(first float64) *frame.Table {
		return &frame.Table{Columns: []frame.Column{
			frame.Float64Lists(frame.Field{Name: "inputs"}, []float64{first, 0.5, 0.25, -2}, frame.EqualOffsets(2, 2)),
			frame.Int64s(frame.Field{Name: "label"}, []int64{1, 0}),
			frame.Strings(frame.Field{Name: "split"}, []string{"train", "train"}),
		}}
	}
	d, err := FromTable(table(0.1))
	if err != nil {
		t.Fatal(err)
	}
	written, err := d.Table()
	if err != nil {
		t.Fatal(err)
	}
	inputs := written.Column("inputs")
	if inputs.Type != frame.Float32List || !slices.Equal(inputs.Float32s, []float32{0.1, 0.5, 0.25, -2}) {
		t.Errorf("the inputs are %v", inputs)
	}
	if _, err := FromTable(table(1e39)); err == nil || !strings.Contains(err.Error(), "row 0: an input of 1e+39, which is beyond float32") {
		t.Errorf("%v", err)
	}
}
