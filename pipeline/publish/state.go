package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spurion/pipeline/fileinfo"
)

// statePath is a file of the folder that is for this program alone, and for this machine: index.json says nothing of
// where and when, so that equal experiments have equal ones. Without it all is as it should be, only slower.
const statePath = ".spurion-state"

// stateVersion is that of the file's form.
const stateVersion = 1

// A state says whose the folder is, and how files were when they were last known to be whole.
type state struct {
	FormatVersion int `json:"format_version"`
	// Spec is the path of the spec whose folder it is, from the folder: a copy of a whole project stays whole.
	Spec  string          `json:"spec"`
	Files map[string]seen `json:"files,omitempty"`

	damaged bool // the file is not as it was written
}

// A seen file had these bytes when it had this stamp.
type seen struct {
	SHA256   string         `json:"sha256"`
	Stamp    fileinfo.Stamp `json:"stamp"`
	Recorded int64          `json:"recorded"` // nanoseconds since 1970
}

// loadState reads the state; an empty one if there is none. The file has three lines, each with its digest before it: whose
// the folder is, then all, then the first again. So whatever one bit does to it, also to the end of a line, the owner is known.
func (d folder) loadState() state {
	s := state{FormatVersion: stateVersion, Files: map[string]seen{}}
	data, err := d.read(statePath)
	if errors.Is(err, fs.ErrNotExist) {
		return s
	}
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		switch part, ok := parseState(line); {
		case !ok:
			s.damaged = s.damaged || i < len(lines)-1 || line != ""
		case i == 1:
			part.damaged = s.damaged
			s = part
		case s.Spec == "":
			s.Spec = part.Spec
		}
	}
	if s.damaged = s.damaged || err != nil || len(lines) != 4; s.damaged {
		for path := range s.Files {
			s.doubt(path)
		}
	}
	return s
}

func parseState(line string) (s state, ok bool) {
	digest, text, _ := strings.Cut(line, " ")
	if digest != digestOf([]byte(text)) || json.Unmarshal([]byte(text), &s) != nil || s.FormatVersion != stateVersion {
		return state{}, false
	}
	if s.Files == nil {
		s.Files = map[string]seen{}
	}
	return s, true
}

// saveState keeps the state if it can: a folder that may not be written does without.
func (d folder) saveState(s state) {
	var file bytes.Buffer
	owner := state{FormatVersion: s.FormatVersion, Spec: s.Spec}
	for _, part := range []state{owner, s, owner} {
		text, err := json.Marshal(part)
		if err != nil {
			return
		}
		fmt.Fprintf(&file, "%s %s\n", digestOf(text), text)
	}
	_ = d.write(statePath, file.Bytes())
}

// settled reports whether a change after the file was seen would have changed the stamp.
func (s *seen) settled() bool { return s.Stamp.SettledAt(time.Unix(0, s.Recorded)) }

// whole reports whether the file has the digest, and remembers that it has. One that has not changed since is not read.
func (s *state) whole(d folder, path, sha string) bool {
	info, err := d.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	// Both of before the file is read: what changes meanwhile is seen to have changed.
	now := seen{SHA256: sha, Stamp: fileinfo.Of(info), Recorded: time.Now().UnixNano()}
	if known, ok := s.Files[path]; ok && known.Stamp == now.Stamp && known.settled() {
		return known.SHA256 == sha
	}
	if sum, err := d.digest(path); err != nil || sum != sha {
		return false
	}
	s.Files[path] = now
	return true
}

// remember notes that the file, which was just written, has the digest.
func (s *state) remember(d folder, path, sha string) {
	info, err := d.Lstat(path)
	if err != nil {
		delete(s.Files, path)
		return
	}
	now := seen{SHA256: sha, Stamp: fileinfo.Of(info), Recorded: time.Now().UnixNano()}
	if known := s.Files[path]; known.SHA256 != sha || known.Stamp != now.Stamp || !known.settled() {
		s.Files[path] = now
	}
}

// equal reports whether nothing has to be saved.
func (s *state) equal(o *state) bool {
	return !s.damaged && s.Spec == o.Spec && maps.Equal(s.Files, o.Files)
}

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
	if owner == "" || spec == "" {
		return nil
	}
	path := owner
	if !filepath.IsAbs(path) {
		path = filepath.Join(SpecPath(dir), filepath.FromSlash(owner))
	}
	other, err := os.Stat(path)
	if err != nil {
		return nil // moved, renamed, or on another machine
	}
	if own, err := os.Stat(spec); err == nil && os.SameFile(own, other) {
		return nil
	}
	return fmt.Errorf("%s %w, %s; give this one another folder with --out DIR, or give one of the two another name", dir, ErrTaken, path)
}

// claim makes the folder that of the spec, if it belongs to nobody.
func (p *publisher) claim() error {
	if p.out.SpecPath == "" {
		return nil
	}
	if err := p.folder.checkOwner(p.out.Dir, p.state.Spec, p.out.SpecPath); err != nil {
		return err
	}
	owner, err := filepath.Rel(SpecPath(p.out.Dir), p.out.SpecPath)
	if err != nil {
		owner = p.out.SpecPath // on another drive
	}
	if owner = filepath.ToSlash(owner); p.state.Spec != owner {
		p.state.Spec = owner
		p.folder.saveState(p.state)
	}
	return nil
}

// trusts reports whether the index is the one that was written: if one of its bits has changed, nothing that it says of
// files can be relied on.
func (s *state) trusts(index []byte) bool {
	known, ok := s.Files[indexPath]
	return !ok || known.SHA256 == digestOf(index)
}

// SpecPath gives a path as the folder's state goes by it: absolute, without links.
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
