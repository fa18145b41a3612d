package spurion

import (
	"fmt"
	"go/parser"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A folder says what a package is for and what it may import: nothing else beyond the standard
// library, and of that nothing in not. Tests may import that too, the whole standard library, and
// what stands in tests. A wing's rule is that of every folder below it that has no row of its own.
type folder struct {
	path  string
	holds string   // what is there
	may   []string // packages of this module by their folder (with /... all below it too), or the name of a library
	not   []string // of the standard library: a package, or with /... all below it too
	tests []string
	why   string // why not more
	wing  bool

	inherited bool // the folder has no row, and this is its wing's rule
}

// The map of the project, in the direction in which data flow. A new folder needs a line here, unless it
// stands in a wing.
var folders = []folder{
	{path: ".", holds: "tests of the whole module",
		tests: []string{"stages/stagetest/..."}, why: "the root holds no code"},

	{path: "cmd/spurion", holds: "flags, exit codes, people's text, the list of kinds, what the program was compiled from",
		may: slices.Concat(kinds, []string{"pipeline", "pipeline/spec", "pipeline/plan", "pipeline/engine", "pipeline/describe", "pipeline/budget", "pipeline/results", "pipeline/calibrate", "pipeline/screen", "pipeline/site",
			"artifacts", "artifacts/doctor", "artifacts/frame", "stages", "stages/common/markup", "stages/common/statedict", "cobra", "terminal", "suggestions", "diff"}),
		tests: []string{"testscript", "stages/numeric/kernel", "stages/stagetest"},
		why:   "the program shows what the pipeline gives it: no Arrow, no numerics"},
	{path: "cmd/spurion-s3", holds: "buckets and web servers, for the program spurion",
		may: []string{"artifacts", "artifacts/remote", "aws"},
		why: "it moves bytes for a program that knows what they are"},
	{path: "cmd/bench", holds: "measurements beside Snakemake, JAX, numba and PyTorch",
		may:   slices.Concat(kinds, []string{"pipeline", "pipeline/results", "artifacts/frame", "stages", "stages/common/...", "stages/numeric/...", "cobra"}),
		tests: []string{"pipeline/engine"},
		why:   "it measures what the program and its kinds do, through what they do it with"},

	{path: "pipeline", holds: "Open, Plan, Run, and the verbs that look: all that cmd calls, on a page",
		may: []string{"pipeline/spec", "pipeline/plan", "pipeline/lookup", "pipeline/engine", "pipeline/program", "pipeline/results", "pipeline/publish",
			"pipeline/describe", "pipeline/budget", "pipeline/calibrate", "pipeline/screen", "pipeline/batch", "pipeline/cluster", "pipeline/site", "artifacts", "artifacts/frame", "artifacts/remote", "stages"},
		why: "kinds come from the registry that cmd hands down, so that nothing here names one"},
	{path: "pipeline/spec", holds: "HCL text to typed, immutable stages with source ranges",
		may:   []string{"stages", "hcl", "graphs", "terminal"},
		tests: []string{"artifacts/frame", "diff"},
		why:   "a spec is read without knowing what is cached or how it is run"},
	{path: "pipeline/plan", holds: "instances and edges, keys, what is cached and why not",
		may: []string{"pipeline/spec", "stages", "graphs"}, not: []string{"os/..."},
		why: "a plan is a value: it writes nothing, and asks for what is stored through an interface of its own"},
	{path: "pipeline/lookup", holds: "what a plan asks: the store, earlier runs, the project's files, the environment",
		may: []string{"pipeline/plan", "pipeline/fileinfo", "artifacts", "stages"}, why: "it answers, and changes nothing but what it remembers of files"},
	{path: "pipeline/engine", holds: "a plan, done: workers, cancellation, events, run records",
		may:   []string{"pipeline/plan", "pipeline/program", "pipeline/screen", "artifacts", "artifacts/frame", "stages", "zerolog", "sync"},
		tests: []string{"pipeline/spec", "artifacts/fakedisk"},
		why:   "what is executed is a plan, whatever language it came from"},
	{path: "pipeline/batch", holds: "instances of a plan as a file that another machine computes",
		may: []string{"pipeline/plan", "pipeline/spec", "stages"}, why: "it is a form of a plan: it knows no store and no cluster"},
	{path: "pipeline/cluster", holds: "what to submit, what became of it, what to try again; Slurm",
		may: []string{"stages"}, why: "instances are numbers to it, so that a million of them can be simulated"},
	{path: "pipeline/site", holds: "the user's file of executors",
		may: []string{"pipeline/cluster", "hcl"}, tests: []string{"stages"}, why: "where a run goes is the user's, and no part of a spec"},
	{path: "pipeline/program", holds: "an external program, run in a scratch folder",
		may: []string{"pipeline/screen", "pipeline/fileinfo", "stages", "sys"}, why: "it runs what it is told to: it knows neither plan nor store"},
	{path: "pipeline/fileinfo", holds: "whether a file has changed, by what a disk says of it",
		why: "it asks the system and nobody else"},
	{path: "pipeline/screen", holds: "text of programs and files, made fit to be shown",
		may: []string{"stages/common/markup"}, not: []string{"os/...", "time"}, tests: []string{"templates"},
		why: "it works on text alone"},
	{path: "pipeline/results", holds: "what a run made and found, collected: sums, verdicts, outputs, the page's contents",
		may: []string{"pipeline/spec", "pipeline/plan", "pipeline/lookup", "pipeline/engine", "pipeline/publish", "pipeline/page", "pipeline/screen",
			"artifacts/frame", "stages"},
		why: "it collects what others write and render"},
	{path: "pipeline/publish", holds: "out/ and export: what people open",
		may: []string{"pipeline/fileinfo", "artifacts/frame", "stages", "sync"},
		why: "it writes what it is handed: no spec, no plan, no kinds"},
	{path: "pipeline/describe", holds: "what show, why, kinds and times tell",
		may: []string{"pipeline/plan", "pipeline/lookup", "pipeline/screen", "artifacts/frame", "stages", "stages/numeric/quantile"},
		why: "it is given a plan and what the store holds, and only tells"},
	{path: "pipeline/budget", holds: "what of a plan can be done in so much time",
		may: []string{"pipeline/plan", "pipeline/describe", "stages"}, tests: []string{"pipeline/spec"},
		why: "it is given a plan and what instances took, and only chooses"},
	{path: "pipeline/calibrate", holds: "claims tried on samples in which they are false, counted",
		may: []string{"pipeline/plan", "artifacts/frame", "stages", "stages/numeric/inference"},
		why: "it is given a plan and what the store holds; how a test draws samples is the registry's"},
	{path: "pipeline/page", holds: "a run as one HTML page",
		may: []string{"templates"}, not: []string{"os/...", "net/http/...", "time"},
		why: "it renders what it is handed: no spec, no plan, no store, no clock"},

	{path: "stages", holds: "the contract: Kind, settings, inputs, outputs",
		may: []string{"artifacts/frame", "stages/numeric/problem", "suggestions"}, not: []string{"os/...", "net/...", "math/rand/..."},
		why: "kinds and pipeline meet here, so it knows neither"},
	{path: "stages/experiment", wing: true, holds: "what an experiment does: a folder a kind, named as in specs",
		may: aKindMay, not: impure, tests: runningKinds, why: aKindMayNot},
	{path: "stages/analysis", wing: true, holds: "what sums an experiment up: a folder a kind, named as in specs",
		may: aKindMay, not: impure, tests: runningKinds, why: aKindMayNot},
	{path: "stages/analysis/simulate", holds: "tests of claims on drawn data whose truth is known",
		may: slices.Concat(aKindMay, []string{"stages/analysis/claimtests"}), not: impure, tests: runningKinds,
		why: aKindMayNot + " (but the tests of claims, which it tries)"},
	{path: "stages/external", holds: "exec: any program with declared inputs and outputs",
		may: aKindMay, not: without("time", impure), tests: runningKinds,
		why: aKindMayNot + " (but time: a time limit is a Duration)"},
	{path: "stages/common", wing: true, holds: "tables and loops that kinds share",
		may: aKindMay, not: impure, tests: runningKinds, why: "kinds share it, so it knows none"},
	{path: "stages/common/ink", holds: "pages of lines, shapes and text; SVG, PDF and PNG",
		may: []string{"fonts"}, not: impure,
		why: "it draws what it is given, in whole numbers: it knows no data"},
	{path: "stages/common/picture", holds: "PNG, JPEG and WebP to pixels, resized; a page of samples",
		may: []string{"stages/common/ink", "webp"}, not: impure,
		why: "it works on bytes and pixels: it knows no tables and no kinds"},
	{path: "stages/numeric", wing: true, holds: "arithmetic on plain slices",
		may: []string{"stages/numeric/..."}, not: impure, tests: slices.Concat(runningKinds, []string{"stages", "gonum"}),
		why: "it works on plain slices: no tables, no kinds"},
	{path: "stages/numeric/distribution", holds: "quantiles and intervals from gonum, settled to 9 digits",
		may: []string{"gonum", "stages/numeric/kernel"}, not: impure,
		why: "it is the only door to the numerics of gonum, and lets out settled numbers alone"},
	{path: "stages/numeric/kernel", holds: "float32 loops, exp and log, random streams",
		may: []string{"cpu"}, not: impure, tests: runningKinds,
		why: "its loops can be generated anew without touching anything else"},
	{path: "stages/stagetest", holds: "running kinds in tests; what every kind promises",
		may: []string{"stages", "stages/common/gather", "artifacts/frame"}, why: "it tests any kind, so it knows none"},
	{path: "stages/stagetest/floatguard", holds: "a source check: floating point whose bits could change",
		may: []string{"go source"}, why: "it reads source code only"},

	{path: "artifacts", holds: "key -> manifest -> blobs: crash-safe, verifying",
		may: []string{"lock", "sys", "sync"}, tests: []string{"artifacts/fakedisk"},
		why: "a store keeps bytes, whatever they mean"},
	{path: "artifacts/doctor", holds: "what can be proved of a store's disk, by one process and by two",
		may: []string{"artifacts", "sys"}, tests: []string{"artifacts/fakedisk"},
		why: "it tries a disk, and knows no entry"},
	{path: "artifacts/remote", holds: "a store behind the local one: in a folder, or what spurion-s3 reaches",
		may: []string{"artifacts", "sync"}, not: []string{"net/http/...", "crypto/tls"},
		why: "it moves results, whatever they mean; what it takes to reach buckets is in a program of its own"},
	{path: "artifacts/fakedisk", holds: "a disk in memory whose power can be cut",
		may: []string{"artifacts"}, why: "it is for the store's tests"},
	{path: "artifacts/frame", holds: "named, typed columns <-> Parquet and Arrow",
		may: []string{"artifacts/frame/pages", "arrow", "codecs"}, not: []string{"os/...", "time"},
		why: "tables know neither stages nor pipeline"},
	{path: "artifacts/frame/pages", holds: "the pages of Parquet files, read without trust",
		may: []string{"codecs"}, not: []string{"os/...", "time"},
		why: "it reads bytes that anyone may have written: no library whose loops a file could steer"},
}

// Rules that several rows share.
var (
	kinds        = []string{"stages/experiment/...", "stages/analysis/...", "stages/external"}
	aKindMay     = []string{"stages", "artifacts/frame", "stages/common/...", "stages/numeric/..."}
	aKindMayNot  = "a kind reads its inputs and writes its outputs: it knows no other kind, no pipeline and no machine"
	runningKinds = []string{"stages/stagetest/..."}

	// impure is what would let the machine, the moment or the user into an artifact.
	impure = []string{"os/...", "time", "net/...", "math/rand/...", "crypto/rand", "runtime/...", "syscall", "log/...", "plugin",
		"hash/maphash", "io/ioutil", "path/filepath"}
)

// without gives a list without a word.
func without(word string, list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == word })
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
	{"arrow", []string{"github.com/apache/arrow/go/v17"}, "Arrow and Parquet stop at artifacts/frame, so that the rest does not change with them"},
	{"codecs", []string{"github.com/klauspost/compress", "github.com/golang/snappy", "github.com/molecule-man/go-brrr", "github.com/pierrec/lz4/v4"}, "what compresses pages stops where pages are read"},
	{"templates", []string{"github.com/valyala/quicktemplate"}, "HTML is written in one place, which escapes it"},
	{"webp", []string{"golang.org/x/image/vp8", "golang.org/x/image/vp8l"}, "files of pictures are read in one place, which bounds what they may take"},
	{"fonts", []string{"codeberg.org/go-fonts/liberation", "golang.org/x/image"}, "letters are outlines to ink alone"},
	{"graphs", []string{"gonum.org/v1/gonum/graph"}, "stages are a graph where they are ordered and drawn; instances, up to 10⁶, lie in arrays"},
	{"gonum", []string{"gonum.org/v1/gonum"}, "its last bits differ between builds, so its numbers come through stages/numeric/distribution, settled; tests compare with it"},
	{"cpu", []string{"golang.org/x/sys/cpu"}, "what processor this is matters to loops alone"},
	{"sys", []string{"golang.org/x/sys"}, "the operating system stops at the store, and at what runs programs"},
	{"sync", []string{"golang.org/x/sync"}, "groups of goroutines are for what runs, stores and publishes many things"},
	{"lock", []string{"github.com/gofrs/flock"}, "locks are the store's"},
	{"aws", []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"}, "it takes longer to compile than the program that a first command runs"},
	{"zerolog", []string{"github.com/rs/zerolog"}, "logs are written where runs are recorded"},
	{"cobra", []string{"github.com/spf13/cobra", "github.com/spf13/pflag"}, "flags are the program's"},
	{"terminal", []string{"github.com/jedib0t/go-pretty/v6", "golang.org/x/term"}, "text for people is made at the edge"},
	{"suggestions", []string{"github.com/agext/levenshtein"}, "\"did you mean\" is for what people typed"},
	{"diff", []string{"github.com/rogpeppe/go-internal/diff"}, "diffs are for people"},
	{"go source", []string{"golang.org/x/tools"}, "Go's own source is read by tests alone"},
	{"testscript", []string{"github.com/rogpeppe/go-internal"}, "scripts test the program"},
}

// TestImports enforces the map.
func TestImports(t *testing.T) {
	for _, f := range goFiles(t, parser.ImportsOnly) {
		row := folderOf(path.Dir(f.path))
		if row == nil {
			t.Errorf("%s: %s", f.path, unmapped(path.Dir(f.path)))
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
	known := func(name string) bool {
		_, err := os.Stat(filepath.FromSlash(strings.TrimSuffix(name, "/...")))
		return err == nil || slices.ContainsFunc(libraries, func(l library) bool { return l.name == name })
	}
	for _, f := range folders {
		if _, err := os.Stat(filepath.FromSlash(f.path)); err != nil {
			t.Errorf("the map has a line for %s, but: %v", f.path, err)
		}
		for _, name := range slices.Concat(f.may, f.tests) {
			if !known(name) {
				t.Errorf("the line for %s names %q, which is neither a folder nor a library", f.path, name)
			}
		}
	}
}

// roomed finds what a doc.go lists.
var roomed = regexp.MustCompile(`(?m)^//\t([a-z]+)`)

// TestWings: a wing's own folder holds doc.go, which says what the wing is for, and no other file. If doc.go lists folders, it
// lists those that are there.
func TestWings(t *testing.T) {
	for _, w := range folders {
		if !w.wing {
			continue
		}
		files, err := filepath.Glob(filepath.Join(w.path, "*.*"))
		if err != nil || !slices.Equal(files, []string{filepath.Join(w.path, "doc.go")}) {
			t.Errorf("%s is a wing: it holds folders and a doc.go, not %q", w.path, files)
			continue
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(w.path)
		if err != nil {
			t.Fatal(err)
		}
		var listed, there []string
		for _, m := range roomed.FindAllStringSubmatch(string(text), -1) {
			listed = append(listed, m[1])
		}
		for _, e := range entries {
			if e.IsDir() {
				there = append(there, e.Name())
			}
		}
		slices.Sort(listed)
		if listed != nil && !slices.Equal(listed, there) {
			t.Errorf("%s lists the folders %q, and there are %q", files[0], listed, there)
		}
	}
}

// TestForbids checks that the map catches what it is there for.
func TestForbids(t *testing.T) {
	for _, c := range []struct{ folder, imported, want string }{
		{"stages/experiment/train", "github.com/hashicorp/hcl/v2/hclsyntax", "pipeline/spec"},
		{"cmd/spurion", "github.com/apache/arrow/go/v17/arrow", "artifacts/frame"},
		{"cmd/spurion", "spurion/stages/numeric/kernel", "may not"},
		{"cmd/spurion", "gonum.org/v1/gonum/stat", "stages/numeric/distribution"},
		{"stages/analysis/claimtests", "gonum.org/v1/gonum/stat/distuv", "settled"},
		{"stages/numeric/interval", "gonum.org/v1/gonum/stat/distuv", "settled"},
		{"cmd/spurion", "spurion/stages/quantiles", "The folder stages/quantiles is not in the map"},
		{"stages/experiment/train", "spurion/stages/experiment/probe", "no other kind"},
		{"stages/experiment/train", "spurion/stages/analysis/table", "no other kind"},
		{"stages/analysis/table", "spurion/stages/experiment/train", "no other kind"},
		{"stages/common/ink", "spurion/stages/common/measure", "knows no data"},
		{"stages/common/ink", "golang.org/x/image/vp8", "in one place"},
		{"stages/common/model", "spurion/stages/experiment/train", "knows none"},
		{"stages/numeric/boolean", "spurion/stages/common/dataset", "plain slices"},
		{"stages/numeric/boolean", "spurion/stages", "plain slices"},
		{"stages/numeric/kernel", "spurion/stages/numeric/boolean", "anything else"},
		{"stages/common/trainloop", "spurion/stages/common/dataset/datasettest", "knows none"},
		{"stages/experiment/new", "os", "no machine"},
		{"stages/stagetest/floatguard", "spurion/stages", "source code only"},
		{"stages/experiment/train", "spurion/pipeline", "no pipeline"},
		{"stages/experiment/train", "os", "no machine"},
		{"stages/experiment/train", "os/exec", "no machine"},
		{"stages/experiment/train", "time", "no machine"},
		{"stages/experiment/train", "math/rand/v2", "no machine"},
		{"stages/experiment/train", "path/filepath", "no machine"},
		{"stages/experiment/train", "hash/maphash", "no machine"},
		{"stages/external", "os", "no machine"},
		{"stages/numeric/kernel", "golang.org/x/sys/unix", "operating system"},
		{"stages/numeric/boolean", "spurion/artifacts/frame", "plain slices"},
		{"pipeline", "spurion/stages/experiment/train", "registry"},
		{"pipeline/plan", "spurion/artifacts", "a value"},
		{"pipeline/plan", "gonum.org/v1/gonum/stat", "pipeline/plan may not"},
		{"pipeline/engine", "gonum.org/v1/gonum/graph/topo", "in arrays"},
		{"pipeline/engine", "spurion/pipeline/spec", "a plan"},
		{"pipeline/program", "spurion/artifacts", "neither plan nor store"},
		{"pipeline/publish", "spurion/pipeline/plan", "handed"},
		{"artifacts", "spurion/stages", "bytes"},
		{"stages/numeric/neuralnet", "example.com/new", "not among the libraries"},
	} {
		if got := folderOf(c.folder).forbids(c.imported, false); !strings.Contains(got, c.want) {
			t.Errorf("%s importing %s: %q, want %q", c.folder, c.imported, got, c.want)
		}
	}
	for _, c := range []struct {
		folder, imported string
		test             bool
	}{
		{"stages/experiment/train", "fmt", false}, {"stages/experiment/train", "os", true}, {"stages/experiment/train", "spurion/stages/stagetest", true},
		{"stages/external", "time", false}, {"cmd/spurion", "spurion/stages/experiment/train", false}, {"stages/numeric/kernel", "golang.org/x/sys/cpu", false},
		{"pipeline/engine", "spurion/pipeline/spec", true}, {"stages/experiment/train", "spurion/stages/experiment/train", true},
		{"stages/analysis/figure", "spurion/stages/common/ink", false}, {"stages/common/trainloop", "spurion/stages/common/evaluation", false},
		{"stages/common/trainloop", "spurion/stages/common/dataset/datasettest", true},
		{"stages/numeric/distribution", "gonum.org/v1/gonum/stat/distuv", false}, {"stages/numeric/logistic", "gonum.org/v1/gonum/optimize", true},
	} {
		if got := folderOf(c.folder).forbids(c.imported, c.test); got != "" {
			t.Errorf("%s importing %s: %s", c.folder, c.imported, got)
		}
	}
}

// folderOf gives the rule of a folder: its own row, or that of the wing in which it stands.
func folderOf(path string) *folder {
	for i := range folders {
		if folders[i].path == path {
			return &folders[i]
		}
	}
	for i := range folders {
		if f := folders[i]; f.wing && under(path, f.path) {
			f.path, f.wing, f.inherited = path, false, true
			return &f
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
		helper := strings.HasSuffix(own, "test") && !strings.HasSuffix(f.path, "test")
		if test && own == f.path || (test || !helper) && slices.ContainsFunc(may, func(m string) bool { return covers(m, own) }) {
			return ""
		}
		if folderOf(own) == nil {
			return unmapped(own)
		}
		return f.refusal()
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		if !test && slices.ContainsFunc(f.not, func(n string) bool { return covers(n, imported) }) {
			return f.refusal()
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

// unmapped says what to do about a folder without a rule.
func unmapped(path string) string {
	return fmt.Sprintf("The folder %s is not in the map of the project. A kind stands in stages/experiment or stages/analysis, where it needs no line; any other folder needs one in folders (imports_test.go)", path)
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

// covers reports whether a rule's word, a package or with /... a tree, stands for the package.
func covers(word, path string) bool {
	tree, ok := strings.CutSuffix(word, "/...")
	return word == path || ok && under(path, tree)
}

func under(path, tree string) bool { return path == tree || strings.HasPrefix(path, tree+"/") }
