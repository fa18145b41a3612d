package milestones

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// A trace is a run's history as it was drawn: all numbers are dyadic, so that sums and means are exact.
type trace struct {
	strength float64
	seed     int64
	steps    []int64
	values   []float64
	null     []bool
}

func drawTrace(stream *kernel.Stream, strength float64, seed int64) trace {
	tr := trace{strength: strength, seed: seed}
	step := int64(stream.IntN(3))
	for range 1 + stream.IntN(9) {
		tr.steps = append(tr.steps, step)
		tr.values = append(tr.values, float64(stream.IntN(20)-3)/16)
		tr.null = append(tr.null, stream.IntN(4) == 0)
		step += 1 + int64(stream.IntN(3))
	}
	return tr
}

func (tr trace) artifact() stages.Artifact {
	valid := make([]bool, len(tr.null))
	for i, null := range tr.null {
		valid[i] = !null
	}
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "step", Unit: "steps", Doc: "steps"}, tr.steps),
		frame.Float64s(frame.Field{Name: "core", Unit: "1", Doc: "core"}, tr.values).WithValid(valid),
	}})
	a.Axes = []stages.Axis{{Name: "strength", Value: tr.strength}, {Name: "seed", Value: tr.seed}}
	return a
}

// at gives the value at a step, if there is one.
func (tr trace) at(step int64) (float64, bool) {
	for i, s := range tr.steps {
		if s == step && !tr.null[i] {
			return tr.values[i], true
		}
	}
	return 0, false
}

// last gives the last step with a value; -1 for none.
func (tr trace) last() int64 {
	for step := int64(100); step >= 0; step-- {
		if _, ok := tr.at(step); ok {
			return step
		}
	}
	return -1
}

// expectedCeiling gives the values of runs at their end, or those at one step whose mean is the largest, by going through all
// steps that there can be; nil if there is no such step.
func expectedCeiling(runs []trace, largest bool) []float64 {
	var best []float64
	if !largest {
		for _, tr := range runs {
			v, _ := tr.at(tr.last())
			best = append(best, v)
		}
		return best
	}
	for step := range int64(100) {
		var all []float64
		for _, tr := range runs {
			if v, ok := tr.at(step); ok {
				all = append(all, v)
			}
		}
		if len(all) == len(runs) && (best == nil || total(all) > total(best)) {
			best = all
		}
	}
	return best
}

func total(list []float64) (sum float64) {
	for _, v := range list {
		sum += v
	}
	return sum
}

// expectedRow gives the row of a run and level as stagetest.Text has it, but for the standard error of the ceiling.
func (tr trace) expectedRow(level float64, reference []float64) string {
	threshold, ceiling, runs := level, "null", "null"
	if reference != nil {
		mean := total(reference) / float64(len(reference))
		threshold, ceiling, runs = level*mean, fmt.Sprint(mean), fmt.Sprint(len(reference))
	}
	reached, largest := "null", math.Inf(-1)
	for step := int64(100); step >= 0; step-- { // backwards: the first is what is left
		v, ok := tr.at(step)
		if !ok {
			continue
		}
		largest = max(largest, v)
		if v >= threshold {
			reached = fmt.Sprint(step)
		}
	}
	return fmt.Sprintf("%v %d core %v %v %s %d %v %s %s", tr.strength, tr.seed, level, threshold, reached, tr.last(), largest, ceiling, runs)
}

// checkSpread holds the standard error of a ceiling, nil for none, against its definition.
func checkSpread(t *testing.T, got any, reference []float64) {
	t.Helper()
	if len(reference) < 2 {
		if got != nil {
			t.Errorf("the error of %v is %v", reference, got)
		}
		return
	}
	n, squares := float64(len(reference)), 0.0
	for i, v := range reference { // over all pairs: Σ (v - mean)² is that over n
		for _, w := range reference[:i] {
			squares += (v - w) * (v - w) / n
		}
	}
	if se, ok := got.(float64); !ok || math.Abs(se-math.Sqrt(squares/(n-1)/n)) > 1e-12 {
		t.Errorf("the error of %v is %v", reference, got)
	}
}

var faults = regexp.MustCompile("has no value at any step|no step has a value in all|nothing was learned there")

// Of histories at random, with gaps and nulls, each row is what going through all steps finds, with and without a reference, and
// an error is one that there must be.
func TestMilestonesAreThoseOfEachStep(t *testing.T) {
	stream := kernel.NewStream(8, "milestones")
	outcomes := map[string]int{}
	for range 1500 {
		var tables, reference []trace
		seeds := 1 << stream.IntN(3) // so that means are exact
		for seed := range seeds {
			for _, strength := range []float64{.75, .875} {
				tables = append(tables, drawTrace(stream, strength, int64(seed)))
			}
			reference = append(reference, drawTrace(stream, .5, int64(seed)))
		}
		given, matched, largest := stream.IntN(3) > 0, stream.IntN(2) == 0, stream.IntN(2) == 0
		settings := `{"column": "core", "levels": [0.5, 0.25, 1]`
		if matched && given {
			settings += `, "match": ["seed"]`
		}
		if largest {
			settings += `, "ceiling": "largest"`
		}
		in := stagetest.Inputs{"tables": nil}
		wrong, ofSeed := "", map[int64][]float64{}
		for _, tr := range tables {
			in["tables"] = append(in["tables"], tr.artifact())
			if tr.last() < 0 {
				wrong = "has no value at any step"
			}
		}
		for i, tr := range reference {
			if !given {
				break
			}
			in["reference"] = append(in["reference"], tr.artifact())
			if tr.last() < 0 {
				wrong = "core has no value at any step"
				break
			}
			if of := reference; i == len(reference)-1 || matched {
				if matched {
					of = reference[i : i+1]
				}
				ofSeed[tr.seed] = expectedCeiling(of, largest)
			}
		}
		for _, values := range ofSeed {
			switch {
			case wrong != "":
			case values == nil:
				wrong = "no step has a value in all"
			case total(values) <= 0:
				wrong = "nothing was learned there"
			}
		}
		out, err := stagetest.Try(t.Context(), Kind, settings+"}", in)
		if wrong != "" {
			outcomes[wrong]++
			if err == nil || !faults.MatchString(err.Error()) { // with several faults either is told
				t.Fatalf("%s: %v, want %q", settings, err, wrong)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", settings, err)
		}
		outcomes["rows"]++
		checkRows(t, out.Tables["table"], tables, func(seed int64) []float64 {
			if given && !matched {
				seed = int64(seeds - 1)
			}
			return ofSeed[seed]
		})
	}
	for _, outcome := range []string{"rows", "has no value at any step", "core has no value at any step", "no step has a value in all", "nothing was learned there"} {
		if outcomes[outcome] < 20 {
			t.Errorf("%d times: %s", outcomes[outcome], outcome)
		}
	}
}

// checkRows holds a table against the traces; ceiling gives the values that the ceiling of a seed's runs is of.
func checkRows(t *testing.T, table *frame.Table, tables []trace, ceiling func(seed int64) []float64) {
	t.Helper()
	want := map[string][]float64{}
	for _, tr := range tables {
		for _, level := range []float64{.5, .25, 1} {
			want[tr.expectedRow(level, ceiling(tr.seed))] = ceiling(tr.seed)
		}
	}
	if table.Rows() != 3*len(tables) {
		t.Fatalf("%d rows of %d runs", table.Rows(), len(tables))
	}
	for row := range table.Rows() {
		var cells []string
		for _, c := range table.Columns {
			if c.Name != "ceiling_se" {
				cell := fmt.Sprint(c.Value(row))
				if c.Null(row) {
					cell = "null"
				}
				cells = append(cells, cell)
			}
		}
		reference, ok := want[strings.Join(cells, " ")]
		if !ok {
			t.Fatalf("no run and level has the row %v", cells)
		}
		checkSpread(t, table.Column("ceiling_se").Value(row), reference)
	}
}
