package publish

import (
	"cmp"
	"slices"

	"spurion/artifacts/frame"
)

// The verdicts of tests, beside "inconclusive".
const (
	Reproduced    = "reproduced"
	notReproduced = "not reproduced"
)

// NotAfterHolm is the verdict on a claim that its own test reproduces, but not the test at a level
// that all claims of the experiment share.
const NotAfterHolm = "reproduced, not after Holm"

// Holm corrects p-values for their number: each is multiplied by how many are not smaller than it
// (ties in order), and by no less than any smaller one was (Holm 1979, Scand. J. Statist. 6, 65-70).
// A claim at the level alpha is then one whose corrected p-value is at most alpha, and the
// probability of even one false one among all is at most alpha, however the tests depend on each
// other. The result is parallel to p; nil stays nil and counts for nothing.
func Holm(p []*float64) []*float64 {
	var order []int
	for i, v := range p {
		if v != nil {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(*p[a], *p[b]) })
	out := make([]*float64, len(p))
	least := 0.0
	for k, i := range order {
		least = max(least, min(1, float64(float64(len(order)-k)**p[i])))
		v := least
		out[i] = &v
	}
	return out
}

// AfterHolm gives the verdict on a claim from its own test's and its corrected p-value: a claim
// that its test reproduces is not reproduced for the experiment as a whole if the corrected p-value
// is above the test's alpha. Nothing else changes, and nothing without either number.
func AfterHolm(verdict string, adjusted, alpha *float64) string {
	if verdict == Reproduced && adjusted != nil && alpha != nil && *adjusted > *alpha {
		return NotAfterHolm
	}
	return verdict
}

// Number gives the number in the first row of a column; nil if there is none.
func Number(t *frame.Table, column string) *float64 {
	if c := t.Column(column); c != nil && t.Rows() > 0 {
		if v, ok := c.Value(0).(float64); ok {
			return &v
		}
	}
	return nil
}
