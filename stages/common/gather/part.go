package gather

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// A Part is one instance's table with the instance's axes.
type Part struct {
	Axes []stages.Axis
	of   func() string // the instance's address; nil if it is not known
	rows frame.Span    // those that Read has kept together with other tables'
}

// NewPart gives the part of a table, which must not change.
func NewPart(axes []stages.Axis, t *frame.Table) Part {
	return Part{Axes: axes, rows: frame.OfTable(t)}
}

// Table gives the instance's table, which is to be read only.
func (p Part) Table() *frame.Table { return p.rows.Table() }

// Has reports whether the table has a column of the name, or the instance an axis.
func (p Part) Has(name string) bool {
	return p.axis(name) != nil || p.rows.Block.Field(name) != nil
}

func (p Part) axis(name string) *stages.Axis {
	for i := range p.Axes {
		if p.Axes[i].Name == name {
			return &p.Axes[i]
		}
	}
	return nil
}

// blocks gives the blocks of the parts in order, each once, and the first part of each.
func blocks(parts []Part) (list []*frame.Block, first []int) {
	seen := map[*frame.Block]bool{}
	var last *frame.Block // most parts follow one of their kind
	for i := range parts {
		b := parts[i].rows.Block
		if b != last && !seen[b] {
			seen[b] = true
			list, first = append(list, b), append(first, i)
		}
		last = b
	}
	return list, first
}

// Read decodes the tables of an input, in the order given; of tables with equal bytes one.
func Read(artifacts []stages.Artifact) ([]Part, error) { return readColumns(artifacts, nil) }

// ReadUnion reads the tables of an input and joins their rows. It keeps no other columns than the options ask for.
func ReadUnion(artifacts []stages.Artifact, o Options) ([]Part, *frame.Table, error) {
	parts, err := readColumns(artifacts, o.wanted())
	if err != nil {
		return nil, nil, err
	}
	t, err := Union(parts, o)
	return parts, t, err
}

// readColumns keeps of the tables the wanted columns (nil: all) and those that stand for an axis.
func readColumns(artifacts []stages.Artifact, wanted []string) ([]Part, error) {
	parts := make([]Part, len(artifacts))
	for i, a := range artifacts {
		parts[i].Axes, parts[i].of = a.Axes, a.Address
	}
	var keep func(string) bool
	if wanted != nil {
		wanted = slices.Concat(AxisNames(parts), wanted)
		keep = func(column string) bool { return slices.Contains(wanted, column) }
	}
	var stack frame.Stack
	known := map[string]frame.Span{} // by digest
	for i, a := range artifacts {
		if s, ok := known[a.Digest]; ok && a.Digest != "" {
			parts[i].rows = s
			continue
		}
		t, err := a.Table()
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", partName(i, &parts[i]), err)
		}
		parts[i].rows = stack.Add(t, keep)
		known[a.Digest] = parts[i].rows
	}
	return parts, nil
}

// AxisNames gives the names of all axes of the parts, in order of first appearance.
func AxisNames(parts []Part) []string {
	var names []string
	for i := range parts {
		for _, a := range parts[i].Axes {
			if !slices.Contains(names, a.Name) {
				names = append(names, a.Name)
			}
		}
	}
	return names
}

// Numeric gives the names of all axes and columns of numbers, in order of first appearance.
func Numeric(parts []Part) []string {
	var names []string
	add := func(f frame.Field) {
		if numeric(f.Type) && !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	for i := range parts {
		for _, a := range parts[i].Axes {
			add(axisField(a))
		}
	}
	list, _ := blocks(parts)
	for _, b := range list {
		for _, f := range b.Fields {
			add(f)
		}
	}
	return names
}
