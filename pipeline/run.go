package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
)

// RunOptions say how a run goes about its work.
type RunOptions struct {
	Workers  int           // 0 stands for the number of processors
	FailFast bool          // start nothing more after the first failure
	Timeout  time.Duration // of one instance; 0 stands for none
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
func (e *Experiment) Run(ctx context.Context, p *plan.Plan, o RunOptions) (*Report, error) {
	if e.store == nil {
		return nil, errors.New("pipeline: the experiment was opened read-only")
	}
	started := time.Now()
	id, err := newRunID(started)
	if err != nil {
		return nil, err
	}
	log, err := e.openLog(id)
	if err != nil {
		return nil, err
	}
	defer log.close()
	log.start(e, p)
	result := engine.Run(ctx, p, engine.Options{
		Store: e.store, Cache: e.cache, External: e.files,
		Workers: o.Workers, FailFast: o.FailFast, Timeout: o.Timeout,
		Spec: e.Spec.Name, Program: e.config.Program,
		Events: func(x engine.Event) {
			ev := describe(p, x)
			log.event(ev)
			if o.Watch != nil {
				o.Watch(ev)
			}
		},
	})
	report := e.report(id, p, result, started)
	log.end(report)
	if err := e.record(report, p, result, started); err != nil {
		return report, fmt.Errorf("record the run: %w", err)
	}
	if result.Fatal != nil {
		return report, result.Fatal
	}
	// What was interrupted is still shown: out/ says how many instances are missing.
	err = e.publish(context.WithoutCancel(ctx), p, result, report)
	report.Seconds = time.Since(started).Seconds()
	return report, err
}

func describe(p *plan.Plan, x engine.Event) Event {
	n := &p.Nodes[x.Node]
	ev := Event{Event: x, Address: n.Address(), Stage: n.Stage.ID()}
	if x.Type == engine.Started {
		ev.Reason = &n.Reason
	}
	return ev
}

// newRunID names a run by its time, for people, and a random part, for runs of the same second.
func newRunID(t time.Time) (string, error) {
	var b [3]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return t.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:]), nil
}

// record saves the run: later plans explain themselves by it, and gc keeps what it refers to.
func (e *Experiment) record(r *Report, p *plan.Plan, result *engine.Result, started time.Time) error {
	run := &artifacts.Run{
		ID: r.Run, Spec: e.Spec.Name, SpecPath: e.Spec.Path, Program: e.config.Program,
		Args: e.config.Args, Started: started.UTC(), Finished: time.Now().UTC(), Outcome: string(r.Outcome),
		Variables: map[string]string{},
	}
	for _, v := range e.Spec.Variables {
		run.Variables[v.Name] = v.Value
	}
	for i, o := range result.Outcomes {
		if o.Status == "" {
			continue
		}
		entry := artifacts.Entry{
			Address: p.Nodes[i].Address(), Status: string(o.Status), Seconds: o.Elapsed.Seconds(),
		}
		if p.Nodes[i].Keyed {
			entry.Key = artifacts.Digest(p.Nodes[i].Key)
		}
		if o.Err != nil {
			entry.Error = o.Err.Error()
		}
		run.Entries = append(run.Entries, entry)
	}
	return e.store.SaveRun(run)
}
