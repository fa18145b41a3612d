package claimtests

import (
	"maps"

	"spurion/stages"
)

// Former are tests that there were, each with what to write instead.
var Former = map[string]string{
	"ratio": `Write test "compare" with effect = "ratio", and min_effect for at_least; statistic = "mean" for the ratio of means.`,
}

// formerSettings are settings that tests had: these, and those that all had.
func formerSettings(own map[string]stages.Former) map[string]stages.Former {
	all := map[string]stages.Former{
		"confidence": {Instead: "The interval covers 1 - alpha, since it is of the same test as the p-value; set alpha."},
		"resamples":  {Instead: "The interval comes of the test itself, not of resamples, so it has no effect.", Ignored: true},
	}
	maps.Copy(all, own)
	return all
}
