package spec

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"spurion/stages"
)

// A condition is what a setting demands of a column or an axis of an input.
type condition struct {
	columnName
	text string
}

// conditions gives the conditions on columns of an input in the leaves of a setting that was written: the values of
// maps whose keys name columns, unless their values are words of the setting's own.
func (u *unit) conditions(leaves []stages.Setting, input string) []condition {
	if u.expr == nil || u.expr.expr == nil {
		return nil
	}
	var list []condition
	for _, leaf := range leaves {
		steps := u.steps(leaf)
		a := attributeAt(u.attr, steps)
		if a == nil || !a.Conditions() || a.Column != input {
			continue
		}
		var texts map[string]string
		if json.Unmarshal([]byte(leaf.Value), &texts) != nil {
			continue // it does not decode, which is reported
		}
		for _, name := range keysOf(texts) {
			at := itemAt(u.expr.expr, append(slices.Clone(steps), name)).Range()
			list = append(list, condition{columnName{leaf.Path, name, at}, texts[name]})
		}
	}
	return list
}

// values is valuesOf for what an input is given in a row, found once for each class of rows.
func (c *inputColumns) values(row int, column string) valueSet {
	key := classColumn{int32(c.given.of(row)), column}
	set, ok := c.held[key]
	if !ok {
		set = c.l.valuesOf(c.in, c.given.refs(row), column)
		c.held[key] = set
	}
	return set
}

type classColumn struct {
	class  int32
	column string
}

// checkCondition reports a condition that no value fulfils which the column can hold.
func (l *loader) checkCondition(st *stage, u *unit, in *inputColumns, c condition, row int) bool {
	set := in.values(row, c.name)
	if !set.known || len(set.values) == 0 {
		return true
	}
	p := &problem{Err: ErrValue, Summary: clip("Condition that nothing fulfils on "+quoted(c.name), 59), At: c.at}
	held := fmt.Sprintf("In what %q is given, %s %s.", in.in.Name, c.name, set.held())
	predicate, err := stages.ReadPredicate(c.text, set.numeric())
	switch {
	case err != nil:
		p.Summary = clip("Condition that does not fit "+quoted(c.name), 59)
		p.Detail = fmt.Sprintf("%s. %s", sentence(err.Error()), held)
	case !slices.ContainsFunc(set.values, predicate.Holds):
		p.Detail = fmt.Sprintf("No row has %s %s. %s%s", c.name, clip(c.text, 60), held, set.nearest(predicate.Value()))
	case predicate.Excludes() && !slices.ContainsFunc(set.values, func(v any) bool { return !predicate.Holds(v) }):
		p.Warning = true
		p.Summary = clip("Condition that excludes nothing on "+quoted(c.name), 59)
		p.Detail = fmt.Sprintf("No row has %s %s, so all fulfil the condition. %s%s", c.name, clip(predicate.Value(), 60), held, set.nearest(predicate.Value()))
	default:
		return true
	}
	if u.class != nil {
		p.Detail += fmt.Sprintf(" This is so for %s.", st.address(row))
	}
	l.report(p)
	return p.Warning
}

// held says in words what the values are.
func (s *valueSet) held() string {
	const most = 12
	texts := make([]string, len(s.values))
	for i, v := range s.values {
		texts[i] = stages.PlainText(v)
		if _, number := stages.Numeric(v); !number {
			texts[i] = quoted(clip(texts[i], 40))
		}
	}
	if len(texts) > most {
		texts = append(texts[:most-1:most-1], fmt.Sprintf("%s more", grouped(len(texts)-most+1)))
	}
	if len(texts) == 1 {
		return "is " + texts[0]
	}
	return "is one of " + enumerate(texts)
}

// nearest suggests the value that is closest to a mistaken one.
func (s *valueSet) nearest(wanted string) string {
	best := ""
	if s.numeric() {
		list, err := stages.ReadPredicate(wanted, true)
		x, ok := list.Number()
		if err != nil || !ok || wanted == "" {
			return ""
		}
		least := math.Inf(1)
		for _, v := range s.values {
			y, _ := stages.Numeric(v)
			if d := math.Abs(x - y); d < least {
				least, best = d, stages.PlainText(v)
			}
		}
		return fmt.Sprintf(" The nearest is %s.", best)
	}
	var texts []string
	for _, v := range s.values {
		texts = append(texts, stages.PlainText(v))
	}
	if best = stages.Nearest(wanted, texts); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	return ""
}

// steps gives the path of a leaf below its unit.
func (u *unit) steps(leaf stages.Setting) []string {
	if leaf.Path == u.path {
		return nil
	}
	return strings.Split(strings.TrimPrefix(strings.TrimPrefix(leaf.Path, u.path), "."), ".")
}
