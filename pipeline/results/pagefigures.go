package results

import (
	"fmt"
	"slices"

	"spurion/pipeline/page"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// figures puts every image on the page, and gives the nodes that drew them.
func (w *reporter) figures(out *page.Page) (drawn []*plan.Node, err error) {
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
			switch {
			case best == nil:
				continue
			case len(drawn) == maxFigures:
				out.FiguresLeft++
				continue
			}
			f := page.Figure{Address: n.Address(), Extension: best.Extension, Command: w.command(n.Address()), Lines: w.lines(st)}
			if f.Image, err = w.shown.image(best.Digest.String(), best.Extension); err != nil {
				return nil, fmt.Errorf("%s: %w", n.Address(), err)
			}
			if f.Table, err = w.beginning(st, numbers); err != nil {
				return nil, fmt.Errorf("%s: %w", n.Address(), err)
			}
			for k := range w.files {
				if e := &w.files[k]; e.Address == n.Address() {
					f.Files = append(f.Files, pageFile(e))
				}
			}
			out.Figures, drawn = append(out.Figures, f), append(drawn, n)
		}
	}
	return drawn, nil
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
	out.Path = w.path(st, o.Name)
	return out, nil
}

// showing gives the places in drawn of the figures that stand under an instance of a claim: those that it
// names. Of one that names none, those that draw the tables which it tests; if there are none, those
// that draw others of the same stages; and of either only those that agree with it on the axes that
// both have.
func showing(claim *spec.Stage, i int, drawn []*plan.Node) []int {
	if named := claim.Claim.Of[i].Figures; named != nil {
		return places(named, drawn)
	}
	in := &claim.Instances[i]
	for _, exact := range []bool{true, false} {
		var list []int
		tested := outputsRead(in, exact)
		for k, n := range drawn {
			figure := n.Instance()
			if agree(in.Axes, figure.Axes) && overlap(tested, outputsRead(figure, exact)) {
				list = append(list, k)
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// places gives where in drawn the named instances are; one that is not drawn is left out.
func places(named []spec.Ref, drawn []*plan.Node) []int {
	var list []int
	for _, ref := range named {
		for k, n := range drawn {
			if n.Stage == ref.Stage && n.Index == ref.Instance {
				list = append(list, k)
			}
		}
	}
	return list
}

// A readOutput is an output of some stage; of any, if it has no name.
type readOutput struct{ stage, name string }

func outputsRead(in *spec.Instance, named bool) map[readOutput]bool {
	set := map[readOutput]bool{}
	for _, input := range in.Inputs {
		for _, ref := range input.Refs {
			if ref.Stage == nil {
				continue
			}
			o := readOutput{stage: ref.Stage.ID()}
			if named {
				o.name = ref.Output
			}
			set[o] = true
		}
	}
	return set
}

func overlap(a, b map[readOutput]bool) bool {
	for o := range b {
		if a[o] {
			return true
		}
	}
	return false
}

// agree reports whether two instances have the same values on all axes that both have.
func agree(a, b []stages.Axis) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Name == y.Name && x.Text() != y.Text() {
				return false
			}
		}
	}
	return true
}
