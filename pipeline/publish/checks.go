package publish

import "strings"

// A role is what the verdicts of a table are about: claims, or checks, which must hold for the claims to mean
// anything. Their tests are the same, and so are the verdicts in the store.
type role struct {
	kind   string // Source.Kind, and the column of the names
	path   string
	output string
	doc    string
	// family says that the p-values are corrected for their number.
	family bool
}

// roles are the tables of verdicts, in the order in which they are made.
var roles = []role{
	{kind: "claim", path: "claims.parquet", output: "claims", doc: "The verdicts on the claims of the experiment", family: true},
	{kind: "check", path: "checks.parquet", output: "checks", doc: "The verdicts on the checks of the experiment: what must hold for its claims to mean anything"},
}

// The verdicts on a check. Between them is "inconclusive", as of a claim.
const (
	Met    = "met"
	NotMet = "not met"
)

var checkWords = strings.NewReplacer(notReproduced, NotMet, Reproduced, Met)

// OfCheck puts a test's words for a verdict on a claim into those for one on a check. The store has the former, whatever
// the block that asked, so that a claim that becomes a check computes nothing.
func OfCheck(text string) string { return checkWords.Replace(text) }

// wordy are the columns of a verdict that have words of the role in them.
var wordy = []string{"verdict", "needed", "detail"}

// words puts a text of a test into the role's words.
func (r role) words(text string) string {
	if r.family {
		return text
	}
	return OfCheck(text)
}
