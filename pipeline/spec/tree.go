package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"spurion/stages"
)

// A tree is a folder in which files of a spec lie: the project, or a data root.
type tree struct {
	root   string // without links
	what   string // in messages
	prefix string // of its files' paths in references
	// everywhere says that links may lead out of it. A data root's do: whoever gives the root has put them there.
	everywhere bool
	hide       []string // clean paths of folders that patterns pass over
}

// newTree gives the tree of a folder; it is not nil even with an error.
func newTree(folder, what string) (*tree, error) {
	t := &tree{root: folder, what: what}
	real, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return t, err
	}
	t.root = real
	return t, nil
}

func (t *tree) full(rel string) string { return filepath.Join(t.root, filepath.FromSlash(rel)) }

// An entry is what lies at a path when links are followed.
type entry struct {
	real string // without links
	info fs.FileInfo
}

// stat follows links to a path. Errors continue the sentence "the path X"; one of what is not there is os.ErrNotExist.
func (t *tree) stat(rel string) (entry, error) {
	real, err := filepath.EvalSymlinks(t.full(rel))
	if errors.Is(err, os.ErrNotExist) {
		return entry{}, err
	}
	if err != nil {
		return entry{}, errors.New("cannot be read")
	}
	inside, err := filepath.Rel(t.root, real)
	if !t.everywhere && (err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator))) {
		return entry{}, fmt.Errorf("%w by a symbolic link", errOutside)
	}
	info, err := os.Stat(real)
	if err != nil {
		return entry{}, errors.New("cannot be read")
	}
	return entry{real, info}, nil
}

// similar suggests a path that exists and is written almost like rel.
func (t *tree) similar(rel string) string {
	best, changed := "", false
	parts := strings.Split(rel, "/")
	for i, part := range parts {
		at := path.Join(best, part)
		if _, err := os.Lstat(t.full(at)); err == nil && t.hasName(best, part) {
			best = at
			continue
		}
		entries, err := os.ReadDir(t.full(best))
		if err != nil {
			return ""
		}
		var names []string
		for _, e := range entries {
			if e.IsDir() || i == len(parts)-1 {
				names = append(names, e.Name())
			}
		}
		near := stages.Nearest(part, names)
		if near == "" && i == len(parts)-1 && strings.ContainsAny(part, globMeta) {
			near = anyOf(names)
		}
		if near == "" {
			return ""
		}
		best, changed = path.Join(best, near), true
	}
	if !changed {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// hasName reports whether a folder holds exactly this name, also where the disk takes large letters for small ones.
func (t *tree) hasName(folder, name string) bool {
	entries, err := os.ReadDir(t.full(folder))
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name })
}

// anyOf gives the first name that is not hidden, or "".
func anyOf(names []string) string {
	for _, n := range names {
		if !hidden(n) {
			return n
		}
	}
	return ""
}

// hidden reports whether patterns and folders pass over a name: that of a hidden file, or of what Python compiles.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || name == "__pycache__" }
