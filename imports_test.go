package spurion

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A folder says what a package is for and what it may import: nothing else beyond the standard
// library, and of that nothing in not. Tests may import that too, the whole standard library, and
// what stands in tests.
type folder struct {
	path  string
	holds string   // what is there
	may   []string // packages of this module by their folder, "kinds", or the name of a library
	not   []string // of the standard library: a package, or with /... all below it too
	tests []string
	why   string // why not more
	kind  bool
}

// The map of the project, in the direction in which data flow. A new folder needs a line here.
var folders = []folder{
	{path: ".", holds: "tests of the whole module",
		tests: []string{"stages/stagetest/floatguard"}, why: "the root holds no code"},

	{path: "cmd/spurion", holds: "flags, exit codes, people's text, the list of kinds",
		may: []string{"pipeline", "pipeline/spec", "pipeline/plan", "pipeline/exec", "pipeline/publish", "artifacts",
			"artifacts/frame", "stages", "kinds", "cobra", "zerolog", "terminal", "suggestions", "diff"},
		tests: []string{"testscript", "stages/kernel", "stages/stagetest"},
		why:   "the program shows what the pipeline gives it: no Arrow, no numerics"},

	{path: "cmd/bench", holds: "measurements beside Snakemake and PyTorch",
		may: []string{"pipeline", "artifacts/frame", "stages", "stages/boolean", "stages/data", "stages/kernel",
			"stages/learn", "stages/nn", "kinds", "cobra"},
		why: "it measures what the program and its kinds do, through what they do it with"},

	{path: "pipeline", holds: "Open, Plan, Run: all that cmd calls",
		may: []string{"pipeline/spec", "pipeline/plan", "pipeline/exec", "pipeline/publish", "pipeline/page", "artifacts",
			"artifacts/frame", "stages", "zerolog"},
		why: "kinds come from the registry that cmd hands down, so that nothing here names one"},
	{path: "pipeline/spec", holds: "HCL text to typed, immutable stages with source ranges",
		may:   []string{"stages", "hcl", "terminal", "suggestions"},
		tests: []string{"artifacts/frame", "diff"},
		why:   "a spec is read without knowing what is cached or how it is run"},
	{path: "pipeline/plan", holds: "instances and edges, keys, what is cached and why not",
		may: []string{"pipeline/spec", "stages"}, not: []string{"os/..."},
		why: "a plan is a value: it writes nothing, and asks for what is stored through an interface of its own"},
	{path: "pipeline/exec", holds: "a plan, done: workers, cancellation, events, run records",
		may:   []string{"pipeline/plan", "artifacts", "artifacts/frame", "stages", "sync"},
		tests: []string{"pipeline/spec", "artifacts/fakedisk"},
		why:   "what is executed is a plan, whatever language it came from"},
	{path: "pipeline/publish", holds: "out/ and export: what people open",
		may:   []string{"pipeline/plan", "artifacts", "artifacts/frame", "stages", "sync", "suggestions"},
		tests: []string{"pipeline/spec"},
		why:   "it reads artifacts and names them; it knows neither the language nor kinds"},

	{path: "pipeline/page", holds: "a run as one HTML page", not: []string{"os/...", "net/http/...", "time"},
		why: "it renders what it is handed: no spec, no plan, no store, no clock"},

	{path: "stages", holds: "the contract: Kind, settings, inputs, outputs",
		may: []string{"artifacts/frame"}, not: []string{"os/...", "net/...", "math/rand/..."},
		why: "kinds and pipeline meet here, so it knows neither"},
	{path: "stages/stagetest", holds: "running kinds in tests; what every kind promises",
		may: []string{"stages", "artifacts/frame"}, why: "it tests any kind, so it knows none"},
	{path: "stages/stagetest/floatguard", holds: "a source check: floating point whose bits could change",
		why: "it reads source code only"},

	kind("stages/generate", "Boolean data sets"),
	kind("stages/train", "networks, trained; their history and checkpoints"),
	kind("stages/probe", "what can be decoded from a network's layers"),
	kind("stages/retrain", "the last layer, refitted"),
	kind("stages/debias", "methods against spurious correlations"),
	kind("stages/head", "last-layer methods on the networks of debias"),
	kind("stages/score", "predictions of a program of one's own, measured as methods are"),
	kind("stages/theory", "exact gradients at initialisation, by Fourier analysis"),
	kind("stages/table", "the union of instances' tables"),
	kind("stages/aggregate", "one row for each group of rows"),
	kind("stages/join", "rows beside the rows that they belong to"),
	kind("stages/comparison", "repetitions summed up as a table for a paper"),
	drawing(kind("stages/figure", "figures: what to plot, laid out")),
	{path: "stages/figure/ink", holds: "pages of lines, shapes and text; SVG, PDF and PNG",
		may: []string{"fonts"}, not: impure,
		why: "it draws what it is given, in whole numbers: it knows no data"},
	kind("stages/claims", "the tests behind claims, and their verdicts"),
	kind("stages/external", "exec: any program with declared inputs and outputs").but("time", "a time limit is a Duration"),

	artifact("stages/data", "the data set as a table"),
	artifact("stages/model", "the network as a table"),
	artifact("stages/learn", "what training kinds share: evaluation, histories, group metrics"),
	artifact("stages/gather", "many instances' tables as one, axes first"),

	numerics("stages/boolean", "Boolean functions and the laws of the data"),
	numerics("stages/nn", "networks, losses, optimizers"),
	numerics("stages/linear", "logistic regression"),
	numerics("stages/cluster", "clusters of points, and how well they are apart"),
	numerics("stages/interval", "confidence intervals of means"),
	{path: "stages/kernel", holds: "float32 loops, exp and log, random streams",
		may: []string{"cpu"}, not: impure, tests: []string{"stages/stagetest/floatguard"},
		why: "its loops can be generated anew without touching anything else"},

	{path: "artifacts", holds: "key -> manifest -> blobs: crash-safe, verifying",
		may: []string{"lock", "sys", "sync"}, tests: []string{"artifacts/fakedisk"},
		why: "a store keeps bytes, whatever they mean"},
	{path: "artifacts/fakedisk", holds: "a disk in memory whose power can be cut",
		may: []string{"artifacts"}, why: "it is for the store's tests"},
	{path: "artifacts/frame", holds: "named, typed columns <-> Parquet and Arrow",
		may: []string{"arrow"}, not: []string{"os/...", "time"},
		why: "tables know neither stages nor pipeline"},
}

// numerical are the packages that kinds share; nobody but kinds, they themselves and benchmarks
// import them.
var numerical = []string{"stages/boolean", "stages/cluster", "stages/data", "stages/gather", "stages/interval", "stages/kernel",
	"stages/learn", "stages/linear", "stages/model", "stages/nn"}

// impure is what would let the machine, the moment or the user into an artifact.
var impure = []string{"os/...", "time", "net/...", "math/rand/...", "crypto/rand", "runtime/...", "syscall", "log/...", "plugin"}

func kind(path, holds string) folder {
	return folder{path: path, holds: holds, kind: true,
		may: append([]string{"stages", "artifacts/frame", "gonum"}, numerical...), not: impure,
		tests: []string{"stages/stagetest", "stages/stagetest/floatguard"},
		why:   "a kind reads its inputs and writes its outputs: it knows no other kind, no pipeline and no machine"}
}

// drawing allows a kind to draw.
func drawing(f folder) folder {
	f.may = append(f.may, "stages/figure/ink")
	return f
}

func artifact(path, holds string) folder {
	return folder{path: path, holds: holds,
		may: append([]string{"stages", "artifacts/frame", "gonum"}, numerical...), not: impure,
		tests: []string{"stages/stagetest", "stages/stagetest/floatguard"}, why: "kinds share it, so it knows none"}
}

func numerics(path, holds string) folder {
	return folder{path: path, holds: holds,
		may: []string{"stages", "stages/boolean", "stages/kernel", "stages/linear", "stages/nn", "gonum"}, not: impure,
		tests: []string{"stages/stagetest", "stages/stagetest/floatguard"}, why: "it works on plain slices: no tables, no kinds"}
}

// but allows a package of the standard library after all, for a reason.
func (f folder) but(std, why string) folder {
	f.not = slices.DeleteFunc(slices.Clone(f.not), func(s string) bool { return s == std })
	f.why += " (but " + std + ": " + why + ")"
	return f
}

// A library is a set of modules that come and go together.
type library struct {
	name    string
	modules []string
	why     string // why so few folders may import it
}

// Every module that the project imports, and what it is here for.
var libraries = []library{
	{"hcl", []string{"github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty"}, "the language stops at pipeline/spec, so that it could be another one"},
	{"arrow", []string{"github.com/apache/arrow/go/v17", "github.com/klauspost/compress"}, "Arrow and Parquet stop at artifacts/frame, so that the rest does not change with them"},
	{"fonts", []string{"codeberg.org/go-fonts/liberation", "golang.org/x/image"}, "letters are outlines to ink alone"},
	{"gonum", []string{"gonum.org/v1/gonum"}, "numerics are for kinds, and for what needs no equal bits"},
	{"cpu", []string{"golang.org/x/sys/cpu"}, "what processor this is matters to loops alone"},
	{"sys", []string{"golang.org/x/sys"}, "the operating system stops at the store"},
	{"sync", []string{"golang.org/x/sync"}, "groups of goroutines are for what runs, stores and publishes many things"},
	{"lock", []string{"github.com/gofrs/flock"}, "locks are the store's"},
	{"zerolog", []string{"github.com/rs/zerolog"}, "logs are written where runs are recorded"},
	{"cobra", []string{"github.com/spf13/cobra", "github.com/spf13/pflag"}, "flags are the program's"},
	{"terminal", []string{"github.com/jedib0t/go-pretty/v6", "golang.org/x/term"}, "text for people is made at the edge"},
	{"suggestions", []string{"github.com/agext/levenshtein"}, "\"did you mean\" is for what people typed"},
	{"diff", []string{"github.com/rogpeppe/go-internal/diff"}, "diffs are for people"},
	{"testscript", []string{"github.com/rogpeppe/go-internal"}, "scripts test the program"},
}

// TestImports enforces the map.
func TestImports(t *testing.T) {
	for _, f := range goFiles(t, parser.ImportsOnly) {
		if f.path == "deps_test.go" { // names modules before their importers exist
			continue
		}
		row := folderOf(path.Dir(f.path))
		if row == nil {
			t.Errorf("%s: folder %s is not in the map of the project (imports_test.go)", f.path, path.Dir(f.path))
			continue
		}
		for _, spec := range f.syntax.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if wrong := row.forbids(imported, strings.HasSuffix(f.path, "_test.go")); wrong != "" {
				t.Errorf("%s:%d: imports %q. %s", f.path, f.set.Position(spec.Pos()).Line, imported, wrong)
			}
		}
	}
}

// TestMap keeps the map itself true: every line has its folder, every folder's row what it names.
func TestMap(t *testing.T) {
	known := []string{"kinds"}
	for _, l := range libraries {
		known = append(known, l.name)
	}
	for _, f := range folders {
		known = append(known, f.path)
	}
	for _, f := range folders {
		if _, err := os.Stat(filepath.FromSlash(f.path)); err != nil {
			t.Errorf("the map has a line for %s, but: %v", f.path, err)
		}
		for _, name := range slices.Concat(f.may, f.tests) {
			if !slices.Contains(known, name) {
				t.Errorf("the line for %s names %q, which is neither a folder nor a library", f.path, name)
			}
		}
	}
}

// TestForbids checks that the map catches what it is there for.
func TestForbids(t *testing.T) {
	for _, c := range []struct{ folder, imported, want string }{
		{"stages/train", "github.com/hashicorp/hcl/v2/hclsyntax", "pipeline/spec"},
		{"cmd/spurion", "github.com/apache/arrow/go/v17/arrow", "artifacts/frame"},
		{"cmd/spurion", "spurion/stages/kernel", "may not"},
		{"cmd/spurion", "gonum.org/v1/gonum/stat", "numerics"},
		{"stages/train", "spurion/stages/probe", "no other kind"},
		{"stages/train", "spurion/pipeline", "no pipeline"},
		{"stages/train", "os", "no machine"},
		{"stages/train", "os/exec", "no machine"},
		{"stages/train", "time", "no machine"},
		{"stages/train", "math/rand/v2", "no machine"},
		{"stages/external", "os", "no machine"},
		{"stages/kernel", "golang.org/x/sys/unix", "operating system"},
		{"stages/boolean", "spurion/artifacts/frame", "plain slices"},
		{"pipeline", "spurion/stages/train", "registry"},
		{"pipeline/plan", "spurion/artifacts", "a value"},
		{"pipeline/exec", "spurion/pipeline/spec", "a plan"},
		{"artifacts", "spurion/stages", "bytes"},
		{"stages/nn", "example.com/new", "not among the libraries"},
	} {
		if got := folderOf(c.folder).forbids(c.imported, false); !strings.Contains(got, c.want) {
			t.Errorf("%s importing %s: %q, want %q", c.folder, c.imported, got, c.want)
		}
	}
	for _, c := range []struct {
		folder, imported string
		test             bool
	}{
		{"stages/train", "fmt", false}, {"stages/train", "os", true}, {"stages/train", "spurion/stages/stagetest", true},
		{"stages/external", "time", false}, {"cmd/spurion", "spurion/stages/train", false}, {"stages/kernel", "golang.org/x/sys/cpu", false},
		{"pipeline/exec", "spurion/pipeline/spec", true}, {"stages/train", "spurion/stages/train", true},
	} {
		if got := folderOf(c.folder).forbids(c.imported, c.test); got != "" {
			t.Errorf("%s importing %s: %s", c.folder, c.imported, got)
		}
	}
}

func folderOf(path string) *folder {
	for i := range folders {
		if folders[i].path == path {
			return &folders[i]
		}
	}
	return nil
}

// forbids says why a file of the folder may not import the package, or returns "".
func (f *folder) forbids(imported string, test bool) string {
	may := f.may
	if test {
		may = slices.Concat(may, f.tests)
	}
	if own, ok := strings.CutPrefix(imported, "spurion/"); ok {
		row := folderOf(own)
		if slices.Contains(may, own) || test && own == f.path || row != nil && row.kind && slices.Contains(may, "kinds") {
			return ""
		}
		return f.refusal()
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		for _, std := range f.not {
			if tree, ok := strings.CutSuffix(std, "/..."); !test && (imported == std || ok && under(imported, tree)) {
				return f.refusal()
			}
		}
		return ""
	}
	for _, l := range libraries {
		if slices.ContainsFunc(l.modules, func(m string) bool { return under(imported, m) }) {
			if slices.Contains(may, l.name) {
				return ""
			}
			return fmt.Sprintf("%s may not, only %s: %s", f.path, strings.Join(importers(l.name), ", "), l.why)
		}
	}
	return "It is not among the libraries of the project (imports_test.go); add it there, with what it is for"
}

func (f *folder) refusal() string { return fmt.Sprintf("%s may not: %s", f.path, f.why) }

// importers gives the folders that may import a library.
func importers(name string) []string {
	var list []string
	for _, f := range folders {
		if slices.Contains(f.may, name) || slices.Contains(f.tests, name) {
			list = append(list, f.path)
		}
	}
	return list
}

func under(path, tree string) bool { return path == tree || strings.HasPrefix(path, tree+"/") }

// A goFile is a parsed source file of this module.
type goFile struct {
	path   string // with forward slashes
	text   []byte
	set    *token.FileSet
	syntax *ast.File
}

// goFiles parses every Go file of the module, in the order of their paths. Folders that the go
// command skips are skipped, and so are modules of their own.
func goFiles(t *testing.T, mode parser.Mode) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() {
			_, module := os.Stat(filepath.Join(name, "go.mod"))
			if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "out" || module == nil) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, name, text, mode|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, goFile{filepath.ToSlash(name), text, set, syntax})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d Go files were found", len(files))
	}
	return files
}
