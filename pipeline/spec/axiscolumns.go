package spec

import (
	"fmt"
	"slices"

	"spurion/stages"
)

// checkAxisColumns warns of an axis with the name of a column of the stage's own tables: gathered
// into one table they would stand in one place, and values that differ could not. Where the stage
// takes a setting of that name from the axis, column and axis are the same.
func (l *loader) checkAxisColumns(st *stage) {
	attr := st.forEach()
	if st.grid == nil || attr == nil {
		return
	}
	for i, c := range st.grid.cols {
		if st.claim != nil && (c.name == st.role() || l.verdictColumn(c.name)) {
			l.report(&problem{Err: ErrAmbiguous, Summary: clip("Axis with the name of a column: "+quoted(c.name), 59), At: attr.Expr.Range(),
				Detail: fmt.Sprintf("All verdicts stand in one table, %ss.parquet, which has a column %q beside the axes of the %[1]ss. Rename the axis.", st.role(), c.name)})
			continue
		}
		if st.takes(c.name, i) {
			continue
		}
		if out := st.outputWith(c.name); out != "" {
			l.report(&problem{Err: ErrAmbiguous, Warning: true, Summary: clip("Axis with the name of a column: "+quoted(c.name), 59), At: attr.Expr.Range(),
				Detail: fmt.Sprintf("The output %s of %s has a column %q too. Where instances are gathered into one table, the axis becomes a column, and the run fails unless both hold the same values. Rename the axis.", out, st.id(), c.name)})
		}
	}
}

// verdictColumn reports whether the tables of all verdicts have a column of a name that is no axis.
func (l *loader) verdictColumn(name string) bool {
	return slices.Contains(claimColumns, name) || slices.ContainsFunc(l.o.Kinds.Tests, func(k *stages.Kind) bool {
		return slices.ContainsFunc(k.Outputs, func(o stages.Output) bool { return o.Name == verdictOutput && declares(o, name) })
	})
}

// declares reports whether an output is known to have a column.
func declares(o stages.Output, column string) bool {
	for _, f := range o.Fields {
		if f.Name == column {
			return true
		}
	}
	return false
}

// takes reports whether the stage's setting of a name is the value of an axis, column i of its grid.
func (st *stage) takes(name string, i int) bool {
	return slices.ContainsFunc(st.units, func(u *unit) bool {
		return u.path == name && u.expr != nil && u.expr.bare && u.expr.cols[0] == i
	})
}

// outputWith gives the first output that is gathered and declares a column, or "".
func (st *stage) outputWith(column string) string {
	sets := st.outputs
	if len(sets) == 0 {
		sets = [][]stages.Output{st.kind.Outputs}
	}
	for _, set := range sets {
		for _, o := range set {
			if !o.Internal && declares(o, column) {
				return o.Name
			}
		}
	}
	return ""
}
