package results

import (
	"encoding/json"
	"fmt"
	"strings"

	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/stages"
)

// A Display is a table that is made for people: all of its cells are text.
type Display struct {
	Address string          `json:"address"`
	Columns []DisplayColumn `json:"columns"`
	Rows    [][]string      `json:"rows"`
	Caption string          `json:"caption,omitempty"`
	Lacks   string          `json:"lacks,omitempty"` // as of a Claim; the caption says it too
	Output  string          `json:"-"`
}

// A DisplayColumn is the head of a Display's column.
type DisplayColumn struct {
	Name        string `json:"name"`
	Head        string `json:"head"` // what people call it
	Unit        string `json:"unit"`
	Description string `json:"description"`
}

// displays reads the tables that are made for people, in the order of the spec.
func displays(p *plan.Plan, shown Shown) ([]Display, error) {
	list := []Display{}
	for _, st := range p.Spec.Stages {
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
				t, err := shown.table(out.Digest.String())
				if err != nil {
					return nil, fmt.Errorf("%s: %w", n.Address(), err)
				}
				d, err := display(n.Address(), t)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", n.Address(), err)
				}
				d.Lacks, d.Output = n.LacksText(), o.Name
				if text := n.PartialText(); text != "" {
					d.Caption = strings.TrimSpace(d.Caption + " " + text + ".")
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
