package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// What callers branch on, with errors.Is. Every error's text also names the path, what was being
// done, and what to do next.
var (
	// ErrMiss is wrapped by every *MissError.
	ErrMiss = errors.New("not in the store")
	// ErrMissing says that a blob does not exist.
	ErrMissing = errors.New("blob does not exist")
	// ErrDamaged is wrapped by *DamagedError.
	ErrDamaged = errors.New("damaged")
	// ErrConflict is wrapped by *ConflictError.
	ErrConflict = errors.New("conflicting outputs for one key")
	// ErrFull says that the disk, or the quota, is full.
	ErrFull = errors.New("disk full")
	// ErrBusy says that another works with the store, whom no lock keeps out.
	ErrBusy = errors.New("the store is in use")
	// ErrReadOnly says that the store may not be written.
	ErrReadOnly = errors.New("store is read-only")
	// ErrUnreadable says that something in the store may not be read, or that the disk fails to.
	ErrUnreadable = errors.New("cannot be read")
	// ErrFormat says that a folder is not a store, or one that this program cannot read.
	ErrFormat = errors.New("not a store of a known format")
	// ErrBeingMade says that a folder is to become a store, which holds nothing yet.
	ErrBeingMade = errors.New("it is being made")
)

// A Reason says why a key has no usable entry.
type Reason uint8

// The reasons of a miss.
const (
	Absent     Reason = iota // nothing was ever stored, or it was removed
	Damaged                  // the manifest or a blob failed a check, and was set aside
	Incomplete               // the manifest is whole, but a blob of it is gone
	Unreadable               // the manifest may not be read, or the disk fails to: see MakeRoom
)

// String gives the reason in lower case.
func (r Reason) String() string {
	switch r {
	case Absent:
		return "absent"
	case Damaged:
		return "damaged"
	case Incomplete:
		return "incomplete"
	case Unreadable:
		return "unreadable"
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// A MissError says that a key has no usable entry, and why. It is not a failure: compute the entry.
type MissError struct {
	Key    Digest
	Reason Reason
	Detail string // for people: what is missing or damaged, with its path; empty if Absent
}

// Error implements error.
func (e *MissError) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("artifacts: %s is not in the store", e.Key.Short())
	}
	return fmt.Sprintf("artifacts: %s is not in the store: %s: %s", e.Key.Short(), e.Reason, e.Detail)
}

// Is makes errors.Is(e, ErrMiss) hold.
func (e *MissError) Is(target error) bool { return target == ErrMiss }

// A DamagedError says that a blob's bytes are not those it is named for.
type DamagedError struct {
	Digest Digest
	Path   string // where the damaged bytes are now
}

// Error implements error.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("artifacts: blob %s is damaged and was set aside as %s: run again to compute it anew",
		e.Digest.Short(), e.Path)
}

// Is makes errors.Is(e, ErrDamaged) hold.
func (e *DamagedError) Is(target error) bool { return target == ErrDamaged }

// A ConflictError says that one key was computed twice with different outputs: the kind that made
// them is not deterministic, reads what is not in its key, or was changed without a new version. The older
// entry is kept.
type ConflictError struct {
	Key      Digest
	Kind     string
	Old, New string   // the addresses that computed them
	Outputs  []string // names of the outputs that differ, or that only one has, in order
}

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("artifacts: two results of kind %q, %s and %s, have the same key %s but differ in %s; "+
		"the older one is kept (spurion cache evict %s removes it)",
		e.Kind, e.Old, e.New, e.Key.Short(), strings.Join(e.Outputs, ", "), e.Key)
}

// Is makes errors.Is(e, ErrConflict) hold.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// isOurs reports whether err says that this process, not what it wants to read, is in trouble.
func isOurs(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}

// explain adds what to do to an error of the disk: doing says what was tried, with the path.
func explain(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrReadOnly), errors.Is(err, ErrFull), errors.Is(err, ErrUnreadable):
		return fmt.Errorf("artifacts: %s: %w", doing, err)
	case isFull(err):
		return fmt.Errorf("artifacts: %s: %w: free space or run spurion cache gc; nothing was lost (%w)", doing, ErrFull, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("artifacts: %s: %w: choose a store that may be written with --store (%w)", doing, ErrReadOnly, err)
	case errors.Is(err, syscall.EIO), errors.Is(err, syscall.ESTALE):
		return fmt.Errorf("artifacts: %s: the disk, or the server that it is on, failed: what was stored before is whole; "+
			"run again, and see spurion doctor if it fails again (%w)", doing, err)
	case errors.Is(err, ErrNotFile):
		return fmt.Errorf("artifacts: %s: %w: %w: remove it", doing, ErrDamaged, err)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("artifacts: %s: it %w: %s stands in the place of a folder: move it away, and make the folder", doing, ErrUnreadable, noFolder(err))
	}
	return fmt.Errorf("artifacts: %s: %w", doing, err)
}

// noFolder gives what on an error's path is no folder.
func noFolder(err error) string {
	var at *fs.PathError
	if !errors.As(err, &at) {
		return "a file or a pipe"
	}
	path := at.Path
	for dir := path; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if info, err := os.Lstat(dir); err == nil {
			if !info.IsDir() {
				path = dir
			}
			break
		}
	}
	return path
}

// explainRead is explain for what was only read.
func explainRead(doing string, err error) error {
	if err == nil || errors.Is(err, syscall.ENOTDIR) || isOurs(err) || isFull(err) || errors.Is(err, ErrUnreadable) || errors.Is(err, ErrNotFile) || errors.Is(err, fs.ErrNotExist) {
		return explain(doing, err)
	}
	return fmt.Errorf("artifacts: %s: it %w: let it be read, or remove it (%w)", doing, ErrUnreadable, err)
}
