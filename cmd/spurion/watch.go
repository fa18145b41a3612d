package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"spurion/pipeline"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/screen"
)

// A watcher shows people what a run does. Its methods may be called from any goroutine.
type watcher interface {
	event(pipeline.Event)
	close()
}

// watch chooses how: bars on a terminal, lines elsewhere, failures alone if quiet.
func (a *app) watch(v plan.View, workers int, quiet bool) watcher {
	l := &lines{w: a.err, style: a.errText, quiet: quiet, stages: map[string]*stageCount{}}
	if quiet {
		return l
	}
	if a.errText.terminal {
		return newBars(a.err, a.errText, v)
	}
	l.start(v, workers)
	return l
}

// lines prints a line when an instance begins and when it ends. Cached ones are counted per stage, not listed.
type lines struct {
	w     io.Writer
	style style
	quiet bool

	mu sync.Mutex
	// stages counts the instances of each stage that the plan left open or wants to run.
	stages map[string]*stageCount
}

// A stageCount counts instances of a stage. Those that were found to be cached are told of together.
type stageCount struct {
	todo, ended   int
	same, another int // found in the store: equal inputs; stored by another run
}

func (l *lines) start(v plan.View, workers int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, st := range v.Stages {
		if todo := st.Run + st.Blocked; todo > 0 {
			l.stages[st.Address] = &stageCount{todo: todo}
		}
		switch total := st.Cached + st.Run + st.Blocked; {
		case st.Cached == total && total == 1:
			fmt.Fprintf(l.w, "cached %s\n", st.Address)
		case st.Cached == total:
			fmt.Fprintf(l.w, "cached %s (all %d)\n", st.Address, total)
		case st.Cached > 0:
			fmt.Fprintf(l.w, "cached %s (%d of %d)\n", st.Address, st.Cached, total)
		}
	}
	if todo := v.Counts.Run + v.Counts.Blocked; todo > 0 {
		fmt.Fprintf(l.w, "%s, %s at a time\n", strings.TrimSuffix(strings.TrimPrefix(planLine(v.Counts), "Plan: "), "."), count(workers, "instance"))
	}
}

func (l *lines) event(ev pipeline.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch ev.Type {
	case engine.Started:
		l.say("run    %s (%s)", ev.Address, screen.Line(ev.Reason.Text))
	case engine.Queued:
		l.say("%s", queued(ev))
	case engine.Waiting:
		l.say("wait   %s (computed by %s)", ev.Address, screen.Line(firstOf(ev.Owner, "another process")))
	case engine.Finished:
		l.finished(ev)
	}
}

// queued says how many tasks wait on a cluster, and why.
func queued(ev pipeline.Event) string {
	if ev.Total == 0 {
		return "queue  no task waits"
	}
	return fmt.Sprintf("queue  %s (%s)", verb(int(ev.Total), "task waits", "tasks wait"), screen.Line(firstOf(ev.Owner, "no reason given")))
}

func verb(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (l *lines) finished(ev pipeline.Event) {
	o := ev.Outcome
	switch o.Status {
	case engine.Cached: // told of with the others of its stage
	case engine.Computed:
		l.say("done   %s %s", ev.Address, duration(o.Elapsed.Seconds()))
	case engine.Failed:
		fmt.Fprintf(l.w, "%s %s: %s\n", l.style.red("failed"), ev.Address, firstLine(o.Err))
	default:
		l.say("stop   %s", ev.Address)
	}
	l.counted(ev)
}

// counted tells of a stage's instances that were found to be cached when its last one ends.
func (l *lines) counted(ev pipeline.Event) {
	c := l.stages[ev.Stage]
	if c == nil {
		return
	}
	c.ended++
	switch {
	case ev.Outcome.Status != engine.Cached:
	case ev.Outcome.Note == "":
		c.same++
	default:
		c.another++
	}
	if c.ended == c.todo {
		l.tell(ev.Stage, c)
		delete(l.stages, ev.Stage)
	}
}

func (l *lines) tell(stage string, c *stageCount) {
	number := func(n int) string {
		if c.todo == 1 {
			return ""
		}
		return fmt.Sprintf("%d of %d, ", n, c.todo)
	}
	if c.same > 0 {
		l.say("cached %s (%sinputs came out the same)", stage, number(c.same))
	}
	if c.another > 0 {
		l.say("cached %s (%sstored by another run)", stage, number(c.another))
	}
}

func (l *lines) say(format string, args ...any) {
	if !l.quiet {
		fmt.Fprintf(l.w, format+"\n", args...)
	}
}

func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, stage := range slices.Sorted(maps.Keys(l.stages)) { // those that were cut short
		l.tell(stage, l.stages[stage])
	}
	l.stages = map[string]*stageCount{}
}

// firstLine gives the first line of an error; the summary has the rest.
func firstLine(err error) string {
	if err == nil {
		return ""
	}
	line, _, _ := strings.Cut(plainError(err.Error()), "\n")
	return line
}
