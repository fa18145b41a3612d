package spurion

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spurion/stages/stagetest/floatguard"
)

// What a file and a function may have at most, and what they aim at. Generated code is exempt,
// and so are test functions, which are mostly tables.
const (
	maxFileLines, aimFileLines         = 400, 300
	maxFunctionLines, aimFunctionLines = 80, 60
)

// TestDocs: every exported type, function, method, constant and variable of a package that others
// import says what it is, and every package what it is for.
func TestDocs(t *testing.T) {
	packages := map[string]bool{} // by folder: has a package comment
	for _, f := range goFiles(t, parser.ParseComments) {
		folder := path.Dir(f.path)
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		packages[folder] = packages[folder] || f.syntax.Doc != nil
		if f.syntax.Name.Name == "main" {
			continue
		}
		for _, name := range undocumented(f.syntax) {
			t.Errorf("%s:%d: exported %s has no doc comment", f.path, f.set.Position(name.Pos()).Line, name.Name)
		}
	}
	for _, folder := range sortedKeys(packages) {
		if !packages[folder] {
			t.Errorf("%s: no file has a package comment", folder)
		}
	}
}

// undocumented gives the exported names of a file without a comment. A comment on a group counts
// for its constants and variables.
func undocumented(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	missing := func(name *ast.Ident, docs ...*ast.CommentGroup) {
		if name.IsExported() && !slices.ContainsFunc(docs, func(d *ast.CommentGroup) bool { return d != nil }) {
			names = append(names, name)
		}
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if !wellKnown(d) && (d.Recv == nil || receiver(d.Recv.List[0].Type).IsExported()) {
				missing(d.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					missing(s.Name, s.Doc, d.Doc)
				case *ast.ValueSpec:
					for _, name := range s.Names {
						missing(name, s.Doc, s.Comment, d.Doc)
					}
				}
			}
		}
	}
	return names
}

// wellKnown reports methods whose name says all, since the standard library defines it.
func wellKnown(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains([]string{"Error", "Unwrap", "String", "MarshalJSON", "UnmarshalJSON"}, d.Name.Name)
}

func receiver(e ast.Expr) *ast.Ident {
	switch x := e.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.IndexListExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x
	}
	return ast.NewIdent("_")
}

// TestSizes: a file is about one idea, a function is read without scrolling. What is longer than
// aimed at is listed by go test -v.
func TestSizes(t *testing.T) {
	for _, f := range goFiles(t, parser.ParseComments) {
		if ast.IsGenerated(f.syntax) {
			continue
		}
		test := strings.HasSuffix(f.path, "_test.go")
		lines := bytes.Count(f.text, []byte("\n"))
		measure(t, f.path, lines, aimFileLines, maxFileLines, test)
		for _, decl := range f.syntax.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok {
				from, to := f.set.Position(d.Pos()).Line, f.set.Position(d.End()).Line
				measure(t, fmt.Sprintf("%s:%d: %s", f.path, from, d.Name.Name), to-from+1, aimFunctionLines, maxFunctionLines, test)
			}
		}
	}
}

func measure(t *testing.T, what string, lines, aim, limit int, test bool) {
	switch {
	case test:
	case lines > limit:
		t.Errorf("%s has %d lines; at most %d, better %d", what, lines, limit, aim)
	case lines > aim:
		t.Logf("%s has %d lines; better %d", what, lines, aim)
	}
}

// TestNames: a package is named after what it is about. A wing holds no code, and may be called common.
func TestNames(t *testing.T) {
	for _, f := range goFiles(t, parser.PackageClauseOnly) {
		name := strings.TrimSuffix(f.syntax.Name.Name, "_test")
		wing := slices.ContainsFunc(folders, func(w folder) bool { return w.wing && w.path == path.Dir(f.path) })
		if !wing && slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "types", "misc", "shared", "base", "lib"}, name) {
			t.Errorf("%s: a package called %s could hold anything", f.path, name)
		}
		if last := path.Base(path.Dir(f.path)); name != last && name != "main" && path.Dir(f.path) != "." {
			t.Errorf("%s: package %s stands in a folder called %s", f.path, name, last)
		}
	}
}

// machinePath finds paths that exist on one machine only.
var machinePath = regexp.MustCompile(`(^|[^\w.*/])/(work|root)/`)

// TestNoMachinePaths: what is written here holds on every machine.
func TestNoMachinePaths(t *testing.T) {
	read := 0
	for name, text := range textFiles(t) {
		read++
		if name == "lint_test.go" {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			if at := machinePath.FindString(line); at != "" {
				t.Errorf("%s:%d: %q is a path of one machine", name, i+1, strings.TrimSpace(at))
			}
		}
	}
	if read < 50 {
		t.Errorf("only %d files were read", read)
	}
	for line, found := range map[string]bool{
		"/work/main": true, `"/root/x"`: true, "cd /work/": true, "out/work/x": false, "a/root/": false,
		"https://example.com/work/": false, "./work/": false,
	} {
		if machinePath.MatchString(line) != found {
			t.Errorf("%q: found is %v", line, !found)
		}
	}
}

// textFiles gives the text files of the project by path, without what runs leave behind.
func textFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	skip := []string{".git", ".spurion", "out", ".venv", "__pycache__", ".pytest_cache"}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(skip, entry.Name()):
			return fs.SkipDir
		case !entry.Type().IsRegular() || entry.Name() == ".git": // a file in a linked worktree
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !bytes.Contains(data[:min(len(data), 8000)], []byte{0}) {
			files[filepath.ToSlash(name)] = string(data)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestEqualBits: nothing that reaches an artifact is computed in a way that a compiler or processor
// may change.
func TestEqualBits(t *testing.T) {
	findings, err := floatguard.Check(".", "./stages/...", "./artifacts/frame")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

// TestLint checks that the checks find what they are there for.
func TestLint(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", `package x
type T struct{}
func (T) M() {}
func (*T) String() string { return "" }
type u struct{}
func (u) M() {}
// F is documented.
func F() {}
func G() {}
// Both are documented.
const (
	A = 1
	B = 2
)
var C, d = 1, 2 // C is documented.
var E int
type H[K any] struct{}
func (h *H[K]) N() {}
`, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, name := range undocumented(file) {
		got = append(got, name.Name)
	}
	if want := []string{"T", "M", "G", "E", "H", "N"}; !slices.Equal(got, want) {
		t.Errorf("without a doc are %v, want %v", got, want)
	}
}

func sortedKeys(m map[string]bool) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
