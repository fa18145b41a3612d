package spec

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Text renders the diagnostic for people, wrapped at width columns (0 for no wrapping), in
// Terraform's style: a box with the place, the source lines, the values of the variables in the
// failing expression, and the detail. It ends with a newline.
func (d Diagnostic) Text(width int, color bool) string {
	p := palette{}
	if color {
		p = palette{tint: "\x1b[31m", bold: "\x1b[1m", underline: "\x1b[4m", reset: "\x1b[0m"}
		if d.Severity == Warning {
			p.tint = "\x1b[33m"
		}
	}
	heading := "Error: "
	if d.Severity == Warning {
		heading = "Warning: "
	}
	lines := []string{p.bold + p.tint + heading + p.reset + p.bold + printable(d.Summary) + p.reset, ""}
	if d.Range != nil && d.Snippet != nil {
		lines = append(lines, d.Snippet.lines(d.Range, p, width)...)
		lines = append(lines, "")
	}
	if d.Detail != "" {
		for _, line := range strings.Split(printableLines(d.Detail), "\n") {
			lines = append(lines, wrap(line, width-2)...)
		}
	} else {
		lines = lines[:len(lines)-1]
	}
	var b strings.Builder
	b.WriteString(p.tint + "╷" + p.reset + "\n")
	for _, line := range lines {
		b.WriteString(strings.TrimRight(p.tint+"│"+p.reset+" "+line, " ") + "\n")
	}
	b.WriteString(p.tint + "╵" + p.reset + "\n")
	return b.String()
}

// A palette holds escape sequences, all empty without color.
type palette struct{ tint, bold, underline, reset string }

// lines gives the place, the source and the values.
func (s *Snippet) lines(r *Range, p palette, width int) []string {
	in := ""
	if s.Context != nil {
		in = ", in " + printable(*s.Context)
	}
	lines := []string{fmt.Sprintf("  on %s line %d%s:", printable(r.File), r.Line, in)}
	at := 0
	for i, code := range strings.Split(s.Code, "\n") {
		from := max(0, min(s.HighlightStartOffset-at, len(code)))
		to := max(from, min(s.HighlightEndOffset-at, len(code)))
		touched := s.HighlightStartOffset <= at+len(code) && (s.HighlightEndOffset > at || i == 0)
		at += len(code) + 1
		before, inside, after := printable(code[:from]), printable(code[from:to]), printable(code[to:])
		before, inside, after = fit(before, inside, after, width-9)
		line := fmt.Sprintf("%5d: ", s.StartLine+i)
		if p.underline != "" && inside != "" {
			lines = append(lines, line+before+p.underline+inside+p.reset+after)
			continue
		}
		lines = append(lines, line+before+inside+after)
		if trimmed := strings.TrimLeft(inside, " "); touched && (trimmed != "" || i == 0) {
			pad := columns(before) + columns(inside) - columns(trimmed)
			lines = append(lines, strings.Repeat(" ", len(line)+pad)+strings.Repeat("^", max(1, columns(trimmed))))
		}
	}
	if len(s.Values) > 0 {
		lines = append(lines, "    ├────────────────")
		for _, v := range s.Values {
			lines = append(lines, "    │ "+p.bold+printable(v.Traversal)+p.reset+" "+printable(v.Statement))
		}
	}
	return lines
}

// columns gives the width of s on a terminal.
func columns(s string) int { return text.StringWidthWithoutEscSequences(s) }

// printable makes one line of s that moves no cursor and turns no letters round: tabs become spaces, control characters �.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ', r >= 0x7f && r < 0xa0, // control characters
			r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, // the direction of letters
			r == 0x2028, r == 0x2029: // ends of lines
			return '\uFFFD'
		}
		return r
	}, strings.ReplaceAll(s, "\t", "    "))
}

// printableLines is printable for text of several lines.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}

// fit shortens a line to about width columns round its highlight; width below 20 does not.
func fit(before, inside, after string, width int) (string, string, string) {
	if width < 20 || columns(before+inside+after) <= width {
		return before, inside, after
	}
	if n := columns(inside); n > width-2 {
		inside = string([]rune(inside)[:max(1, width/2)]) + "…"
	}
	room := max(0, width-columns(inside))
	if runes := []rune(before); len(runes) > room/2 && columns(before)+columns(inside) > width {
		before = "…" + string(runes[len(runes)-room/2:])
	}
	if runes, left := []rune(after), max(0, room-columns(before)-1); len(runes) > left {
		after = string(runes[:left]) + "…"
	}
	return before, inside, after
}

// wrap breaks a paragraph at spaces. Indented lines are kept as they are.
func wrap(line string, width int) []string {
	if width < 20 || strings.HasPrefix(line, " ") || columns(line) <= width {
		return []string{line}
	}
	var lines []string
	current := ""
	for _, word := range strings.Fields(line) {
		switch {
		case current == "":
			current = word
		case columns(current)+1+columns(word) <= width:
			current += " " + word
		default:
			lines = append(lines, current)
			current = word
		}
	}
	return append(lines, current)
}
