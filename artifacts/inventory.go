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
	entries []holding // by key, then those in packs
	blobs   map[Digest]*blobFile
	order   []Digest // of blobs
	packs   []*packFile
}

// A packFile is a whole pack.
type packFile struct {
	path  string
	used  time.Time
	blobs map[Digest]*blobFile
	drop  map[Digest]bool // entries that are to be taken
}

// A holding is a whole manifest.
type holding struct {
	key     Digest
	kind    string
	spec    string // that first computed it
	address string
	seconds float64
	size    int64 // of the manifest
	used    time.Time
	blobs   []Digest // without repetition
	lent    bool     // see fileInfo

	pack   *packFile // nil: it has a file of its own
	hidden bool      // readers find another entry of this key
}

// blob gives a blob of an entry, or nil.
func (v *inventory) blob(e *holding, d Digest) *blobFile {
	if e.pack != nil {
		return e.pack.blobs[d]
	}
	return v.blobs[d]
}

type blobFile struct {
	size    int64
	changed time.Time
	users   int  // entries that need it
	lent    bool // see fileInfo
}

// A fileInfo describes a file of the store. One that is lent is only a link to a file, which people have put there:
// it counts and is read, but it is not the store's to remove.
type fileInfo struct {
	fs.FileInfo
	lent bool
}

// inventory reads all manifests and lists all blobs. Damaged manifests are left out and left alone:
// Get and Verify see to them. blind is asked about a manifest that cannot be read, whose blobs nobody knows: it
// gives the error that ends the inventory, or nil to leave it out.
func (s *Store) inventory(ctx context.Context, blind func(error) error) (*inventory, error) {
	v := &inventory{blobs: map[Digest]*blobFile{}}
	// Blobs first: those of an entry that is published meanwhile are then at most unknown.
	err := s.eachFanned(ctx, blobsDir, func(path string, d Digest, info fileInfo) error {
		if !info.Mode().IsRegular() {
			return nil
		}
		v.blobs[d] = &blobFile{size: info.Size(), changed: info.ModTime(), lent: info.lent}
		v.order = append(v.order, d)
		return nil
	})
	if err != nil {
		return nil, err
	}
	few := interned{}
	err = s.eachFanned(ctx, manifestsDir, func(path string, key Digest, info fileInfo) error {
		data, used, err := s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotFile) {
			return nil
		}
		if err != nil {
			return blind(explainRead("reading the manifest "+path, err))
		}
		m, err := parseManifest(data)
		if err != nil || m.Key != key {
			return nil
		}
		v.hold(few, m, len(data), used, info.lent, nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return v, s.inventoryPacks(v, few, blind)
}

// interned holds a few strings, instead of one in each entry that holds on to all of a manifest.
type interned map[string]string

func (few interned) one(s string) string {
	own, ok := few[s]
	if !ok {
		own = strings.Clone(s)
		few[own] = own
	}
	return own
}

// hold adds an entry.
func (v *inventory) hold(few interned, m *Manifest, size int, used time.Time, lent bool, in *packFile) {
	h := holding{
		key: m.Key, kind: few.one(m.Kind), spec: few.one(m.Spec), address: strings.Clone(m.Address), seconds: m.Seconds,
		size: int64(size), used: used, blobs: m.blobs(), lent: lent, pack: in,
	}
	for _, d := range h.blobs {
		if b := v.blob(&h, d); b != nil {
			b.users++
		}
	}
	v.entries = append(v.entries, h)
}

// inventoryPacks adds what is in packs. Damaged ones are left out.
func (s *Store) inventoryPacks(v *inventory, few interned, blind func(error) error) error {
	seen := map[Digest]bool{}
	plain := len(v.entries)
	err := s.eachPack(func(path string, info fileInfo) error {
		p, manifests, problem, err := s.readHead(path, filepath.Base(path))
		if errors.Is(err, fs.ErrNotExist) || err == nil && problem != "" {
			return nil
		}
		if err != nil {
			return blind(explainRead("reading the pack "+path, err))
		}
		file := &packFile{path: path, used: info.ModTime(), blobs: make(map[Digest]*blobFile, len(p.blobs)), drop: map[Digest]bool{}}
		for _, b := range p.blobs {
			file.blobs[b.name] = &blobFile{size: b.size, changed: info.ModTime(), lent: info.lent}
		}
		v.packs = append(v.packs, file)
		for _, e := range p.entries {
			if e.at-p.body+e.size > int64(len(manifests)) {
				continue // it shrank
			}
			m, err := parseManifest(manifests[e.at-p.body : e.at-p.body+e.size])
			if err != nil || m.Key != e.name {
				continue
			}
			v.hold(few, m, int(e.size), info.ModTime(), info.lent, file)
			v.entries[len(v.entries)-1].hidden = seen[m.Key]
			seen[m.Key] = true
		}
		return nil
	})
	for i := range v.entries[:plain] {
		v.entries[i].hidden = seen[v.entries[i].key]
	}
	return err
}

// eachPack calls f for every pack, in order of names.
func (s *Store) eachPack(f func(path string, info fileInfo) error) error {
	files, err := s.list(packsDir)
	if err != nil {
		return err
	}
	for _, file := range files {
		if !isPackName(file.Name()) {
			continue
		}
		path := s.packPath(file.Name())
		if err := s.describe(file, path, func(info fileInfo) error { return f(path, info) }); err != nil {
			return err
		}
	}
	return nil
}

// describe tells f of a file in a list, unless it has vanished meanwhile, or is a link that leads nowhere.
func (s *Store) describe(file fs.DirEntry, path string, f func(fileInfo) error) error {
	info, err := file.Info()
	lent := err == nil && info.Mode()&fs.ModeSymlink != 0
	if lent {
		info, err = s.fs.Stat(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return explainRead("looking at "+path, err)
	}
	return f(fileInfo{info, lent})
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
	for _, p := range v.packs {
		for _, b := range p.blobs {
			total += b.size
		}
	}
	return total
}

// eachFanned calls f for every file in a fanned folder whose name is a digest, in order of names.
func (s *Store) eachFanned(ctx context.Context, root string, f func(path string, d Digest, info fileInfo) error) error {
	return s.eachPart(ctx, root, func(part string) error { return s.each(part, f) })
}

// eachPart calls f for every part of a fanned folder, in order of names. The folder and its parts may be links to
// folders on other disks.
func (s *Store) eachPart(ctx context.Context, root string, f func(part string) error) error {
	parts, err := s.list(root)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := root + string(filepath.Separator) + part.Name()
		if len(part.Name()) != 2 || strings.Trim(part.Name(), "0123456789abcdef") != "" {
			continue
		}
		if part.Type()&fs.ModeSymlink != 0 {
			if info, err := s.fs.Stat(s.path(name)); err != nil || !info.IsDir() {
				continue // it leads nowhere
			}
		} else if !part.IsDir() {
			continue
		}
		if err := f(name); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// each calls f for every file in a folder whose name is a digest, in order of names. A folder that
// does not exist is empty.
func (s *Store) each(folder string, f func(path string, d Digest, info fileInfo) error) error {
	files, err := s.list(folder)
	if err != nil {
		return err
	}
	for _, file := range files {
		var d Digest
		if !parseDigest(&d, file.Name()) {
			continue
		}
		path := s.path(folder) + string(filepath.Separator) + file.Name()
		if err := s.describe(file, path, func(info fileInfo) error { return f(path, d, info) }); err != nil {
			return err
		}
	}
	return nil
}

// list gives what is in a folder, sorted by name; nothing if there is none.
func (s *Store) list(folder string) ([]fs.DirEntry, error) {
	files, err := s.fs.ReadDir(s.path(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, explainRead("listing "+s.path(folder), err)
	}
	return files, nil
}
