package artifacts

import (
	"sync"
	"time"
)

// A disk that syncs quickly makes small packs. When this store has made enough of them they become one.

const (
	smallPack = 1 << 20 // bytes
	// mergeFrom is how many small packs become one; what was merged may be merged again, so a byte is written a few
	// times at most.
	mergeFrom = 32
	// mergeLast is how many are worth it when the store is closed.
	mergeLast = 2
)

// A merger knows the small packs that this store has made.
type merger struct {
	mu    sync.Mutex
	small []*pack
	work  sync.WaitGroup
	busy  bool
}

// mergeLater notes a pack that was made, and has the small ones merged while others go on if there are enough.
func (s *Store) mergeLater(p *pack) {
	if p.size >= smallPack {
		return
	}
	v := &s.merger
	v.mu.Lock()
	defer v.mu.Unlock()
	v.small = append(v.small, p)
	if len(v.small) < mergeFrom || v.busy {
		return
	}
	v.busy = true
	small := v.small
	v.small = nil
	v.work.Go(func() {
		merged := s.merge(small)
		v.mu.Lock()
		v.busy = false
		v.mu.Unlock()
		if merged != nil {
			s.mergeLater(merged)
		}
	})
}

// endMerging merges what is left, if it is worth it.
func (s *Store) endMerging() {
	s.merger.work.Wait()
	s.merger.mu.Lock()
	small := s.merger.small
	s.merger.small = nil
	s.merger.mu.Unlock()
	if len(small) >= mergeLast {
		s.merge(small)
	}
}

// merge makes one pack of several, which were made by this store, and removes them; nil if it could not be done, which
// costs some files and nothing else. It has the gate, so that nothing that somebody removes meanwhile comes back.
func (s *Store) merge(small []*pack) *pack {
	s.removal.RLock()
	defer s.removal.RUnlock()
	leave, err := s.brief(s.path(gateFile), true)
	if err != nil {
		return nil
	}
	defer leave()
	var results []result
	var whole []*pack
	seen := map[Digest]bool{}
	at := ""
	for _, p := range small {
		data, _, err := s.fs.ReadFile(p.path)
		if err != nil {
			continue // it was taken apart
		}
		some, losses, err := unpack(data)
		if err != nil || len(losses) > 0 {
			continue // whoever reads it sees to it
		}
		for i := range some {
			if !seen[some[i].key] {
				seen[some[i].key] = true
				results = append(results, some[i])
			}
		}
		whole = append(whole, p)
		if first := packTimeOf(p.name); at == "" || first < at {
			at = first
		}
	}
	if len(whole) < 2 {
		return nil
	}
	merged, err := s.writePack(results, at, time.Time{})
	if err != nil {
		return nil
	}
	s.packs.replace(whole, merged)
	for _, p := range whole {
		_ = s.fs.Remove(p.path) // if this fails, GC finds what is in it twice
	}
	return merged
}
