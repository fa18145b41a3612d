package spec

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// format makes the text of Format.
func format(src []byte, filename string) ([]byte, Diagnostics) {
	l := newLoader(Options{})
	s := newSource(filename, src)
	if l.parse(s); l.failed {
		return nil, l.diags.sorted()
	}
	text := s.text
	if trimmed := bytes.TrimRight(text, "\n \t"); len(trimmed) == 0 {
		return []byte{}, nil
	}
	// The formatter needs more than one pass for some texts.
	for range 10 {
		next := hclwrite.Format(text)
		if !bytes.HasSuffix(next, []byte("\n")) {
			next = append(next, '\n')
		}
		if bytes.Equal(next, text) {
			break
		}
		if !sameTokens(s.text, next, filename) {
			return s.text, nil // never change what a text means for its looks
		}
		text = next
	}
	return text, nil
}

// sameTokens reports whether two texts differ in white space between tokens alone.
func sameTokens(a, b []byte, filename string) bool {
	x, _ := hclsyntax.LexConfig(a, filename, hcl.InitialPos)
	y, _ := hclsyntax.LexConfig(b, filename, hcl.InitialPos)
	i, j := 0, 0
	for {
		for i < len(x) && x[i].Type == hclsyntax.TokenNewline {
			i++
		}
		for j < len(y) && y[j].Type == hclsyntax.TokenNewline {
			j++
		}
		if i == len(x) || j == len(y) {
			return i == len(x) && j == len(y)
		}
		one, other := x[i].Bytes, y[j].Bytes
		if x[i].Type == hclsyntax.TokenComment {
			one, other = bytes.TrimSpace(one), bytes.TrimSpace(other)
		}
		if x[i].Type != y[j].Type || !bytes.Equal(one, other) {
			return false
		}
		i, j = i+1, j+1
	}
}
