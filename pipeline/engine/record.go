package engine

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"time"

	"github.com/rs/zerolog"

	"spurion/artifacts"
	"spurion/pipeline/plan"
	"spurion/pipeline/program"
)

// A Record is what is kept of a run beside its results: its events, a JSON line each, for people (nothing reads
// them back), and at its end how every instance ended. Later plans explain themselves by it, and gc keeps what
// it refers to.
type Record struct {
	ID      string
	Started time.Time

	store   *artifacts.Store
	plan    *plan.Plan
	program string
	args    []string
	out     io.WriteCloser
	log     zerolog.Logger
}

// Begin names a run of the plan and opens its record. The program's name and version and its arguments are recorded.
func Begin(store *artifacts.Store, p *plan.Plan, program string, args []string) (*Record, error) {
	started := time.Now()
	args = p.Spec.MaskArgs(args)
	id, err := newRunID(started)
	if err != nil {
		return nil, err
	}
	out, err := store.EventLog(id)
	if err != nil {
		return nil, err
	}
	r := &Record{
		ID: id, Started: started, store: store, plan: p, program: program, args: args,
		out: out, log: zerolog.New(out).With().Timestamp().Str("run", id).Logger(),
	}
	c := p.Counts()
	r.log.Info().Str("spec", p.Spec.Path).Str("program", program).Strs("args", args).
		Int("cached", c.Cached).Int("run", c.Run).Int("blocked", c.Blocked).Msg("run started")
	return r, nil
}

// Unrecorded is a record of which nothing is kept, for a store that may not be written. It has no ID.
func Unrecorded(p *plan.Plan) *Record {
	return &Record{Started: time.Now(), plan: p, out: nowhere{}, log: zerolog.Nop()}
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Close() error                { return nil }

// newRunID names a run by its time, for people, and a random part, for runs of the same second.
func newRunID(t time.Time) (string, error) {
	var b [3]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return t.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:]), nil
}

// Event logs what happened; progress is passed over.
func (r *Record) Event(ev Event) {
	if ev.Type == Queued {
		r.log.Info().Int64("batches", ev.Total).Str("reason", ev.Owner).Msg("queued")
		return
	}
	n := &r.plan.Nodes[ev.Node]
	switch ev.Type {
	case Started:
		r.log.Info().Str("instance", n.Address()).Int("worker", ev.Worker).Str("host", ev.Host).Str("reason", n.Reason.Text).Msg("started")
	case Waiting:
		r.log.Info().Str("instance", n.Address()).Str("owner", ev.Owner).Msg("waiting")
	case Finished:
		x := r.log.Info()
		if ev.Outcome.Err != nil {
			x = r.log.Error().Err(ev.Outcome.Err)
		}
		if ev.Outcome.Continued != "" {
			x = x.Str("continued", ev.Outcome.Continued)
		}
		if used := ev.Outcome.Used; used != (program.Usage{}) {
			x = x.Float64("cpu_seconds", used.CPU.Seconds()).Int64("memory_bytes", used.Memory)
		}
		x.Str("instance", n.Address()).Str("status", string(ev.Outcome.Status)).Str("note", ev.Outcome.Note).
			Float64("seconds", ev.Outcome.Elapsed.Seconds()).Msg("finished")
	}
}

// End saves how every instance ended, and how the whole run did in a word.
func (r *Record) End(result *Result, outcome string) error {
	if r.store == nil {
		return nil
	}
	c := result.Counts()
	r.log.Info().Str("outcome", outcome).Int("cached", c.Cached).Int("computed", c.Computed).
		Int("failed", c.Failed).Int("skipped", c.Skipped).Int("canceled", c.Canceled).
		Float64("seconds", time.Since(r.Started).Seconds()).Msg("run ended")
	run := &artifacts.Run{
		ID: r.ID, Spec: r.plan.Spec.Name, SpecPath: r.plan.Spec.Path, Program: r.program,
		Args: r.args, Started: r.Started.UTC(), Finished: time.Now().UTC(), Outcome: outcome,
		Variables: map[string]string{},
	}
	for _, v := range r.plan.Spec.Variables {
		run.Variables[v.Name] = v.Value
	}
	for i, o := range result.Outcomes {
		n := &r.plan.Nodes[i]
		if o.Status == "" {
			if n.Later {
				run.Entries = append(run.Entries, artifacts.Entry{Address: n.Address(), Status: plan.LaterStatus})
			}
			continue
		}
		entry := artifacts.Entry{
			Address: n.Address(), Status: string(o.Status), Seconds: o.Elapsed.Seconds(),
			CPU: o.Used.CPU.Seconds(), Memory: o.Used.Memory,
		}
		if n.Keyed {
			entry.Key = artifacts.Digest(n.Key)
		}
		if o.Err != nil {
			entry.Error = o.Err.Error()
		}
		run.Entries = append(run.Entries, entry)
	}
	return r.store.SaveRun(run)
}

// Close closes the log. An error is of no use to anyone: every line was written when it was logged.
func (r *Record) Close() { _ = r.out.Close() }
