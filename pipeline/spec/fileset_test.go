package spec

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// project makes a folder of files, and of links "LINK -> TARGET"; a name that ends in a slash is an empty folder.
func project(t testing.TB, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		name, target, link := strings.Cut(name, " -> ")
		full := filepath.Join(dir, filepath.FromSlash(name))
		parent := filepath.Dir(full)
		if strings.HasSuffix(name, "/") {
			parent = full
		}
		err := os.MkdirAll(parent, 0o755)
		switch {
		case err != nil || strings.HasSuffix(name, "/"):
		case link:
			if err = os.Symlink(target, full); err != nil {
				t.Skip(err)
			}
		default:
			err = os.WriteFile(full, []byte(name), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// filesOf loads a spec whose only stage has the files, and gives their paths.
func filesOf(t testing.TB, root string, o Options, files string) ([]string, Diagnostics) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.hcl")
	if err := os.WriteFile(file, []byte("stage \"exec\" \"c\" {\n  command = [\"x\"]\n  files   = "+files+"\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	o.Root, o.Kinds = root, registry()
	s, diags := Load(file, o)
	if diags.HasErrors() {
		return nil, diags
	}
	var paths []string
	for _, in := range s.Stages[0].Instances[0].Inputs {
		for _, r := range in.Refs {
			paths = append(paths, r.Path)
		}
	}
	return paths, nil
}

var tree1 = []string{
	"data/a.csv", "data/b.csv", "data/c.txt", "data/deep/d.csv", "data/deep/er/e.csv", "data/.hidden.csv", "data/.cache/f.csv",
	"src/m.py", "src/__pycache__/m.pyc", "src/pkg/n.py", "with space/c d.csv", "odd/[a].csv", "odd/a.csv", "empty/", "hid/.x",
	"linked.csv -> data/a.csv", "folder -> data/deep", "out/spec/t.parquet", ".spurion/blobs/x", "store/CACHEDIR.TAG", "store/x.csv",
	".github/w.yml", "top.csv",
}

// A list of files holds files, folders and patterns; each stands for its files, sorted, and a file stands once.
func TestFileset(t *testing.T) {
	root := project(t, tree1...)
	for _, c := range []struct{ files, want string }{
		{`["data/a.csv"]`, "data/a.csv"},
		{`["./data/a.csv", "data/./b.csv"]`, "data/a.csv data/b.csv"},
		{`["data/b.csv", "data/a.csv"]`, "data/b.csv data/a.csv"},
		{`["data/a.csv", "data/./a.csv", "data/*.csv"]`, "data/a.csv data/b.csv"},
		{`["data/*.csv"]`, "data/a.csv data/b.csv"},
		{`["data/?.csv", "data/[b-c].*"]`, "data/a.csv data/b.csv data/c.txt"},
		{`["data/*"]`, "data/a.csv data/b.csv data/c.txt"},
		{`["data/**/*.csv"]`, "data/a.csv data/b.csv data/deep/d.csv data/deep/er/e.csv"},
		{`["data/*/*.csv"]`, "data/deep/d.csv"},
		{`["data"]`, "data/a.csv data/b.csv data/c.txt data/deep/d.csv data/deep/er/e.csv"},
		{`["data/"]`, "data/a.csv data/b.csv data/c.txt data/deep/d.csv data/deep/er/e.csv"},
		{`["data/**"]`, "data/a.csv data/b.csv data/c.txt data/deep/d.csv data/deep/er/e.csv"},
		{`["**/**/e.csv"]`, "data/deep/er/e.csv folder/er/e.csv"},
		{`["data/.*.csv", "data/.cache"]`, "data/.hidden.csv data/.cache/f.csv"},
		{`[".github/*"]`, ".github/w.yml"},
		{`["src/**/*.py"]`, "src/m.py src/pkg/n.py"},
		{`["src"]`, "src/m.py src/pkg/n.py"},
		{`["with space/c d.csv"]`, "with space/c d.csv"},
		{`["with*/*.csv"]`, "with space/c d.csv"},
		{`["odd/[a].csv"]`, "odd/[a].csv"},
		{`["odd/[[]a].csv"]`, "odd/[a].csv"},
		{`["*.csv"]`, "linked.csv top.csv"},
		{`["*/*.csv"]`, "data/a.csv data/b.csv folder/d.csv odd/[a].csv odd/a.csv with space/c d.csv"},
		{`["folder"]`, "folder/d.csv folder/er/e.csv"},
		{`["**/*.parquet", "top.csv"]`, "!matches no file"},
		{`["out/spec/*"]`, "out/spec/t.parquet"},
		{`["store/x.csv"]`, "store/x.csv"},
		{`[]`, ""},
		{`fileset("data/*.csv")`, "data/a.csv data/b.csv"},
		{`concat(fileset("data/*.csv"), ["top.csv"])`, "data/a.csv data/b.csv top.csv"},
		{`[for f in fileset("data") : f if endswith(f, ".txt")]`, "data/c.txt"},
	} {
		got, diags := filesOf(t, root, Options{Hide: []string{"out"}}, c.files)
		if want, bad := strings.CutPrefix(c.want, "!"); bad {
			if !diags.HasErrors() || !strings.Contains(diags[0].Detail, want) {
				t.Errorf("%s: %q, %v; want an error with %s", c.files, got, diags, want)
			}
			continue
		}
		if diags.HasErrors() {
			t.Errorf("%s: %v", c.files, diags)
		} else if strings.Join(got, " ") != c.want {
			t.Errorf("%s\n gives %q\n want  %q", c.files, got, c.want)
		}
	}
}

// A path that stands for nothing is an error at its place, with what was perhaps meant.
func TestRefusedFileset(t *testing.T) {
	root := project(t, append(tree1, "loop/up -> ..", "loop/x", "dangling/x.csv -> nowhere", "leaving/x -> /etc", "leaving/y")...)
	for _, c := range []struct{ files, want string }{
		{`["data/z.csv"]`, `does not exist in the project; did you mean "data/`},
		{`["DATA/a.csv"]`, `did you mean "data/a.csv"?`},
		{`["dta/*.csv"]`, `matches no file in the project; did you mean "data/`},
		{`["data/*.cvs"]`, `matches no file in the project; did you mean "data/`},
		{`["data/*.{csv,txt}"]`, "braces have no meaning; write several patterns"},
		{`["data/[a.csv"]`, "a [ is not closed"},
		{`["empty"]`, "is a folder without files"},
		{`["hid"]`, "hidden ones do not count"},
		{`["top.csv/"]`, "is a file, not a folder"},
		{`["/elsewhere/file.csv"]`, `external("ROOT/path")`},
		{`["data\\a.csv"]`, "holds a backslash"},
		{`["../*"]`, "leaves the project"},
		{`[""]`, "is empty"},
		{`["loop"]`, "the link loop/up leads back into a folder that it lies in"},
		{`["loop/**/y"]`, "leads back"},
		{`["loop/**"]`, "leads back"},
		{`["dangling/*"]`, "dangling/x.csv is a link that leads nowhere"},
		{`["leaving"]`, "leaving/x is a link that leads nowhere or out of the project"},
		{`["leaving/x/passwd"]`, "leaves the project by a symbolic link"},
		{`fileset("nowhere/*")`, "matches no file"},
	} {
		got, diags := filesOf(t, root, Options{}, c.files)
		if len(diags) != 1 || !strings.Contains(diags[0].Detail, c.want) || diags[0].Range.Line != 3 {
			t.Errorf("%s: %q, %v; want an error on line 3 with %s", c.files, got, diags, c.want)
		}
	}
}

// Files of a data root are named by external, wherever the root is; links in it may lead anywhere.
func TestExternal(t *testing.T) {
	far := project(t, "x.csv")
	data := project(t, "birds/a.csv", "birds/b.csv", "birds/link.csv -> "+filepath.Join(far, "x.csv"), "one.csv")
	o := Options{DataRoots: map[string]string{"birds_root": data, "other": far}}
	root := project(t, "top.csv")
	for _, c := range []struct{ files, want string }{
		{`[external("birds_root/one.csv")]`, "external://birds_root/one.csv"},
		{`[external("birds_root/birds/*.csv"), "top.csv"]`, "external://birds_root/birds/a.csv external://birds_root/birds/b.csv external://birds_root/birds/link.csv top.csv"},
		{`[external("birds_root/birds/")]`, "external://birds_root/birds/a.csv external://birds_root/birds/b.csv external://birds_root/birds/link.csv"},
		{`[external("other")]`, "external://other/x.csv"},
		{`[for f in fileset(external("birds_root/birds")) : f if endswith(f, "b.csv")]`, "external://birds_root/birds/b.csv"},
		{`["top.csv", external("other/x.csv"), external("other/./x.csv")]`, "top.csv external://other/x.csv"},
	} {
		got, diags := filesOf(t, root, o, c.files)
		if diags.HasErrors() || strings.Join(got, " ") != c.want {
			t.Errorf("%s\n gives %q, %v\n want  %q", c.files, got, diags, c.want)
		}
	}
	for _, c := range []struct{ files, want string }{
		{`[external("nowhere/x.csv")]`, `give --data-root nowhere=PATH, or set SPURION_DATA_NOWHERE`},
		{`[external("othr/x.csv")]`, `Did you mean "other"?`},
		{`[external("other/y.csv")]`, "does not exist in the data root other"},
		{`[external("other/../x.csv")]`, "leaves"},
		{`[external("/etc/passwd")]`, "ROOT/path"},
		{`[external("../x")]`, "ROOT/path"},
		{`[external("Other/x")]`, "ROOT/path"},
		{`[external("gone/x.csv")]`, "--data-root gone=PATH"},
		{`["external://nowhere/x.csv"]`, "--data-root nowhere=PATH"},
	} {
		o.DataRoots["gone"] = filepath.Join(far, "not there")
		got, diags := filesOf(t, root, o, c.files)
		if len(diags) != 1 || !strings.Contains(diags[0].Detail, c.want) || diags[0].Range.Line != 3 {
			t.Errorf("%s: %q, %v; want an error on line 3 with %s", c.files, got, diags, c.want)
		}
	}
	s, diags := load(t, `locals { digest = filesha256(external("other/x.csv")) }`, o)
	if diags.HasErrors() {
		t.Error(s, diags)
	}
}

// FuzzFileset: a pattern never panics, leaves the tree or gives what is not there; what it gives is sorted, and found
// again under its own name.
func FuzzFileset(f *testing.F) {
	for _, s := range []string{"data/*.csv", "**", "**/**/*", "[", "[a-", "data/[^a]?*", "*/..", "./**/../x", "data//a.csv", ".*", "\\", "external://r/*", "external://r/../..", "a\x00", "loop/**/x", "**/loop/up/**"} {
		f.Add(s)
	}
	root := project(f, append(tree1, "loop/up -> ..", "loop/x", "leaving -> /")...)
	data := project(f, "a.csv", "deep/b.csv")
	f.Fuzz(func(t *testing.T, name string) {
		l := newLoader(Options{Root: root, DataRoots: map[string]string{"r": data}})
		paths, err := l.fileset(name)
		if err != nil {
			if len(paths) > 0 {
				t.Errorf("%q: %q and %v", name, paths, err)
			}
			return
		}
		if len(paths) == 0 || !slices.IsSorted(paths) {
			t.Errorf("%q gives %q", name, paths)
		}
		again := newLoader(l.o)
		for _, p := range paths {
			if got, err := again.projectFile(p); err != nil || got != p {
				t.Errorf("%q gives %q, which is %q, %v", name, p, got, err)
			}
			if path.IsAbs(p) || strings.HasPrefix(p, "..") {
				t.Errorf("%q gives %q", name, p)
			}
		}
	})
}

// FuzzExternal: what external names is a file below a data root, or an error.
func FuzzExternal(f *testing.F) {
	for _, s := range []string{"r/a.csv", "r", "r/", "r/../a.csv", "r//a.csv", "/", "", "R/a.csv", "r/**", "q/x", "r/\x00", "external://r/a.csv"} {
		f.Add(s)
	}
	data := project(f, "a.csv", "deep/b.csv")
	f.Fuzz(func(t *testing.T, name string) {
		l := newLoader(Options{Root: t.TempDir(), DataRoots: map[string]string{"r": data}})
		v, err := l.functions["external"].Call([]cty.Value{cty.StringVal(name)})
		if err != nil {
			return
		}
		paths, err := l.fileset(v.AsString())
		if err != nil {
			return
		}
		for _, p := range paths {
			root, rel, ok := stages.CutExternal(p)
			info, err := os.Stat(filepath.Join(data, filepath.FromSlash(rel)))
			if !ok || root != "r" || !filepath.IsLocal(rel) || err != nil || !info.Mode().IsRegular() {
				t.Errorf("%q gives %q: %v", name, p, err)
			}
		}
	})
}

// The patterns of a spec look at so many files in all, however many patterns there are.
func TestManyPatterns(t *testing.T) {
	root := project(t, "a/x.csv", "b/y.csv")
	l := newLoader(Options{Root: root})
	l.looked = maxEntries - 2
	if _, err := l.fileset("*/x.csv"); err == nil || !strings.Contains(err.Error(), "narrow them") {
		t.Error(err)
	}
}

// A pattern of many folders looks at each once for each of its parts, not once for each way to match.
func TestManyStars(t *testing.T) {
	deep := strings.Repeat("a/", 60)
	root := project(t, deep+"x.csv")
	l := newLoader(Options{Root: root})
	paths, err := l.fileset(strings.Repeat("**/a/", 25) + "*.csv")
	if err != nil || len(paths) != 1 {
		t.Errorf("%q, %v", paths, err)
	}
	if _, err := l.fileset(strings.Repeat("**/a/", 25) + "*.txt"); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
