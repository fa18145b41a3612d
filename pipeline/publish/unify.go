package publish

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// unifyAxes finds the types of the axes.
func (u *union) unifyAxes(s *Source) error {
	stage := s.Kind + "." + s.Name
	for i, name := range s.Axes {
		var shares []frame.Share
		for j := range u.parts {
			in := u.parts[j].instance
			if i >= len(in.Axes) || in.Axes[i].Name != name {
				return fmt.Errorf("%s lacks the axis %s", in.Address, name)
			}
			f := frame.Field{Name: name, Type: axisType(in.Axes[i].Value), Doc: "axis of " + stage}
			shares = frame.AddConstant(shares, f, in.Axes[i].Value, func() string { return in.Address })
		}
		if shares == nil { // of no instance
			u.axes = append(u.axes, frame.Field{Name: name, Doc: "axis of " + stage})
			continue
		}
		f, err := frame.Unify(shares)
		if err != nil {
			return fmt.Errorf("axis %s: %w", name, err)
		}
		u.axes = append(u.axes, f)
	}
	return nil
}

func axisType(v any) frame.Type {
	switch v.(type) {
	case bool:
		return frame.Bool
	case int64:
		return frame.Int64
	case float64:
		return frame.Float64
	}
	return frame.String
}

func isNumber(t frame.Type) bool { return t == frame.Int64 || t == frame.Float64 }

// axisValue gives the value as the type of its column.
func axisValue(a stages.Axis, t frame.Type) any {
	switch v := a.Value.(type) {
	case int64:
		if t == frame.Float64 {
			return float64(v)
		}
	case string:
		return v
	}
	if t == frame.String {
		return a.Text()
	}
	return a.Value
}

// unify makes one list of fields of the tables'. Axes of the instance that a table also has as a
// column come once.
func (u *union) unify(axes []string) error {
	blocks, of := u.blocks()
	var names []string
	for _, b := range blocks {
		for _, f := range b.Fields {
			if !slices.Contains(axes, f.Name) && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	for _, name := range names {
		var shares []frame.Share
		for i, b := range blocks {
			if f := b.Field(name); f != nil {
				shares = append(shares, frame.Share{Field: *f, Each: u.each(b, of[i], name)})
			}
		}
		f, err := frame.Unify(shares)
		if err != nil {
			return err
		}
		f.Nullable = f.Nullable || len(shares) < len(blocks)
		u.fields = append(u.fields, f)
	}
	return nil
}

// blocks gives the blocks of the parts in their order, and the parts of each.
func (u *union) blocks() (list []*frame.Block, parts [][]int) {
	at := map[*frame.Block]int{}
	for i := range u.parts {
		b := u.parts[i].rows.Block
		k, known := at[b]
		if !known {
			k = len(list)
			at[b], list, parts = k, append(list, b), append(parts, nil)
		}
		parts[k] = append(parts[k], i)
	}
	return list, parts
}

// each gives the values of a column in the parts of a block: of those that are held at once, the others are read.
func (u *union) each(b *frame.Block, parts []int, name string) func(func(*frame.Column, func(int) frame.Place) bool) error {
	return func(yield func(*frame.Column, func(int) frame.Place) bool) error {
		held := func(row int) frame.Place {
			for _, i := range parts {
				if p := &u.parts[i]; p.held && p.rows.From <= row && row < p.rows.To {
					return frame.Place{Table: p.instance.Address, Row: row - p.rows.From}
				}
			}
			return frame.Place{Table: "a table", Row: row}
		}
		if !yield(b.Column(name), held) {
			return nil
		}
		read := map[string]bool{}
		for _, i := range parts {
			p := &u.parts[i]
			if p.held || read[p.instance.Digest] {
				continue
			}
			read[p.instance.Digest] = true
			t, err := u.readAgain(p, []frame.Field{{Name: name}})
			if err != nil {
				return fmt.Errorf("%s: %w", p.instance.Address, err)
			}
			if !yield(&t.Columns[0], func(row int) frame.Place { return frame.Place{Table: p.instance.Address, Row: row} }) {
				return nil
			}
		}
		return nil
	}
}
