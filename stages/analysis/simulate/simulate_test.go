package simulate

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"spurion/stages/stagetest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func cases() []stagetest.Case {
	return []stagetest.Case{
		{Name: "compare", Settings: `{"method": "compare", "units": 5, "units_smaller": 7, "spread": 3, "effect": 1, "repetitions": 20}`},
		{Name: "censored ratio", Settings: `{"method": "ratio", "law": "lognormal", "units": 6, "censored": 0.3, "effect": 2, "bound": 2, "repetitions": 20}`},
		{Name: "rows", Settings: `{"method": "trend_blocks", "law": "heavy", "units": 4, "rows": 3, "shared": 0.5, "repetitions": 20}`},
		{Name: "superiority", Settings: `{"method": "superiority", "law": "shares", "units": 6, "effect": 0.8, "repetitions": 20}`},
		{Name: "skewed pairs", Settings: `{"method": "equivalent_paired", "law": "lognormal", "units": 7, "effect": 1, "repetitions": 20}`},
		{Name: "fit", Settings: `{"method": "fit", "units": 5, "effect": 1, "repetitions": 20}`},
		{Name: "rounded median", Settings: `{"method": "median", "law": "rounded", "units": 8, "repetitions": 20}`},
	}
}

func TestConform(t *testing.T) {
	for _, c := range cases() {
		stagetest.Conform(t, Kind, c)
	}
}

func TestGolden(t *testing.T) { stagetest.GoldenFiles(t, Kind, *update, cases()...) }

// Every method is right where its test is exact or near it, sees an effect that is large, and says the opposite of one that is below
// the bound.
func TestMethods(t *testing.T) {
	far := map[string]float64{"share": 0.999, "superiority": 0.99, "ratio": 1.5, "ratio_mean": 1.5, "trend_ratio": 1.5, "equivalent": 0, "equivalent_paired": 0}
	for _, m := range slices.Sorted(maps.Keys(methods)) {
		t.Run(m, func(t *testing.T) {
			t.Parallel()
			effect := 4.0
			if x, ok := far[m]; ok {
				effect = x
			}
			null := ""
			if strings.HasPrefix(m, "equivalent") {
				null = `, "effect": 1`
			}
			rates := func(more string) (reproduced, not, coverage float64) {
				out := stagetest.Run(t, Kind, fmt.Sprintf(`{"method": %q, "units": 10, "repetitions": 200, "permutations": 199 %s}`, m, more), nil)["rates"]
				return out.Column("reproduced").Float64s[0], out.Column("not_reproduced").Float64s[0], out.Column("coverage").Float64s[0]
			}
			margin := ""
			if strings.HasPrefix(m, "equivalent") {
				margin = `, "bound": 3`
			}
			if r, _, _ := rates(fmt.Sprintf(`, "effect": %v %s`, effect, margin)); r < 0.9 {
				t.Errorf("a large effect is reproduced in %.3f", r)
			}
			r, not, coverage := rates(null)
			most := 0.025
			if strings.HasPrefix(m, "equivalent") {
				most = 0.05
			}
			if m == "fit" { // a constant that leads is rightly said to; its lead has no true value
				most, not, coverage = 0.05, 0, 1
			}
			if room := 0.03; r > most+room || not > most+room || coverage < 1-2*most-2*room {
				t.Errorf("without an effect: reproduced %.3f, not reproduced %.3f, coverage %.3f", r, not, coverage)
			}
		})
	}
}

// Counting rows as seeds is seen: what is false is reproduced far too often.
func TestRowsAsUnits(t *testing.T) {
	for mistake, want := range map[bool]func(float64) bool{
		false: func(r float64) bool { return r < 0.06 },
		true:  func(r float64) bool { return r > 0.15 },
	} {
		out := stagetest.Run(t, Kind, fmt.Sprintf(`{"method": "compare_mean", "units": 5, "rows": 10, "rows_as_units": %v, "repetitions": 400}`, mistake), nil)["rates"]
		if r := out.Column("reproduced").Float64s[0]; !want(r) {
			t.Errorf("rows as units %v: %.3f reproduced", mistake, r)
		}
	}
}

func TestErrors(t *testing.T) {
	for settings, want := range map[string]string{
		`{"method": "mean", "units": 5, "spread": 2}`:                      "spread: ",
		`{"method": "mean", "units": 5, "units_smaller": 2}`:               "units_smaller: ",
		`{"method": "ratio", "units": 5, "law": "heavy"}`:                  "law: ",
		`{"method": "ratio", "units": 5, "effect": -1}`:                    "effect: ",
		`{"method": "share", "units": 5, "bound": 1}`:                      "bound: ",
		`{"method": "trend", "units": 5, "bound": 1}`:                      "bound: ",
		`{"method": "median", "law": "lognormal", "units": 5, "rows": 2}`:  "rows: ",
		`{"method": "compare_mean", "units": 5, "censored": 0.2}`:          "censored: ",
		`{"method": "paired", "units": 5, "shared": 0.2}`:                  "shared: ",
		`{"method": "compare", "units": 5, "rows_as_units": true}`:         "rows_as_units: ",
		`{"method": "trend", "law": "lognormal", "units": 5, "spread": 2}`: "spread: ",
		`{"method": "equivalent", "units": 5, "bound": -1}`:                "bound: ",
		`{"method": "fit", "units": 5, "bound": 1}`:                        "bound: ",
		`{"method": "fit", "units": 5, "censored": 0.2}`:                   "censored: ",
		`{"method": "no", "units": 5}`:                                     "method",
	} {
		if _, err := stagetest.Try(t.Context(), Kind, settings, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", settings, err, want)
		}
	}
}
