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
)

var errOutside = errors.New("leaves the project")

// A checkedFile is the outcome of checking one path.
type checkedFile struct {
	path   string
	err    error
	digest string
}

// projectFile checks a path of a spec: relative to the project, with forward slashes, to a regular
// file that is inside also when links are followed. The result is clean. Errors continue the
// sentence "the path X".
func (l *loader) projectFile(name string) (string, error) {
	known, ok := l.checkedFiles[name]
	if !ok {
		known.path, known.err = l.checkFile(name)
		l.checkedFiles[name] = known
	}
	return known.path, known.err
}

func (l *loader) checkFile(name string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("is empty")
	case strings.ContainsAny(name, "\x00\\"):
		return "", errors.New("holds a backslash or a NUL: separate folders with /")
	case path.IsAbs(name) || filepath.IsAbs(name) || filepath.VolumeName(name) != "":
		return "", errors.New("is absolute: files are named relative to the project")
	}
	clean := path.Clean(name)
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return "", errOutside
	}
	root, err := filepath.EvalSymlinks(l.root)
	if err != nil {
		return "", fmt.Errorf("cannot be found: %s", readProblem(err))
	}
	full, err := filepath.EvalSymlinks(filepath.Join(root, filepath.FromSlash(clean)))
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("does not exist in the project%s", similarFile(filepath.Join(root, filepath.FromSlash(clean)), clean))
	}
	if err != nil {
		return "", errors.New("cannot be read")
	}
	inside, err := filepath.Rel(root, full)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return "", fmt.Errorf("%w by a symbolic link", errOutside)
	}
	info, err := os.Stat(full)
	if err != nil {
		return "", errors.New("cannot be read")
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("is not a regular file")
	}
	return clean, nil
}

// similarFile suggests a file of the same folder.
func similarFile(full, clean string) string {
	entries, err := os.ReadDir(filepath.Dir(full))
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if best := nearest(path.Base(clean), names); best != "" {
		return fmt.Sprintf("; did you mean %q?", path.Join(path.Dir(clean), best))
	}
	return ""
}

// fileDigest gives the hex SHA-256 of a checked file.
func (l *loader) fileDigest(clean string) (string, error) {
	known := l.checkedFiles[clean]
	if known.digest != "" {
		return known.digest, nil
	}
	f, err := os.Open(filepath.Join(l.root, filepath.FromSlash(clean)))
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
