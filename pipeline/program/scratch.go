package program

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A Scratch is the folder in which a program runs, below TMPDIR. Its name follows from what is computed, so that a
// program finds the same working directory each time; it is locked while it is used, and the lock dies with its
// process, so that what a killed one left is cleaned by the next that wants the name.
type Scratch struct {
	Dir string // absolute

	name   string
	folder fs.FileInfo // as it was made
	lock   *os.File    // nil: the folder's name is its own
}

// errHeld says that a living process has a folder.
var errHeld = errors.New("in use")

// keptPrefix begins the names of folders that were kept for people.
const keptPrefix = "failed-"

// NewScratch makes an empty folder for the name, such as a key: letters, digits and dashes. If a living process has the
// one of that name, it is another.
func NewScratch(name string) (*Scratch, error) {
	root, temp, err := scratchRoot()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(temp); err != nil {
		return nil, fmt.Errorf("programs run below %s: %w; set TMPDIR to a folder that can be written", temp, err)
	}
	if err := ownFolder(root); err != nil || !canLock {
		return anonymous(temp)
	}
	sweepOnce.Do(func() { sweep(root) })
	for n := 1; n < 1000; n++ {
		dir := filepath.Join(root, name)
		if n > 1 {
			dir += fmt.Sprintf("-%d", n)
		}
		s, err := take(dir)
		switch {
		case err == nil:
			s.name = name
			if err := s.Empty(); err != nil {
				s.lock.Close()
				continue // of somebody else, or stuck
			}
			return s, nil
		case !errors.Is(err, errHeld):
			return anonymous(temp)
		}
	}
	return anonymous(temp)
}

// anonymous makes a folder with a name that nothing has: where folders cannot be locked, or ours is another's.
func anonymous(temp string) (*Scratch, error) {
	dir, err := os.MkdirTemp(temp, "spurion-")
	if err != nil {
		return nil, fmt.Errorf("programs run below %s: %w; set TMPDIR to a folder that can be written", temp, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	return &Scratch{Dir: dir, folder: info, name: strings.TrimPrefix(filepath.Base(dir), "spurion-")}, nil
}

// stillThere gives an error if the folder at a path is not the one that was there. What a program put in its place,
// such as a link to another folder, is neither read nor emptied.
func stillThere(dir string, was fs.FileInfo) error {
	is, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("it removed the folder in which it ran")
	case err != nil:
		return err
	case !os.SameFile(was, is):
		return errors.New("it put something else where the folder was in which it ran")
	}
	return nil
}

// Empty removes what is in the folder.
func (s *Scratch) Empty() error {
	if err := stillThere(s.Dir, s.folder); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := remove(filepath.Join(s.Dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Close removes the folder. What cannot be removed stays for the next that wants its name.
func (s *Scratch) Close() {
	_ = remove(s.Dir)
	s.release()
}

// Keep lets go of the folder without removing it, under a name of its own, and gives its path. One that was kept of
// the same name before is removed.
func (s *Scratch) Keep() (string, error) {
	defer s.release()
	dir := filepath.Join(filepath.Dir(s.Dir), keptPrefix+s.name)
	if s.lock == nil {
		return s.Dir, nil
	}
	if err := remove(dir); err != nil {
		return s.Dir, err
	}
	if err := os.Rename(s.Dir, dir); err != nil {
		return s.Dir, err
	}
	return dir, nil
}

func (s *Scratch) release() {
	if s.lock != nil {
		_ = s.lock.Close() // lets go of the lock
	}
}

// take locks the folder, and makes it if need be. The folder that was locked may be one that its owner was about to
// remove while another made its successor: hence the comparison, and the next try.
func take(dir string) (*Scratch, error) {
	for range 100 {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		f, err := os.Open(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := tryLock(f); err != nil {
			f.Close()
			return nil, err
		}
		locked, err := f.Stat()
		named, nameErr := os.Lstat(dir)
		if err == nil && nameErr == nil && named.IsDir() && os.SameFile(locked, named) {
			return &Scratch{Dir: dir, folder: named, lock: f}, nil
		}
		f.Close()
		if nameErr == nil && !named.IsDir() {
			return nil, fmt.Errorf("%s is no folder", dir)
		}
	}
	return nil, errHeld
}

// remove removes a folder with all in it, also where a program has taken itself the right to.
func remove(path string) error {
	err := os.RemoveAll(path)
	if err == nil {
		return nil
	}
	_ = filepath.WalkDir(path, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(path)
}

var sweepOnce sync.Once

// sweep removes folders that processes left which were killed, and whose names nobody has wanted for a day.
func sweep(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !e.IsDir() || strings.HasPrefix(e.Name(), keptPrefix) || time.Since(info.ModTime()) < 24*time.Hour {
			continue
		}
		if s, err := take(filepath.Join(root, e.Name())); err == nil {
			s.Close()
		}
	}
}
