package results

import (
	"fmt"
	"strings"

	"spurion/artifacts/frame"
	"spurion/pipeline/page"
	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// A Reader gives the bytes of an output by their digest, in hexadecimal.
type Reader = func(digest string) ([]byte, error)

// A Claim is the verdict on one claim or check, or on one instance of it, or says why there is none.
type Claim struct {
	Role    string        `json:"role"` // "claim", "check"
	Address string        `json:"address"`
	Name    string        `json:"name"`
	Axes    []stages.Axis `json:"axes"`
	Says    string        `json:"says"`
	Source  string        `json:"source,omitempty"`
	// SourceSays is what the source says, of which the claim tests a form.
	SourceSays string   `json:"source_says,omitempty"`
	Setting    string   `json:"setting,omitempty"` // "paper", "ours"
	Test       string   `json:"test"`
	Verdict    string   `json:"verdict"` // "reproduced", "reproduced, not after Holm", "not reproduced", "inconclusive", "not evaluated"; of a check "met", "not met"
	Detail     string   `json:"detail"`
	Needed     string   `json:"needed,omitempty"` // what would have counted as reproduced, or as met
	Value      *float64 `json:"estimate,omitempty"`
	Low        *float64 `json:"ci_low,omitempty"`
	High       *float64 `json:"ci_high,omitempty"`
	P          *float64 `json:"p_value,omitempty"`
	// PAdjusted is P after Holm's correction over all claims of the experiment that have one, and
	// what the verdict goes by: it is held against Alpha. Checks are none of these.
	PAdjusted *float64 `json:"p_adjusted,omitempty"`
	Alpha     *float64 `json:"alpha,omitempty"`
	N         int64    `json:"n"`                  // rows
	Units     int64    `json:"n_units"`            // independent ones among them, such as seeds
	Capped    int64    `json:"n_capped,omitempty"` // rows whose run ended at its cap, or whose fit did not converge
	// Lacks says without what the verdict was found, as that failed: "9 of 10 seeds, 1 failed (seed 3)".
	Lacks string `json:"lacks,omitempty"`
	// UnitsNeeded is about how many units would decide what is inconclusive; 0 if none is known to.
	UnitsNeeded int64 `json:"units_needed,omitempty"`
}

// Label names the claim and its axes: its address without what all of its role share.
func (c *Claim) Label() string { return strings.TrimPrefix(c.Address, c.Role+".") }

// IsCheck reports whether it is a check.
func (c *Claim) IsCheck() bool { return c.Role == spec.CheckRole }

// Holds reports whether the verdict is all that the claim or check asks for.
func (c *Claim) Holds() bool { return c.Verdict == publish.Reproduced || c.Verdict == publish.Met }

// Tested gives the p-value that the verdict goes by; nil if there is none.
func (c *Claim) Tested() *float64 {
	if c.IsCheck() {
		return c.P
	}
	return c.PAdjusted
}

// Mark gives a sign for the verdict, which tells it apart without colors.
func (c *Claim) Mark() string { return page.Mark(c.Verdict) }

// NotEvaluated is the verdict on a claim whose test did not run; NotAfterHolm that on one whose p-value is small enough
// alone, but not among those of all claims.
const (
	NotEvaluated = "not evaluated"
	NotAfterHolm = publish.NotAfterHolm
)

// verdictOutput is the output that every test of claims writes: one row.
const verdictOutput = "verdict"

// Verdicts reads the verdicts on the claims and the checks of a plan's spec, one of each instance.
func Verdicts(p *plan.Plan, shown Shown) (claims, checks []Claim, err error) {
	return verdicts(p, newTables(shown))
}

func verdicts(p *plan.Plan, read *tables) (claims, checks []Claim, err error) {
	claims, checks = []Claim{}, []Claim{}
	for _, st := range p.Spec.Stages {
		if st.Claim == nil {
			continue
		}
		for i, of := range st.Claim.Of {
			c := Claim{
				Role: st.KindName, Address: st.Address(i), Name: st.Name, Axes: append([]stages.Axis{}, st.Instances[i].Axes...),
				Says: of.Says, Source: of.Source, SourceSays: of.SourceSays, Setting: of.Setting, Test: st.Claim.Test,
			}
			if err := c.read(p.Node(st, i), read); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", c.Address, err)
			}
			if st.IsCheck() {
				c.Verdict, c.Detail, c.Needed = publish.OfCheck(c.Verdict), publish.OfCheck(c.Detail), publish.OfCheck(c.Needed)
				checks = append(checks, c)
			} else {
				claims = append(claims, c)
			}
		}
	}
	correct(claims)
	return claims, checks, nil
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
	c.Lacks = n.LacksText()
	if text := n.PartialText(); text != "" {
		c.Detail += " " + text + "."
	}
	return nil
}

// correct makes one family of the p-values of all claims that have one. A test's own verdict is
// cached, and cannot know of other claims; so it stays as it is in the store, and what the family
// makes of it is worked out here and in claims.parquet, each time.
func correct(reports []Claim) {
	p := make([]*float64, len(reports))
	family := 0
	for i := range reports {
		if p[i] = publish.Evidence(reports[i].Verdict, reports[i].P, reports[i].Alpha); p[i] != nil {
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
	whole("n_capped", &c.Capped)
	whole("n_units", &c.Units)
	whole("units_needed", &c.UnitsNeeded)
}
