package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spurion/artifacts"
	"spurion/pipeline"
)

// A logFlags holds the flags of log.
type logFlags struct {
	follow, stdout, stderr, raw, failed bool
}

func (a *app) logCommand() *cobra.Command {
	var f logFlags
	cmd := &cobra.Command{
		Use:   "log SPEC ADDRESS",
		Short: "Show what the program of an exec stage printed",
		Long: `Shows what the programs of the instances that ADDRESS selects printed when they were run last, in the order in which
it came: "|" stands before what went to standard output, "!" before what went to standard error, "#" before what
spurion has to say. It can be read while a program runs. With --follow a program that has not started yet is waited for,
also where no run is on yet.

Of a line that was written over, such as a progress bar, its last state is shown, and no escape sequences; --raw gives
the bytes as they came. The log of the last failure is kept until the instance is computed or fails again. Of a log
beyond 32 MB the first 8 and the last 24 are kept.`,
		Example: `  spurion log specs/examples/own_method.hcl 'exec.ridge[seed=0,key=ridge_1]'
  spurion log -f specs/examples/own_method.hcl 'exec.ridge[seed=0,key=ridge_1]'
  spurion log --stderr --raw specs/examples/own_data.hcl exec.gaussian > errors.txt`,
		Annotations: exits("0 done", "1 there is no log, or the store cannot be read", "2 the spec or the command line has mistakes"),
		Args:        needArgs(2, 2, "SPEC", "ADDRESS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(a.json); err != nil {
				return err
			}
			return a.log(cmd.Context(), args[0], args[1], f)
		},
		ValidArgsFunction: a.completeTargets,
	}
	flags := cmd.Flags()
	flags.BoolVarP(&f.follow, "follow", "f", false, "wait until the program starts, and go on until it ends")
	flags.BoolVar(&f.stdout, "stdout", false, "show standard output alone")
	flags.BoolVar(&f.stderr, "stderr", false, "show standard error alone")
	flags.BoolVar(&f.raw, "raw", false, "print the bytes as they came")
	flags.BoolVar(&f.failed, "failed", false, "show the log of the last failure, which an interrupted run after it left")
	jsonFlag(cmd)
	return cmd
}

func (f *logFlags) check(json bool) error {
	switch {
	case f.stdout && f.stderr:
		return usagef("--stdout and --stderr: choose one; without them both are shown")
	case json && (f.raw || f.follow):
		return usagef("--json does not go with --raw and --follow")
	}
	return nil
}

// shows reports whether records of a kind are asked for.
func (f *logFlags) shows(kind artifacts.LogKind) bool {
	switch kind {
	case artifacts.LogStdout:
		return !f.stderr
	case artifacts.LogStderr:
		return !f.stdout
	}
	return !f.stdout && !f.stderr && !f.raw
}

func (a *app) log(ctx context.Context, path, address string, f logFlags) error {
	e, err := a.look(path)
	if err != nil {
		return err
	}
	defer e.Close()
	if f.follow && !f.failed {
		l, err := a.awaitLog(ctx, e, address)
		if err != nil {
			return err
		}
		return a.printLog(l, f)
	}
	logs, err := e.Logs(ctx, address, f.failed)
	if err != nil {
		return err
	}
	if f.follow && len(logs) > 1 {
		return usagef("%s has %d logs: name one instance to follow, such as %s", address, len(logs), logs[0].Address)
	}
	if a.json {
		views := make([]logView, len(logs))
		for i := range logs {
			if views[i], err = readLog(&logs[i], f); err != nil {
				return err
			}
		}
		return a.printJSON(views)
	}
	for i := range logs {
		if i > 0 && !f.raw {
			a.out.WriteByte('\n')
		}
		if err := a.printLog(&logs[i], f); err != nil {
			return err
		}
	}
	return nil
}

// awaitLog waits for the log of an instance, and tells on standard error what for. A look at a large spec takes its
// time, so the next one leaves as much to others.
func (a *app) awaitLog(ctx context.Context, e *pipeline.Experiment, address string) (*pipeline.Log, error) {
	told := ""
	follower := e.Follow(address)
	for {
		begun := time.Now()
		l, err := follower.Look(ctx)
		if l != nil || err != nil {
			return l, err
		}
		if follower.Waiting != told {
			told = follower.Waiting
			fmt.Fprintf(a.err, "waiting for %s: %s (Ctrl-C ends this)\n", address, told)
		}
		time.Sleep(max(followPause, 4*time.Since(begun)))
	}
}

// followPause is how long a follower waits before it looks again.
const followPause = 100 * time.Millisecond

// printLog prints what there is of a log, or follows it to its end.
func (a *app) printLog(l *pipeline.Log, f logFlags) error {
	p := newLogPrinter(a.out, a.outText, f)
	p.begin(l)
	for dying := false; ; {
		record, ok, err := l.Next()
		switch {
		case err != nil:
			return err
		case ok:
			p.record(record)
			continue
		case p.ended:
			return nil
		case !f.follow || dying:
			p.unfinished(l.Alive())
			return nil
		case !l.Alive():
			dying = true // what it printed last may have come since it was looked at
			continue
		}
		p.idle()
		if err := a.out.Flush(); err != nil {
			return err
		}
		time.Sleep(followPause)
	}
}

// A logView is one log as JSON.
type logView struct {
	Address string        `json:"address"`
	Key     string        `json:"key"`
	Earlier bool          `json:"earlier"` // the instance's key has changed since
	Command []string      `json:"command"`
	Program string        `json:"program"`
	SHA256  string        `json:"sha256,omitempty"`
	Started time.Time     `json:"started"`
	Outcome string        `json:"outcome"` // "succeeded", "failed", "canceled", "running", "killed"
	Problem string        `json:"problem,omitempty"`
	Lines   []logLineView `json:"lines"`
}

type logLineView struct {
	From    string  `json:"from"`    // "stdout", "stderr", "spurion"
	Seconds float64 `json:"seconds"` // since the program was started
	Text    string  `json:"text"`
}

func readLog(l *pipeline.Log, f logFlags) (logView, error) {
	h := &l.Header
	v := logView{
		Address: l.Address, Key: h.Key.String(), Earlier: l.Earlier, Command: h.Command, Program: h.Program, Started: h.Started, Lines: []logLineView{},
	}
	if h.Digest != (artifacts.Digest{}) {
		v.SHA256 = h.Digest.String()
	}
	streams := newLogStreams(f, func(kind artifacts.LogKind, at time.Duration, text string) {
		from := map[artifacts.LogKind]string{artifacts.LogStdout: "stdout", artifacts.LogStderr: "stderr"}[kind]
		v.Lines = append(v.Lines, logLineView{From: firstOf(from, "spurion"), Seconds: at.Seconds(), Text: text})
	})
	for {
		record, ok, err := l.Next()
		if err != nil {
			return v, err
		}
		if !ok {
			break
		}
		if record.Kind == artifacts.LogEnd {
			v.Outcome, v.Problem, _ = strings.Cut(string(record.Data), "\n")
			continue
		}
		streams.record(record)
	}
	streams.flush()
	if v.Outcome == "" {
		v.Outcome = "killed"
		if l.Alive() {
			v.Outcome = "running"
		}
	}
	return v, nil
}

// logEnding says how a program ended.
func logEnding(outcome, problem string, after time.Duration) string {
	text := map[string]string{
		artifacts.LogSucceeded: "succeeded", artifacts.LogFailed: "failed", artifacts.LogCanceled: "stopped, as the run was",
	}[outcome]
	text = fmt.Sprintf("%s after %s", firstOf(text, outcome), duration(after.Seconds()))
	if problem != "" {
		text += ": " + problem
	}
	return text
}
