package program

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

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
	mask mask
	log  func(p []byte) // nil: nobody keeps it

	mu   sync.Mutex
	last lastLines
}

// Write never fails: a program is not stopped for what it prints.
func (w *printer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass(w.mask.add(p))
	return len(p), nil
}

// end passes on what was held back, and gives the last lines.
func (w *printer) end() stages.Printed {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass(w.mask.end())
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

// A mask replaces secrets in a stream, also where they stand escaped between quotes. A secret shorter than wordSecret is
// replaced only where it stands as a word, one shorter than shortestSecret nowhere: "1" and "on" stand in every log, and
// are no secrets. Of a secret of several lines each line is one; spaces around it are no part of it.
type mask struct {
	secrets [][]byte // the longest first
	first   [256]bool
	held    []byte // may be the beginning of one
	before  byte   // the last byte that was given on
}

const (
	shortestSecret = 4
	wordSecret     = 8
	masked         = "(sensitive)"
)

func newMask(secrets []string) mask {
	var m mask
	for _, s := range secrets {
		for _, part := range append(strings.Split(s, "\n"), s) {
			part = strings.TrimSpace(part)
			if len(part) < shortestSecret {
				continue
			}
			m.secrets = append(m.secrets, []byte(part))
			m.first[part[0]] = true
			if quoted := strconv.Quote(part); quoted[1:len(quoted)-1] != part {
				m.secrets = append(m.secrets, []byte(quoted[1:len(quoted)-1]))
				m.first[quoted[1]] = true
			}
		}
	}
	slices.SortFunc(m.secrets, func(a, b []byte) int { return len(b) - len(a) })
	return m
}

// Mask gives a function that replaces, in a text, what is masked in what the command prints: the text may name files
// that it wrote, or quote them.
func Mask(c stages.Command, secrets ...string) func(text string) string {
	_, own := environment(c)
	all := append(own, secrets...)
	return func(text string) string {
		m := newMask(all)
		return string(m.add([]byte(text))) + string(m.end())
	}
}

// add gives what can be given on after p has come; the result is valid until the next call.
func (m *mask) add(p []byte) []byte {
	if len(m.secrets) == 0 {
		return p
	}
	return m.scan(append(m.held, p...), false)
}

// end gives the rest.
func (m *mask) end() []byte { return m.scan(m.held, true) }

func (m *mask) scan(b []byte, last bool) []byte {
	var out []byte
	i := 0
	for i < len(b) {
		if !m.first[b[i]] {
			m.before = b[i]
			out = append(out, b[i])
			i++
			continue
		}
		n, wait := m.match(b[i:], last)
		if wait {
			break
		}
		if n > 0 {
			m.before = b[i+n-1]
			out = append(out, masked...)
			i += n
			continue
		}
		m.before = b[i]
		out = append(out, b[i])
		i++
	}
	m.held = append([]byte(nil), b[i:]...)
	return out
}

// match gives the length of the secret that b begins with, 0 for none; wait says that more must come to know.
func (m *mask) match(b []byte, last bool) (n int, wait bool) {
	for _, s := range m.secrets {
		short := len(s) < wordSecret
		switch {
		case len(b) < len(s) || short && len(b) == len(s):
			if !last && bytes.HasPrefix(s, b) {
				return 0, true
			}
			if !bytes.Equal(s, b) {
				continue
			}
		case !bytes.HasPrefix(b, s):
			continue
		}
		if short && (wordByte(m.before) || len(b) > len(s) && wordByte(b[len(s)])) {
			continue
		}
		return len(s), false
	}
	return 0, false
}

func wordByte(c byte) bool {
	return c == '_' || c >= utf8.RuneSelf || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
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
