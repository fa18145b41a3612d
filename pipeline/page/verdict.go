package page

import "slices"

// class sorts verdicts by what they mean for the claim: yes, no, weak (shown by its own test, but not as one of so many
// claims), or open.
func class(verdict string) string {
	switch verdict {
	case "reproduced", "met":
		return "yes"
	case "not reproduced", "not met":
		return "no"
	case "reproduced, not after Holm":
		return "weak"
	}
	return "open"
}

// worse are the classes from the one that speaks most against a claim on.
var worse = []string{"no", "open", "weak", "yes"}

// Mark gives the sign of a verdict, which tells it apart without colors.
func Mark(verdict string) string {
	return map[string]string{"yes": "✓", "no": "✗", "weak": "◐", "open": "?"}[class(verdict)]
}

// A tallied verdict says how many claims have it.
type tallied struct {
	Verdict string
	Count   int
}

// tally counts verdicts, the usual ones first.
func tally(claims []Claim, usual ...string) []tallied {
	var list []tallied
	for _, v := range usual {
		list = append(list, tallied{Verdict: v})
	}
	for _, c := range claims {
		found := false
		for i := range list {
			if list[i].Verdict == c.Verdict {
				list[i].Count++
				found = true
			}
		}
		if !found {
			list = append(list, tallied{c.Verdict, 1})
		}
	}
	return list
}

// withLeft adds those that are not shown.
func withLeft(list []tallied, left []Left) []tallied {
	for _, l := range left {
		i := slices.IndexFunc(list, func(t tallied) bool { return t.Verdict == l.Verdict })
		if i < 0 {
			i = len(list)
			list = append(list, tallied{Verdict: l.Verdict})
		}
		list[i].Count += l.Count
	}
	return list
}

// leftOf gives what is not shown of the claims, or of the checks.
func (v *view) leftOf(checks bool) []Left {
	var list []Left
	for _, l := range v.Left {
		if l.Check == checks {
			list = append(list, l)
		}
	}
	return list
}

// class is that of the verdict which speaks most against the claim.
func (a article) class() string {
	worst := len(worse) - 1
	for _, c := range a.Claims {
		worst = min(worst, slices.Index(worse, class(c.Verdict)))
	}
	return worse[worst]
}

// refuted gives the claims that are not reproduced.
func (v *view) refuted() []Claim {
	var list []Claim
	for _, c := range v.Claims {
		if class(c.Verdict) == "no" {
			list = append(list, c)
		}
	}
	return list
}

// unmet gives the checks that are not met, or not decided.
func (v *view) unmet() []Claim {
	var list []Claim
	for _, c := range v.Checks {
		if class(c.Verdict) != "yes" {
			list = append(list, c)
		}
	}
	return list
}
