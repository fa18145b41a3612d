package results

import (
	"slices"

	"spurion/pipeline/page"
)

// What a page shows at most, of instances of one claim, of rows of a comparison, of comparisons, of images, and of
// failures. All there is stands in files beside it, and the page counts what it leaves out.
const maxInstances, maxRows, maxComparisons, maxFigures, maxFailures = 200, 500, 200, 200, 200

// mostTelling gives the places of up to n instances of a claim, in order: first of all those that do not hold. It counts
// the others.
func mostTelling(list []Claim, n int) (some []int, left []page.Left) {
	for i := range list {
		some = append(some, i)
	}
	if len(list) <= n {
		return some, nil
	}
	slices.SortStableFunc(some, func(a, b int) int {
		switch {
		case list[a].Holds() == list[b].Holds():
			return 0
		case list[a].Holds():
			return 1
		}
		return -1
	})
	for _, i := range some[n:] {
		c := &list[i]
		k := slices.IndexFunc(left, func(l page.Left) bool { return l.Verdict == c.Verdict })
		if k < 0 {
			k = len(left)
			left = append(left, page.Left{Check: c.IsCheck(), Claim: c.Name, Verdict: c.Verdict})
		}
		left[k].Count++
	}
	some = some[:n]
	slices.Sort(some)
	return some, left
}
