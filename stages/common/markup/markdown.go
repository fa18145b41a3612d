// Package markup escapes text for those who interpret it: Markdown and LaTeX.
package markup

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown escapes a text for a line or a table's cell of Markdown, as GitHub and pandoc read it, so that it shows as it
// is: bars, emphasis, code, links, HTML, entities, strikethrough, mathematics, headings, items of lists, rules. Line ends and tabs become spaces. What
// is none of these where it stands, such as an underscore within a word and the sign in a < b, stays.
func Markdown(s string) string {
	var b strings.Builder
	before := ' ' // the letter before
	block := blockSign(s)
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		after, _ := utf8.DecodeRuneInString(s[i+size:])
		switch {
		case i == block:
			b.WriteByte('\\')
		case r == '\n' || r == '\r' || r == '\t':
			r = ' '
		case r == '_' && inWord(before) && inWord(after),
			r == '<' && !unicode.IsLetter(after) && !strings.ContainsRune("/!?", after), // as in a < b
			r == '>' && i > 0,
			r == '&' && !unicode.IsLetter(after) && after != '#':
		case strings.ContainsRune("\\|`*_<>[]~&$", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// blockSign gives the place of the sign at the beginning of a text that makes a heading, an item of a list or a rule of
// the line; -1 if there is none.
func blockSign(s string) int {
	place := blockStart.FindStringSubmatchIndex(s)
	for _, at := range place[min(2, len(place)):] {
		if at >= 0 {
			return at
		}
	}
	return -1
}

// blockStart matches what begins a block: its sign is the first group that is there.
var blockStart = regexp.MustCompile(`^\s*(?:(#)#*(?:\s|$)|([-+])(?:\s|$)|([-=])[-=\s]*$|\d{1,9}([.)])(?:\s|$))`)

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// MarkdownCode gives a text as code, for a cell too: between more backticks than it holds in a row, with bars escaped,
// which a cell takes off again.
func MarkdownCode(s string) string {
	s = strings.NewReplacer("\n", " ", "\r", " ", "|", `\|`).Replace(s)
	fence, run := 1, 0
	for _, r := range s {
		if run++; r != '`' {
			run = 0
		}
		fence = max(fence, run+1)
	}
	pad := ""
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || s == "" {
		pad = " "
	}
	ticks := strings.Repeat("`", fence)
	return ticks + pad + s + pad + ticks
}
