package artifacts_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// openHosts opens one new store from two machines whose kernel locks do not reach each other.
func openHosts(t *testing.T, set func(a, b *fakedisk.Host)) (a, b *artifacts.Store, disk *fakedisk.Disk) {
	t.Helper()
	disk = fakedisk.New()
	first, second := disk.Host(), disk.Host()
	if set != nil {
		set(first, second)
	}
	return openOn(t, first), openOn(t, second), disk
}

func openOn(t *testing.T, disk artifacts.FS) *artifacts.Store {
	t.Helper()
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestLinkRetransmitted locks a key where no link is answered: nobody else has it.
func TestLinkRetransmitted(t *testing.T) {
	host := fakedisk.New().Host()
	host.Lose = func(op, _ string) bool { return op == "link" }
	s := openOn(t, host)
	for range 2 {
		unlock, err := s.Lock(t.Context(), newJob(1).m.Key, func(owner string) { t.Fatal("waits for", owner) })
		must(t, err)
		unlock()
	}
}

// TestLostAnswers loses the answers to all operations that move, link or remove a name or make a folder, then to each
// operation in turn: what was done is as good as if it had been answered.
func TestLostAnswers(t *testing.T) {
	for name, scene := range scenes(t) {
		for k := 1; ; k++ {
			disk, w, n := scene.disk.Reboot(fakedisk.LoseAll), scene.ready, 0
			host := disk.Host()
			host.Lose = func(op, _ string) bool { n++; return n == k || k == 1 && op != "create" }
			scene.act(&w, host)
			err := errors.Join(w.errs...)
			if err == nil {
				err = w.check(disk)
			}
			if err == nil {
				err = checkSound(disk)
			}
			if err != nil {
				t.Fatalf("%s, answer %d: %v", name, k, err)
			}
			if n < k {
				t.Logf("%s: %d answers", name, k-1)
				break
			}
		}
	}
}

// TestHostsExclude keeps a key from another host as long as its owner gives signs of life, and no longer.
func TestHostsExclude(t *testing.T) {
	for _, skew := range []time.Duration{0, -48 * time.Hour, 48 * time.Hour} {
		t.Run(fmt.Sprintf("skew=%v", skew), func(t *testing.T) { testHostsExclude(t, skew) })
	}
}

func testHostsExclude(t *testing.T, skew time.Duration) {
	a, b, disk := openHosts(t, func(a, b *fakedisk.Host) { a.Skew, b.Skew = skew, -skew/2 })
	key := newJob(1).m.Key
	unlock, err := a.Lock(t.Context(), key, nil)
	must(t, err)
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		told := ""
		if _, err := b.Lock(ctx, key, func(owner string) { told = owner; cancel() }); !errors.Is(err, context.Canceled) || !strings.Contains(told, "process ") {
			t.Fatalf("while the owner lives: %v, told of %q", err, told)
		}
		if free, owner, err := b.TryLock(key); free != nil || err != nil || !strings.Contains(owner, "process ") {
			t.Fatalf("while the owner lives: TryLock tells of %q (%v)", owner, err)
		}
		disk.Advance(time.Minute)
		artifacts.Beat(a)
		artifacts.Beat(b)
	}
	disk.Advance(5 * time.Minute)
	artifacts.Beat(b)
	if free, _, err := b.TryLock(key); free != nil || err != nil {
		t.Fatalf("its clock may only be behind: %v", err)
	}
	disk.Advance(time.Minute)
	artifacts.Beat(b)
	free, owner, err := b.TryLock(key)
	if err != nil || free == nil {
		t.Fatalf("after a silence: held by %q (%v)", owner, err)
	}
	// The owner has only stood still. Both compute, and both may end.
	must(t, newJob(1).store(a))
	must(t, newJob(1).store(b))
	unlock()
	free()
	must(t, newJob(1).checkWhole(a))
	free, _, err = a.TryLock(key)
	if err != nil || free == nil {
		t.Fatalf("afterwards: %v", err)
	}
	free()
}

// TestHostsPublish lets two hosts publish other bytes for one key at the same moment: the first are kept, and the
// second host is told.
func TestHostsPublish(t *testing.T) {
	disk := fakedisk.New()
	m := &meddler{FS: disk.Host()}
	a, b := openOn(t, m), openOn(t, disk.Host())
	for n, equal := range []bool{false, true} {
		first, second := newJob(n), newJob(n)
		if !equal {
			first.data[0] = []byte("different")
			first.m.Outputs[0].Digest, first.m.Outputs[0].Size = artifacts.Sum(first.data[0]), 9
		}
		first.m.Seconds = 77
		m.before = func(op, name string) bool {
			if op != "link" || filepath.Clean(name) != pathOf(a, "manifests", second.m.Key) {
				return false
			}
			must(t, first.store(b))
			return true
		}
		err := second.store(a)
		if equal != (err == nil) || !equal && !errors.Is(err, artifacts.ErrConflict) || m.before != nil {
			t.Errorf("equal %v: the second got %v", equal, err)
		}
		must(t, first.checkWhole(a))
		must(t, first.checkWhole(b))
	}
}

// TestHostsCollect lets one host collect all it may while another is between a blob and its manifest. Neither
// clocks that are wrong, or are set meanwhile, nor a disk that shows what is new late, cost the other anything.
func TestHostsCollect(t *testing.T) {
	for _, skew := range []time.Duration{0, -48 * time.Hour, 48 * time.Hour} {
		for _, delay := range []time.Duration{0, time.Minute} {
			for _, moves := range []time.Duration{0, -30 * time.Hour, 30 * time.Hour} {
				t.Run(fmt.Sprintf("skew=%v/delay=%v/moves=%v", skew, delay, moves), func(t *testing.T) {
					var writer *fakedisk.Host
					a, b, disk := openHosts(t, func(a, b *fakedisk.Host) {
						writer = a
						a.Skew, a.Delay, b.Skew, b.Delay = skew, delay, -skew/2, delay
					})
					old := newJob(1)
					must(t, old.store(a))
					must(t, a.Close())
					disk.Advance(72 * time.Hour)
					if delay == 0 { // it reads what is old
						must(t, old.checkWhole(a))
					}
					j := newJob(2) // its second blob is there already
					writer.Skew += moves
					for _, data := range j.data {
						_, err := a.Put(data)
						must(t, err)
					}
					if _, err := b.GC(t.Context(), artifacts.GCOptions{Delete: true}); delay == 0 && !errors.Is(err, artifacts.ErrBusy) {
						t.Fatalf("beside a writer: %v", err)
					}
					if _, err := artifacts.GCBeside(b, t.Context(), artifacts.GCOptions{Delete: true}); err != nil {
						t.Fatal(err)
					}
					must(t, a.Publish(&j.m))
					must(t, j.checkWhole(a))
					if delay == 0 {
						must(t, old.checkWhole(a))
					}
					if r, err := b.Evict(old.m.Key); err != nil || r.Blobs > 1 {
						t.Errorf("evicted %+v (%v)", r, err)
					}
					must(t, j.checkWhole(a))
				})
			}
		}
	}
}

// TestReusedLate publishes an entry with a blob that the same session wrote long ago, for an entry that is gone. A host
// that sees neither the new entry yet, nor the session any more, finds the blob young.
func TestReusedLate(t *testing.T) {
	a, b, disk := openHosts(t, func(_, b *fakedisk.Host) { b.Delay = time.Minute })
	old, late := newJob(1), newJob(2)
	must(t, old.store(a))
	disk.Advance(20 * time.Minute)
	artifacts.Beat(a)
	_, err := b.Evict(old.m.Key)
	must(t, err)
	must(t, late.store(a))
	must(t, a.Close())
	if r, err := b.GC(t.Context(), artifacts.GCOptions{Delete: true}); err != nil || len(r.Entries) > 0 || r.Blobs != 1 {
		t.Errorf("collected %+v (%v)", r, err)
	}
	must(t, late.checkWhole(a))
}

// TestStoodStill takes a host for dead that has not moved for long, and had no lock that reached: what it had put is
// collected, and it finds out before it publishes.
func TestStoodStill(t *testing.T) {
	a, b, disk := openHosts(t, nil)
	j := newJob(1)
	unlock, err := a.Lock(t.Context(), j.m.Key, nil)
	must(t, err)
	for _, data := range j.data {
		_, err := a.Put(data)
		must(t, err)
	}
	disk.Advance(time.Hour)
	r, err := b.GC(t.Context(), artifacts.GCOptions{Delete: true})
	if err != nil || r.Blobs != 2 || r.Temporary != 1 {
		t.Fatalf("collected %+v (%v)", r, err)
	}
	if err := a.Publish(&j.m); !errors.Is(err, artifacts.ErrMissing) {
		t.Errorf("published without blobs: %v", err)
	}
	artifacts.Beat(a) // its session is made anew
	unlock()
	unlock, err = a.Lock(t.Context(), j.m.Key, nil)
	must(t, err)
	must(t, j.store(a))
	unlock()
	if r, err := artifacts.GCBeside(b, t.Context(), artifacts.GCOptions{Delete: true}); err != nil || len(r.Entries)+r.Blobs > 0 {
		t.Errorf("then collected %+v (%v)", r, err)
	}
	must(t, j.checkWhole(b))
}

// TestUsedMeanwhile lets a host use again what another is just removing, behind the gate that does not keep it out.
func TestUsedMeanwhile(t *testing.T) {
	disk := fakedisk.New()
	m := &meddler{FS: disk.Host()}
	a, gc := openOn(t, disk.Host()), openOn(t, m)
	old := newJob(1)
	must(t, old.store(a))
	must(t, a.Close())
	disk.Advance(48 * time.Hour)
	for _, folder := range []string{"blobs", "manifests"} {
		m.before = func(op, name string) bool {
			if op != "rename" || !strings.Contains(filepath.ToSlash(name), "/"+folder+"/") {
				return false
			}
			if folder == "manifests" {
				must(t, old.checkWhole(a))
				return true
			}
			must(t, old.store(a))
			return true
		}
		if folder == "blobs" { // without an entry, nobody seems to need them
			must(t, disk.Remove(pathOf(a, "manifests", old.m.Key)))
		}
		_, err := artifacts.GCBeside(gc, t.Context(), artifacts.GCOptions{Delete: true})
		must(t, err)
		if m.before != nil {
			t.Errorf("%s: nothing was about to be taken", folder)
		}
		must(t, old.checkWhole(a))
		must(t, a.Close())
		disk.Advance(48 * time.Hour)
	}
}
