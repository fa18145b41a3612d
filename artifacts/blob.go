package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
)

// Put stores a blob and gives its name. Bytes that are there already are not written again, but
// compared. The blob may vanish in a crash until a manifest that names it is published; its bytes are
// whole or absent.
func (s *Store) Put(data []byte) (Digest, error) {
	d := Sum(data)
	if err := s.put(d, data); err != nil {
		return Digest{}, err
	}
	return d, nil
}

// put stores a blob by its name.
func (s *Store) put(d Digest, data []byte) error {
	path := s.blobPath(d)
	doing := "storing the blob " + path
	if err := s.writable(doing); err != nil {
		return err
	}
	s.removal.RLock()
	defer s.removal.RUnlock()
	if _, err := s.begin(); err != nil {
		return explain(doing, err)
	}
	s.mu.Lock()
	s.pending[d]++
	s.mu.Unlock()
	there, err := s.holds(path, d, data)
	if there {
		var info fs.FileInfo
		if info, err = s.fs.Stat(path); err == nil {
			err = s.keep(path, info)
		}
		if err == nil {
			return nil
		}
		if errors.Is(err, fs.ErrNotExist) { // GC was faster
			err = nil
		}
	}
	if err == nil {
		s.makePart(blobsDir, d)
		err = s.writeFile(path, data)
	}
	if err != nil {
		return explain(doing, err)
	}
	return nil
}

// keep keeps GC from taking a blob for unused while this session lasts: it takes none that is newer
// than the session. Nor does it take young ones, which helps where the session is not seen.
func (s *Store) keep(path string, info fs.FileInfo) error {
	open, err := s.begin()
	if err != nil {
		return err
	}
	if changed := info.ModTime(); !changed.Before(open.start) && s.now().Sub(changed) < youth/2 {
		return nil
	}
	return s.noteUse(path)
}

// Blob reads a blob and verifies it. ErrMissing if there is none; a damaged one is set aside, and the
// error is a *DamagedError. Before either is an error, who is behind the store is asked: see SetBehind.
func (s *Store) Blob(d Digest) ([]byte, error) {
	data, err := s.ownBlob(d)
	if s.behind != nil && (errors.Is(err, ErrMissing) || errors.Is(err, ErrDamaged)) {
		if fetched, ok := s.behind(d); ok {
			return fetched, nil
		}
	}
	return data, err
}

func (s *Store) ownBlob(d Digest) ([]byte, error) {
	data, found, packErr := s.blobPacked(d, true)
	if found && packErr == nil {
		return data, nil
	}
	path := s.blobPath(d)
	for again := s.remote; ; {
		data, _, err := s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) && again {
			again = false
			s.refresh(s.part(blobsDir, d), s.path(packsDir))
			if err := s.lookAgain(); err != nil {
				return nil, err
			}
			continue
		}
		if errors.Is(err, fs.ErrNotExist) {
			if packErr != nil {
				return nil, packErr
			}
			if data, found, err := s.blobPacked(d, false); found {
				return data, err
			}
			return nil, fmt.Errorf("artifacts: reading %s: %w: run again to compute it anew", path, ErrMissing)
		}
		if err == nil && Sum(data) == d {
			return data, nil
		}
		if err != nil && isOurs(err) {
			return nil, explainRead("reading the blob "+path, err)
		}
		switch aside := s.setAside(path, d, s.blobProblem(path, d)); {
		case err != nil && aside == path: // and nothing can be done about it
			return nil, explainRead("reading the blob "+path, err)
		case aside != "":
			return nil, &DamagedError{Digest: d, Path: aside}
		}
	}
}

// statBlob describes the file of a blob. One that seems to be missing is looked for again in its folder as it is now.
func (s *Store) statBlob(d Digest) (fs.FileInfo, error) {
	info, err := s.fs.Stat(s.blobPath(d))
	if s.remote && errors.Is(err, fs.ErrNotExist) {
		s.refresh(s.part(blobsDir, d))
		info, err = s.fs.Stat(s.blobPath(d))
	}
	return info, err
}

// blobProblem gives a function that says what is wrong with a file named by its digest.
func (s *Store) blobProblem(path string, d Digest) func() (string, error) {
	return s.readProblem(path, func(data []byte) string {
		if Sum(data) == d {
			return ""
		}
		return "its bytes are not those it is named for"
	})
}
