package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"spurion/pipeline"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/screen"
)

// bars draws a bar for each stage that has work, on a terminal, ten times a second. Failures are printed above
// them and stay. The terminal may change its size meanwhile.
type bars struct {
	shared *sharedWriter
	w      io.Writer // the terminal
	style  style

	mu      sync.Mutex
	stages  []*bar
	byName  map[string]*bar
	columns int   // of the terminal
	rows    int   // of the terminal; 0 if unknown
	drawn   []int // widths of the lines on the screen that the next drawing replaces
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
	barWidth  = 24 // at most
	drawEvery = 100 * time.Millisecond
	mostBars  = 12 // stages drawn at a time
)

func newBars(shared *sharedWriter, s style, v plan.View) *bars {
	b := &bars{
		shared: shared, style: s, byName: map[string]*bar{}, started: time.Now(), cached: v.Counts.Cached,
		total: v.Counts.Cached + v.Counts.Run + v.Counts.Blocked,
		stop:  make(chan struct{}), stopped: make(chan struct{}), columns: s.width,
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
	if ev.Type == engine.Queued {
		fmt.Fprintf(&b.above, "%s\n", queued(ev))
		return
	}
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
		fmt.Fprintf(&b.above, "wait   %s (computed by %s)\n", ev.Address, screen.Line(firstOf(ev.Owner, "another process")))
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

// draw replaces what was drawn before. Where the terminal has become narrower since, it has broken lines
// that no longer fit (most terminals do), so they take more rows than they did.
func (b *bars) draw(elapsed time.Duration) {
	b.measure()
	var out strings.Builder
	if len(b.drawn) > 0 {
		up := 0
		for _, width := range b.drawn {
			up += max((width+b.columns-1)/b.columns, 1)
		}
		fmt.Fprintf(&out, "\x1b[%dA\r\x1b[J", up)
	}
	out.WriteString(b.above.String())
	b.above.Reset()
	drawing := b.text(elapsed)
	out.WriteString(drawing)
	b.drawn = b.drawn[:0]
	for line := range strings.Lines(drawing) {
		b.drawn = append(b.drawn, text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")))
	}
	_, _ = io.WriteString(b.w, out.String())
}

// measure asks for the size of the terminal.
func (b *bars) measure() {
	if b.style.size == nil {
		return
	}
	if columns, rows := b.style.size(); columns > 0 {
		b.columns, b.rows = min(columns, 120), rows
	}
}

// text gives the bars and the line of totals.
func (b *bars) text(elapsed time.Duration) string {
	var out strings.Builder
	shown := b.visible()
	widest, counts := 0, 0
	for _, x := range shown {
		widest, counts = max(widest, len(x.name)), max(counts, len(x.counts()))
	}
	width := min(max(b.columns-widest-counts-4, 4), barWidth)
	runs := 0
	for _, x := range b.stages {
		runs += len(x.running)
	}
	for _, x := range shown {
		line := fmt.Sprintf("%-*s  %s %s", widest, x.name, b.style.cyan(x.blocks(width)), x.counts())
		plain := widest + 3 + width + len(x.counts())
		if now, room := x.now(), b.columns-plain-3; now != "" && room > 8 {
			line += "  " + b.style.faint(cut(now, room))
		}
		out.WriteString(b.fit(line) + "\n")
	}
	totals := fmt.Sprintf("%d of %d done, %d running", b.cached+b.ended, b.total, runs)
	if b.cached > 0 {
		totals = fmt.Sprintf("%d of %d done, %d of them from the store, %d running", b.cached+b.ended, b.total, b.cached, runs)
	}
	if b.failed > 0 {
		totals += ", " + b.style.red(fmt.Sprintf("%d failed", b.failed))
	}
	out.WriteString(b.fit(totals+", "+clock(elapsed)) + "\n")
	return out.String()
}

// fit cuts a line that is wider than the terminal. The last column stays free: some terminals break there.
func (b *bars) fit(line string) string { return text.Trim(line, max(b.columns-1, 1)) }

// visible gives the bars to draw: all if they are few, else those at work first.
func (b *bars) visible() []*bar {
	most := mostBars
	if b.rows > 0 {
		// The line of totals, the cursor's, and one that is not drawn over: terminals that are cleared as a whole, such as
		// tmux, keep what they showed, and would keep every drawing.
		most = max(min(most, b.rows-3), 1)
	}
	if len(b.stages) <= most {
		return b.stages
	}
	var shown []*bar
	for _, wanted := range []func(*bar) bool{
		func(x *bar) bool { return len(x.running) > 0 },
		func(x *bar) bool { return len(x.running) == 0 && x.ended < x.total },
	} {
		for _, x := range b.stages {
			if wanted(x) && len(shown) < most {
				shown = append(shown, x)
			}
		}
	}
	return shown
}

// blocks draws how much of the stage is done, running instances counted in part.
func (x *bar) blocks(width int) string {
	done := float64(x.ended)
	for _, r := range x.running {
		done += r.part
	}
	full := min(int(done/float64(max(x.total, 1))*float64(width)), width)
	return strings.Repeat("━", full) + strings.Repeat("╌", width-full)
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
	now := r.axes
	if r.part >= 0.01 {
		now = strings.TrimSpace(fmt.Sprintf("%s %.0f%%", now, r.part*100))
	}
	if more := len(x.running) - 1; more > 0 {
		now = strings.TrimSpace(fmt.Sprintf("%s +%d", now, more))
	}
	return now
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
