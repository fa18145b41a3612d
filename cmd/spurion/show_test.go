package main

import (
	"testing"

	"spurion/pipeline/describe"
)

func TestHeadTable(t *testing.T) {
	o := &describe.OutputDetail{
		Rows:    9,
		Columns: []describe.ColumnInfo{{Name: "step"}, {Name: "split"}, {Name: "loss"}, {Name: "weights"}},
		Head: [][]any{
			{int64(0), "train", 0.7015695878956281, []float32{0.25, -1}},
			{int64(50), "test", nil, []float32{}},
		},
	}
	wide := `  step  split     loss    weights
     0  train  0.70157  [0.25,-1]
    50  test      null         []
  ... 7 more rows
`
	if got := headTable(o, style{width: 80}); got != wide {
		t.Errorf("%s\nwant\n%s", got, wide)
	}
	narrow := `  column       row 0  row 1
  step             0     50
  split        train   test
  loss       0.70157   null
  weights  [0.25,-1]     []
  ... 7 more rows
`
	if got := headTable(o, style{width: 28}); got != narrow {
		t.Errorf("%s\nwant\n%s", got, narrow)
	}
	// One row is shown however narrow the terminal is.
	if got, want := headTable(o, style{width: 5}), "  column       row 0\n"; got[:len(want)] != want {
		t.Errorf("%q", got)
	}
}
