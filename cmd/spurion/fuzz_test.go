package main

import (
	"errors"
	"strings"
	"testing"

	"spurion/pipeline/results"
)

// FuzzPage: filling a page twice is filling it once; what stands outside of markers stays.
func FuzzPage(f *testing.F) {
	for _, text := range []string{
		"# Claims\n<!-- claims * -->\nold\n<!-- end -->\nafter\n", "<!-- checks b -->\n<!-- end -->\n<!-- claims * -->\n<!-- end -->\n<!-- verdicts -->\n<!-- end -->\n", "<!-- verdicts -->\n<!-- end -->\n<!-- claims a_* b -->\n<!-- end -->", "<!-- text comparison.x markdown -->\n<!-- end -->\n<!-- claims * -->\r\n<!-- end -->\r\n",
		"<!-- claims -->\n", "<!-- claims [ -->\n<!-- end -->\n", "<!-- text -->", "<!-- claims * --><!-- end -->", "  <!-- verdicts -->  \nx\n  <!-- end -->  \n", "<!-- claims * -->", "<!-- text  -->\n<!-- end -->",
	} {
		f.Add(text)
	}
	claims := []results.Claim{{Role: "claim", Name: "a_first", Says: "It is so | or *so*.", Verdict: "reproduced"}, {Role: "claim", Name: "b", Verdict: "not reproduced"}}
	checks := []results.Claim{{Role: "check", Name: "b", Verdict: "not met"}}
	output := func(address, output string) (string, error) {
		if address != "comparison.x" {
			return "", errors.New("there is no such text")
		}
		return "| a |\n", nil
	}
	content := pageContent{claims, checks, output}
	f.Fuzz(func(t *testing.T, page string) {
		once, err := fillPage(page, content)
		if err != nil {
			return
		}
		twice, err := fillPage(once, content)
		if err != nil || twice != once {
			t.Errorf("%q becomes %q, then %q, %v", page, once, twice, err)
		}
		first, _, _ := strings.Cut(page, "<!--")
		if line := first[:strings.LastIndexByte(first, '\n')+1]; !strings.HasPrefix(once, line) {
			t.Errorf("%q loses %q", page, line)
		}
	})
}
