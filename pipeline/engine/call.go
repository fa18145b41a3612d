package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/pipeline/program"
	"spurion/pipeline/screen"
	"spurion/stages"
)

// grace is how long a kind may take to notice that it should stop before it is left behind.
const grace = 5 * time.Second

// largeTable is the size in bytes from which memory is freed before a table becomes a file, or a file a table, and after it.
const largeTable = 256 << 20

// free gives back the memory that nothing uses where a large table is about to be allocated, or was let go of: the collection
// that so large an allocation starts ends after it, and what nobody holds any more would lie beside it.
func free(table int64) {
	if table > largeTable {
		debug.FreeOSMemory()
	}
}

// ErrTimeout is the cause of the failure of an instance that took too long, by its own limit or the run's.
var ErrTimeout = program.ErrTimeout

// A call is one execution of a kind: it collects what is written until the kind returns. Once closed,
// as when the kind was left behind, it takes nothing more.
type call struct {
	outputs []stages.Output
	secrets func() *screen.Secrets // of the program that the kind ran; nil if it ran none

	mu      sync.Mutex
	closed  bool
	written map[string]written
	leaks   []string // outputs that hold secrets
	leaving *stages.Leaving
}

type written struct {
	name      string
	data      []byte
	rows      int64
	extension string
}

// call runs the node's kind to its end, its time limit, or the end of the context.
func (j *job) call(ctx context.Context) (*call, error) {
	kind := j.node.Stage.Kind
	settings, err := kind.Schema().Decode(j.node.Instance().Settings)
	if err != nil {
		return nil, err
	}
	c := &call{outputs: kind.OutputsOf(settings), written: map[string]written{}, secrets: j.secrets}
	limited, cancel := j.limit(ctx)
	defer cancel()
	used := &uses{}
	defer used.end()
	run := &stages.Run{
		Settings: settings, Inputs: j.inputs(ctx, used),
		Lacks: j.lacks(), Write: c.write, WriteFile: c.writeFile, Progress: j.progress(), Command: j.command,
	}
	j.continues(run, c)
	ended := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				ended <- fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		ended <- kind.Run(limited, run)
	}()
	select {
	case err = <-ended:
	case <-limited.Done():
		select {
		case err = <-ended:
		case <-time.After(grace):
			err = context.Cause(limited)
		}
	}
	j.left.leaving = c.close()
	if err != nil {
		if cause := context.Cause(limited); cause != nil && limited.Err() != nil && ctx.Err() == nil {
			return nil, cause // the limit is why it failed, whatever it says
		}
		if ctx.Err() == nil {
			err = j.keep(ctx, err)
		}
		return nil, err
	}
	return c, c.complete()
}

// limit bounds the node's work by the time that its resources say and that the run says, whichever is shorter.
func (j *job) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	limit, whose := j.runner.options.Timeout, "the run's --timeout"
	if r := j.node.Resources; r != nil && r.Time > 0 && (limit == 0 || r.Time < limit) {
		limit, whose = r.Time, "the time in its resources"
	}
	if limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w after %v, %s", ErrTimeout, limit, whose))
}

// write checks and encodes a table.
func (c *call) write(output string, t *frame.Table) error {
	o, err := c.declared(output)
	if err != nil {
		return err
	}
	if o.Extension != "" {
		return fmt.Errorf("output %q is a %s file, not a table", output, o.Extension)
	}
	if err := o.Check(t); err != nil {
		return fmt.Errorf("output %q: %w", output, err)
	}
	free(t.Bytes()) // what the kind has read and let go of is as large as the file
	data, err := frame.Encode(t)
	if err != nil {
		return fmt.Errorf("output %q: %w", output, err)
	}
	secrets := c.secrets()
	return c.add(written{name: output, data: data, rows: int64(t.Rows())}, secrets != nil && holds(t, secrets))
}

func (c *call) writeFile(output string, data []byte) error {
	o, err := c.declared(output)
	if err != nil {
		return err
	}
	if o.Extension == "" {
		return fmt.Errorf("output %q is a table, not a file", output)
	}
	text := string(data)
	return c.add(written{name: output, data: []byte(text), rows: -1, extension: o.Extension}, c.secrets().Hide(text) != text)
}

func (c *call) add(w written, leaks bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.New("the instance has ended")
	}
	if _, twice := c.written[w.name]; twice {
		return fmt.Errorf("output %q is written twice", w.name)
	}
	c.written[w.name] = w
	if leaks {
		c.leaks = append(c.leaks, w.name)
	}
	return nil
}

func (c *call) declared(output string) (*stages.Output, error) {
	for i := range c.outputs {
		if c.outputs[i].Name == output {
			return &c.outputs[i], nil
		}
	}
	return nil, fmt.Errorf("output %q is not declared", output)
}

// close gives what the kind leaves for later runs.
func (c *call) close() *stages.Leaving {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.leaving
}

// complete checks that every declared output was written.
func (c *call) complete() error {
	for _, o := range c.outputs {
		if _, ok := c.written[o.Name]; !ok {
			return fmt.Errorf("output %q was not written", o.Name)
		}
	}
	return nil
}

// inOrder gives what was written in the order of declaration.
func (c *call) inOrder() []written {
	list := make([]written, 0, len(c.outputs))
	for _, o := range c.outputs {
		list = append(list, c.written[o.Name])
	}
	return list
}

// bytes gives the size of what was written and left.
func (c *call) bytes() int {
	n := 0
	for _, w := range c.written {
		n += len(w.data)
	}
	if c.leaving != nil {
		for _, data := range c.leaving.Files {
			n += len(data)
		}
	}
	return n
}

// progress gives a sink that passes on at most ten reports a second, and the last.
func (j *job) progress() func(done, total int64) {
	const interval = 100 * time.Millisecond
	var mu sync.Mutex
	var last time.Time
	return func(done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); done >= total || now.Sub(last) >= interval {
			last = now
			j.runner.emit(Event{Type: Progress, Node: j.id, Worker: j.worker, Done: done, Total: total})
		}
	}
}

// inputs gives what each port was given, in canonical order, read when asked for.
func (j *job) inputs(ctx context.Context, used *uses) map[string][]stages.Artifact {
	ports := j.node.Stage.Kind.Inputs
	inputs := make(map[string][]stages.Artifact, len(ports))
	for i := range ports {
		sources := j.runner.plan.Sources(j.node, ports[i].Name)
		if len(sources) == 0 {
			continue
		}
		list := make([]stages.Artifact, len(sources)) // there may be a million files
		for k, source := range sources {
			list[k] = j.artifact(ctx, &ports[i], source, used)
		}
		inputs[ports[i].Name] = list
	}
	return inputs
}

// lacks gives what the inputs lack, to a kind whose key says so.
func (j *job) lacks() []stages.Lack {
	if !j.node.Stage.Kind.Gathers() {
		return nil
	}
	return j.node.Lacks
}

func (j *job) artifact(ctx context.Context, port *stages.Input, source plan.Source, used *uses) stages.Artifact {
	if source.Node == nil {
		return j.node.Stage.Kind.Guard(j.external(source, port))
	}
	a := stages.Artifact{Key: source.Key, Path: stages.LaidOut(source.Path)}
	out := source.Node.Output(source.Output)
	a.Digest, a.Extension = out.Digest.String(), out.Extension
	a.Address = source.Node.Address
	if port.Axes {
		a.Axes = source.Node.Instance().Axes
	}
	read := func() ([]byte, error) {
		j.own.pause()
		defer j.own.resume()
		free(out.Size) // whoever made it let go of it just now
		return j.runner.blob(ctx, source.Node, out)
	}
	a.Bytes = read
	a.Table = func() (*frame.Table, error) { return tableOf(read()) }
	a.Decoded = func(d *stages.Decoder) (*stages.Decoded, error) {
		made, release, err := j.runner.decoded.get(ctx, decodedKey{a.Digest, d}, a.Table)
		if err != nil {
			return nil, err
		}
		used.add(release)
		return made, nil
	}
	return j.node.Stage.Kind.Guard(a)
}

// tableOf reads a table, if it could be had.
func tableOf(data []byte, err error) (*frame.Table, error) {
	if err != nil {
		return nil, err
	}
	size := int64(len(data))
	free(size) // what reading a file of the user's left
	t, err := frame.Decode(data)
	free(size) // the file
	return t, err
}
