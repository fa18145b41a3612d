// Package pipeline is all that the program calls: load a spec, plan it, run it, and look at what is
// there. Each verb is short, and names the package that does the work. Results are values with a JSON form, from
// which people's text is rendered.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/engine"
	"spurion/pipeline/lookup"
	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
	"spurion/pipeline/results"
	"spurion/pipeline/screen"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// A Config says which spec to open and where things are.
type Config struct {
	Path  string // a .hcl file or a folder of them
	Kinds *stages.Registry
	// Vars, VarFiles and Environ set the spec's variables: see spec.Options.
	Vars, VarFiles, Environ []string
	MaxInstances            int
	Root                    string // the project; "" stands for the one that is found: see located
	Store                   string // "" stands for DefaultStore under Root
	// Remote is the URL of the store behind it; "" stands for what the project's file says, NoRemote for none.
	Remote string
	Out    string // "" stands for DefaultOut under Root
	// DataRoots are folders outside of the project, by the names that specs have for them.
	DataRoots map[string]string
	Lenient   spec.Leniency // says what may be wrong with them; a run takes spec.AllData
	Program   string        // name and version, recorded with what is stored
	// Code gives a digest of the code that a kind is made of, recorded with what it computes, and "" where it
	// does not know; it may be nil.
	Code func(*stages.Kind) string
	Args []string
	Warn func(error) // told of damage that was found; may be nil
	// Note is told what people may want to know, such as where a store was made; it may be nil.
	Note func(string)
}

// Where a project keeps its store and what people open, unless told otherwise.
const (
	DefaultStore = ".spurion"
	DefaultOut   = "out"
)

// An Experiment is a loaded spec with its store.
type Experiment struct {
	Spec *spec.Spec
	// Warnings are what the loader had to say that is not an error.
	Warnings spec.Diagnostics

	config Config
	access Access
	store  *artifacts.Store // nil if there is none yet and nothing may be written
	stored *lookup.Store    // what it holds
	behind *behind          // nil: there is no remote store
	files  *lookup.Files
	// secrets are masked in what the program prints and what is shown of results: see secretsOf.
	secrets []string
	screen  *screen.Secrets
}

// Access says what an experiment may do with its store.
type Access bool

// ReadOnly leaves the store as it is, but for digests of files outside of it; a store that does not exist is taken for
// an empty one.
const (
	ReadOnly  Access = false
	ReadWrite Access = true
)

// Validate loads a spec without looking at the store.
func Validate(c Config) (*spec.Spec, spec.Diagnostics) {
	c = c.located()
	return spec.Load(c.Path, spec.Options{
		Kinds: c.Kinds, Vars: c.Vars, VarFiles: c.VarFiles, Environ: c.Environ,
		Root: c.Root, MaxInstances: c.MaxInstances, DataRoots: c.DataRoots, Lenient: c.Lenient, Hide: c.own(),
	})
}

// own gives the folders of the project that runs write to, relative to it with forward slashes.
func (c Config) own() []string {
	var list []string
	for _, dir := range []string{c.storeDir(), c.outDir()} {
		root, err := filepath.Abs(c.Root)
		if err != nil {
			continue
		}
		if dir, err = filepath.Abs(dir); err != nil {
			continue
		}
		if rel, err := filepath.Rel(root, dir); err == nil && filepath.IsLocal(rel) {
			list = append(list, filepath.ToSlash(rel))
		}
	}
	return list
}

// Open loads the spec and opens the store. If the spec has mistakes the error is a spec.Diagnostics.
func Open(c Config, access Access) (*Experiment, error) {
	c = c.located()
	s, diagnostics := Validate(c)
	if diagnostics.HasErrors() {
		return nil, diagnostics
	}
	c.Root = s.Root
	c, err := c.withRemote()
	if err != nil {
		return nil, err
	}
	store, err := openStore(c, access)
	if err != nil {
		return nil, err
	}
	e := &Experiment{
		Spec: s, Warnings: diagnostics, config: c, access: access,
		store: store, stored: lookup.NewStore(store, s.Name), files: lookup.NewFiles(s.Root, c.DataRoots),
	}
	e.secrets = secretsOf(s)
	e.screen = screen.NewSecrets(e.secrets...)
	for _, u := range s.Unread {
		c.note("not checked: " + u.String() + "; what reads it is shown as the last run left it")
	}
	if store != nil {
		e.files.Remember(e.digests())
	}
	e.putBehind()
	return e, nil
}

// digests is where the digests of large files outside of the graph are remembered: they are hashed again only if
// something about them changed.
func (e *Experiment) digests() string { return filepath.Join(e.store.Dir(), "digests") }

// keepDigests saves what was found since they were read. Whoever only looks keeps them too, where the disk allows it: what
// cannot be kept is found again.
func (e *Experiment) keepDigests() {
	if e.store != nil {
		_ = e.files.Save(e.digests())
	}
}

// openStore opens the configured store; nil without error if it does not exist and must not be made.
func openStore(c Config, access Access) (*artifacts.Store, error) {
	dir := c.storeDir()
	_, err := os.Stat(dir)
	missing := os.IsNotExist(err)
	if missing && access == ReadOnly {
		return nil, nil
	}
	store, err := artifacts.Open(dir, artifacts.Options{ReadOnly: access == ReadOnly, Warn: c.Warn})
	if errors.Is(err, artifacts.ErrBeingMade) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if missing {
		c.note("made the store " + dir)
	}
	return store, nil
}

func (c Config) note(text string) {
	if c.Note != nil {
		c.Note(text)
	}
}

// program is recorded with what a kind computes.
func (c Config) program(k *stages.Kind) string {
	if c.Code != nil {
		if code := c.Code(k); code != "" {
			return c.Program + ", code " + code
		}
	}
	return c.Program
}

func (c Config) storeDir() string {
	if c.Store != "" {
		return c.Store
	}
	return filepath.Join(c.Root, DefaultStore)
}

func (c Config) outDir() string {
	if c.Out != "" {
		return c.Out
	}
	return filepath.Join(c.Root, DefaultOut)
}

// Close lets go of the store.
func (e *Experiment) Close() error {
	err := e.behind.close()
	if e.store == nil {
		return err
	}
	e.keepDigests()
	return errors.Join(err, e.store.Close())
}

// Selection says which instances a command is about: addresses with globs, as in plan.ParsePattern.
type Selection struct {
	Targets []string // none stands for all
	Force   []string // to be computed even if they are cached
	// Resources say what instances need of a machine, where it is not what their stages say: see plan.ParseOverride.
	Resources []string
}

// Plan says what a run would do.
func (e *Experiment) Plan(ctx context.Context, sel Selection) (*plan.Plan, error) {
	targets, err := plan.ParsePatterns(sel.Targets)
	if err != nil {
		return nil, err
	}
	force, err := plan.ParsePatterns(sel.Force)
	if err != nil {
		return nil, err
	}
	resources, err := plan.ParseOverrides(sel.Resources)
	if err != nil {
		return nil, err
	}
	p, err := plan.New(ctx, e.Spec, plan.Options{
		Targets: targets, Force: force, Resources: resources, Cache: e.stored, External: e.files, Program: e.config.program,
	})
	e.keepDigests() // hours of work may follow, and be killed
	return p, err
}

// Foresee adds to a plan's reasons what instances that would run would go on from, for the first so many of each stage.
func (e *Experiment) Foresee(p *plan.Plan, each int) {
	for _, st := range p.Order {
		left := each
		for i := 0; i < len(st.Instances) && left > 0 && st.Kind.Continuation != nil; i++ {
			if n := p.Node(st, i); n.Selected && n.Status == plan.MustRun {
				p.Foresee(n, e.stored)
				left--
			}
		}
	}
}

// RunOptions say how a run goes about its work.
type RunOptions struct {
	Workers  int           // 0 stands for the number of processors
	FailFast bool          // start nothing more after the first failure
	Timeout  time.Duration // of one instance; 0 stands for none
	// KeepFailed keeps the folders in which programs of failed instances ran.
	KeepFailed bool
	// On names the executor that computes what it can: see package site. "" stands for this machine.
	On string
	// Watch is told what happens, one call at a time; it may be nil.
	Watch func(Event)
}

// An Event is something that happens to an instance during a run.
type Event struct {
	engine.Event
	Address string
	Stage   string
	Reason  *plan.Reason // of Started: why it runs
}

// Run carries out a plan, records the run, and brings out/ up to date with all that is cached. What went
// wrong with instances is in the report; the error is for what kept the run from being made or
// recorded. Finished instances are kept whatever happens to the rest.
func (e *Experiment) Run(ctx context.Context, p *plan.Plan, o RunOptions) (*results.Report, error) {
	if e.store == nil {
		return nil, errors.New("pipeline: the experiment was opened read-only")
	}
	out := e.out(nil)
	if err := publish.CheckOwner(out.Dir, out.SpecPath); err != nil {
		return nil, err // before hours of work
	}
	workers := workersOr(o.Workers)
	here := machineFor(p, workers)
	if err := here.fit(p, func(n *plan.Node) bool { return o.On != "" && goesAway(n) }); err != nil {
		return nil, err
	}
	record, err := engine.Begin(e.store, p, e.config.Program, e.config.Args)
	readOnly := errors.Is(err, artifacts.ErrReadOnly)
	if readOnly { // what is cached can be served; if something must be computed, the engine says that it cannot be
		record, err = engine.Unrecorded(p), nil
	}
	if err != nil {
		return nil, err
	}
	defer record.Close()
	push := e.pusher(ctx, p)
	defer e.tellRemote(ctx, push)
	options := engine.Options{
		Store: e.store, Cache: e.stored, External: e.files,
		Workers: workers, Memory: here.memory, GPUs: here.gpus, FailFast: o.FailFast, Timeout: o.Timeout, KeepFailed: o.KeepFailed,
		Spec: e.Spec.Name, Program: e.config.program, Secrets: e.secrets, Seconds: e.stored.Seconds,
		Events: func(ev engine.Event) {
			record.Event(ev)
			if push != nil && ev.Type == engine.Finished && ev.Outcome.Status == engine.Computed {
				push.Add(artifacts.Digest(p.Nodes[ev.Node].Key))
			}
			if o.Watch != nil {
				o.Watch(newEvent(p, ev))
			}
		},
	}
	if o.On != "" {
		if readOnly {
			return nil, errReadOnlyRun
		}
		elsewhere, err := e.newAway(p, o, record.ID)
		if err != nil {
			return nil, err
		}
		options.Elsewhere = elsewhere
	}
	result := engine.Run(ctx, p, options)
	r := results.New(record.ID, p, result, time.Since(record.Started).Seconds())
	if err := record.End(result, string(r.Outcome)); err != nil {
		return r, fmt.Errorf("record the run: %w", err)
	}
	e.stored.Refresh()
	if result.Fatal != nil {
		return r, result.Fatal
	}
	if err := r.AddDiverged(p, result, e.shown(result.Reader(context.WithoutCancel(ctx)))); err != nil {
		return r, err
	}
	// What was interrupted is still shown: out/ says how many instances are missing.
	err = e.publish(context.WithoutCancel(ctx), p, result, r)
	if readOnly {
		e.config.note(fmt.Sprintf("the store %s may not be written, so this run is not recorded", e.store.Dir()))
	}
	r.Seconds = time.Since(record.Started).Seconds()
	return r, err
}

func newEvent(p *plan.Plan, x engine.Event) Event {
	if x.Node < 0 {
		return Event{Event: x}
	}
	n := &p.Nodes[x.Node]
	ev := Event{Event: x, Address: n.Address(), Stage: n.Stage.ID()}
	if x.Type == engine.Started {
		ev.Reason = &n.Reason
	}
	return ev
}
