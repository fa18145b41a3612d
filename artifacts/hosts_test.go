package artifacts_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// TestHostsAtRandom lets hosts whose locks do not reach each other, with clocks of their own, and a network that is late,
// remembers what was not there and loses answers, store, read, evict and collect: in turn, and in the middle of each
// other's operations. Whatever they do, nothing is ever damaged, nobody who lives is taken for dead, and what one has published or read, and nobody has
// evicted, is whole to it as long as its session lives; what it has published for an hour of the disk's time, too,
// even if it stands still. Where hosts stamp files by clocks that are hours apart, the first two hold.
func TestHostsAtRandom(t *testing.T) {
	for seed := range uint64(40) {
		for _, stamps := range []bool{false, true} {
			t.Run(fmt.Sprintf("seed=%d/stamps=%v", seed, stamps), func(t *testing.T) {
				t.Parallel()
				m := newModel(t, seed, stamps)
				for range 120 {
					m.step(m.random.IntN(len(m.hosts)))
					m.check()
				}
			})
		}
	}
}

// A model knows what must be there.
type model struct {
	t      *testing.T
	random random
	disk   *fakedisk.Disk
	stamps bool // hosts stamp files by their own clocks
	hosts  []*modelHost
	busy   []*modelHost // that are in the middle of an operation, and may be interrupted
	gone   [modelJobs]int
	calm   bool // nobody is interrupted
}

// A random source is also asked by goroutines that a store starts.
type random struct {
	mu   *sync.Mutex
	rand *rand.Rand
}

// IntN gives a number below n.
func (r random) IntN(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rand.IntN(n)
}

// A modelHost is a machine in a model.
type modelHost struct {
	store  *artifacts.Store
	steady bool      // it always gives signs of life
	since  time.Time // when its session began, or before
	put    *job      // what it has put and not yet published
	// kept are jobs that must be whole to it, and until when: as long as the session lives if the time is zero.
	published, seen map[int]time.Time
}

const modelJobs = 10 // the last four are stored as packs

func newModel(t *testing.T, seed uint64, stamps bool) *model {
	m := &model{t: t, random: random{new(sync.Mutex), rand.New(rand.NewPCG(seed, 7))}, disk: fakedisk.New(), stamps: stamps}
	for n := range 3 {
		disk := m.disk.Host()
		disk.Skew = time.Duration(m.random.IntN(100)-50) * 14 * time.Minute
		disk.Delay = time.Duration(m.random.IntN(60)) * time.Second
		disk.Absent = time.Duration(m.random.IntN(60)) * time.Second
		disk.Stamps = stamps
		disk.Lose = func(op, _ string) bool { return op != "create" && m.random.IntN(4) == 0 }
		disk.Meanwhile = m.live
		h := &modelHost{steady: n > 0, published: map[int]time.Time{}, seen: map[int]time.Time{}}
		s, err := artifacts.Open(storeDir, artifacts.Options{FS: &shared{disk, m}, Warn: func(err error) { t.Error(err) }})
		must(t, err)
		t.Cleanup(func() { _ = s.Close() })
		h.store = s
		m.hosts = append(m.hosts, h)
	}
	return m
}

// A shared disk is one of whose operations another host does something in between.
type shared struct {
	*fakedisk.Host
	m *model
}

func (d *shared) Stat(name string) (info fs.FileInfo, err error) {
	d.m.interrupt()
	return d.Host.Stat(name)
}

func (d *shared) ReadFile(name string) ([]byte, time.Time, error) {
	d.m.interrupt()
	return d.Host.ReadFile(name)
}

func (d *shared) ReadDir(name string) ([]fs.DirEntry, error) {
	d.m.interrupt()
	return d.Host.ReadDir(name)
}

func (d *shared) Create(name string) (artifacts.File, error) {
	d.m.interrupt()
	return d.Host.Create(name)
}

func (d *shared) Rename(old, new string) error {
	d.m.interrupt()
	return d.Host.Rename(old, new)
}

func (d *shared) Link(old, new string) error {
	d.m.interrupt()
	return d.Host.Link(old, new)
}

func (d *shared) Remove(name string) error {
	d.m.interrupt()
	return d.Host.Remove(name)
}

func (d *shared) Touch(name string, at time.Time) error {
	d.m.interrupt()
	return d.Host.Touch(name, at)
}

func (d *shared) TryLock(name string, sharing bool) (artifacts.Lock, error) {
	d.m.interrupt()
	return d.Host.TryLock(name, sharing)
}

// interrupt lets a host that does nothing do something now and then.
func (m *model) interrupt() {
	if m.calm || len(m.busy) == 0 || len(m.busy) == len(m.hosts) || m.random.IntN(25) > 0 {
		return
	}
	for {
		if h := m.random.IntN(len(m.hosts)); !slices.Contains(m.busy, m.hosts[h]) {
			m.step(h)
			return
		}
	}
}

// step lets a host do something.
func (m *model) step(n int) {
	h := m.hosts[n]
	m.busy = append(m.busy, h)
	defer func() { m.busy = m.busy[:len(m.busy)-1] }()
	switch n := m.random.IntN(modelJobs - 4); m.random.IntN(12) {
	case 0, 1: // a job in two steps
		if h.put == nil {
			h.put = newJob(n)
			m.putAll(h, h.put)
			return
		}
		m.publish(h, h.put)
		h.put = nil
	case 2:
		m.publish(h, newJob(n))
	case 3:
		m.compute(h, newJob(n))
	case 4:
		m.savePack(h)
	case 5, 6:
		m.read(h, m.random.IntN(modelJobs))
	case 7:
		m.collect(h)
	case 8:
		m.evict(h, m.random.IntN(modelJobs))
	case 9:
		if len(m.busy) == 1 { // not while others look at it
			must(m.t, h.store.Close())
			clear(h.seen)
			h.since = time.Time{}
		}
	default:
		by := m.random.IntN(100)
		if len(m.busy) > 1 {
			by = min(by, 30) // who is interrupted gives no sign of life meanwhile
		} else if m.random.IntN(8) == 0 {
			by = m.random.IntN(300) * 60
		}
		for ; by > 0; by -= 30 {
			m.disk.Advance(time.Duration(min(by, 30)) * time.Second)
			m.live()
		}
	}
}

// live lets time pass for all.
func (m *model) live() {
	defer func(calm bool) { m.calm = calm }(m.calm)
	m.calm = true
	for _, h := range m.hosts {
		if h.steady {
			if err := artifacts.Sign(h.store); err != nil {
				m.t.Errorf("taken for dead: %v", err)
			}
		}
		if !slices.Contains(m.busy, h) && (h.steady || m.random.IntN(8) == 0) {
			artifacts.Beat(h.store)
		}
	}
}

func (m *model) putAll(h *modelHost, j *job) {
	m.begins(h)
	for _, data := range j.data {
		_, err := h.store.Put(data)
		must(m.t, err)
	}
}

// begins remembers since when a host may have a session.
func (m *model) begins(h *modelHost) {
	if h.since.IsZero() {
		h.since = m.disk.Now()
	}
}

func (m *model) publish(h *modelHost, j *job) {
	m.begins(h)
	n := jobNumber(j)
	gone := m.gone[n]
	err := h.store.Publish(&j.m)
	for errors.Is(err, artifacts.ErrMissing) { // a run puts again what is gone
		m.putAll(h, j)
		err = h.store.Publish(&j.m)
	}
	must(m.t, err)
	m.stored(h, n, gone)
}

// stored remembers that a host has stored a job, unless it was evicted meanwhile.
func (m *model) stored(h *modelHost, n, gone int) {
	if m.gone[n] != gone {
		return
	}
	h.published[n] = m.disk.Now()
	m.saw(h, n)
}

// saw remembers that a host has found a job whole. In the first minutes others may not see its session.
// Where hosts stamp files by clocks that are hours apart, what one has just used may look old.
func (m *model) saw(h *modelHost, n int) {
	if !m.stamps && h.steady && m.disk.Now().Sub(h.since) > 2*time.Minute {
		h.seen[n] = m.disk.Now()
	}
}

// compute is what a run does.
func (m *model) compute(h *modelHost, j *job) {
	m.begins(h)
	unlock, _, err := h.store.TryLock(j.m.Key)
	must(m.t, err)
	if unlock == nil {
		return
	}
	defer unlock()
	if _, err := h.store.Get(j.m.Key); errors.Is(err, artifacts.ErrMiss) {
		m.putAll(h, j)
		m.publish(h, j)
	} else {
		must(m.t, err)
	}
}

func (m *model) savePack(h *modelHost) {
	m.begins(h)
	var jobs []*job
	gone := m.gone
	m.calm = true // some are saved by goroutines
	defer func() { m.calm = false }()
	for n := modelJobs - 4; n < modelJobs; n++ {
		jobs = append(jobs, newJob(n))
	}
	for i, err := range saveGroup(h.store, jobs) {
		if errors.Is(err, artifacts.ErrMissing) {
			continue // saved alone, and taken in between: a run would save it again
		}
		must(m.t, err)
		n := modelJobs - 4 + i
		m.stored(h, n, gone[n])
	}
}

func (m *model) read(h *modelHost, n int) {
	m.begins(h)
	gone := m.gone[n]
	err := newJob(n).checkWhole(h.store)
	switch {
	case err == nil && m.gone[n] == gone:
		m.saw(h, n)
	case err != nil && !errors.Is(err, artifacts.ErrMiss) && !errors.Is(err, artifacts.ErrMissing):
		m.t.Error(err)
	}
}

func (m *model) collect(h *modelHost) {
	o := artifacts.GCOptions{Delete: true, MinAge: time.Hour}
	_, err := h.store.GC(m.t.Context(), o)
	if errors.Is(err, artifacts.ErrBusy) && m.random.IntN(2) == 0 {
		_, err = artifacts.GCBeside(h.store, m.t.Context(), o)
	}
	if !errors.Is(err, artifacts.ErrBusy) {
		must(m.t, err)
		clear(h.seen) // a store's own collection spares only what it publishes
	}
}

func (m *model) evict(h *modelHost, n int) {
	forget := func() {
		m.gone[n]++
		for _, h := range m.hosts {
			delete(h.published, n)
			delete(h.seen, n)
		}
	}
	forget()
	_, err := h.store.Evict(newJob(n).m.Key)
	must(m.t, err)
	forget()
}

func jobNumber(j *job) int {
	for n := range modelJobs {
		if newJob(n).m.Key == j.m.Key {
			return n
		}
	}
	panic("no such job")
}

// awaitWhole says what is wrong with a job that must be there, though perhaps not be seen yet: another host may have
// just put it into another pack.
func (m *model) awaitWhole(h *modelHost, n int) error {
	j := newJob(n)
	if _, err := h.store.Await(m.t.Context(), j.m.Key); err != nil {
		return err
	}
	return j.checkWhole(h.store)
}

func (m *model) check() {
	for i, h := range m.hosts {
		for n, when := range h.published {
			if m.disk.Now().Sub(when) > 59*time.Minute || m.stamps {
				delete(h.published, n)
			} else if err := m.awaitWhole(h, n); err != nil {
				m.t.Fatalf("host %d, job %d published %v ago: %v", i, n, m.disk.Now().Sub(when), err)
			}
		}
		for n, when := range h.seen {
			if err := m.awaitWhole(h, n); err != nil {
				m.t.Fatalf("host %d, job %d seen %v ago: %v", i, n, m.disk.Now().Sub(when), err)
			}
		}
	}
}
