package main

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"spurion/pipeline"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
)

// happening makes an event of an instance of the stage fit.model.
func happening(kind engine.EventType, axes string, change func(*pipeline.Event)) pipeline.Event {
	ev := pipeline.Event{Event: engine.Event{Type: kind}, Address: "fit.model[" + axes + "]", Stage: "fit.model"}
	if change != nil {
		change(&ev)
	}
	return ev
}

func because(code plan.ReasonCode, text string) func(*pipeline.Event) {
	return func(ev *pipeline.Event) { ev.Reason = &plan.Reason{Code: code, Text: text} }
}

func ending(status engine.Status, err error, seconds float64) func(*pipeline.Event) {
	return func(ev *pipeline.Event) {
		ev.Outcome = engine.Outcome{Status: status, Err: err, Elapsed: time.Duration(seconds * float64(time.Second))}
	}
}

func TestLines(t *testing.T) {
	var out bytes.Buffer
	l := &lines{w: &out, stages: map[string]*stageCount{}}
	l.start(testView(), 2)
	// What is found to be cached gets no line of its own.
	l.event(happening(engine.Started, "n=1", because(plan.ReasonNew, "not computed before")))
	l.event(happening(engine.Started, "n=2", because(plan.ReasonChanged, "rate 1 -> 2 (x.hcl:7)")))
	l.event(happening(engine.Progress, "n=2", nil))
	l.event(happening(engine.Finished, "n=3", ending(engine.Cached, nil, 0)))
	l.event(happening(engine.Started, "n=4", because(plan.ReasonNew, "not computed before")))
	l.event(happening(engine.Finished, "n=4", ending(engine.Computed, nil, 0.25)))
	l.event(happening(engine.Finished, "n=2", ending(engine.Failed, errors.New("artifacts: no luck\nand more"), 1)))
	l.event(happening(engine.Finished, "n=1", ending(engine.Canceled, errInterrupted, 1)))
	l.close()
	want := `cached source.numbers (all 4)
cached fit.model (1 of 4)
5 cached, 4 to run, 2 instances at a time
run    fit.model[n=1] (not computed before)
run    fit.model[n=2] (rate 1 -> 2 (x.hcl:7))
run    fit.model[n=4] (not computed before)
done   fit.model[n=4] 0.2 s
failed fit.model[n=2]: no luck
cached fit.model (1 of 3, inputs came out the same)
stop   fit.model[n=1]
`
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}

func TestQuietLinesTellOfFailures(t *testing.T) {
	var out bytes.Buffer
	l := &lines{w: &out, quiet: true}
	l.event(happening(engine.Started, "n=1", because(plan.ReasonNew, "new")))
	l.event(happening(engine.Finished, "n=1", ending(engine.Failed, errors.New("no luck"), 1)))
	l.event(happening(engine.Finished, "n=2", ending(engine.Computed, nil, 1)))
	if got, want := out.String(), "failed fit.model[n=1]: no luck\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func testView() plan.View {
	return plan.View{
		Counts: plan.Counts{Cached: 5, Run: 4},
		Stages: []plan.StageView{
			{Address: "source.numbers", Counts: plan.Counts{Cached: 4}},
			{Address: "fit.model", Counts: plan.Counts{Cached: 1, Run: 3}},
			{Address: "round.r", Counts: plan.Counts{Run: 1}},
		},
	}
}

func TestBars(t *testing.T) {
	var screen safeBuffer
	shared := &sharedWriter{w: &screen}
	b := newBars(shared, style{width: 100}, testView())
	b.event(happening(engine.Started, "n=1", because(plan.ReasonNew, "new")))
	b.event(happening(engine.Started, "n=2", because(plan.ReasonNew, "new")))
	b.event(happening(engine.Progress, "n=1", func(ev *pipeline.Event) { ev.Done, ev.Total = 50, 100 }))
	b.mu.Lock()
	got := b.text(65 * time.Second)
	b.mu.Unlock()
	want := `fit.model  ━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 1/4  n=1 50% +1
round.r    ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 0/1
5 of 9 done, 5 of them from the store, 2 running, 1:05
`
	if got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	b.event(happening(engine.Finished, "n=1", ending(engine.Failed, errors.New("no luck"), 1)))
	b.event(happening(engine.Finished, "n=2", ending(engine.Computed, nil, 1)))
	if _, err := shared.Write([]byte("a message\n")); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	b.draw(time.Second)
	b.draw(time.Second)
	b.mu.Unlock()
	b.close()
	text := screen.String()
	if n := strings.Count(text, "\x1b[3A\r\x1b[J"); n < 2 {
		t.Errorf("the bars of two stages and a line of totals are replaced %d times: %q", n, text)
	}
	last := text[strings.LastIndex(text, "failed fit.model[n=1]: no luck"):]
	if !strings.HasPrefix(last, "failed fit.model[n=1]: no luck\na message\nfit.model ") {
		t.Errorf("messages do not stand above the bars: %q", last)
	}
	for _, part := range []string{"3/4 (1 failed)", "1 failed"} {
		if !strings.Contains(last, part) {
			t.Errorf("%q is not in %q", part, last)
		}
	}
	if _, err := shared.Write([]byte("after\n")); err != nil || !strings.HasSuffix(screen.String(), "after\n") {
		t.Error("messages do not reach the terminal after the bars are gone")
	}
}

// TestBarsFitTheScreen: of many stages those at work are drawn, and no line is wider than the terminal.
func TestBarsFitTheScreen(t *testing.T) {
	var v plan.View
	for i := range 40 {
		v.Stages = append(v.Stages, plan.StageView{Address: "fit.stage" + string(rune('a'+i%26)) + strings.Repeat("x", i/26), Counts: plan.Counts{Run: 2}})
	}
	var screen safeBuffer
	b := newBars(&sharedWriter{w: &screen}, style{width: 60}, v)
	ev := happening(engine.Started, strings.Repeat("axis=value,", 20), nil)
	ev.Stage = v.Stages[39].Address
	b.event(ev)
	b.mu.Lock()
	text := b.text(time.Second)
	b.mu.Unlock()
	b.close()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != mostBars+1 || !strings.HasPrefix(lines[0], ev.Stage) {
		t.Errorf("%d lines, the first %q", len(lines), lines[0])
	}
	for _, line := range lines {
		if n := len([]rune(line)); n > 60 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}

// TestBarsSurviveResize: a terminal that became narrower has broken the lines that it shows, and all their rows
// are replaced; what is drawn then fits its columns and rows.
func TestBarsSurviveResize(t *testing.T) {
	var screen safeBuffer
	columns, rows := 80, 24
	b := newBars(&sharedWriter{w: &screen}, style{width: 80, color: true, size: func() (int, int) { return columns, rows }}, testView())
	close(b.stop) // nothing draws but this test
	<-b.stopped
	b.event(happening(engine.Started, strings.Repeat("axis=value,", 9), because(plan.ReasonNew, "new")))
	b.draw(time.Second)
	for _, c := range []struct{ columns, rows, up, lines int }{
		{80, 24, 3, 3},
		{30, 24, 3 + 2 + 2, 3}, // lines of 79, 39 and 54 columns
		{100, 24, 3, 3},        // lines that were cut stay on a row each
		{100, 5, 3, 3},
		{100, 4, 3, 2}, // a row stays free, so that what is replaced is never the whole screen
		{100, 3, 2, 2},
		{20, 3, 5 + 3, 2},
	} {
		columns, rows = c.columns, c.rows
		before := len(screen.String())
		b.draw(time.Second)
		drawn := screen.String()[before:]
		head, body, _ := strings.Cut(drawn, "\r\x1b[J")
		if want := "\x1b[" + strconv.Itoa(c.up) + "A"; head != want {
			t.Errorf("at %d columns, what goes up is %q, want %q", c.columns, head, want)
		}
		lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
		if len(lines) != c.lines {
			t.Errorf("at %d rows there are %d lines: %q", c.rows, len(lines), body)
		}
		for _, line := range lines {
			if n := text.StringWidthWithoutEscSequences(line); n >= c.columns {
				t.Errorf("%d of %d columns: %q", n, c.columns, line)
			}
		}
	}
}
