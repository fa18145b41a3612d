package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/stages"
)

// external lets the kind read a variable, or a file, which must be what the key was made from. What is outside may change, so that nothing that is
// decoded of it is shared.
func (j *job) external(source plan.Source, port *stages.Input) stages.Artifact {
	a := stages.Artifact{Key: source.Key, Path: stages.LaidOut(source.Path)}
	o := &outside{j, source.Path}
	if port.Type == stages.EnvironmentType {
		a.Bytes, a.Table = o.variable, func() (*frame.Table, error) { return tableOf(o.variable()) }
		return a
	}
	if want, err := j.runner.plan.File(source.Path); err == nil {
		a.Digest = want.String()
	}
	a.Open, a.WriteTo, a.Bytes, a.Table = o.open, o.writeTo, o.bytes, o.table
	return a
}

// An outside is a file of the project or of a data root, or a variable; there may be a million of them.
type outside struct {
	job  *job
	path string
}

func (o *outside) variable() ([]byte, error) {
	return []byte(o.job.runner.options.External.VariableValue(o.path)), nil
}

// open gives the content as it is now; recheck compares digests.
func (o *outside) open() (stages.File, error) { return o.job.runner.options.External.OpenFile(o.path) }

func (o *outside) writeTo(w io.Writer) error {
	got, err := o.job.runner.options.External.CopyFile(o.path, w)
	if err != nil {
		return err
	}
	return o.job.unchanged(o.path, got)
}

func (o *outside) bytes() ([]byte, error) {
	var b bytes.Buffer
	err := o.writeTo(&b)
	return b.Bytes(), err
}

func (o *outside) table() (*frame.Table, error) { return tableOf(o.bytes()) }

// unchanged insists that a file has the digest that the key was made from.
func (j *job) unchanged(path string, got plan.Digest) error {
	want, err := j.runner.plan.File(path)
	if err == nil && got != want {
		err = &ChangedError{Path: stages.LaidOut(path)}
	}
	return err
}

// recheck looks at the external files again: a result of files that changed meanwhile is not stored.
func (j *job) recheck(ctx context.Context) error {
	ports := j.node.Stage.Kind.Inputs
	for i := range ports {
		if ports[i].Type != stages.FileType {
			continue
		}
		for _, source := range j.runner.plan.Sources(j.node, ports[i].Name) {
			if source.Node == nil {
				if err := ctx.Err(); err != nil {
					return err
				}
				got, err := j.runner.options.External.Recheck(source.Path)
				if err == nil {
					err = j.unchanged(source.Path, got)
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// A ChangedError says that an input file changed while it was in use.
type ChangedError struct{ Path string }

// Error names the file and the remedy.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("input file %s changed during the run; nothing was stored for it, run again", e.Path)
}
