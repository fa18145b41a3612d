package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"spurion/artifacts"
	"spurion/pipeline"
)

// An exportView is what was exported of one target.
type exportView struct {
	Target    string   `json:"target"`
	Format    string   `json:"format"` // of a table or model; else "file" or "folder"
	Output    string   `json:"output"` // a file, a folder with --partition, or "-"
	Files     []string `json:"files"`  // of a folder
	Rows      int64    `json:"rows"`
	Instances int      `json:"instances"`
	Missing   int      `json:"missing"`         // instances that have no result
	Lacks     string   `json:"lacks,omitempty"` // without what they were made, as that failed
	Bytes     int64    `json:"bytes,omitempty"` // of raw files and models
	Guarded   int64    `json:"guarded"`         // texts that got a ' before them
}

func (a *app) exportCommand() *cobra.Command {
	var o pipeline.ExportOptions
	cmd := &cobra.Command{
		Use:   "export SPEC TARGET...",
		Short: "Write tables in another format, files and folders as they are",
		Long: `Writes what is in the store of an output, KIND.NAME.OUTPUT, to a file: of a table all instances together, their axes
as the first columns. KIND.NAME is enough if the stage has one table, or one output. Nothing is computed.

The format is that of --format, else that of the output's extension: .parquet, .arrow, .arrows, .csv, .tsv, .json
(an array of objects) or .jsonl (an object a line), text also compressed as in .csv.gz. A name with another
extension, or without one, is an error. Without --output it is parquet, on standard output csv.
--columns and --where choose columns and instances, --partition AXIS writes a folder of files that pandas,
polars and DuckDB read as one table. Without --output the file is called like the target.

A model is also written as PyTorch's state_dict, with --format torch (.pt), which torch.load(weights_only=True) reads, or safetensors: a file of the
last step, or of the one that --where step=N chooses. docs/pytorch.md says how PyTorch makes a network of it. Several
instances are files in a new folder.

An output that is a file, such as a figure, is written as it is: that of one instance as a file, those of several into a
new folder. One that is a folder is unpacked into a new one.

A text that a spreadsheet would take for a formula, such as =1+2, has a ' before it in csv and tsv, and the last line
says how many have; --as-is leaves them as they are. Numbers are numbers in any case. Nothing is masked: what a program
wrote of a variable that it was handed is exported, too.`,
		Example: `  spurion export specs/quick.hcl train.erm.history
  spurion export --output - --where strength=0.9 specs/quick.hcl train.erm.summary | head
  spurion export --columns seed,step,loss --output loss.csv.gz specs/quick.hcl train.erm.history
  spurion export --partition strength --output history specs/quick.hcl train.erm.history
  spurion export --format torch --where seed=0 --output models specs/quick.hcl train.erm.model
  spurion export --output learned.pdf specs/quick.hcl figure.learned_later.pdf`,
		Annotations: exits("0 done", "1 the store cannot be read, or the output not written", "2 the spec or the command line has mistakes",
			"130 interrupted"),
		Args: needArgs(2, -1, "SPEC", "TARGET"),
		RunE: func(_ *cobra.Command, args []string) error {
			views, err := a.export(args[0], args[1:], o)
			if err != nil {
				return err
			}
			if o.Output != "-" && a.json {
				return a.printJSON(views)
			}
			for _, v := range views {
				to := a.out.WriteString
				if v.Output == "-" {
					to = func(s string) (int, error) { return fmt.Fprint(a.err, s) }
				}
				_, _ = to(v.text())
			}
			return nil
		},
		ValidArgsFunction: a.completeOutputs,
	}
	f := cmd.Flags()
	f.StringVar(&o.Format, "format", "", "the `format`: "+strings.Join(exportFormats(), ", ")+"; arrow is a file, arrows a stream; torch and safetensors are of models")
	f.StringVar(&o.Output, "output", "", "the `path` of the file, or of a folder; - for standard output")
	f.StringVar(&o.Compression, "compression", "", "the `method` of compression, of formats that have one")
	f.StringSliceVar(&o.Columns, "columns", nil, "write these `columns`, in this order, separated by commas")
	f.StringArrayVar(&o.Where, "where", nil, "keep instances with `axis=value`; the value may hold * and ?; may be repeated")
	f.StringSliceVar(&o.Partition, "partition", nil, "write a folder, divided by these `axes`, separated by commas")
	f.BoolVar(&o.AsIs, "as-is", false, "leave texts that a spreadsheet would take for formulas as they are")
	f.BoolVar(&o.Force, "force", false, "replace the folder of an earlier export")
	completeWords(cmd, "format", exportFormats()...)
	jsonFlag(cmd)
	return cmd
}

func (a *app) export(path string, targets []string, o pipeline.ExportOptions) ([]exportView, error) {
	ctx, stop := a.onSignal("interrupted: stopping")
	defer stop()
	e, err := a.look(path)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	if file := sameFile(o.Output, e.Spec.Files); file != "" {
		return nil, usagef("%s is a file of the spec: name another with --output", file)
	}
	shapes := make([]pipeline.Shape, len(targets))
	for i, target := range targets {
		if shapes[i], err = e.ShapeOf(target); err != nil {
			return nil, exportError(err)
		}
	}
	if err := a.checkExport(shapes, targets, &o); err != nil {
		return nil, err
	}
	var views []exportView
	for i, target := range targets {
		v, err := a.exportOne(ctx, e, target, shapes[i], o)
		if err != nil {
			return nil, exportError(err)
		}
		views = append(views, v)
	}
	return views, nil
}

// exportError says that an output could not be exported. Unless the store or a file is to blame, what
// was asked for does not fit the output: a mistake on the command line.
func exportError(err error) error {
	var path *fs.PathError
	for _, other := range []error{
		context.Canceled, artifacts.ErrReadOnly, artifacts.ErrFull, artifacts.ErrDamaged, artifacts.ErrFormat, artifacts.ErrMissing,
	} {
		if errors.Is(err, other) {
			return err
		}
	}
	if errors.As(err, &path) {
		return err
	}
	return usageError{err}
}

// checkExport refuses what cannot work and settles the format.
func (a *app) checkExport(shapes []pipeline.Shape, targets []string, o *pipeline.ExportOptions) error {
	switch {
	case o.Output == "-" && len(targets) > 1:
		return usagef("standard output takes one target")
	case o.Output == "-" && len(o.Partition) > 0:
		return usagef("--partition writes a folder; name it with --output")
	case o.Output == "-" && a.json:
		return usagef("standard output holds the table; leave out --json or name a file with --output")
	}
	if o.Output == "-" {
		o.Writer = a.out
	}
	if !slices.Contains(shapes, pipeline.TableShape) {
		if o.Format != "" || o.Compression != "" {
			return usagef("%s is a %s, which is written as it is: leave out --format and --compression", targets[0], shapes[0])
		}
		return nil
	}
	model, ok, err := asModel(*o)
	if err != nil {
		return err
	}
	if ok {
		*o = model
	} else if err := settle(o); err != nil {
		return err
	}
	if len(targets) > 1 && o.Output != "" && !isFolder(o.Output) && len(o.Partition) == 0 {
		return usagef("%s would hold one of the %d targets; name a folder that is there, or one with a slash at the end", o.Output, len(targets))
	}
	if o.Output == "-" && a.outText.terminal && (ok || slices.Contains([]string{"parquet", "arrow", "arrows"}, o.Format)) {
		return usagef("%s is not for a terminal; name a file with --output, or choose --format csv", o.Format)
	}
	return nil
}

// settle chooses format and compression of tables.
func settle(o *pipeline.ExportOptions) error {
	settled := *o
	if isFolder(o.Output) {
		settled.Output = "" // each target gets its own file there
	}
	if err := settled.Settle(); err != nil {
		return usageError{fmt.Errorf("%w; a model is also written as torch, .pt, and safetensors, .safetensors", err)}
	}
	o.Format, o.Compression = settled.Format, settled.Compression
	return nil
}

// sameFile gives the file of the list that a path leads to, by whatever name; empty if there is none.
func sameFile(path string, files []string) string {
	target, err := os.Stat(path)
	if err != nil {
		return ""
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && os.SameFile(info, target) {
			return file
		}
	}
	return ""
}

// isFolder reports whether a path is a folder's: one that is there, or one with a slash at the end.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return strings.HasSuffix(path, "/") || err == nil && info.IsDir()
}

func (a *app) exportOne(ctx context.Context, e *pipeline.Experiment, target string, shape pipeline.Shape, o pipeline.ExportOptions) (exportView, error) {
	name := target
	if shape != pipeline.TableShape {
		o.Convert = nil
	}
	table := shape == pipeline.TableShape && o.Convert == nil
	if table && len(o.Partition) == 0 {
		name += o.Extension()
	}
	switch {
	case shape == pipeline.FileShape || o.Convert != nil: // its name depends on how many there are
	case o.Output == "":
		o.Output = name
	case strings.HasSuffix(o.Output, "/"), isFolder(o.Output) && len(o.Partition) == 0 && table:
		o.Output = filepath.Join(o.Output, name)
	}
	exported, err := e.Export(ctx, target, o)
	if err != nil {
		return exportView{}, err
	}
	if shape != pipeline.TableShape {
		o.Format = string(shape)
	}
	return exportView{
		Target: target, Format: o.Format, Output: firstOf(exported.Output, o.Output), Bytes: exported.Bytes, Rows: exported.Rows, Instances: exported.Instances,
		Missing: exported.Missing, Lacks: exported.Lacks, Guarded: exported.Guarded, Files: append([]string{}, exported.Files...),
	}, nil
}

func (v exportView) text() string {
	what := "wrote " + v.Output
	switch {
	case v.Output == "-":
		what = v.Target
	case len(v.Files) > 0:
		what += " (" + count(len(v.Files), "file") + ")"
	}
	text := fmt.Sprintf("%s: %s of %s\n", what, count(v.Rows, "row"), count(v.Instances, "instance"))
	switch {
	case v.Format == "folder":
		text = fmt.Sprintf("%s: %s\n", what, count(v.Instances, "instance"))
	case v.Format == "file", v.Bytes > 0:
		text = fmt.Sprintf("%s: %s of %s\n", what, byteSize(v.Bytes), count(v.Instances, "instance"))
	}
	if v.Missing > 0 {
		text += fmt.Sprintf("%s without a result left out; spurion run computes them\n", count(v.Missing, "instance"))
	}
	if v.Lacks != "" {
		text += fmt.Sprintf("made without what failed: %s\n", v.Lacks)
	}
	if v.Guarded > 0 {
		text += fmt.Sprintf("put ' before %s that a spreadsheet would compute; --as-is leaves such as they are\n", count(v.Guarded, "text"))
	}
	return text
}

// completeOutputs completes a spec, then KIND.NAME.OUTPUT.
func (a *app) completeOutputs(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeSpecs(cmd, args, word)
	}
	s, ds := pipeline.Validate(a.lookConfig(args[0]))
	if ds.HasErrors() {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for _, st := range s.Stages {
		outputs, err := st.Outputs()
		if err != nil {
			continue
		}
		for _, o := range outputs {
			if target := st.ID() + "." + o.Name; strings.HasPrefix(target, word) {
				found = append(found, target)
			}
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
