package publish

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// statePath is a file of the folder that is for this program alone, and for this machine: index.json says nothing of
// where and when, so that equal experiments have equal ones. Without it all is as it should be, only slower.
const statePath = ".spurion-state"

// stateVersion is that of the file's form.
const stateVersion = 1

// A state says whose the folder is, and how files were when they were last known to be whole.
type state struct {
	FormatVersion int             `json:"format_version"`
	Spec          string          `json:"spec"` // absolute path of the spec whose folder it is
	Files         map[string]seen `json:"files"`
}

// A seen file had these bytes when it had this stamp.
type seen struct {
	SHA256   string `json:"sha256"`
	Stamp    stamp  `json:"stamp"`
	Recorded int64  `json:"recorded"` // nanoseconds since 1970
}

// A stamp is what changes with every write to a file. Times are nanoseconds since 1970.
type stamp struct {
	Bytes    int64 `json:"bytes"`
	Modified int64 `json:"modified"`
	Changed  int64 `json:"changed,omitempty"` // of the inode: no program can set it back
	Inode    int64 `json:"inode,omitempty"`
}

// clockGrain is how coarse the times of a file system may be: a file that was changed so shortly before it was looked
// at may have been changed again since, without another time.
const clockGrain = 2 * time.Second

// settled reports whether a later change would have changed the stamp.
func (s *seen) settled() bool {
	return s.Recorded-max(s.Stamp.Modified, s.Stamp.Changed) >= int64(clockGrain)
}

// loadState reads the state; an empty one if there is none that can be read.
func (d folder) loadState() state {
	s := state{FormatVersion: stateVersion}
	var have state
	if data, err := d.read(statePath); err == nil && json.Unmarshal(data, &have) == nil && have.FormatVersion == stateVersion {
		s = have
	}
	if s.Files == nil {
		s.Files = map[string]seen{}
	}
	return s
}

// saveState keeps the state if it can: a folder that may not be written does without.
func (d folder) saveState(s state) {
	if data, err := json.Marshal(s); err == nil {
		_ = d.write(statePath, append(data, '\n'))
	}
}

// whole reports whether the file has the digest. One that has not changed since it was last known is not read.
func (s *state) whole(d folder, path, sha string) bool {
	info, err := d.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	if known, ok := s.Files[path]; ok && known.Stamp == stampOf(info) && known.settled() {
		return known.SHA256 == sha
	}
	sum, err := d.digest(path)
	return err == nil && sum == sha
}

// remember notes that the file has the digest now.
func (s *state) remember(d folder, path, sha string) {
	info, err := d.Lstat(path)
	if err != nil {
		delete(s.Files, path)
		return
	}
	now := stampOf(info)
	if known := s.Files[path]; known.SHA256 == sha && known.Stamp == now && known.settled() {
		return
	}
	s.Files[path] = seen{SHA256: sha, Stamp: now, Recorded: time.Now().UnixNano()}
}

// equal reports whether nothing has to be saved.
func (s *state) equal(o *state) bool { return s.Spec == o.Spec && maps.Equal(s.Files, o.Files) }

func (d folder) digest(path string) (string, error) {
	f, err := d.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// ErrTaken is the cause of the error about a folder that belongs to another spec.
var ErrTaken = errors.New("holds the tables of another spec")

// CheckOwner gives an error that wraps ErrTaken if dir is the folder of another spec, which is still there, than the
// one at the path. A folder that does not exist belongs to nobody.
func CheckOwner(dir, spec string) error {
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	d, err := openFolder(dir)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	defer d.Close()
	return d.checkOwner(dir, d.loadState().Spec, spec)
}

func (d folder) checkOwner(dir, owner, spec string) error {
	if owner == "" || spec == "" || owner == spec {
		return nil
	}
	other, err := os.Stat(owner)
	if err != nil {
		return nil // moved, renamed, or on another machine
	}
	if own, err := os.Stat(spec); err == nil && os.SameFile(own, other) {
		return nil
	}
	return fmt.Errorf("%s %w, %s; give this one another folder with --out DIR, or give one of the two another name", dir, ErrTaken, owner)
}

// claim makes the folder that of the spec, if it belongs to nobody.
func (p *publisher) claim() error {
	if p.out.SpecPath == "" {
		return nil
	}
	if err := p.folder.checkOwner(p.out.Dir, p.state.Spec, p.out.SpecPath); err != nil {
		return err
	}
	if p.state.Spec == p.out.SpecPath {
		return nil
	}
	p.state.Spec = p.out.SpecPath
	p.folder.saveState(p.state)
	return nil
}

// trusts reports whether the index is the one that was written: if one of its bits has changed, nothing that it says of
// files can be relied on.
func (s *state) trusts(index []byte) bool {
	known, ok := s.Files[indexPath]
	return !ok || known.SHA256 == digestOf(index)
}

// SpecPath gives the path of a spec as the folder's state has it: absolute, without links.
func SpecPath(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real
	}
	return abs
}
