// Package program runs an external program for a kind that asks for one (exec), in a scratch folder of its own.
package program

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"spurion/pipeline/screen"
	"spurion/stages"
)

// lingering is how long what a program that has ended left running, such as a tee, has to end as well: twice, as it is
// asked to in between.
const lingering = time.Second

// An end is how a program ended: by an exit code, or by a signal, whose name it has, such as "killed".
type end struct {
	code   int // for a signal 128 and its number, as in a shell
	signal string
	used   Usage
}

// Usage is what a program and all that it started took of the machine, as far as the system tells; what it does not is zero.
type Usage struct {
	CPU time.Duration // of all processes and their threads together
	// Memory is the most that one of the processes had at once (its resident set), in bytes. Of a small program it is that of the
	// process which starts it, some 15 MB.
	Memory int64
}

// Add gives what two took, one after the other.
func (u Usage) Add(v Usage) Usage { return Usage{CPU: u.CPU + v.CPU, Memory: max(u.Memory, v.Memory)} }

// ErrTimeout is the cause of the error of a program that took too long.
var ErrTimeout = errors.New("timed out")

// A Program is a command whose program was found, and its environment made.
type Program struct {
	Path   string            // of the file that is run
	Digest [sha256.Size]byte // of that file; zero if it cannot be read

	command stages.Command
	env     []string
	secrets *screen.Secrets
	used    Usage
}

// Used gives what the program took in all attempts that have ended.
func (p *Program) Used() Usage { return p.used }

// Find looks up the command's program on the PATH that it will have. Secrets are masked in what is kept of what it
// prints, as are the values of variables that the command hands on. Granted are further variables: they
// stand before what the command hands on, and behind what it says itself.
func Find(c stages.Command, granted map[string]string, secrets ...string) (*Program, error) {
	if len(c.Args) == 0 {
		return nil, errors.New("command: no program is named")
	}
	env, own := environment(c, granted)
	path, err := find(c.Args[0], env)
	if err != nil {
		return nil, err
	}
	return &Program{
		Path: path, Digest: digest(path), command: c, env: environ(env), secrets: screen.NewSecrets(slices.Concat(own, secrets)...),
	}, nil
}

// Secrets gives what is not to be seen of a command: the values of variables that it hands on, and others that are known.
func Secrets(c stages.Command, others ...string) *screen.Secrets {
	_, own := environment(c, nil)
	return screen.NewSecrets(slices.Concat(own, others)...)
}

// run runs the program in the scratch folder, which is empty, and waits for its end. It lays the command's files out, makes the
// folders of those to be collected, and reads them when the program has ended. The program is called by its full
// path, by which a Python finds its virtual environment; what it prints goes to the log, which may be nil. When the
// context or the command's time limit ends it is asked to end, and killed seconds later; the error is then the cause,
// which wraps ErrTimeout for the limit, and the result says what it had printed. That a program ends with another code
// than 0 is no error.
//
// No process that the program started outlives it, nor does any outlive this process, however it dies. (On Unix;
// outside of Linux those escape that went into a session of their own.)
func (p *Program) run(ctx context.Context, scratch *Scratch, log Log) (*stages.CommandResult, error) {
	c, dir := p.command, scratch.Dir
	folder, err := os.Lstat(dir)
	if err == nil {
		err = layOut(dir, &c)
	}
	if errors.Is(err, syscall.ENOSPC) {
		err = fmt.Errorf("%w; TMPDIR says where programs run: set it to a folder on a larger disk", err)
	}
	if err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("%w after %v, the stage's timeout", ErrTimeout, c.Timeout))
		defer cancel()
	}
	stdout, stderr := printer{mask: p.secrets.Stream()}, printer{mask: p.secrets.Stream()}
	if log != nil {
		stdout.log, stderr.log = log.Stdout, log.Stderr
	}
	cmd := exec.Command(p.Path, c.Args[1:]...)
	cmd.Dir = dir
	cmd.Env = p.env
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	ended, err := execute(ctx, cmd, scratch.lock)
	p.used = p.used.Add(ended.used)
	result := &stages.CommandResult{
		ExitCode: ended.code, Signal: ended.signal, Attempts: 1, Stdout: stdout.end(), Stderr: stderr.end(),
	}
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	if err != nil {
		return result, fmt.Errorf("command: %w", err)
	}
	if err := stillThere(dir, folder); err != nil {
		if ended.code != 0 { // which says more
			err = nil
		}
		return result, err
	}
	return result, collect(dir, &c, result)
}
