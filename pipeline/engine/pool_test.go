package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
	"spurion/pipeline/engine"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// A fair is a bench in virtual time, whose stages last so many seconds, and which notes what is at work. They write plain files: the
// encoders of tables outlive a test, and so may not be made in its time.
type fair struct {
	*bench
	stages []*spec.Stage

	mu     sync.Mutex
	begun  map[string]time.Duration
	now    stages.Resources // of those at work
	most   stages.Resources
	origin time.Time
}

func newFair(t *testing.T) *fair {
	f := &fair{bench: newBench(t), begun: map[string]time.Duration{}, origin: time.Now()}
	store, err := artifacts.Open("/project/.spurion", artifacts.Options{FS: fakedisk.New()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	f.store = store
	f.kind = stages.Define(stages.Kind{
		Name: "test", Version: 1, Doc: "A kind for tests.",
		Inputs:  []stages.Input{{Name: "in", Type: stages.AnyType, Cardinality: stages.List}},
		Outputs: []stages.Output{{Name: "out", Extension: ".txt"}},
	}, func(ctx context.Context, s *settings, r *stages.Run) error {
		if err := f.hooks[s.Does](ctx, r); err != nil {
			return err
		}
		return r.WriteFile("out", []byte(s.Does))
	})
	return f
}

// add adds a stage that lasts so many seconds and needs r.
func (f *fair) add(name string, seconds int, r *stages.Resources, uses ...*spec.Stage) *spec.Stage {
	needs := stages.Resources{CPUs: 1}
	if r != nil {
		needs = *r
		needs.CPUs = max(r.CPUs, 1)
	}
	f.hooks[name] = func(context.Context, *stages.Run) error {
		f.change(func() { f.begun[name] = time.Since(f.origin) }, needs, 1)
		time.Sleep(time.Duration(seconds) * time.Second)
		f.change(func() {}, needs, -1)
		return nil
	}
	st := f.stage(name, name, int64(len(f.stages)), uses...)
	st.Instances[0].Resources = r
	f.stages = append(f.stages, st)
	return st
}

func (f *fair) change(note func(), r stages.Resources, sign int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	note()
	f.now.CPUs += sign * r.CPUs
	f.now.GPUs += sign * r.GPUs
	f.now.Memory += int64(sign) * r.Memory
	f.most = stages.Resources{CPUs: max(f.most.CPUs, f.now.CPUs), GPUs: max(f.most.GPUs, f.now.GPUs), Memory: max(f.most.Memory, f.now.Memory)}
}

// run does all, and gives how long that takes.
func (f *fair) run(o engine.Options) time.Duration {
	f.t.Helper()
	p := f.plan(nil, f.stages...)
	o.Store, o.Cache, o.External = f.store, lookup{f.store}, f.bench
	result := engine.Run(f.t.Context(), p, o)
	took := time.Since(f.origin)
	for i, outcome := range result.Outcomes {
		if outcome.Status != engine.Computed {
			f.t.Errorf("%s is %s: %v", p.Nodes[i].Address(), outcome.Status, outcome.Err)
		}
	}
	return took
}

// What is at work at once fits the machine, and is as much as fits beside what the first that waits needs.
func TestPoolBounds(t *testing.T) {
	for name, c := range map[string]struct {
		needs []stages.Resources // of instances that last a second each
		took  time.Duration
		most  stages.Resources
	}{
		"processors":      {[]stages.Resources{{CPUs: 4}, {CPUs: 2}, {CPUs: 2}, {CPUs: 3}, {CPUs: 1}}, 3 * time.Second, stages.Resources{CPUs: 4}},
		"memory":          {[]stages.Resources{{Memory: 6}, {Memory: 6}, {Memory: 4}, {Memory: 4}}, 3 * time.Second, stages.Resources{CPUs: 2, Memory: 10}},
		"GPUs":            {[]stages.Resources{{GPUs: 2}, {GPUs: 1}, {GPUs: 1}, {}, {}}, 2 * time.Second, stages.Resources{CPUs: 3, GPUs: 2}},
		"workers":         {make([]stages.Resources, 9), 3 * time.Second, stages.Resources{CPUs: 4}},
		"more than all":   {[]stages.Resources{{CPUs: 99, Memory: 99, GPUs: 99}, {}}, 2 * time.Second, stages.Resources{CPUs: 99, Memory: 99, GPUs: 99}},
		"several at once": {[]stages.Resources{{CPUs: 2, Memory: 5, GPUs: 1}, {CPUs: 2, Memory: 5, GPUs: 1}, {CPUs: 1, Memory: 10}}, 2 * time.Second, stages.Resources{CPUs: 4, Memory: 10, GPUs: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFair(t)
				for i := range c.needs {
					f.add(fmt.Sprintf("s%d", i), 1, &c.needs[i])
				}
				took := f.run(engine.Options{Workers: 4, Memory: 10, GPUs: engine.GPUs{Variable: "X", Slots: []string{"a", "b"}}})
				if took != c.took || f.most != c.most {
					t.Errorf("it took %v and at most %+v, want %v and %+v", took, f.most, c.took, c.most)
				}
			})
		})
	}
}

// A large instance waits for those at work, and not for the small ones that are ready beside it.
func TestLargeIsNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFair(t)
		first := f.add("first", 1, nil)
		f.add("large", 10, &stages.Resources{CPUs: 3}, first)
		for i := range 30 {
			f.add(fmt.Sprintf("small%d", i), 5, nil)
		}
		seconds := map[string]float64{"test.first": 1, "test.large": 1000}
		f.run(engine.Options{Workers: 3, Seconds: func(a string) (float64, bool) { s, ok := seconds[a]; return s, ok }})
		if at := f.begun["large"]; at > 6*time.Second { // one may have begun in the moment between the two
			t.Errorf("it began after %v, long after those were done that had begun before it", at)
		}
	})
}

// What waits for a GPU leaves the processors that it does not need to others, whatever their rank.
func TestWaitingForGPULeavesProcessors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFair(t)
		seconds := map[string]float64{}
		for i := range 6 {
			f.add(fmt.Sprintf("gpu%d", i), 10, &stages.Resources{GPUs: 1})
			seconds[fmt.Sprintf("test.gpu%d", i)] = 10
		}
		for i := range 60 {
			f.add(fmt.Sprintf("cpu%d", i), 1, nil)
			seconds[fmt.Sprintf("test.cpu%d", i)] = 1
		}
		took := f.run(engine.Options{Workers: 3, GPUs: engine.GPUs{Variable: "X", Slots: []string{"0"}},
			Seconds: func(a string) (float64, bool) { s, ok := seconds[a]; return s, ok }})
		if took != time.Minute {
			t.Errorf("it took %v; the GPU alone is busy for a minute", took)
		}
	})
}

// The time of the resources limits an instance, if it is shorter than the run's limit, and is named.
func TestTimeOfResources(t *testing.T) {
	for _, c := range []struct {
		run, own time.Duration
		cause    string
	}{
		{0, time.Minute, "timed out after 1m0s, the time in its resources"},
		{time.Hour, time.Minute, "timed out after 1m0s, the time in its resources"},
		{time.Minute, time.Hour, "timed out after 1m0s, the run's --timeout"},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFair(t)
			f.hooks["hangs"] = func(ctx context.Context, _ *stages.Run) error {
				<-ctx.Done()
				return ctx.Err()
			}
			st := f.stage("hangs", "hangs", 1)
			st.Instances[0].Resources = &stages.Resources{Time: c.own}
			p := f.plan(nil, st)
			o := f.options()
			o.Timeout = c.run
			err := engine.Run(t.Context(), p, o).Outcomes[0].Err
			if !errors.Is(err, engine.ErrTimeout) || err.Error() != c.cause || time.Since(f.origin) != time.Minute {
				t.Errorf("%v within %v: %v after %v", c.own, c.run, err, time.Since(f.origin))
			}
		})
	}
}

// A program is told what it has: its GPUs and no others where the run hands out some, and its processors if its stage speaks of them.
func TestProgramsAreGranted(t *testing.T) {
	t.Setenv("CUDA_VISIBLE_DEVICES", "GPU-a,MIG-b")
	const ask = `echo "threads ${OMP_NUM_THREADS-unset}, devices ${CUDA_VISIBLE_DEVICES-unset}"`
	for name, c := range map[string]struct {
		needs []*stages.Resources
		env   map[string]string
		pass  []string
		want  []string
	}{
		"nothing is said":       {[]*stages.Resources{nil}, nil, nil, []string{"threads unset, devices unset"}},
		"processors":            {[]*stages.Resources{{CPUs: 3}, {Memory: 1}}, nil, nil, []string{"threads 3, devices unset", "threads unset, devices unset"}},
		"GPUs, and none beside": {[]*stages.Resources{{GPUs: 2}, nil, {GPUs: 1}}, nil, nil, []string{"threads unset, devices GPU-a,MIG-b", "threads unset, devices ", "threads unset, devices GPU-a"}},
		"the stage's own":       {[]*stages.Resources{{GPUs: 1, CPUs: 2}}, map[string]string{"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "5"}, nil, []string{"threads 1, devices 5"}},
		"handed on":             {[]*stages.Resources{{GPUs: 1}, nil}, nil, []string{"CUDA_VISIBLE_DEVICES"}, []string{"threads unset, devices GPU-a", "threads unset, devices "}},
		"handed on alone":       {[]*stages.Resources{{CPUs: 1}}, nil, []string{"CUDA_VISIBLE_DEVICES"}, []string{"threads 1, devices (sensitive)"}},
	} {
		b := newBench(t)
		b.hooks["asks"] = func(ctx context.Context, r *stages.Run) error {
			_, err := r.Command(ctx, stages.Command{Args: []string{"sh", "-c", ask}, Env: c.env, Pass: c.pass})
			return err
		}
		var list []*spec.Stage
		for i, r := range c.needs {
			list = append(list, b.stage(fmt.Sprintf("s%d", i), "asks", int64(i)))
			list[i].Instances[0].Resources = r
		}
		p := b.plan(nil, list...)
		o := b.options()
		o.Workers, o.GPUs = 4, engine.GPUs{Variable: "CUDA_VISIBLE_DEVICES", Slots: []string{"GPU-a", "MIG-b"}}
		result := engine.Run(t.Context(), p, o)
		for i, want := range c.want {
			if used := result.Outcomes[i].Used; used.CPU <= 0 || used.Memory <= 0 && runtime.GOOS == "linux" {
				t.Errorf("%s: the program of %s took %+v", name, list[i].Name, used)
			}
			if log, _ := b.logOf(artifacts.Digest(p.Node(list[i], 0).Key)); !strings.Contains(log, want+"\n") {
				t.Errorf("%s: %s was given\n%swant %s", name, list[i].Name, log, want)
			}
		}
	}
}

// Instances at work at once have different GPUs.
func TestGPUsAreNotShared(t *testing.T) {
	b := newBench(t)
	var mu sync.Mutex
	here := make(chan bool)
	both := sync.OnceFunc(func() { close(here) })
	waiting := 0
	b.hooks["asks"] = func(ctx context.Context, r *stages.Run) error {
		result, err := r.Command(ctx, stages.Command{Args: []string{"sh", "-c", `echo "has $CUDA_VISIBLE_DEVICES."`}})
		if err != nil || result.ExitCode != 0 {
			return errors.Join(err, errors.New("it failed"))
		}
		mu.Lock()
		if waiting++; waiting == 2 {
			both()
		}
		mu.Unlock()
		<-here
		return nil
	}
	list := []*spec.Stage{b.stage("a", "asks", 1), b.stage("b", "asks", 2)}
	for _, st := range list {
		st.Instances[0].Resources = &stages.Resources{GPUs: 1}
	}
	p := b.plan(nil, list...)
	o := b.options()
	o.GPUs = engine.GPUs{Variable: "CUDA_VISIBLE_DEVICES", Slots: []string{"7", "3"}}
	engine.Run(t.Context(), p, o)
	logs := ""
	for i := range p.Nodes {
		log, _ := b.logOf(artifacts.Digest(p.Nodes[i].Key))
		logs += log
	}
	if !strings.Contains(logs, "has 7.\n") || !strings.Contains(logs, "has 3.\n") {
		t.Errorf("the programs had\n%s", logs)
	}
}
