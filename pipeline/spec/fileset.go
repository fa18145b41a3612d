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

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"spurion/stages"
)

// globMeta are the letters that make a path a pattern.
const globMeta = "*?["

// The bounds of patterns: what looks at more is a slip, such as ** where a data set lies.
const (
	maxFiles   = 1_500_000 // that one pattern gives: ImageNet has 1.3 million
	maxEntries = 2_000_000 // that are looked at for all patterns of a spec
)

// A fileset is what a path, folder or pattern stands for.
type fileset struct {
	paths []string
	err   error
}

// fileset gives the files that a text of a spec stands for, sorted: a file itself, all files in a folder, or those
// that match a pattern. In a pattern * stands for any letters of a name, ? for one, [a-z] for one of these, and ** as
// a whole name for any folders; it matches files only. Folders and patterns pass over hidden files (unless the
// pattern's own name starts with a dot), __pycache__, the project's out/ and folders marked as caches (CACHEDIR.TAG),
// such as the store. A file whose name is the text is that file, whatever its letters. None is an error, which
// continues the sentence "the path X".
func (l *loader) fileset(name string) ([]string, error) {
	known, ok := l.filesets[name]
	if !ok {
		known.paths, known.err = l.findFiles(name)
		l.filesets[name] = known
	}
	return known.paths, known.err
}

func (l *loader) findFiles(name string) ([]string, error) {
	t, rel, err := l.tree(name)
	if err != nil {
		return nil, err
	}
	s := &search{t: t, found: map[string]bool{}, seen: map[visit]bool{}, looked: &l.looked}
	e, err := t.stat(rel)
	switch {
	case err == nil && e.info.Mode().IsRegular():
		if strings.HasSuffix(name, "/") {
			return nil, errors.New("is a file, not a folder")
		}
		return []string{t.prefix + rel}, nil
	case err == nil && e.info.IsDir():
		err = s.match(rel, []string{"**"}, []string{e.real})
	case err == nil:
		return nil, errors.New("is not a regular file")
	case !errors.Is(err, os.ErrNotExist):
		return nil, err
	case !strings.ContainsAny(rel, globMeta):
		return nil, fmt.Errorf("does not exist in %s%s", t.what, t.similar(rel))
	default:
		if _, err := path.Match(rel, ""); err != nil {
			return nil, errors.New("is not a pattern: a [ is not closed")
		}
		err = s.match("", strings.Split(rel, "/"), []string{t.root})
	}
	if err != nil {
		return nil, err
	}
	if len(s.found) == 0 {
		return nil, s.nothing(rel, e.info != nil)
	}
	return keysOf(s.found), nil
}

// nothing says that a pattern or folder stands for no file.
func (s *search) nothing(rel string, folder bool) error {
	switch {
	case folder:
		return fmt.Errorf("is a folder without files (hidden ones do not count)")
	case strings.ContainsAny(rel, "{}"):
		return fmt.Errorf("matches no file in %s: braces have no meaning; write several patterns", s.t.what)
	}
	return fmt.Errorf("matches no file in %s%s", s.t.what, s.t.similar(rel))
}

// A search matches a pattern with the files of a tree.
type search struct {
	t      *tree
	found  map[string]bool
	seen   map[visit]bool
	looked *int // at how many entries, for all patterns
}

// A visit is a folder with what is left of the pattern there: it is made once.
type visit struct{ folder, rest string }

// match looks in a folder for what is left of the pattern. above are the folders it lies in, without links, itself
// last: a link into one of them would have no end.
func (s *search) match(folder string, pattern, above []string) error {
	v := visit{folder, strings.Join(pattern, "/")}
	if s.seen[v] {
		return nil
	}
	s.seen[v] = true
	head, rest := pattern[0], pattern[1:]
	if head != "**" && !strings.ContainsAny(head, globMeta) {
		return s.take(folder, head, rest, above, true)
	}
	if head == "**" && len(rest) > 0 {
		if err := s.match(folder, rest, above); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(s.t.full(folder))
	if err != nil {
		return fmt.Errorf("cannot be looked for: the folder %q cannot be read", folder)
	}
	if *s.looked += 1 + len(entries); *s.looked > maxEntries {
		return fmt.Errorf("is one too many: the spec's patterns would look at more than %s files and folders: narrow them", grouped(maxEntries))
	}
	for _, e := range entries {
		if hidden(e.Name()) && !strings.HasPrefix(head, ".") {
			continue
		}
		switch matched, _ := path.Match(head, e.Name()); {
		case head == "**" && e.Type()&fs.ModeSymlink == 0 && !e.IsDir():
			if len(rest) == 0 {
				err = s.file(path.Join(folder, e.Name()), e.Type())
			}
		case head == "**":
			err = s.deeper(path.Join(folder, e.Name()), rest, above)
		case matched:
			err = s.take(folder, e.Name(), rest, above, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// look follows a name in the folder that is the last of above to what lies there; at is its path in the tree.
func (s *search) look(at string, above []string) (entry, error) {
	real := filepath.Join(above[len(above)-1], path.Base(at))
	info, err := os.Lstat(real)
	if err != nil || info.Mode()&fs.ModeSymlink != 0 {
		return s.t.stat(at)
	}
	return entry{real, info}, nil
}

// deeper goes on with ** in a folder, or takes what a link leads to.
func (s *search) deeper(at string, rest, above []string) error {
	e, err := s.look(at, above)
	if err != nil {
		if info, err := os.Stat(s.t.full(at)); len(rest) > 0 && (err != nil || !info.IsDir()) {
			return nil // no folder
		}
		return fmt.Errorf("cannot be read whole: %s is a link that leads nowhere or out of %s", at, s.t.what)
	}
	if !e.info.IsDir() {
		if len(rest) > 0 {
			return nil
		}
		return s.file(at, e.info.Mode().Type())
	}
	if s.passes(at, e) {
		return nil
	}
	if slices.ContainsFunc(above, func(folder string) bool { return within(folder, e.real) }) {
		return fmt.Errorf("cannot be read whole: the link %s leads back into a folder that it lies in", at)
	}
	return s.match(at, append([]string{"**"}, rest...), append(slices.Clip(above), e.real))
}

// within reports whether a path is that of a folder, or of what lies in it.
func within(at, folder string) bool {
	rest, ok := strings.CutPrefix(at, strings.TrimSuffix(folder, string(os.PathSeparator)))
	return ok && (rest == "" || os.IsPathSeparator(rest[0]))
}

// take goes on with a name that matched, or that the pattern itself names.
func (s *search) take(folder, name string, rest, above []string, named bool) error {
	at := path.Join(folder, name)
	e, err := s.look(at, above)
	switch {
	case errors.Is(err, os.ErrNotExist) && named:
		return nil
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("cannot be read whole: %s is a link that leads nowhere", at)
	case err != nil:
		return fmt.Errorf("cannot be used: %s %w", at, err)
	case len(rest) == 0 && e.info.IsDir():
		return nil
	case len(rest) == 0:
		return s.file(at, e.info.Mode().Type())
	case !e.info.IsDir(), !named && s.passes(at, e):
		return nil
	}
	return s.match(at, rest, append(slices.Clip(above), e.real))
}

func (s *search) file(at string, mode fs.FileMode) error {
	if !mode.IsRegular() {
		return fmt.Errorf("cannot be read whole: %s is not a regular file", at)
	}
	if len(s.found) >= maxFiles {
		return fmt.Errorf("stands for more than %s files: narrow it", grouped(maxFiles))
	}
	s.found[s.t.prefix+at] = true
	return nil
}

// passes reports whether a folder is passed over: the program's own, and caches.
func (s *search) passes(at string, e entry) bool {
	if slices.Contains(s.t.hide, at) {
		return true
	}
	_, err := os.Lstat(e.real + string(os.PathSeparator) + "CACHEDIR.TAG")
	return err == nil
}

// filesetFunc gives the files that a folder or pattern stands for, as files = [...] takes them.
func (l *loader) filesetFunc() function.Function {
	return pathFunc(func(name string) (cty.Value, error) {
		paths, err := l.fileset(name)
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		values := make([]cty.Value, len(paths))
		for i, p := range paths {
			values[i] = cty.StringVal(p)
		}
		return cty.ListVal(values), nil
	}, cty.List(cty.String))
}

// externalFunc names a file, folder or pattern in a data root: external("ROOT/path").
func (l *loader) externalFunc() function.Function {
	return pathFunc(func(name string) (cty.Value, error) {
		root, rel, _ := strings.Cut(name, "/")
		if !validName(root) {
			return cty.NilVal, function.NewArgErrorf(0, "must be ROOT/path, where ROOT is the name of a data root: small letters, digits and underscores")
		}
		if _, ok := l.o.DataRoots[root]; !ok && l.o.Lenient == AllData {
			return cty.NilVal, function.NewArgErrorf(0, "%v", unknownRoot(root, l.o.DataRoots))
		}
		return cty.StringVal(stages.External(root, rel)), nil
	}, cty.String)
}

func pathFunc(give func(name string) (cty.Value, error), gives cty.Type) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(gives),
		Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return give(args[0].AsString()) },
	})
}
