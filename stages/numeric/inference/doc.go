// Package inference judges numbers: each function takes one value for each independent unit (a seed, mostly)
// and gives an effect with its confidence interval and its p-value, both from one test. It knows no tables, no
// claims and no words.
//
// # What an answer promises
//
//   - The interval covers 1 - alpha, and P is two-sided: twice the smaller of the two one-sided p-values, at most 1.
//     The interval holds what the test does not reject, so that it leaves Null out if P is at most Alpha, and only
//     then. Where values are equal (ties) or censored the two may part, and Difference and Ratio now and then keep a Null inside that P
//     rejects: who says that an effect is beyond Null asks for both.
//   - Where too few values are at hand for a test to say anything, P is 1 and the interval has no ends.
//   - Values that differ by rounding alone (1e-12 of the largest) are equal.
//   - Nothing that is passed is changed. Infinite values are ranked; a mean of them is an error of the caller.
//   - The same numbers give the same bits on every machine: all p-values are sums, products, quotients, roots and
//     kernel's exponentials and logarithms. Random permutations come from kernel.NewStream(0, Purpose).
package inference
