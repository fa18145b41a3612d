// Package claimtests holds the tests behind `test "NAME"` blocks: each reads the tables that a claim is
// about and writes one verdict.
//
// A verdict is "reproduced", "not reproduced" or "inconclusive"; the last means that the rows at
// hand could not have decided, and says how many would. Every verdict carries the estimate it rests
// on, an interval or p-value where one is sound, the numbers of rows and of units, and what would
// have counted.
//
// A unit is what is independent of its like: a seed, whose rows share their data and initial weights.
// Where a test has an attribute unit, the rows of one unit are one value (their median or mean) in
// tests of ranks, and are drawn together in the bootstrap. Its default is the column seed, or single
// rows where no table has one.
//
// Resampling draws from streams with fixed seeds, so equal tables give equal verdicts, to the bit.
package claimtests

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// Tests gives all tests, for a program's registry.
func Tests() []*stages.Kind {
	return []*stages.Kind{Threshold, Trend, Compare, Paired, Equivalent, Always, Ratio, Fit}
}

// The verdicts.
const (
	reproduced    = "reproduced"
	notReproduced = "not reproduced"
	inconclusive  = "inconclusive"
)

// verdictFields are the columns of every test's output.
var verdictFields = []frame.Field{
	{Name: "verdict", Type: frame.String, Doc: "reproduced, not reproduced, or inconclusive: too little to decide"},
	{Name: "estimate", Type: frame.Float64, Unit: "see unit", Nullable: true, Doc: "the number that the verdict rests on; null if it does not exist"},
	{Name: "measure", Type: frame.String, Doc: "what the estimate is"},
	{Name: "unit", Type: frame.String, Doc: "the unit of the estimate and its interval; 1 for a pure number"},
	{Name: "ci_low", Type: frame.Float64, Unit: "see unit", Nullable: true, Doc: "lower end of the interval; null if it has none, or there is no interval"},
	{Name: "ci_high", Type: frame.Float64, Unit: "see unit", Nullable: true, Doc: "upper end of the interval; null if it has none, or there is no interval"},
	{Name: "confidence", Type: frame.Float64, Unit: "1", Doc: "nominal coverage of the interval"},
	{Name: "p_value", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "p-value of this test alone; null if it has none"},
	{Name: "p_method", Type: frame.String, Doc: "how the p-value was had: exact, permutations, or empty"},
	{Name: "alpha", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "the largest p-value that counts; null without one"},
	{Name: "n", Type: frame.Int64, Unit: "rows", Doc: "rows that the verdict rests on"},
	{Name: "n_missing", Type: frame.Int64, Unit: "rows", Doc: "rows whose value does not exist, whether left out or counted"},
	{Name: "n_units", Type: frame.Int64, Unit: "units", Doc: "independent units, such as seeds, that the rows come from"},
	{Name: "units_needed", Type: frame.Int64, Unit: "units", Nullable: true, Doc: "of an inconclusive verdict: about how many units would decide; null if none is known to"},
	{Name: "needed", Type: frame.String, Doc: "what would have counted as reproduced"},
	{Name: "detail", Type: frame.String, Doc: "the outcome in a sentence, with its numbers"},
}

// tableInput is the input of every test.
var tableInput = stages.Input{
	Name: "table", Doc: "the tables that the claim is about; several are joined, axes first",
	Type: stages.AnyType, Cardinality: stages.List, Required: true, Axes: true,
}

// verdictOutput is the output of every test.
var verdictOutput = stages.Output{Name: "verdict", Doc: "one row: the verdict and what it rests on", Fields: verdictFields}

// verdict is what a test writes. NaN or infinite numbers stand for what does not exist.
type verdict struct {
	verdict                                 string
	measure, unit                           string
	estimate, low, high, confidence, pValue float64
	alpha                                   float64
	method                                  string // of the p-value
	n, missing, units                       int
	unitsNeeded                             int // 0 for none
	needed, detail                          string
}

// newVerdict gives one without numbers.
func newVerdict() *verdict {
	nan := math.NaN()
	return &verdict{verdict: inconclusive, unit: "1", estimate: nan, low: nan, high: nan, pValue: nan, alpha: nan}
}

// setP notes a p-value.
func (v *verdict) setP(p float64, exact bool) {
	v.pValue, v.method = p, "exact"
	if !exact {
		v.method = "permutations"
	}
}

// write stores the verdict as the test's output.
func (v *verdict) write(r *stages.Run) error {
	b := frame.NewBuilder(verdictFields)
	number := func(name string, x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			b.Null(name)
			return
		}
		b.Float64(name, x)
	}
	b.String("verdict", v.verdict)
	number("estimate", v.estimate)
	b.String("measure", v.measure)
	b.String("unit", v.unit)
	number("ci_low", v.low)
	number("ci_high", v.high)
	b.Float64("confidence", v.confidence)
	number("p_value", v.pValue)
	b.String("p_method", v.method)
	number("alpha", v.alpha)
	b.Int("n", v.n)
	b.Int("n_missing", v.missing)
	b.Int("n_units", v.units)
	if v.unitsNeeded > 0 {
		b.Int("units_needed", v.unitsNeeded)
	} else {
		b.Null("units_needed")
	}
	b.String("needed", v.needed)
	b.String("detail", v.detail)
	b.EndRow()
	t, err := b.Table()
	if err != nil {
		return err
	}
	return r.Write("verdict", t)
}

// source is the rows that a claim is about.
type source struct {
	*frame.Table
	parts []gather.Part // all tables that the claim is about
}

// read joins the tables of a claim and keeps the rows that it is about. Only the columns named are
// kept, so tables may differ in others.
func read(ctx context.Context, r *stages.Run, where map[string]string, columns ...string) (source, error) {
	if err := ctx.Err(); err != nil {
		return source{}, err
	}
	parts, t, err := gather.ReadUnion(r.Inputs["table"], gather.Options{Columns: columns, Where: where})
	if err != nil {
		return source{}, err
	}
	return source{Table: t, parts: parts}, nil
}

// numbers gives a column of numbers; valid is false where it is null.
func (s source) numbers(column string) (values []float64, valid []bool, err error) {
	return gather.Numbers(s.Table, column, s.parts)
}

// number gives x in at most four significant digits, for people.
func number(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }

// percent gives a share as a percentage, for people.
func percent(share float64) string { return number(float64(100 * share)) }

// count gives "1 row", "2 rows".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// missing says in words which rows of a column are null, the first few of them.
func (s source) missing(column string, valid []bool) string {
	var rows []string
	total := 0
	for i, ok := range valid {
		if ok {
			continue
		}
		if total++; total > 3 {
			continue
		}
		var cells []string
		for c := range s.Columns {
			if s.Columns[c].Name != column && !s.Columns[c].Type.IsList() {
				cells = append(cells, s.Columns[c].Name+"="+gather.Text(&s.Columns[c], i))
			}
		}
		rows = append(rows, "["+strings.Join(cells, ",")+"]")
	}
	if total > len(rows) {
		rows = append(rows, "...")
	}
	return fmt.Sprintf("%s of %d: %s", count(total, "row"), len(valid), strings.Join(rows, " "))
}
