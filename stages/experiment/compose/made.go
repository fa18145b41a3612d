package compose

import (
	"fmt"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
)

// made is a data set while it is made, with the rows of the sources.
type made struct {
	dataset.Dataset
	rows  [2][]int64 // of core and spurious, or of the only source; in the order of splits
	clean []int64    // labels without noise; nil for no such column
}

// add adds a split. Splits come in their order.
func (m *made) add(split dataset.Split, in dataset.Inputs, labels, attributes []int16, rows ...[]int32) error {
	s, err := dataset.New(split, in, dataset.Marks{Classes: m.ClassCount(), Values: m.ValueCount(), Labels: labels, Attributes: attributes})
	if err != nil {
		return err
	}
	m.Set(s)
	for side, list := range rows {
		for _, row := range list {
			m.rows[side] = append(m.rows[side], int64(row))
		}
	}
	return nil
}

// rowDoc is what a column with rows of a source says.
const rowDoc = "The row of the split of %s that the sample was made of, from 0."

// write writes the outputs. The names are those of the columns with the rows of the sources, "" for one that there is not.
func (m *made) write(r *stages.Run, first, second string, strength func(dataset.Split) float64) error {
	t, err := m.Table()
	if err != nil {
		return err
	}
	for side, name := range []string{first, second} {
		if name != "" {
			f := frame.Field{Name: name, Type: frame.Int64, Doc: fmt.Sprintf(rowDoc, name[:len(name)-len("_row")])}
			t.Columns = append(t.Columns, frame.Int64s(f, m.rows[side]))
		}
	}
	if m.clean != nil {
		t.Columns = append(t.Columns, frame.Int64s(frame.Field{Name: "clean_label", Type: frame.Int64, Doc: "The label without noise."}, m.clean))
	}
	if err := r.Write("dataset", t); err != nil {
		return err
	}
	if t, err = m.groups(strength); err != nil {
		return err
	}
	return r.Write("groups", t)
}

var groupsOutput = stages.Output{Name: "groups", Doc: "Group sizes: one row for each split and group.", Fields: groupFields,
	Values: stages.AlwaysValues(map[string][]string{"split": {"train", "validation", "test"}})}

var groupFields = []frame.Field{
	{Name: "split", Type: frame.String, Doc: "The part of the data: train, validation or test."},
	{Name: "group", Type: frame.Int64, Doc: "The group A y + s, A being the number of values of the attribute."},
	{Name: "group_name", Type: frame.String, Doc: "The group's name: that of its label, then that of its attribute."},
	{Name: "label", Type: frame.Int64, Doc: "The label y of the group."},
	{Name: "attribute", Type: frame.Int64, Doc: "The attribute s of the group."},
	{Name: "majority", Type: frame.Bool, Doc: "Whether the attribute is the one that goes with the class."},
	// It is not called strength: the axis of a sweep is, and the splits need not share it.
	{Name: "majority_share", Type: frame.Float64, Unit: "1", Doc: "The share of the split's samples whose attribute was to go with their class: the strength of the split."},
	{Name: "samples", Type: frame.Int64, Unit: "samples", Doc: "Number of samples of the group."},
}

func (m *made) groups(strength func(dataset.Split) float64) (*frame.Table, error) {
	b := frame.NewBuilder(groupFields)
	for _, s := range m.Finite() {
		count := make([]int, m.GroupCount())
		for _, g := range s.Groups(&dataset.Ledger{}, dataset.Making) {
			count[g]++
		}
		for g, n := range count {
			y, a := g/m.ValueCount(), g%m.ValueCount()
			pair, _ := m.Pair(int16(y))
			b.String("split", string(s.Split))
			b.Int("group", g)
			b.String("group_name", m.GroupName(g))
			b.Int("label", y)
			b.Int("attribute", a)
			b.Bool("majority", int(pair) == a)
			b.Float64("majority_share", strength(s.Split))
			b.Int("samples", n)
			b.EndRow()
		}
	}
	return b.Table()
}
