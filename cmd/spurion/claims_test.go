package main

import (
	"fmt"
	"strings"
	"testing"

	"spurion/pipeline/results"
)

func someClaims() []results.Claim {
	half, p := 0.5, 0.01
	return []results.Claim{
		{Address: "claim.a_first", Name: "a_first", Says: "A | b.", Verdict: "reproduced", Value: &half, Low: &half, High: &half, PAdjusted: &p, N: 40, Units: 20, Setting: "ours"},
		{Address: "claim.a_second[task=x]", Name: "a_second", Says: "C.", Verdict: "not reproduced", Detail: "Half is not one.", Value: &half, N: 20, Units: 20},
		{Address: "claim.b", Name: "b", Says: "D.", Verdict: results.NotEvaluated, Detail: "its tables are not computed"},
	}
}

// someTexts knows the output markdown of table.x.
func someTexts(address, output string) (string, error) {
	if address != "table.x" || output != "markdown" {
		return "", fmt.Errorf("%s has no output %q", address, output)
	}
	return "| a |\n\ncaption", nil
}

func TestFillPage(t *testing.T) {
	const page = "# Title\n<!-- verdicts -->\nold\n<!-- end -->\nprose\n<!-- claims a_* -->\nold | table\n<!-- end -->\n<!-- claims b -->\n<!-- end -->\n<!-- text table.x markdown -->\nold\n<!-- end -->\nlast line"
	const want = "# Title\n<!-- verdicts -->\nOf 3 claims: 1 reproduced, 1 not reproduced, 1 not evaluated.\n\n" +
		"- `a_second[task=x]`, not reproduced: Half is not one.\n- `b`, not evaluated: its tables are not computed\n<!-- end -->\nprose\n" +
		"<!-- claims a_* -->\n| claim | says | verdict | estimate [95 %] | p (Holm) | n | setting |\n|---|---|---|---|---|---|---|\n" +
		"| `a_first` | A \\| b. | reproduced | 0.5 [0.5, 0.5] | 0.01 | 40 of 20 units | ours |\n" +
		"| `a_second[task=x]` | C. | **not reproduced** | 0.5 | - | 20 |  |\n<!-- end -->\n" +
		"<!-- claims b -->\n| claim | says | verdict | estimate [95 %] | p (Holm) | n | setting |\n|---|---|---|---|---|---|---|\n" +
		"| `b` | D. | **not evaluated** | - | - | - |  |\n<!-- end -->\n<!-- text table.x markdown -->\n| a |\n\ncaption\n<!-- end -->\nlast line"
	got, err := fillPage(page, someClaims(), someTexts)
	if err != nil || got != want {
		t.Fatalf("%v\n%s\nwant\n%s", err, got, want)
	}
	if again, err := fillPage(got, someClaims(), someTexts); err != nil || again != got {
		t.Errorf("filled twice, it is %v\n%s", err, again)
	}
}

func TestFillPageMistakes(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"claim missing":    {"<!-- claims a_* -->\n<!-- end -->\n", "claim b is on no table"},
		"pattern unused":   {"<!-- claims * c_* -->\n<!-- end -->\n", `line 1: no claim matches "c_*"`},
		"pattern broken":   {"<!-- claims [ -->\n<!-- end -->\n", `pattern "["`},
		"section unended":  {"<!-- claims * -->\nold", "has no <!-- end -->"},
		"no such text":     {"<!-- claims * -->\n<!-- end -->\n<!-- text table.y markdown -->\n<!-- end -->\n", `line 3: table.y has no output "markdown"`},
		"half a text":      {"<!-- claims * -->\n<!-- end -->\n<!-- text table.x -->\n<!-- end -->\n", "line 3: a text is named by"},
		"nothing replaced": {"prose\n", "claim a_first is on no table"},
	} {
		if _, err := fillPage(c.page, someClaims(), someTexts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
