// Package lookup answers what a plan asks of the world: what is stored, what an earlier run did, what the project's
// files and the environment hold. It changes nothing.
package lookup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"unique"

	"spurion/artifacts"
	"spurion/pipeline/plan"
)

// A Store shows a store to a plan, and to those who describe what it holds. It is a plan.Cache.
type Store struct {
	store  *artifacts.Store // nil: there is none yet
	spec   string
	behind Behind // nil: there is nothing behind it

	mu       sync.Mutex
	previous map[string]artifacts.Entry // nil: not read yet
	seconds  map[string]float64         // of those that were computed; read together

	makers sync.Map // Maker -> true
}

// A Maker is what computed a stored result: a kind, and the program as it was recorded.
type Maker struct{ Kind, Program string }

// Makers gives what computed the results that Lookup has found, each once, in no order.
func (s *Store) Makers() []Maker {
	var list []Maker
	s.makers.Range(func(m, _ any) bool {
		list = append(list, m.(Maker))
		return true
	})
	return list
}

// A Behind is what is asked for results that the store does not have.
type Behind interface {
	// Expect is told of keys for which Find will be called next.
	Expect(ctx context.Context, keys []artifacts.Digest) error
	// Find gives the manifest of a result, nil if there is none.
	Find(key artifacts.Digest) (*artifacts.Manifest, error)
	// Blob gives an output of a result that was found.
	Blob(d artifacts.Digest) ([]byte, bool)
}

// SetBehind names what is behind the store; nil for nothing.
func (s *Store) SetBehind(b Behind) { s.behind = b }

// Expect implements plan.Expecter.
func (s *Store) Expect(ctx context.Context, keys func() ([]plan.Digest, error)) error {
	if s.behind == nil {
		return nil
	}
	list, err := keys()
	if err != nil {
		return err
	}
	var missing []artifacts.Digest
	for _, key := range list {
		if _, err := s.own(artifacts.Digest(key)); err != nil {
			missing = append(missing, artifacts.Digest(key))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return s.behind.Expect(ctx, missing)
}

func (s *Store) own(key artifacts.Digest) (*artifacts.Manifest, error) {
	if s.store == nil {
		return nil, artifacts.ErrMiss
	}
	return s.store.Get(key)
}

// get finds a manifest in the store, or behind it.
func (s *Store) get(key artifacts.Digest) (*artifacts.Manifest, error) {
	m, err := s.own(key)
	if s.behind == nil || !errors.Is(err, artifacts.ErrMiss) {
		return m, err
	}
	found, behindErr := s.behind.Find(key)
	if behindErr != nil {
		return nil, behindErr
	}
	if found != nil {
		return found, nil
	}
	return nil, err
}

// NewStore shows the store, nil for one that is not there yet, with the earlier runs of a spec.
func NewStore(store *artifacts.Store, spec string) *Store { return &Store{store: store, spec: spec} }

// Lookup implements plan.Cache.
func (s *Store) Lookup(key plan.Digest) ([]plan.Output, error) {
	m, err := s.get(artifacts.Digest(key))
	if errors.Is(err, artifacts.ErrMiss) {
		return nil, &missError{err}
	}
	if err != nil {
		return nil, err
	}
	s.makers.LoadOrStore(Maker{unique.Make(m.Kind).Value(), unique.Make(m.Program).Value()}, true)
	outputs := make([]plan.Output, len(m.Outputs))
	for i, o := range m.Outputs {
		// A manifest's strings are parts of one that holds all of it: kept here, they would keep it.
		outputs[i] = plan.Output{
			Name: unique.Make(o.Name).Value(), Digest: plan.Digest(o.Digest),
			Size: o.Size, Rows: o.Rows, Extension: unique.Make(o.Extension).Value(),
		}
	}
	return outputs, nil
}

// A missError says why there is no result under a key, in the words of a plan.
type missError struct{ cause error }

func (e *missError) Error() string {
	var miss *artifacts.MissError
	if !errors.As(e.cause, &miss) || miss.Detail == "" {
		return plan.ErrMiss.Error()
	}
	return fmt.Sprintf("%v: %v: %s", plan.ErrMiss, miss.Reason, miss.Detail)
}

func (e *missError) Unwrap() []error { return []error{plan.ErrMiss, e.cause} }

// Text implements plan.Cache.
func (s *Store) Text(key plan.Digest) (string, bool) {
	m, err := s.own(artifacts.Digest(key))
	if err != nil {
		return "", false
	}
	return m.Text, true
}

// Left implements plan.Cache.
func (s *Store) Left(key plan.Digest) (*plan.Left, bool) {
	if s.store == nil {
		return nil, false
	}
	m, err := s.store.Get(artifacts.Digest(key))
	if err != nil {
		return nil, false
	}
	l := &plan.Left{Key: key, Address: m.Address, Program: m.Program, Created: m.Created, Outputs: map[string]plan.Digest{}}
	for _, o := range m.Outputs {
		l.Outputs[o.Name] = plan.Digest(o.Digest)
	}
	about := m.Output(plan.AboutOutput)
	if about == nil {
		return nil, false
	}
	l.About, err = s.store.Blob(about.Digest)
	return l, err == nil
}

// Manifest gives what is recorded of the result with a key.
func (s *Store) Manifest(key plan.Digest) (*artifacts.Manifest, error) {
	return s.get(artifacts.Digest(key))
}

// Blob gives the bytes of an output by their digest, in hexadecimal, as it stands in plan.Output.
func (s *Store) Blob(digest string) ([]byte, error) {
	d, err := artifacts.ParseDigest(digest)
	if err != nil {
		return nil, err
	}
	if s.store == nil {
		if s.behind != nil {
			if data, ok := s.behind.Blob(d); ok {
				return data, nil
			}
		}
		return nil, artifacts.ErrMissing
	}
	return s.store.Blob(d)
}

// Log opens the log of the program that computed a key, or tried to: the newest, or that of the last failure;
// artifacts.ErrNoLog if there is none.
func (s *Store) Log(key plan.Digest, failed bool) (*artifacts.LogReader, error) {
	if s.store == nil {
		return nil, artifacts.ErrNoLog
	}
	return s.store.OpenLog(artifacts.Digest(key), failed)
}

// Where gives the file that holds an output's bytes, and whether it is a pack, which holds others as well; "" for an output that
// is only behind the store.
func (s *Store) Where(o *plan.Output) (path string, packed bool) {
	if s.store == nil {
		return "", false
	}
	path, packed = s.store.Where(artifacts.Digest(o.Digest))
	if s.behind != nil {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", false
		}
	}
	return path, packed
}

// rememberedRuns is how many runs back an address is looked for: a run of some targets does not
// make the others forgotten.
const rememberedRuns = 10

// Previous implements plan.Cache.
func (s *Store) Previous(address string) (plan.Previous, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.previous == nil {
		s.loadPrevious()
	}
	e, ok := s.previous[address]
	return plan.Previous{Key: plan.Digest(e.Key), Status: e.Status, Error: e.Error}, ok
}

// Seconds gives how long an address took when it was last computed, in the last runs of the spec.
func (s *Store) Seconds(address string) (float64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.previous == nil {
		s.loadPrevious()
	}
	seconds, ok := s.seconds[address]
	return seconds, ok
}

// Refresh has Previous read the runs again, as after one more.
func (s *Store) Refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.previous = nil
}

// loadPrevious reads the last runs of the spec. One that cannot be read only makes an explanation
// poorer, so it is passed over; the store has told of the damage.
func (s *Store) loadPrevious() {
	s.previous, s.seconds = map[string]artifacts.Entry{}, map[string]float64{}
	if s.store == nil {
		return
	}
	headers, err := s.store.Runs(s.spec)
	if err != nil {
		return
	}
	for _, h := range headers[:min(len(headers), rememberedRuns)] {
		run, err := s.store.LoadRun(h.ID)
		if err != nil {
			continue
		}
		for _, e := range run.Entries {
			if _, newer := s.previous[e.Address]; !newer {
				s.previous[e.Address] = e
			}
			if _, newer := s.seconds[e.Address]; !newer && e.Status == "computed" {
				s.seconds[e.Address] = e.Seconds
			}
		}
	}
}
