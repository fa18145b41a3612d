package gather

import "spurion/artifacts/frame"

// Marks gives the mark of what is computed from the named columns of t, or from rows that they chose:
// all of theirs. Names that are not there, and "", add nothing.
//
// A kind whose columns the run decides keeps marks so: a column that is only copied has its own; a
// value that is computed from several rows, or looked up in another table, has also those of every
// column that chose these rows (by, on, where).
func Marks(t *frame.Table, names ...string) frame.Mark {
	var m frame.Mark
	for _, name := range names {
		if c := t.Column(name); c != nil {
			m = m.With(c.Mark)
		}
	}
	return m
}
