package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
)

// Get finds the manifest of a key and checks that each of its blobs exists with its size. Without a
// usable entry the error is a *MissError; other errors are failures of this process. A damaged manifest,
// and a blob of the wrong size, is set aside and named in the error. What cannot be read is a miss, too, of which
// Options.Warn is told.
func (s *Store) Get(key Digest) (*Manifest, error) {
	s.beginReading()
	if m, found, err := s.getPacked(key, true); found {
		return m, err
	}
	path := s.manifestPath(key)
	for {
		data, used, err := s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			if m, found, err := s.getPacked(key, false); found {
				return m, err
			}
			return nil, &MissError{Key: key}
		}
		var m *Manifest
		if err == nil {
			m, err = parseManifest(data)
		} else if !errors.Is(err, ErrNotFile) {
			return nil, s.unreadable(key, "reading the manifest "+path, err)
		}
		if err == nil && m.Key != key {
			err = errors.New("it is that of another key")
		}
		if err != nil {
			aside := s.setAside(path, key, s.manifestProblem(path, key))
			if aside == "" { // another process replaced it meanwhile
				continue
			}
			return nil, &MissError{Key: key, Reason: Damaged, Detail: fmt.Sprintf("%s: %v: it is now %s", path, err, aside)}
		}
		if miss, err := s.checkBlobs(m); miss != nil || err != nil {
			return nil, orNil(miss, err)
		}
		if !s.readOnly && s.now().Sub(used) > useInterval {
			if err := s.noteUse(path); errors.Is(err, fs.ErrNotExist) { // GC was faster
				return nil, &MissError{Key: key}
			}
		}
		return m, nil
	}
}

// orNil keeps a nil *MissError from becoming an error that is not nil.
func orNil(miss *MissError, err error) error {
	if err != nil {
		return err
	}
	return miss
}

// manifestProblem gives a function that says what is wrong with a manifest.
func (s *Store) manifestProblem(path string, key Digest) func() (string, error) {
	return s.readProblem(path, func(data []byte) string {
		m, err := parseManifest(data)
		if err != nil {
			return err.Error()
		}
		if m.Key != key {
			return "it is that of another key"
		}
		return ""
	})
}

// unreadable makes a miss of what cannot be read, unless the fault is this process's own.
func (s *Store) unreadable(key Digest, doing string, err error) error {
	err = explainRead(doing, err)
	if isOurs(err) {
		return err
	}
	s.warn(err)
	return &MissError{Key: key, Reason: Unreadable, Detail: err.Error()}
}

// MakeRoom makes sure, before a key is computed of which Get said Unreadable, that the result can be stored: a
// manifest that cannot be read is set aside. The error, ErrUnreadable, says what is in the way. The caller has the key.
func (s *Store) MakeRoom(key Digest) error {
	path := s.manifestPath(key)
	if err := s.writable("setting " + path + " aside"); err != nil {
		return err
	}
	data, _, err := s.fs.ReadFile(path)
	if err == nil {
		if m, err := parseManifest(data); err == nil {
			for i := range m.Outputs { // of a folder that may not be entered nothing can be made better
				blob := s.blobPath(m.Outputs[i].Digest)
				if _, err := s.fs.Stat(blob); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return explainRead("looking for the blob "+blob, err)
				}
			}
		}
		return nil
	}
	if s.setAside(path, key, s.manifestProblem(path, key)) == path {
		return explainRead("setting aside "+path, err)
	}
	return nil
}

// checkBlobs looks for the blobs of a manifest, by their sizes.
func (s *Store) checkBlobs(m *Manifest) (miss *MissError, err error) {
	for i := range m.Outputs {
		o := &m.Outputs[i]
		path := s.blobPath(o.Digest)
		info, err := s.statBlob(o.Digest)
		if errors.Is(err, fs.ErrNotExist) {
			return &MissError{Key: m.Key, Reason: Incomplete, Detail: fmt.Sprintf("output %q: %s is gone", o.Name, path)}, nil
		}
		if err != nil {
			return nil, s.unreadable(m.Key, "looking for the blob "+path, err)
		}
		regular := info.Mode().IsRegular()
		if info.Size() == o.Size && regular {
			continue
		}
		detail := fmt.Sprintf("output %q: %s has %d bytes instead of %d", o.Name, path, info.Size(), o.Size)
		if !regular {
			detail = fmt.Sprintf("output %q: %s is not a file", o.Name, path)
		}
		if aside := s.setAside(path, o.Digest, s.blobProblem(path, o.Digest)); aside != "" {
			detail += ": it is now " + aside
		}
		return &MissError{Key: m.Key, Reason: Damaged, Detail: detail}, nil
	}
	return nil, nil
}
