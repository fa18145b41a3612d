package spec

import (
	"errors"
	"fmt"
	"slices"

	"spurion/stages"
)

// checkMarks reports inputs that are given a table with a marked column which the kind does not
// declare that it reads. Of columns that only a run decides, the engine asks again.
func (l *loader) checkMarks(st *stage, given []filled) {
	if st.kind.ReadsEverything() {
		return
	}
	for i := range given {
		in := &given[i]
		seen := map[declared]bool{}
		for _, refs := range in.table {
			if !l.mayRead(st, in, refs, seen) {
				break
			}
		}
	}
}

// mayRead reports the first of the references to which the kind has no right, and whether there is none.
func (l *loader) mayRead(st *stage, in *filled, refs []Ref, seen map[declared]bool) bool {
	for _, ref := range refs {
		o, of := l.declaredOutput(ref)
		if o == nil || seen[of] {
			continue
		}
		seen[of] = true
		var refused *stages.MarkError
		if errors.As(st.kind.Refusal(o.Fields), &refused) {
			l.report(&problem{Err: ErrMarked, Summary: clip("Marked column "+quoted(refused.Column), 59), At: st.attribute(in.name).Expr.Range(),
				Detail: fmt.Sprintf("The output %s of %s has the column %q, marked %s, which %s does not declare that it reads. %s",
					o.Name, ref.Stage.ID(), refused.Column, refused.Mark, quoted(refused.Kind), refused.Remedy())})
			return false
		}
	}
	return true
}

// A declared is an output as a stage's instances declare it: all of a set alike.
type declared struct {
	st     *Stage
	set    int32
	output string
}

// declaredOutput gives the output that a reference means, and which of the stage's sets of outputs it
// is of; nil if it is none of a stage.
func (l *loader) declaredOutput(ref Ref) (*stages.Output, declared) {
	if ref.Stage == nil {
		return nil, declared{}
	}
	from := l.stages[ref.Stage.KindName][ref.Stage.Name]
	of := declared{ref.Stage, 0, ref.Output}
	if from.outputOf != nil {
		of.set = from.outputOf[ref.Instance]
	}
	outputs := from.kind.Outputs
	if len(from.outputs) > 0 {
		outputs = from.outputs[of.set]
	}
	i := slices.IndexFunc(outputs, func(o stages.Output) bool { return o.Name == ref.Output })
	if i < 0 {
		return nil, of
	}
	return &outputs[i], of
}
