package pipeline

import (
	"context"
	"encoding/hex"
	"fmt"

	"spurion/artifacts"
	"spurion/artifacts/frame"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// publish brings out/ up to date with everything that is in the store, also what a run of some targets
// did not ask for, and completes the report with tables and verdicts.
func (e *Experiment) publish(ctx context.Context, p *plan.Plan, result *engine.Result, r *Report) error {
	whole := p
	if !allSelected(p) {
		var err error
		if whole, err = e.Plan(ctx, Selection{}); err != nil {
			return err
		}
	}
	sources, err := e.sources(whole)
	if err != nil {
		return err
	}
	out := e.outFolder(e.blobReader(ctx, p, result))
	out.Page = e.page(whole, r, out.ReadBlob)
	written, err := publish.Write(ctx, out, sources)
	r.Out = out.Dir
	for _, f := range written.Files {
		r.Tables = append(r.Tables, TableReport{
			Path: f.Path, Stage: f.Stage, Rows: f.Rows, Bytes: f.Bytes, Written: f.Written, Missing: f.Missing,
		})
	}
	r.Removed = append(r.Removed, written.Removed...)
	if err != nil {
		return fmt.Errorf("write %s: %w", out.Dir, err)
	}
	if r.Claims, err = e.claims(whole, out.ReadBlob); err != nil {
		return err
	}
	explainUnevaluated(r)
	r.Displays, err = e.displays(whole, out.ReadBlob)
	return err
}

// explainUnevaluated says of each claim without a verdict what became of its test.
func explainUnevaluated(r *Report) {
	for i := range r.Claims {
		for _, f := range r.Failures {
			if r.Claims[i].Verdict == NotEvaluated && f.Address == r.Claims[i].Address {
				r.Claims[i].Detail = "its test failed: " + f.Error
			}
		}
	}
}

func allSelected(p *plan.Plan) bool {
	for i := range p.Nodes {
		if !p.Nodes[i].Selected {
			return false
		}
	}
	return true
}

func (e *Experiment) outFolder(read func(string) ([]byte, error)) publish.Out {
	out := publish.Out{
		Dir: e.config.outDir(e.Spec.Name), Spec: e.Spec.Name, Description: e.Spec.Description,
		Program: e.config.Program, Variables: map[string]string{}, ReadBlob: read,
	}
	for _, v := range e.Spec.Variables {
		out.Variables[v.Name] = v.Value
	}
	return out
}

// blobReader reads blobs by digest. In a run, one that is found damaged is computed again.
func (e *Experiment) blobReader(ctx context.Context, p *plan.Plan, result *engine.Result) func(string) ([]byte, error) {
	return func(digest string) ([]byte, error) {
		d, err := artifacts.ParseDigest(digest)
		if err != nil {
			return nil, err
		}
		data, err := e.store.Blob(d)
		if err == nil || result == nil {
			return data, err
		}
		for i := range p.Nodes {
			for k := range p.Nodes[i].Outputs {
				if o := &p.Nodes[i].Outputs[k]; artifacts.Digest(o.Digest) == d {
					return result.ReadBlob(ctx, &p.Nodes[i], o.Name)
				}
			}
		}
		return nil, err
	}
}

// sources lists what people open: every output that is not internal, in the spec's order.
func (e *Experiment) sources(p *plan.Plan) ([]publish.Source, error) {
	var list []publish.Source
	for _, st := range e.Spec.Stages {
		outputs, err := stageOutputs(st)
		if err != nil {
			return nil, err
		}
		for _, o := range outputs {
			if !o.Internal {
				list = append(list, source(p, st, o))
			}
		}
	}
	return list, nil
}

// stageOutputs gives the outputs of all instances of a stage: usually the same for each, but
// settings may declare more.
func stageOutputs(st *spec.Stage) ([]stages.Output, error) {
	if st.Kind.DynamicOutputs == nil {
		return st.Kind.Outputs, nil
	}
	var list []stages.Output
	seen := map[string]bool{}
	for i := range st.Instances {
		settings, err := st.Kind.Schema().Decode(st.Instances[i].Settings)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", st.Address(i), err)
		}
		for _, o := range st.Kind.OutputsOf(settings) {
			if !seen[o.Name] {
				seen[o.Name] = true
				list = append(list, o)
			}
		}
	}
	return list, nil
}

func source(p *plan.Plan, st *spec.Stage, o stages.Output) publish.Source {
	s := publish.Source{
		Kind: st.KindName, Name: st.Name, Output: o.Name, Doc: o.Doc, Axes: st.Axes,
		Instances: make([]publish.Instance, len(st.Instances)),
	}
	if st.Claim != nil && o.Name == verdictOutput { // what else a test writes is a table like any other
		s.Claim = &publish.ClaimText{Name: st.Name, Test: st.Claim.Test}
		for _, a := range st.Claim.Of {
			s.Claim.Of = append(s.Claim.Of, publish.AssertionText{Says: a.Says, Source: a.Source, SourceSays: a.SourceSays, Setting: a.Setting})
		}
	}
	for i := range st.Instances {
		n := p.Node(st, i)
		in := &s.Instances[i]
		in.Address, in.Axes, in.KindVersion = n.Address(), n.Instance().Axes, st.Kind.Version
		in.Extension = o.Extension
		if n.Keyed {
			in.Key = hex.EncodeToString(n.Key[:])
		}
		if out := n.Output(o.Name); out != nil {
			in.Digest = hex.EncodeToString(out.Digest[:])
			in.Size, in.Rows = out.Size, out.Rows
		}
	}
	return s
}

// claims reads the verdicts on the spec's claims, one of each instance.
func (e *Experiment) claims(p *plan.Plan, read func(string) ([]byte, error)) ([]ClaimReport, error) {
	reports := []ClaimReport{}
	for _, st := range e.Spec.Stages {
		if st.Claim == nil {
			continue
		}
		for i, of := range st.Claim.Of {
			c := ClaimReport{
				Address: st.Address(i), Name: st.Name, Axes: axisDetails(st.Instances[i].Axes),
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
func (c *ClaimReport) read(n *plan.Node, read func(string) ([]byte, error)) error {
	c.Verdict, c.Detail = NotEvaluated, "its tables are not computed"
	if n.Status == plan.MustRun {
		c.Detail = "its test has not run; its tables are there"
	}
	out := n.Output(verdictOutput)
	if out == nil {
		return nil
	}
	data, err := read(out.Digest.String())
	if err != nil {
		return err
	}
	t, err := frame.Decode(data)
	if err != nil {
		return err
	}
	c.fill(t)
	return nil
}

// correct makes one family of the p-values of all claims that have one. A test's own verdict is
// cached, and cannot know of other claims; so it stays as it is in the store, and what the family
// makes of it is worked out here and in claims.parquet, each time.
func correct(reports []ClaimReport) {
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

// verdictOutput is the output that every test of claims writes: one row.
const verdictOutput = "verdict"

// fill takes a verdict's first row; a column that the test does not write stays empty.
func (c *ClaimReport) fill(t *frame.Table) {
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
