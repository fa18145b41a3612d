package inference

import "errors"

// Difference asks Brunner and Munzel's test (2000, Biom. J. 42, 17-25) how far larger lies above smaller: whether values of larger,
// moved down by Null, tend to be above those of smaller. Spreads and sizes may differ. The estimate is
// Hodges and Lehmann's (1963): the median of all differences of a value of each group. The interval holds the shifts that the
// test does not reject.
//
// Where a group has fewer than 15 values, P comes from dealing the values to the groups, in all ways or at random
// (Neubert, Brunner 2007, Comput. Stat. Data Anal. 51, 5192-5204); else from Student's distribution. It is never below
// the smallest that dealing could give. Values may be censored, and a group may be empty.
func Difference(larger, smaller []Value, q Question) (Answer, error) {
	return Answer{}, errors.New("inference: Difference: to come")
}

// Ratio is Difference on a multiplicative scale: how many times as large larger is as smaller, Null such as 1. All values must
// be positive; where one is not there is no estimate and P is 1. The low end is 0 where there is none.
func Ratio(larger, smaller []Value, q Question) (Answer, error) {
	return Answer{}, errors.New("inference: Ratio: to come")
}

// Superiority asks about the probability that a value of larger is above one of smaller, equal ones counted half; Null such as
// 0.5. Infinite values are equal to each other.
func Superiority(larger, smaller []float64, q Question) (Answer, error) {
	return Answer{}, errors.New("inference: Superiority: to come")
}

// WelchDifference asks Welch's t (1947, Biometrika 34, 28-35) about the difference of two means.
func WelchDifference(larger, smaller []float64, q Question) (Answer, error) {
	return Answer{}, errors.New("inference: WelchDifference: to come")
}

// WelchRatio asks about the ratio of two means, of positive values: Fieller's method (1954, J. R. Stat. Soc. B 16, 175-185) with
// Welch's variance and degrees of freedom. The interval has no high end where the mean of smaller may be 0.
func WelchRatio(larger, smaller []float64, q Question) (Answer, error) {
	return Answer{}, errors.New("inference: WelchRatio: to come")
}

// Trend asks the test of Jonckheere (1954) and Terpstra (1952) whether y rises with x: whether y - Null x does. block gives each
// value's block, such as its seed, in 0, 1, ...: only values of one block are compared; nil compares all. The estimate is
// the slope of Theil (1950) and Sen (1968, JASA 63, 1379-1389), in y's unit per unit of x: the median of the slopes of all pairs
// that are compared and differ in x; the interval runs between two of those slopes.
func Trend(x []float64, y []Value, block []int, q Question) (Answer, error) {
	return Answer{}, errors.New("inference: Trend: to come")
}

// SomersD gives Somers' D of y on x (1962, Am. Sociol. Rev. 27, 799-811) within blocks, as in Trend: of the pairs that differ in x, the
// share in which y differs in the same sense less the share of the opposite one. NaN without such a pair.
func SomersD(x, y []float64, block []int) float64 { return 0 }
