package inference_test

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"

	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// scipyTo is where TestWriteScipy leaves what .ci/handoff/test_inference.py does again with SciPy.
var scipyTo = flag.String("scipy", "", "write data and answers for SciPy to repeat to this `file`")

// A scipyCase is a question with its data and the answer. Infinite ends are left out.
type scipyCase struct {
	Test     string    `json:"test"`
	X        []float64 `json:"x"`
	Y        []float64 `json:"y,omitempty"`
	Block    []int     `json:"block,omitempty"`
	Null     float64   `json:"null"`
	Alpha    float64   `json:"alpha"`
	Estimate float64   `json:"estimate"`
	Low      *float64  `json:"low"`
	High     *float64  `json:"high"`
	P        float64   `json:"p"`
	Below    float64   `json:"below"`
	Above    float64   `json:"above"`
	Method   string    `json:"method"`
}

// tests are the functions of the package under names; those of one group take no y.
var tests = map[string]func(x, y []float64, q inference.Question) (inference.Answer, error){
	"mean": func(x, _ []float64, q inference.Question) (inference.Answer, error) { return inference.Mean(x, q) },
	"median": func(x, _ []float64, q inference.Question) (inference.Answer, error) {
		return inference.Median(inference.Measured(x), q)
	},
	"signed rank": func(x, _ []float64, q inference.Question) (inference.Answer, error) {
		return inference.SignedRank(inference.Measured(x), q)
	},
	"difference": func(x, y []float64, q inference.Question) (inference.Answer, error) {
		return inference.Difference(inference.Measured(x), inference.Measured(y), q)
	},
	"ratio": func(x, y []float64, q inference.Question) (inference.Answer, error) {
		return inference.Ratio(inference.Measured(x), inference.Measured(y), q)
	},
	"superiority":  inference.Superiority,
	"welch":        inference.WelchDifference,
	"fieller":      inference.WelchRatio,
	"two as trend": twoAsTrend,
	"bootstrap-t": func(x, _ []float64, q inference.Question) (inference.Answer, error) {
		return inference.MeanBootstrapT(x, 1999, q)
	},
}

// twoAsTrend takes two groups for a trend from 0 to 1.
func twoAsTrend(x, y []float64, q inference.Question) (inference.Answer, error) {
	at := make([]float64, len(x)+len(y))
	for i := range x {
		at[i] = 1
	}
	return inference.Trend(at, inference.Measured(append(append([]float64{}, x...), y...)), nil, q)
}

func answered(t *testing.T, test string, x, y []float64, block []int, q inference.Question) scipyCase {
	t.Helper()
	q.Purpose = "test/scipy"
	var a inference.Answer
	var err error
	if test == "trend" {
		a, err = inference.Trend(x, inference.Measured(y), block, q)
	} else {
		a, err = tests[test](x, y, q)
	}
	if err != nil {
		t.Fatal(err)
	}
	end := func(x float64) *float64 {
		if math.IsInf(x, 0) {
			return nil
		}
		return &x
	}
	return scipyCase{test, x, y, block, q.Null, q.Alpha, a.Estimate, end(a.Low), end(a.High), a.P, a.Below, a.Above, string(a.Method)}
}

// drawn gives n values about a centre; rounded to so many levels a unit, if there are any.
func drawn(s *kernel.Stream, n int, centre, spread float64, levels float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = centre + float64(spread*s.Normal()) // equal bits for TestGolden
		if levels > 0 {
			x[i] = math.Round(x[i]*levels) / levels
		}
	}
	return x
}

// TestWriteScipy asks every question of data with and without ties. Without -scipy it only shows that this
// can be done.
func TestWriteScipy(t *testing.T) {
	s := kernel.NewStream(15, "test/inference/scipy")
	var cases []scipyCase
	ask := func(test string, x, y []float64, null, alpha float64) {
		cases = append(cases, answered(t, test, x, y, nil, inference.Question{Null: null, Alpha: alpha}))
	}
	for _, alpha := range []float64{0.05, 0.1, 0.002} {
		for _, n := range []int{2, 5, 9, 24} {
			for _, levels := range []float64{0, 2} {
				x := drawn(s, n, 10, 1, levels)
				for _, test := range []string{"mean", "median", "signed rank"} {
					ask(test, x, nil, 9.5, alpha)
				}
			}
		}
		for _, sizes := range [][2]int{{3, 4}, {5, 5}, {4, 7}, {15, 15}, {17, 25}} {
			for _, levels := range []float64{0, 2} {
				x, y := drawn(s, sizes[0], 11, 1, levels), drawn(s, sizes[1], 10, 2, levels)
				for _, test := range []string{"difference", "welch"} {
					ask(test, x, y, 0.5, alpha)
				}
				for _, test := range []string{"ratio", "fieller"} {
					ask(test, x, y, 1, alpha)
				}
				ask("superiority", x, y, 0.5, alpha)
				ask("superiority", x, y, 0.65, alpha)
				ask("two as trend", x, y, 0, alpha)
			}
		}
	}
	for _, blocked := range []bool{false, true} {
		for _, levels := range []float64{0, 2} {
			for _, slope := range []float64{0, 3} {
				var x, y []float64
				var block []int
				for seed := range 3 {
					for _, at := range []float64{0.6, 0.8, 0.9} {
						x, block = append(x, at), append(block, seed)
						y = append(y, slope*at+drawn(s, 1, float64(seed), 0.4, levels)[0])
					}
				}
				if !blocked {
					block = nil
				}
				cases = append(cases, answered(t, "trend", x, y, block, inference.Question{Null: 1, Alpha: 0.1}))
			}
		}
	}
	for range 3 {
		x, y := drawn(s, 60, 0, 1, 0), drawn(s, 60, 0, 1, 0)
		for i := range y {
			y[i] += x[i] / 3
		}
		cases = append(cases, answered(t, "trend", x, y, nil, inference.Question{Alpha: 0.05}))
	}
	if *scipyTo == "" {
		return
	}
	data, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*scipyTo, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
