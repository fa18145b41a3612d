package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Packs knows what is in the packs of a store. Whoever looks for something that is in none of those it knows looks for
// new ones first; so that this costs no listing of a folder for every key, it is done only if another process may have
// made one: if there are others, or were since, and the folder has changed.
type packs struct {
	mu      sync.RWMutex
	byName  map[string]*pack
	refused map[string]bool // names of those that cannot be read
	entries map[Digest]*pack
	blobs   map[Digest]*pack // one of those that have it
	partial bool             // blobs lacks some that are in several packs
	twice   bool             // some key is in two packs
	recent  []*pack          // whose manifests are in memory, the last used last
	held    int64            // bytes of these

	looking sync.Mutex // one looks at the folder at a time; guards what follows
	looked  bool
	folder  moment // of packs/, when it was listed
	company moment // of the folder of sessions, before that
	alone   bool   // no other process was there
}

func newPacks() *packs {
	return &packs{byName: map[string]*pack{}, refused: map[string]bool{}, entries: map[Digest]*pack{}, blobs: map[Digest]*pack{}}
}

const packSuffix = ".pack"

// manifestsHeld is how many bytes of manifests in packs are kept: those of a plan lie side by side.
const manifestsHeld = 32 << 20

// headRead is how much of a pack is read to have its head, if that is no longer.
const headRead = 256 << 10

// A moment is when a folder was last changed, as it was when it was looked at. If it is not settled, the folder may have
// changed since without the time saying so: clocks of file systems have a grain.
type moment struct {
	changed time.Time
	settled bool
}

func (s *Store) momentOf(folder string) (moment, error) {
	now := s.now()
	info, err := s.fs.Stat(s.path(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return moment{}, nil
	}
	if err != nil {
		return moment{}, err
	}
	grain := 50 * time.Millisecond
	if info.ModTime().Nanosecond() == 0 {
		grain = 3 * time.Second
	}
	return moment{info.ModTime(), now.Sub(info.ModTime()) > grain}, nil
}

func (m moment) still(now moment) bool { return m.settled && m.changed.Equal(now.changed) }

// holding gives the pack that has a manifest or, with blobs, a blob.
func (x *packs) holding(d Digest, blobs bool) *pack {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !blobs {
		return x.entries[d]
	}
	if p := x.blobs[d]; p != nil {
		return p
	}
	if x.partial {
		for _, p := range x.byName {
			if _, ok := findPart(p.blobs, d); ok {
				return p
			}
		}
	}
	return nil
}

// lookFor is holding, after a look for new packs if the known ones have it not.
func (s *Store) lookFor(d Digest, blobs bool) (*pack, error) {
	if p := s.packs.holding(d, blobs); p != nil {
		return p, nil
	}
	if err := s.look(); err != nil {
		return nil, err
	}
	return s.packs.holding(d, blobs), nil
}

// look finds out what packs there are, unless it is known.
func (s *Store) look() error {
	x := s.packs
	x.looking.Lock()
	defer x.looking.Unlock()
	company, err := s.momentOf(sessionsDir)
	if err != nil {
		return err
	}
	if x.looked && x.alone && x.company.still(company) {
		return nil
	}
	folder, err := s.momentOf(packsDir)
	if err != nil {
		return err
	}
	if x.looked && x.folder.still(folder) && x.company.still(company) {
		return nil
	}
	if !x.looked || !x.company.still(company) {
		if x.alone, err = s.alone(); err != nil {
			return err
		}
	}
	if !x.looked || !x.folder.still(folder) {
		if err := s.listPacks(); err != nil {
			return err
		}
	}
	x.looked, x.folder, x.company = true, folder, company
	return nil
}

// lookAgain looks although nothing seems to have changed: a pack that was known is gone.
func (s *Store) lookAgain() error {
	s.packs.looking.Lock()
	s.packs.looked = false
	s.packs.looking.Unlock()
	return s.look()
}

// alone reports whether no other process has a session, but for those known to be dead.
func (s *Store) alone() (bool, error) {
	others, err := s.otherSessions()
	if err != nil {
		return false, err
	}
	for _, path := range others {
		text, _, err := s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || !parseOwner(string(text)).diedHere() {
			return false, nil
		}
	}
	return true, nil
}

// listPacks reads the heads of new packs and forgets those that are gone.
func (s *Store) listPacks() error {
	files, err := s.list(packsDir)
	if err != nil {
		return err
	}
	x := s.packs
	there := make(map[string]bool, len(files))
	for _, f := range files {
		name := f.Name()
		if !isPackName(name) {
			continue
		}
		there[name] = true
		x.mu.RLock()
		known := x.byName[name] != nil || x.refused[name]
		x.mu.RUnlock()
		if known {
			continue
		}
		p, err := s.openPack(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			delete(there, name)
		case err != nil && isOurs(err):
			return err
		case err != nil:
			s.warn(err)
			x.refuse(name)
		case p != nil:
			x.add(p)
		}
	}
	x.keepOnly(there)
	return nil
}

// isPackName reports whether a name is one that packName gives.
func isPackName(name string) bool {
	base, ok := strings.CutSuffix(name, packSuffix)
	return ok && len(base) == 33 && base[16] == '-' && strings.Trim(base[:16]+base[17:], "0123456789abcdef") == ""
}

func (s *Store) packPath(name string) string {
	return s.path(packsDir + string(filepath.Separator) + name)
}

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

func (x *packs) refuse(name string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.refused[name] = true
}

// add makes the contents of a pack known. Of two that have the same key the one with the earlier name counts, for
// every process.
func (x *packs) add(p *pack) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.byName[p.name] = p
	x.index(p)
}

func (x *packs) index(p *pack) {
	for _, e := range p.entries {
		old := x.entries[e.name]
		x.twice = x.twice || old != nil
		if old == nil || p.name < old.name {
			x.entries[e.name] = p
		}
	}
	for _, b := range p.blobs {
		x.blobs[b.name] = p
	}
}

// replace forgets packs, and makes known the one that has what is left of them; nil if nothing is.
func (x *packs) replace(old []*pack, by *pack) {
	x.mu.Lock()
	defer x.mu.Unlock()
	gone := map[*pack]bool{}
	for _, p := range old {
		gone[p] = true
		delete(x.byName, p.name)
	}
	x.release(gone)
	if x.twice {
		x.rebuild()
	} else {
		for _, p := range old {
			for _, e := range p.entries {
				delete(x.entries, e.name)
			}
			for _, b := range p.blobs {
				if x.blobs[b.name] == p {
					delete(x.blobs, b.name)
					x.partial = true
				}
			}
		}
	}
	if by != nil {
		x.byName[by.name] = by
		x.index(by)
	}
}

// release lets go of the manifests of packs.
func (x *packs) release(gone map[*pack]bool) {
	x.recent = slices.DeleteFunc(x.recent, func(p *pack) bool {
		if gone[p] {
			x.held -= int64(len(p.manifests))
			p.manifests = nil
		}
		return gone[p]
	})
}

// rebuild makes the maps anew. The caller has mu.
func (x *packs) rebuild() {
	clear(x.entries)
	clear(x.blobs)
	x.twice, x.partial = false, false
	for _, p := range x.byName {
		x.index(p)
	}
}

// keepOnly forgets the packs that are not there any more.
func (x *packs) keepOnly(there map[string]bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	gone := map[*pack]bool{}
	for name, p := range x.byName {
		if !there[name] {
			delete(x.byName, name)
			gone[p] = true
		}
	}
	for name := range x.refused {
		if !there[name] {
			delete(x.refused, name)
		}
	}
	if len(gone) > 0 {
		x.release(gone)
		x.rebuild()
	}
}

// hold keeps the manifests of a pack in memory, and lets go of those that were not used for longest.
func (x *packs) hold(p *pack, manifests []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p.manifests != nil { // two have read them
		return
	}
	p.manifests = manifests
	x.recent = append(x.recent, p)
	x.held += int64(len(manifests))
	for x.held > manifestsHeld && len(x.recent) > 1 {
		x.held -= int64(len(x.recent[0].manifests))
		x.recent[0].manifests = nil
		x.recent = slices.Delete(x.recent, 0, 1)
	}
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
