package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"spurion/stages"
)

var errOutside = errors.New("leaves the project")

// A checkedFile is the outcome of checking one path.
type checkedFile struct {
	path   string
	err    error
	digest string
}

// projectFile checks a path of a spec: relative to the project, with forward slashes, to a regular
// file that is inside also when links are followed; or external("ROOT/path"), to one in a data root. The result is
// clean. Errors continue the sentence "the path X".
func (l *loader) projectFile(name string) (string, error) {
	known, ok := l.checkedFiles[name]
	if !ok {
		known.path, known.err = l.checkFile(name)
		l.checkedFiles[name] = known
	}
	return known.path, known.err
}

func (l *loader) checkFile(name string) (string, error) {
	t, rel, err := l.tree(name)
	if err != nil {
		return "", err
	}
	e, err := t.stat(rel)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("does not exist in %s%s", t.what, t.similar(rel))
	}
	if err != nil {
		return "", err
	}
	if !e.info.Mode().IsRegular() {
		return "", errors.New("is not a regular file")
	}
	return t.prefix + rel, nil
}

// tree gives the tree of files that a path of a spec lies in, and the clean path in it.
func (l *loader) tree(name string) (*tree, string, error) {
	if root, rel, ok := stages.CutExternal(name); ok {
		if err := checkPathText(rel); errors.Is(err, errOutside) {
			return nil, "", fmt.Errorf("leaves the data root %s", root)
		} else if err != nil {
			return nil, "", err
		}
		folder, ok := l.o.DataRoots[root]
		if !ok {
			return nil, "", fmt.Errorf("cannot be found: %w", unknownRoot(root, l.o.DataRoots))
		}
		t, err := newTree(folder, fmt.Sprintf("the data root %s (%s)", root, folder))
		if err != nil {
			return nil, "", fmt.Errorf("cannot be looked for: %s cannot be read: give another folder with --data-root %s=PATH", t.what, root)
		}
		t.prefix, t.everywhere = stages.External(root, ""), true
		return t, path.Clean(rel), nil
	}
	if err := checkPathText(name); err != nil {
		return nil, "", err
	}
	t, err := newTree(l.root, "the project")
	if err != nil {
		return nil, "", fmt.Errorf("cannot be found: %s", readProblem(err))
	}
	t.hide = l.o.Hide
	return t, path.Clean(name), nil
}

// unknownRoot says how a data root is given.
func unknownRoot(root string, known map[string]string) error {
	hint := ""
	if len(known) > 0 {
		hint = "." + strings.TrimSuffix(didYouMean(root, "%q", "data roots given", keysOf(known)), ".")
	}
	return fmt.Errorf("nothing says where the data root %s is: give --data-root %s=PATH, or set SPURION_DATA_%s%s",
		quoted(root), root, strings.ToUpper(root), hint)
}

// checkPathText refuses what is no path inside of a tree, whatever there is.
func checkPathText(name string) error {
	clean := path.Clean(name)
	switch {
	case name == "":
		return errors.New("is empty")
	case strings.ContainsAny(name, "\x00\\"):
		return errors.New("holds a backslash or a NUL: separate folders with /")
	case path.IsAbs(name) || filepath.IsAbs(name) || filepath.VolumeName(name) != "":
		return errors.New("is absolute: files are named relative to the project, and those elsewhere as external(\"ROOT/path\") of a data root")
	case clean == ".." || strings.HasPrefix(clean, "../"):
		return errOutside
	}
	return nil
}

// fileDigest gives the hex SHA-256 of a checked file.
func (l *loader) fileDigest(clean string) (string, error) {
	known := l.checkedFiles[clean]
	if known.digest != "" {
		return known.digest, nil
	}
	t, rel, err := l.tree(clean)
	if err != nil {
		return "", err
	}
	f, err := os.Open(t.full(rel))
	if err != nil {
		return "", errors.New("cannot be read")
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", errors.New("cannot be read")
	}
	known.path, known.digest = clean, hex.EncodeToString(h.Sum(nil))
	l.checkedFiles[clean] = known
	return known.digest, nil
}
