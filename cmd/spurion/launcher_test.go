package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"spurion/pipeline/site"
)

// launchers gives the executors of docs/launchers.md, as files by their names. Each block of them is one.
func launchers(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, f := range fencesIn(t, "hcl", 10) {
		if f.info != executorsInfo {
			continue
		}
		read, err := site.Parse([]byte(f.text), f.String())
		if err != nil {
			t.Error(err)
			continue
		}
		for _, x := range read.Executors {
			files[x.Name] = f.text
		}
	}
	return files
}

// TestLaunchers runs testdata/launcher with the first executor of docs/launchers.md, which needs no cluster.
func TestLaunchers(t *testing.T) {
	scripts, err := filepath.Abs(filepath.Join("testdata", "launcher"))
	if err != nil {
		t.Fatal(err)
	}
	files := launchers(t)
	for _, name := range []string{"here", "pbs", "torque", "sge", "lsf", "condor", "hq", "kubernetes", "aws"} {
		if files[name] == "" {
			t.Errorf("docs/launchers.md has no executor %q", name)
		}
	}
	quick := regexp.MustCompile(`(?m)^executor .*$`).ReplaceAllString(files["here"], "$0\n  poll = \"20ms\"\n  ask = \"100ms\"\n  lost_after = \"100ms\"")
	testscript.Run(t, testscript.Params{
		Dir: scripts,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "SPURION_STORE=", "SPURION_OUT=", "NO_COLOR=", "TERM=xterm", "TZ=UTC", "RECORD="+filepath.Join(env.WorkDir, "record"))
			return os.WriteFile(filepath.Join(env.WorkDir, site.ProjectFile), []byte(strings.TrimSpace(quick)+"\n"), 0o644)
		},
		Cmds:                scriptCommands,
		UpdateScripts:       *update,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
	})
}
