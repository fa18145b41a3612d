package engine_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// longEnough bounds a wait for something that comes at once, unless it never does.
const longEnough = time.Minute

// A meeting is a hook that lets nobody go on until so many instances are being computed at once.
type meeting struct {
	mu    sync.Mutex
	wants int
	here  int
	all   chan struct{}
}

func newMeeting(wants int) *meeting { return &meeting{wants: wants, all: make(chan struct{})} }

func (m *meeting) hook(ctx context.Context, _ *stages.Run) error {
	m.mu.Lock()
	if m.here++; m.here == m.wants {
		close(m.all)
	}
	m.mu.Unlock()
	select {
	case <-m.all:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(longEnough):
		return fmt.Errorf("%d instances are never computed at once", m.wants)
	}
}

// runOn plans and runs with a store of its own on a disk, as another process does.
func (b *bench) runOn(ctx context.Context, open func() (*artifacts.Store, error), events func(*plan.Plan, engine.Event), workers int, list []*spec.Stage) (*plan.Plan, *engine.Result, error) {
	store, err := open()
	if err != nil {
		return nil, nil, err
	}
	defer store.Close()
	p, err := plan.New(ctx, &spec.Spec{Name: "bench", Stages: list},
		plan.Options{Cache: lookup{store}, External: frozen{b, map[string]plan.Digest{}}})
	if err != nil {
		return nil, nil, err
	}
	o := engine.Options{Store: store, Cache: lookup{store}, External: b, Workers: workers}
	if events != nil {
		o.Events = func(e engine.Event) { events(p, e) }
	}
	return p, engine.Run(ctx, p, o), nil
}

func (b *bench) reopen() (*artifacts.Store, error) { return artifacts.Open(b.dir, artifacts.Options{}) }

// Equal runs on one store share the work: with one worker each, they compute as many instances at once as they are,
// and each instance once.
func TestEqualRunsShare(t *testing.T) {
	b := newBench(t)
	const runs, rounds = 4, 3
	var list []*spec.Stage
	for round := range rounds {
		hook := fmt.Sprintf("meet%d", round)
		b.hooks[hook] = newMeeting(runs).hook
		for i := range runs {
			var uses []*spec.Stage
			if round > 0 { // a chain each, so that what is ready next depends on what others computed
				uses = []*spec.Stage{list[(round-1)*runs+(i+1)%runs]}
			}
			list = append(list, b.stage(fmt.Sprintf("s%d_%d", round, i), hook, int64(100*round+i), uses...))
		}
	}
	var wg sync.WaitGroup
	for range runs {
		wg.Go(func() {
			_, result, err := b.runOn(t.Context(), b.reopen, nil, 1, list)
			if err != nil {
				t.Error(err)
				return
			}
			for i, o := range result.Outcomes {
				if o.Status != engine.Computed && o.Status != engine.Cached {
					t.Errorf("%s: %s, %v", list[i].Name, o.Status, o.Err)
				}
			}
		})
	}
	wg.Wait()
	if got := b.runs.Load(); got != runs*rounds {
		t.Errorf("%d instances were computed %d times", runs*rounds, got)
	}
}

// A run that has nothing else to do ends when what another computes is there, and can be stopped before.
func TestWaitsForTheOther(t *testing.T) {
	b := newBench(t)
	begun, door := make(chan struct{}), make(chan struct{})
	b.hooks["door"] = func(context.Context, *stages.Run) error { close(begun); <-door; return nil }
	a := b.stage("a", "door", 1)
	list := []*spec.Stage{a, b.stage("c", "", 2, a)}
	first := make(chan *engine.Result, 1)
	go func() {
		_, result, err := b.runOn(t.Context(), b.reopen, nil, 2, list)
		if err != nil {
			t.Error(err)
		}
		first <- result
	}()
	<-begun
	ctx, stop := context.WithCancel(t.Context())
	waited := 0
	_, result, err := b.runOn(ctx, b.reopen, func(_ *plan.Plan, e engine.Event) {
		if e.Type == engine.Waiting {
			waited++
			stop()
		}
	}, 2, list)
	if err != nil || waited != 1 || result.Outcomes[0].Status != engine.Canceled || result.Outcomes[1].Status != engine.Canceled {
		t.Errorf("stopped while it waited %d times: %+v, %v", waited, result, err)
	}
	waited = 0
	p, result, err := b.runOn(t.Context(), b.reopen, func(p *plan.Plan, e engine.Event) {
		if e.Type == engine.Waiting && p.Nodes[e.Node].Stage == a { // it may have to wait for c as well
			waited++
			close(door)
		}
	}, 2, list)
	if err != nil {
		t.Fatal(err)
	}
	got := outcomes(p, result)
	if got["a"].Status != engine.Cached || got["a"].Elapsed != 0 || waited != 1 {
		t.Errorf("a is %+v after %d waits", got["a"], waited)
	}
	<-first
	if b.runs.Load() != 2 {
		t.Errorf("two instances were computed %d times", b.runs.Load())
	}
}

// If the other fails, or its run is stopped, this run computes the instance itself.
func TestOtherFails(t *testing.T) {
	b := newBench(t)
	begun, door := make(chan struct{}), make(chan struct{})
	var once sync.Once
	b.hooks["door"] = func(context.Context, *stages.Run) (err error) {
		once.Do(func() { close(begun); <-door; err = errors.New("out of luck") })
		return err
	}
	list := []*spec.Stage{b.stage("a", "door", 1)}
	failed := make(chan engine.Status, 1)
	go func() {
		_, result, err := b.runOn(t.Context(), b.reopen, nil, 1, list)
		if err != nil {
			t.Error(err)
		}
		failed <- result.Outcomes[0].Status
	}()
	<-begun
	_, result, err := b.runOn(t.Context(), b.reopen, func(_ *plan.Plan, e engine.Event) {
		if e.Type == engine.Waiting {
			close(door)
		}
	}, 1, list)
	if err != nil || result.Outcomes[0].Status != engine.Computed || <-failed != engine.Failed {
		t.Errorf("%+v, %v", result, err)
	}
}

// Instances of one run that are the same computation take no worker from others while one of them is computed.
func TestTwinsTakeNoWorker(t *testing.T) {
	b := newBench(t)
	b.hooks["meet"] = newMeeting(2).hook
	got := b.do(b.stage("a", "meet", 1), b.stage("same", "meet", 1), b.stage("c", "meet", 2))
	wantStatus(t, got, map[string]engine.Status{"c": engine.Computed})
	for _, name := range []string{"a", "same"} {
		if s := got[name].Status; s != engine.Computed && s != engine.Cached || got[name].Note != "" {
			t.Errorf("%s: %+v", name, got[name])
		}
	}
	if b.runs.Load() != 2 {
		t.Errorf("two computations were made %d times", b.runs.Load())
	}
}

// Two hosts whose locks do not reach each other, and of which one takes the other for dead, may compute the same
// instance. Of results that differ the first is kept, and the second run says so and goes on with it.
func TestHostsComputeTheSame(t *testing.T) {
	for _, equal := range []bool{true, false} {
		b := newBench(t)
		disk := fakedisk.New()
		begun, door := make(chan struct{}), make(chan struct{})
		var calls int
		b.kind = stages.Define(stages.Kind{
			Name: "slow", Version: 1, Doc: "It takes long at first.", Outputs: []stages.Output{{Name: "out", Fields: valueField}},
		}, func(_ context.Context, _ *settings, r *stages.Run) error {
			calls++
			value := int64(1)
			if calls == 1 {
				close(begun)
				<-door
			} else if !equal {
				value = 2
			}
			return write(r, value)
		})
		list := []*spec.Stage{b.stage("a", "", 1)}
		on := func() (*artifacts.Store, error) {
			return artifacts.Open("/project/.spurion", artifacts.Options{FS: disk.Host()})
		}
		slow := make(chan engine.Outcome, 1)
		go func() {
			_, result, err := b.runOn(t.Context(), on, nil, 1, list)
			if err != nil {
				t.Error(err)
			}
			slow <- result.Outcomes[0]
		}()
		<-begun
		disk.Advance(25 * time.Hour) // and no sign of life
		p, result, err := b.runOn(t.Context(), on, nil, 1, list)
		if err != nil || result.Outcomes[0].Status != engine.Computed {
			t.Fatalf("equal %v: %+v, %v", equal, result, err)
		}
		close(door)
		late := <-slow
		if late.Status != engine.Computed || late.Err != nil || (late.Note == "") != equal {
			t.Errorf("equal %v: the late one is %+v", equal, late)
		}
		store, err := on()
		if err != nil {
			t.Fatal(err)
		}
		m, err := store.Get(artifacts.Digest(p.Nodes[0].Key))
		if err != nil || m.Outputs[0].Digest != artifacts.Digest(p.Nodes[0].Outputs[0].Digest) {
			t.Errorf("equal %v: kept is %+v, %v", equal, m, err)
		}
		store.Close()
	}
}

// A collected is a disk on which another host collects the first blob as soon as it is there.
type collected struct {
	artifacts.FS
	once sync.Once
}

func (d *collected) Rename(old, new string) error {
	err := d.FS.Rename(old, new)
	if err == nil && strings.Contains(filepath.ToSlash(new), "/blobs/") {
		d.once.Do(func() { err = d.FS.Remove(new) })
	}
	return err
}

// What was put is put again if it is gone before it is published: a run that stood still was taken for dead.
func TestCollectedBeforeItIsPublished(t *testing.T) {
	b := newBench(t)
	disk := &collected{FS: fakedisk.New()}
	on := func() (*artifacts.Store, error) {
		return artifacts.Open("/project/.spurion", artifacts.Options{FS: disk})
	}
	p, result, err := b.runOn(t.Context(), on, nil, 1, []*spec.Stage{b.stage("a", "", 1)})
	if err != nil || result.Outcomes[0].Status != engine.Computed {
		t.Fatalf("%+v, %v", result, err)
	}
	b.store, _ = on()
	if err := b.lost(p.Nodes); err != nil || b.runs.Load() != 1 {
		t.Errorf("computed %d times; %v", b.runs.Load(), err)
	}
}
