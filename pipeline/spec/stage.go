package spec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"spurion/stages"
)

// A stage is a stage block, a claim or a check on its way to a Stage.
type stage struct {
	out    *Stage
	kind   *stages.Kind
	body   *hclsyntax.Body  // settings and inputs: the block's, or its test's
	claim  *hclsyntax.Block // of a claim or check
	header hcl.Range
	nameAt hcl.Range
	// unreadable says that the definition itself is wrong (it did not parse, its kind is unknown):
	// it was reported, and what refers to it is not.
	unreadable bool
	cyclic     bool
	expanded   bool

	uses []use // in order of appearance, each stage once

	grid         *grid // nil if it is wrong, which was reported
	axes         [][]stages.Axis
	settingsOK   bool
	units        []*unit           // its settings, until it is expanded
	outputs      [][]stages.Output // one set, or one for each class
	outputOf     []int32           // the set of each row; nil for the first
	clashes      map[string]bool   // names of axes that are outputs too, which was reported
	edges        []edge
	filledInputs []filled
	indexes      map[string]*rowIndex // of instances by axes, for stages that refer to this one
}

// A use is a reference to another stage.
type use struct {
	to *stage
	at hcl.Range
}

// broken reports whether references to the stage are beyond checking.
func (st *stage) broken() bool { return st.unreadable || st.cyclic }

// id gives "kind.name".
func (st *stage) id() string { return st.out.KindName + "." + st.out.Name }

func (st *stage) attribute(name string) *hclsyntax.Attribute {
	if st.body == nil {
		return nil
	}
	return st.body.Attributes[name]
}

// forEach gives the attribute for_each, which a claim has beside its test; nil if there is none.
func (st *stage) forEach() *hclsyntax.Attribute {
	if st.claim != nil {
		return st.claim.Body.Attributes["for_each"]
	}
	return st.attribute("for_each")
}

// findReferences notes which stages a stage's for_each, depends_on and inputs mention, and
// reports those that do not exist.
func (l *loader) findReferences(st *stage) {
	if st.unreadable {
		return
	}
	seen := map[*stage]bool{}
	attrs := attributesInOrder(st.body)
	if over := st.forEach(); over != nil && st.claim != nil {
		attrs = append([]*hclsyntax.Attribute{over}, attrs...)
	}
	for _, attr := range attrs {
		meta := attr == st.forEach() || st.claim == nil && attr.Name == "depends_on"
		if !meta && st.kind.Input(attr.Name) == nil {
			continue
		}
		for _, t := range attr.Expr.Variables() {
			if !l.isStageRoot(t.RootName()) {
				continue
			}
			if to, ok := l.target(t, true); ok && !seen[to] {
				seen[to] = true
				st.uses = append(st.uses, use{to, t.SourceRange()})
				st.out.Uses = append(st.out.Uses, to.out)
			}
		}
	}
}

// isStageRoot reports whether a name starts a reference to a stage.
func (l *loader) isStageRoot(root string) bool {
	return isRole(root) || !reserved[root] && (l.stages[root] != nil || l.o.Kinds.Kind(root) != nil)
}

// target finds the stage of a reference KIND.NAME...; it is false for one that does not exist,
// which is reported if asked for.
func (l *loader) target(t hcl.Traversal, report bool) (*stage, bool) {
	kind, name := t.RootName(), stepName(t, 1)
	if st := l.stages[kind][name]; st != nil {
		return st, true
	}
	if !report || l.incomplete {
		return nil, false
	}
	at := t.SourceRange()
	if len(t) >= 2 {
		at = t[:2].SourceRange()
	}
	detail := fmt.Sprintf("There is no %s %s.%s.", nounOf(kind), kind, name)
	if name == "" {
		detail = fmt.Sprintf("Write %s.NAME: %q alone stands for nothing.", kind, kind)
	}
	what := "stages of kind " + kind
	if isRole(kind) {
		what = kind + "s"
	}
	detail += didYouMean(name, kind+".%s", what, keysOf(l.stages[kind]))
	for _, other := range keysOf(l.stages) {
		if l.stages[other][name] != nil {
			detail = fmt.Sprintf("There is no %s %s.%s. Did you mean %s.%s?", nounOf(kind), kind, name, other, name)
		}
	}
	l.report(&problem{Err: ErrUnknownStage, Summary: clip(fmt.Sprintf("Unknown %s %s.%s", nounOf(kind), kind, name), 59), At: at, Detail: detail})
	return nil, false
}

// expand takes a stage from text to instances.
func (l *loader) expand(st *stage) {
	st.expanded = true
	if st.unreadable {
		l.assertions(st)
		return
	}
	g, ok := l.stageGrid(st)
	if ok {
		st.grid = g
		st.out.Axes = g.names()
		st.axes = gridAxes(g)
		l.checkAxisNames(st)
	}
	l.assertions(st)
	l.allowance(st)
	settings, class := l.settings(st)
	inputs, after := l.inputs(st)
	needs := l.resources(st)
	l.checkColumns(st, inputs)
	l.checkMarks(st, inputs)
	l.checkAxisColumns(st)
	if st.grid != nil {
		l.checkInputs(st, settings, class, inputs)
		l.checkSides(st, settings, class, inputs)
	}
	st.units = nil
	if st.grid == nil || l.failed {
		return
	}
	l.assemble(st, settings, class, inputs, after, needs)
	l.checkDistinct(st)
}

// gridAxes gives the axes of each row; rows of a stage that inherits another's grid share them.
func gridAxes(g *grid) [][]stages.Axis {
	if len(g.origins) == 1 && g.origins[0].rows == nil && len(g.cols) == len(g.origins[0].stage.grid.cols) {
		return g.origins[0].stage.axes
	}
	k := len(g.cols)
	slab := make([]stages.Axis, g.n*k)
	axes := make([][]stages.Axis, g.n)
	for row := range axes {
		own := slab[row*k : (row+1)*k : (row+1)*k]
		for i, c := range g.cols {
			own[i] = stages.Axis{Name: c.name, Value: c.values[c.codes[row]]}
		}
		axes[row] = own
	}
	return axes
}

// address names an instance for messages.
func (st *stage) address(row int) string {
	if st.axes == nil || row >= len(st.axes) {
		return st.id()
	}
	return stages.Address(st.out.KindName, st.out.Name, st.axes[row])
}

// checkAxisNames reports an axis that has the name of an output that each would reach. Stages
// downstream inherit the clash, and each.NAME then stands for nothing.
func (l *loader) checkAxisNames(st *stage) {
	for _, o := range st.grid.origins {
		for name := range o.stage.clashes {
			st.clash(name)
		}
		for _, name := range o.stage.outputNames(nil) {
			if st.grid.column(name) < 0 || st.clashes[name] {
				continue
			}
			st.clash(name)
			l.report(&problem{Err: ErrAmbiguous, Summary: clip("Axis with the name of an output: "+quoted(name), 59), At: st.forEach().Expr.Range(),
				Detail: fmt.Sprintf("each.%s would stand for the axis and for the output of %s. Rename the axis.", name, o.stage.id())})
		}
	}
}

func (st *stage) clash(name string) {
	if st.clashes == nil {
		st.clashes = map[string]bool{}
	}
	st.clashes[name] = true
}

// assemble makes the instances.
func (l *loader) assemble(st *stage, settings []stages.Settings, class []int32, inputs []filled, after func(row int) []Ref,
	needs func(row int) *stages.Resources) {
	n := st.grid.n
	st.out.Instances = make([]Instance, n)
	slab := make([]Input, 0, n*len(inputs))
	for row := range st.out.Instances {
		inst := &st.out.Instances[row]
		inst.Axes = st.axes[row]
		if len(settings) > 0 {
			inst.Settings = settings[class[row]]
		}
		start := len(slab)
		for i := range inputs {
			if refs := inputs[i].refs(row); len(refs) > 0 {
				slab = append(slab, Input{Name: inputs[i].name, Refs: refs})
			}
		}
		if len(slab) > start {
			inst.Inputs = slab[start:len(slab):len(slab)]
		}
		if after != nil {
			inst.After = after(row)
		}
		if needs != nil {
			inst.Resources = needs(row)
		}
	}
}
