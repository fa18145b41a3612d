package main

import (
	"strings"
	"unicode/utf8"
)

// A section is a table with a title, and lines of text under it.
type section struct {
	title  string
	header []string
	rows   [][]string
	notes  []string
}

// sectioned is a report that people can read.
type sectioned interface{ sections() []section }

// render gives Markdown whose tables are aligned, so that it reads well as it is. The first column is text;
// the others are flush right.
func render(sections []section) string {
	var b strings.Builder
	for i, s := range sections {
		if i > 0 {
			b.WriteByte('\n')
		}
		if s.title != "" {
			b.WriteString("### " + s.title + "\n\n")
		}
		if len(s.header) > 0 {
			s.table(&b)
		}
		if len(s.notes) > 0 && len(s.header) > 0 {
			b.WriteByte('\n')
		}
		for _, note := range s.notes {
			b.WriteString(note + "\n")
		}
	}
	return b.String()
}

func (s *section) table(b *strings.Builder) {
	widths := make([]int, len(s.header))
	for _, row := range append([][]string{s.header}, s.rows...) {
		for c, cell := range row {
			widths[c] = max(widths[c], utf8.RuneCountInString(cell), 3)
		}
	}
	line := func(row []string) {
		for c, width := range widths {
			cell := ""
			if c < len(row) {
				cell = row[c]
			}
			space := strings.Repeat(" ", width-utf8.RuneCountInString(cell))
			if c == 0 {
				b.WriteString("| " + cell + space + " |")
			} else {
				b.WriteString(" " + space + cell + " |")
			}
		}
		b.WriteByte('\n')
	}
	line(s.header)
	rule := make([]string, len(widths))
	for c, width := range widths {
		rule[c] = strings.Repeat("-", width)
		if c > 0 {
			rule[c] = rule[c][1:] + ":"
		}
	}
	line(rule)
	for _, row := range s.rows {
		line(row)
	}
}
