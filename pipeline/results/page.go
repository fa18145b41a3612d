package results

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"spurion/artifacts/frame"
	"spurion/pipeline/lookup"
	"spurion/pipeline/page"
	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
	"spurion/pipeline/screen"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// A reporter collects what report.html shows.
type reporter struct {
	plan   *plan.Plan
	shown  Shown
	tables *tables
	files  []publish.Entry
	source map[string]string // text of the spec's files
}

// Page gives the report of a run as a page, to be written beside the tables. It shows the whole plan, and what its
// results took to compute as the store has it.
func Page(p *plan.Plan, r *Report, store *lookup.Store, shown Shown, program string) *publish.Page {
	started := time.Now()
	var made *page.Page
	return &publish.Page{
		Content: func(files []publish.Entry) (content string, err error) {
			w := &reporter{plan: p, shown: shown, tables: newTables(shown), files: files, source: map[string]string{}}
			if made, err = w.page(); err != nil {
				return "", err
			}
			return page.Digest(made)
		},
		Bytes: func(content string) ([]byte, error) {
			made.Content = content
			made.Run = pageRun(p, r, store, started)
			made.Run.Program = program
			return page.Render(made)
		},
	}
}

func (w *reporter) page() (*page.Page, error) {
	s := w.plan.Spec
	out := &page.Page{Spec: s.Name, Description: s.Description, Path: s.Path}
	for _, v := range s.Variables {
		out.Variables = append(out.Variables, page.Variable{Name: v.Name, Value: v.Value, Source: v.Source, Description: v.Description})
	}
	for _, st := range plan.StageOrder(s) {
		out.Stages = append(out.Stages, w.stage(st))
	}
	figures, drawn, err := w.figures()
	if err != nil {
		return nil, err
	}
	out.Figures = figures
	if out.Comparisons, err = w.comparisons(); err != nil {
		return nil, err
	}
	claims, checks, err := verdicts(w.plan, w.tables)
	if err != nil {
		return nil, err
	}
	for _, st := range s.Stages {
		if st.Claim == nil {
			continue
		}
		found, shown := claims, &out.Claims
		if st.IsCheck() {
			found, shown = checks, &out.Checks
		}
		for i := range st.Instances {
			claim, err := w.claim(st, i, &found[len(*shown)], drawn)
			if err != nil {
				return nil, err
			}
			*shown = append(*shown, claim)
		}
	}
	for i := range w.files {
		if f := &w.files[i]; strings.HasSuffix(f.Path, ".parquet") {
			out.Tables = append(out.Tables, pageFile(f))
		}
	}
	return out, nil
}

func pageFile(f *publish.Entry) page.File {
	return page.File{Path: f.Path, Description: f.Doc, Rows: f.Rows, Bytes: f.Bytes, Missing: f.Missing, Lacks: f.Lacks}
}

// comparisons gives the tables that are made for people.
func (w *reporter) comparisons() ([]page.Comparison, error) {
	displays, err := displays(w.plan, w.shown)
	var list []page.Comparison
	for _, d := range displays {
		c := page.Comparison{Address: d.Address, Caption: d.Caption, Command: w.command(d.Address), Table: page.Table{Rows: d.Rows, Total: int64(len(d.Rows))}}
		for _, col := range d.Columns {
			c.Table.Columns = append(c.Table.Columns, page.Column{Name: col.Head, Unit: col.Unit, Doc: col.Description})
		}
		for _, st := range w.plan.Spec.Stages {
			if d.Address == st.ID() || strings.HasPrefix(d.Address, st.ID()+"[") {
				c.Lines = w.lines(st)
			}
		}
		list = append(list, c)
	}
	return list, err
}

// claim describes an instance of a claim or check; drawn says which node drew each figure.
func (w *reporter) claim(st *spec.Stage, i int, c *Claim, drawn []*plan.Node) (page.Claim, error) {
	out := page.Claim{
		Check: c.IsCheck(), Name: c.Label(), Of: st.Name, Says: c.Says, Source: c.Source, SourceSays: c.SourceSays, Test: c.Test, Verdict: c.Verdict, Detail: screen.Text(c.Detail),
		Estimate: c.Value, Low: c.Low, High: c.High, P: c.P, N: c.N, Command: w.command(st.ID()),
		Setting: c.Setting, Needed: c.Needed, Adjusted: c.PAdjusted,
	}
	for _, a := range st.Instances[i].Axes {
		out.Axes = append(out.Axes, a.Name+" = "+a.Text())
	}
	out.Lines = w.lines(st)
	out.Stages = behind(st, plan.StageOrder(w.plan.Spec))
	out.Figures = showing(st, i, drawn)
	t, err := w.table(w.plan.Node(st, i).Output(verdictOutput))
	if err != nil {
		return out, fmt.Errorf("%s: %w", c.Address, err)
	}
	if t == nil || t.Rows() == 0 {
		return out, nil
	}
	for k := range t.Columns {
		col := &t.Columns[k]
		if _, word := col.Value(0).(string); !word && !col.Null(0) {
			out.Numbers = append(out.Numbers, page.Number{Name: col.Name, Value: cell(col, 0), Unit: col.Unit, Doc: col.Doc})
		}
	}
	return out, nil
}

// behind gives the stages that a stage depends on, in the given order.
func behind(st *spec.Stage, order []*spec.Stage) []string {
	needed := map[*spec.Stage]bool{}
	var visit func(*spec.Stage)
	visit = func(s *spec.Stage) {
		for _, u := range s.Uses {
			if !needed[u] {
				needed[u] = true
				visit(u)
			}
		}
	}
	visit(st)
	var ids []string
	for _, s := range order {
		if needed[s] {
			ids = append(ids, s.ID())
		}
	}
	return ids
}

// maxFigures is how many images a page holds; all of them are files beside it.
const maxFigures = 200

// figures gives every image, with the node that drew it.
func (w *reporter) figures() (list []page.Figure, drawn []*plan.Node, err error) {
	for _, st := range w.plan.Spec.Stages {
		for i := range st.Instances {
			n := w.plan.Node(st, i)
			var best, numbers *plan.Output
			for k := range n.Outputs {
				o := &n.Outputs[k]
				rank := slices.Index(stages.PageImages, o.Extension)
				if rank >= 0 && (best == nil || rank < slices.Index(stages.PageImages, best.Extension)) {
					best = o
				}
				if o.Extension == "" && numbers == nil {
					numbers = o
				}
			}
			if best == nil || len(list) == maxFigures {
				continue
			}
			f := page.Figure{Address: n.Address(), Extension: best.Extension, Command: w.command(n.Address()), Lines: w.lines(st)}
			if f.Image, err = w.shown.image(best.Digest.String(), best.Extension); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", n.Address(), err)
			}
			if f.Table, err = w.beginning(st, numbers); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", n.Address(), err)
			}
			for k := range w.files {
				if e := &w.files[k]; e.Address == n.Address() {
					f.Files = append(f.Files, pageFile(e))
				}
			}
			list, drawn = append(list, f), append(drawn, n)
		}
	}
	return list, drawn, nil
}

// table decodes an output; nil if there is none.
func (w *reporter) table(o *plan.Output) (*frame.Table, error) {
	if o == nil {
		return nil, nil
	}
	return w.tables.table(o.Digest.String())
}

// beginning gives the first rows of a stage's output.
func (w *reporter) beginning(st *spec.Stage, o *plan.Output) (*page.Table, error) {
	t, err := w.table(o)
	if t == nil || err != nil {
		return nil, err
	}
	const rows = 24
	out := &page.Table{Total: int64(t.Rows())}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, page.Column{Name: c.Name, Unit: c.Unit, Doc: c.Doc})
	}
	for i := range min(rows, t.Rows()) {
		row := make([]string, len(t.Columns))
		for k := range t.Columns {
			row[k] = cell(&t.Columns[k], i)
		}
		out.Rows = append(out.Rows, row)
	}
	for i := range w.files {
		if f := &w.files[i]; f.Stage == st.ID() && f.Output == o.Name {
			out.Path = f.Path
		}
	}
	return out, nil
}

// cell gives a value for people: at most five significant digits, nothing for null.
func cell(c *frame.Column, row int) string {
	if c.Null(row) {
		return ""
	}
	if v, ok := c.Value(row).(float64); ok {
		if rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 5, 64), 64); err == nil {
			v = rounded
		}
		return stages.FormatFloat(v)
	}
	return screen.Line(c.Text(row))
}

// pageRun describes the run itself, and what its results cost.
func pageRun(p *plan.Plan, r *Report, store *lookup.Store, now time.Time) page.Run {
	run := page.Run{
		ID: r.Run, Outcome: string(r.Outcome), Seconds: r.Seconds,
		Started: now.Add(-time.Duration(r.Seconds * float64(time.Second))).UTC().Format("2006-01-02 15:04 UTC"),
		Machine: fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
	}
	for _, f := range r.Failures {
		run.Failures = append(run.Failures, page.Failure{Address: f.Address, Error: screen.Text(f.Error)})
	}
	cost := map[string]float64{}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if !n.Keyed || len(n.Outputs) == 0 {
			continue
		}
		if m, err := store.Manifest(n.Key); err == nil {
			cost[n.Stage.ID()] += m.Seconds
		}
	}
	for _, s := range r.Stages {
		run.Stages = append(run.Stages, page.StageRun{
			ID: s.Address, Cached: s.Cached, Computed: s.Computed, Failed: s.Failed, Skipped: s.Skipped, Canceled: s.Canceled,
			Seconds: s.Seconds, Cost: cost[s.Address],
		})
	}
	return run
}

// text gives the text of one of the spec's files; empty if it cannot be read any more.
func (w *reporter) text(file string) string {
	if text, ok := w.source[file]; ok {
		return text
	}
	data, err := os.ReadFile(file)
	if err != nil {
		data = nil
	}
	w.source[file] = string(data)
	return w.source[file]
}
