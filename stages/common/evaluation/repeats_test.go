package evaluation

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// wide is a law whose cube of 2^15 points is drawn from.
func wide(t testing.TB) *datalaw.Compiled {
	t.Helper()
	l := datasettest.Law(t).Law()
	l.Independent += 5
	return datasettest.Compile(t, &l)
}

func streams(seed int64, repeats int) []*kernel.Stream {
	var list []*kernel.Stream
	for k := 1; k < repeats; k++ {
		list = append(list, kernel.NewStream(seed, fmt.Sprintf("points/%d", k)))
	}
	return list
}

// repeated measures a network on points of so many repeats.
func repeated(t testing.TB, law *datalaw.Compiled, net *neuralnet.Network, points, repeats int, seed int64) Measures {
	t.Helper()
	e, err := NewEvaluator(law, points, "cross_entropy", kernel.NewStream(seed, "points"), &dataset.Ledger{})
	if err == nil {
		err = e.Repeat(streams(seed, repeats))
	}
	if err != nil {
		t.Fatal(err)
	}
	if e.Points() != points*repeats {
		t.Fatalf("%d repeats of %d points are %d", repeats, points, e.Points())
	}
	m, err := e.Evaluate(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// An estimate is a measure with its standard error.
type estimate struct{ value, se float64 }

// estimates gives those of measures by name; of the worst group, that of group worst.
func estimates(m *Measures, worst int) map[string]estimate {
	list := map[string]estimate{
		"loss": {m.Loss, m.LossError.Value}, "accuracy": {m.Accuracy, m.AccuracyError.Value}, "mean accuracy": {m.MeanAccuracy.Value, m.MeanError.Value},
		"core": {m.Core.Value, m.CoreError.Value}, "spurious": {m.Spurious.Value, m.SpuriousError.Value}, "worst": {m.GroupAccuracy(worst).Value, m.Group(worst).Error},
	}
	for g, name := range GroupNames {
		list[name] = estimate{m.GroupAccuracy(g).Value, m.Group(g).Error}
	}
	return list
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

// TestRepeatsArePooled: estimates are means over repeats, and standard errors those of the means: from the spread, or from the
// number of all points if that gives more. The first repeat is an evaluation without repeats.
func TestRepeatsArePooled(t *testing.T) {
	const points, repeats = 400, 4
	law := wide(t)
	net := newNetwork(t, law.Dimensions())
	larger := map[bool]bool{} // whether the spread gives more
	for seed := range int64(5) {
		one, got := repeated(t, law, net, points, 1, seed), repeated(t, law, net, points, repeats, seed)
		if one.Repeats != nil || len(got.Repeats) != repeats {
			t.Fatalf("%d repeats, without any %d", len(got.Repeats), len(one.Repeats))
		}
		if got.WorstAccuracy != got.GroupAccuracy(got.Worst) || got.WorstError.Value != got.Group(got.Worst).Error {
			t.Error("the worst group's accuracy is another's")
		}
		for name, pooled := range estimates(&got, got.Worst) {
			var values []float64
			counted := 0.0 // the variance that the numbers of points give, on average over repeats
			for k := range got.Repeats {
				e := estimates(&got.Repeats[k], got.Worst)[name]
				values = append(values, e.value)
				counted += e.se * e.se / repeats
				if k == 0 && e != estimates(&one, got.Worst)[name] {
					t.Errorf("%s of the first repeat is %v, without repeats %v", name, e, estimates(&one, got.Worst)[name])
				}
			}
			mean, variance := meanAndVariance(values)
			if math.Abs(pooled.value-mean) > 1e-12 || variance == 0 {
				t.Errorf("%s is %v, of repeats %v", name, pooled.value, values)
			}
			larger[variance > counted] = true
			want, exact := math.Sqrt(max(variance, counted)/repeats), variance > 1.1*counted
			if slices.Contains(GroupNames[:], name) { // a share of all the group's points
				want, exact = math.Sqrt(max(variance/repeats, mean*(1-mean)/(points*repeats/Groups))), true
			}
			// Others sum variances within repeats and between them: of hundreds of points, the latter adds less than a hundredth.
			if math.Abs(pooled.se/want-1) > .01 || exact && math.Abs(pooled.se-want) > 1e-12 {
				t.Errorf("standard error of %s is %v, want %v", name, pooled.se, want)
			}
		}
	}
	if len(larger) != 2 {
		t.Errorf("the spread gives more than numbers of points: always the same, %v", larger)
	}
}

// TestRepeatsSpreadAsStandardErrorsSay: over many repeats estimates vary by what their standard errors say, which come from numbers
// of points; also on inputs whose core blocks are new.
func TestRepeatsSpreadAsStandardErrorsSay(t *testing.T) {
	const repeats, deviation = 400, .0707 // of a variance of 400 values, relative to it
	law := wide(t)
	net := newNetwork(t, law.Dimensions())
	m := repeated(t, law, net, 1000, repeats, 1)
	values, said := map[string][]float64{}, map[string]float64{}
	note := func(name string, e estimate) {
		values[name] = append(values[name], e.value)
		said[name] += e.se * e.se / repeats
	}
	for k := range m.Repeats {
		for name, e := range estimates(&m.Repeats[k], m.Worst) {
			note(name, e)
		}
	}
	long := blockLaw(t, 20, 1)
	unseen := newUnseen(t, datasettest.Drawn(t, long, 50), long, 1000, 1)
	if err := unseen.Repeat(streams(1, repeats)); err != nil {
		t.Fatal(err)
	}
	u, err := unseen.Evaluate(t.Context(), newNetwork(t, long.Dimensions()))
	if err != nil || len(u.Repeats) != repeats {
		t.Fatalf("%d repeats, %v", len(u.Repeats), err)
	}
	for k := range u.Repeats {
		note("unseen core", estimate{u.Repeats[k].Core.Value, u.Repeats[k].CoreError.Value})
		note("unseen accuracy", estimate{u.Repeats[k].Accuracy.Value, u.Repeats[k].AccuracyError.Value})
	}
	for name := range values {
		if _, variance := meanAndVariance(values[name]); math.Abs(variance/said[name]-1) > 4*deviation {
			t.Errorf("%s varies by %.3f of what its standard error says", name, variance/said[name])
		}
	}
	for name, pooled := range map[string]estimate{"unseen core": {u.Core.Value, u.CoreError.Value}, "unseen accuracy": {u.Accuracy.Value, u.AccuracyError.Value}} {
		if mean, variance := meanAndVariance(values[name]); math.Abs(pooled.value-mean) > 1e-12 || math.Abs(pooled.se/math.Sqrt(variance/repeats)-1) > 2*deviation || pooled.se < math.Sqrt(variance/repeats)-1e-15 {
			t.Errorf("%s is %v, want %v ± %v", name, pooled, mean, math.Sqrt(variance/repeats))
		}
	}
}

// TestStandardErrorOfRepeats: means over five repeats vary from seed to seed by less than their standard errors say, and by just
// so much less as the larger of two estimates of one variance is too large: with one of four degrees of freedom, a chi-squared
// variable over 4, and one that is right, E max(1, X) = 1 + 2 e^-2.
func TestStandardErrorOfRepeats(t *testing.T) {
	const seeds = 400
	law := wide(t)
	net := newNetwork(t, law.Dimensions())
	values, said := map[string][]float64{}, map[string]float64{}
	for seed := range int64(seeds) {
		m := repeated(t, law, net, 400, 5, seed)
		for name, e := range estimates(&m, 0) {
			values[name] = append(values[name], e.value)
			said[name] += e.se * e.se / seeds
		}
	}
	for name := range values {
		_, variance := meanAndVariance(values[name])
		// The variance of 400 values has a relative deviation of .071, the mean of as many squared errors .02.
		if ratio := variance / said[name] * (1 + 2*math.Exp(-2)); math.Abs(ratio-1) > 4*.075 {
			t.Errorf("means of %s over 5 repeats vary by %.3f of what they should", name, ratio)
		}
	}
}

// TestNothingToRepeat: points that are not drawn have no repeats, and the error says what to do.
func TestNothingToRepeat(t *testing.T) {
	law := datasettest.Law(t)
	exact, err := NewEvaluator(law, 16, "", stream(), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	given, err := NewSampleEvaluator(twoByTwo, datasettest.Drawn(t, law, 20), dataset.Evaluation, "", &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	for what, e := range map[string]*Evaluator{"whole cube": exact, "own samples": given} {
		if err := e.Repeat(nil); err != nil {
			t.Errorf("%s: one repeat is %v", what, err)
		}
		if err := e.Repeat(streams(1, 2)); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "leave repeats out") {
			t.Errorf("%s: %v", what, err)
		}
	}
	f := newFourier(t, [][]int{{1}}, law.Dimensions(), 16, 1)
	if f.Repeat(streams(1, 3)); f.again != nil {
		t.Error("a cube is enumerated again")
	}
}

// TestFourierRepeats: coefficients are means over repeats, as measures are.
func TestFourierRepeats(t *testing.T) {
	const points, repeats, n = 500, 300, 21
	sets := [][]int{{}, {1}, {1, 2}}
	net := newNetwork(t, n)
	one := slices.Clone(measure(t, newFourier(t, sets, n, points, 1), net))
	f := newFourier(t, sets, n, points, 1)
	f.Repeat(streams(1, repeats))
	got := measure(t, f, net)
	for i := range sets {
		if f.found[i] != one[i] {
			t.Errorf("the first repeat finds %v, an evaluation without repeats %v", f.found[i], one[i])
		}
		margins, signs := []float64{one[i].Margin.Value}, []float64{one[i].Sign}
		said := one[i].SignErr * one[i].SignErr / repeats
		for _, a := range f.again {
			margins, signs = append(margins, a.found[i].Margin.Value), append(signs, a.found[i].Sign)
			said += a.found[i].SignErr * a.found[i].SignErr / repeats
		}
		margin, _ := meanAndVariance(margins)
		sign, variance := meanAndVariance(signs)
		if math.Abs(got[i].Margin.Value-margin) > 1e-12 || math.Abs(got[i].Sign-sign) > 1e-12 {
			t.Errorf("%s: %v, %v, want %v, %v", got[i].Set, got[i].Margin.Value, got[i].Sign, margin, sign)
		}
		if math.Abs(variance/said-1) > 4*.0816 || got[i].SignErr < math.Sqrt(variance/repeats)-1e-15 || got[i].SignErr < math.Sqrt(said/repeats)*.999 {
			t.Errorf("%s: varies by %v of what is said; pooled error %v", got[i].Set, variance/said, got[i].SignErr)
		}
	}
}
