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
		f := frame.Field{Name: name, Doc: "axis of " + stage}
		var first *Instance
		for j := range u.parts {
			in := u.parts[j].instance
			if i >= len(in.Axes) || in.Axes[i].Name != name {
				return fmt.Errorf("%s lacks the axis %s", in.Address, name)
			}
			t := axisType(in.Axes[i].Value)
			switch {
			case first == nil:
				f.Type, first = t, in
			case f.Type == t:
			case isNumber(f.Type) && isNumber(t):
				f.Type = frame.Float64
			default:
				return fmt.Errorf("the axis %s is %v in %s and %v in %s", name, f.Type, first.Address, t, in.Address)
			}
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
	type origin struct {
		at   int // in u.fields
		from *Instance
		in   int // number of tables that have the column
	}
	have := map[string]*origin{}
	for i := range u.parts {
		p := &u.parts[i]
		for _, f := range p.fields {
			if slices.Contains(axes, f.Name) {
				continue
			}
			o := have[f.Name]
			if o == nil {
				have[f.Name] = &origin{at: len(u.fields), from: p.instance, in: 1}
				u.fields = append(u.fields, f)
				continue
			}
			o.in++
			known := &u.fields[o.at]
			switch {
			case known.Type != f.Type:
				return fmt.Errorf("the column %s holds %v in %s and %v in %s", f.Name, known.Type, o.from.Address, f.Type, p.instance.Address)
			case known.Unit != f.Unit:
				return fmt.Errorf("the column %s has the unit %q in %s and %q in %s", f.Name, known.Unit, o.from.Address, f.Unit, p.instance.Address)
			}
			known.Nullable = known.Nullable || f.Nullable
			known.Mark = known.Mark.With(f.Mark)
		}
	}
	for i := range u.fields {
		f := &u.fields[i]
		f.Nullable = f.Nullable || have[f.Name].in < len(u.parts)
	}
	return nil
}
