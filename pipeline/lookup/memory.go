package lookup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"time"

	"spurion/pipeline/fileinfo"
	"spurion/pipeline/plan"
)

const (
	// smallFile is below what size a file is hashed whenever its digest is asked for: that takes no longer than to
	// look it up.
	smallFile = 64 << 10
	// mostRemembered is how many digests are kept, the newest.
	mostRemembered = 100_000
)

// A remembered digest is of a file that had the stamp when it was read.
type remembered struct {
	Stamp  fileinfo.Stamp `json:"stamp"`
	Digest string         `json:"digest"`
	Read   int64          `json:"read"` // when its reading began, in nanoseconds since 1970
}

// A memory holds digests of large files, by their places on this machine.
type memory struct {
	now func() time.Time

	mu      sync.Mutex
	files   map[string]remembered
	changed bool
}

func newMemory(now func() time.Time) *memory {
	return &memory{now: now, files: map[string]remembered{}}
}

// digest gives the digest of a file that has the stamp, if it is remembered. A digest that was taken in the future is
// not trusted: the clock was moved since, so that times say nothing about what came first.
func (m *memory) digest(place string, at fileinfo.Stamp) (d plan.Digest, ok bool) {
	m.mu.Lock()
	r, ok := m.files[place]
	m.mu.Unlock()
	if !ok || r.Stamp != at || at.Size < smallFile || r.Read > m.now().UnixNano() || !at.SettledAt(time.Unix(0, r.Read)) {
		return d, false
	}
	b, err := hex.DecodeString(r.Digest)
	if err != nil || len(b) != len(d) {
		return d, false
	}
	return plan.Digest(b), true
}

// add remembers the digest of a file whose reading began at a time.
func (m *memory) add(place string, at fileinfo.Stamp, d plan.Digest, began time.Time) {
	if at.Size < smallFile {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[place], m.changed = remembered{at, d.String(), began.UnixNano()}, true
}

// load adds what a file remembers, unless it is damaged.
func (m *memory) load(path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		return
	}
	sum, body, ok := bytes.Cut(data, []byte("\n"))
	digest := sha256.Sum256(body)
	if !ok || string(sum) != hex.EncodeToString(digest[:]) {
		return
	}
	var files map[string]remembered
	if json.Unmarshal(body, &files) != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for place, r := range files {
		if own, ok := m.files[place]; !ok || own.Read < r.Read {
			m.files[place] = r
		}
	}
}

// save writes the memory, with what another process may have saved meanwhile, if it has anything new.
func (m *memory) save(path string) error {
	m.mu.Lock()
	changed := m.changed
	m.mu.Unlock()
	if !changed {
		return nil
	}
	m.load(path)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	body, err := json.Marshal(m.files)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	// One name for all: what two writers make of it at once has no sound checksum.
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(append(append([]byte(hex.EncodeToString(sum[:])), '\n'), body...))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	m.changed = false
	return nil
}

// forget leaves the newest.
func (m *memory) forget() {
	if len(m.files) <= mostRemembered {
		return
	}
	var times []int64
	for _, r := range m.files {
		times = append(times, r.Read)
	}
	slices.Sort(times)
	oldest := times[len(times)-mostRemembered]
	for place, r := range m.files {
		if r.Read < oldest {
			delete(m.files, place)
		}
	}
}
