package pipeline

import (
	"io"

	"github.com/rs/zerolog"

	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
)

// A runLog writes the events of a run as JSON lines beside its record. Nothing reads it back.
type runLog struct {
	out io.WriteCloser
	log zerolog.Logger
}

func (e *Experiment) openLog(id string) (*runLog, error) {
	out, err := e.store.EventLog(id)
	if err != nil {
		return nil, err
	}
	return &runLog{out: out, log: zerolog.New(out).With().Timestamp().Str("run", id).Logger()}, nil
}

func (l *runLog) start(e *Experiment, p *plan.Plan) {
	c := p.Counts()
	l.log.Info().Str("spec", e.Spec.Path).Str("program", e.config.Program).Strs("args", e.config.Args).
		Int("cached", c.Cached).Int("run", c.Run).Int("blocked", c.Blocked).Msg("run started")
}

func (l *runLog) event(ev Event) {
	switch ev.Type {
	case engine.Started:
		l.log.Info().Str("instance", ev.Address).Int("worker", ev.Worker).Str("reason", ev.Reason.Text).Msg("started")
	case engine.Waiting:
		l.log.Info().Str("instance", ev.Address).Str("owner", ev.Owner).Msg("waiting")
	case engine.Finished:
		x := l.log.Info()
		if ev.Outcome.Err != nil {
			x = l.log.Error().Err(ev.Outcome.Err)
		}
		x.Str("instance", ev.Address).Str("status", string(ev.Outcome.Status)).Str("note", ev.Outcome.Note).
			Float64("seconds", ev.Outcome.Elapsed.Seconds()).Msg("finished")
	}
}

func (l *runLog) end(r *Report) {
	l.log.Info().Str("outcome", string(r.Outcome)).Int("cached", r.Counts.Cached).Int("computed", r.Counts.Computed).
		Int("failed", r.Counts.Failed).Int("skipped", r.Counts.Skipped).Int("canceled", r.Counts.Canceled).
		Float64("seconds", r.Seconds).Msg("run ended")
}

// close closes the log. An error is of no use to anyone: every line was written when it was logged.
func (l *runLog) close() { _ = l.out.Close() }
