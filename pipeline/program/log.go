package program

import (
	"bytes"
	"strings"
	"sync"

	"spurion/pipeline/screen"
	"spurion/stages"
)

// A Log takes what a program prints, as it prints it. Its methods are called from several goroutines.
type Log interface {
	Stdout(p []byte)
	Stderr(p []byte)
	// Note takes what this package has to say in between.
	Note(text string)
}

// A printer takes one stream of a program: secrets are masked, the log gets the rest at once, and the last lines are
// kept for messages.
type printer struct {
	mask *screen.Mask
	log  func(p []byte) // nil: nobody keeps it

	mu   sync.Mutex
	last lastLines
}

// Write never fails: a program is not stopped for what it prints.
func (w *printer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass(w.mask.Add(p))
	return len(p), nil
}

// end passes on what was held back, and gives the last lines.
func (w *printer) end() stages.Printed {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass(w.mask.End())
	return w.last.printed()
}

func (w *printer) pass(p []byte) {
	if len(p) == 0 {
		return
	}
	w.last.add(p)
	if w.log != nil {
		w.log(p)
	}
}

// lastLines keeps the last lines of a stream, each in its last state.
type lastLines struct {
	count int
	lines []string // at most keptLines, the oldest first
	line  []byte   // that is not ended
}

const (
	keptLines = 20
	keptWidth = 300     // runes of a line
	keptBytes = 1 << 14 // of a line that is not ended
)

func (l *lastLines) add(p []byte) {
	newline := []byte("\n")
	if n := bytes.Count(p, newline); n > keptLines+blankLines { // all but the last are counted only
		cut := len(p)
		for range keptLines + blankLines + 1 {
			cut = bytes.LastIndexByte(p[:cut], '\n')
		}
		l.count += n - keptLines - blankLines
		l.line = l.line[:0]
		p = p[cut+1:]
	}
	for len(p) > 0 {
		piece, rest, ended := bytes.Cut(p, newline)
		l.extend(piece)
		if ended {
			l.finish()
		}
		p = rest
	}
}

// extend adds to the line that is not ended. Of a long one the beginning stays, or what came after the last return.
func (l *lastLines) extend(piece []byte) {
	if i := bytes.LastIndexByte(piece, '\r'); i >= 0 && len(l.line)+len(piece) > keptBytes {
		l.line = l.line[:0]
		if i == len(piece)-1 { // it is what a terminal still shows
			i = bytes.LastIndexByte(piece[:i], '\r')
		}
		piece = piece[i+1:]
	}
	l.line = append(l.line, piece[:min(len(piece), max(keptBytes-len(l.line), 0))]...)
}

func (l *lastLines) finish() {
	l.count++
	l.lines = append(l.lines, string(l.line))
	if len(l.lines) > keptLines+blankLines {
		l.lines = l.lines[1:]
	}
	l.line = l.line[:0]
}

// blankLines is how many blank lines at the end may hide lines that say something.
const blankLines = 20

// printed gives the last lines, without those at the end that show nothing.
func (l *lastLines) printed() stages.Printed {
	if len(l.line) > 0 {
		l.finish()
	}
	shown := make([]string, len(l.lines))
	for i, line := range l.lines {
		shown[i] = strings.TrimRight(screen.Line(line), " ")
	}
	blank := 0
	for len(shown) > 0 && shown[len(shown)-1] == "" {
		shown = shown[:len(shown)-1]
		blank++
	}
	if len(shown) == 0 {
		return stages.Printed{}
	}
	shown = shown[max(0, len(shown)-keptLines):]
	for i, line := range shown {
		if r := []rune(line); len(r) > keptWidth {
			shown[i] = string(r[:keptWidth]) + "..."
		}
	}
	return stages.Printed{Lines: l.count - blank, Last: shown}
}
