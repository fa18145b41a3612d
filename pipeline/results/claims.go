package results

import (
	"fmt"
	"strings"

	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
	"spurion/stages"
)

// A Reader gives the bytes of an output by their digest, in hexadecimal.
type Reader = func(digest string) ([]byte, error)

// A Claim is the verdict on one claim, or on one instance of it, or says why there is none.
type Claim struct {
	Address string        `json:"address"`
	Name    string        `json:"name"`
	Axes    []stages.Axis `json:"axes"`
	Says    string        `json:"says"`
	Source  string        `json:"source,omitempty"`
	// SourceSays is what the source says, of which the claim tests a form.
	SourceSays string   `json:"source_says,omitempty"`
	Setting    string   `json:"setting,omitempty"` // "paper", "ours"
	Test       string   `json:"test"`
	Verdict    string   `json:"verdict"` // "reproduced", "reproduced, not after Holm", "not reproduced", "inconclusive", "not evaluated"
	Detail     string   `json:"detail"`
	Needed     string   `json:"needed,omitempty"` // what would have counted as reproduced
	Value      *float64 `json:"estimate,omitempty"`
	Low        *float64 `json:"ci_low,omitempty"`
	High       *float64 `json:"ci_high,omitempty"`
	P          *float64 `json:"p_value,omitempty"`
	// PAdjusted is P after Holm's correction over all claims of the experiment that have one, and
	// what the verdict goes by: it is held against Alpha.
	PAdjusted *float64 `json:"p_adjusted,omitempty"`
	Alpha     *float64 `json:"alpha,omitempty"`
	N         int64    `json:"n"`       // rows
	Units     int64    `json:"n_units"` // independent ones among them, such as seeds
	// Lacks says without what the verdict was found, as that failed: "9 of 10 seeds, 1 failed (seed 3)".
	Lacks string `json:"lacks,omitempty"`
	// UnitsNeeded is about how many units would decide what is inconclusive; 0 if none is known to.
	UnitsNeeded int64 `json:"units_needed,omitempty"`
}

// Label names the claim and its axes: its address without what all claims share.
func (c *Claim) Label() string { return strings.TrimPrefix(c.Address, "claim.") }

// NotEvaluated is the verdict on a claim whose test did not run.
const NotEvaluated = "not evaluated"

// verdictOutput is the output that every test of claims writes: one row.
const verdictOutput = "verdict"

// Claims reads the verdicts on the claims of a plan's spec, one of each instance.
func Claims(p *plan.Plan, shown Shown) ([]Claim, error) { return claims(p, newTables(shown)) }

func claims(p *plan.Plan, read *tables) ([]Claim, error) {
	reports := []Claim{}
	for _, st := range p.Spec.Stages {
		if st.Claim == nil {
			continue
		}
		for i, of := range st.Claim.Of {
			c := Claim{
				Address: st.Address(i), Name: st.Name, Axes: append([]stages.Axis{}, st.Instances[i].Axes...),
				Says: of.Says, Source: of.Source, SourceSays: of.SourceSays, Setting: of.Setting, Test: st.Claim.Test,
			}
			if err := c.read(p.Node(st, i), read); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Address, err)
			}
			reports = append(reports, c)
		}
	}
	correct(reports)
	return reports, nil
}

// read takes a claim's verdict from its node, or says why there is none.
func (c *Claim) read(n *plan.Node, read *tables) error {
	c.Verdict, c.Detail = NotEvaluated, "its tables are not computed"
	if n.Status == plan.MustRun {
		c.Detail = "its test has not run; its tables are there"
	}
	if n.KeptBack != "" {
		c.Detail += ": " + n.KeptBack
	}
	out := n.Output(verdictOutput)
	if out == nil {
		return nil
	}
	t, err := read.table(out.Digest.String())
	if err != nil {
		return err
	}
	c.fill(t)
	c.Lacks = stages.LacksText(n.Lacks)
	return nil
}

// correct makes one family of the p-values of all claims that have one. A test's own verdict is
// cached, and cannot know of other claims; so it stays as it is in the store, and what the family
// makes of it is worked out here and in claims.parquet, each time.
func correct(reports []Claim) {
	p := make([]*float64, len(reports))
	family := 0
	for i := range reports {
		if p[i] = reports[i].P; p[i] != nil {
			family++
		}
	}
	for i, adjusted := range publish.Holm(p) {
		c := &reports[i]
		c.PAdjusted = adjusted
		before := c.Verdict
		if c.Verdict = publish.AfterHolm(before, adjusted, c.Alpha); c.Verdict != before {
			c.Detail += fmt.Sprintf(" As one of %d p-values of this experiment it is %.4g after Holm's correction, above %g.", family, *adjusted, *c.Alpha)
		}
	}
}

// fill takes a verdict's first row; a column that the test does not write stays empty.
func (c *Claim) fill(t *frame.Table) {
	text := func(name string, to *string) {
		if col := t.Column(name); col != nil && t.Rows() > 0 {
			if v, ok := col.Value(0).(string); ok {
				*to = v
			}
		}
	}
	number := func(name string) *float64 { return publish.Number(t, name) }
	whole := func(name string, to *int64) {
		if col := t.Column(name); col != nil && t.Rows() > 0 {
			*to, _ = col.Value(0).(int64)
		}
	}
	text("verdict", &c.Verdict)
	text("detail", &c.Detail)
	c.Value, c.Low, c.High, c.P = number("estimate"), number("ci_low"), number("ci_high"), number("p_value")
	c.Alpha = number("alpha")
	text("needed", &c.Needed)
	whole("n", &c.N)
	whole("n_units", &c.Units)
	whole("units_needed", &c.UnitsNeeded)
}
