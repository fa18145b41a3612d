package cluster_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"spurion/pipeline/cluster"
)

// TestSlurmPaths: whatever a folder is called, sbatch gets it as it takes it, from the driver and from the job that drives.
func TestSlurmPaths(t *testing.T) {
	dir := t.TempDir() + "/it's 50%j"
	printed := strings.ReplaceAll(dir, "%", "%%")
	var args []string
	s := &cluster.Slurm{Command: func(_ context.Context, _ string, _ string, list ...string) (string, error) {
		args = list
		return "1", nil
	}}
	if err := s.Submit(t.Context(), cluster.Array{Name: "spurion-x", Tasks: 1, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(args, "--output="+printed+"/%a.out") || !slices.Contains(args, "--chdir="+dir) {
		t.Errorf("sbatch was told %q", args)
	}
	if err := s.SubmitDriver(t.Context(), cluster.DriverJob{Name: "spurion-driver-x", Dir: dir, Folder: dir, Args: []string{"true"}}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(args, "--output="+printed+"/driver.out") || args[len(args)-1] != dir+"/driver.sh" {
		t.Errorf("sbatch was told %q", args)
	}
	var refused *cluster.RefusedError
	if err := s.Submit(t.Context(), cluster.Array{Name: "spurion-x", Tasks: 1, Dir: dir + `\x`}); !errors.As(err, &refused) {
		t.Errorf("a path with a backslash is not refused: %v", err)
	}
}
