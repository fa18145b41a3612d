package spec

import (
	"fmt"
	"path"
	"slices"

	"spurion/stages"
)

// Leniency says what may be wrong with the data roots of a spec that is only looked at.
type Leniency uint8

// The leniencies. What a run is to use must be there. Validation goes on where a data root is not given. Who reads
// results needs none of the data: it need not be there at all.
const (
	AllData Leniency = iota
	GivenData
	NoData
)

// An Unread is a data root whose files were not looked at. A pattern or folder of it stands as it is written for the
// files that it gives.
type Unread struct {
	Root string // its name
	Why  string // "is not given", "has no img/1.png: /data/birds/img/1.png"
}

// String says it in a line: "the data root birds is not given".
func (u Unread) String() string { return fmt.Sprintf("the data root %s %s", u.Root, u.Why) }

// unreadPath gives the path that stands for what a text names in a data root, where that is not there and need not be;
// ok is false if it is there, must be, or is no text of a data root.
func (l *loader) unreadPath(name string) (clean string, ok bool) {
	root, rel, external := stages.CutExternal(name)
	if !external || l.o.Lenient == AllData || checkPathText(rel) != nil {
		return "", false
	}
	folder, given := l.o.DataRoots[root]
	why := "is not given"
	if given {
		if l.o.Lenient != NoData {
			return "", false
		}
		_, err := l.fileset(name)
		if err == nil {
			return "", false
		}
		why = fmt.Sprintf("(%s) lacks %s", folder, path.Clean(rel))
	}
	if !slices.ContainsFunc(l.unread, func(u Unread) bool { return u.Root == root }) {
		l.unread = append(l.unread, Unread{Root: root, Why: why})
	}
	return stages.External(root, path.Clean(rel)), true
}
