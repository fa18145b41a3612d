package artifacts_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// TestHostsAtRandom lets hosts whose locks do not reach each other, with clocks of their own, and a network that is late
// and loses answers, store, read, evict and collect in turn. Whatever they do, what one has published, and nobody has
// evicted, is whole to it for an hour of the disk's time, and nothing is ever damaged.
func TestHostsAtRandom(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			m := newModel(t, seed)
			for range 150 {
				m.step()
			}
		})
	}
}

// A model knows what must be there.
type model struct {
	t         *testing.T
	random    *rand.Rand
	disk      *fakedisk.Disk
	stores    []*artifacts.Store
	put       []*job // what each host has put and not yet published
	published []map[int]time.Time
}

func newModel(t *testing.T, seed uint64) *model {
	m := &model{t: t, random: rand.New(rand.NewPCG(seed, 7)), disk: fakedisk.New()}
	for range 3 {
		host := m.disk.Host()
		host.Skew = time.Duration(m.random.IntN(100)-50) * time.Hour
		host.Delay = time.Duration(m.random.IntN(60)) * time.Second
		host.Lose = func(op, _ string) bool { return op != "create" && m.random.IntN(4) == 0 }
		s, err := artifacts.Open(storeDir, artifacts.Options{FS: host, Warn: func(err error) { t.Error(err) }})
		must(t, err)
		t.Cleanup(func() { _ = s.Close() })
		m.stores = append(m.stores, s)
		m.published = append(m.published, map[int]time.Time{})
	}
	m.put = make([]*job, len(m.stores))
	return m
}

const modelJobs = 6

func (m *model) step() {
	h := m.random.IntN(len(m.stores))
	s, n := m.stores[h], m.random.IntN(modelJobs)
	switch m.random.IntN(10) {
	case 0, 1, 2: // a job in two steps
		if m.put[h] == nil {
			m.put[h] = newJob(n)
			m.putAll(s, m.put[h])
			return
		}
		j := m.put[h]
		m.put[h] = nil
		m.publish(h, j)
	case 3:
		m.publish(h, newJob(n))
	case 4:
		if err := newJob(n).checkWhole(s); err != nil && !errors.Is(err, artifacts.ErrMiss) && !errors.Is(err, artifacts.ErrMissing) {
			m.t.Error(err)
		}
	case 5:
		o := artifacts.GCOptions{Delete: true, MinAge: time.Hour}
		_, err := s.GC(m.t.Context(), o)
		if errors.Is(err, artifacts.ErrBusy) {
			_, err = artifacts.GCBeside(s, m.t.Context(), o)
		}
		must(m.t, err)
	case 6:
		key := newJob(n).m.Key
		_, err := s.Evict(key)
		must(m.t, err)
		for _, published := range m.published {
			delete(published, n)
		}
	case 7:
		must(m.t, s.Close())
	default:
		by := time.Duration(m.random.IntN(100)) * time.Second
		if m.random.IntN(8) == 0 {
			by = time.Duration(m.random.IntN(300)) * time.Minute
		}
		m.disk.Advance(by)
		for _, s := range m.stores {
			if m.random.IntN(4) > 0 {
				artifacts.Beat(s)
			}
		}
	}
	m.check()
}

func (m *model) putAll(s *artifacts.Store, j *job) {
	for _, data := range j.data {
		_, err := s.Put(data)
		must(m.t, err)
	}
}

func (m *model) publish(h int, j *job) {
	s := m.stores[h]
	m.putAgain(s, j, s.Publish(&j.m))
	for n := range modelJobs {
		if newJob(n).m.Key == j.m.Key {
			m.published[h][n] = m.disk.Now()
		}
	}
}

// putAgain does what a run does if what it put is gone.
func (m *model) putAgain(s *artifacts.Store, j *job, err error) {
	if errors.Is(err, artifacts.ErrMissing) {
		m.putAll(s, j)
		err = s.Publish(&j.m)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		must(m.t, err)
	}
	must(m.t, err)
}

func (m *model) check() {
	for h, published := range m.published {
		for n, when := range published {
			if m.disk.Now().Sub(when) > 59*time.Minute {
				delete(published, n)
			} else if err := newJob(n).checkWhole(m.stores[h]); err != nil {
				m.t.Fatalf("host %d, job %d of %v ago: %v", h, n, m.disk.Now().Sub(when), err)
			}
		}
	}
}
