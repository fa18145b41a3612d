package program

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"spurion/pipeline/screen"
	"spurion/stages"
)

// A program that failed may have looked for a file that lies in the project, and that nobody listed in files.

// mostUnlaid is how many such files are told, of the first mostNamed words that may be a file's name.
const mostUnlaid, mostNamed = 5, 1000

// A Failed command is one that failed.
type Failed struct {
	Command *stages.Command
	Result  *stages.CommandResult // nil if it did not run
	Scratch string                // the folder that it ran in, "" if it did not run
	Err     error
}

// Unlaid says which files of the project the command, or the end of what it printed, names that were not laid out for it,
// and what to do; "" if there are none. The folder, a path in the project, is another one in which it looks for them.
func (f Failed) Unlaid(folder string, isFile func(path string) bool) string {
	var missing *notFoundError
	if errors.As(f.Err, &missing) {
		name := missing.name
		if !isFile(name) {
			return ""
		}
		return name + " lies in the project: list it in files, and name what runs it before it in command, such as python3 or sh"
	}
	var found, beside []string
	for _, name := range f.named() {
		for _, at := range [...]string{name, path.Join(folder, name)} {
			if _, laid := f.Command.Files[at]; laid || slices.Contains(f.Command.Collect, at) {
				break
			}
			if slices.Contains(found, at) || len(found) == mostUnlaid {
				break
			}
			if isFile(at) {
				found = append(found, at)
				if at != name {
					beside = append(beside, at)
				}
				break
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	what, it := "lies in the project, but is", "it"
	if len(found) > 1 {
		what, it = "lie in the project, but are", "them"
	}
	quoted := make([]string, len(found))
	for i, name := range found {
		quoted[i] = strconv.Quote(name)
	}
	more := ""
	if len(beside) > 0 {
		more = fmt.Sprintf(", and have the program read %s: it finds files at their paths in the project", strings.Join(beside, ", "))
	}
	return fmt.Sprintf("%s %s not listed in files, so the program does not see %s: add files = [%s]%s",
		strings.Join(found, ", "), what, it, strings.Join(quoted, ", "), more)
}

// named gives what may be relative paths of files in the command and in the end of what it printed, each once.
func (f Failed) named() []string {
	texts := slices.Clone(f.Command.Args[1:])
	if f.Result != nil {
		texts = slices.Concat(texts, f.Result.Stderr.Last, f.Result.Stdout.Last)
	}
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if f.Scratch != "" {
			name = strings.TrimPrefix(name, filepath.ToSlash(f.Scratch)+"/")
		}
		name = strings.TrimRight(strings.TrimPrefix(name, "./"), ".:")
		if name != "" && len(names) < mostNamed && !seen[name] && filepath.IsLocal(filepath.FromSlash(name)) && path.Clean(name) == name && screen.Line(name) == name {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, text := range texts {
		add(text)
		for _, part := range strings.FieldsFunc(text, isQuote) { // a name may have spaces
			add(part)
		}
		for _, word := range strings.FieldsFunc(text, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-/+@%~", r)
		}) {
			add(word)
		}
	}
	return names
}

func isQuote(r rune) bool { return strings.ContainsRune("'\"`‘’“”", r) }
