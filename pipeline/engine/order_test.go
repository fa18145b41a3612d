package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// Of ready instances that comes first after which most seconds are still to come; the order of the plan decides among
// equals, and the results are the same.
func TestLongestPathFirst(t *testing.T) {
	graph := func(b *bench) []*spec.Stage {
		short, long := b.stage("short", "", 1), b.stage("long", "", 2)
		middle := b.stage("middle", "", 3, long)
		return []*spec.Stage{short, b.stage("wide", "", 4, short), long, middle, b.stage("last", "", 5, middle), b.stage("alone", "", 6)}
	}
	var results []string
	for name, test := range map[string]struct {
		seconds map[string]float64
		order   string
	}{
		"unknown":     {nil, "long short middle wide last alone"},
		"known":       {map[string]float64{"test.alone": 100, "test.wide": 50, "test.short": 2, "test.long": 1, "test.middle": 1, "test.last": 1}, "alone short wide long middle last"},
		"mean of one": {map[string]float64{"test.alone": 7}, "long short middle wide last alone"},
		"nothing":     {map[string]float64{"test.long": 0, "test.middle": 0, "test.last": 0, "test.short": 0, "test.wide": 0, "test.alone": 0}, "short wide long middle last alone"},
	} {
		b := newBench(t)
		p := b.plan(nil, graph(b)...)
		var order []string
		o := b.options()
		o.Workers = 1
		o.Seconds = func(address string) (float64, bool) { s, ok := test.seconds[address]; return s, ok }
		o.Events = func(e engine.Event) {
			if e.Type == engine.Started {
				order = append(order, p.Nodes[e.Node].Stage.Name)
			}
		}
		engine.Run(t.Context(), p, o)
		// One worker begins with what is ready: what is stored in the meantime may come later.
		if got := strings.Join(order, " "); !inOrder(order, test.order) {
			t.Errorf("%s: the order is %s, want %s", name, got, test.order)
		}
		text := ""
		for i := range p.Nodes {
			text += p.Nodes[i].Address() + " " + p.Nodes[i].Outputs[0].Digest.String() + "\n"
		}
		results = append(results, text)
	}
	for _, r := range results {
		if r != results[0] {
			t.Errorf("the order shows in the results:\n%s%s", r, results[0])
		}
	}
}

// inOrder compares the instances that were ready at the beginning; the others begin as soon as what they wait for is
// stored.
func inOrder(got []string, want string) bool {
	first := map[string]bool{"short": true, "long": true, "alone": true}
	var a, b []string
	for _, name := range got {
		if first[name] {
			a = append(a, name)
		}
	}
	for _, name := range strings.Fields(want) {
		if first[name] {
			b = append(b, name)
		}
	}
	return len(got) == 6 && strings.Join(a, " ") == strings.Join(b, " ")
}

// slow is a disk that takes an hour for each sync and for each blob that is read.
type slow struct{ artifacts.FS }

func (d slow) Create(name string) (artifacts.File, error) {
	f, err := d.FS.Create(name)
	return slowFile{f}, err
}

func (d slow) ReadFile(name string) ([]byte, time.Time, error) {
	if strings.Contains(name, "blobs") {
		time.Sleep(time.Hour)
	}
	return d.FS.ReadFile(name)
}

type slowFile struct{ artifacts.File }

func (f slowFile) Sync() error {
	time.Sleep(time.Hour)
	return f.File.Sync()
}

// What an instance took is what it worked, whether it ended well or not: neither the disk nor the store are in it.
func TestOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		store, err := artifacts.Open("/project/.spurion", artifacts.Options{FS: slow{fakedisk.New()}})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		b.store = store
		b.hooks["works"] = func(context.Context, *stages.Run) error { time.Sleep(3 * time.Second); return nil }
		b.hooks["fails"] = func(_ context.Context, r *stages.Run) error {
			time.Sleep(2 * time.Second)
			if _, err := r.Inputs["in"][0].Table(); err != nil {
				return err
			}
			time.Sleep(2 * time.Second)
			return context.DeadlineExceeded
		}
		a := b.stage("a", "works", 1)
		var p *plan.Plan
		got := map[string]engine.Outcome{}
		p = b.plan(nil, a, b.stage("c", "works", 2, a), b.stage("d", "fails", 3, a))
		o := b.options()
		o.Events = func(e engine.Event) {
			if e.Type == engine.Finished {
				got[p.Nodes[e.Node].Stage.Name] = e.Outcome
			}
		}
		begun := time.Now()
		engine.Run(t.Context(), p, o)
		if time.Since(begun) < time.Hour {
			t.Error("the disk was quick")
		}
		for name, want := range map[string]time.Duration{"a": 3 * time.Second, "c": 3 * time.Second, "d": 4 * time.Second} {
			if got[name].Elapsed != want {
				t.Errorf("%s took %v, want %v", name, got[name].Elapsed, want)
			}
		}
		m, err := store.Get(artifacts.Digest(p.Nodes[1].Key))
		if err != nil || m.Seconds != 3 {
			t.Errorf("recorded is %+v, %v", m, err)
		}
	})
}
