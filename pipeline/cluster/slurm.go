package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Slurm is an Executor by the programs sbatch, squeue, scancel and scontrol, of which it takes what all versions since 20.11 print.
type Slurm struct {
	Account, Partition string
	Options            []string // more of sbatch's
	Script             Script
	// Command runs a program of Slurm's; nil stands for the system's.
	Command func(ctx context.Context, stdin string, name string, args ...string) (stdout string, err error)
}

// A Script is what a task runs.
type Script struct {
	Shell    string   // the first line's program; "" stands for /bin/sh
	Setup    []string // lines of shell before the program
	Scratch  string   // what TMPDIR is set to, as shell text; "" leaves it
	Index    string   // the variable that tells a task its number
	Program  string
	Args     []string // of the program, before the batch
	FirstOne bool     // the numbers that the cluster gives begin at 1
}

// Text gives the script for the batches in a folder.
func (s Script) Text(dir string) string {
	var b strings.Builder
	shell := s.Shell
	if shell == "" {
		shell = "/bin/sh"
	}
	fmt.Fprintf(&b, "#!%s\n", shell)
	for _, line := range s.Setup {
		b.WriteString(line + "\n")
	}
	if s.Scratch != "" {
		fmt.Fprintf(&b, "TMPDIR=%s; export TMPDIR\n", s.Scratch)
	}
	fmt.Fprintf(&b, "exec %s", ShellWord(s.Program))
	for _, a := range s.Args {
		b.WriteString(" " + ShellWord(a))
	}
	fmt.Fprintf(&b, " %s/\"%s\"%s\n", ShellWord(dir), s.number(), batchSuffix)
	return b.String()
}

// number is the task's number as shell text, from 0.
func (s Script) number() string {
	if s.FirstOne {
		return "$((" + s.Index + " - 1))"
	}
	return "$" + s.Index
}

// ShellWord quotes a word for a shell.
func ShellWord(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// ownMemory is what a task takes beside its instances, in bytes.
const ownMemory = 200 << 20

// patience is how long a program of the cluster's may take to answer.
const patience = time.Minute

// Submit implements Executor.
func (s *Slurm) Submit(ctx context.Context, a Array) error {
	if strings.Contains(a.Dir, `\`) {
		return &RefusedError{Err: fmt.Errorf("Slurm takes no path with a backslash: %s", a.Dir), Remedy: "have the store elsewhere (--store)"}
	}
	last := strconv.Itoa(a.Tasks - 1)
	array := "0-" + last
	if a.Running > 0 && a.Running < a.Tasks {
		array += "%" + strconv.Itoa(a.Running)
	}
	args := []string{
		"--parsable", "--job-name=" + a.Name, "--array=" + array, "--export=NONE", "--requeue", "--open-mode=append",
		"--output=" + printedTo(a.Dir, "%a"+printedSuffix), "--chdir=" + a.Dir, "--nodes=1", "--ntasks=1",
		"--cpus-per-task=" + strconv.Itoa(max(a.Each.CPUs, 1)),
		"--time=" + strconv.Itoa(int(max(a.Each.Time, time.Minute)/time.Minute)),
	}
	if a.Each.Memory > 0 {
		args = append(args, fmt.Sprintf("--mem=%dM", (a.Each.Memory+ownMemory)>>20))
	}
	if a.Each.GPUs > 0 {
		args = append(args, fmt.Sprintf("--gres=gpu:%d", a.Each.GPUs))
	}
	script := s.Script
	script.Index = "SLURM_ARRAY_TASK_ID"
	_, err := s.command(ctx, script.Text(a.Dir), "sbatch", s.options(args)...)
	var said *saidError
	if !errors.As(err, &said) || noAnswer(said.text) {
		return err
	}
	return &RefusedError{Err: err, Remedy: s.remedy(ctx, said.text)}
}

// options adds to options of sbatch those that the executor has for every job; its Options come last, and count.
func (s *Slurm) options(args []string) []string {
	if s.Account != "" {
		args = append(args, "--account="+s.Account)
	}
	if s.Partition != "" {
		args = append(args, "--partition="+s.Partition)
	}
	return append(args, s.Options...)
}

// printedTo gives a file in a folder as sbatch takes it for --output, where % begins what it puts in.
func printedTo(dir, name string) string {
	return filepath.Join(strings.ReplaceAll(dir, "%", "%%"), name)
}

// noAnswer reports whether Slurm's words mean that its controller did not answer, or not now.
func noAnswer(text string) bool {
	for _, sign := range []string{
		"Unable to contact", "timed out", "Connection refused", "Zero Bytes", "Transport endpoint", "temporarily", "try again", "Communication connection failure",
		"Job violates accounting/QOS policy (job submit limit", "MaxSubmitJob", "Slurm temporarily unable",
	} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// remedy says what to change where Slurm refuses an array.
func (s *Slurm) remedy(ctx context.Context, text string) string {
	switch {
	case strings.Contains(text, "partition name") || strings.Contains(text, "Invalid partition"):
		partitions, err := s.command(ctx, "", "sinfo", "-h", "-o", "%R")
		if err != nil {
			return "set partition in the executor block"
		}
		return "set partition in the executor block to one of: " + strings.Join(strings.Fields(partitions), ", ")
	case strings.Contains(text, "Invalid account") || strings.Contains(text, "account/partition"):
		return "set account in the executor block to one that may use the partition"
	case strings.Contains(text, "QOS") || strings.Contains(text, "qos"):
		return "name another with options = [\"--qos=NAME\"] in the executor block"
	case strings.Contains(text, "time limit"):
		return "lower time in the stage's block resources, or limit in the executor block"
	case strings.Contains(text, "gres"):
		return "the partition has no such GPUs: lower gpus in the stage's block resources, or set another partition"
	case strings.Contains(text, "Memory") || strings.Contains(text, "node configuration"):
		return "no node has that much: lower cpus, memory or gpus in the stage's block resources, or set another partition"
	}
	return ""
}

// Ask implements Executor.
func (s *Slurm) Ask(ctx context.Context, names []string) ([]TaskStatus, error) {
	var list []TaskStatus
	for part := range slices.Chunk(names, 100) {
		out, err := s.command(ctx, "", "squeue", "-h", "-t", "all", "-n", strings.Join(part, ","), "-o", "%j|%i|%T|%r")
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(out) {
			line = strings.TrimSpace(line)
			list = append(list, parseStatus(line)...)
			if strings.HasSuffix(line, "|"+heldByNode) {
				_, job, _ := strings.Cut(line, "|")
				job, _, _ = strings.Cut(job, "|")
				_, _ = s.command(ctx, "", "scontrol", "release", job) // else the next answer says so again
			}
		}
	}
	return list, nil
}

// heldByNode is why a task waits whose node could not begin it. Slurm takes that node out of use, and leaves it to the job's owner to let the task
// begin on another.
const heldByNode = "launch failed requeued held"

// parseStatus reads a line of squeue: NAME|JOB_TASKS|STATE|REASON. What it does not understand is no answer.
func parseStatus(line string) []TaskStatus {
	fields := strings.SplitN(line, "|", 4)
	if len(fields) != 4 {
		return nil
	}
	_, tasks, found := strings.Cut(fields[1], "_")
	if !found {
		return nil
	}
	s := TaskStatus{Array: fields[0], Reason: fields[3]}
	switch state, _, _ := strings.Cut(fields[2], " "); state {
	case "PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT", "REQUEUE_FED", "RESV_DEL_HOLD":
		s.Phase, s.Never = Pending, hopeless(s.Reason)
	case "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "STOPPED", "RESIZING", "SIGNALING", "STAGE_OUT":
		s.Phase = Running
	case "COMPLETED":
		s.Phase, s.End = Ended, Succeeded
	case "OUT_OF_MEMORY":
		s.Phase, s.End = Ended, OutOfMemory
	case "TIMEOUT", "DEADLINE":
		s.Phase, s.End = Ended, OutOfTime
	case "PREEMPTED", "REVOKED":
		s.Phase, s.End = Ended, Preempted
	case "NODE_FAIL", "BOOT_FAIL":
		s.Phase, s.End = Ended, NodeFailed
	case "CANCELLED":
		s.Phase, s.End = Ended, Canceled
	case "FAILED":
		s.Phase, s.End = Ended, Failed
		if s.Reason == "OutOfMemory" {
			s.End = OutOfMemory
		}
	default:
		return nil
	}
	var list []TaskStatus
	for _, n := range parseTasks(tasks) {
		s.Task = n
		list = append(list, s)
	}
	return list
}

// mostTasks bounds what a line of squeue may stand for.
const mostTasks = 1 << 20

// parseTasks reads "7", and "[0-2,5,8-20:4%10]".
func parseTasks(text string) []int {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	text, _, _ = strings.Cut(text, "%")
	var list []int
	for part := range strings.SplitSeq(text, ",") {
		part, stride, _ := strings.Cut(part, ":")
		from, to, isRange := strings.Cut(part, "-")
		a, err := strconv.Atoi(from)
		b := a
		if isRange && err == nil {
			b, err = strconv.Atoi(to)
		}
		step := 1
		if stride != "" && err == nil {
			step, err = strconv.Atoi(stride)
		}
		if err != nil || a < 0 || b < a || step < 1 || (b-a)/step > mostTasks-len(list) {
			continue
		}
		for i := range (b-a)/step + 1 {
			list = append(list, a+i*step)
		}
	}
	return list
}

// hopeless reports whether a task that waits for this will never begin.
func hopeless(reason string) bool {
	switch reason {
	case "PartitionConfig", "DependencyNeverSatisfied", "BadConstraints", "AccountNotAllowed", "QOSNotAllowed", "InvalidAccount", "InvalidQOS", "PartitionTimeLimit", "PartitionNodeLimit":
		return true
	}
	return strings.HasSuffix(reason, "PerJobLimit") || strings.HasSuffix(reason, "PerJob")
}

// Cancel implements Executor.
func (s *Slurm) Cancel(ctx context.Context, names []string) error {
	var failed []error
	for _, name := range names {
		if _, err := s.command(ctx, "", "scancel", "--name="+name); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// Limits implements Executor.
func (s *Slurm) Limits(ctx context.Context) (Limits, error) {
	out, err := s.command(ctx, "", "scontrol", "show", "config")
	if err != nil {
		return Limits{}, err
	}
	var l Limits
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(line, "=")
		if strings.TrimSpace(name) == "MaxArraySize" {
			if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
				l.ArraySize = n - 1 // indexes go up to one less, and so much is left
			}
		}
	}
	return l, nil
}

// A saidError is a program of the cluster's that ended with an error, and what it said.
type saidError struct {
	name, text string
	err        error
}

func (e *saidError) Error() string {
	if e.text == "" {
		return fmt.Sprintf("%s: %v", e.name, e.err)
	}
	lines := strings.Split(e.text, "\n")
	last := lines[len(lines)-1] // what led to it stands before
	return fmt.Sprintf("%s: %s", e.name, strings.TrimPrefix(strings.TrimPrefix(last, e.name+": "), "error: "))
}

func (e *saidError) Unwrap() error { return e.err }

func (s *Slurm) command(ctx context.Context, stdin, name string, args ...string) (string, error) {
	if s.Command != nil {
		return s.Command(ctx, stdin, name, args...)
	}
	return runCommand(ctx, stdin, name, args...)
}

// runCommand runs a program of the cluster's in an environment without what a job of the same cluster would have set in it.
func runCommand(ctx context.Context, stdin, name string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", &RefusedError{Err: fmt.Errorf("there is no %s on this machine's PATH", name), Remedy: "run on a login node of the cluster, or load its module first"}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%s did not answer for %v", name, patience))
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return !strings.HasPrefix(v, "SLURM_CONF=") && (strings.HasPrefix(v, "SLURM_") || strings.HasPrefix(v, "SBATCH_") || strings.HasPrefix(v, "SQUEUE_") || strings.HasPrefix(v, "SCANCEL_"))
	}), "SLURM_BITSTR_LEN=0", "LC_ALL=C")
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return "", cause
		}
		return "", &saidError{name, strings.TrimSpace(errs.String()), err}
	}
	return out.String(), nil
}
