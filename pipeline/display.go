package pipeline

import (
	"context"
	"encoding/json"
	"fmt"

	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/stages"
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
				d, err := display(n.Address(), t)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", n.Address(), err)
				}
				list = append(list, d)
			}
		}
	}
	return list, nil
}

func display(address string, t *frame.Table) (Display, error) {
	d := Display{Address: address, Rows: make([][]string, t.Rows()), Caption: t.Meta[stages.DisplayCaption]}
	var heads []string
	if text, ok := t.Meta[stages.DisplayHeads]; ok {
		if err := json.Unmarshal([]byte(text), &heads); err != nil || len(heads) != len(t.Columns) {
			return d, fmt.Errorf("the metadata %s are not the %d heads of its columns", stages.DisplayHeads, len(t.Columns))
		}
	}
	for k := range t.Columns {
		c := &t.Columns[k]
		head := c.Name
		if heads != nil {
			head = heads[k]
		}
		d.Columns = append(d.Columns, DisplayColumn{Name: c.Name, Head: head, Unit: c.Unit, Description: c.Doc})
		for row := range d.Rows {
			d.Rows[row] = append(d.Rows[row], c.Text(row))
		}
	}
	return d, nil
}

// Verdicts gives the verdict on each claim of the spec, from what the store has; nothing runs.
func (e *Experiment) Verdicts(ctx context.Context) ([]ClaimReport, error) {
	p, err := e.Plan(ctx, Selection{})
	if err != nil {
		return nil, err
	}
	return e.claims(p, e.blobReader(ctx, p, nil))
}
