package stages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"spurion/artifacts/frame"
)

// A Run is one execution of a kind: all that it may read, and where it writes. A kind reads no
// clock, no environment, no global and no network; it draws random numbers from named streams
// (kernel.NewStream with the seed of its settings and a purpose).
type Run struct {
	// Settings points to the kind's settings struct.
	Settings any
	// Inputs holds what each input was given, by the input's name, in canonical order: List inputs
	// as they stand in the spec, Map inputs by key, inputs with Axes by CompareAxes.
	Inputs map[string][]Artifact
	// Lacks says what inputs lack because it failed; nil if nothing did. Only a kind that gathers is told.
	Lacks []Lack
	// Write stores an output; the engine checks it against the declared fields. It may be called
	// once for each output, and every declared output must be written.
	Write func(output string, t *frame.Table) error
	// WriteFile stores an output that has an Extension.
	WriteFile func(output string, data []byte) error
	// Progress says how much of the work is done; cheap, safe to call often, never nil.
	Progress func(done, total int64)
	// Command runs an external program in a clean directory. Only kinds that exist for that use it.
	Command func(ctx context.Context, c Command) (*CommandResult, error)
	// Left is what an earlier run of the thread left (Continuation); nil if there is nothing of use. Keep takes what this
	// one leaves, once; nil where nothing is kept.
	Left *Left
	Keep func(Leaving)
}

// An Artifact is something given to an input.
type Artifact struct {
	Key  string // the key in a Map input, else empty
	Path string // an external file's path in the project (forward slashes), or a variable's name
	Axes []Axis // only for inputs declared with Axes
	// Address says which instance it is of, for errors alone, as it is in no key; nil if none made it.
	Address func() string
	// Extension, such as ".txt", is that of an output of raw bytes; a table has none.
	Extension string
	Digest    string // hex SHA-256 of the content
	// Table decodes the table; the result is the caller's to read, not to change.
	Table func() (*frame.Table, error)
	// Decoded gives what a decoder makes of the table, perhaps for another run before; nil stands for what it makes of Table's.
	Decoded func(d *Decoder) (*Decoded, error)
	// Bytes gives the raw content.
	Bytes func() ([]byte, error)
	// Open gives the raw content of an external file to be read in pieces, wherever a kind needs them; nil stands for what Bytes
	// gives. That the file is still what Digest says is checked by who runs the kind, after the run.
	Open func() (File, error)
	// WriteTo writes the raw content without holding it whole where that can be avoided; nil stands for what Bytes
	// gives. What was written before an error is worth nothing.
	WriteTo func(w io.Writer) error
}

// A File is content that is read in pieces, by several goroutines at once if need be, until it is closed.
type File interface {
	io.ReaderAt
	io.Closer
	Size() int64 // bytes
}

// OpenFile gives the content to be read in pieces: by Open, or in memory.
func (a *Artifact) OpenFile() (File, error) {
	if a.Open != nil {
		return a.Open()
	}
	data, err := a.Bytes()
	if err != nil {
		return nil, err
	}
	return inMemory{bytes.NewReader(data)}, nil
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// Source gives the content as a file that can be laid out for a program.
func (a *Artifact) Source() Source {
	s := Source{Digest: a.Digest, WriteTo: a.WriteTo}
	if s.WriteTo == nil {
		read := a.Bytes
		s.WriteTo = func(w io.Writer) error {
			data, err := read()
			if err != nil {
				return err
			}
			_, err = w.Write(data)
			return err
		}
	}
	return s
}

// Table decodes the only artifact of a One or Optional input; nil without error if an Optional one
// was not given.
func (r *Run) Table(input string) (*frame.Table, error) {
	as := r.Inputs[input]
	if len(as) == 0 {
		return nil, nil
	}
	if len(as) > 1 {
		return nil, fmt.Errorf("input %q holds %d tables, not one", input, len(as))
	}
	t, err := as[0].Table()
	if err != nil {
		return nil, fmt.Errorf("input %q: %w", input, err)
	}
	return t, nil
}

// WriteBuilt stores as an output the table that is built, such as a frame.Builder's rows or a model.
func (r *Run) WriteBuilt(output string, built interface{ Table() (*frame.Table, error) }) error {
	t, err := built.Table()
	if err != nil {
		return fmt.Errorf("output %q: %w", output, err)
	}
	return r.Write(output, t)
}

// A Command is an external program to run in a clean working directory.
type Command struct {
	Args []string
	// Env is the environment of the program, beside Pass and what every program gets: PATH, HOME and TMPDIR
	// as they are where the run was started, and LANG=C.UTF-8, unless Env holds them.
	Env map[string]string
	// Pass names variables that are handed on from the environment of the run, where they are set there.
	Pass []string
	// Secret names variables in Env that are masked, as those of Pass are, in what is kept of what the program prints.
	Secret []string
	// Files are laid out in the working directory before the program starts, by relative path; a path that ends in
	// a slash is an empty folder.
	Files map[string]Source
	// Collect are the relative paths of files that are read back after the program has ended, Folders those of
	// folders; the folders that they are in are made before it starts.
	Collect, Folders []string
	MaxBytes         int64         // the largest file or folder that is read back
	Timeout          time.Duration // of one attempt; 0 stands for none
	Retry            Retry
}

// A Source is a file to be laid out.
type Source struct {
	Digest     string // hex SHA-256 of the content
	WriteTo    func(w io.Writer) error
	Executable bool // it may be executed
}

// SourceOf gives bytes as a file to be laid out.
func SourceOf(data []byte) Source {
	return Source{Digest: fmt.Sprintf("%x", sha256.Sum256(data)), WriteTo: func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}}
}

// A Retry says when a program that failed is run again, in a folder as fresh as the first.
type Retry struct {
	Times  int           // how often, after the first attempt
	OnExit []int         // after which exit codes; none stands for every failure, a time limit included
	Wait   time.Duration // before the second attempt
	// Backoff is how many times as long each later wait is, a day at most; less than 1 stands for 1.
	Backoff float64
}

// WaitAfter gives how long to wait after the attempt, which is counted from 1.
func (r Retry) WaitAfter(attempt int) time.Duration {
	const day = 24 * time.Hour
	wait := float64(r.Wait)
	for range attempt - 1 {
		if wait = min(float64(wait*max(r.Backoff, 1)), float64(day)); wait == float64(day) {
			break
		}
	}
	return time.Duration(wait)
}

// A CommandResult is what a program left.
type CommandResult struct {
	// ExitCode is that of the last attempt; for a program that a signal ended, 128 and the signal's number.
	ExitCode       int
	Signal         string // that ended the program, such as "killed"; "" for none
	Attempts       int    // how often it was run
	Stdout, Stderr Printed
	// Collected holds the content of what was collected, by path: only of what exists, and is what it should be. A
	// folder's is a tar with fixed owners, modes and times, sorted by name.
	Collected map[string][]byte
	Wrong     map[string]string // why something that exists at a path cannot be collected, to end "PATH ..." with
	Left      []string          // the files that the program added, sorted relative paths
}

// A DeclarationError says that what a program wrote is not as it is declared. Where the declaration is mended, it can be
// read, and the program need not run again; other faults are mended in the program alone.
type DeclarationError struct{ Err error }

func (e *DeclarationError) Error() string { return e.Err.Error() }

// Unwrap gives the fault itself.
func (e *DeclarationError) Unwrap() error { return e.Err }

// Printed is the end of what a program printed on one of its streams; all of it is in the log.
type Printed struct {
	Lines int      // how many there were; those that are blank at the end do not count
	Last  []string // the last of them, fit to be shown
}
