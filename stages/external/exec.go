// Package external is the kind "exec": a stage that runs any program.
package external

import (
	"context"
	"errors"
	"fmt"
	"time"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// Settings are the attributes of `stage "exec"`.
type Settings struct {
	Command     []string          `name:"command" required:"true" secret:"true" doc:"the program and its arguments, such as [\"python3\", \"fit.py\"]; no shell is involved unless it is named"`
	Environment map[string]string `name:"environment" secret:"true" doc:"environment variables of the program, with their values"`
	Pass        []string          `name:"pass" unkeyed:"true" variables:"true" doc:"names of environment variables that are handed on where they are set, such as CUDA_VISIBLE_DEVICES or a token: what they hold is not in the key, and is masked in what the program prints and in what spurion shows of results"`
	Timeout     float64           `name:"timeout" unkeyed:"true" doc:"how long the program may run before it is killed" default:"3600" above:"0" max:"31536000" unit:"seconds"`
	Retry       *Retry            `name:"retry" unkeyed:"true" doc:"runs the program again when it fails, each time in an empty folder and with its whole timeout"`
	Seed        *int64            `name:"seed" doc:"handed to the program as the environment variable SPURION_SEED"`
	Outputs     map[string]File   `name:"output" doc:"a file that the program leaves, and what it holds"`
}

// A Retry is a block `retry { times = 2 }`.
type Retry struct {
	Times  int     `name:"times" doc:"how often it is run again at most" min:"1" max:"100"`
	OnExit []int   `name:"on_exit" doc:"exit codes after which it is run again; without them after every failure, a timeout included. A program that a signal ends has the code 128 and the signal's number" min:"1" max:"255"`
	Wait   float64 `name:"wait" doc:"how long to wait before it is run again" default:"0" min:"0" max:"86400" unit:"seconds"`
	// Backoff 1 waits equally long each time.
	Backoff float64 `name:"backoff" doc:"each wait is this many times as long as the one before, a day at most: 2 after wait = 30 waits 30, 60, 120 seconds" default:"1" min:"1" max:"100"`
}

// Kind runs an external program on tables and files, and reads back what it declares.
//
//	in   inputs   tables by name, laid out as inputs/NAME.parquet, and files, as inputs/NAME.EXT
//	in   files    files of the project, laid out at their own paths
//	in   inherit  environment variables to pass on
//	out  NAME     one per block output "NAME"
//
// It is as deterministic as the program. What the program reads beyond its inputs (a clock, the
// network, files elsewhere) is in no key. What it prints is a log, not a result.
var Kind = stages.Define(stages.Kind{
	Name:    "exec",
	Version: 3,
	Brief:   "the program tells nobody how far it is",
	Doc: `Runs any program in a clean directory, and keeps the files that it declares.

The tables of inputs are laid out as inputs/NAME.parquet, raw files of other stages (outputs with
format = "file") as inputs/NAME with their own extension, folders (format = "folder") as inputs/NAME/, the
project's files at their own paths, those of a data root as ROOT/PATH; all are copies. The program runs beside
them and writes each output to its path; the folders of these paths are there already (but not an output that is
a folder itself). It is looked up on its own PATH, so a
script of the project is run by its interpreter: command = ["python3", "fit.py"] with files =
["fit.py"]. A program that fails, takes longer than timeout, or leaves out an output stops the
stage, and nothing is kept but its log.

Its environment holds PATH, HOME and TMPDIR as they are where spurion runs, LANG=C.UTF-8, what
environment, inherit, pass and seed say, what its resources grant, and nothing else. What environment and inherit hold is in
the key by its value; the rest is not, as no result should depend on it.

What the program prints is a log, not a result: "spurion log" shows it, also while the program runs.
A program whose text is wanted as a result writes it into a file that an output with format = "file"
declares.

Outputs in Parquet or Arrow (a file or a stream) keep their columns, types, units and docs, and file metadata named spurion.*; and marks
(metadata mark of a column) where the program writes them back, as pyarrow does for columns that it has read
and pandas does not.
CSV needs a header. A column is of whole numbers, fractions, true and false, or text, whichever fits first; an
empty field is null. Leading zeros make text (007), a column of empty fields only is text and null, and NA or nan among
numbers is an error that says what to declare. columns renames columns and gives them a type and a unit, so that they
are the same in every instance; others keep their names, which must be snake_case, or are dropped (undeclared). A CSV
column without a name is dropped if it counts the rows, as the index that pandas and R write does, or is empty.
If what a program wrote cannot be read, it is kept: mending these declarations does not run the program again.
Numbers must be finite.

An output of type dataset needs the columns split (train, validation, test), label (0 or 1) and
inputs (lists of int8 or float32), and may have attribute and group; others are dropped. split,
attribute and group are marked as in spurion's own data sets, so that a method's use of them is
reported. One of type model has the columns and metadata of a train stage's model. Both are checked
here. Since a program sees whole tables, this kind counts as one that trains on every marked column
of its inputs.`,
	Inputs: []stages.Input{
		{Name: "inputs", Doc: "outputs of stages by name: tables are laid out as inputs/NAME.parquet, raw files with their own extension", Type: stages.OutputType, Cardinality: stages.Map},
		{Name: "files", Doc: "files of the project that the program reads, its own source included", Type: stages.FileType, Cardinality: stages.List},
		{Name: "inherit", Doc: "environment variables handed on from spurion's own environment", Type: stages.EnvironmentType, Cardinality: stages.List},
	},
	Former:         map[string]string{"stdout": isLogged, "stderr": isLogged},
	DynamicOutputs: func(settings any) []stages.Output { return settings.(*Settings).outputs() },
	Unforeseen:     true,
	Labels: []stages.LabelUse{
		{Mark: frame.MarkAttribute, Purpose: "training"},
		{Mark: frame.MarkGroup, Purpose: "training"},
		{Mark: frame.MarkSplit, Purpose: "training"},
	},
}, run)

// isLogged says what became of the outputs stdout and stderr.
const isLogged = "What a program prints is a log, which spurion log shows. To use it as a result, have the program write it into a file " +
	"(with a shell: command = [\"sh\", \"-c\", \"fit > printed.txt\"]) and declare it: output \"printed\" { path = \"printed.txt\", format = \"file\" }, with a line each."

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.Command == nil {
		return errors.New("external programs cannot be run here")
	}
	c := stages.Command{Args: s.Command, Timeout: seconds(s.Timeout), Pass: s.Pass, MaxBytes: frame.Limit()}
	if s.Retry != nil {
		c.Retry = stages.Retry{Times: s.Retry.Times, OnExit: s.Retry.OnExit, Wait: seconds(s.Retry.Wait), Backoff: s.Retry.Backoff}
	}
	var err error
	if c.Files, err = s.layOut(r); err != nil {
		return err
	}
	if c.Env, c.Secret, err = s.environment(r); err != nil {
		return err
	}
	for _, name := range s.names() {
		if f := s.Outputs[name]; f.Format == "folder" {
			c.Folders = append(c.Folders, f.Path)
		} else {
			c.Collect = append(c.Collect, f.Path)
		}
	}
	result, err := r.Command(ctx, c)
	if err != nil {
		return fmt.Errorf("%s: %w%s", s.Command[0], err, tail(result))
	}
	if result.ExitCode != 0 {
		return fmt.Errorf("%s %s%s", s.Command[0], ending(result), tail(result))
	}
	return s.keep(r, result)
}

func seconds(x float64) time.Duration { return time.Duration(x * float64(time.Second)) }
