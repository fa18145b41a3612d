package spec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// resourcesBlock is the block of any stage that says what its instances need of a machine. It is no setting: no key has it.
const resourcesBlock = "resources"

// resources reads the block of a stage, and gives what each row needs: nil if the stage has none, or it is wrong, which was reported.
func (l *loader) resources(st *stage) func(row int) *stages.Resources {
	if st.claim != nil || st.body == nil {
		return nil
	}
	var block *hclsyntax.Block
	for _, b := range st.body.Blocks {
		switch {
		case b.Type != resourcesBlock:
		case block != nil:
			l.report(&problem{Err: ErrDuplicate, Summary: clip(fmt.Sprintf("%q is given twice", resourcesBlock), 59), At: b.DefRange(),
				Detail: fmt.Sprintf("The block %q may stand once.", resourcesBlock)})
		default:
			block = b
		}
	}
	if block == nil || !l.checkLabels(block, nil, false) {
		return nil
	}
	st.out.Ranges[resourcesBlock] = l.rangeOf(block.DefRange())
	l.refuseBlocks(block)
	var given []*resource
	var cols []int
	for _, attr := range attributesInOrder(block.Body) {
		if r := l.resource(st, attr); r != nil {
			given = append(given, r)
			cols = union(cols, r.expr.cols)
		}
	}
	if st.grid == nil {
		return nil
	}
	class, reps := st.grid.classes(cols)
	list := make([]stages.Resources, len(reps))
	for _, r := range given {
		for i, row := range reps {
			if !r.set(l, st, &list[i], int(row)) {
				break // the others are wrong in the same way, or say nothing new
			}
		}
	}
	return func(row int) *stages.Resources { return &list[class[row]] }
}

// refuseBlocks reports blocks in the block.
func (l *loader) refuseBlocks(block *hclsyntax.Block) {
	for _, b := range block.Body.Blocks {
		l.report(&problem{Err: ErrUnknown, Summary: "Unknown block " + quoted(clip(b.Type, 40)), At: b.TypeRange,
			Detail: fmt.Sprintf("The block %q holds attributes alone: %s.", resourcesBlock, enumerate(stages.ResourceNames))})
	}
}

// A resource is one attribute of the block.
type resource struct {
	name string
	at   hcl.Range
	expr *prepared
}

// resource checks an attribute's name and the names in it; nil if they are wrong.
func (l *loader) resource(st *stage, attr *hclsyntax.Attribute) *resource {
	if !slices.Contains(stages.ResourceNames, attr.Name) {
		l.report(&problem{Err: ErrUnknown, Summary: "Unknown resource " + quoted(clip(attr.Name, 40)), At: attr.NameRange,
			Detail: fmt.Sprintf("The block %q has no attribute %q.%s", resourcesBlock, attr.Name, didYouMean(attr.Name, "%q", "attributes", stages.ResourceNames))})
		return nil
	}
	p, ok := l.prepare(attr.Expr, l.eachScope(st, "a resource"))
	if !ok {
		return nil
	}
	return &resource{name: attr.Name, at: attr.Expr.Range(), expr: p}
}

// set sets the resource of a row; null stands for "not given".
func (r *resource) set(l *loader, st *stage, to *stages.Resources, row int) bool {
	v, ok := l.evalRow(r.expr, st.grid, row)
	if !ok || v.IsNull() {
		return ok
	}
	text, size := "", r.name == "memory" || r.name == "time"
	switch {
	case size && v.Type() == cty.String:
		text = v.AsString()
	case !size && v.Type() == cty.Number:
		text = numberText(v.AsBigFloat())
	}
	err := to.Set(r.name, text)
	if err == nil {
		return true
	}
	quotes := ""
	if size {
		quotes = ", in quotes"
	}
	p := &problem{Err: ErrValue, Summary: clip(fmt.Sprintf("Invalid value for %q", r.name), 59), At: r.at, Expr: r.expr.expr, Context: r.expr.ctx,
		Detail: fmt.Sprintf("%s %v%s. It is %s.", r.name, err, quotes, describe(v))}
	if len(r.expr.cols) > 0 {
		p.Context = l.rowContext(r.expr, st.grid, row)
		p.Detail += fmt.Sprintf(" This is so for %s.", st.address(row))
	}
	l.report(p)
	return false
}
