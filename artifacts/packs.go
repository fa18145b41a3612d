package artifacts

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// packs knows what is in the packs of a store. Whoever looks for something that is in none of those it knows looks for
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

// isPackName reports whether a name is one that packName gives.
func isPackName(name string) bool {
	base, ok := strings.CutSuffix(name, packSuffix)
	return ok && len(base) == 33 && base[16] == '-' && strings.Trim(base[:16]+base[17:], "0123456789abcdef") == ""
}

func (s *Store) packPath(name string) string {
	return s.path(packsDir + string(filepath.Separator) + name)
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
