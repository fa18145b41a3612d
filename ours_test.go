package spurion

import (
	"bytes"
	"go/ast"
	"go/parser"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	ourRow  = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| (\d+) \| ([^|]+) \| ([^|]+) \|$`)
	ourPath = regexp.MustCompile(`\]\(\.\./([^)]+)\)`)
)

// TestOurs: the table of what is ours although libraries exist names files and folders that are there, and their
// lines, without tests and generated code, to a fifth.
func TestOurs(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n## What is ours although libraries exist\n")
	if !found {
		t.Fatal("docs/architecture.md has no such table")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	lines := map[string]int{} // by file, and by folder without those below it
	for _, f := range goFiles(t, parser.ParseComments) {
		if !strings.HasSuffix(f.path, "_test.go") && !ast.IsGenerated(f.syntax) {
			n := bytes.Count(f.text, []byte("\n"))
			lines[f.path] += n
			lines[path.Dir(f.path)] += n
		}
	}
	standins, err := filepath.Glob("artifacts/frame/_standin/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range standins { // modules of their own, which goFiles leaves out
		err := filepath.WalkDir(module, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := os.ReadFile(name)
			lines[path.Dir(filepath.ToSlash(name))] += bytes.Count(text, []byte("\n"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := ourRow.FindAllStringSubmatch(table, -1)
	if want := strings.Count(table, "\n| ") - 1; len(rows) != want || want < 20 {
		t.Errorf("%d rows of %d have a thing, places, lines, libraries and a reason", len(rows), want)
	}
	for _, row := range rows {
		sum := 0
		for _, p := range ourPath.FindAllStringSubmatch(row[2], -1) {
			n, ok := lines[strings.TrimSuffix(p[1], "/")]
			if !ok {
				t.Errorf("%s: there is no code in %s", row[1], p[1])
			}
			sum += n
		}
		if said, _ := strconv.Atoi(row[3]); said*5 < sum*4 || said*5 > sum*6 {
			t.Errorf("%s: docs/architecture.md says %d lines, there are %d", row[1], said, sum)
		}
	}
}
