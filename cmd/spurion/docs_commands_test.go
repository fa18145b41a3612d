package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"spurion/pipeline"
)

// A docCommand is a command line that a page shows. One in running text may leave arguments out.
type docCommand struct {
	where string
	words []string // after "spurion"
	whole bool
}

// shownCommands gives the command lines of a page: in blocks of shell (whole lines) and of a console (lines
// after "$ "), and in running text (in backquotes).
func shownCommands(t *testing.T, page string) []docCommand {
	t.Helper()
	var list []docCommand
	add := func(where, line string, whole bool) {
		words := shellWords(line)
		switch {
		case len(words) >= 1 && words[0] == "spurion":
			list = append(list, docCommand{where, words[1:], whole})
		case len(words) >= 3 && slices.Equal(words[:3], []string{"go", "run", "./cmd/spurion"}):
			list = append(list, docCommand{where, words[3:], whole})
		}
	}
	for _, f := range fences(t, page) {
		for i, line := range strings.Split(f.text, "\n") {
			where := fmt.Sprintf("%s:%d", page, f.line+1+i)
			switch command, prompt := strings.CutPrefix(line, "$ "); {
			case f.language == "sh":
				add(where, line, true)
			case f.language == "console" && prompt:
				add(where, command, true)
			}
		}
	}
	text := withoutFences(readPage(t, page))
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		add(page, strings.ReplaceAll(m[1], "\n", " "), false)
	}
	return list
}

// shellWords splits a line as a shell does, as far as the pages need it: quotes, assignments before the
// command, and an end at a comment, a pipe, a redirection or another command.
func shellWords(line string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	begun := false
	end := func() {
		if begun {
			words = append(words, word.String())
		}
		word.Reset()
		begun = false
	}
scan:
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ':
			end()
		case strings.ContainsRune("|<>&;", r) || r == '#' && !begun:
			break scan
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	end()
	for len(words) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(words[0]) {
		words = words[1:]
	}
	return words
}

// find gives the command that a command line names, with its flags parsed.
func (s docCommand) find() (*cobra.Command, error) {
	root := (&app{registry: registry()}).root()
	cmd, rest, err := root.Find(longFlags(s.words))
	if err != nil {
		return nil, err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return nil, err
	}
	if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 {
		return nil, unknownCommand(cmd, args[0])
	}
	if s.whole {
		return cmd, cmd.ValidateArgs(cmd.Flags().Args())
	}
	return cmd, nil
}

// TestDocCommands: every command line in the pages is one that the program takes, and those that stand on their
// own really work, on the specs of the project and an empty store. What would compute is planned only.
func TestDocCommands(t *testing.T) {
	executed := 0
	for _, page := range pages(t) {
		for _, s := range shownCommands(t, page) {
			cmd, err := s.find()
			if err != nil {
				t.Errorf("%s: spurion %s: %v", s.where, strings.Join(s.words, " "), err)
				continue
			}
			args := cmd.Flags().Args()
			if !s.whole || len(args) == 0 || !strings.HasPrefix(args[0], "specs/") {
				continue
			}
			if try := s.attempt(cmd, args); try != nil {
				executed++
				s.try(t, try)
			}
			if cmd.Name() == "export" {
				s.checkOutputs(t, args)
			}
		}
	}
	if executed < 15 {
		t.Errorf("only %d commands were tried", executed)
	}
}

// attempt gives what to run in the command's place, or nil. A run or an eviction becomes a plan of the same targets.
func (s docCommand) attempt(cmd *cobra.Command, args []string) []string {
	switch name := cmd.Name(); name {
	case "validate", "plan", "why", "show", "graph":
		return slices.DeleteFunc(slices.Clone(s.words), func(w string) bool { return w == "--detailed-exitcode" })
	case "run", "evict":
		try := []string{"plan"}
		for _, flag := range []string{"var", "var-file"} {
			values, _ := cmd.Flags().GetStringArray(flag)
			for _, v := range values {
				try = append(try, "--"+flag, v)
			}
		}
		return append(try, args...)
	}
	return nil
}

func (s docCommand) try(t *testing.T, args []string) {
	t.Helper()
	var errs bytes.Buffer
	to := discard()
	to.Err, to.Environ = &errs, os.Environ()
	folder := t.TempDir()
	if code := execute(registry(), append(args, "--store", folder+"/store", "--out", folder+"/out"), to); code != exitDone {
		t.Errorf("%s: spurion %s: exit code %d\n%s", s.where, strings.Join(args, " "), code, &errs)
	}
}

// checkOutputs wants the outputs that an export names.
func (s docCommand) checkOutputs(t *testing.T, args []string) {
	t.Helper()
	loaded, ds := pipeline.Validate(pipeline.Config{Path: args[0], Kinds: registry()})
	if ds.HasErrors() {
		t.Errorf("%s: %v", s.where, ds)
		return
	}
	known := map[string]bool{}
	for _, st := range loaded.Stages {
		for _, o := range st.Kind.Outputs {
			known[st.ID()] = true
			known[st.ID()+"."+o.Name] = true
		}
	}
	for _, target := range args[1:] {
		if !known[target] {
			t.Errorf("%s: there is no output %s", s.where, target)
		}
	}
}

// TestShellWords: what the check above takes for a command line.
func TestShellWords(t *testing.T) {
	for line, want := range map[string]string{
		`spurion plan specs/quick.hcl 'train.erm[seed=2]' # why`: "spurion plan specs/quick.hcl train.erm[seed=2]",
		`A=1 B_C="x y" spurion run a.hcl | head`:                 "spurion run a.hcl",
		`spurion run --var 'rates=[1, 2]' a.hcl && echo`:         "spurion run --var rates=[1, 2] a.hcl",
		`spurion show a#b.hcl > x`:                               "spurion show a#b.hcl",
		``:                                                       "",
	} {
		if got := strings.Join(shellWords(line), " "); got != want {
			t.Errorf("%q is split into %q, want %q", line, got, want)
		}
	}
}

// TestWrongDocCommandsAreFound: the check can fail.
func TestWrongDocCommandsAreFound(t *testing.T) {
	for _, line := range []string{"rnu specs/quick.hcl", "run --wokers 2 specs/quick.hcl", "cache du --gone", "cache gone", "run", "why specs/quick.hcl"} {
		if cmd, err := (docCommand{words: shellWords(line), whole: true}).find(); err == nil {
			t.Errorf("%q passes as %s", line, cmd.CommandPath())
		}
	}
}

// TestDocCounts: where the first pages show how many instances a run or a plan of specs/quick.hcl has, it has so many.
func TestDocCounts(t *testing.T) {
	pages(t)
	s, ds := pipeline.Validate(pipeline.Config{Path: "specs/quick.hcl", Kinds: registry()})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	instances := 0
	for _, st := range s.Stages {
		instances += len(st.Instances)
	}
	counts := regexp.MustCompile(`(?:Done|Plan): (\d+) (?:computed|cached)(?:, (\d+) to run, (\d+) wait)?\b`)
	found := 0
	for _, page := range []string{"README.md", "docs/guide.md"} {
		for _, m := range counts.FindAllStringSubmatch(readPage(t, page), -1) {
			sum := 0
			for _, number := range m[1:] {
				n, err := strconv.Atoi(number)
				if err != nil && number != "" {
					t.Fatal(err)
				}
				sum += n
			}
			if found++; sum != instances {
				t.Errorf("%s says %q, and specs/quick.hcl has %d instances", page, m[0], instances)
			}
		}
	}
	if found < 5 {
		t.Errorf("found %d counts, fewer than there are", found)
	}
}
