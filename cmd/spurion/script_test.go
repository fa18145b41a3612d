package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite golden files and the comparisons in scripts")

// TestMain makes `spurion` available to scripts: this program with kinds that misbehave on command, run by the test
// binary in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"spurion": func() { os.Exit(execute(testRegistry(), os.Args[1:], standardStreams())) },
		"ends":    ends,
	})
}

// TestScripts runs testdata/script: one file or more a command and a promise, to be read as prose. Besides the
// usual commands they have those of scriptCommands.
func TestScripts(t *testing.T) {
	frames, err := filepath.Abs(filepath.Join("..", "..", "artifacts", "frame", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			// The machine's own settings must not reach the program.
			env.Vars = append(env.Vars, "SPURION_STORE=", "SPURION_OUT=", "NO_COLOR=", "TERM=xterm", "TZ=UTC", "FRAMES="+frames, "DATA="+data)
			return nil
		},
		Cmds:                scriptCommands,
		UpdateScripts:       *update,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
	})
}

// TestEveryCommandHasAScript keeps commands from being added without one.
func TestEveryCommandHasAScript(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, path := range scripts {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	root := (&app{registry: testRegistry()}).root()
	for _, c := range root.Commands() {
		names := []string{c.Name()}
		for _, sub := range c.Commands() {
			names = append(names, c.Name()+" "+sub.Name())
		}
		for _, name := range names {
			if !strings.Contains(all.String(), "spurion "+name) {
				t.Errorf("no script runs spurion %s", name)
			}
		}
	}
}
