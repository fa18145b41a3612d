package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"spurion/artifacts"
	"spurion/pipeline/program"
	"spurion/pipeline/screen"
	"spurion/stages"
)

// A ProgramError is the failure of an instance that ran a program: it says where to see all that the program printed.
type ProgramError struct {
	Err     error
	Command string // that prints the log; "" if there is none
	Kept    string // the program's folder, if it was kept
}

// Error adds the remedies, a line each.
func (e *ProgramError) Error() string {
	text := e.Err.Error()
	if e.Command != "" {
		text += "\nall that it printed: " + e.Command
	}
	if e.Kept != "" {
		text += "\nits folder: " + e.Kept
	}
	return text
}

// Unwrap gives the failure itself.
func (e *ProgramError) Unwrap() error { return e.Err }

// command runs an external program for the kind, in a scratch folder of its own, and logs what it prints; unless what it
// wrote was kept (see kept.go).
func (j *job) command(ctx context.Context, c stages.Command) (*stages.CommandResult, error) {
	j.ran = newRan(&c)
	if j.readKept(j.ran) {
		return j.ran.result, nil
	}
	spec := j.runner.plan.Spec
	p, err := program.Find(c, j.granted(), j.runner.options.Secrets...)
	if err != nil {
		return nil, err
	}
	scratch, err := program.NewScratch(j.node.Key.String()[:16])
	if err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	r := &ranProgram{scratch: scratch}
	r.log, err = j.runner.options.Store.StartLog(artifacts.LogHeader{
		Key: artifacts.Digest(j.node.Key), Address: j.node.Address(), Spec: j.runner.options.Spec,
		Command: masks(spec.Mask, c.Args), Program: p.Path, Digest: p.Digest,
	})
	if err != nil {
		scratch.Close()
		return nil, fmt.Errorf("command: %w", err)
	}
	defer j.programs.add(r)
	result, err := p.Try(ctx, scratch, storedLog{r.log})
	r.used = p.Used()
	if err == nil {
		j.ran.result = result
	}
	return result, err
}

// threadVariables tell the libraries of numeric programs how many threads to use, instead of one for each processor of the machine.
var threadVariables = []string{"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"}

// granted gives the variables that tell a program what it has of the machine: of its processors if its stage says how many, and of its
// GPUs if an instance of the run needs some. They are in no key.
func (j *job) granted() map[string]string {
	env := map[string]string{}
	if r := j.node.Resources; r != nil && r.CPUs > 0 {
		for _, name := range threadVariables {
			env[name] = strconv.Itoa(r.CPUs)
		}
	}
	devices := j.runner.options.GPUs
	if !j.runner.granting || devices.Variable == "" {
		return env
	}
	numbers := j.gpus
	if r := j.node.Resources; j.repairing && r != nil { // it takes no part in the pool, for who waits for it has a part already
		for i := range min(r.GPUs, len(devices.Slots)) {
			numbers = append(numbers, i)
		}
	}
	names := make([]string, len(numbers))
	for i, number := range numbers {
		names[i] = devices.Slots[number]
	}
	env[devices.Variable] = strings.Join(names, ",")
	return env
}

// secrets gives what is not to be seen of the program that the kind ran; nil if there is nothing, or it ran none.
func (j *job) secrets() *screen.Secrets {
	if j.ran == nil {
		return nil
	}
	return program.Secrets(*j.ran.command, j.runner.options.Secrets...)
}

// masks masks each of some words.
func masks(mask func(string) string, words []string) []string {
	masked := make([]string, len(words))
	for i, w := range words {
		masked[i] = mask(w)
	}
	return masked
}

// storedLog is a log in the store as a program sees it.
type storedLog struct{ w *artifacts.LogWriter }

func (l storedLog) Stdout(p []byte)  { l.w.Print(artifacts.LogStdout, p) }
func (l storedLog) Stderr(p []byte)  { l.w.Print(artifacts.LogStderr, p) }
func (l storedLog) Note(text string) { l.w.Print(artifacts.LogNote, []byte(text)) }

// A ranProgram is what a program leaves until its instance has ended.
type ranProgram struct {
	scratch *program.Scratch
	log     *artifacts.LogWriter
	used    program.Usage
}

func (r *ranProgram) end(outcome, problem string, keep bool) (kept string) {
	r.log.End(outcome, problem)
	if keep {
		kept, _ = r.scratch.Keep() // where it is, if it cannot be named
		return kept
	}
	r.scratch.Close()
	return ""
}

// ranPrograms are those of one instance. A program that ends after its instance, which was left behind, is tidied up
// after at once.
type ranPrograms struct {
	mu    sync.Mutex
	list  []*ranProgram
	ended bool
}

func (p *ranPrograms) add(r *ranProgram) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		r.end(artifacts.LogCanceled, "", false)
		return
	}
	p.list = append(p.list, r)
}

// endPrograms closes the logs of the programs that the kind ran, now that it is known how the instance ended, and
// removes or keeps their folders. The error is err without secrets, with what there is to say about the programs.
func (j *job) endPrograms(ctx context.Context, err error) error {
	j.programs.mu.Lock()
	defer j.programs.mu.Unlock()
	j.programs.ended = true
	if j.ran != nil {
		if err != nil && ctx.Err() == nil {
			err = j.forgotten(err)
		}
		err = masked(j.secrets().Hide, err)
	}
	outcome, problem := artifacts.LogSucceeded, ""
	switch {
	case err != nil && ctx.Err() != nil:
		outcome = artifacts.LogCanceled
	case err != nil:
		outcome = artifacts.LogFailed
		problem, _, _ = strings.Cut(err.Error(), "\n")
	}
	more := &ProgramError{Err: err}
	for _, r := range j.programs.list {
		j.used = j.used.Add(r.used)
		if kept := r.end(outcome, problem, outcome == artifacts.LogFailed && j.runner.options.KeepFailed); kept != "" {
			more.Kept = kept
		}
		more.Command = "spurion log " + screen.ShellWord(j.runner.plan.Spec.Path) + " " + screen.ShellWord(j.node.Address())
	}
	j.programs.list = nil
	if outcome != artifacts.LogFailed || more.Command == "" || errors.Is(err, artifacts.ErrFull) {
		return err
	}
	return more
}

// forgotten adds to a program's failure the files of the project that it did not see.
func (j *job) forgotten(failure error) error {
	var declared *stages.DeclarationError
	if errors.As(failure, &declared) {
		return failure
	}
	f := program.Failed{Command: j.ran.command, Result: j.ran.result, Err: failure}
	for _, r := range j.programs.list {
		f.Scratch = r.scratch.Dir
	}
	if hint := f.Unlaid(j.runner.plan.Spec.Folder(), j.runner.options.External.IsFile); hint != "" {
		return fmt.Errorf("%w\n%s", failure, hint)
	}
	return failure
}
