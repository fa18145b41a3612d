package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

// Packable is how large a result may be, in bytes of its outputs, to be stored in a pack with others. A larger one is not
// worth being copied when a part of its pack is removed, and the disk takes longer to write it than to make its files.
const Packable = 256 << 10

// packsFrom is how many results must wait for the disk at the same time to be stored as a pack: fewer get files of their
// own, which can be removed one by one.
const packsFrom = 4

// packBytes is about how large a pack becomes at most.
const packBytes = 64 << 20

// A saver brings results to the disk that are saved at the same time: whoever comes while it is busy waits, and is stored
// together with all who have waited.
type saver struct {
	mu      sync.Mutex
	busy    bool
	waiting []*saving
}

// A saving is a result on its way to the disk.
type saving struct {
	m     *Manifest
	data  [][]byte
	bytes int
	err   error
	turn  chan bool // true: the caller is to store what waits, itself included; false: it is done
}

// Save stores a result, the bytes of the outputs of m in their order, durably when it returns, and sets their digests and
// sizes in m. It is Put and Publish in one, with the same errors; results that are saved at the same time, by
// several goroutines, share what the disk takes to make them durable. Nobody waits for others to come.
func (s *Store) Save(m *Manifest, data [][]byte) error {
	if len(data) != len(m.Outputs) {
		return fmt.Errorf("artifacts: saving %s: %d outputs have the bytes of %d", m.Address, len(m.Outputs), len(data))
	}
	own := &saving{m: m, data: data, turn: make(chan bool, 1)}
	for i := range data {
		m.Outputs[i].Digest, m.Outputs[i].Size = Sum(data[i]), int64(len(data[i]))
		own.bytes += len(data[i])
	}
	if own.bytes > Packable {
		return s.saveAlone(own)
	}
	s.saver.mu.Lock()
	if s.saver.busy {
		s.saver.waiting = append(s.saver.waiting, own)
		s.saver.mu.Unlock()
		if lead := <-own.turn; !lead {
			return own.err
		}
		s.saver.mu.Lock()
	} else {
		s.saver.busy = true
		s.saver.waiting = append(s.saver.waiting, own)
	}
	group := s.saver.take()
	s.saver.mu.Unlock()
	s.saveGroup(group)
	for _, other := range group {
		if other != own {
			other.turn <- false
		}
	}
	s.saver.mu.Lock()
	if len(s.saver.waiting) > 0 {
		s.saver.waiting[0].turn <- true
	} else {
		s.saver.busy = false
	}
	s.saver.mu.Unlock()
	return own.err
}

// take gives those that have waited longest, as many as go into a pack. The caller has mu.
func (v *saver) take() (group []*saving) {
	n, bytes := 0, 0
	for n < len(v.waiting) && (n == 0 || bytes+v.waiting[n].bytes <= packBytes) {
		bytes += v.waiting[n].bytes
		n++
	}
	group, v.waiting = v.waiting[:n:n], v.waiting[n:]
	return group
}

// saveGroup stores results and sets the errors of those that cannot be.
func (s *Store) saveGroup(group []*saving) {
	if len(group) >= packsFrom {
		group = s.savePack(group)
	}
	if len(group) == 1 {
		group[0].err = s.saveAlone(group[0])
		return
	}
	var all sync.WaitGroup
	for _, one := range group {
		all.Go(func() { one.err = s.saveAlone(one) })
	}
	all.Wait()
}

// saveAlone stores a result in files of its own.
func (s *Store) saveAlone(one *saving) error {
	if s.packs.holding(one.m.Key, false) != nil {
		if done, err := s.inPack(one.m); done {
			return err
		}
	}
	for i, data := range one.data {
		if err := s.put(one.m.Outputs[i].Digest, data); err != nil {
			return err
		}
	}
	return s.Publish(one.m)
}

// savePack stores results as a pack, and gives back those that are to have files of their own: also all of them, if the
// pack cannot be written, so that what fails for one does not fail for all.
func (s *Store) savePack(group []*saving) (alone []*saving) {
	s.removal.RLock()
	defer s.removal.RUnlock()
	if s.readOnly {
		return group
	}
	if _, err := s.begin(); err != nil {
		return group
	}
	if err := s.look(); err != nil {
		return group
	}
	var results []result
	keys := map[Digest]bool{}
	for _, one := range group {
		if keys[one.m.Key] || one.m.check() != nil || s.holdsEntry(one.m.Key) { // Publish knows what to do
			alone = append(alone, one)
			continue
		}
		r := result{key: one.m.Key, manifest: one.m.encode()}
		for i := range one.data {
			r.blobs = append(r.blobs, namedBlob{one.m.Outputs[i].Digest, one.data[i]})
		}
		results = append(results, r)
		keys[one.m.Key] = true
	}
	if len(results) < packsFrom {
		return group
	}
	p, err := s.writePack(results, s.packTime(), time.Time{})
	if err != nil {
		return group
	}
	s.packs.add(p)
	s.mergeLater(p)
	return alone
}

// holdsEntry reports whether there is something in the place of an entry, whole or not.
func (s *Store) holdsEntry(key Digest) bool {
	if s.packs.holding(key, false) != nil {
		return true
	}
	_, err := s.fs.Stat(s.manifestPath(key))
	return !errors.Is(err, fs.ErrNotExist)
}
