package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestSlurm runs testdata/slurm on a real Slurm, which .ci/slurm starts: SPURION_SLURM names its folder, with slurm.conf, and the numbers
// of its processes in run/. Without it there is nothing to test.
func TestSlurm(t *testing.T) {
	slurm := os.Getenv("SPURION_SLURM")
	if slurm == "" {
		t.Skip("SPURION_SLURM names no cluster: bash .ci/slurm starts one and runs this test")
	}
	params := testscript.Params{
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "SPURION_STORE=", "SPURION_OUT=", "NO_COLOR=", "TERM=xterm", "TZ=UTC",
				"HOME="+env.WorkDir, "SLURM="+slurm, "SLURM_CONF="+filepath.Join(slurm, "slurm.conf"))
			// What tasks do is counted in a file, which the cluster's environment does not name.
			text := fmt.Sprintf("executor \"slurm\" \"cluster\" {\n  partition  = \"main\"\n  poll       = \"100ms\"\n  ask        = \"1s\"\n  lost_after = \"3s\"\n"+
				"  setup      = [\"export RECORD=%s/record\"]\n}\n", env.WorkDir)
			return os.WriteFile(filepath.Join(env.WorkDir, ".spurion.hcl"), []byte(text), 0o644)
		},
		Cmds:                scriptCommands,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
	}
	t.Run("together", func(t *testing.T) {
		together := params
		together.Dir = filepath.Join("testdata", "slurm")
		testscript.Run(t, together)
	})
	disturbing, err := filepath.Glob(filepath.Join("testdata", "slurm", "alone", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range disturbing { // what they do to the cluster would be felt by others
		t.Run("alone", func(t *testing.T) {
			alone := params
			alone.Files = []string{path}
			testscript.Run(t, alone)
		})
	}
}
