package debias

import (
	"fmt"
	"math"
	"testing"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// objective is the mean loss plus the weighted penalty, from its definition: derivatives by the
// scale v are central differences of losses in float64.
func objective(loss string, square bool, weight float64, environments, labels []int16, margins []float64) float64 {
	l := func(m float64, y int16) float64 {
		sign := 2*float64(y) - 1
		if loss == "squared" {
			return (m - sign) * (m - sign)
		}
		return math.Log1p(math.Exp(-sign * m))
	}
	gradient := func(rows []int) float64 {
		risk := func(v float64) float64 {
			sum := 0.0
			for _, i := range rows {
				sum += l(v*margins[i], labels[i])
			}
			return sum / float64(len(rows))
		}
		const h = 1e-4
		return (risk(1+h) - risk(1-h)) / (2 * h)
	}
	mean, penalty := 0.0, 0.0
	for i, m := range margins {
		mean += l(m, labels[i]) / float64(len(margins))
	}
	present := 0.0
	for e := range int16(2) {
		var rows [2][]int
		k := 0
		for i, f := range environments {
			if f == e {
				rows[k%2] = append(rows[k%2], i)
				k++
			}
		}
		if square && k > 0 {
			g := gradient(append(rows[0], rows[1]...))
			penalty += g * g
			present++
		}
		if !square && k > 1 {
			penalty += gradient(rows[0]) * gradient(rows[1])
			present++
		}
	}
	return mean + weight*penalty/max(1, present)
}

// The slopes are the gradient of the objective, checked by differences of its definition.
func TestPenaltyGradient(t *testing.T) {
	s := kernel.NewStream(2, "margins")
	for _, loss := range []string{"cross_entropy", "squared"} {
		for _, square := range []bool{false, true} {
			for _, environments := range [][]int16{{0, 0, 1, 1, 0, 1, 0}, {0, 0, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 0, 0, 0}} {
				n := len(environments)
				margins, slopes, losses, labels, exact := make([]float32, n), make([]float32, n), make([]float32, n), make([]int16, n), make([]float64, n)
				for i := range n {
					margins[i], labels[i] = float32(s.Normal()), int16(s.IntN(2))
					exact[i] = float64(margins[i])
				}
				neuralnet.ScoreLosses(loss, losses, slopes, margins, labels)
				p := &penalty{loss: loss, weight: 3, square: square}
				p.add(environments, labels, margins, slopes)
				for i := range n {
					const h = 1e-3
					at := func(step float64) float64 {
						moved := append([]float64(nil), exact...)
						moved[i] += step
						return objective(loss, square, 3, environments, labels, moved)
					}
					want := (at(h) - at(-h)) / (2 * h) * float64(n)
					if math.Abs(float64(slopes[i])-want) > 1e-4*max(1, math.Abs(want)) {
						t.Errorf("%s, square %v, environments %v: slope %d is %v, by differences %v", loss, square, environments, i, slopes[i], want)
					}
				}
			}
		}
	}
}

func TestPenaltyOfTooFewRows(t *testing.T) {
	margins, slopes := []float32{1, 2}, []float32{.5, -.25}
	if n := (&penalty{loss: "cross_entropy", weight: 9}).add([]int16{0, 1}, []int16{0, 1}, margins, slopes); n != 0 || slopes[0] != .5 || slopes[1] != -.25 {
		t.Errorf("%d environments have a penalty; slopes %v", n, slopes)
	}
}

// Without a penalty it is ERM; with equally many rows of each environment, balancing them.
func TestIRMWithoutAPenaltyIsERM(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	erm := lastModel(t, run1(t, d, `{"name": "erm"}`, ""))
	if lastModel(t, run1(t, d, `{"name": "irm", "penalty": 0, "anneal": 0, "batches": "natural"}`, "")) != erm {
		t.Error("without a penalty other weights than by ERM")
	}
	one := lastModel(t, run1(t, d, `{"name": "irm", "penalty": 1, "anneal": 0, "batches": "natural"}`, ""))
	if one == erm {
		t.Error("a penalty changes nothing")
	}
	if lastModel(t, run1(t, d, `{"name": "irm", "penalty": 0, "anneal": 60, "batches": "natural"}`, "")) != one {
		t.Error("before the end of annealing the weight is not 1")
	}
}

// Rescaled, the objective is over the weight of its penalty, if that is above 1.
func TestPenaltyRescaled(t *testing.T) {
	environments, margins := []int16{0, 1, 0, 1}, []float32{1, -2, .5, 3}
	slopes := func(weight float64, rescale bool) []float32 {
		s := []float32{.5, -.25, .75, -.5}
		(&penalty{loss: "cross_entropy", weight: weight, rescale: rescale}).add(environments, environments, margins, s)
		return s
	}
	for i, full := range slopes(4, false) {
		if got := slopes(4, true)[i]; math.Abs(float64(got-full/4)) > 1e-7 {
			t.Errorf("weight 4: slope %d is %v, rescaled %v", i, full, got)
		}
		if full, got := slopes(.5, false)[i], slopes(.5, true)[i]; got != full {
			t.Errorf("weight 0.5: slope %d is %v, rescaled %v", i, full, got)
		}
	}
}

// Batches in which one of the environments has too few rows are counted in the note, those with both are not.
func TestIRMCountsBatchesWithoutAnEnvironment(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	trial := newTestTrial(t, d, Settings{Batch: 3, Seed: 3, Method: MethodSettings{Name: "irm"}})
	source := natural1(t, trial)
	var b trainloop.Batch
	want := 0
	for range 60 {
		source.Next(&b)
		var rows [2]int
		for _, g := range b.Groups(trial.Ledger()) {
			rows[g&1]++
		}
		if min(rows[0], rows[1]) == 0 {
			want++
		}
	}
	out := run1(t, d, `{"name": "irm", "form": "square", "batches": "natural", "penalty": 0.1, "anneal": 0}`, `"batch": 3`)
	if text := fmt.Sprintf("%d of 60 batches had too few rows of an environment for its penalty.", want); want == 0 || value(t, out["summary"], "note", 0) != text {
		t.Errorf("the note says %v, want %s", value(t, out["summary"], "note", 0), text)
	}
}
