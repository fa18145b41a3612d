package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/pipeline"
	"spurion/pipeline/results"
)

// Some rows of docs/statistics.md are computed again, with all their repetitions: the page's numbers are what comes out today.
func TestStatisticsAreReproduced(t *testing.T) {
	if testing.Short() {
		t.Skip("draws 15,000 data sets")
	}
	page, err := os.ReadFile("../../docs/statistics.md")
	if err != nil {
		t.Fatal(err)
	}
	section := regexp.MustCompile(`(?s)<!-- text comparison.rates\[shown=null_(\w+)\] markdown -->(.*?)<!-- end -->`)
	tables := map[string]string{}
	for _, m := range section.FindAllStringSubmatch(string(page), -1) {
		tables[m[1]] = m[2]
	}
	e := openSpec(t, pipeline.ReadWrite, "../../specs/statistics")
	for method, title := range map[string]string{
		"mean": "threshold, mean (Student's t)", "paired_median": "paired, median (sign test)", "share": "always, at_least_share (binomial)",
	} {
		target := fmt.Sprintf("simulate.null[method=%s]", method)
		p, err := e.Plan(t.Context(), pipeline.Selection{Targets: []string{target}})
		if err != nil {
			t.Fatal(err)
		}
		result, err := e.Run(t.Context(), p, pipeline.RunOptions{Workers: 2})
		if err != nil || result.Outcome != results.Done {
			t.Fatal(err, result.Failures)
		}
		for _, column := range []string{"reproduced", "coverage"} {
			want := "| " + title + " |"
			for _, units := range []int{3, 5, 8, 20, 50} {
				want += fmt.Sprintf(" %.3f |", number1(t, e, fmt.Sprintf("simulate.null[method=%s,units=%d]", method, units), column))
			}
			if !strings.Contains(strings.ReplaceAll(tables[column], `\`, ""), want) {
				t.Errorf("%s of %s is now\n%s\non the page\n%s", column, method, want, tables[column])
			}
		}
	}
}

// number1 reads a number of the only row of an instance's rates.
func number1(t *testing.T, e *pipeline.Experiment, target, column string) float64 {
	t.Helper()
	text, err := e.Text(t.Context(), target, "rates")
	if err != nil {
		t.Fatal(err)
	}
	table, err := frame.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return table.Column(column).Float64s[0]
}
