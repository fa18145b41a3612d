package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"spurion/pipeline"
	"spurion/pipeline/spec"
)

// The README, the guide and the language page are kept true: their specs load, their commands and flags
// exist, their links lead somewhere. (docs/reference.md is generated; see reference_test.go.)

// A fence is a block of code in a page: its language, the rest of its first line, its text.
type fence struct {
	page           string
	line           int
	language, info string
	text           string
}

func (f fence) String() string { return fmt.Sprintf("%s:%d", f.page, f.line) }

// pages gives the pages beside the README and everything in docs, with paths relative to the project, which becomes the
// working directory.
func pages(t *testing.T) []string {
	t.Helper()
	t.Chdir(filepath.Join("..", ".."))
	found, err := filepath.Glob("docs/*.md")
	if err != nil || len(found) < 3 {
		t.Fatalf("docs/*.md: %v, %v", found, err)
	}
	return append([]string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}, found...)
}

func readPage(t *testing.T, page string) string {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fences gives the fenced blocks of a page.
func fences(t *testing.T, page string) []fence {
	t.Helper()
	var list []fence
	var open *fence
	for i, line := range strings.Split(readPage(t, page), "\n") {
		switch info, isFence := strings.CutPrefix(line, "```"); {
		case isFence && open == nil:
			language, rest, _ := strings.Cut(info, " ")
			open = &fence{page: page, line: i + 1, language: language, info: rest}
		case isFence:
			list = append(list, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Errorf("%s: the block does not end", *open)
	}
	return list
}

// fencesIn gives the fenced blocks of all pages in a language, which are so many at least.
func fencesIn(t *testing.T, language string, least int) []fence {
	t.Helper()
	var list []fence
	for _, page := range pages(t) {
		for _, f := range fences(t, page) {
			if f.language == language {
				list = append(list, f)
			}
		}
	}
	if len(list) < least {
		t.Errorf("only %d blocks of %s were found in the pages", len(list), language)
	}
	return list
}

// around stands beside a fragment of a spec: what the fragment may refer to. What it defines itself is left out.
var around = []string{
	`variable "seeds" { default = 2 }`,
	`sweep "grid" {
  strength = [0.6, 0.8, 0.9]
  seed     = range(2)
}`,
	`sweep "rates" { learning_rate = [0.1, 0.3] }`,
	`stage "generate" "parity" {
  for_each   = sweep.grid
  dimensions = 16
  core       = parity(4)
  spurious   = parity(2)
  strength   = each.strength
}`,
	`stage "train" "erm" {
  for_each = generate.parity
  data     = each.dataset
  steps    = 100
  optimizer "sgd" { rate = 0.1 }
}`,
	`stage "compose" "dominoes" {
  for_each = sweep.grid
  core     = generate.parity[{ strength = 0.9, seed = 0 }].dataset
  spurious = generate.parity[{ strength = 0.9, seed = 0 }].dataset
  strength = each.strength
}`,
}

// executorsInfo marks blocks of HCL that are files of executors.
const executorsInfo = "executors"

// TestDocSpecs loads every spec in the pages; one marked as a fragment, beside what stands around it.
func TestDocSpecs(t *testing.T) {
	for _, f := range fencesIn(t, "hcl", 10) {
		files := map[string]string{"spec.hcl": f.text}
		switch f.info {
		case "":
		case "fragment":
			for i, block := range around {
				if head, _, _ := strings.Cut(block, "{"); !strings.Contains(f.text, head) {
					files[fmt.Sprintf("around%d.hcl", i)] = block + "\n"
				}
			}
		case executorsInfo:
			files = nil
		default:
			t.Errorf("%s: a block of HCL is a whole spec, or marked as fragment or executors, not %q", f, f.info)
		}
		if files != nil {
			checkSpec(t, f.String(), files)
		}
		if formatted, ds := spec.Format([]byte(f.text), "spec.hcl"); !ds.HasErrors() && string(formatted) != f.text {
			t.Errorf("%s is not formatted; it should be\n%s", f, formatted)
		}
	}
}

func checkSpec(t *testing.T, name string, files map[string]string) {
	t.Helper()
	folder := t.TempDir()
	for file, text := range files {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, ds := pipeline.Validate(pipeline.Config{Path: folder, Kinds: registry()})
	for i := range ds {
		t.Errorf("%s:\n%s", name, ds[i].Text(100, false))
	}
}

// TestDocLinks: relative links lead to files, anchors to headings.
func TestDocLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^()\s]+)\)`)
	count := 0
	for _, page := range pages(t) {
		text := withoutFences(readPage(t, page))
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			count++
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), filepath.FromSlash(target))
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: the link %s leads nowhere: %v", page, m[1], err)
			} else if anchor != "" && !slices.Contains(anchors(readPage(t, path)), anchor) {
				t.Errorf("%s: the link %s leads to no heading", page, m[1])
			}
		}
	}
	if count < 30 {
		t.Errorf("only %d links were found", count)
	}
}

func withoutFences(text string) string {
	return regexp.MustCompile("(?ms)^```.*?^```").ReplaceAllString(text, "")
}

// anchors gives the anchors that GitHub makes of a page's headings.
func anchors(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(withoutFences(text), -1) {
		list = append(list, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, m[1]))
	}
	return list
}

// TestReadme keeps the first page to a few screens.
func TestReadme(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	text := readPage(t, "README.md")
	if n := strings.Count(text, "\n"); n >= 120 {
		t.Errorf("it has %d lines; at most 119 are read", n)
	}
	for _, command := range []string{"$ go run ./cmd/spurion run specs/quick.hcl\n", "$ go test ./...\n"} {
		if !strings.Contains(text, command) {
			t.Errorf("it lacks the command %q", command)
		}
	}
}

// TestFunctionsAreListed compares the language page's list of functions with the loader's own, read from its source.
func TestFunctionsAreListed(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	sources, err := filepath.Glob("pipeline/spec/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch d := n.(type) {
			case *ast.GenDecl:
				return false
			case *ast.FuncDecl:
				if !strings.HasSuffix(d.Name.Name, "Functions") || strings.HasPrefix(d.Name.Name, "Test") {
					return false
				}
			}
			if pair, ok := n.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.BasicLit); ok && key.Kind == token.STRING {
					name, _ := strconv.Unquote(key.Value)
					names = append(names, name)
				}
			}
			return true
		})
	}
	if len(names) < 60 {
		t.Fatalf("only %d functions were found", len(names))
	}
	_, list, _ := strings.Cut(readPage(t, "docs/language.md"), "\n| for | functions |\n")
	list, _, _ = strings.Cut(list, "\n\n")
	var listed []string
	for _, m := range regexp.MustCompile("`([a-z0-9]+)`").FindAllStringSubmatch(list, -1) {
		listed = append(listed, m[1])
	}
	slices.Sort(names)
	slices.Sort(listed)
	if !slices.Equal(names, listed) {
		t.Errorf("docs/language.md lists\n%v\nbut there are\n%v", listed, names)
	}
}

// discard is what a command under test reads and writes.
func discard() streams { return streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard} }

// TestDocGo: a block of Go in a page names the file that it is taken from, and stands in it.
func TestDocGo(t *testing.T) {
	for _, f := range fencesIn(t, "go", 3) {
		if !strings.Contains(readPage(t, f.info), f.text) {
			t.Errorf("%s is not in %s", f, f.info)
		}
	}
}
