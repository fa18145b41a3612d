package program

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A Kept is the folder of a program that failed, which was kept for people: see Scratch.Keep.
type Kept struct {
	Dir   string    // absolute
	Name  string    // that of its Scratch
	At    time.Time // when the program last changed something right in it
	Bytes int64     // of all files in it
}

// scratchRoot gives the folder below TMPDIR in which this user's programs run.
func scratchRoot() (root, temp string, err error) {
	if temp, err = filepath.Abs(os.TempDir()); err != nil {
		return "", "", err
	}
	return filepath.Join(temp, fmt.Sprintf("spurion-%d", os.Getuid())), temp, nil
}

// KeptFolders lists the folders that were kept below TMPDIR, by name; those of other users, and below another TMPDIR,
// are not among them.
func KeptFolders() ([]Kept, error) {
	root, _, err := scratchRoot()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := ownFolder(root); err != nil {
		return nil, err
	}
	var list []Kept
	for _, e := range entries {
		name, ok := strings.CutPrefix(e.Name(), keptPrefix)
		info, err := e.Info()
		if !ok || err != nil || !e.IsDir() {
			continue
		}
		k := Kept{Dir: filepath.Join(root, e.Name()), Name: name, At: info.ModTime()}
		_ = filepath.WalkDir(k.Dir, func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // what cannot be looked at is not counted
			}
			if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
				k.Bytes += info.Size()
			}
			return nil
		})
		list = append(list, k)
	}
	return list, nil
}

// Remove removes the folder with all in it. Links in it are removed, not followed.
func (k Kept) Remove() error { return remove(k.Dir) }
