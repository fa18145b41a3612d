package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"spurion/stages"
)

// A unit is one attribute of the settings: its leaves for each class of rows that agree on the
// axes it depends on, so that an expression is evaluated once for each of its values.
type unit struct {
	path   string
	schema *stages.Schema
	attr   *stages.Attribute
	expr   *prepared // nil for a default
	at     hcl.Range

	class []int32 // of each row; nil if it is the same for all
	cols  []int
	// results are the leaves of each class.
	results [][]stages.Setting
}

// A settingsReader reads the settings of one stage.
type settingsReader struct {
	l     *loader
	st    *stage
	units []*unit
	ok    bool
}

// settings decodes a stage's settings: one for each class of rows, and the class of each row.
func (l *loader) settings(st *stage) (list []stages.Settings, class []int32) {
	r := &settingsReader{l: l, st: st, ok: true}
	r.body(st.kind.Schema(), st.body, st.header, "", "")
	for _, u := range r.units {
		r.evaluate(u)
	}
	st.units = r.units
	st.settingsOK = r.ok && st.grid != nil
	if !st.settingsOK {
		return nil, nil
	}
	list, class, reps := r.combine()
	if !r.check(list, reps) {
		st.settingsOK = false
		return nil, nil
	}
	st.outputs, st.outputOf = r.outputs(list, class)
	return list, class
}

// eachScope is the scope of an expression inside a stage that may use its axes.
func (l *loader) eachScope(st *stage, where string) *scope {
	sc := &scope{where: where}
	if st.forEach() == nil {
		sc.eachHint = fmt.Sprintf("%s has no for_each, so it has a single instance and no axes.", st.id())
		return sc
	}
	sc.each = func(t hcl.Traversal) (int, bool) {
		if st.grid == nil {
			return 0, false
		}
		name := stepName(t, 1)
		if st.clashes[name] {
			return 0, false
		}
		if name == "value" && st.grid.value != nil {
			return len(st.grid.cols), true
		}
		if i := st.grid.column(name); i >= 0 {
			return i, true
		}
		if way, ok := l.findUpstream(st, name, t.SourceRange()); ok {
			l.report(&problem{Err: ErrComputed, Summary: "Value depends on a computed result", At: t.SourceRange(),
				Detail: fmt.Sprintf("each.%s is an output of %s, which is not known before anything runs: no setting may depend on a computed value. Only inputs take outputs.", name, way.end.id())})
		}
		return 0, false
	}
	return sc
}

// body reads a block against its schema. The prefix of its paths is empty for the stage itself, and
// else ends in a dot.
func (r *settingsReader) body(s *stages.Schema, body *hclsyntax.Body, header hcl.Range, prefix, label string) {
	top := prefix == ""
	given := map[string]bool{}
	for _, attr := range attributesInOrder(body) {
		if top && r.isMeta(attr.Name) {
			continue
		}
		a := s.Attribute(attr.Name)
		if a == nil || a == s.Label {
			r.unknown(s, attr.Name, attr.NameRange, prefix, label, "attribute")
			continue
		}
		given[a.Name] = true
		if r.applies(a, label, attr.NameRange, prefix) {
			r.attribute(s, a, prefix+a.Name, attr)
		}
	}
	sets := map[string]bool{}
	for _, b := range body.Blocks {
		if top && r.st.claim == nil && b.Type == resourcesBlock {
			continue
		}
		a := s.Attribute(b.Type)
		if a == nil || a == s.Label {
			r.unknown(s, b.Type, b.TypeRange, prefix, label, "block")
			continue
		}
		if !r.applies(a, label, b.TypeRange, prefix) {
			given[a.Name] = true
			continue
		}
		if given[a.Name] && !sets[a.Name] {
			r.fail(&problem{Err: ErrDuplicate, Summary: clip(fmt.Sprintf("%q is given twice", a.Name), 59), At: b.DefRange(),
				Detail: fmt.Sprintf("The block %q may stand once.", a.Name)})
			continue
		}
		given[a.Name] = true
		sets[a.Name] = a.Type == stages.Blocks
		r.block(a, prefix+a.Name, b)
	}
	for i := range s.Attributes {
		a := &s.Attributes[i]
		if !given[a.Name] && a != s.Label && a.Applies(label) {
			r.absent(s, a, prefix+a.Name, header)
		}
	}
}

func (r *settingsReader) fail(p *problem) {
	r.ok = false
	r.l.report(p)
}

// isMeta reports whether an attribute of the stage is no setting.
func (r *settingsReader) isMeta(name string) bool {
	return r.st.claim == nil && slices.Contains(metaAttributes(r.st.kind), name) || r.st.kind.Input(name) != nil
}

func (r *settingsReader) unknown(s *stages.Schema, name string, at hcl.Range, prefix, label, noun string) {
	top := prefix == ""
	names := attributeNames(s, label)
	owner := "The block"
	if top {
		owner = r.l.stageNoun(r.st)
		for _, in := range r.st.kind.Inputs {
			names = append(names, in.Name)
		}
		if r.st.claim == nil {
			names = append(append(names, metaAttributes(r.st.kind)...), resourcesBlock)
		}
	}
	detail := fmt.Sprintf("%s has no %s %q.%s", owner, noun, name, didYouMean(name, "%q", "attributes and blocks", names))
	if s.Label != nil && name == s.Label.Name {
		detail = fmt.Sprintf("%q is written as the label of the block, as in %s %q { ... }.", name, lastPart(prefix), s.Label.OneOf[0])
	}
	if top && r.st.claim == nil && name == allowFailed {
		detail = fmt.Sprintf("%s needs all that it is given. allow_failed works where results are gathered: %s, and in a claim or check, beside its test.",
			owner, strings.Join(r.l.gathering(), ", "))
	}
	if top && r.st.claim == nil && name == resourcesBlock {
		detail = fmt.Sprintf("%q is a block: write %s { ... }, without an equals sign.", name, name)
	}
	if top && r.st.claim != nil && (slices.Contains(metaAttributes(r.st.kind), name) || name == resourcesBlock) {
		detail = fmt.Sprintf("A %s takes no %s: it waits for its tables alone.", r.st.role(), name)
		switch name {
		case "for_each":
			detail = fmt.Sprintf("The for_each of a %s stands beside its test, not in it.", r.st.role())
		case allowFailed:
			detail = fmt.Sprintf("The allow_failed of a %s stands beside its test, not in it.", r.st.role())
		case resourcesBlock:
			detail = fmt.Sprintf("A %s takes no resources: it runs on one processor.", r.st.role())
		case "description":
			detail = fmt.Sprintf("What a %s is about is said by its attribute says, beside the test.", r.st.role())
		}
	}
	if former, was := r.st.kind.FormerSettings[name]; top && was {
		detail = fmt.Sprintf("%s has no %s %q any more. %s", owner, noun, name, former.Instead)
		if former.Ignored {
			r.l.report(&problem{Err: ErrUnknown, Warning: true, Summary: clip(fmt.Sprintf("Setting %s has no effect", quoted(name)), 59), At: at, Detail: detail})
			return
		}
	}
	if top && noun == "block" && r.st.kind.Input(name) != nil {
		detail = fmt.Sprintf("%q is an input: write %s = ..., %s.", name, name, inputWants(r.st.kind.Input(name)))
	}
	r.fail(&problem{Err: ErrUnknown, Summary: clip(fmt.Sprintf("Unknown %s %s", noun, quoted(name)), 59), At: at, Detail: detail})
}

// lastPart gives "c" of "a.b.c.".
func lastPart(prefix string) string {
	name := strings.TrimSuffix(prefix, ".")
	return name[strings.LastIndexByte(name, '.')+1:]
}

// applies reports an attribute that has no meaning under the block's label.
func (r *settingsReader) applies(a *stages.Attribute, label string, at hcl.Range, prefix string) bool {
	if a.Applies(label) {
		return true
	}
	name := strings.TrimSuffix(prefix, ".")
	r.fail(&problem{Err: ErrUnknown, Summary: clip(fmt.Sprintf("%q does not apply here", a.Name), 59), At: at,
		Detail: fmt.Sprintf("%s %q has no %q; it belongs to %s.", name, label, a.Name, enumerate(quotedList(a.For)))})
	return false
}

// attribute notes NAME = expression.
func (r *settingsReader) attribute(s *stages.Schema, a *stages.Attribute, path string, attr *hclsyntax.Attribute) {
	r.st.out.Ranges[path] = r.l.rangeOf(attr.Expr.Range())
	sc := r.l.eachScope(r.st, "a setting")
	sc.secrets = a.Secret
	p, ok := r.l.prepare(attr.Expr, sc)
	if !ok {
		r.ok = false
		return
	}
	if p.secret {
		r.st.out.Sensitive = append(r.st.out.Sensitive, path)
	}
	r.units = append(r.units, &unit{path: path, schema: s, attr: a, expr: p, at: attr.Expr.Range(), cols: p.cols})
}

// block reads a nested block, or one of a set of labelled blocks.
func (r *settingsReader) block(a *stages.Attribute, path string, b *hclsyntax.Block) {
	var words []string
	switch {
	case a.Type == stages.Call || a.Elem != nil && a.Elem.Type == stages.Call:
		r.fail(&problem{Err: ErrType, Summary: clip(fmt.Sprintf("%q is not a block", a.Name), 59), At: b.DefRange(),
			Detail: fmt.Sprintf("%q must be %s: write %s = %s(...).", a.Name, wants(a), a.Name, firstLabel(a))})
		return
	case a.Type != stages.Block && a.Type != stages.Blocks:
		r.fail(&problem{Err: ErrType, Summary: clip(fmt.Sprintf("%q is not a block", a.Name), 59), At: b.DefRange(),
			Detail: fmt.Sprintf("%q must be %s: write %s = ....", a.Name, wants(a), a.Name)})
		return
	case a.Type == stages.Blocks:
		words = append(words, "NAME")
	}
	label := a.Nested.DefaultLabel()
	labelled := a.Nested.Label != nil && (label == "" || len(b.Labels) > len(words))
	if labelled {
		words = append(words, strings.Join(a.Nested.Label.OneOf, "|"))
	}
	if !r.l.checkLabels(b, words, false) {
		r.ok = false
		return
	}
	if a.Type == stages.Blocks {
		name := b.Labels[0]
		if !r.l.checkName(a.Name, name, b.LabelRanges[0]) {
			r.ok = false
			return
		}
		path += "." + name
		if _, twice := r.st.out.Ranges[path]; twice {
			r.fail(&problem{Err: ErrDuplicate, Summary: clip(fmt.Sprintf("%s %q is defined twice", a.Name, name), 59), At: b.LabelRanges[0],
				Detail: fmt.Sprintf("Another block %s has the name %q.", a.Name, name)})
			return
		}
	}
	r.st.out.Ranges[path] = r.l.rangeOf(b.DefRange())
	if l := a.Nested.Label; labelled {
		at := b.LabelRanges[len(words)-1]
		label = b.Labels[len(words)-1]
		if !slices.Contains(l.OneOf, label) {
			r.fail(&problem{Err: ErrValue, Summary: clip(fmt.Sprintf("Unknown %s %s", a.Name, quoted(label)), 59), At: at,
				Detail: fmt.Sprintf("There is no %s %q.%s", a.Name, label, otherLabel(a.Nested, label))})
			return
		}
		r.st.out.Ranges[path+"."+l.Name] = r.l.rangeOf(at)
		r.constant(path+"."+l.Name, a.Nested.LabelLeaves(path+"."+l.Name, label), at)
	}
	r.body(a.Nested, b.Body, b.DefRange(), path+".", label)
}

func firstLabel(a *stages.Attribute) string {
	if a.Elem != nil {
		a = a.Elem
	}
	if a.Nested.Label == nil || len(a.Nested.Label.OneOf) == 0 {
		return "function"
	}
	return a.Nested.Label.OneOf[0]
}

// constant notes leaves that are the same for every row.
func (r *settingsReader) constant(path string, leaves []stages.Setting, at hcl.Range) {
	r.units = append(r.units, &unit{path: path, at: at, results: [][]stages.Setting{leaves}})
}

// absent notes the default of an attribute that was not written.
func (r *settingsReader) absent(s *stages.Schema, a *stages.Attribute, path string, at hcl.Range) {
	if a.DefaultAxis != "" && r.st.grid != nil {
		if col := r.st.grid.column(a.DefaultAxis); col >= 0 {
			p := &prepared{cols: []int{col}, keys: []string{a.DefaultAxis}, bare: true}
			r.units = append(r.units, &unit{path: path, schema: s, attr: a, expr: p, at: at, cols: p.cols})
			return
		}
	}
	leaves, bad := absentValue(s, a, path)
	if bad != nil {
		owner := r.l.stageNoun(r.st)
		if s != r.st.kind.Schema() {
			owner = "The block"
		}
		r.fail(&problem{Err: bad.Err, Summary: clip(fmt.Sprintf("Missing setting %s", quoted(a.Name)), 59), At: at,
			Detail: fmt.Sprintf("%s %s", owner, stop(bad.Detail))})
		return
	}
	r.constant(path, leaves, at)
}
