package cluster_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spurion/pipeline/cluster"
	"spurion/stages"
)

// program writes a program of a cluster's into a folder: a script of the shell.
func program(t *testing.T, dir, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
}

// TestRefusals: what sbatch refuses is an error with a remedy; what may pass is none that stands.
func TestRefusals(t *testing.T) {
	for said, remedy := range map[string]string{
		"Batch job submission failed: Invalid account or account/partition combination specified":      "set account",
		"Batch job submission failed: Invalid partition name specified":                                "one of: main, gpu",
		"Batch job submission failed: Invalid qos specification":                                       "--qos=NAME",
		"Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)": "lower time",
		"Batch job submission failed: Invalid generic resource (gres) specification":                   "no such GPUs",
		"Batch job submission failed: Requested node configuration is not available":                   "no node has that much",
	} {
		dir := t.TempDir()
		program(t, dir, "sbatch", "cat >/dev/null; echo 'sbatch: error: "+said+"' >&2; exit 1\n")
		program(t, dir, "sinfo", "echo main; echo gpu\n")
		t.Setenv("PATH", dir+":/usr/bin:/bin")
		err := (&cluster.Slurm{}).Submit(t.Context(), cluster.Array{Name: "spurion-x", Tasks: 1, Each: stages.Resources{CPUs: 1}, Dir: dir})
		var refused *cluster.RefusedError
		switch {
		case !errors.As(err, &refused):
			t.Errorf("%q is no refusal: %v", said, err)
		case !strings.Contains(refused.Remedy, remedy):
			t.Errorf("%q has the remedy %q, not %q", said, refused.Remedy, remedy)
		case !strings.Contains(err.Error(), said):
			t.Errorf("%q is told as %q", said, err)
		}
	}
	dir := t.TempDir()
	program(t, dir, "sbatch", "cat >/dev/null; echo 'sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)' >&2; exit 1\n")
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	err := (&cluster.Slurm{}).Submit(t.Context(), cluster.Array{Name: "spurion-x", Tasks: 1, Dir: dir})
	var refused *cluster.RefusedError
	if err == nil || errors.As(err, &refused) {
		t.Errorf("a controller that does not answer refuses: %v", err)
	}
}

// TestHeldByNode: a task whose node could not begin it is let begin on another.
func TestHeldByNode(t *testing.T) {
	dir := t.TempDir()
	program(t, dir, "squeue", "echo 'spurion-x|19_0|PENDING|launch failed requeued held'; echo 'spurion-x|19_1|PENDING|Priority'\n")
	program(t, dir, "scontrol", "echo \"$@\" >>"+filepath.Join(dir, "said")+"\n")
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	status, err := (&cluster.Slurm{}).Ask(t.Context(), []string{"spurion-x"})
	if err != nil || len(status) != 2 || status[0].Phase != cluster.Pending || status[0].Never {
		t.Errorf("%v, %v", status, err)
	}
	if said, err := os.ReadFile(filepath.Join(dir, "said")); err != nil || string(said) != "release 19_0\n" {
		t.Errorf("scontrol was told %q, %v", said, err)
	}
}
