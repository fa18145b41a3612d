// Package screen makes what programs print and files hold fit to be shown, on a terminal or a page: it leaves the text
// that a terminal would show in the end, and nothing that moves a cursor, sets a title or changes a colour.
package screen

import (
	"strings"
	"unicode/utf8"
)

// Text gives the plain text of s, line by line: of a line that was written over after a carriage return, such as a
// progress bar, its last state; no escape sequences; "?" for every other control character, for bytes that are not
// UTF-8, and for marks that reverse the order of letters. Newlines and tabs stay. The result is its own Text.
func Text(s string) string {
	if plain(s) {
		return s
	}
	w := writer{rest: s}
	for w.rest != "" {
		w.step()
	}
	w.out.WriteString(string(w.line))
	return w.out.String()
}

// Line is Text on one line: newlines and tabs become spaces.
func Line(s string) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(Text(s))
}

// plain reports whether there is nothing to do.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

// A writer is a terminal that has one line, and keeps those that it is done with.
type writer struct {
	rest string
	out  strings.Builder
	line []rune
	home bool // the cursor is at the line's start: what comes next is written over it
}

func (w *writer) step() {
	r, n := utf8.DecodeRuneInString(w.rest)
	switch {
	case r == '\x1b':
		w.rest = w.rest[w.escape():]
		return
	case r == '\n':
		w.out.WriteString(string(w.line))
		w.out.WriteByte('\n')
		w.line, w.home = w.line[:0], false
	case r == '\r':
		w.home = true
	case r == '\b':
		if len(w.line) > 0 && !w.home {
			w.line = w.line[:len(w.line)-1]
		}
	default:
		w.put(r)
	}
	w.rest = w.rest[n:]
}

func (w *writer) put(r rune) {
	if w.home {
		w.line, w.home = w.line[:0], false
	}
	if hidden(r) {
		r = '?'
	}
	w.line = append(w.line, r)
}

// hidden reports whether a rune does something else than to be seen. The replacement character is what bytes that
// are not UTF-8 are read as.
func hidden(r rune) bool {
	switch {
	case r == '\t':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, r == utf8.RuneError:
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}

// escape gives the length of the escape sequence that rest begins with, as ECMA-48 (1991) frames them. One that
// is not finished ends before the next newline.
func (w *writer) escape() int {
	s := w.rest
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[': // parameters, then a letter
		for i := 2; i < len(s); i++ {
			switch c := s[i]; {
			case c >= 0x40 && c <= 0x7e:
				if c == 'K' && w.home { // erases the line
					w.line, w.home = w.line[:0], false
				}
				return i + 1
			case c < 0x20 || c > 0x7e:
				return i
			}
		}
		return len(s)
	case ']', 'P', 'X', '^', '_': // a text, such as a window's title, to a bell or ESC \
		for i := 2; i < len(s); i++ {
			switch {
			case s[i] == '\a':
				return i + 1
			case s[i] == '\x1b' && i+1 < len(s) && s[i+1] == '\\':
				return i + 2
			case s[i] == '\n':
				return i
			}
		}
		return len(s)
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 0x30 && c <= 0x7e:
			return i + 1
		case c < 0x20 || c > 0x7e:
			return i
		}
	}
	return len(s)
}
