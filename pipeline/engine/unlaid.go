package engine

import (
	"errors"
	"fmt"
	"os/exec"
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

// mostUnlaid is how many such files are named.
const mostUnlaid = 5

// unlaid adds to a program's failure the files of the project that its command, or the end of what it printed, names and
// that were not laid out for it.
func (j *job) unlaid(failure error) error {
	var declared *stages.DeclarationError
	if j.ran == nil || errors.As(failure, &declared) {
		return failure
	}
	if program := j.ran.command.Args[0]; errors.Is(failure, exec.ErrNotFound) {
		if j.runner.options.External.IsFile(program) {
			return fmt.Errorf("%w\n%s lies in the project: list it in files, and name what runs it before it in command, such as python3 or sh", failure, program)
		}
		return failure
	}
	var scratch string
	for _, p := range j.programs.list {
		scratch = p.scratch.Dir
	}
	folder := j.specFolder()
	var found, beside []string
	for _, name := range namedFiles(j.ran.command, j.ran.result, scratch) {
		for _, at := range [...]string{name, path.Join(folder, name)} {
			if _, laid := j.ran.command.Files[at]; laid || slices.Contains(j.ran.command.Collect, at) {
				break
			}
			if slices.Contains(found, at) || len(found) == mostUnlaid {
				break
			}
			if j.runner.options.External.IsFile(at) {
				found = append(found, at)
				if at != name {
					beside = append(beside, at)
				}
				break
			}
		}
	}
	if len(found) == 0 {
		return failure
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
	return fmt.Errorf("%w\n%s %s not listed in files, so the program does not see %s: add files = [%s]%s",
		failure, strings.Join(found, ", "), what, it, strings.Join(quoted, ", "), more)
}

// specFolder gives the folder of the spec as a path of the project, "" if it lies outside.
func (j *job) specFolder() string {
	s := j.runner.plan.Spec
	at := s.Path
	if strings.HasSuffix(at, ".hcl") {
		at = filepath.Dir(at)
	}
	root, err := filepath.Abs(s.Root)
	if err != nil {
		return ""
	}
	if at, err = filepath.Abs(at); err != nil {
		return ""
	}
	rel, err := filepath.Rel(root, at)
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// namedFiles gives what may be relative paths of files in a command and in the end of what it printed, each once.
func namedFiles(c *stages.Command, result *stages.CommandResult, scratch string) []string {
	texts := slices.Clone(c.Args[1:])
	if result != nil {
		texts = slices.Concat(texts, result.Stderr.Last, result.Stdout.Last)
	}
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if scratch != "" {
			name = strings.TrimPrefix(name, filepath.ToSlash(scratch)+"/")
		}
		name = strings.TrimRight(strings.TrimPrefix(name, "./"), ".:")
		if name != "" && !seen[name] && filepath.IsLocal(filepath.FromSlash(name)) && path.Clean(name) == name && screen.Line(name) == name {
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
