// Package results collects what a run made and found: its sums and failures, the verdicts on the claims, the tables
// for people, the outputs that out/ holds, and what report.html shows. It writes nothing: packages publish and page
// write and render what is collected here.
package results

import (
	"fmt"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
)

// An Outcome is how a whole run ended.
type Outcome string

// The ends of a run.
const (
	Done        Outcome = "done"
	Failed      Outcome = "failed"      // some instance failed
	Interrupted Outcome = "interrupted" // it was stopped before its end
)

// A Report is what a run did: `run --json` prints it, and the summary is rendered from it.
type Report struct {
	FormatVersion int           `json:"format_version"`
	Run           string        `json:"run"`
	Spec          string        `json:"spec"`
	Outcome       Outcome       `json:"outcome"`
	Counts        engine.Counts `json:"counts"`
	Stages        []Stage       `json:"stages"`
	Failures      []Failure     `json:"failures"`
	// Diverged are the instances that were computed and whose training diverged.
	Diverged []Divergence `json:"diverged"`
	// Departures say where the run did other than planned, and why.
	Departures []Departure `json:"departures"`
	Claims     []Claim     `json:"claims"`
	Checks     []Claim     `json:"checks"`
	// Displays are the tables that are made for people.
	Displays []Display `json:"displays"`
	Out      string    `json:"out"`
	Tables   []Table   `json:"tables"`
	// Removed are files under Out of stages and outputs that the spec no longer has.
	Removed []string `json:"removed"`
	// NotComputed are files that are no longer under Out, since nothing of them is computed under the present variables.
	NotComputed []string `json:"not_computed"`
	Seconds     float64  `json:"seconds"`
	// Partial says how much there is, where a budget left some for later: "PARTIAL: 5 of 20 seeds".
	Partial string `json:"partial,omitempty"`
}

// A Stage is how the instances of one stage ended, and the time that computing them took,
// summed over workers.
type Stage struct {
	Address string `json:"address"`
	engine.Counts
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

// A Divergence is an instance whose training diverged.
type Divergence struct {
	Address string `json:"address"`
	Advice  string `json:"advice"` // what to try, a sentence
}

// A Table is one file under the report's Out.
type Table struct {
	Path    string `json:"path"`
	Stage   string `json:"stage"`
	Rows    int64  `json:"rows"`
	Bytes   int64  `json:"bytes"`
	Written bool   `json:"written"` // false: it was up to date
	Missing int    `json:"missing"` // instances that have no result
}

// New sums up how the instances of a run ended, which took so many seconds; what it left in out/ and the verdicts are
// added when they are there.
func New(id string, p *plan.Plan, result *engine.Result, seconds float64) *Report {
	r := &Report{
		FormatVersion: 1, Run: id, Spec: p.Spec.Name, Outcome: Done, Counts: result.Counts(),
		Stages: []Stage{}, Failures: []Failure{}, Diverged: []Divergence{}, Departures: []Departure{},
		Claims: []Claim{}, Checks: []Claim{}, Tables: []Table{}, Removed: []string{}, NotComputed: []string{}, Seconds: seconds,
	}
	kept := keptBack(p, result)
	for _, st := range p.Order {
		sr := Stage{Address: st.ID()}
		for i := range st.Instances {
			n := p.Node(st, i)
			o := result.Outcomes[p.ID(n)]
			sr.Add(o.Status)
			sr.Seconds += o.Elapsed.Seconds()
			if o.Status == engine.Failed {
				r.Failures = append(r.Failures, Failure{Address: n.Address(), Error: o.Err.Error(), Skipped: kept[p.ID(n)]})
			}
			if o.Note != "" {
				r.Departures = append(r.Departures, Departure{Address: n.Address(), Note: o.Note})
			}
		}
		if sr.Counts != (engine.Counts{}) {
			r.Stages = append(r.Stages, sr)
		}
	}
	switch {
	case r.Counts.Failed > 0:
		r.Outcome = Failed
	case r.Counts.Canceled > 0:
		r.Outcome = Interrupted
	}
	return r
}

// AddFiles notes what was written to the folder out.
func (r *Report) AddFiles(out string, written publish.Report) {
	r.Out = out
	for _, f := range written.Files {
		r.Tables = append(r.Tables, Table{
			Path: f.Path, Stage: f.Stage, Rows: f.Rows, Bytes: f.Bytes, Written: f.Written, Missing: f.Missing,
		})
	}
	r.Removed = append(r.Removed, written.Removed...)
	r.NotComputed = append(r.NotComputed, written.NotComputed...)
}

// AddDiverged notes which of the instances that were computed diverged.
func (r *Report) AddDiverged(p *plan.Plan, result *engine.Result, shown Shown) error {
	for _, st := range p.Order {
		for _, o := range st.Kind.Outputs {
			if o.Diverged == "" {
				continue
			}
			for i := range st.Instances {
				n := p.Node(st, i)
				out := n.Output(o.Name)
				if out == nil || result.Outcomes[p.ID(n)].Status != engine.Computed {
					continue
				}
				t, err := shown.table(out.Digest.String())
				if err != nil {
					return fmt.Errorf("%s: %w", n.Address(), err)
				}
				ended := t.Column("ended")
				for row := range t.Rows() {
					if !ended.Null(row) && ended.Strings.At(row) == "diverged" {
						r.Diverged = append(r.Diverged, Divergence{n.Address(), o.Diverged})
						break
					}
				}
			}
		}
	}
	return nil
}

// AddFindings reads the verdicts on the claims and checks and the tables for people. Of a claim without a verdict it says
// what became of its test.
func (r *Report) AddFindings(p *plan.Plan, shown Shown) (err error) {
	r.Partial = p.Partial()
	if r.Claims, r.Checks, err = Verdicts(p, shown); err != nil {
		return err
	}
	failed := map[string]string{}
	for _, f := range r.Failures {
		failed[f.Address] = f.Error
	}
	for _, list := range [][]Claim{r.Claims, r.Checks} {
		for i := range list {
			if text, ok := failed[list[i].Address]; ok && list[i].Verdict == NotEvaluated {
				list[i].Detail = "its test failed: " + text
			}
		}
	}
	r.Displays, err = displays(p, shown)
	return err
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
