// Package evaluationtest checks the tables that kinds make of evaluations.
package evaluationtest

import (
	"math"
	"slices"
	"testing"

	"spurion/artifacts/frame"
)

// linear are measures whose estimate from all points is the mean over repeats.
var linear = []string{"loss", "accuracy", "accuracy_00", "accuracy_01", "accuracy_10", "accuracy_11", "loss_00", "group_mean_accuracy",
	"core_correlation", "spurious_correlation", "unseen_accuracy", "unseen_core_correlation"}

// Repeated requires that a table of evaluations has means over repeats, with standard errors that are not below what their spread
// gives; that each repeat drew its own points; and that the first is what there is without repeats. The tables have a row, or
// a row for each repeat, of the same evaluations in the same order. Names of columns end in suffix; those that a table
// lacks or that are null are not compared, but loss must be there.
func Repeated(t testing.TB, pooled, each, without *frame.Table, repeats int, suffix string) {
	t.Helper()
	if pooled.Rows() == 0 || without.Rows() != pooled.Rows() || each.Rows() != repeats*pooled.Rows() {
		t.Fatalf("%d rows, %d without repeats, and %d of %d repeats", pooled.Rows(), without.Rows(), each.Rows(), repeats)
	}
	number := func(of *frame.Table, column string, row int) (float64, bool) {
		c := of.Column(column + suffix)
		if c == nil {
			return 0, false
		}
		v, ok := c.Value(row).(float64)
		return v, ok
	}
	if !slices.ContainsFunc(linear, func(column string) bool { _, ok := number(each, column, 0); return ok && column == "loss" }) {
		t.Fatal("the repeats have no loss")
	}
	found := make([][]float64, repeats) // by each, everything
	for row := range pooled.Rows() {
		for _, column := range linear {
			values := make([]float64, repeats)
			mean := 0.0
			have := true
			for k := range values {
				v, ok := number(each, column, row*repeats+k)
				values[k], mean, have = v, mean+v/float64(repeats), have && ok
				if r := each.Column("repeat").Value(row*repeats + k); r != int64(k) {
					t.Errorf("row %d is of repeat %v", row*repeats+k, r)
				}
			}
			got, ok := number(pooled, column, row)
			if !have || !ok {
				continue
			}
			if math.Abs(got-mean) > 1e-12*max(1, math.Abs(mean)) {
				t.Errorf("%s in row %d is %v, the mean of %v is %v", column, row, got, values, mean)
			}
			if first, ok := number(without, column, row); !ok || values[0] != first {
				t.Errorf("%s in row %d of the first repeat is %v, without repeats %v", column, row, values[0], first)
			}
			variance := 0.0
			for k, v := range values {
				variance += (v - mean) * (v - mean) / float64(repeats-1)
				found[k] = append(found[k], v)
			}
			if se, ok := number(pooled, column+"_se", row); ok && se < math.Sqrt(variance/float64(repeats))*(1-1e-9)-1e-15 {
				t.Errorf("%s_se in row %d is %v, repeats are %v", column, row, se, values)
			}
		}
	}
	for k := range found {
		for other := range k {
			if slices.Equal(found[k], found[other]) {
				t.Errorf("repeats %d and %d found the same: do they have the same points?", other, k)
			}
		}
	}
}
