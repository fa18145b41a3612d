package frame

import (
	"slices"
	"strings"
)

// Marks are all marks that a column can have, sorted.
var Marks = []Mark{MarkAttribute, MarkGroup, MarkSplit}

// With gives the mark of what is computed from a column marked m and one marked o: both, sorted,
// each once. "" adds nothing.
func (m Mark) With(o Mark) Mark {
	list := append(m.All(), o.All()...)
	slices.Sort(list)
	words := make([]string, 0, len(list))
	for _, one := range slices.Compact(list) {
		words = append(words, string(one))
	}
	return Mark(strings.Join(words, markSeparator))
}

// All gives the single marks of which m is made; none for "".
func (m Mark) All() []Mark {
	if m == "" {
		return nil
	}
	var list []Mark
	for one := range strings.SplitSeq(string(m), markSeparator) {
		list = append(list, Mark(one))
	}
	return list
}

// Includes reports whether what o marks is marked by m too.
func (m Mark) Includes(o Mark) bool { return m.With(o) == m }

// Known reports whether m is "" or made of Marks as With makes it.
func (m Mark) Known() bool {
	for _, one := range m.All() {
		if !slices.Contains(Marks, one) {
			return false
		}
	}
	return m.With("") == m
}

const markSeparator = ","
