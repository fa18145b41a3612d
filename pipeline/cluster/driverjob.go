package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A DriverJob is a driver that is a job of the cluster itself, of one processor: it outlives the session that began it. Before it begins it submits
// its successor, which waits for its end; one that ends by itself takes the successor back, so that only one that was killed, as at its time
// limit, is followed by another.
type DriverJob struct {
	Name   string // one at a time
	Dir    string // where its script and what it prints lie
	Folder string // in which the program is started
	Setup  []string
	Args   []string // the program and its arguments
	Time   time.Duration
}

// SubmitDriver hands the job over. The environment of this process is that of the job.
func (s *Slurm) SubmitDriver(ctx context.Context, j DriverJob) error {
	script := filepath.Join(j.Dir, "driver.sh")
	args := []string{
		"--parsable", "--job-name=" + j.Name, "--output=" + printedTo(j.Dir, "driver.out"), "--open-mode=append", "--export=ALL", "--ntasks=1", "--cpus-per-task=1",
		"--no-requeue",
	}
	if j.Time > 0 {
		args = append(args, fmt.Sprintf("--time=%d", int(j.Time/time.Minute)))
	}
	args = s.options(args)
	var b strings.Builder
	b.WriteString("#!/bin/sh\n")
	for _, line := range j.Setup {
		b.WriteString(line + "\n")
	}
	// Options are words of the shell and no lines of #SBATCH, in which a path may hold no quotes.
	b.WriteString("next=$(sbatch --dependency=afterany:\"$SLURM_JOB_ID\"")
	for _, a := range append(args, script) {
		b.WriteString(" " + ShellWord(a))
	}
	fmt.Fprintf(&b, ")\ncd %s || exit\n%s=job", ShellWord(j.Folder), DriverVariable)
	for _, a := range j.Args {
		b.WriteString(" " + ShellWord(a))
	}
	b.WriteString("\ncode=$?\n[ -z \"$next\" ] || scancel \"${next%%;*}\"\nexit $code\n")
	if err := os.MkdirAll(j.Dir, 0o700); err != nil {
		return err
	}
	if err := writeWhole(script, 0o600, []byte(b.String())); err != nil {
		return err
	}
	_, err := s.command(ctx, "", "sbatch", append(args, script)...)
	return err
}

// DriverVariable tells a program that it is the driver that another process submitted.
const DriverVariable = "SPURION_DRIVER"
