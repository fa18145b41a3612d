// Package distribution gives quantiles of Student's t and exact intervals of a share, as gonum computes
// them, settled to 9 significant digits. It is the only package whose results come through a library of
// floating point: imports_test.go lets no other import gonum's numerics, and floatguard finds a number of
// gonum's that is used here before it is settled. Beside them stand the tails of the normal and of Student's
// distribution, in arithmetic of its own.
//
// # Why nine digits
//
// gonum's functions call package math's, and its sums and products may be fused, so that their last bits
// differ between processors and builds. As this package calls them, GOAMD64=v1, v3 and arm64 agree to 1e-12
// of a number and mostly to 1e-13, and all are that near to the truth. Rounded to 9 digits a number is off by
// at most 5e-9 of its size: far less than what few repetitions leave open, and thousands of times what
// builds differ by.
//
// # What rounding cannot do
//
// Two numbers that differ by a relative d are rounded apart if a boundary, a number half-way between two of
// 9 digits, lies between them. Boundaries are 1e-9 to 1e-8 of a number apart, so that happens to at most the
// share d/1e-9 of all numbers: one in a thousand at worst, one in ten thousand mostly, whose ninth digit
// then depends on the build. For Student's quantiles at 0.975, on which intervals of means rest, it happens
// to none: a test looks at each number of degrees of freedom. No verdict hangs on what is left: p-values
// are computed in arithmetic of our own.
//
// What is computed from a settled number by sums, products, quotients and roots alone is equal
// everywhere, and not settled again.
package distribution

import "strconv"

// Digits are the significant decimal digits of settled numbers.
const Digits = 9

// Settle rounds x to Digits significant decimal digits: to the nearest, a tie to the even digit; the
// result is the float64 nearest to that decimal number. So it is within half a unit of the ninth digit and
// the rounding of one float64; settling twice is settling once; a larger x never becomes the smaller
// number; Settle(-x) is -Settle(x). ±0, infinities and NaN stay as they are. A subnormal number that has
// fewer than 9 digits keeps its bits, and nothing finite overflows.
func Settle(x float64) float64 { return settle(x, Digits) }

// settle rounds to that many digits. The conversions work on whole numbers, so they are exact on every
// machine.
func settle(x float64, digits int) float64 {
	if x-x != 0 {
		return x // infinite, or not a number
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', digits-1, 64), 64)
	if err != nil {
		panic("distribution: " + err.Error()) // FormatFloat's own text
	}
	return rounded
}
