package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// Publish makes m the entry of its key, durable when Publish returns. Every blob must have been Put, or be one of a result that was saved.
// If an entry with the same outputs exists, it is kept and Publish does nothing; one with different
// outputs is kept too, and the error is a *ConflictError; a damaged or incomplete one is replaced.
func (s *Store) Publish(m *Manifest) error {
	path := s.manifestPath(m.Key)
	doing := "publishing " + path
	if err := s.writable(doing); err != nil {
		return err
	}
	if err := m.check(); err != nil {
		return fmt.Errorf("artifacts: %s of %s: %w", doing, m.Address, err)
	}
	s.removal.RLock()
	defer s.removal.RUnlock()
	if _, err := s.begin(); err != nil {
		return explain(doing, err)
	}
	if done, err := s.inPack(m); done {
		s.settle(m)
		return err
	}
	for i := range m.Outputs {
		if err := s.reserve(&m.Outputs[i]); err != nil {
			return explain(doing, err)
		}
	}
	data := m.encode()
	temp, err := s.prepare(m, data)
	if err != nil {
		return explain(doing, err)
	}
	if err := s.install(m, temp, path, data); err != nil {
		if errors.Is(err, ErrConflict) {
			return err
		}
		return explain(doing, err)
	}
	// Also if the entry was there: whoever installed it may not have come to this line.
	if err := s.fs.SyncDir(filepath.Dir(path)); err != nil {
		return explain(doing, err)
	}
	s.settle(m)
	return nil
}

// inPack reports whether a pack has an entry of m's key, which is durable then. The error is that of Publish: nil if it is
// equal.
func (s *Store) inPack(m *Manifest) (done bool, err error) {
	old, found, err := s.getPacked(m.Key, false)
	if !found || errors.Is(err, ErrMiss) {
		return false, nil
	}
	if err == nil { // whoever made the pack may not have come to syncing its name
		err = explain("publishing "+s.manifestPath(m.Key), s.fs.SyncDir(s.path(packsDir)))
	}
	if err == nil {
		err = conflict(old, m)
	}
	return true, err
}

// settle forgets that the blobs of a published manifest were waiting for it.
func (s *Store) settle(m *Manifest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range m.Outputs {
		d := m.Outputs[i].Digest
		if s.pending[d]--; s.pending[d] <= 0 {
			delete(s.pending, d)
		}
	}
}

// reserve makes sure that a blob exists, and that no GC takes it for unused.
func (s *Store) reserve(o *Output) error {
	path := s.blobPath(o.Digest)
	info, err := s.fs.Stat(path)
	if errors.Is(err, fs.ErrNotExist) { // it may have been saved, and be in a pack
		if data, found, packErr := s.blobPacked(o.Digest, false); found && packErr == nil {
			s.makePart(blobsDir, o.Digest)
			if err = s.writeFile(path, data); err == nil {
				info, err = s.fs.Stat(path)
			}
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("output %q: %w: %w", o.Name, ErrMissing, err)
	}
	if err != nil {
		return err
	}
	if info.Size() != o.Size {
		return fmt.Errorf("output %q: %s has %d bytes instead of %d", o.Name, path, info.Size(), o.Size)
	}
	if err = s.keep(path, info); errors.Is(err, fs.ErrNotExist) { // another host has just taken it
		err = fmt.Errorf("output %q: %w: %w", o.Name, ErrMissing, err)
	}
	return err
}

// prepare does what must come before the manifest gets its name: it makes the names of the blobs
// durable, and writes the manifest under a temporary name. All waits for the disk are one.
func (s *Store) prepare(m *Manifest, data []byte) (temp string, err error) {
	s.makePart(manifestsDir, m.Key)
	var syncs errgroup.Group
	for _, folder := range s.unsynced(m) {
		syncs.Go(func() error { return s.fs.SyncDir(folder) })
	}
	temp, err = s.writeTemp(data)
	if syncErr := syncs.Wait(); syncErr != nil {
		if err == nil {
			_ = s.fs.Remove(temp)
		}
		return "", syncErr
	}
	if err == nil {
		s.anchored[0][m.Key[0]].Store(true)
		for i := range m.Outputs {
			s.anchored[1][m.Outputs[i].Digest[0]].Store(true)
		}
	}
	return temp, err
}

// unsynced lists the folders that name the blobs of m, and those that name the parts they and the
// manifest are in unless this is known to have been done: another process may have made a part, and
// not have come to syncing its name.
func (s *Store) unsynced(m *Manifest) []string {
	var folders []string
	if !s.anchored[0][m.Key[0]].Load() {
		folders = append(folders, s.path(manifestsDir))
	}
	var seen [256]bool
	roots := false
	for i := range m.Outputs {
		d := m.Outputs[i].Digest
		if seen[d[0]] {
			continue
		}
		seen[d[0]] = true
		folders = append(folders, s.part(blobsDir, d))
		if !roots && !s.anchored[1][d[0]].Load() {
			roots = true
			folders = append(folders, s.path(blobsDir))
		}
	}
	return folders
}

// makePart makes a part of a fanned folder if it is not known to be there. If that fails, so does
// what is to be put there, and says why.
func (s *Store) makePart(root string, d Digest) {
	known := &s.anchored[0]
	if root == blobsDir {
		known = &s.anchored[1]
	}
	if known[d[0]].Load() {
		return
	}
	if err := s.fs.Mkdir(s.part(root, d)); errors.Is(err, fs.ErrNotExist) { // somebody tidied up
		_ = s.makeFolder(s.part(root, d))
	}
}

// install gives a manifest its name unless there is a usable one. Others are kept out by a lock, and where that does
// not reach them by the name itself, which only one can give.
func (s *Store) install(m *Manifest, temp, path string, data []byte) error {
	unlock, err := s.lockStripe(m.Key)
	if err != nil {
		_ = s.fs.Remove(temp)
		return err
	}
	defer unlock()
	for range 3 {
		found, _, err := s.fs.ReadFile(path)
		switch {
		case err == nil:
			if old, err := parseManifest(found); err == nil && old.Key == m.Key && s.complete(old) {
				// Not under the gate, whose holder may want the stripe. Who is just taking it looks at the time again.
				if err := s.touch(path); errors.Is(err, fs.ErrNotExist) {
					break
				}
				_ = s.fs.Remove(temp)
				return conflict(old, m)
			}
			return s.place(temp, path, data)
		case errors.Is(err, ErrNotFile):
			if _, err := s.moveAside(path, "it is not a file"); err != nil {
				_ = s.fs.Remove(temp)
				return err
			}
		case !errors.Is(err, fs.ErrNotExist): // MakeRoom was not asked, or it has become so since
			return s.place(temp, path, data)
		}
		err = s.tryIn(filepath.Dir(path), func() error { return s.fs.Link(temp, path) })
		if errors.Is(err, fs.ErrExist) {
			if same, sameErr := s.fs.SameFile(temp, path); sameErr == nil && same {
				err = nil // the answer was lost
			}
		}
		if err == nil {
			_ = s.fs.Remove(temp) // if this fails, GC does it
			return nil
		}
		if !errors.Is(err, fs.ErrExist) { // a disk without links
			break
		}
	}
	return s.place(temp, path, data)
}

// conflict is the error of a result that is not the one stored before, if it is not.
func conflict(old, m *Manifest) error {
	if names := Differences(old, m); names != nil {
		return &ConflictError{Key: m.Key, Kind: m.Kind, Old: old.Address, New: m.Address, Outputs: names}
	}
	return nil
}

// complete is checkBlobs without setting anything aside: the caller has a stripe locked.
func (s *Store) complete(m *Manifest) bool {
	for i := range m.Outputs {
		info, err := s.statBlob(m.Outputs[i].Digest)
		if err != nil || info.Size() != m.Outputs[i].Size || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}
