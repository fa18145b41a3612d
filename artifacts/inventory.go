package artifacts

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// An inventory is what the maintenance of a store works on: its entries and blobs, without the texts.
type inventory struct {
	entries []holding // by key
	blobs   map[Digest]*blobFile
	order   []Digest // of blobs
}

// A holding is a whole manifest.
type holding struct {
	key     Digest
	kind    string
	address string
	seconds float64
	size    int64 // of the manifest
	used    time.Time
	blobs   []Digest // without repetition
}

type blobFile struct {
	size    int64
	changed time.Time
	users   int // entries that need it
}

// inventory reads all manifests and lists all blobs. Damaged manifests are left out and left alone:
// Get and Verify see to them.
func (s *Store) inventory(ctx context.Context) (*inventory, error) {
	v := &inventory{blobs: map[Digest]*blobFile{}}
	// Blobs first: those of an entry that is published meanwhile are then at most unknown.
	err := s.eachFanned(ctx, blobsDir, func(path string, d Digest, info fs.FileInfo) error {
		v.blobs[d] = &blobFile{size: info.Size(), changed: info.ModTime()}
		v.order = append(v.order, d)
		return nil
	})
	if err != nil {
		return nil, err
	}
	kinds := map[string]string{} // a few strings, instead of one that holds on to each manifest
	err = s.eachFanned(ctx, manifestsDir, func(path string, key Digest, info fs.FileInfo) error {
		data, used, err := s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return explain("reading the manifest "+path, err)
		}
		m, err := parseManifest(data)
		if err != nil || m.Key != key {
			return nil
		}
		kind, ok := kinds[m.Kind]
		if !ok {
			kind = strings.Clone(m.Kind)
			kinds[kind] = kind
		}
		h := holding{
			key: key, kind: kind, address: strings.Clone(m.Address), seconds: m.Seconds,
			size: int64(len(data)), used: used, blobs: m.blobs(),
		}
		for _, d := range h.blobs {
			if b := v.blobs[d]; b != nil {
				b.users++
			}
		}
		v.entries = append(v.entries, h)
		return nil
	})
	return v, err
}

// blobs gives the digests of the outputs, each once, in order.
func (m *Manifest) blobs() []Digest {
	ds := make([]Digest, 0, len(m.Outputs))
	seen := make(map[Digest]bool, len(m.Outputs))
	for i := range m.Outputs {
		if d := m.Outputs[i].Digest; !seen[d] {
			seen[d] = true
			ds = append(ds, d)
		}
	}
	return ds
}

// bytes gives the size of all manifests and blobs.
func (v *inventory) bytes() int64 {
	var total int64
	for i := range v.entries {
		total += v.entries[i].size
	}
	for _, d := range v.order {
		total += v.blobs[d].size
	}
	return total
}

// eachFanned calls f for every file in a fanned folder whose name is a digest, in order of names.
func (s *Store) eachFanned(ctx context.Context, root string, f func(path string, d Digest, info fs.FileInfo) error) error {
	parts, err := s.list(root)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(part.Name()) != 2 || !part.IsDir() {
			continue
		}
		if err := s.each(root+string(filepath.Separator)+part.Name(), f); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// each calls f for every file in a folder whose name is a digest, in order of names. A folder that
// does not exist is empty; a file that vanishes meanwhile is left out.
func (s *Store) each(folder string, f func(path string, d Digest, info fs.FileInfo) error) error {
	files, err := s.list(folder)
	if err != nil {
		return err
	}
	for _, file := range files {
		var d Digest
		if !parseDigest(&d, file.Name()) {
			continue
		}
		info, err := file.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		path := s.path(folder) + string(filepath.Separator) + file.Name()
		if err != nil {
			return explain("looking at "+path, err)
		}
		if err := f(path, d, info); err != nil {
			return err
		}
	}
	return nil
}

// list gives what is in a folder, sorted by name; nothing if there is none.
func (s *Store) list(folder string) ([]fs.DirEntry, error) {
	files, err := s.fs.ReadDir(s.path(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, explain("listing "+s.path(folder), err)
	}
	return files, nil
}
