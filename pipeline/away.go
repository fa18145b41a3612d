package pipeline

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/batch"
	"spurion/pipeline/cluster"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/program"
	"spurion/pipeline/site"
	"spurion/stages"
)

// clusterDir is where a store keeps what runs on a cluster need: programs by their digests, files of projects likewise, and for each spec
// the arrays that are out.
const clusterDir = "cluster"

// An away has the instances of a run computed by an executor: it is the engine's Elsewhere, and the driver's Work.
type away struct {
	e      *Experiment
	p      *plan.Plan
	o      RunOptions
	driver *cluster.Driver
	maker  batch.Maker
	remote *engine.Remote
	common batch.Batch // what all batches have in common
	known  map[string]int32
	family map[*stages.Kind]int32
	lead   func() // gives up leading; nil before anybody leads
	self   Ongoing
	leader bool
	// job is the job that drives the run, for a process that only looks on; nil for others.
	job *cluster.DriverJob
	on  *site.Executor
}

// newAway prepares a run on the executor that is called o.On.
func (e *Experiment) newAway(p *plan.Plan, o RunOptions, run string) (*away, error) {
	x, err := site.Find(o.On, e.Spec.Root)
	if err != nil {
		return nil, err
	}
	times, err := x.Times()
	if err != nil {
		return nil, err
	}
	store, err := filepath.Abs(e.store.Dir())
	if err != nil {
		return nil, err
	}
	digest, path, err := keepProgram(filepath.Join(store, clusterDir, "programs"))
	if err != nil {
		return nil, fmt.Errorf("put the program into the store, for the tasks: %w", err)
	}
	identities, err := p.Identities()
	if err != nil {
		return nil, err
	}
	disk := filepath.Join(store, clusterDir, "runs", e.Spec.Name)
	a := &away{e: e, p: p, o: o, known: make(map[string]int32, len(p.Nodes)), family: map[*stages.Kind]int32{}}
	for i := range p.Nodes {
		if a.Ours(i) {
			a.known[identities[i].String()] = int32(i)
		}
	}
	files := filepath.Join(store, clusterDir, "files")
	a.maker = batch.Maker{
		Plan: p, Identities: identities, Variable: e.files.VariableValue,
		Supply: func(path string, d plan.Digest) error { return e.supply(files, path, d) },
		Seconds: func(id int32) float64 {
			s, _ := e.stored.Seconds(p.Nodes[id].Address())
			return s
		},
	}
	a.common = batch.Batch{
		Program: digest, Version: e.config.Program, Run: run, Spec: e.Spec.Name, SpecPath: e.Spec.Path,
		Timeout: o.Timeout, Keep: o.KeepFailed, Secrets: e.secrets,
	}
	a.common.Handed, _ = program.Handed(e.Spec.HandedOn())
	for _, name := range gpuVariables {
		delete(a.common.Handed, name) // they are about the devices of this machine
	}
	options := cluster.Options{
		Run: run, Executor: x.Cluster(cluster.Script{
			Setup: x.Setup, Scratch: x.Scratch, Program: path, Args: []string{"work", "--store", store},
		}, cluster.Folder(disk)),
		Disk: cluster.Folder(disk), Running: x.Running,
		Target: times.Target, Least: times.Least, Limit: times.Limit, Longest: times.Longest, Poll: times.Poll, Ask: times.Ask, Silent: times.Lost,
		Lead: a.leads, Say: e.config.note,
	}
	if x.Batch != nil {
		options.Most = x.Batch.Most
	}
	a.driver = cluster.New(a, options)
	a.self = Ongoing{Run: run, Spec: e.Spec.Name, On: o.On, Args: e.config.Args, Process: os.Getpid(), Started: time.Now().UTC(), dir: disk}
	if a.self.Root, err = filepath.Abs(e.Spec.Root); err != nil {
		return nil, err
	}
	if a.self.Folder, err = os.Getwd(); err != nil {
		return nil, err
	}
	a.self.Host, _ = os.Hostname()
	a.on = x
	if x.Driver == site.Job && os.Getenv(cluster.DriverVariable) == "" {
		a.job = &cluster.DriverJob{
			Name: driverName(disk), Dir: disk, Folder: a.self.Folder, Setup: x.Setup, Args: append([]string{path}, e.config.Args...), Time: times.Longest,
		}
	}
	return a, nil
}

// driverName gives the name of the job that drives the runs of a spec and a store.
func driverName(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return fmt.Sprintf("spurion-driver-%s-%x", filepath.Base(dir), sum[:4])
}

// submitDriver has a job drive the run, unless one does.
func (a *away) submitDriver(ctx context.Context) error {
	unlock, owner, err := a.e.store.TryLock(a.lock())
	if err != nil {
		return err
	}
	if unlock == nil {
		a.e.config.note(fmt.Sprintf("%s runs this spec on the cluster already; this run follows it", owner))
		return nil
	}
	defer unlock()
	slurm, ok := a.on.Cluster(cluster.Script{}, "").(*cluster.Slurm)
	if !ok {
		return errors.New("pipeline: only Slurm has jobs that drive")
	}
	if err := slurm.SubmitDriver(ctx, *a.job); err != nil {
		return err
	}
	if err := a.self.note(a.self.dir); err != nil {
		return err
	}
	a.e.config.note(fmt.Sprintf("the job %s drives this run; this process only looks on, and may be ended (spurion cancel ends the run)", a.job.Name))
	return nil
}

func (a *away) lock() artifacts.Digest { return artifacts.Sum([]byte("cluster " + a.e.Spec.Name)) }

// leads reports whether this process is the one that submits for this spec and store.
func (a *away) leads() bool {
	if a.job != nil {
		return false
	}
	unlock, owner, err := a.e.store.TryLock(a.lock())
	switch {
	case unlock != nil:
		if a.lead != nil {
			a.e.config.note("the process that ran this spec is gone; this run goes on with what it left")
		}
		a.lead, a.leader = unlock, true
		if err := a.self.note(a.self.dir); err != nil {
			a.e.config.note(fmt.Sprintf("spurion attach and cancel will not find this run: %v", err))
		}
		return true
	case err == nil && a.lead == nil:
		a.e.config.note(fmt.Sprintf("%s runs this spec on the cluster already; this run follows it", owner))
		a.lead = func() {}
	}
	return false
}

// goesAway reports whether a cluster computes a node: the driver's machine gathers, and judges claims, unless a stage that gathers says what it
// needs; the cluster does the rest.
func goesAway(n *plan.Node) bool {
	return n.Stage.Claim == nil && (!n.Stage.Kind.Gathers() || n.Resources != nil)
}

// Takes implements engine.Elsewhere.
func (*away) Takes(n *plan.Node) bool { return goesAway(n) }

// cancelCheck is how often a run looks whether it was canceled by another process.
const cancelCheck = 2 * time.Second

// Run implements engine.Elsewhere.
func (a *away) Run(ctx context.Context, r *engine.Remote) error {
	a.remote = r
	if a.job != nil && a.driver.Left() > 0 {
		if err := a.submitDriver(ctx); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		tick := time.NewTicker(cancelCheck)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if a.self.canceled() {
					cancel(ErrCanceled)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	err := a.driver.Run(ctx)
	cause := context.Cause(ctx)
	switch {
	case cause == nil || errors.Is(cause, ErrCanceled):
		if a.leader {
			a.self.over()
			a.e.unprovide(filepath.Dir(filepath.Dir(a.self.dir)))
		}
	case errors.Is(cause, ErrDetached):
	default:
		a.withdraw(context.WithoutCancel(ctx))
	}
	if a.lead != nil {
		a.lead()
	}
	return err
}

// withdraw cancels what this run has on the cluster.
func (a *away) withdraw(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := a.driver.Withdraw(ctx); err != nil {
		a.e.config.note(fmt.Sprintf("what is on the cluster could not be canceled: %v; spurion cancel %s tries again", err, a.self.Run))
		return
	}
	if a.leader {
		a.self.over()
	}
}

// Ready implements engine.Elsewhere.
func (a *away) Ready(id int) { a.driver.Ready(id) }

// Ended implements engine.Elsewhere.
func (a *away) Ended(id int) { a.driver.Ended(id) }

// Len implements cluster.Work.
func (a *away) Len() int { return len(a.p.Nodes) }

// Ours implements cluster.Work.
func (a *away) Ours(i int) bool {
	n := &a.p.Nodes[i]
	return n.Selected && n.Status != plan.Cached && a.Takes(n)
}

// Task implements cluster.Work.
func (a *away) Task(i int) cluster.Task {
	n := &a.p.Nodes[i]
	t := cluster.Task{Family: a.familyOf(n.Stage.Kind), Seconds: a.maker.Seconds(int32(i)), Late: n.Stage.Kind.Gathers()}
	for _, d := range n.Deps {
		if a.p.Nodes[d].Status != plan.Cached {
			t.Deps = append(t.Deps, d)
		}
	}
	if r := n.Resources; r != nil {
		t.Each = *r
	}
	return t
}

func (a *away) familyOf(k *stages.Kind) int32 {
	f, ok := a.family[k]
	if !ok {
		f = int32(len(a.family))
		a.family[k] = f
	}
	return f
}

// Encode implements cluster.Work.
func (a *away) Encode(ids []int32, b cluster.Batch) ([]byte, error) {
	x := a.common
	x.Limit, x.CPUs, x.Memory = b.Time, max(b.Each.CPUs, 1), b.Each.Memory
	if err := a.maker.Fill(&x, ids); err != nil {
		return nil, err
	}
	if a.e.behind != nil {
		if err := a.fetch(x.Outside); err != nil {
			return nil, err
		}
	}
	return x.Encode()
}

// fetch brings into the local store what tasks need and only the remote one has: they reach no other.
func (a *away) fetch(list []batch.Outside) error {
	for _, o := range list {
		for _, out := range o.Outputs {
			d, err := artifacts.ParseDigest(out.Digest)
			if err != nil {
				return err
			}
			path, packed := a.e.store.Where(d)
			if _, err := os.Stat(path); packed || err == nil {
				continue
			}
			if _, err := a.e.store.Blob(d); err != nil {
				return fmt.Errorf("fetch %s of %s for the cluster: %w", out.Name, stages.Address(o.Kind, o.Stage, nil), err)
			}
		}
	}
	return nil
}

// Decode implements cluster.Work.
func (a *away) Decode(data []byte) []int32 {
	b, err := batch.Decode(data)
	if err != nil || b.Program != a.common.Program {
		return nil
	}
	ids := make([]int32, len(b.Instances))
	for i := range ids {
		id, ok := a.known[b.Instances[i].Identity]
		if !ok {
			id = -1
		}
		ids[i] = id
	}
	return ids
}

// Stored implements cluster.Work.
func (a *away) Stored(i int) bool {
	if a.p.Nodes[i].Forced {
		return false
	}
	return a.remote.Arrived(i, engine.Outcome{Status: engine.Cached})
}

// Started implements cluster.Work.
func (a *away) Started(i int, host string) { a.remote.Started(i, host) }

// Progress implements cluster.Work.
func (a *away) Progress(i int, done, total int64) { a.remote.Progress(i, done, total) }

// Done implements cluster.Work.
func (a *away) Done(i int, n cluster.Note) bool {
	o := engine.Outcome{
		Status: engine.Computed, Elapsed: time.Duration(n.Seconds * float64(time.Second)), Note: n.Text,
		Used: program.Usage{CPU: n.CPU, Memory: n.Memory},
	}
	if n.Cached {
		o = engine.Outcome{Status: engine.Cached, Note: n.Text}
	}
	return a.remote.Arrived(i, o)
}

// Failed implements cluster.Work.
func (a *away) Failed(i int, err error) { a.remote.Failed(i, err) }

// Waits implements cluster.Work.
func (a *away) Waits(tasks int, reason string) { a.remote.Waits(tasks, reason) }

var errReadOnlyRun = errors.New("pipeline: a run on a cluster needs a store that can be written")
