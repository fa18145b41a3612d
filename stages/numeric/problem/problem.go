// Package problem says what is wrong with numbers that somebody wrote. The contract of kinds (package
// stages) has it as its own, so that arithmetic can complain of its settings without knowing a kind.
package problem

import "strings"

// A Problem is something well typed that makes no sense.
type Problem struct {
	Path    string // the dotted name of the setting or field at fault; empty for the whole
	Summary string // what is wrong; under 60 characters, no full stop
	Detail  string // why, and what to write instead
}

// Sentence gives an error's text, which must not be empty, as a sentence of a Detail.
func Sentence(err error) string {
	s := err.Error()
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
