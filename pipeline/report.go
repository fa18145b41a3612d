package pipeline

import (
	"strings"
	"time"

	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
)

// An Outcome is how a whole run ended.
type Outcome string

// The ends of a run.
const (
	Done        Outcome = "done"
	FailedRun   Outcome = "failed"      // some instance failed
	Interrupted Outcome = "interrupted" // it was stopped before its end
)

// A Report is what a run did: `run --json` prints it, and the summary is rendered from it.
type Report struct {
	FormatVersion int           `json:"format_version"`
	Run           string        `json:"run"`
	Spec          string        `json:"spec"`
	Outcome       Outcome       `json:"outcome"`
	Counts        RunCounts     `json:"counts"`
	Stages        []StageReport `json:"stages"`
	Failures      []Failure     `json:"failures"`
	// Departures say where the run did other than planned, and why.
	Departures []Departure   `json:"departures"`
	Claims     []ClaimReport `json:"claims"`
	// Displays are the tables that are made for people.
	Displays []Display     `json:"displays"`
	Out      string        `json:"out"`
	Tables   []TableReport `json:"tables"`
	// Removed are files under Out that the spec, with these variables, no longer makes.
	Removed []string `json:"removed"`
	Seconds float64  `json:"seconds"`
}

// RunCounts says how the selected instances ended.
type RunCounts struct {
	Cached   int `json:"cached"`
	Computed int `json:"computed"`
	Failed   int `json:"failed"`
	Skipped  int `json:"skipped"`
	Canceled int `json:"canceled"`
}

func (c *RunCounts) add(s engine.Status) {
	switch s {
	case engine.Cached:
		c.Cached++
	case engine.Computed:
		c.Computed++
	case engine.Failed:
		c.Failed++
	case engine.Skipped:
		c.Skipped++
	case engine.Canceled:
		c.Canceled++
	}
}

// A StageReport is how the instances of one stage ended, and the time that computing them took,
// summed over workers.
type StageReport struct {
	Address string `json:"address"`
	RunCounts
	Seconds float64 `json:"seconds"`
}

// A Failure is an instance that failed, with how many others it kept back.
type Failure struct {
	Address string `json:"address"`
	Error   string `json:"error"`
	Skipped int    `json:"skipped"`
}

// A Departure is an instance with which the run did other than planned.
type Departure struct {
	Address string `json:"address"`
	Note    string `json:"note"`
}

// A ClaimReport is the verdict on one claim, or on one instance of it, or says why there is none.
type ClaimReport struct {
	Address string       `json:"address"`
	Name    string       `json:"name"`
	Axes    []AxisDetail `json:"axes"`
	Says    string       `json:"says"`
	Source  string       `json:"source,omitempty"`
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
	// UnitsNeeded is about how many units would decide what is inconclusive; 0 if none is known to.
	UnitsNeeded int64 `json:"units_needed,omitempty"`
}

// Label names the claim and its axes: its address without what all claims share.
func (c *ClaimReport) Label() string { return strings.TrimPrefix(c.Address, "claim.") }

// NotEvaluated is the verdict on a claim whose test did not run.
const NotEvaluated = "not evaluated"

// A Display is a table that is made for people: all of its cells are text.
type Display struct {
	Address string          `json:"address"`
	Columns []DisplayColumn `json:"columns"`
	Rows    [][]string      `json:"rows"`
	Caption string          `json:"caption,omitempty"`
}

// A DisplayColumn is the head of a Display's column.
type DisplayColumn struct {
	Name        string `json:"name"`
	Head        string `json:"head"` // what people call it
	Unit        string `json:"unit"`
	Description string `json:"description"`
}

// A TableReport is one file under the report's Out.
type TableReport struct {
	Path    string `json:"path"`
	Stage   string `json:"stage"`
	Rows    int64  `json:"rows"`
	Bytes   int64  `json:"bytes"`
	Written bool   `json:"written"` // false: it was up to date
	Missing int    `json:"missing"` // instances that have no result
}

// report sums up the outcomes of a run.
func (e *Experiment) report(id string, p *plan.Plan, result *engine.Result, started time.Time) *Report {
	r := &Report{
		FormatVersion: 1, Run: id, Spec: e.Spec.Name, Outcome: Done,
		Stages: []StageReport{}, Failures: []Failure{}, Departures: []Departure{},
		Claims: []ClaimReport{}, Tables: []TableReport{}, Removed: []string{}, Seconds: time.Since(started).Seconds(),
	}
	kept := keptBack(p, result)
	for _, st := range p.Order {
		sr := StageReport{Address: st.ID()}
		for i := range st.Instances {
			n := p.Node(st, i)
			o := result.Outcomes[p.ID(n)]
			if o.Status == "" {
				continue
			}
			sr.add(o.Status)
			r.Counts.add(o.Status)
			sr.Seconds += o.Elapsed.Seconds()
			if o.Status == engine.Failed {
				r.Failures = append(r.Failures, Failure{Address: n.Address(), Error: o.Err.Error(), Skipped: kept[p.ID(n)]})
			}
			if o.Note != "" {
				r.Departures = append(r.Departures, Departure{Address: n.Address(), Note: o.Note})
			}
		}
		if sr.RunCounts != (RunCounts{}) {
			r.Stages = append(r.Stages, sr)
		}
	}
	switch {
	case r.Counts.Failed > 0:
		r.Outcome = FailedRun
	case r.Counts.Canceled > 0:
		r.Outcome = Interrupted
	}
	return r
}

// keptBack counts, for every failed node, the skipped ones downstream of it.
func keptBack(p *plan.Plan, result *engine.Result) map[int]int {
	roots := map[int][]int{} // skipped node -> failed nodes upstream
	count := map[int]int{}
	for i := range p.Nodes {
		if result.Outcomes[i].Status != engine.Skipped {
			continue
		}
		seen := map[int]bool{}
		for _, d := range p.Nodes[i].Deps {
			up := roots[int(d)]
			if result.Outcomes[d].Status == engine.Failed {
				up = []int{int(d)}
			}
			for _, root := range up {
				if !seen[root] {
					seen[root] = true
					roots[i] = append(roots[i], root)
					count[root]++
				}
			}
		}
	}
	return count
}
