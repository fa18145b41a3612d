package remote_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/remote"
)

// A shelf is Objects in memory, which count requests and may fail.
type shelf struct {
	mu      sync.Mutex
	objects map[string][]byte
	times   map[string]time.Time
	asked   map[string]int // by method
	// fail is asked before every request; nil for one that never fails.
	fail     func(method, name string) error
	careless bool // it replaces what is there
}

func newShelf() *shelf {
	return &shelf{objects: map[string][]byte{}, times: map[string]time.Time{}, asked: map[string]int{}}
}

func (s *shelf) begin(method, name string) error {
	s.asked[method]++
	if s.fail != nil {
		return s.fail(method, name)
	}
	return nil
}

func missing(name string) error {
	return &remote.Error{Cause: remote.ErrMissing, Text: name + " is not there"}
}

func (s *shelf) Get(_ context.Context, name string, most int64) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin("get", name); err != nil {
		return nil, err
	}
	data, ok := s.objects[name]
	if !ok {
		return nil, missing(name)
	}
	return bytes.Clone(data), remote.TooLong(name, int64(len(data)), most)
}

func (s *shelf) Has(_ context.Context, name string) (remote.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin("has", name); err != nil {
		return remote.Object{}, err
	}
	data, ok := s.objects[name]
	if !ok {
		return remote.Object{}, missing(name)
	}
	return remote.Object{Name: name, Size: int64(len(data)), Time: s.times[name]}, nil
}

func (s *shelf) Put(_ context.Context, name string, data []byte, sum artifacts.Digest, over bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin("put", name); err != nil {
		return err
	}
	if artifacts.Sum(data) != sum {
		return fmt.Errorf("%s does not have the digest that it was sent with", name)
	}
	if _, there := s.objects[name]; there && !over && !s.careless {
		return &remote.Error{Cause: remote.ErrExists, Text: name + " is there"}
	}
	s.objects[name], s.times[name] = bytes.Clone(data), time.Now()
	return nil
}

func (s *shelf) List(_ context.Context, prefix string) ([]remote.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin("list", prefix); err != nil {
		return nil, err
	}
	var list []remote.Object
	for name, data := range s.objects {
		if strings.HasPrefix(name, prefix) {
			list = append(list, remote.Object{Name: name, Size: int64(len(data)), Time: s.times[name]})
		}
	}
	return list, nil
}

func (s *shelf) Delete(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin("delete", name); err != nil {
		return err
	}
	delete(s.objects, name)
	return nil
}

func (s *shelf) Close() error { return nil }

// names gives the names of objects in a folder.
func (s *shelf) names(prefix string) []string {
	list, _ := s.List(context.Background(), prefix)
	var names []string
	for _, o := range list {
		names = append(names, o.Name)
	}
	return names
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openRemote opens a remote store on a shelf.
func openRemote(t *testing.T, s *shelf) *remote.Remote {
	t.Helper()
	r, err := remote.OpenObjects(t.Context(), s, remote.Opened{Name: "shelf"})
	must(t, err)
	return r
}

// openStore makes a local store.
func openStore(t *testing.T, o artifacts.Options) *artifacts.Store {
	t.Helper()
	s, err := artifacts.Open(filepath.Join(t.TempDir(), "store"), o)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// save stores a result of some outputs and gives its key.
func save(t *testing.T, s *artifacts.Store, text string, outputs ...[]byte) artifacts.Digest {
	t.Helper()
	m := &artifacts.Manifest{Key: artifacts.Sum([]byte(text)), Text: text, Kind: "test", Version: 1, Address: text, Created: time.Unix(1, 0)}
	for i := range outputs {
		m.Outputs = append(m.Outputs, artifacts.Output{Name: fmt.Sprint("out", i), Rows: -1, Extension: ".bin"})
	}
	must(t, s.Save(m, outputs))
	return m.Key
}

// large is an output that has an object of its own.
func large(b byte) []byte { return bytes.Repeat([]byte{b}, 100<<10) }

// push pushes a result, and fails the test if it cannot.
func push(t *testing.T, r *remote.Remote, from *artifacts.Store, key artifacts.Digest) remote.Pushed {
	t.Helper()
	must(t, r.MakeWritable(t.Context()))
	done, err := r.Push(t.Context(), from, key, false)
	must(t, err)
	return done
}

// A clone is a local store with a remote one behind it.
type clone struct {
	*artifacts.Store
	cache *remote.Cache
	mu    sync.Mutex
	told  []string
}

func newClone(t *testing.T, r *remote.Remote) *clone {
	t.Helper()
	c := &clone{Store: openStore(t, artifacts.Options{})}
	c.cache = remote.NewCache(t.Context(), r, c.Store, func(err error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.told = append(c.told, err.Error())
	})
	c.SetBehind(c.cache.Blob)
	return c
}
