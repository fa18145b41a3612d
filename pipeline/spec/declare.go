package spec

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// reserved are the names that references start with, which no kind may have.
var reserved = map[string]bool{"var": true, "local": true, "sweep": true, "each": true, ClaimRole: true, CheckRole: true,
	"true": true, "false": true, "null": true, "for": true, "if": true, "in": true}

// topBlocks are the blocks of a spec with the words for their labels.
var topBlocks = map[string][]string{
	"variable": {"NAME"}, "locals": {}, "sweep": {"NAME"}, "stage": {"KIND", "NAME"}, ClaimRole: {"NAME"}, CheckRole: {"NAME"},
}

// declare notes what a file defines. Of a file that did not parse it notes the names alone, so
// that references to them are not reported.
func (l *loader) declare(s *source) {
	if !s.broken {
		for _, attr := range attributesInOrder(s.body) {
			l.declareAttribute(attr)
		}
	}
	for _, b := range s.body.Blocks {
		if len(l.diags) >= maxKept {
			l.unkept++ // more than anyone reads
			continue
		}
		if labels, ok := topBlocks[b.Type]; !ok {
			if !s.broken {
				l.report(&problem{Err: ErrUnknown, Summary: "Unknown block " + quoted(clip(b.Type, 40)), At: b.TypeRange,
					Detail: fmt.Sprintf("A spec has no block %q.%s", b.Type, didYouMean(b.Type, "%q", "blocks", keysOf(topBlocks)))})
			}
			continue
		} else if !l.checkLabels(b, labels, s.broken) {
			continue
		}
		switch b.Type {
		case "variable":
			l.declareVariable(b, s.broken)
		case "locals":
			l.declareLocals(b, s.broken)
		case "sweep":
			l.declareSweep(b, s.broken)
		case "stage":
			l.declareStage(b, s.broken)
		case ClaimRole, CheckRole:
			l.declareClaim(b, s.broken)
		}
	}
}

func (l *loader) declareAttribute(attr *hclsyntax.Attribute) {
	if attr.Name != "description" {
		l.report(&problem{Err: ErrUnknown, Summary: "Unknown attribute " + quoted(clip(attr.Name, 40)), At: attr.NameRange,
			Detail: fmt.Sprintf("A spec has no attribute %q.%s Named values belong in a locals block, values to be set from outside in variable blocks.",
				attr.Name, didYouMean(attr.Name, "%q", "attributes", []string{"description"}))})
		return
	}
	if l.descriptionAttr != nil {
		l.duplicate("description", "The description of the spec", attr.NameRange, l.descriptionAttr.NameRange)
		return
	}
	l.descriptionAttr = attr
}

func (l *loader) evaluateDescription() {
	if l.descriptionAttr != nil {
		l.description, _ = l.text(l.descriptionAttr, &scope{where: "the description"})
	}
}

// text evaluates an attribute that must be text.
func (l *loader) text(attr *hclsyntax.Attribute, sc *scope) (string, bool) {
	v, ok := l.constant(attr.Expr, sc)
	if !ok {
		return "", false
	}
	return l.textOf(attr, v)
}

// textOf wants text as the value of an attribute.
func (l *loader) textOf(attr *hclsyntax.Attribute, v cty.Value) (string, bool) {
	if v.IsNull() || v.Type() != cty.String {
		l.report(&problem{Err: ErrType, Summary: clip(fmt.Sprintf("Wrong type of %q", attr.Name), 59), At: attr.Expr.Range(), Expr: attr.Expr,
			Detail: fmt.Sprintf("%q must be text in quotes, but is %s.", attr.Name, describe(v))})
		return "", false
	}
	return v.AsString(), true
}

// checkLabels wants as many labels as words.
func (l *loader) checkLabels(b *hclsyntax.Block, words []string, quiet bool) bool {
	if len(b.Labels) == len(words) {
		return true
	}
	if quiet {
		return false
	}
	form := b.Type
	for _, w := range words {
		form += fmt.Sprintf(" %q", w)
	}
	at := b.TypeRange
	if len(b.Labels) > len(words) {
		at = b.LabelRanges[len(words)]
	}
	l.report(&problem{Err: ErrSyntax, Summary: clip(fmt.Sprintf("Wrong number of labels on %q", b.Type), 59), At: at,
		Detail: fmt.Sprintf("The block has %s. Write %s { ... }.", count(len(b.Labels), "label"), form)})
	return false
}

// validName reports whether s is a name: [a-z][a-z0-9_]*.
func validName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '_')) {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

func (l *loader) checkName(noun, name string, at hcl.Range) bool {
	if validName(name) {
		return true
	}
	l.report(&problem{Err: ErrName, Summary: clip("Invalid name of "+article(noun), 59), At: at,
		Detail: fmt.Sprintf("%s is not a name. Names start with a small letter, hold small letters, digits and underscores, and have at most 100 characters.", quoted(name))})
	return false
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// duplicate reports a second definition at its place, naming the first.
func (l *loader) duplicate(name, noun string, at, first hcl.Range) {
	l.report(&problem{Err: ErrDuplicate, Summary: clip(fmt.Sprintf("%q is defined twice", name), 59), At: at,
		Detail: fmt.Sprintf("%s was first defined at %s. Rename or remove one of the two.", noun, l.place(first))})
}

func (l *loader) declareLocals(b *hclsyntax.Block, quiet bool) {
	if !quiet {
		for _, inner := range b.Body.Blocks {
			l.report(&problem{Err: ErrUnknown, Summary: "Block in locals", At: inner.DefRange(),
				Detail: "A locals block holds only attributes: name = value."})
		}
	}
	for _, attr := range attributesInOrder(b.Body) {
		if !quiet && !l.checkName("local value", attr.Name, attr.NameRange) {
			continue
		}
		if first := l.locals[attr.Name]; first != nil {
			if !quiet {
				l.duplicate("local."+attr.Name, "The local value", attr.NameRange, first.at)
			}
			continue
		}
		s := &symbol{root: "local", name: attr.Name, at: attr.NameRange, expr: attr.Expr}
		if quiet {
			s.state = done
		}
		l.locals[attr.Name] = s
	}
}

func (l *loader) declareSweep(b *hclsyntax.Block, quiet bool) {
	name := b.Labels[0]
	if !quiet && !l.checkName("sweep", name, b.LabelRanges[0]) {
		return
	}
	if first := l.sweeps[name]; first != nil {
		if !quiet {
			l.duplicate("sweep."+name, "The sweep", b.LabelRanges[0], first.at)
		}
		return
	}
	s := &symbol{root: "sweep", name: name, at: b.DefRange(), body: b.Body}
	if quiet {
		s.state = done
	}
	l.sweeps[name] = s
}

func (l *loader) declareStage(b *hclsyntax.Block, quiet bool) {
	kind, name := b.Labels[0], b.Labels[1]
	st := &stage{
		out:  &Stage{KindName: kind, Name: name, Ranges: map[string]Range{}},
		body: b.Body, header: b.DefRange(), nameAt: b.LabelRanges[1], unreadable: quiet,
		kind: l.o.Kinds.Kind(kind),
	}
	if quiet {
		l.addStage(st, true)
		return
	}
	named := l.checkName("stage", name, b.LabelRanges[1])
	if st.kind == nil {
		l.report(&problem{Err: ErrUnknownKind, Summary: "Unknown kind of stage " + quoted(clip(kind, 30)), At: b.LabelRanges[0],
			Detail: fmt.Sprintf("There is no kind %q.%s", kind, didYouMean(kind, "%q", "kinds", l.kindNames()))})
		st.unreadable = true
	} else if reserved[kind] {
		l.report(&problem{Err: ErrName, Summary: "Kind with a reserved name", At: b.LabelRanges[0],
			Detail: fmt.Sprintf("References to a stage of kind %q would be taken for something else. The kind must be renamed in the program.", kind)})
		st.unreadable = true
	} else if bad := reservedAttribute(st); bad != "" {
		l.report(&problem{Err: ErrName, Summary: "Kind with a reserved attribute", At: b.LabelRanges[0],
			Detail: fmt.Sprintf("The kind %q has a setting or input %q, a name that every stage uses otherwise. It must be renamed in the program.", kind, bad)})
		st.unreadable = true
	}
	if named {
		l.addStage(st, false)
	}
}

// commonAttributes are the attributes of every stage.
var commonAttributes = []string{"for_each", dependsOn, "description"}

// reservedAttribute gives the name of a setting or input that cannot be written.
func reservedAttribute(st *stage) string {
	for _, name := range append(slices.Clone(metaAttributes(st.kind)), resourcesBlock) {
		if st.kind.Input(name) != nil || st.kind.Schema().Attribute(name) != nil {
			return name
		}
	}
	return ""
}

// addStage notes a stage under its name.
func (l *loader) addStage(st *stage, quiet bool) {
	kind, name := st.out.KindName, st.out.Name
	if l.stages[kind] == nil {
		l.stages[kind] = map[string]*stage{}
	}
	if first := l.stages[kind][name]; first != nil {
		if !quiet && !first.broken() {
			l.duplicate(kind+"."+name, "The "+nounOf(kind), st.nameAt, first.nameAt)
		}
		return
	}
	l.stages[kind][name] = st
	st.out.Kind = st.kind
	if s := l.sources[st.header.Filename]; s != nil {
		st.out.Range = s.rangeOf(st.header)
	}
	if !quiet {
		l.order = append(l.order, st)
	}
}

func nounOf(kind string) string {
	if isRole(kind) {
		return kind
	}
	return "stage"
}

// attributesInOrder gives a body's attributes as they stand in the file.
func attributesInOrder(body *hclsyntax.Body) []*hclsyntax.Attribute {
	list := make([]*hclsyntax.Attribute, 0, len(body.Attributes))
	for _, a := range body.Attributes {
		list = append(list, a)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].NameRange.Start.Byte < list[j].NameRange.Start.Byte })
	return list
}
