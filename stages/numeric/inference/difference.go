package inference

import (
	"math"
	"slices"
)

// Difference asks Brunner and Munzel's test (2000, Biom. J. 42, 17-25) how far larger lies above smaller: whether values of
// larger, moved down by Null, tend to be above those of smaller. Spreads and sizes may differ. The estimate is Hodges
// and Lehmann's (1963, Ann. Math. Statist. 34, 598-611): the median of all differences of a value of each group. The
// interval holds the shifts that the test does not reject.
//
// Where a group has fewer than 15 values, P comes from dealing the values to the groups, in all ways or at random
// (Neubert, Brunner 2007, Comput. Stat. Data Anal. 51, 5192-5204); else from Student's distribution. It is never below
// the smallest that dealing could give. Values may be censored, and a group may be empty.
//
// The statistic does not always rise with the shift. Up to 4,000 differences, all shifts are looked at, and the interval
// runs from the least to the greatest that is kept; with more, and where deals of tied values must be drawn
// for each shift, its ends are sought by bisection between the estimate and what lies outside.
func Difference(larger, smaller []Value, q Question) (Answer, error) {
	return shift(larger, smaller, false, q)
}

// Ratio is Difference on a multiplicative scale: how many times as large larger is as smaller; Null is a ratio such as
// 1. All values must be positive; where one is not there is no estimate, and P is 1. The low end is 0 where there is
// none.
func Ratio(larger, smaller []Value, q Question) (Answer, error) {
	for _, v := range slices.Concat(larger, smaller) {
		if !(v.Score > 0 && v.Least > 0 && v.Most > 0) || q.Null <= 0 {
			a := unknown(math.NaN(), q, enoughDealt(q.Alpha))
			a.Low = max(a.Low, 0)
			return a, nil
		}
	}
	return shift(larger, smaller, true, q)
}

// fewest is the size of a group from which on Student's distribution is good enough.
const fewest = 15

// maxLevels is the number of differences up to which all shifts are looked at.
const maxLevels = 4000

func shift(larger, smaller []Value, ratio bool, q Question) (Answer, error) {
	bottom := math.Inf(-1)
	if ratio {
		bottom = 0
	}
	n, m := len(larger), len(smaller)
	if n == 0 || m == 0 {
		a := unknown(math.NaN(), q, enoughDealt(q.Alpha))
		a.Low = max(a.Low, bottom)
		return a, nil
	}
	a := Answer{LeastUnits: enoughDealt(q.Alpha)}
	b := &shifts{two: newTwo(Scores(larger), Scores(smaller), ratio), q: &q, student: min(n, m) >= fewest, floor: leastP([]int{n, m})}
	below, above, err := b.tails(q.Null)
	if err != nil {
		return a, err
	}
	a = a.sided(below, above)
	a.Method, a.LeastP = b.method, min(1, twice(b.floor))
	lows := newTwo(pick(larger, least), pick(smaller, most), ratio)
	highs := newTwo(pick(larger, most), pick(smaller, least), ratio)
	a.Estimate = known(lows.median(), highs.median())
	if q.NoInterval {
		return a.without(q), nil
	}
	b.two = lows
	if a.Low, err = b.end(1, bottom); err != nil {
		return a, err
	}
	b.two = highs
	a.High, err = b.end(-1, math.Inf(1))
	slack := b.slack
	if ratio {
		slack = slackOf(q.Null)
	}
	return a.snapped(q, slack), err
}

// enoughDealt gives the least number of values in each of two groups of which a deal can reach alpha on either side.
func enoughDealt(alpha float64) int { return enough(2, alpha/2, false) }
