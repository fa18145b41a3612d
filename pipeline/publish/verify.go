package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// A VerifyReport says what Verify read and found.
type VerifyReport struct {
	Files   int
	Bytes   int64
	Damaged []Damage // in the order of paths
}

// A Damage is a file that is not as it was written.
type Damage struct {
	Path    string // relative to the folder, with forward slashes
	Problem string
	// InWay says that something must be moved away before a run can write the file again.
	InWay bool
}

// Verify reads every file that Write has listed for the folder dir, and compares it with its digest. The next Write makes
// again what is named here, even if no time of the file tells of the change, unless something is in its way. It gives fs.ErrNotExist for a folder that Write has not
// made.
func Verify(ctx context.Context, dir string) (VerifyReport, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return VerifyReport{}, fmt.Errorf("publish: %w", err)
	}
	d := folder{root}
	defer d.Close()
	known := d.loadState()
	want := map[string]string{} // digests by path
	data, err := d.read(indexPath)
	if err != nil && !errors.Is(err, errIrregular) && (!errors.Is(err, fs.ErrNotExist) || len(known.Files) == 0) {
		return VerifyReport{}, fmt.Errorf("publish: %s: %w", indexPath, err)
	}
	if known.trusts(data) {
		for _, e := range decodeIndex(data).Files {
			if e.SHA256 != "" { // one without was announced by a run that was killed before it made the file
				want[e.Path] = e.SHA256
			}
		}
	}
	for path, s := range known.Files {
		want[path] = s.SHA256
	}
	var r VerifyReport
	if _, ok := want[indexPath]; !ok {
		switch {
		case err != nil:
			r.Damaged = append(r.Damaged, d.damage(indexPath, err.Error()))
		case !json.Valid(data):
			r.Damaged = append(r.Damaged, d.damage(indexPath, "it is not JSON"))
		}
	}
	if known.damaged {
		r.Damaged = append(r.Damaged, d.damage(statePath, "its bytes are not those that were written"))
	}
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if info, err := d.Lstat(path); err == nil {
			r.Files++
			r.Bytes += info.Size()
		}
		if problem := d.problem(path, want[path]); problem != "" {
			r.Damaged = append(r.Damaged, d.damage(path, problem))
			known.doubt(path)
		}
	}
	if len(r.Damaged) > 0 && !known.damaged { // what is written now would be taken for whole
		d.saveState(known)
	}
	return r, nil
}

// damage tells of a damaged file, and of what is in its way if something is.
func (d folder) damage(path, problem string) Damage {
	if err := d.inWay(path); err != nil {
		return Damage{Path: path, Problem: err.Error(), InWay: true}
	}
	return Damage{Path: path, Problem: problem}
}

// problem says in which way a file is not the one with the digest; "" if it is.
func (d folder) problem(path, sha string) string {
	info, err := d.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it is not there"
	case err != nil:
		return err.Error()
	case !info.Mode().IsRegular():
		return errIrregular.Error()
	}
	sum, err := d.digest(path)
	switch {
	case err != nil:
		return err.Error()
	case sum != sha:
		return "its bytes are not those that were written"
	}
	return ""
}

// doubt has the file read the next time, whatever its times say.
func (s *state) doubt(path string) {
	if known, ok := s.Files[path]; ok {
		known.Recorded = 0
		s.Files[path] = known
	}
}
