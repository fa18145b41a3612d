package spurion

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What the program must not depend on, since whoever tries it from source compiles all of it first. The times are
// processor seconds of such a build, of 96 with all of them; bytes are the program's.
var tooHeavy = []struct{ path, instead string }{
	{"net/http", "11 s with TLS: Spurion serves nothing. A library that brings it has a stand-in in artifacts/frame/_standin, or another is to be had"},
	{"crypto/tls", "see net/http"},
	{"github.com/aws", "33 s: artifacts/remote asks the program spurion-s3, which has it"},
	{"html/template", "3.2 MB: it looks methods up by their names, so that the linker keeps all methods of all types; pipeline/page has templates that are compiled"},
	{"testing", "0.6 s, and its flags: test helpers go into packages that tests alone import"},
	{"github.com/goccy/go-json/internal/encoder", "15 s: artifacts/frame/_standin/json is all of it that Arrow needs"},
	{"gonum.org/v1/gonum/mat", "4 s with BLAS and LAPACK: graph/multi and mathext do without (graph/simple, stat and stat/distuv do not)"},
	{"github.com/apache/arrow/go/v17/arrow/compute", "the kernels of all types; tables are computed on as slices"},
	{"github.com/apache/arrow/go/v17/parquet/pqarrow", "it brings arrow/compute; package frame reads and writes columns itself"},
	{"google.golang.org/grpc", "Arrow Flight is for servers"},
	{"golang.org/x/tools", "Go's own source is read by tests alone"},
}

// TestWeight: the program depends on nothing that is too heavy for what it is used for.
func TestWeight(t *testing.T) {
	cmd := exec.Command("go", "list", "-mod=readonly", "-deps", "./cmd/spurion")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if !slices.Contains(packages, "spurion/pipeline") {
		t.Fatalf("go list names %d packages, and not spurion/pipeline", len(packages))
	}
	for _, heavy := range tooHeavy {
		for _, p := range packages {
			if under(p, heavy.path) {
				t.Errorf("./cmd/spurion depends on %s. %s; `go list -deps -f '{{.ImportPath}} {{.Imports}}' ./cmd/spurion` tells through what", p, heavy.instead)
				break
			}
		}
	}
}

// TestStandins: every stand-in is in use, and nothing else is replaced.
func TestStandins(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for line := range strings.Lines(string(mod)) {
		if _, folder, ok := strings.Cut(strings.TrimSpace(line), " => ./"); ok {
			used = append(used, folder)
		} else if ok := strings.Contains(line, "=>"); ok {
			t.Errorf("go.mod replaces a module by what is no folder here: %s", line)
		}
	}
	there, err := filepath.Glob("artifacts/frame/_standin/*")
	if err != nil {
		t.Fatal(err)
	}
	for i := range there {
		there[i] = filepath.ToSlash(there[i])
	}
	slices.Sort(used)
	if !slices.Equal(used, there) || len(used) == 0 {
		t.Errorf("go.mod has the stand-ins %q, the folder %q", used, there)
	}
}
