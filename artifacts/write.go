package artifacts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
)

// tempName gives a name in temp/ that nothing has.
func (s *Store) tempName() string {
	return s.path(tempDir) + string(filepath.Separator) + s.name + "-" + strconv.FormatInt(s.counter.Add(1), 10)
}

// writeTemp writes a temporary file, durably as to its content, and gives its name.
func (s *Store) writeTemp(data []byte) (string, error) {
	temp := s.tempName()
	f, err := s.fs.Create(temp)
	if errors.Is(err, fs.ErrNotExist) { // somebody tidied up
		if err := s.makeFolder(s.path(tempDir)); err != nil {
			return "", err
		}
		f, err = s.fs.Create(temp)
	}
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = s.fs.Remove(temp) // if this fails too, GC does it
		return "", err
	}
	return temp, nil
}

// place gives a temporary file its final name. The name is durable after a SyncDir of its folder.
func (s *Store) place(temp, final string) error {
	err := s.fs.Rename(temp, final)
	if errors.Is(err, fs.ErrNotExist) { // the folder, because somebody tidied up
		if err = s.makeFolder(filepath.Dir(final)); err == nil {
			err = s.fs.Rename(temp, final)
		}
	}
	if err != nil {
		_ = s.fs.Remove(temp)
	}
	return err
}

func (s *Store) writeFile(final string, data []byte) error {
	temp, err := s.writeTemp(data)
	if err != nil {
		return err
	}
	return s.place(temp, final)
}

// holds reports whether a file exists with exactly these bytes. A file that exists with others is
// damaged, since its name is the digest of data: it is set aside.
func (s *Store) holds(path string, d Digest, data []byte) (bool, error) {
	info, err := s.fs.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	differs := func() (string, error) {
		found, _, err := s.fs.ReadFile(path)
		if err != nil || bytes.Equal(found, data) {
			return "", err
		}
		return "its bytes are not those it is named for", nil
	}
	if info.Size() == int64(len(data)) {
		problem, err := differs()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		if problem == "" {
			return err == nil, nil
		}
	}
	s.setAside(path, d, differs)
	return false, nil
}

// setAside moves a damaged file into damaged/ and gives its new path; its old one if it cannot be
// moved, say because the disk cannot be written: reading goes on there. Since another process may have
// replaced it by a whole one since it was looked at, it is looked at again under a lock that all who
// set aside take: problem says what is wrong, or "" if nothing is. Then, and if there is no such file
// any more, the path is empty.
func (s *Store) setAside(path string, d Digest, problem func() (string, error)) string {
	if s.readOnly {
		return path
	}
	unlock, err := s.lockStripe(d)
	if err != nil {
		return path
	}
	defer unlock()
	what, err := problem()
	if errors.Is(err, fs.ErrNotExist) || err == nil && what == "" {
		return ""
	}
	aside := s.path(damagedDir) + string(filepath.Separator) + filepath.Base(path) + "-" + filepath.Base(s.tempName())
	if err == nil {
		err = s.fs.Rename(path, aside)
	}
	if errors.Is(err, fs.ErrNotExist) {
		if err = s.makeFolder(s.path(damagedDir)); err == nil {
			err = s.fs.Rename(path, aside)
		}
	}
	if err != nil {
		return path
	}
	s.warn(fmt.Errorf("artifacts: %s: %s: set aside as %s: %w", path, what, aside, ErrDamaged))
	return aside
}
