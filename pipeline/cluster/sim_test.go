package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"

	"spurion/stages"
)

// A fakeRun is an experiment: seeds generate data, on each of which trainings run, each of which is evaluated twice.
type fakeRun struct {
	c         *fakeCluster
	driver    *Driver
	deps      [][]int32
	next      [][]int32
	family    []int32
	recorded  func(id int32) float64
	each      func(id int32) stages.Resources
	outcome   []string // "", "done", or why it failed
	open      int
	doneTwice int
	name      string
	hides     func(id int32) bool // results that this machine cannot see
	waits     []string
}

func newFakeRun(c *fakeCluster, seeds, trainings int) *fakeRun {
	r := &fakeRun{c: c, name: "r", hides: func(int32) bool { return false }, recorded: func(int32) float64 { return 0 }, each: func(int32) stages.Resources { return stages.Resources{} }}
	add := func(family int32, deps ...int32) int32 {
		id := int32(len(r.deps))
		r.deps, r.family, r.next = append(r.deps, deps), append(r.family, family), append(r.next, nil)
		for _, d := range deps {
			r.next[d] = append(r.next[d], id)
		}
		return id
	}
	data := make([]int32, seeds)
	for s := range data {
		data[s] = add(0)
	}
	models := make([]int32, 0, seeds*trainings)
	for _, d := range data {
		for range trainings {
			models = append(models, add(1, d))
		}
	}
	for _, m := range models {
		add(2, m)
		add(3, m)
	}
	r.outcome = make([]string, len(r.deps))
	r.open = len(r.deps)
	return r
}

func (r *fakeRun) Len() int        { return len(r.deps) }
func (r *fakeRun) Ours(i int) bool { return true }
func (r *fakeRun) Task(i int) Task {
	return Task{Deps: r.deps[i], Family: r.family[i], Seconds: r.recorded(int32(i)), Each: r.each(int32(i))}
}

func (r *fakeRun) Encode(ids []int32, b Batch) ([]byte, error) {
	return json.Marshal(fakeBatch{ids, b.Time})
}

func (r *fakeRun) Decode(data []byte) []int32 {
	var b fakeBatch
	_ = json.Unmarshal(data, &b)
	return b.IDs
}

func (r *fakeRun) visible(i int) bool {
	seen, ok := r.c.stored[int32(i)]
	return ok && !seen.After(r.c.now) && !r.hides(int32(i))
}

func (r *fakeRun) Stored(i int) bool {
	if !r.visible(i) {
		return false
	}
	r.end(i, "done")
	return true
}

func (r *fakeRun) Started(int, string)        {}
func (r *fakeRun) Progress(int, int64, int64) {}

func (r *fakeRun) Done(i int, _ Note) bool {
	if !r.visible(i) {
		return false
	}
	r.end(i, "done")
	return true
}

func (r *fakeRun) Failed(i int, err error) { r.end(i, err.Error()) }

func (r *fakeRun) Waits(tasks int, reason string) {
	r.waits = append(r.waits, fmt.Sprint(tasks, " ", reason))
}

func (r *fakeRun) end(i int, how string) {
	if r.outcome[i] != "" {
		r.doneTwice++
	}
	r.outcome[i] = how
	r.open--
	r.driver.Ended(i)
	for _, n := range r.next[i] {
		if how == "done" {
			r.driver.Ready(int(n))
		} else if r.outcome[n] == "" {
			r.end(int(n), "needs what failed")
		}
	}
}

func (r *fakeRun) run(t *testing.T, o Options) time.Duration {
	t.Helper()
	o.Run, o.Executor, o.Disk, o.Clock = r.name, r.c, r.c, r.c
	r.driver = New(r, o)
	for i := range r.deps {
		if len(r.deps[i]) == 0 {
			r.driver.Ready(i)
		}
	}
	began := r.c.now
	if err := r.driver.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if r.open != 0 || r.doneTwice != 0 {
		t.Errorf("%d instances are open, and %d ended twice", r.open, r.doneTwice)
	}
	return r.c.now.Sub(began)
}

// lognormal gives each id a time of its own, with a mean.
func lognormal(seed uint64, n int, mean, sigma float64) []float64 {
	rnd := rand.New(rand.NewPCG(seed, 2))
	list := make([]float64, n)
	for i := range list {
		list[i] = math.Exp(rnd.NormFloat64()*sigma+math.Log(mean)-sigma*sigma/2) + 1e-3
	}
	return list
}

// TestScale has 10,000 instances computed by 200 slots of a cluster that fails in every way, or as many as SPURION_SCALE says. Nothing is lost, each
// instance ends once, and as much is asked of the cluster as is promised. For a million instances the time is at most 1.3 of the ideal one.
func TestScale(t *testing.T) {
	total := 10_000
	if s := os.Getenv("SPURION_SCALE"); s != "" {
		if _, err := fmt.Sscan(s, &total); err != nil {
			t.Fatal(err)
		}
	}
	for name, faults := range map[string]bool{"calm": false, "faults": true} {
		t.Run(name, func(t *testing.T) {
			c := newFakeCluster(7, 200)
			r := newFakeRun(c, total/1000, 333)
			mean := 1e6 / float64(total) / 2 // seconds, so that 200 slots have 2,500 seconds of work
			sigma := 1.5
			if total < 1_000_000 {
				sigma = .5 // no instance is to take as long as all should
			}
			took := lognormal(1, r.Len(), mean, sigma)
			guess := lognormal(2, r.Len(), 1, .7)
			c.seconds = func(id int32) float64 { return took[id] }
			r.recorded = func(id int32) float64 { return took[id] * guess[id] }
			if faults {
				c.nodeFails, c.orphans, c.preempts, c.loses, c.mute = .02, .3, .02, .1, .01
				c.lag = 20 * time.Second
				c.fails = func(id int32) string {
					if id%5003 == 17 {
						return "singular"
					}
					return ""
				}
			}
			makespan := r.run(t, Options{Running: 200})
			ideal := 0.
			for _, s := range took {
				ideal += s
			}
			ideal /= 200
			for i, how := range r.outcome {
				if wrong := c.fails(int32(i)) != "" && how != "needs what failed"; wrong != (how == "singular") || !wrong && how != "done" && how != "needs what failed" {
					t.Fatalf("instance %d: %q", i, how)
				}
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			calls, ratio := r.driver.Calls(), makespan.Seconds()/ideal
			t.Logf("%d instances: %v, ideal %.0f s, ratio %.2f; %d submissions, %d questions; %d computed twice; heap %d MB",
				r.Len(), makespan.Round(time.Second), ideal, ratio, calls.Submit, calls.Ask, c.twice, m.HeapAlloc>>20)
			if limit := 2e9; float64(m.HeapAlloc) > limit {
				t.Errorf("the driver takes %d bytes", m.HeapAlloc)
			}
			if most := int(makespan/(30*time.Second)) + 1; calls.Ask > most {
				t.Errorf("%d questions in %v; at most %d are promised", calls.Ask, makespan, most)
			}
			if most := int(makespan/(10*time.Second)) + 1 + r.Len()/1000; calls.Submit > most {
				t.Errorf("%d submissions in %v; at most %d are promised", calls.Submit, makespan, most)
			}
			if total >= 1_000_000 && ratio > 1.3 || ratio > 2 {
				t.Errorf("it takes %.2f times as long as it could", ratio)
			}
		})
	}
}

// TestCosts has the times of instances known, or not: what is not known does not keep slots empty.
func TestCosts(t *testing.T) {
	c := newFakeCluster(1, 50)
	r := newFakeRun(c, 20, 20)
	took := lognormal(1, r.Len(), 60, .5)
	c.seconds = func(id int32) float64 { return took[id] }
	makespan := r.run(t, Options{Running: 50})
	ideal := 0.
	for _, s := range took {
		ideal += s
	}
	ideal /= 50
	t.Logf("%v, ideal %.0f s; %d submissions", makespan, ideal, r.driver.Calls().Submit)
	if makespan.Seconds() > 1.5*ideal+300 {
		t.Errorf("%v, and %.0f s would do", makespan, ideal)
	}
}
