package spurion

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// Where kinds stand, and the file that lists them.
var (
	kindFolders  = []string{"stages/experiment", "stages/analysis", "stages/external"}
	registryFile = "cmd/spurion/kinds.go"
)

// TestKinds: every kind is in the registry, and has tests of what every kind promises and of its bytes. What is
// missing is told with what to add. That all parts of a kind have cases, and that it reports progress, is
// checked by stagetest.Conform.
func TestKinds(t *testing.T) {
	files := goFiles(t, parser.SkipObjectResolution)
	for _, wrong := range missing(files) {
		t.Error(wrong)
	}
	if n := len(kindsIn(files)); n < 20 {
		t.Errorf("only %d kinds were found", n)
	}
}

// A definedKind is a variable that stages.Define makes.
type definedKind struct {
	folder, name string
	at           string // file and line
	parts        bool   // whether it has parts with versions of their own
}

// missing lists what the kinds of the files lack.
func missing(files []goFile) []string {
	var wrong []string
	kinds := kindsIn(files)
	with := map[string]bool{}
	for _, k := range kinds {
		with[k.folder] = true
		if wingOf(k.folder) == "" {
			wrong = append(wrong, fmt.Sprintf("%s: a kind stands in a folder of its own below %s", k.at, strings.Join(kindFolders, ", ")))
			continue
		}
		pkg := path.Base(k.folder)
		if !registered(files, k) {
			wrong = append(wrong, fmt.Sprintf("%s: no spec can name this kind: add %s.%s to registry in %s", k.at, pkg, k.name, registryFile))
		}
		if !tested(files, k, "Conform") {
			wrong = append(wrong, fmt.Sprintf("%s: no test checks what every kind promises: add to %s/%s_test.go\n\tfunc TestConform(t *testing.T) { stagetest.Conform(t, %s, cases(t)...) }", k.at, k.folder, pkg, k.name))
		}
		if golden := tested(files, k, "GoldenFiles"); !golden && (k.parts || !tested(files, k, "Golden")) {
			wrong = append(wrong, fmt.Sprintf("%s: no test keeps the bytes of its cases: add to %s/golden_test.go\n\tvar update = flag.Bool(\"update\", false, \"rewrite golden files\")\n\tfunc TestGolden(t *testing.T) { stagetest.GoldenFiles(t, %s, *update, cases(t)...) }", k.at, k.folder, k.name))
		}
	}
	for _, folder := range foldersOf(files) {
		if row := folderOf(folder); row != nil && row.inherited && wingOf(folder) != "" && !with[folder] {
			wrong = append(wrong, fmt.Sprintf("%s defines no kind: what kinds share stands in stages/common, arithmetic in stages/numeric", folder))
		}
	}
	return wrong
}

// wingOf gives the folder of kinds that a folder is, or stands in; "" for none.
func wingOf(folder string) string {
	for _, wing := range kindFolders {
		if under(folder, wing) {
			return wing
		}
	}
	return ""
}

// foldersOf gives the folders of the files, sorted; tests alone make none.
func foldersOf(files []goFile) []string {
	seen := map[string]bool{}
	for _, f := range files {
		if base := path.Base(f.path); !strings.HasSuffix(base, "_test.go") {
			seen[path.Dir(f.path)] = true
		}
	}
	return sortedKeys(seen)
}

// kindsIn gives the kinds that the files define, tests aside.
func kindsIn(files []goFile) []definedKind {
	var kinds []definedKind
	for _, f := range files {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for _, decl := range f.syntax.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range d.Specs {
				v, ok := s.(*ast.ValueSpec)
				if !ok || len(v.Values) != len(v.Names) {
					continue
				}
				for i, value := range v.Values {
					if call, ok := value.(*ast.CallExpr); ok && isCall(call, "stages", "Define") {
						kinds = append(kinds, definedKind{path.Dir(f.path), v.Names[i].Name,
							fmt.Sprintf("%s:%d", f.path, f.set.Position(v.Pos()).Line), hasField(call.Args, "Parts")})
					}
				}
			}
		}
	}
	slices.SortFunc(kinds, func(a, b definedKind) int {
		return cmp.Or(cmp.Compare(a.folder, b.folder), cmp.Compare(a.name, b.name))
	})
	return kinds
}

// isCall reports whether a call is of a function of a package.
func isCall(call *ast.CallExpr, pkg, name string) bool {
	return is(call.Fun, pkg, name)
}

func is(e ast.Expr, pkg, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg
}

// hasField reports whether a composite literal among the arguments sets a field.
func hasField(args []ast.Expr, field string) bool {
	for _, arg := range args {
		literal, ok := arg.(*ast.CompositeLit)
		if !ok {
			continue
		}
		for _, e := range literal.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.Ident); ok && key.Name == field {
					return true
				}
			}
		}
	}
	return false
}

// registered reports whether the registry names the kind, or a function of its package that does.
func registered(files []goFile, k definedKind) bool {
	list := slices.IndexFunc(files, func(f goFile) bool { return f.path == registryFile })
	if list < 0 {
		return false
	}
	names := []string{k.name}
	for _, f := range files {
		if path.Dir(f.path) == k.folder && !strings.HasSuffix(f.path, "_test.go") {
			for _, decl := range f.syntax.Decls {
				if d, ok := decl.(*ast.FuncDecl); ok && mentions(d, k.name) {
					names = append(names, d.Name.Name)
				}
			}
		}
	}
	found := false
	ast.Inspect(files[list].syntax, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		found = found || ok && slices.ContainsFunc(names, func(name string) bool { return is(e, path.Base(k.folder), name) })
		return !found
	})
	return found
}

// tested reports whether a function of the kind's tests names the kind and calls a function of stagetest.
func tested(files []goFile, k definedKind, function string) bool {
	for _, f := range files {
		if path.Dir(f.path) != k.folder || !strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for _, decl := range f.syntax.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if !ok || !mentions(d, k.name) {
				continue
			}
			called := false
			ast.Inspect(d, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				called = called || ok && isCall(call, "stagetest", function)
				return !called
			})
			if called {
				return true
			}
		}
	}
	return false
}

// mentions reports whether a function uses the name.
func mentions(d *ast.FuncDecl, name string) bool {
	found := false
	ast.Inspect(d, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}

// TestKindsCatches checks that each thing that a newcomer may forget is told, and where to add it.
func TestKindsCatches(t *testing.T) {
	const (
		kind     = "package quantiles\nvar Kind = stages.Define(stages.Kind{Name: \"quantiles\"}, run)\n"
		conform  = "package quantiles\nfunc TestConform(t *testing.T) { stagetest.Conform(t, Kind, cases(t)...) }\n"
		golden   = "package quantiles\nfunc TestGolden(t *testing.T) { stagetest.Golden(t, Kind, cases(t)[0], nil) }\n"
		list     = "package main\nfunc registry() { use(quantiles.Kind) }\n"
		folder   = "stages/analysis/quantiles/"
		some     = folder + "quantiles.go:2: "
		parts    = "package quantiles\nvar Kind = stages.Define(stages.Kind{Parts: parts()}, run)\n"
		indirect = "package quantiles\nvar Kind = stages.Define(stages.Kind{}, run)\nfunc All() []*stages.Kind { return list(Kind) }\n"
	)
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string // beginnings
	}{
		{"whole", map[string]string{folder + "quantiles.go": kind, folder + "a_test.go": conform, folder + "b_test.go": golden, registryFile: list}, nil},
		{"a list of kinds", map[string]string{folder + "quantiles.go": indirect, folder + "a_test.go": conform, folder + "b_test.go": golden,
			registryFile: "package main\nvar kinds = quantiles.All()\n"}, nil},
		{"no registry", map[string]string{folder + "quantiles.go": kind, folder + "a_test.go": conform, folder + "b_test.go": golden, registryFile: "package main\n"},
			[]string{some + "no spec can name this kind: add quantiles.Kind to registry in cmd/spurion/kinds.go"}},
		{"no tests", map[string]string{folder + "quantiles.go": kind, registryFile: list},
			[]string{some + "no test checks what every kind promises: add to stages/analysis/quantiles/quantiles_test.go", some + "no test keeps the bytes"}},
		{"tests of another kind", map[string]string{folder + "quantiles.go": kind, registryFile: list, folder + "a_test.go": strings.ReplaceAll(conform, "Kind", "Other"), folder + "b_test.go": golden},
			[]string{some + "no test checks what every kind promises"}},
		{"parts without files", map[string]string{folder + "quantiles.go": parts, folder + "a_test.go": conform, folder + "b_test.go": golden, registryFile: list},
			[]string{some + "no test keeps the bytes of its cases: add to stages/analysis/quantiles/golden_test.go"}},
		{"parts with files", map[string]string{folder + "quantiles.go": parts, folder + "a_test.go": conform, folder + "b_test.go": strings.ReplaceAll(golden, "Golden(", "GoldenFiles("), registryFile: list}, nil},
		{"a wrong place", map[string]string{"stages/quantiles/quantiles.go": kind},
			[]string{"stages/quantiles/quantiles.go:2: a kind stands in a folder of its own below stages/experiment"}},
		{"no kind", map[string]string{folder + "shared.go": "package quantiles\n", registryFile: list},
			[]string{"stages/analysis/quantiles defines no kind: what kinds share stands in stages/common"}},
	} {
		var files []goFile
		for _, name := range slices.Sorted(maps.Keys(c.files)) {
			set := token.NewFileSet()
			syntax, err := parser.ParseFile(set, name, c.files[name], parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, goFile{name, []byte(c.files[name]), set, syntax})
		}
		got := missing(files)
		if len(got) != len(c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
			continue
		}
		for i := range got {
			if !strings.HasPrefix(got[i], c.want[i]) {
				t.Errorf("%s: %q, want %q", c.name, got[i], c.want[i])
			}
		}
	}
}
