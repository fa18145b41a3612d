package results

import (
	"fmt"
	"os"
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
			return page.Digest(made), nil
		},
		Bytes: func(content string) ([]byte, error) {
			made.Content = content
			made.Run = pageRun(p, r, store, started)
			made.Run.Program = program
			return page.Render(made), nil
		},
	}
}

func (w *reporter) page() (*page.Page, error) {
	s := w.plan.Spec
	out := &page.Page{Spec: s.Name, Description: s.Description, Path: s.Path, Partial: w.plan.Partial()}
	for _, v := range s.Variables {
		out.Variables = append(out.Variables, page.Variable{Name: v.Name, Value: v.Value, Source: v.Source, Description: v.Description})
	}
	for _, st := range plan.StageOrder(s) {
		out.Stages = append(out.Stages, w.stage(st))
	}
	drawn, err := w.figures(out)
	if err != nil {
		return nil, err
	}
	if err := w.comparisons(out); err != nil {
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
		found, shown := &claims, &out.Claims
		if st.IsCheck() {
			found, shown = &checks, &out.Checks
		}
		list := (*found)[:len(st.Instances)]
		*found = (*found)[len(list):]
		some, left := mostTelling(list, maxInstances)
		out.Left = append(out.Left, left...)
		for _, i := range some {
			claim, err := w.claim(st, i, &list[i], drawn)
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

// comparisons puts the tables that are made for people on the page.
func (w *reporter) comparisons(out *page.Page) error {
	displays, err := displays(w.plan, w.shown)
	if len(displays) > maxComparisons {
		out.ComparisonsLeft = len(displays) - maxComparisons
		displays = displays[:maxComparisons]
	}
	for _, d := range displays {
		c := page.Comparison{Address: d.Address, Caption: d.Caption, Command: w.command(d.Address), Table: page.Table{Rows: d.Rows, Total: int64(len(d.Rows))}}
		c.Table.Rows = d.Rows[:min(len(d.Rows), maxRows)]
		for _, col := range d.Columns {
			c.Table.Columns = append(c.Table.Columns, page.Column{Name: col.Head, Unit: col.Unit, Doc: col.Description})
		}
		for _, st := range w.plan.Spec.Stages {
			if d.Address == st.ID() || strings.HasPrefix(d.Address, st.ID()+"[") {
				c.Lines, c.Table.Path = w.lines(st), w.path(st, d.Output)
			}
		}
		out.Comparisons = append(out.Comparisons, c)
	}
	return err
}

// path gives the file that holds an output of all instances of a stage.
func (w *reporter) path(st *spec.Stage, output string) string {
	for i := range w.files {
		if f := &w.files[i]; f.Stage == st.ID() && f.Output == output {
			return f.Path
		}
	}
	return ""
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

// table decodes an output; nil if there is none.
func (w *reporter) table(o *plan.Output) (*frame.Table, error) {
	if o == nil {
		return nil, nil
	}
	return w.tables.table(o.Digest.String())
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
