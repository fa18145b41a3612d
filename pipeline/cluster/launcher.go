package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Launcher is an Executor by commands that its user wrote: anything that runs a script a number of times, and tells each run its number.
type Launcher struct {
	// SubmitBy submits: the script is a file, {script}, and comes on standard input too. Ending with 75 (EX_TEMPFAIL), it says that whether
	// the array was taken is not known; any other code but 0 says that it never will be. What it prints is kept in {dir}/submitted.
	SubmitBy Template
	// AskBy prints a line for each task of an array that is known: TASK STATE [REASON], of which TASK may be a list such as [0-2,5].
	// The last line of a task counts. Without it, the files that tasks write are all that is known.
	AskBy Template
	// CancelBy ends an array. Without it, what is out runs on to its end.
	CancelBy Template
	// States translates STATE to a word of StateWords; these need no translation.
	States map[string]string
	Index  string // the variable that tells a task its number
	First  int    // the number of the first task, 0 or 1
	Size   int    // the most tasks of an array; 0 stands for no limit
	Script Script
	Folder Folder
	// Lost is how long a task that has begun may stay silent, where there is no AskBy: at least LeastSilence.
	Lost time.Duration
	// Where says where the commands stand.
	Where string
	Clock Clock // nil stands for RealClock

	begun map[taskName]time.Time // when a file of the task was first seen
}

// The files of an array that only launchers have.
const (
	scriptFile    = "script"
	submittedFile = "submitted"
)

// LeastSilence is how long a journal must be silent before that means anything by itself: twice the pause between two beats.
const LeastSilence = 2 * beatEvery

// noAnswerCode is the code of a command that says "not now" (EX_TEMPFAIL of sysexits.h).
const noAnswerCode = 75

var stateWords = map[string]TaskStatus{
	"pending": {Phase: Pending}, "never": {Phase: Pending, Never: true}, "running": {Phase: Running},
	"ended": {Phase: Ended, End: Unknown}, "succeeded": {Phase: Ended, End: Succeeded}, "failed": {Phase: Ended, End: Failed},
	"out_of_memory": {Phase: Ended, End: OutOfMemory}, "out_of_time": {Phase: Ended, End: OutOfTime}, "preempted": {Phase: Ended, End: Preempted},
	"node_failed": {Phase: Ended, End: NodeFailed}, "canceled": {Phase: Ended, End: Canceled},
}

// StateWords are the states that tasks can be in, sorted. Never is of one that waits for what will not come; of ended, how is not known.
var StateWords = slices.Sorted(maps.Keys(stateWords))

// Submit implements Executor.
func (l *Launcher) Submit(ctx context.Context, a Array) error {
	script := l.script(a)
	path := filepath.Join(a.Dir, scriptFile)
	if err := writeWhole(path, 0o700, []byte(script)); err != nil {
		return err
	}
	memory := a.Each.Memory
	if memory > 0 {
		memory += ownMemory
	}
	running := a.Tasks
	if a.Running > 0 {
		running = min(running, a.Running)
	}
	values := l.values(a.Name, a.Tasks)
	maps.Copy(values, map[string]string{
		"script": path, "running": strconv.Itoa(running), "cpus": strconv.Itoa(max(a.Each.CPUs, 1)), "gpus": strconv.Itoa(a.Each.GPUs),
		"memory_mb": strconv.FormatInt((memory+1<<20-1)>>20, 10),
		"minutes":   strconv.FormatInt(int64((a.Each.Time+time.Minute-1)/time.Minute), 10),
		"seconds":   strconv.FormatInt(int64((a.Each.Time+time.Second-1)/time.Second), 10),
	})
	printed, err := l.sh(ctx, "submit", l.SubmitBy.Fill(values), script)
	if err == nil {
		return writeWhole(filepath.Join(a.Dir, submittedFile), 0o600, []byte(printed))
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() == noAnswerCode {
		return err
	}
	return &RefusedError{Err: err, Remedy: fmt.Sprintf("change the command submit in %s, or what it asks for", l.Where)}
}

// script is what tasks run. It names the array's only task itself, since some launchers have no arrays of one.
func (l *Launcher) script(a Array) string {
	s := l.Script
	s.Index, s.FirstOne = l.Index, l.First == 1
	number, dir := s.number(), ShellWord(a.Dir)
	first := fmt.Sprintf("%s=%d", l.Index, l.First)
	if a.Tasks > 1 {
		first = fmt.Sprintf(`[ -n "$%s" ] || { for batch in %s/*%s; do echo 'the variable %s, which the executor has as its index, is not set in tasks' >"${batch%%%s}%s"; done; exit 1; }`,
			l.Index, dir, batchSuffix, l.Index, batchSuffix, printedSuffix)
	}
	s.Setup = append([]string{first, fmt.Sprintf(`exec >>%s/"%s"%s 2>&1`, dir, number, printedSuffix)}, s.Setup...)
	return s.Text(a.Dir)
}

// values gives what the words of all commands stand for. Names have small letters alone, since Kubernetes takes no others.
func (l *Launcher) values(name string, tasks int) map[string]string {
	return map[string]string{
		"name": strings.ToLower(name), "dir": l.dir(name), "tasks": strconv.Itoa(tasks), "first": strconv.Itoa(l.First), "last": strconv.Itoa(l.First + tasks - 1),
	}
}

func (l *Launcher) dir(name string) string { return filepath.Join(string(l.Folder), name) }

// sh runs a command of the user's.
func (l *Launcher) sh(ctx context.Context, what, command, stdin string) (string, error) {
	out, err := runCommand(ctx, stdin, "/bin/sh", "-c", command)
	var said *saidError
	switch {
	case errors.Is(err, exec.ErrWaitDelay):
		return "", &RefusedError{Err: fmt.Errorf("%s: what it left running holds its output", what), Remedy: "write >/dev/null 2>&1 behind that in " + l.Where}
	case errors.As(err, &said):
		said.name = what
	}
	return out, err
}

// Ask implements Executor.
func (l *Launcher) Ask(ctx context.Context, names []string) ([]TaskStatus, error) {
	var list []TaskStatus
	for _, name := range names {
		files, err := l.files(name)
		if err != nil {
			return nil, err
		}
		if l.AskBy == "" {
			list = append(list, l.byFiles(name, files)...)
			continue
		}
		out, err := l.sh(ctx, "status", l.AskBy.Fill(l.values(name, files.tasks)), "")
		if err != nil {
			return nil, err
		}
		tasks, err := l.readAnswer(name, out)
		if err != nil {
			return nil, err
		}
		list = append(list, tasks...)
	}
	return list, nil
}

// readAnswer reads what the command status printed of an array.
func (l *Launcher) readAnswer(name, out string) ([]TaskStatus, error) {
	place := map[int]int{}
	var list []TaskStatus
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		var tasks []int
		if len(fields) > 1 {
			tasks = parseTasks(fields[0])
		}
		if len(tasks) == 0 || slices.Min(tasks) < l.First {
			return nil, fmt.Errorf("status: it printed %q, which is not TASK STATE [REASON], with tasks from %d; its command stands in %s", strings.TrimSpace(line), l.First, l.Where)
		}
		word := fields[1]
		if w, ok := l.States[word]; ok {
			word = w
		}
		s, ok := stateWords[word]
		if !ok {
			return nil, fmt.Errorf("status: a task is %q: add that to states in %s, as one of %s", fields[1], l.Where, strings.Join(StateWords, ", "))
		}
		s.Array, s.Reason = name, strings.Join(fields[2:], " ")
		for _, t := range tasks {
			s.Task = t - l.First
			if at, twice := place[s.Task]; twice {
				list[at] = s
				continue
			}
			place[s.Task] = len(list)
			list = append(list, s)
		}
	}
	return list, nil
}

// An arrayFiles is what an array's folder shows.
type arrayFiles struct {
	tasks     int
	submitted bool
	begun     map[int]bool // tasks that have left a file
}

func (l *Launcher) files(name string) (f arrayFiles, err error) {
	entries, err := os.ReadDir(l.dir(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	f.begun = map[int]bool{}
	for _, e := range entries {
		text, rest, _ := strings.Cut(e.Name(), ".")
		task, _, _ := strings.Cut(text, "-")
		n, err := strconv.Atoi(task)
		switch suffix := "." + rest; {
		case e.Name() == submittedFile:
			f.submitted = true
		case err != nil:
		case suffix == batchSuffix:
			f.tasks++
		case suffix == printedSuffix || suffix == journalSuffix:
			f.begun[n] = true
		}
	}
	return f, nil
}

// byFiles tells how tasks are where nobody can be asked. One that has left no file waits, for as long as it takes, if its array was submitted;
// one that has just begun runs. Of the others nothing is known: the driver, which asks for those that are silent alone, takes them as lost.
func (l *Launcher) byFiles(name string, f arrayFiles) []TaskStatus {
	if !f.submitted {
		return nil
	}
	clock := l.Clock
	if clock == nil {
		clock = RealClock{}
	}
	if l.begun == nil {
		l.begun = map[taskName]time.Time{}
	}
	now := clock.Now()
	var list []TaskStatus
	for task := range f.tasks {
		s := TaskStatus{Array: name, Task: task, Phase: Pending}
		if f.begun[task] {
			key := taskName{name, task}
			if l.begun[key].IsZero() {
				l.begun[key] = now
			}
			if now.Sub(l.begun[key]) > l.Lost {
				continue
			}
			s.Phase = Running
		}
		list = append(list, s)
	}
	return list
}

// Cancel implements Executor.
func (l *Launcher) Cancel(ctx context.Context, names []string) error {
	if l.CancelBy == "" {
		return fmt.Errorf("the executor has no command cancel (in %s): what is out runs on to its end", l.Where)
	}
	var failed []error
	for _, name := range names {
		files, err := l.files(name)
		if err == nil && files.tasks > 0 { // else it has ended, and is forgotten
			_, err = l.sh(ctx, "cancel", l.CancelBy.Fill(l.values(name, files.tasks)), "")
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// Limits implements Executor.
func (l *Launcher) Limits(context.Context) (Limits, error) { return Limits{ArraySize: l.Size}, nil }
