package probe

import (
	"fmt"
	"math"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/stagetest"
)

func probed(t testing.TB, settings string, model *frame.Table) map[string]*frame.Table {
	t.Helper()
	return stagetest.Run(t, Kind, settings, stagetest.Inputs{"model": stagetest.Tables(model)})
}

// meanAndVariance gives the mean of values and their variance (with n - 1).
func meanAndVariance(values []float64) (mean, variance float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean) / (n - 1)
	}
	return mean, variance
}

// TestRepeatsArePooled: decoded has the mean of repeats with the standard error of that, and the first repeat is what a
// probe without repeats finds.
func TestRepeatsArePooled(t *testing.T) {
	const repeats, steps = 4, 2
	model := table(t, parityLaw(3, 1, 12), network(7), []int64{0, 200}, nil)
	one := probed(t, `{"points": 600, "holdout": 0.8, "parts": true, "splits": 1}`, model)
	got := probed(t, `{"points": 600, "holdout": 0.8, "parts": true, "splits": 1, "repeats": 4}`, model)
	each := got["repeats"]
	if each.Rows() != repeats*steps || got["decoded"].Rows() != steps || got["parts"].Rows() != one["parts"].Rows() {
		t.Fatalf("%d rows of repeats, %d decoded, %d parts", each.Rows(), got["decoded"].Rows(), got["parts"].Rows())
	}
	larger := map[bool]bool{} // whether the spread gives more
	for step := range steps {
		for _, name := range []string{"decoded_core", "decoded_spurious", "decoded_core_fit", "decoded_spurious_fit", "core_correlation", "spurious_correlation"} {
			values := column(t, each, name)[step*repeats : (step+1)*repeats]
			if first := column(t, one["decoded"], name)[step]; values[0] != first || values[1] == first && values[2] == first {
				t.Errorf("%s of the repeats is %v, of a probe without repeats %v", name, values, first)
			}
			mean, variance := meanAndVariance(values)
			if v := column(t, got["decoded"], name)[step]; math.Abs(v-mean) > 1e-12 {
				t.Errorf("%s is %v, the mean of repeats %v", name, v, mean)
			}
			switch name {
			case "decoded_core", "decoded_spurious":
				counted := 0.0
				for _, se := range column(t, each, name+"_se")[step*repeats : (step+1)*repeats] {
					counted += se * se / repeats / repeats
				}
				larger[variance/repeats > counted] = true
				if se, want := column(t, got["decoded"], name+"_se")[step], math.Sqrt(max(variance/repeats, counted)); math.Abs(se-want) > 1e-12 {
					t.Errorf("%s_se is %v, want %v, the larger of spread and counts", name, se, want)
				}
			case "core_correlation", "spurious_correlation":
				if se := column(t, got["decoded"], name+"_se")[step]; math.Abs(se-math.Sqrt((1-mean*mean)/(600*repeats))) > 1e-12 {
					t.Errorf("%s_se is %v on %d points", name, se, 600*repeats)
				}
			}
		}
		// With one hidden layer the part all is the last one.
		if whole, all := column(t, got["decoded"], "decoded_core")[step], column(t, got["parts"], "decoded_core")[step*got["parts"].Rows()/steps]; whole != all {
			t.Errorf("decoded_core is %v, of all neurons %v", whole, all)
		}
	}
	if len(larger) != 2 {
		t.Errorf("the spread gives more than counts: always the same, %v", larger)
	}
	if got := probed(t, `{"points": 600, "holdout": 0.8, "repeats": 1}`, model); got["repeats"] != nil || column(t, got["decoded"], "decoded_core")[0] != column(t, one["decoded"], "decoded_core")[0] {
		t.Error("one repeat is not a probe without repeats")
	}
}

// TestRepeatsSpreadAsStandardErrorsSay: over many repeats, estimates vary by what their standard errors from numbers of
// points say: those of the network itself, and those of a classifier that has enough points to fit on. One that has few
// varies more, which only repeats tell.
func TestRepeatsSpreadAsStandardErrorsSay(t *testing.T) {
	const repeats = 400
	model := table(t, parityLaw(2, 1, 10), network(6), []int64{3}, nil)
	ratio := func(points int, holdout float64, name string) float64 {
		each := probed(t, fmt.Sprintf(`{"points": %d, "holdout": %v, "repeats": %d}`, points, holdout, repeats), model)["repeats"]
		_, variance := meanAndVariance(column(t, each, name))
		said := 0.0
		for _, se := range column(t, each, name+"_se") {
			said += se * se / repeats
		}
		return variance / said
	}
	const deviation = 0.0707 // of a variance of 400 values, relative to it
	for _, name := range []string{"core_correlation", "spurious_correlation", "decoded_spurious"} {
		if r := ratio(1000, 0.2, name); math.Abs(r-1) > 4*deviation {
			t.Errorf("%s varies by %.3f of what its standard error says", name, r)
		}
	}
	if r := ratio(250, 0.8, "decoded_spurious"); r < 1+4*deviation {
		t.Errorf("a classifier of 50 points varies by %.3f of what its held-out points alone say", r)
	}
}

// TestStandardErrorOfRepeats: means over five repeats vary from seed to seed by what their standard errors say, also
// where classifiers have few points to fit on.
func TestStandardErrorOfRepeats(t *testing.T) {
	const seeds = 200
	model := table(t, parityLaw(2, 1, 10), network(6), []int64{3}, nil)
	var means []float64
	said := 0.0
	for seed := range seeds {
		got := probed(t, fmt.Sprintf(`{"points": 250, "holdout": 0.8, "repeats": 5, "seed": %d}`, seed), model)["decoded"]
		means = append(means, column(t, got, "decoded_spurious")[0])
		se := column(t, got, "decoded_spurious_se")[0]
		said += se * se / seeds
	}
	// The variance of 200 values has a relative deviation of .1, the mean of 200 variances of five values .05.
	if _, variance := meanAndVariance(means); math.Abs(variance/said-1) > 4*0.112 {
		t.Errorf("means of 5 repeats vary by %.3f of what they say", variance/said)
	}
}

// TestOverflowInARepeat: what cannot be decoded on the points of one repeat has no mean.
func TestOverflowInARepeat(t *testing.T) {
	right := correlation{estimate: estimate{value: 1}}
	ok, lacking := &decoded{held: right, converged: true}, (*decoded)(nil)
	rows := []*row{{decoded: []*decoded{ok, ok}}, {decoded: []*decoded{lacking, ok}}}
	for _, r := range rows {
		r.targets = make([]target, len(r.decoded))
		r.network = [2]correlation{correlationOf(5, 10, 2), correlationOf(5, 10, 2)}
	}
	if got := pool(rows).decoded; got[core] != nil || got[spurious] == nil || *got[spurious] != (decoded{held: right, converged: true}) {
		t.Errorf("%+v", got)
	}
}
