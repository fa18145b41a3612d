package spec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"spurion/stages"
)

// A feed is what an input expression gives each row. Rows that agree in cols are given the same,
// unless perRow.
type feed struct {
	cols   []int
	perRow bool
	// refs evaluates it for a row; what is wrong was reported. The result is not to be changed.
	refs func(row int) ([]Ref, bool)
	// shape says what was written, for the checks of cardinality.
	shape feedShape
}

type feedShape uint8

const (
	oneRef feedShape = iota
	listOfRefs
	objectOfRefs
	valueRefs // decided when evaluated
)

// filled is an input with what each row is given.
type filled struct {
	name  string
	table [][]Ref // by class, or by row
	class []int32 // nil: by row
}

func (f *filled) refs(row int) []Ref { return f.table[f.of(row)] }

// of gives the place of a row in table.
func (f *filled) of(row int) int {
	if f.class != nil {
		return int(f.class[row])
	}
	return row
}

// The attributes that take stages, not outputs.
const (
	dependsOn        = "depends_on"
	figuresAttribute = "figures" // of a claim
)

// An inputReader reads the input expressions of one stage.
type inputReader struct {
	l  *loader
	st *stage
	// in is the input; nil in attributes that take stages.
	in *stages.Input
	// attribute is what is read: the input's name, dependsOn or figuresAttribute.
	attribute string
	// one says that exactly one artifact is wanted of each reference.
	one     bool
	targets []*stage // referred to, in order
}

// inputs resolves the references of a stage to instances, or, where its rows are wrong, checks them
// only. It also notes the stage's edges.
func (l *loader) inputs(st *stage) (given []filled, after func(row int) []Ref) {
	if st.grid != nil {
		for i, o := range st.grid.origins {
			st.edges = append(st.edges, edge{o.stage, i, -1})
		}
	}
	for i := range st.kind.Inputs {
		in := &st.kind.Inputs[i]
		attr := st.attribute(in.Name)
		if attr == nil {
			if in.Must() {
				l.report(&problem{Err: ErrMissing, Summary: clip("Missing input "+quoted(in.Name), 59), At: st.header,
					Detail: fmt.Sprintf("%s needs the input %q: %s (%s).", l.stageNoun(st), in.Name, inputWants(in), docText(in.Doc))})
			}
			continue
		}
		st.out.Ranges[in.Name] = l.rangeOf(attr.Expr.Range())
		r := &inputReader{l: l, st: st, in: in, attribute: in.Name, one: in.Cardinality == stages.One || in.Cardinality == stages.Optional}
		if f, ok := r.read(attr.Expr); ok && st.grid != nil {
			if table, ok := r.fill(f, attr.Expr); ok {
				given = append(given, table)
				st.filledInputs = given
				r.addEdges(len(given) - 1)
			}
		}
	}
	if attr := st.attribute(dependsOn); attr != nil && st.claim == nil {
		r := &inputReader{l: l, st: st, attribute: dependsOn}
		if f, ok := r.read(attr.Expr); ok && st.grid != nil {
			if table, ok := r.fill(f, attr.Expr); ok {
				after = table.refs
			}
		}
	}
	return given, after
}

func (l *loader) stageNoun(st *stage) string {
	if st.claim != nil {
		return fmt.Sprintf("The test %q", st.kind.Name)
	}
	return fmt.Sprintf("A stage of kind %q", st.kind.Name)
}

// addEdges notes the stages that an input comes from.
func (r *inputReader) addEdges(input int) {
	for _, to := range r.targets {
		r.st.edges = append(r.st.edges, edge{to, -1, input})
	}
}

// from notes a stage that the input refers to.
func (r *inputReader) from(to *stage) {
	if !slices.Contains(r.targets, to) {
		r.targets = append(r.targets, to)
	}
}

// inputWants words what an input takes.
func inputWants(in *stages.Input) string {
	one := "an output of type " + in.Type
	switch in.Type {
	case stages.AnyType:
		one = "a table"
	case stages.OutputType:
		one = "an output of a stage"
	case stages.FileType:
		one = "the path of a file in quotes"
	case stages.EnvironmentType:
		one = "the name of an environment variable in quotes"
	}
	switch in.Cardinality {
	case stages.List:
		return "a list, each element " + one
	case stages.Map:
		return "an object, each attribute " + one
	}
	return one
}

// fill evaluates a feed for every row.
func (r *inputReader) fill(f *feed, expr hclsyntax.Expression) (filled, bool) {
	out := filled{}
	if r.in != nil {
		out.name = r.in.Name
	}
	n := r.st.grid.n
	rep := func(i int) int { return i }
	if !f.perRow {
		class, reps := r.st.grid.classes(f.cols)
		out.class, n = class, len(reps)
		rep = func(i int) int { return int(reps[i]) }
	}
	out.table = make([][]Ref, n)
	ok := true
	for i := range n {
		refs, good := f.refs(rep(i))
		good = good && r.checkCount(refs, rep(i), expr)
		ok = ok && good
		out.table[i] = refs
	}
	return out, ok
}

// checkCount wants as many artifacts as the input takes.
func (r *inputReader) checkCount(refs []Ref, row int, expr hclsyntax.Expression) bool {
	if r.in == nil || !r.one || len(refs) == 1 || len(refs) == 0 && r.in.Cardinality == stages.Optional {
		return true
	}
	p := &problem{Err: ErrType, Summary: clip(fmt.Sprintf("Wrong number of artifacts for %q", r.in.Name), 59), At: expr.Range()}
	p.Detail = fmt.Sprintf("The input %q takes one artifact, but %s is given %s.", r.in.Name, r.st.address(row), grouped(len(refs)))
	if len(refs) == 0 {
		p.Err, p.Summary = ErrMissing, clip("Missing input "+quoted(r.in.Name), 59)
		p.Detail = fmt.Sprintf("The input %q is null for %s. It must be %s (%s).", r.in.Name, r.st.address(row), inputWants(r.in), docText(r.in.Doc))
	}
	r.l.report(p)
	return false
}

// read turns an expression into a feed, if its names and shape are right.
func (r *inputReader) read(expr hclsyntax.Expression) (*feed, bool) {
	f, ok := r.node(expr)
	if !ok || r.in == nil {
		return f, ok
	}
	wrong := ""
	switch {
	case r.one && f.shape == listOfRefs:
		wrong = "a list"
	case f.shape == objectOfRefs && r.in.Cardinality != stages.Map:
		wrong = "an object"
	case r.in.Cardinality == stages.Map && f.shape == oneRef:
		wrong = "a single reference"
	case r.in.Cardinality == stages.Map && f.shape == listOfRefs:
		wrong = "a list"
	}
	if wrong != "" {
		r.l.report(&problem{Err: ErrType, Summary: clip("Wrong shape of input "+quoted(r.in.Name), 59), At: expr.Range(),
			Detail: fmt.Sprintf("The input %q must be %s, but is %s.", r.in.Name, inputWants(r.in), wrong)})
		return nil, false
	}
	return f, true
}
