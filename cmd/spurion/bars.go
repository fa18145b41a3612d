package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"spurion/pipeline"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
)

// bars draws a bar for each stage that has work, on a terminal, ten times a second. Failures are printed above
// them and stay.
type bars struct {
	shared *sharedWriter
	w      io.Writer // the terminal
	style  style

	mu      sync.Mutex
	stages  []*bar
	byName  map[string]*bar
	drawn   int // lines on the screen that the next drawing replaces
	above   strings.Builder
	started time.Time
	total   int // selected instances
	cached  int // of them when the run began
	ended   int // since
	failed  int
	stop    chan struct{}
	stopped chan struct{}
}

// A bar is the state of one stage.
type bar struct {
	name         string
	total, ended int
	failed       int
	running      []running
}

// A running instance and how far it is.
type running struct {
	address string
	axes    string // what stands in the brackets of the address
	part    float64
}

const (
	barWidth  = 24
	drawEvery = 100 * time.Millisecond
	mostBars  = 12 // stages drawn at a time
)

func newBars(shared *sharedWriter, s style, v plan.View) *bars {
	b := &bars{
		shared: shared, style: s, byName: map[string]*bar{}, started: time.Now(), cached: v.Counts.Cached,
		total: v.Counts.Cached + v.Counts.Run + v.Counts.Blocked,
		stop:  make(chan struct{}), stopped: make(chan struct{}),
	}
	for _, st := range v.Stages {
		if todo := st.Run + st.Blocked; todo > 0 {
			x := &bar{name: st.Address, total: st.Cached + todo, ended: st.Cached}
			b.stages = append(b.stages, x)
			b.byName[st.Address] = x
		}
	}
	b.w = shared.divert(b)
	go b.loop()
	return b
}

// Write keeps a message for above the bars.
func (b *bars) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.above.Write(p)
}

func (b *bars) loop() {
	defer close(b.stopped)
	tick := time.NewTicker(drawEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			b.mu.Lock()
			b.draw(time.Since(b.started))
			b.mu.Unlock()
		case <-b.stop:
			return
		}
	}
}

func (b *bars) event(ev pipeline.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.byName[ev.Stage]
	if x == nil {
		return
	}
	i := slices.IndexFunc(x.running, func(r running) bool { return r.address == ev.Address })
	switch ev.Type {
	case engine.Started:
		_, axes, _ := strings.Cut(strings.TrimSuffix(ev.Address, "]"), "[")
		x.running = append(x.running, running{address: ev.Address, axes: axes})
	case engine.Progress:
		if i >= 0 && ev.Total > 0 {
			x.running[i].part = min(float64(ev.Done)/float64(ev.Total), 1)
		}
	case engine.Waiting:
		fmt.Fprintf(&b.above, "wait   %s (computed by %s)\n", ev.Address, firstOf(ev.Owner, "another process"))
	case engine.Finished:
		if i >= 0 {
			x.running = slices.Delete(x.running, i, i+1)
		}
		x.ended++
		b.ended++
		if ev.Outcome.Status == engine.Failed {
			x.failed++
			b.failed++
			fmt.Fprintf(&b.above, "%s %s: %s\n", b.style.red("failed"), ev.Address, firstLine(ev.Outcome.Err))
		}
	}
}

// close draws the last state and leaves it on the screen.
func (b *bars) close() {
	close(b.stop)
	<-b.stopped
	b.shared.divert(b.w)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.draw(time.Since(b.started))
	_, _ = io.WriteString(b.w, "\n") // before the summary
}

// draw replaces what was drawn before.
func (b *bars) draw(elapsed time.Duration) {
	var out strings.Builder
	if b.drawn > 0 {
		fmt.Fprintf(&out, "\x1b[%dA\r\x1b[J", b.drawn)
	}
	out.WriteString(b.above.String())
	b.above.Reset()
	text := b.text(elapsed)
	out.WriteString(text)
	b.drawn = strings.Count(text, "\n")
	_, _ = io.WriteString(b.w, out.String())
}

// text gives the bars and the line of totals.
func (b *bars) text(elapsed time.Duration) string {
	var out strings.Builder
	shown := b.visible()
	widest := 0
	for _, x := range shown {
		widest = max(widest, len(x.name))
	}
	runs := 0
	for _, x := range b.stages {
		runs += len(x.running)
	}
	for _, x := range shown {
		line := fmt.Sprintf("%-*s  %s %s", widest, x.name, b.style.cyan(x.blocks()), x.counts())
		plain := widest + 3 + barWidth + len(x.counts())
		if now, room := x.now(), b.style.width-plain-3; now != "" && room > 8 {
			line += "  " + b.style.faint(cut(now, room))
		}
		out.WriteString(line + "\n")
	}
	totals := fmt.Sprintf("%d of %d done, %d running", b.cached+b.ended, b.total, runs)
	if b.cached > 0 {
		totals = fmt.Sprintf("%d of %d done, %d of them from the store, %d running", b.cached+b.ended, b.total, b.cached, runs)
	}
	if b.failed > 0 {
		totals += ", " + b.style.red(fmt.Sprintf("%d failed", b.failed))
	}
	fmt.Fprintf(&out, "%s, %s\n", totals, clock(elapsed))
	return out.String()
}

// visible gives the bars to draw: all if they are few, else those at work first.
func (b *bars) visible() []*bar {
	if len(b.stages) <= mostBars {
		return b.stages
	}
	var shown []*bar
	for _, wanted := range []func(*bar) bool{
		func(x *bar) bool { return len(x.running) > 0 },
		func(x *bar) bool { return len(x.running) == 0 && x.ended < x.total },
	} {
		for _, x := range b.stages {
			if wanted(x) && len(shown) < mostBars {
				shown = append(shown, x)
			}
		}
	}
	return shown
}

// blocks draws how much of the stage is done, running instances counted in part.
func (x *bar) blocks() string {
	done := float64(x.ended)
	for _, r := range x.running {
		done += r.part
	}
	full := min(int(done/float64(max(x.total, 1))*barWidth), barWidth)
	return strings.Repeat("━", full) + strings.Repeat("╌", barWidth-full)
}

func (x *bar) counts() string {
	width := len(fmt.Sprint(x.total))
	s := fmt.Sprintf("%*d/%d", width, x.ended, x.total)
	if x.failed > 0 {
		s += fmt.Sprintf(" (%d failed)", x.failed)
	}
	return s
}

// now says what the stage is doing.
func (x *bar) now() string {
	if len(x.running) == 0 {
		return ""
	}
	r := x.running[0]
	text := r.axes
	if r.part >= 0.01 {
		text = strings.TrimSpace(fmt.Sprintf("%s %.0f%%", text, r.part*100))
	}
	if more := len(x.running) - 1; more > 0 {
		text = strings.TrimSpace(fmt.Sprintf("%s +%d", text, more))
	}
	return text
}

// clock gives a running time as "0:07", "12:30" or "1:02:03".
func clock(d time.Duration) string {
	t := int(d.Seconds())
	if t < 3600 {
		return fmt.Sprintf("%d:%02d", t/60, t%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", t/3600, t/60%60, t%60)
}

// cut shortens text to at most n characters.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
