package spec

import (
	"fmt"
	"testing"
)

// A whole number is a number of instances, a number below 1 a share of them.
func TestAllowFailed(t *testing.T) {
	for value, want := range map[string]Allowance{
		"0": {}, "2": {Count: 2}, "1.0": {Count: 1}, "0.1": {Share: 0.1}, "var.some": {Share: 0.25}, "null": {},
	} {
		s := mustLoad(t, fmt.Sprintf(`
variable "some" { default = 0.25 }
stage "generate" "data" {
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
}
stage "train" "erm" {
  data  = generate.data.dataset
  steps = 10
  optimizer "sgd" { rate = 0.1 }
}
stage "table" "all" {
  tables       = [train.erm.summary]
  allow_failed = %[1]s
}
claim "rises" {
  says         = "It rises."
  allow_failed = %[1]s
  test "trend" {
    table     = [train.erm.summary]
    x         = "a"
    y         = "b"
    direction = "increasing"
  }
}`, value))
		for _, st := range s.Stages[2:] {
			if st.AllowFailed != want {
				t.Errorf("%s = %s is %+v, want %+v", st.ID(), value, st.AllowFailed, want)
			}
		}
	}
}

func TestAllowanceOf(t *testing.T) {
	for _, c := range []struct {
		a       Allowance
		n, want int
	}{
		{Allowance{}, 10, 0}, {Allowance{Count: 2}, 10, 2}, {Allowance{Count: 20}, 10, 20},
		{Allowance{Share: 0.1}, 10, 1}, {Allowance{Share: 0.1}, 9, 0}, {Allowance{Share: 0.29}, 100, 29}, {Allowance{Share: 0.999}, 10, 9},
	} {
		if got := c.a.Of(c.n); got != c.want {
			t.Errorf("%+v of %d is %d, want %d", c.a, c.n, got, c.want)
		}
	}
}
