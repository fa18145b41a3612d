package engine_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
)

// on puts the bench's store on a disk.
func (b *bench) on(disk *fakedisk.Disk) error {
	store, err := artifacts.Open("/project/.spurion", artifacts.Options{FS: disk})
	b.store = store
	return err
}

// tryRun plans and runs, and gives the nodes that the run said were computed, with their outputs.
func (b *bench) tryRun(list []*spec.Stage) (acknowledged []plan.Node, result *engine.Result) {
	p, err := plan.New(b.t.Context(), &spec.Spec{Name: "bench", Stages: list},
		plan.Options{Cache: lookup{b.store}, External: frozen{b, map[string]plan.Digest{}}})
	if err != nil {
		return nil, nil // the disk failed while planning
	}
	o := b.options()
	o.Events = func(e engine.Event) {
		if e.Type == engine.Finished && e.Outcome.Status == engine.Computed {
			acknowledged = append(acknowledged, p.Nodes[e.Node])
		}
	}
	return acknowledged, engine.Run(b.t.Context(), p, o)
}

func (b *bench) smallGraph() []*spec.Stage {
	a, c := b.stage("a", "", 1), b.stage("c", "", 2)
	return []*spec.Stage{a, c, b.stage("d", "", 3, a, c)}
}

// lost says which acknowledged result is not whole in the store.
func (b *bench) lost(acknowledged []plan.Node) error {
	for _, n := range acknowledged {
		m, err := b.store.Get(artifacts.Digest(n.Key))
		if err != nil {
			return fmt.Errorf("%s: %w", n.Address(), err)
		}
		for _, o := range m.Outputs {
			if _, err := b.store.Blob(o.Digest); err != nil {
				return fmt.Errorf("%s: %w", n.Address(), err)
			}
		}
	}
	return nil
}

// The power is cut at every change of the disk in turn. What the run had acknowledged is there and whole
// afterwards, and the next run completes the rest.
func TestCrashAtEveryWrite(t *testing.T) {
	for _, survive := range []uint64{fakedisk.LoseAll, fakedisk.KeepAll, 7} {
		for k := 1; ; k++ {
			b := newBench(t)
			disk := fakedisk.New()
			disk.CrashAt(k)
			var acknowledged []plan.Node
			if err := b.on(disk); err == nil {
				acknowledged, _ = b.tryRun(b.smallGraph())
			}
			crashed := disk.Crashed()
			if err := b.on(disk.Reboot(survive)); err != nil {
				t.Fatalf("crash %d: the store does not open again: %v", k, err)
			}
			if err := b.lost(acknowledged); err != nil {
				t.Fatalf("crash %d, outcome %d: an acknowledged result is lost: %v", k, survive, err)
			}
			_, result := b.tryRun(b.smallGraph())
			wantAll(t, fmt.Sprintf("after crash %d", k), result)
			if !crashed {
				break // there was no k-th change
			}
		}
	}
}

// The disk is full at every operation in turn: the run ends with a clear error, what it had acknowledged
// stays, and once there is room the next run completes the rest.
func TestFullDiskAtEveryOperation(t *testing.T) {
	for k := 1; ; k++ {
		b := newBench(t)
		disk := fakedisk.New()
		if err := b.on(disk); err != nil {
			t.Fatal(err)
		}
		disk.FailAt(k, syscall.ENOSPC)
		acknowledged, result := b.tryRun(b.smallGraph())
		if !disk.Failed() {
			return // there was no k-th operation
		}
		if result != nil && result.Fatal != nil && !errors.Is(result.Fatal, artifacts.ErrFull) {
			t.Errorf("operation %d: the run ends with %v", k, result.Fatal)
		}
		if err := b.lost(acknowledged); err != nil {
			t.Fatalf("operation %d: an acknowledged result is lost: %v", k, err)
		}
		_, result = b.tryRun(b.smallGraph())
		wantAll(t, fmt.Sprintf("after a full disk at operation %d", k), result)
	}
}

// A disk that has become read-only ends the run at once, with a clear error; what is cached is still served.
func TestReadOnlyDisk(t *testing.T) {
	b := newBench(t)
	disk := fakedisk.New()
	if err := b.on(disk); err != nil {
		t.Fatal(err)
	}
	graph := b.smallGraph()
	b.tryRun(graph[:2])
	disk.SetReadOnly(true)
	_, result := b.tryRun(graph)
	if result == nil || !errors.Is(result.Fatal, artifacts.ErrReadOnly) {
		t.Fatalf("%+v", result)
	}
	if s := result.Outcomes[0].Status; s != engine.Cached {
		t.Errorf("a cached result is %s", s)
	}
}

func wantAll(t *testing.T, when string, r *engine.Result) {
	t.Helper()
	if r == nil {
		t.Fatalf("%s: no plan can be made", when)
	}
	for i, o := range r.Outcomes {
		if o.Status != engine.Computed && o.Status != engine.Cached {
			t.Fatalf("%s: instance %d is %s: %v", when, i, o.Status, o.Err)
		}
	}
}

// An error of the disk, at every operation in turn, costs the instance that met it, and what depends on that; the plan
// is made, the others go on, and the next run completes the rest. Half of the graph is cached.
func TestErrorAtEveryOperation(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EIO, syscall.EACCES} {
		for k := 1; ; k++ {
			b := newBench(t)
			disk := fakedisk.New()
			if err := b.on(disk); err != nil {
				t.Fatal(err)
			}
			graph := b.smallGraph()
			b.tryRun(graph[:1])
			disk.FailAt(k, errno)
			acknowledged, result := b.tryRun(graph)
			if !disk.Failed() {
				break // there was no k-th operation
			}
			if result == nil {
				t.Fatalf("%v at operation %d: no plan can be made", errno, k)
			}
			failed := 0
			for _, o := range result.Outcomes {
				if o.Status == engine.Failed {
					failed++
				}
			}
			if failed > 1 || failed == 0 && result.Fatal != nil {
				t.Errorf("%v at operation %d: %d instances fail: %+v", errno, k, failed, result.Outcomes)
			}
			if err := b.lost(acknowledged); err != nil {
				t.Fatalf("%v at operation %d: an acknowledged result is lost: %v", errno, k, err)
			}
			_, result = b.tryRun(graph)
			wantAll(t, fmt.Sprintf("after %v at operation %d", errno, k), result)
		}
	}
}

// sealed is a disk with one file that cannot be read; stuck, it cannot be moved or replaced either.
type sealed struct {
	artifacts.FS
	path         string
	stuck, moved bool
}

func (d *sealed) ReadFile(name string) ([]byte, time.Time, error) {
	if d.path != "" && filepath.Clean(name) == d.path && !d.moved {
		return nil, time.Time{}, syscall.EACCES
	}
	return d.FS.ReadFile(name)
}

func (d *sealed) Rename(old, new string) error {
	if d.path != "" && (filepath.Clean(old) == d.path || filepath.Clean(new) == d.path) {
		if d.stuck {
			return syscall.EACCES
		}
		d.moved = true
	}
	return d.FS.Rename(old, new)
}

// One manifest, or blob, that cannot be read is computed again. If it is in the way for good, its instance fails,
// before it has computed for nothing, and the others go on.
func TestOneUnreadable(t *testing.T) {
	for _, what := range []string{"manifests", "blobs"} {
		for _, stuck := range []bool{false, true} {
			b := newBench(t)
			disk := &sealed{FS: fakedisk.New()}
			var told []error
			store, err := artifacts.Open("/project/.spurion", artifacts.Options{FS: disk, Warn: func(err error) { told = append(told, err) }})
			if err != nil {
				t.Fatal(err)
			}
			b.store = store
			a, c := b.stage("a", "", 1), b.stage("c", "", 2)
			p := b.plan(nil, a, c)
			engine.Run(t.Context(), p, b.options())
			name := artifacts.Digest(p.Nodes[0].Key).String()
			if what == "blobs" {
				name = artifacts.Digest(p.Nodes[0].Outputs[0].Digest).String()
			}
			disk.path, disk.stuck = filepath.Join("/project/.spurion", what, name[:2], name), stuck
			told = nil
			got := b.do(a, c, b.stage("uses", "", 3, a), b.stage("other", "", 4, c))
			wantStatus(t, got, map[string]engine.Status{"c": engine.Cached, "other": engine.Computed})
			bad, runs := "a", int64(3) // a, c, other
			if what == "blobs" {
				bad = "uses"
				runs++ // which begins, and cannot read
			}
			if stuck {
				wantStatus(t, got, map[string]engine.Status{bad: engine.Failed})
				if err := fmt.Sprint(got[bad].Err); !strings.Contains(err, disk.path) || !strings.Contains(err, "remove it") {
					t.Errorf("%s: %v", what, err)
				}
			} else {
				wantStatus(t, got, map[string]engine.Status{"uses": engine.Computed})
				runs = 5 // a again, and uses
			}
			if b.runs.Load() != runs {
				t.Errorf("%s, stuck %v: the kind ran %d times, want %d", what, stuck, b.runs.Load(), runs)
			}
			if len(told) == 0 && !stuck {
				t.Errorf("%s: nobody is told", what)
			}
			store.Close()
		}
	}
}
