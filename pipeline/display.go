package pipeline

import (
	"context"
	"fmt"

	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
)

// displays reads the tables that are made for people, in the order of the spec.
func (e *Experiment) displays(p *plan.Plan, read func(string) ([]byte, error)) ([]Display, error) {
	list := []Display{}
	for _, st := range e.Spec.Stages {
		for _, o := range st.Kind.Outputs {
			if !o.Display {
				continue
			}
			for i := range st.Instances {
				if shown, given := st.Instances[i].Settings.Get(o.DisplayIf); given && shown != "true" {
					continue
				}
				n := p.Node(st, i)
				out := n.Output(o.Name)
				if out == nil {
					continue
				}
				data, err := read(out.Digest.String())
				if err != nil {
					return nil, fmt.Errorf("%s: %w", n.Address(), err)
				}
				t, err := frame.Decode(data)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", n.Address(), err)
				}
				list = append(list, display(n.Address(), t))
			}
		}
	}
	return list, nil
}

func display(address string, t *frame.Table) Display {
	d := Display{Address: address, Rows: make([][]string, t.Rows())}
	for k := range t.Columns {
		c := &t.Columns[k]
		d.Columns = append(d.Columns, DisplayColumn{Name: c.Name, Unit: c.Unit, Description: c.Doc})
		for row := range d.Rows {
			d.Rows[row] = append(d.Rows[row], c.Text(row))
		}
	}
	return d
}

// Verdicts gives the verdict on each claim of the spec, from what the store has; nothing runs.
func (e *Experiment) Verdicts(ctx context.Context) ([]ClaimReport, error) {
	p, err := e.Plan(ctx, Selection{})
	if err != nil {
		return nil, err
	}
	return e.claims(p, e.blobReader(ctx, p, nil))
}
