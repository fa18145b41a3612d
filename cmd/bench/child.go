package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// A child is a process that answers requests: a line of JSON each, and one back.
type child struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	errs strings.Builder
}

// oneCore has Spurion keep to one thread.
const oneCore = "GOMAXPROCS=1"

// pinned prefixes a command so that it runs on one processor only, where taskset is installed.
func pinned(cpu int, command []string) []string {
	if taskset, err := exec.LookPath("taskset"); err == nil && cpu >= 0 {
		return append([]string{taskset, "-c", strconv.Itoa(cpu)}, command...)
	}
	return command
}

// start starts a child with an environment.
func start(ctx context.Context, name string, env []string, command ...string) (*child, error) {
	c := &child{name: name, cmd: exec.CommandContext(ctx, command[0], command[1:]...)}
	c.cmd.Env = env
	c.cmd.Stderr = &c.errs
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// startSide starts this program's own hidden side command; env is added to this process's environment.
func startSide(ctx context.Context, which string, cpu int, env ...string) (*child, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(ctx, which, append(os.Environ(), env...), pinned(cpu, []string{exe, "side", which})...)
}

// ask sends a request and reads its answer. An answer with a field "error" is an error.
func (c *child) ask(request, answer any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return c.died(err)
	}
	text, err := c.out.ReadBytes('\n')
	if err != nil {
		return c.died(err)
	}
	var failed struct {
		Error string `json:"error"`
	}
	if err := errors.Join(json.Unmarshal(text, &failed), json.Unmarshal(text, answer)); err != nil {
		return fmt.Errorf("%s: answer %q: %w", c.name, text, err)
	}
	if failed.Error != "" {
		return fmt.Errorf("%s: %s", c.name, failed.Error)
	}
	return nil
}

// spent gives the time that the child's threads have been on a processor so far, in seconds; false where
// the system does not say. Unlike the clock it does not go on while others have the processor.
func (c *child) spent() (seconds float64, ok bool) { return processorTime(c.cmd.Process.Pid) }

// processorTime is spent of a process. Tests of what is made of times say that no system tells, and then times are what
// the sides answer.
var processorTime = func(pid int) (seconds float64, ok bool) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return 0, false
	}
	for _, name := range threads {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		var ns float64
		if _, err := fmt.Sscan(string(text), &ns); err != nil {
			return 0, false
		}
		seconds += ns / 1e9
	}
	return seconds, true
}

// timed asks, and gives the time that the answer took on a processor, or else by the clock.
func (c *child) timed(request any, answer *trainAnswer) (seconds float64, err error) {
	before, ok := c.spent()
	if err := c.ask(request, answer); err != nil {
		return 0, err
	}
	if after, still := c.spent(); ok && still {
		return after - before, nil
	}
	return answer.Seconds, nil
}

func (c *child) died(err error) error {
	c.stop()
	return fmt.Errorf("%s: %w\n%s", c.name, err, strings.TrimSpace(c.errs.String()))
}

// stop ends the child: its input ends, and it with that.
func (c *child) stop() {
	c.in.Close()
	_ = c.cmd.Wait()
}

// askOnce starts a side for one request, so that it starts as cold as a command does, and gives the
// time that its threads took, in seconds.
func askOnce(ctx context.Context, which string, request, answer any, env ...string) (cpu float64, err error) {
	c, err := startSide(ctx, which, -1, env...)
	if err != nil {
		return 0, err
	}
	err = c.ask(request, answer)
	c.stop()
	return processors(c.cmd), err
}

// processors gives the time that the threads of a finished command took, in seconds.
func processors(cmd *exec.Cmd) float64 {
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

// serve answers requests until there are no more.
func serve[Request any](in io.Reader, out io.Writer, answer func(r *Request) (any, error)) error {
	lines := json.NewDecoder(in)
	results := json.NewEncoder(out)
	for {
		var r Request
		if err := lines.Decode(&r); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		result, err := answer(&r)
		if err != nil {
			result = map[string]string{"error": err.Error()}
		}
		if err := results.Encode(result); err != nil {
			return err
		}
	}
}
