package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// openPack reads the head of a pack and its manifests. A damaged one is set aside; then, and if it is on the way, there
// is none.
func (s *Store) openPack(name string) (*pack, error) {
	path := s.packPath(name)
	p, manifests, problem, err := s.readHead(path, name)
	if err != nil {
		return nil, explainRead("reading the pack "+path, err)
	}
	if problem != "" {
		if s.readOnly {
			return nil, fmt.Errorf("artifacts: the pack %s is passed over: %s: %w", path, problem, ErrDamaged)
		}
		_, _, err := s.salvage(path)
		return nil, err
	}
	s.packs.hold(p, manifests)
	return p, nil
}

// readHead reads the head of a pack and the manifests behind it; problem says what is wrong with it.
func (s *Store) readHead(path, name string) (p *pack, manifests []byte, problem string, err error) {
	info, err := s.fs.Stat(path)
	if err != nil {
		return nil, nil, "", err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, "it is " + ErrNotFile.Error(), nil
	}
	data, err := s.fs.ReadPart(path, 0, headRead)
	if err != nil {
		return nil, nil, "", err
	}
	end, err := headEnd(data)
	if err == nil && end > int64(len(data)) {
		if data, err = s.fs.ReadPart(path, 0, end); err != nil {
			return nil, nil, "", err
		}
	}
	if err == nil {
		p, err = parseHead(data, info.Size())
	}
	if err != nil {
		return nil, nil, err.Error(), nil
	}
	p.name, p.path = name, path
	last := p.manifestsEnd()
	if last <= int64(len(data)) {
		return p, slices.Clone(data[p.body:last]), "", nil
	}
	rest, err := s.fs.ReadPart(path, int64(len(data)), last-int64(len(data)))
	if err != nil {
		return nil, nil, "", err
	}
	return p, slices.Concat(data[p.body:], rest), "", nil
}

// manifestsEnd gives where the manifests end and the blobs begin.
func (p *pack) manifestsEnd() int64 {
	if len(p.entries) == 0 {
		return p.body
	}
	last := p.entries[len(p.entries)-1]
	return last.at + last.size
}

// manifestOf gives the bytes of a manifest in a pack.
func (s *Store) manifestOf(p *pack, e part) ([]byte, error) {
	s.packs.mu.RLock()
	manifests := p.manifests
	s.packs.mu.RUnlock()
	if manifests == nil {
		var err error
		if manifests, err = s.fs.ReadPart(p.path, p.body, p.manifestsEnd()-p.body); err != nil {
			return nil, err
		}
		if int64(len(manifests)) < p.manifestsEnd()-p.body {
			return nil, nil // it shrank; what is there fails verification
		}
		s.packs.hold(p, manifests)
	}
	return manifests[e.at-p.body : e.at-p.body+e.size], nil
}

// getPacked is Get for what is in packs; found is false if it is not.
func (s *Store) getPacked(key Digest, known bool) (m *Manifest, found bool, err error) {
	for range 3 {
		p := s.packs.holding(key, false)
		if p == nil && !known {
			if p, err = s.lookFor(key, false); err != nil {
				return nil, true, s.unreadable(key, "looking for packs in "+s.path(packsDir), err)
			}
		}
		if p == nil {
			return nil, false, nil
		}
		m, problem, err := s.readPacked(p, key)
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was taken apart
			if err := s.lookAgain(); err != nil {
				return nil, true, s.unreadable(key, "looking for packs in "+s.path(packsDir), err)
			}
			continue
		case err != nil:
			return nil, true, s.unreadable(key, "reading the pack "+p.path, err)
		case problem == "":
			return m, true, nil
		}
		aside, _, err := s.salvage(p.path)
		if err != nil {
			return nil, true, s.unreadable(key, "taking apart the pack "+p.path, err)
		}
		if aside == "" { // another process did it
			continue
		}
		return nil, true, &MissError{Key: key, Reason: Damaged, Detail: fmt.Sprintf("%s: %s: it is now %s", p.path, problem, aside)}
	}
	return nil, false, nil
}

// readPacked reads a manifest in a pack and notes that it was used.
func (s *Store) readPacked(p *pack, key Digest) (m *Manifest, problem string, err error) {
	info, err := s.fs.Stat(p.path)
	if err != nil {
		return nil, "", err
	}
	if info.Size() != p.size || !info.Mode().IsRegular() {
		return nil, fmt.Sprintf("it has %d bytes instead of %d", info.Size(), p.size), nil
	}
	e, _ := findPart(p.entries, key)
	data, err := s.manifestOf(p, e)
	if err != nil {
		return nil, "", err
	}
	if m, err = parseManifest(data); err == nil && m.Key != key {
		err = errors.New("it is that of another key")
	}
	if err != nil {
		return nil, err.Error(), nil
	}
	for i := range m.Outputs {
		if b, ok := findPart(p.blobs, m.Outputs[i].Digest); !ok || b.size != m.Outputs[i].Size {
			return nil, fmt.Sprintf("output %q of %s is not in it", m.Outputs[i].Name, key.Short()), nil
		}
	}
	if !s.readOnly && s.now().Sub(info.ModTime()) > useInterval {
		if err := s.noteUse(p.path); errors.Is(err, fs.ErrNotExist) { // GC was faster
			return nil, "", err
		}
	}
	return m, "", nil
}

// blobPacked is Blob for what is in packs; found is false if it is not. With known it looks for no new packs.
func (s *Store) blobPacked(d Digest, known bool) (data []byte, found bool, err error) {
	var damaged error
	for range 3 {
		p := s.packs.holding(d, true)
		if p == nil && !known {
			if p, err = s.lookFor(d, true); err != nil {
				return nil, true, explainRead("looking for packs in "+s.path(packsDir), err)
			}
		}
		if p == nil {
			return nil, damaged != nil, damaged
		}
		b, _ := findPart(p.blobs, d)
		data, err = s.fs.ReadPart(p.path, b.at, b.size)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err := s.lookAgain(); err != nil {
				return nil, true, explainRead("looking for packs in "+s.path(packsDir), err)
			}
			continue
		case err == nil && Sum(data) == d:
			return data, true, nil
		case err != nil && isOurs(err):
			return nil, true, explainRead("reading the pack "+p.path, err)
		}
		if s.readOnly {
			return nil, true, &DamagedError{Digest: d, Path: p.path}
		}
		aside, _, salvageErr := s.salvage(p.path)
		if salvageErr != nil {
			return nil, true, explainRead("reading the pack "+p.path, errors.Join(err, salvageErr))
		}
		if aside != "" {
			damaged = &DamagedError{Digest: d, Path: aside}
		}
	}
	return nil, damaged != nil, damaged
}
