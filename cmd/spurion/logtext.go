package main

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"time"

	"spurion/artifacts"
	"spurion/pipeline"
	"spurion/pipeline/screen"
)

// logStreams puts the records of a log together to lines, those of each stream by themselves, and gives each as a
// terminal would show it in the end.
type logStreams struct {
	flags logFlags
	line  func(kind artifacts.LogKind, at time.Duration, text string)
	open  map[artifacts.LogKind]*openLine
}

// An openLine is one that no newline has ended.
type openLine struct {
	text  []byte
	at    time.Duration
	shown string // its state when it was shown last
}

// longestLine is how much of a line without an end is held.
const longestLine = 64 << 10

func newLogStreams(f logFlags, line func(artifacts.LogKind, time.Duration, string)) *logStreams {
	return &logStreams{flags: f, line: line, open: map[artifacts.LogKind]*openLine{artifacts.LogStdout: {}, artifacts.LogStderr: {}}}
}

func (s *logStreams) record(r artifacts.LogRecord) {
	if !s.flags.shows(r.Kind) {
		return
	}
	o := s.open[r.Kind]
	if o == nil { // whole as it is
		s.line(r.Kind, r.At, screen.Line(string(r.Data)))
		return
	}
	for rest := r.Data; len(rest) > 0; {
		piece, after, ended := bytes.Cut(rest, []byte("\n"))
		o.text, o.at = append(o.text, piece...), r.At
		if len(o.text) > longestLine { // what was written over goes
			over := bytes.LastIndexByte(o.text[:len(o.text)-1], '\r')
			o.text = append(o.text[:0], o.text[over+1:]...)
		}
		if ended || len(o.text) > longestLine {
			s.end(r.Kind, o)
		}
		rest = after
	}
}

func (s *logStreams) end(kind artifacts.LogKind, o *openLine) {
	text := strings.TrimRight(screen.Line(string(o.text)), " ")
	if text != o.shown || o.shown == "" {
		s.line(kind, o.at, text)
	}
	o.text, o.shown = o.text[:0], ""
}

// flush ends the lines that have no newline.
func (s *logStreams) flush() {
	for _, kind := range []artifacts.LogKind{artifacts.LogStdout, artifacts.LogStderr} {
		if o := s.open[kind]; len(o.text) > 0 {
			s.end(kind, o)
		}
	}
}

// peek shows the state of lines that are still open, if it is another than before.
func (s *logStreams) peek() {
	for _, kind := range []artifacts.LogKind{artifacts.LogStdout, artifacts.LogStderr} {
		o := s.open[kind]
		if text := strings.TrimRight(screen.Line(string(o.text)), " "); text != "" && text != o.shown {
			s.line(kind, o.at, text)
			o.shown = text
		}
	}
}

// A logPrinter prints a log for people.
type logPrinter struct {
	out     *bufio.Writer
	style   style
	flags   logFlags
	streams *logStreams
	ended   bool
	last    time.Duration
	peeked  time.Time
}

func newLogPrinter(out *bufio.Writer, s style, f logFlags) *logPrinter {
	p := &logPrinter{out: out, style: s, flags: f}
	p.streams = newLogStreams(f, p.line)
	return p
}

// line prints a line, with a mark of where it came from unless one stream alone is shown.
func (p *logPrinter) line(kind artifacts.LogKind, _ time.Duration, text string) {
	mark := map[artifacts.LogKind]string{artifacts.LogStdout: p.style.faint("|"), artifacts.LogStderr: p.style.red("!")}[kind]
	switch {
	case p.flags.stdout || p.flags.stderr:
		fmt.Fprintln(p.out, text)
	case mark == "":
		p.note(text)
	default:
		fmt.Fprintln(p.out, strings.TrimRight(mark+" "+text, " "))
	}
}

func (p *logPrinter) note(text string) {
	if p.flags.shows(artifacts.LogNote) {
		fmt.Fprintln(p.out, p.style.faint("# "+text))
	}
}

func (p *logPrinter) begin(l *pipeline.Log) {
	h := &l.Header
	p.note(fmt.Sprintf("%s: %s, begun %s by %s", l.Address, screen.Line(h.Program), instant(h.Started), screen.Line(h.Owner)))
	if l.Earlier {
		p.note("it is of the last run; the instance's key has changed since: spurion why tells how")
	}
}

func (p *logPrinter) record(r artifacts.LogRecord) {
	p.last = r.At
	switch {
	case r.Kind == artifacts.LogEnd:
		p.ended = true
		p.streams.flush()
		outcome, problem, _ := strings.Cut(string(r.Data), "\n")
		p.note(logEnding(screen.Line(outcome), screen.Line(problem), r.At))
	case p.flags.raw && p.flags.shows(r.Kind):
		p.out.Write(r.Data)
	case !p.flags.raw:
		p.streams.record(r)
	}
}

// idle is called while nothing new comes: a progress bar, which has no newline, is shown about once a second.
func (p *logPrinter) idle() {
	if now := time.Now(); !p.flags.raw && now.Sub(p.peeked) >= time.Second {
		p.peeked = now
		p.streams.peek()
	}
}

// unfinished ends a log that has no end.
func (p *logPrinter) unfinished(alive bool) {
	p.streams.flush()
	if alive {
		p.note("still running; --follow goes on until it ends")
		return
	}
	p.note(fmt.Sprintf("its run was killed, at some time after %s", duration(p.last.Seconds())))
}
