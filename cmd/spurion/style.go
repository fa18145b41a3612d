package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// A style says how text for one stream looks.
type style struct {
	color    bool
	terminal bool
	width    int // columns that text is wrapped at

	// size gives the columns and rows that the terminal has now; nil where there is none.
	size func() (columns, rows int)
}

// pipeWidth is what text is wrapped at where there is no terminal.
const pipeWidth = 100

// styleOf looks at a stream: colours only on a terminal, unless NO_COLOR or TERM=dumb forbid them.
func styleOf(w io.Writer, environ []string) style {
	s := style{width: pipeWidth}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s
	}
	dumb := lookup(environ, "TERM") == "dumb"
	s.terminal = !dumb
	s.color = !dumb && lookup(environ, "NO_COLOR") == ""
	s.size = func() (columns, rows int) {
		columns, rows, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 0, 0
		}
		return columns, rows
	}
	if columns, _ := s.size(); columns > 0 {
		s.width = min(max(columns, 40), 120)
	}
	return s
}

func (s style) paint(code, text string) string {
	if !s.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string   { return s.paint("1", text) }
func (s style) faint(text string) string  { return s.paint("2", text) }
func (s style) red(text string) string    { return s.paint("31", text) }
func (s style) green(text string) string  { return s.paint("32", text) }
func (s style) yellow(text string) string { return s.paint("33", text) }
func (s style) cyan(text string) string   { return s.paint("36", text) }

// status paints the state of an instance.
func (s style) status(v string) string {
	switch v {
	case "cached", "computed", "done":
		return s.green(v)
	case "failed":
		return s.red(v)
	}
	return s.yellow(v)
}
