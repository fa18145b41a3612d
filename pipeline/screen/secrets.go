package screen

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Secrets are texts that are not to be seen, such as a token that a program was handed. A secret shorter than wordSecret
// is found only where it stands as a word, one shorter than shortestSecret nowhere: "1" and "on" stand in every log, and
// are no secrets. Of a secret of several lines each line is one; spaces around it are no part of it. It is found as it is and
// as it is escaped between quotes, in JSON, XML, Markdown and LaTeX. A nil *Secrets has none. It may be used from
// several goroutines.
type Secrets struct {
	texts [][]byte // the longest first
	first [256]bool
}

const (
	shortestSecret = 4
	wordSecret     = 8
	masked         = "(sensitive)"
)

// NewSecrets gives the secrets among some texts; nil if there are none.
func NewSecrets(texts ...string) *Secrets {
	var s Secrets
	for _, text := range texts {
		for _, part := range append(strings.Split(text, "\n"), text) {
			part = strings.TrimSpace(part)
			if len(part) < shortestSecret {
				continue
			}
			for _, form := range written(part) {
				s.add(form)
			}
		}
	}
	if len(s.texts) == 0 {
		return nil
	}
	slices.SortFunc(s.texts, func(a, b []byte) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return bytes.Compare(a, b)
	})
	s.texts = slices.CompactFunc(s.texts, bytes.Equal)
	return &s
}

func (s *Secrets) add(text string) {
	s.texts = append(s.texts, []byte(text))
	s.first[text[0]] = true
}

// Hide gives a text with "(sensitive)" in place of every secret.
func (s *Secrets) Hide(text string) string {
	if s == nil {
		return text
	}
	m := s.Stream()
	return string(m.Add([]byte(text))) + string(m.End())
}

// HideNumber is Hide for the digits of a number. Secrets that are found as words only stay: 1000 is a count, whatever
// a variable holds.
func (s *Secrets) HideNumber(digits string) string {
	if len(digits) < wordSecret {
		return digits
	}
	return s.Hide(digits)
}

// Head gives the first bytes of data, at most so many, without secrets, and without what may be the beginning of one that
// the end cuts.
func (s *Secrets) Head(data []byte, most int) []byte {
	m := s.Stream()
	head := slices.Clip(m.Add(data[:min(len(data), most)]))
	if len(data) <= most {
		head = append(head, m.End()...)
	}
	return head
}

// A Mask hides secrets in a text that comes in pieces, however it is cut.
type Mask struct {
	secrets *Secrets
	held    []byte // may be the beginning of one
	before  byte   // the last byte that was given on
}

// Stream begins a text.
func (s *Secrets) Stream() *Mask { return &Mask{secrets: s} }

// Add gives what can be given on after p has come; the result is valid until the next call.
func (m *Mask) Add(p []byte) []byte {
	if m.secrets == nil {
		return p
	}
	return m.scan(append(m.held, p...), false)
}

// End gives the rest.
func (m *Mask) End() []byte {
	if m.secrets == nil {
		return nil
	}
	return m.scan(m.held, true)
}

func (m *Mask) scan(b []byte, last bool) []byte {
	var out []byte
	i := 0
	for i < len(b) {
		if !m.secrets.first[b[i]] {
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
func (m *Mask) match(b []byte, last bool) (n int, wait bool) {
	for _, s := range m.secrets.texts {
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
