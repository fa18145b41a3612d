package artifacts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// tempName gives a name in temp/ that nothing has.
func (s *Store) tempName() string { return s.tempIn(s.path(tempDir)) }

// tempIn gives such a name in another folder.
func (s *Store) tempIn(folder string) string {
	return folder + string(filepath.Separator) + s.name + "-" + strconv.FormatInt(s.counter.Add(1), 10)
}

// isTempName reports whether a name is one that some store gave to a temporary file.
func isTempName(name string) bool {
	random, count, ok := strings.Cut(name, "-")
	return ok && len(random) == 16 && strings.Trim(random, "0123456789abcdef") == "" &&
		count != "" && strings.Trim(count, "0123456789") == ""
}

// writeTemp writes a temporary file, durably as to its content, and gives its name.
func (s *Store) writeTemp(data []byte) (string, error) { return s.writeTempIn(s.path(tempDir), data) }

func (s *Store) writeTempIn(folder string, data []byte) (temp string, err error) {
	for range 2 { // a network disk may lose a file that is being written
		if temp, err = s.tryTempIn(folder, data); !errors.Is(err, syscall.ESTALE) {
			break
		}
	}
	return temp, err
}

func (s *Store) tryTempIn(folder string, data []byte) (string, error) {
	var temp string
	var f File
	err := s.tryIn(folder, func() (err error) {
		for range 2 { // if the answer to the first was lost, its file exists, and is a leftover
			temp = s.tempIn(folder)
			if f, err = s.fs.Create(temp); !errors.Is(err, fs.ErrExist) {
				break
			}
		}
		return err
	})
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

// place gives a temporary file with these bytes its final name. The name is durable after a SyncDir of its folder.
func (s *Store) place(temp, final string, data []byte) error {
	err := s.tryIn(filepath.Dir(final), func() error { return s.fs.Rename(temp, final) })
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if found, _, readErr := s.fs.ReadFile(final); readErr == nil && bytes.Equal(found, data) {
			return nil // it was done, and the answer was lost
		}
	case isElsewhere(err): // the folder is a link to another disk
		_ = s.fs.Remove(temp)
		if temp, err = s.writeTempIn(filepath.Dir(final), data); err == nil {
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
	return s.place(temp, final, data)
}

// holds reports whether a file exists with exactly these bytes. A file that exists with others is
// damaged, since its name is the digest of data: it is set aside.
func (s *Store) holds(path string, d Digest, data []byte) (bool, error) {
	info, err := s.fs.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, explainRead("looking for "+path, err)
	}
	differs := s.readProblem(path, func(found []byte) string {
		if bytes.Equal(found, data) {
			return ""
		}
		return "its bytes are not those it is named for"
	})
	if info.Size() == int64(len(data)) && info.Mode().IsRegular() {
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

// readProblem gives a function that says what is wrong with a file: that it cannot be read, or what check finds.
func (s *Store) readProblem(path string, check func(data []byte) string) func() (string, error) {
	return func() (string, error) {
		data, _, err := s.fs.ReadFile(path)
		switch {
		case errors.Is(err, ErrNotFile):
			return "it is " + ErrNotFile.Error(), nil
		case err == nil:
			return check(data), nil
		case errors.Is(err, fs.ErrNotExist), isOurs(err):
			return "", err
		}
		return fmt.Sprintf("it cannot be read (%v)", err), nil
	}
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
	if err == nil {
		var aside string
		if aside, err = s.moveAside(path, what); err == nil {
			return aside
		}
	}
	return path
}

// moveAside is what setAside does once it is certain. The caller has the stripe locked.
func (s *Store) moveAside(path, what string) (aside string, err error) {
	aside = s.path(damagedDir) + string(filepath.Separator) + filepath.Base(path) + "-" + filepath.Base(s.tempName())
	err = s.tryIn(s.path(damagedDir), func() error { return s.fs.Rename(path, aside) })
	if errors.Is(err, fs.ErrNotExist) {
		if _, statErr := s.fs.Stat(aside); statErr == nil {
			err = nil // it was done, and the answer was lost
		}
	}
	if isElsewhere(err) { // the folder is a link to another disk
		aside = path + "-" + filepath.Base(s.tempName())
		err = s.fs.Rename(path, aside)
	}
	if err != nil {
		return "", err
	}
	s.warn(fmt.Errorf("artifacts: %s: %s: set aside as %s: %w", path, what, aside, ErrDamaged))
	return aside, nil
}
