package stagetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// Inputs are what a kind is given, by input.
type Inputs map[string][]stages.Artifact

// Tables makes artifacts of tables, for inputs that take one or a list.
func Tables(tables ...*frame.Table) []stages.Artifact {
	list := make([]stages.Artifact, len(tables))
	for i, t := range tables {
		list[i] = Table(t)
	}
	return list
}

// Table makes an artifact of a table: its content digest is Digest's. The caller may set Key and
// Axes.
func Table(t *frame.Table) stages.Artifact {
	return stages.Artifact{
		Digest: Digest(t),
		Table:  func() (*frame.Table, error) { return t, nil },
		Bytes:  func() ([]byte, error) { return frame.Encode(t) },
	}
}

// File makes an artifact of an external file.
func File(path string, content []byte) stages.Artifact {
	return stages.Artifact{
		Path: path, Digest: digest(content),
		Table: func() (*frame.Table, error) { return frame.Decode(content) },
		Bytes: func() ([]byte, error) { return content, nil },
	}
}

// An Outcome is what a run left.
type Outcome struct {
	Tables   map[string]*frame.Table
	Files    map[string][]byte
	Progress []Progress // every call, in order
}

// Progress is one call of Run.Progress.
type Progress struct{ Done, Total int64 }

// Run runs the kind and gives its tables, or fails the test. settings is JSON as Settings takes it,
// or a pointer to the kind's struct.
func Run(t testing.TB, kind *stages.Kind, settings any, inputs Inputs, options ...func(*stages.Run)) map[string]*frame.Table {
	t.Helper()
	outcome, err := Try(t.Context(), kind, settings, inputs, options...)
	if err != nil {
		t.Fatalf("%s: %v", kind.Name, err)
	}
	return outcome.Tables
}

// Try runs the kind. Its error is the kind's own, or says what the run did that an engine would
// refuse: settings that do not fit, a marked column that the kind does not declare, a decoded input changed, an output written twice, missing, undeclared or not as its
// fields say, progress that goes back or past its total. The outcome is not nil even then. Options
// may change the Run first, for instance set its Command.
func Try(ctx context.Context, kind *stages.Kind, settings any, inputs Inputs, options ...func(*stages.Run)) (*Outcome, error) {
	out := &Outcome{Tables: map[string]*frame.Table{}, Files: map[string][]byte{}}
	if text, ok := settings.(string); ok {
		decoded, err := Settings(kind, text)
		if err != nil {
			return out, err
		}
		settings = decoded
	} else if err := Check(settings); err != nil {
		return out, err
	}
	if err := checkInputs(kind, inputs); err != nil {
		return out, err
	}
	var misuse []error
	outputs := kind.OutputsOf(settings)
	var decoded shared
	run := &stages.Run{
		Settings: settings,
		Inputs:   guarded(kind, inputs, &decoded),
		Write: func(name string, t *frame.Table) error {
			err := out.write(outputs, name, t)
			if err == nil {
				err = errors.Join(foreseen(outputs, name, settings, inputs, t), enumerated(outputs, name, settings, inputs, t))
			}
			misuse = append(misuse, err)
			return err
		},
		WriteFile: func(name string, data []byte) error {
			err := out.writeFile(outputs, name, data)
			misuse = append(misuse, err)
			return err
		},
		Progress: func(done, total int64) {
			if n := len(out.Progress); done < 0 || done > total || n > 0 && done < out.Progress[n-1].Done {
				misuse = append(misuse, fmt.Errorf("progress %d of %d after %v", done, total, out.Progress))
			}
			out.Progress = append(out.Progress, Progress{done, total})
		},
	}
	for _, o := range options {
		o(run)
	}
	if err := kind.Run(ctx, run); err != nil {
		return out, err
	}
	for _, o := range outputs {
		if _, ok := out.Files[o.Name]; !ok && out.Tables[o.Name] == nil {
			misuse = append(misuse, fmt.Errorf("output %q was not written", o.Name))
		}
	}
	return out, errors.Join(append(misuse, decoded.unchanged())...)
}

// guarded gives the inputs as an engine would: what the kind does not declare is not handed to it.
func guarded(kind *stages.Kind, inputs Inputs, decoded *shared) Inputs {
	out := make(Inputs, len(inputs))
	for name, list := range inputs {
		for _, a := range list {
			out[name] = append(out[name], kind.Guard(decoded.of(name, a)))
		}
	}
	return out
}

func checkInputs(kind *stages.Kind, inputs Inputs) error {
	for _, in := range kind.Inputs {
		n := len(inputs[in.Name])
		if n == 0 && in.Cardinality == stages.One || n > 1 && in.Cardinality <= stages.Optional {
			return fmt.Errorf("input %q was given %d artifacts", in.Name, n)
		}
	}
	for name := range inputs {
		if kind.Input(name) == nil {
			return fmt.Errorf("there is no input %q", name)
		}
	}
	return nil
}

func (out *Outcome) write(outputs []stages.Output, name string, t *frame.Table) error {
	o, err := out.output(outputs, name)
	if err != nil {
		return err
	}
	if o.Extension != "" {
		return fmt.Errorf("output %q is a file, but a table was written", name)
	}
	if err := o.Check(t); err != nil {
		return fmt.Errorf("output %q: %w", name, err)
	}
	out.Tables[name] = t
	return nil
}

// foreseen checks that a table has the columns that the output's OthersOf tells of before the run, and
// no others.
func foreseen(outputs []stages.Output, name string, settings any, inputs Inputs, t *frame.Table) error {
	o := outputs[slices.IndexFunc(outputs, func(o stages.Output) bool { return o.Name == name })]
	if o.OthersOf == nil {
		return nil
	}
	others := o.OthersOf(settings)
	want := slices.Clone(others.Names)
	for _, f := range o.Fields {
		want = append(want, f.Name)
	}
	for _, in := range others.Axes {
		for _, a := range inputs[in] {
			for _, axis := range a.Axes {
				want = append(want, axis.Name)
			}
		}
	}
	for _, in := range others.From {
		for _, a := range inputs[in] {
			given, err := a.Table()
			if err != nil {
				return err
			}
			for _, c := range given.Columns {
				want = append(want, c.Name)
			}
		}
	}
	var errs []error
	for _, c := range want {
		if t.Column(c) == nil {
			errs = append(errs, fmt.Errorf("output %q: OthersOf tells of a column %s, which is not there", name, c))
		}
	}
	for _, c := range t.Columns {
		if !slices.Contains(want, c.Name) {
			errs = append(errs, fmt.Errorf("output %q: OthersOf does not tell of the column %s", name, c.Name))
		}
	}
	return errors.Join(errs...)
}

func (out *Outcome) writeFile(outputs []stages.Output, name string, data []byte) error {
	o, err := out.output(outputs, name)
	if err != nil {
		return err
	}
	if o.Extension == "" {
		return fmt.Errorf("output %q is a table, but a file was written", name)
	}
	out.Files[name] = append([]byte{}, data...)
	return nil
}

func (out *Outcome) output(outputs []stages.Output, name string) (*stages.Output, error) {
	if _, ok := out.Files[name]; ok || out.Tables[name] != nil {
		return nil, fmt.Errorf("output %q was written twice", name)
	}
	for i := range outputs {
		if outputs[i].Name == name {
			return &outputs[i], nil
		}
	}
	return nil, fmt.Errorf("output %q is not declared", name)
}

// fresh gives settings that a run may spoil: JSON is decoded anew, a struct copied.
func fresh(settings any) any {
	v := reflect.ValueOf(settings)
	if v.Kind() != reflect.Pointer {
		return settings
	}
	c := reflect.New(v.Type().Elem())
	c.Elem().Set(v.Elem())
	return c.Interface()
}
