package cluster

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The words that stand for values in a launcher's commands.
var (
	// SubmitWords are those of the command that submits: what the array is, and what a task asks for. cpus is at least 1; gpus and
	// memory_mb (MiB) are 0 if nobody says; minutes and seconds are how long a task may run.
	SubmitWords = []string{"name", "dir", "tasks", "first", "last", "script", "running", "cpus", "gpus", "memory_mb", "minutes", "seconds"}
	// AskWords are those of the commands that ask and cancel.
	AskWords = []string{"name", "dir", "tasks", "first", "last"}
)

// A Template is a command for /bin/sh in which words stand for values: {name}. A word is of small letters and underscores; ${name}
// and braces around anything else are the shell's and its programs', and {{name}} gives {name} itself.
type Template string

var (
	wordShape  = regexp.MustCompile(`^\{([a-z_]+)\}`)
	plainShape = regexp.MustCompile(`^\{(\{[a-z_]+\})\}`)
	plainValue = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)
)

// Check reports a word that is none of those given.
func (t Template) Check(words []string) error {
	var wrong error
	t.each(func(word string, _ byte) string {
		if wrong == nil && !slices.Contains(words, word) {
			wrong = fmt.Errorf("there is no word {%s}; there are {%s}, and {{%s}} stands for the text itself", word, strings.Join(words, "}, {"), word)
		}
		return ""
	})
	return wrong
}

// Fill gives the command with values in place of words, quoted as the place where each stands needs it: a value stays one word for the
// shell, whatever it holds.
func (t Template) Fill(values map[string]string) string {
	return t.each(func(word string, quote byte) string {
		switch v := values[word]; quote {
		case '\'':
			return strings.ReplaceAll(v, "'", `'\''`)
		case '"':
			return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(v)
		default:
			if plainValue.MatchString(v) {
				return v
			}
			return ShellWord(v)
		}
	})
}

// each replaces words, which it gives with the quote around them: ', " or 0.
func (t Template) each(value func(word string, quote byte) string) string {
	var b strings.Builder
	var quote byte
	for text := string(t); text != ""; {
		n := 1
		switch c := text[0]; {
		case c == '\\' && quote != '\'' && len(text) > 1:
			n = 2
		case c == '$' && wordShape.MatchString(text[1:]):
			n = 1 + len(wordShape.FindString(text[1:]))
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case plainShape.MatchString(text):
			m := plainShape.FindStringSubmatch(text)
			b.WriteString(m[1])
			text = text[len(m[0]):]
			continue
		case wordShape.MatchString(text):
			m := wordShape.FindStringSubmatch(text)
			b.WriteString(value(m[1], quote))
			text = text[len(m[0]):]
			continue
		}
		b.WriteString(text[:n])
		text = text[n:]
	}
	return b.String()
}
