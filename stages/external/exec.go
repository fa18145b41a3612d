// Package external is the kind "exec": a stage that runs any program.
package external

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
)

// Settings are the attributes of `stage "exec"`.
type Settings struct {
	Command     []string          `name:"command" required:"true" doc:"the program and its arguments, such as [\"python3\", \"fit.py\"]; no shell is involved unless it is named"`
	Environment map[string]string `name:"environment" doc:"environment variables of the program, beside those of inherit; nothing else is set"`
	Timeout     float64           `name:"timeout" doc:"how long the program may run before it is killed" default:"3600" above:"0" max:"31536000" unit:"seconds"`
	Seed        *int64            `name:"seed" doc:"handed to the program as the environment variable SPURION_SEED"`
	Outputs     map[string]File   `name:"output" doc:"a file that the program leaves, and what it holds"`
}

// A File is one declared output: a block `output "name" { path = "results.parquet" }`.
type File struct {
	Path   string `name:"path" doc:"where the program writes it, relative to its working directory"`
	Format string `name:"format" doc:"how it is read back; file keeps the bytes as they are" default:"parquet" oneof:"parquet,csv,file"`
	Type   string `name:"type" doc:"what the table is, so that an input of that type takes it" default:"table" oneof:"table,dataset,model"`
}

// Kind runs an external program on tables and files, and reads back what it declares.
//
//	in   inputs   tables by name, laid out as inputs/NAME.parquet, and files, as inputs/NAME.EXT
//	in   files    files of the project, laid out at their own paths
//	in   inherit  environment variables to pass on
//	out  stdout   text that the program printed
//	out  stderr   likewise
//	out  NAME     one per block output "NAME"
//
// It is as deterministic as the program. What the program reads beyond its inputs (a clock, the
// network, files elsewhere) is in no key.
var Kind = stages.Define(stages.Kind{
	Name:    "exec",
	Version: 1,
	Brief:   "the program tells nobody how far it is",
	Doc: `Runs any program in a clean directory, and keeps the files that it declares.

The tables of inputs are laid out as inputs/NAME.parquet, raw files of other stages (outputs with
format = "file") as inputs/NAME with their own extension, the project's files at their own paths; the
program runs beside them and writes each output to its path. It is looked up on the PATH of
spurion itself, so a script of the project is run by its interpreter: command = ["python3",
"fit.py"] with files = ["fit.py"]. Its environment holds what environment, inherit and seed say and
nothing else; what is inherited is part of the key by its value. A program that fails, takes longer
than timeout, or leaves out an output stops the stage, and nothing is kept.

Outputs in Parquet keep their columns, types, units and docs, and file metadata named spurion.*; and marks
(metadata mark of a column) where the program writes them back, as pyarrow does for columns that it has read
and pandas does not.
CSV needs a header; a column is of whole numbers, fractions, true and false, or text, whichever
fits first, and an empty field is null. Numbers must be finite.

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
	Outputs: []stages.Output{
		{Name: "stdout", Doc: "what the program printed", Extension: ".txt", Internal: true},
		{Name: "stderr", Doc: "what the program printed as errors", Extension: ".txt", Internal: true},
	},
	DynamicOutputs: func(settings any) []stages.Output { return settings.(*Settings).outputs() },
	Unforeseen:     true,
	Labels: []stages.LabelUse{
		{Mark: frame.MarkAttribute, Purpose: "training"},
		{Mark: frame.MarkGroup, Purpose: "training"},
		{Mark: frame.MarkSplit, Purpose: "training"},
	},
}, run)

// names gives the outputs' names in order.
func (s *Settings) names() []string {
	names := make([]string, 0, len(s.Outputs))
	for name := range s.Outputs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (s *Settings) outputs() []stages.Output {
	var outs []stages.Output
	for _, name := range s.names() {
		f := s.Outputs[name]
		out := stages.Output{Name: name, Doc: "what the program left at " + f.Path, Type: f.Type}
		if f.Format == "file" {
			out.Type, out.Extension = "", path.Ext(f.Path)
			if out.Extension == "" {
				out.Extension = ".bin"
			}
		}
		switch out.Type {
		case dataset.Type:
			out.Fields, out.Others = dataset.Fields[:2], "attribute and group if the program wrote them, then inputs"
		case model.Type:
			out.Fields = model.Fields
		}
		outs = append(outs, out)
	}
	return outs
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.Command == nil {
		return errors.New("external programs cannot be run here")
	}
	c := stages.Command{Args: s.Command, Timeout: time.Duration(s.Timeout * float64(time.Second))}
	var err error
	if c.Files, err = s.layOut(r); err != nil {
		return err
	}
	if c.Env, err = s.environment(r); err != nil {
		return err
	}
	for _, name := range s.names() {
		c.Collect = append(c.Collect, s.Outputs[name].Path)
	}
	result, err := r.Command(ctx, c)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Command[0], err)
	}
	if result.Signal != "" {
		return fmt.Errorf("%s was ended by a signal: %s%s", s.Command[0], result.Signal, tail(result))
	}
	if result.ExitCode != 0 {
		return fmt.Errorf("%s ended with exit code %d%s", s.Command[0], result.ExitCode, tail(result))
	}
	return s.keep(r, result)
}
