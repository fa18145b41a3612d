package claimtests

import (
	"math"
	"strings"
	"testing"

	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// following gives runs whose y follows a law times the exponential of noise, rounded up to whole
// steps.
func following(stream *kernel.Stream, seeds int, noise float64, law func(x float64) float64) stagetest.Inputs {
	var y [][]float64
	for _, x := range strengths {
		var at []float64
		for range seeds {
			at = append(at, math.Ceil(law(x)*math.Exp(noise*stream.Normal())))
		}
		y = append(y, at)
	}
	return runs(strengths, y...)
}

func TestFit(t *testing.T) {
	stream := kernel.NewStream(8, "test/fit")
	variance := following(stream, 6, 0.1, func(x float64) float64 { return 5000 / (4 * x * (1 - x)) })
	line := following(stream, 6, 0.05, func(x float64) float64 { return 100 + 4000*x })
	nothing := following(stream, 6, 0.5, func(float64) float64 { return 3000 })
	steady := following(stream, 20, 0.2, func(float64) float64 { return 3000 })
	const base = `"x": "strength", "y": "t95"`
	p := 1. / 2000
	check(t, Fit, base, []outcomes{
		{"the law", `, "law": "1/(4x(1-x))"`, variance, reproduced, anyNumber, p, 36, 6, "The law y = a / (4 x (1 - x)) (a = 5"},
		{"another law", `, "law": "linear"`, variance, notReproduced, anyNumber, p, 36, 6, "is behind the best other law, y = a / (4 x (1 - x))"},
		{"on y", `, "law": "1/(4x(1-x))", "scale": "linear"`, variance, reproduced, anyNumber, p, 36, 6, ""},
		{"against few", `, "law": "1/(4x(1-x))", "against": ["1/(1-x)", "linear"]`, variance, reproduced, anyNumber, p, 36, 6, ""},
		{"a law that contains it", `, "law": "1/(4x(1-x))", "against": ["1/(4x(1-x))^b"], "min_lead": 4`, variance, inconclusive, anyNumber, p, 36, 6, "No law is ahead by 4 in the whole interval."},
		{"more explained", `, "law": "1/(4x(1-x))", "min_r2": 0.999`, variance, notReproduced, anyNumber, p, 36, 6, "The whole interval of R² lies below 0.999."},
		{"about as much", `, "law": "1/(4x(1-x))", "min_r2": 0.97`, variance, inconclusive, anyNumber, p, 36, 6, "The interval of R² holds 0.97."},
		{"a line", `, "law": "linear", "against": ["1/(1-x)", "1/(4x(1-x))", "constant"]`, line, reproduced, anyNumber, p, 36, 6, ""},
		{"no law", `, "law": "1/(4x(1-x))"`, steady, notReproduced, anyNumber, anyNumber, 120, 20, "That law leads by 2 or more in the whole interval."},
		{"too little noise to tell from nothing", `, "law": "1/(4x(1-x))"`, nothing, inconclusive, anyNumber, anyNumber, 36, 6, "If leads grow as the units do, about "},
		{"a constant", `, "law": "constant", "against": ["1/(1-x)", "1/(4x(1-x))"]`, steady, reproduced, anyNumber, null, 120, 20, "The law y = a (a = "},
		{"few values", `, "law": "linear", "where": {"strength": "<= 0.7"}`, line, inconclusive, null, null, 18, 6, "There are 18 values at 3 values of strength: laws need 6 at 4."},
	})
	mistakes(t, Fit, runs(strengths, []float64{0}, []float64{1}, []float64{1}, []float64{1}, []float64{1}, []float64{null}), map[string]string{
		base + `, "law": "linear"`:                                                    "t95 is null in 1 row of 6",
		base + `, "law": "linear", "missing": "drop"`:                                 `has 0, which has no logarithm; set scale = "linear"`,
		base + `, "law": "cubic"`:                                                     "cubic",
		base + `, "law": "linear", "against": ["linear"]`:                             "no other law",
		`"x": "t95", "y": "t95", "law": "linear"`:                                     "used twice",
		`"x": "method", "y": "t95", "law": "linear", "missing": "drop"`:               "not numbers",
		`"x": "seed", "y": "strength", "law": "power"`:                                "law power has no value at some seed of 0 to 0",
		base + `, "law": "linear", "missing": "drop", "scale": "linear", "unit": "s"`: `"s"`,
	})
}

// TestFits reads the table of fits: the law of the data is the best, its parameter is in its interval
// and near the truth, and the others exceed it by what the verdict says.
func TestFits(t *testing.T) {
	stream := kernel.NewStream(9, "test/fits")
	data := following(stream, 8, 0.1, func(x float64) float64 { return 3000 * math.Pow(1-x, -0.7) })
	out := stagetest.Run(t, Fit, `{"x": "strength", "y": "t95", "law": "1/(1-x)^b", "against": ["1/(1-x)", "linear", "a+b/(1-x)", "constant", "exponential"]}`, data)
	fits, verdict := out["fits"], out["verdict"]
	if fits.Rows() != 6 || verdict.Column("verdict").Strings.At(0) != reproduced {
		t.Fatalf("%d fits, %s", fits.Rows(), verdict.Column("detail").Strings.At(0))
	}
	value := func(name string, row int) float64 {
		v, ok := fits.Column(name).Value(row).(float64)
		if !ok {
			return math.NaN()
		}
		return v
	}
	second, shares := math.Inf(1), 0.0
	for i := range fits.Rows() {
		shares += value("best_share", i)
		if !fits.Column("claimed").Bools[i] {
			second = min(second, value("aicc_excess", i))
			continue
		}
		for name, want := range map[string]float64{"a": 3000, "b": 0.7} {
			if got := value(name, i); math.Abs(got/want-1) > 0.1 || value(name+"_low", i) > got || value(name+"_high", i) < got {
				t.Errorf("%s is %v, %v to %v", name, got, value(name+"_low", i), value(name+"_high", i))
			}
		}
		if value("r2", i) < 0.9 || value("r2", i) > 1 || value("aicc_excess", i) != 0 {
			t.Errorf("R² %v, excess %v", value("r2", i), value("aicc_excess", i))
		}
	}
	if lead := verdict.Column("estimate").Float64s[0]; math.Abs(lead-second) > 1e-9 || math.Abs(shares-1) > 1e-12 {
		t.Errorf("the lead is %v, the second best exceeds it by %v; shares add to %v", lead, second, shares)
	}
	if b := fits.Column("b").Value(0); b != nil || !strings.Contains(fits.Column("law").Strings.At(0), "constant") {
		t.Errorf("the constant has b = %v", b)
	}
}
