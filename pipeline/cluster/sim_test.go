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
	waits     []string
}

func newFakeRun(c *fakeCluster, seeds, trainings int) *fakeRun {
	r := &fakeRun{c: c, recorded: func(int32) float64 { return 0 }, each: func(int32) stages.Resources { return stages.Resources{} }}
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
	return ok && !seen.After(r.c.now)
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
	o.Run, o.Executor, o.Disk, o.Clock = "r", r.c, r.c, r.c
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

// TestScale has up to a million instances computed by 200 slots of a cluster that fails in every way. SPURION_SCALE=1000000 is the
// whole of it.
func TestScale(t *testing.T) {
	total := 100_000
	if s := os.Getenv("SPURION_SCALE"); s != "" {
		fmt.Sscan(s, &total)
	}
	for name, errors := range map[string]bool{"calm": false, "faults": true} {
		t.Run(name, func(t *testing.T) {
			c := newFakeCluster(7, 200)
			seeds := total / 1000
			r := newFakeRun(c, seeds, 333)
			took := lognormal(1, r.Len(), .5, 1.5)
			guess := lognormal(2, r.Len(), 1, .7)
			c.seconds = func(id int32) float64 { return took[id] }
			r.recorded = func(id int32) float64 { return took[id] * guess[id] }
			if errors {
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
			failed := 0
			for i, how := range r.outcome {
				if wrong := c.fails(int32(i)) != "" && how != "needs what failed"; wrong != (how == "singular") {
					t.Fatalf("instance %d: %q", i, how)
				}
				if how != "done" {
					failed++
				}
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			calls := r.driver.Calls()
			t.Logf("%d instances, %d not done: %v, ideal %.0f s, ratio %.2f; %d arrays, %d submissions, %d questions; %d computed twice; heap %d MB",
				r.Len(), failed, makespan.Round(time.Second), ideal, makespan.Seconds()/ideal, len(c.names), calls.Submit, calls.Ask, c.twice, m.HeapAlloc>>20)
		})
	}
}
