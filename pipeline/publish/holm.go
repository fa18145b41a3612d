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
// The result is parallel to p; nil stays nil and counts for nothing.
//
// What it bounds. Say that a claim with its bound at b asserts an effect above b, and is false: the effect is b or below.
// Its p-value is two-sided, so that it is at most x with the effect estimated above b in at most x/2 of all draws.
// Reproduced are claims whose corrected p-value is at most alpha, among what Evidence gives; so the probability of even
// one false *reproduced* is at most alpha/2, however the tests depend on each other. (Holm's argument, with
// half of Evidence, which for a false claim is at most x/2 in at most x/2 of all draws: let the first false claim in their order
// be reproduced; of the m claims only true ones come before it, so it was multiplied by no less than the number of
// false claims n, its half is at most alpha/(2n), and some false claim's is so with probability n alpha/(2n) at most.) A test
// whose p-value is one-sided by nature, such as the larger one of two one-sided tests of equivalence, has alpha
// in place of alpha/2.
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

// Evidence gives the p-value that a claim brings to the family, from its own test's verdict and p-value: 1, if
// p is at most alpha and the claim is not reproduced. Such a p speaks against the claim. If it counted as a small one, a
// claim that the data contradict would make it easier for others to be reproduced, and twice as many false ones could be. Of
// claims whose p is above alpha none is reproduced, so it does not matter on which side they lie.
func Evidence(verdict string, p, alpha *float64) *float64 {
	if p != nil && alpha != nil && *p <= *alpha && verdict != Reproduced {
		one := 1.0
		return &one
	}
	return p
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
