// Package claimtests holds the tests behind `test "NAME"` blocks: each reads the tables that a claim is
// about and writes one verdict.
//
// A test has three steps, each apart from the others. It makes a sample of the tables: one value for each unit and cell.
// It has package inference answer a question on the sample: an effect with its interval and p-value, both of the same test.
// And it says that in words. A Trial is a sample with its question, for who wants to draw other samples.
//
// A unit is what is independent of its like: a seed, whose rows share their data and initial weights. A cell is what a claim
// sets apart: a side of a comparison, a value of x. Where a unit has several rows in a cell they become one value, by the rule
// that the attribute within names. The default unit is the column seed, or single rows where no table has one.
//
// A verdict goes by the interval of the effect. It is "reproduced" if the interval lies wholly where the claim has the effect,
// "not reproduced" if it lies wholly on the other side of the claim's bound, and else "inconclusive"; then it says how many
// units would decide. What a claim says of all units without exception is no matter of chance: it is reproduced or not as it
// stands, and has no p-value.
//
// What is drawn at random comes from streams with fixed seeds, so equal tables give equal verdicts, to the bit.
package claimtests

import (
	"context"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// Tests gives all tests, for a program's registry.
func Tests() []*stages.Kind {
	return []*stages.Kind{Threshold, Trend, Compare, Paired, Equivalent, Always, Fit}
}

// The verdicts.
const (
	reproduced    = "reproduced"
	notReproduced = "not reproduced"
	inconclusive  = "inconclusive"
)

// verdictFields are the columns of every test's output.
var verdictFields = []frame.Field{
	{Name: "verdict", Type: frame.String, Doc: "reproduced, not reproduced, or inconclusive: the interval of the effect holds the bound"},
	{Name: "estimate", Type: frame.Float64, Unit: "see unit", Nullable: true, Doc: "the effect that the verdict rests on; null if it does not exist"},
	{Name: "measure", Type: frame.String, Doc: "what the estimate is"},
	{Name: "unit", Type: frame.String, Doc: "the unit of the estimate and its interval; 1 for a pure number"},
	{Name: "ci_low", Type: frame.Float64, Unit: "see unit", Nullable: true, Doc: "lower end of the interval; null if it has none, or there is no interval"},
	{Name: "ci_high", Type: frame.Float64, Unit: "see unit", Nullable: true, Doc: "upper end of the interval; null if it has none, or there is no interval"},
	{Name: "confidence", Type: frame.Float64, Unit: "1", Doc: "coverage of the interval"},
	{Name: "p_value", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "p-value of this test alone, of the same test as the interval, two-sided but for equivalent and fit; null if it has none"},
	{Name: "p_method", Type: frame.String, Doc: "how the p-value was had: exact, permutations, t, normal, or empty"},
	{Name: "alpha", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "the largest p-value that counts; null without one"},
	{Name: "n", Type: frame.Int64, Unit: "rows", Doc: "rows that the verdict rests on"},
	{Name: "n_missing", Type: frame.Int64, Unit: "rows", Doc: "rows whose value does not exist, whether left out or counted"},
	{Name: "n_capped", Type: frame.Int64, Unit: "rows", Nullable: true, Doc: "rows of the claim's whose run ended at its cap (its table has capped, which is true), or whose fit did not converge (converged, which is false); null if the tables do not tell, or no run had a stop rule"},
	{Name: "n_units", Type: frame.Int64, Unit: "units", Doc: "independent units, such as seeds, that the rows come from"},
	{Name: "units_needed", Type: frame.Int64, Unit: "units", Nullable: true, Doc: "of an inconclusive verdict: about how many units (of two groups: in each) would decide, four times of five; null if none is known to"},
	{Name: "needed", Type: frame.String, Doc: "what would have counted as reproduced"},
	{Name: "detail", Type: frame.String, Doc: "the outcome in a sentence, with its numbers"},
}

// tableInput is the input of every test.
var tableInput = gather.Input("table", "the tables that the claim is about; several are joined, axes first")

// verdictOutput is the output of every test.
var verdictOutput = stages.Output{Name: "verdict", Doc: "one row: the verdict and what it rests on", Fields: verdictFields}

// verdict is what a test writes. NaN or infinite numbers stand for what does not exist.
type verdict struct {
	verdict                                 string
	measure, unit                           string
	estimate, low, high, confidence, pValue float64
	alpha                                   float64
	method                                  string // of the p-value
	n, missing, units                       int    // n counts rows
	unitsNeeded                             int    // 0 for none
	needed, detail                          string

	pool  *pool // the tables
	stake *stake
}

// newVerdict gives one without numbers, on the tables of a pool and what the claim hangs on.
func newVerdict(p *pool, k *stake) *verdict {
	nan := math.NaN()
	return &verdict{pool: p, stake: k, verdict: inconclusive, unit: "1", estimate: nan, low: nan, high: nan, pValue: nan, alpha: nan}
}

// write stores the verdict as the test's output. Its detail ends with how many runs were cut off.
func (v *verdict) write(r *stages.Run) error {
	ends, err := v.pool.endings(v.stake)
	if err != nil {
		return err
	}
	if ends.text != "" {
		v.detail += " " + ends.text
	}
	b := frame.NewBuilder(verdictFields)
	b.String("verdict", v.verdict)
	b.FiniteOrNull("estimate", v.estimate)
	b.String("measure", v.measure)
	b.String("unit", v.unit)
	b.FiniteOrNull("ci_low", v.low)
	b.FiniteOrNull("ci_high", v.high)
	b.Float64("confidence", v.confidence)
	b.FiniteOrNull("p_value", v.pValue)
	b.String("p_method", v.method)
	b.FiniteOrNull("alpha", v.alpha)
	b.Int("n", v.n)
	b.Int("n_missing", v.missing)
	b.IntIf(ends.known, "n_capped", ends.cut)
	b.Int("n_units", v.units)
	b.IntIf(v.unitsNeeded > 0, "units_needed", v.unitsNeeded)
	b.String("needed", v.needed)
	b.String("detail", v.detail)
	b.EndRow()
	t, err := b.Table()
	if err != nil {
		return err
	}
	return r.Write("verdict", t)
}

// A meter counts units of work: it reports progress and notices cancellation now and then.
type meter struct {
	ctx         context.Context
	report      func(done, total int64)
	done, total int64
}

// step counts one more unit.
func (m *meter) step() error {
	m.done++
	if m.done%128 != 0 && m.done != m.total {
		return nil
	}
	if err := m.ctx.Err(); err != nil {
		return err
	}
	m.report(min(m.done, m.total), m.total)
	return nil
}

// finish says that all is done, however little it took.
func (m *meter) finish() { m.report(m.total, m.total) }
