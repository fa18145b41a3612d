package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// Plan gives a plan of a batch, in which everything must run but what is stored, and the node of each instance. Files are read from
// the folder. It fails if the program lacks a kind, or has it in another version.
func (b *Batch) Plan(kinds *stages.Registry, folder string, program func(*stages.Kind) string) (*plan.Plan, *External, []int, error) {
	external, err := newExternal(b, folder)
	if err != nil {
		return nil, nil, nil, err
	}
	l := layer{kinds: kinds, stages: map[string]*spec.Stage{}}
	s := &spec.Spec{Name: b.Spec, Path: b.SpecPath, Root: folder, Secrets: b.Secrets}
	outside := make([]spec.Ref, len(b.Outside))
	for i, o := range b.Outside {
		if outside[i], err = l.outside(o); err != nil {
			return nil, nil, nil, err
		}
	}
	inside := make([]spec.Ref, len(b.Instances))
	for i := range b.Instances {
		if inside[i], err = l.inside(&b.Instances[i], inside[:i], outside); err != nil {
			return nil, nil, nil, fmt.Errorf("instance %d of the batch: %w", i, err)
		}
	}
	s.Stages = l.list
	p := plan.Given(s, external, program)
	for i, r := range outside {
		outputs, err := outputsOf(b.Outside[i].Outputs)
		if err != nil {
			return nil, nil, nil, err
		}
		p.Node(r.Stage, r.Instance).Give(outputs)
	}
	nodes := make([]int, len(inside))
	for i, r := range inside {
		n := p.Node(r.Stage, r.Instance)
		n.Forced = b.Instances[i].Forced
		nodes[i] = p.ID(n)
	}
	return p, external, nodes, nil
}

// A layer lays instances out as stages.
type layer struct {
	kinds  *stages.Registry
	list   []*spec.Stage
	stages map[string]*spec.Stage
}

// stage gives the stage of instances that are all stored, or all not.
func (l *layer) stage(kind, name string, stored bool, axes []Axis, sensitive []string) (*spec.Stage, error) {
	id := fmt.Sprint(kind, ".", name, " ", stored)
	if st := l.stages[id]; st != nil {
		return st, nil
	}
	k := l.kinds.Kind(kind)
	if k == nil {
		return nil, fmt.Errorf("this program has no kind %q", kind)
	}
	st := &spec.Stage{Kind: k, KindName: kind, Name: name, Sensitive: sensitive}
	for _, a := range axes {
		st.Axes = append(st.Axes, a.Name)
	}
	l.stages[id] = st
	l.list = append(l.list, st)
	return st, nil
}

func (l *layer) add(st *spec.Stage, in spec.Instance) spec.Ref {
	st.Instances = append(st.Instances, in)
	return spec.Ref{Stage: st, Instance: len(st.Instances) - 1}
}

func (l *layer) outside(o Outside) (spec.Ref, error) {
	axes, err := stageAxes(o.Axes)
	if err != nil {
		return spec.Ref{}, err
	}
	st, err := l.stage(o.Kind, o.Stage, true, o.Axes, nil)
	if err != nil {
		return spec.Ref{}, err
	}
	return l.add(st, spec.Instance{Axes: axes}), nil
}

func (l *layer) inside(x *Instance, inside, outside []spec.Ref) (spec.Ref, error) {
	none := spec.Ref{}
	st, err := l.stage(x.Kind, x.Stage, false, x.Axes, x.Sensitive)
	if err != nil {
		return none, err
	}
	if st.Kind.Version != x.Version {
		return none, fmt.Errorf("the batch is of version %d of the kind %s, and this program has version %d", x.Version, x.Kind, st.Kind.Version)
	}
	in := spec.Instance{Resources: x.Resources}
	if in.Axes, err = stageAxes(x.Axes); err != nil {
		return none, err
	}
	if in.Settings, err = readSettings(x.Settings); err != nil {
		return none, err
	}
	for _, input := range x.Inputs {
		if st.Kind.Input(input.Name) == nil {
			return none, fmt.Errorf("the kind %s has no input %q", x.Kind, input.Name)
		}
		given := spec.Input{Name: input.Name}
		for _, r := range input.Refs {
			ref := spec.Ref{Path: r.Path}
			switch {
			case r.Of != nil:
				ref = inside[*r.Of]
			case r.Stored != nil:
				ref = outside[*r.Stored]
			}
			ref.Key, ref.Output = r.Key, r.Output
			l.uses(st, ref.Stage)
			given.Refs = append(given.Refs, ref)
		}
		in.Inputs = append(in.Inputs, given)
	}
	for _, a := range x.After {
		in.After = append(in.After, inside[a])
		l.uses(st, inside[a].Stage)
	}
	return l.add(st, in), nil
}

func (l *layer) uses(st, other *spec.Stage) {
	if other == nil {
		return
	}
	for _, u := range st.Uses {
		if u == other {
			return
		}
	}
	st.Uses = append(st.Uses, other)
}

// readSettings reads an object of values by path; they stay as they are.
func readSettings(data json.RawMessage) (stages.Settings, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return stages.Settings{}, fmt.Errorf("settings: %w", err)
	}
	leaves := make([]stages.Setting, 0, len(values))
	for path, value := range values {
		leaves = append(leaves, stages.Setting{Path: path, Value: string(value)})
	}
	return stages.NewSettings(leaves), nil
}

func outputsOf(list []Output) ([]plan.Output, error) {
	outputs := make([]plan.Output, len(list))
	for i, o := range list {
		d, err := parseDigest(o.Digest)
		if err != nil {
			return nil, err
		}
		outputs[i] = plan.Output{Name: o.Name, Digest: d, Size: o.Size, Rows: o.Rows, Extension: o.Extension}
	}
	return outputs, nil
}

func parseDigest(text string) (d plan.Digest, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(d) {
		return d, fmt.Errorf("%q is no SHA-256", text)
	}
	return plan.Digest(b), nil
}

// External is what is outside of the graph as a batch brings it: files lie in a folder, by their digests.
type External struct {
	folder    string
	files     map[string]plan.Digest
	variables map[string]string
}

func newExternal(b *Batch, folder string) (*External, error) {
	e := &External{folder: folder, files: map[string]plan.Digest{}, variables: b.Variables}
	for path, text := range b.Files {
		d, err := parseDigest(text)
		if err != nil {
			return nil, fmt.Errorf("file %s: %w", path, err)
		}
		e.files[path] = d
	}
	return e, nil
}

// File implements plan.External.
func (e *External) File(path string) (plan.Digest, error) {
	d, ok := e.files[path]
	if !ok {
		return d, fmt.Errorf("the file %s is not in the batch", stages.LaidOut(path))
	}
	return d, nil
}

// Variable implements plan.External.
func (e *External) Variable(name string) (plan.Digest, error) {
	value, ok := e.variables[name]
	if !ok {
		return plan.Digest{}, fmt.Errorf("the variable %s is not in the batch", name)
	}
	return sha256.Sum256([]byte(value)), nil
}

// VariableValue gives the value of a variable.
func (e *External) VariableValue(name string) string { return e.variables[name] }

// Recheck gives the digest of a file: the name under which it lies.
func (e *External) Recheck(path string) (plan.Digest, error) { return e.File(path) }

// IsFile reports whether a path is one of the batch's files.
func (e *External) IsFile(path string) bool {
	_, ok := e.files[path]
	return ok
}

// CopyFile writes a file's content to w, and gives the digest of what it wrote.
func (e *External) CopyFile(path string, w io.Writer) (plan.Digest, error) {
	f, err := e.OpenFile(path)
	if err != nil {
		return plan.Digest{}, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(w, h), io.NewSectionReader(f, 0, f.Size()))
	return plan.Digest(h.Sum(nil)), err
}

// OpenFile gives a file to be read in pieces.
func (e *External) OpenFile(path string) (stages.File, error) {
	d, err := e.File(path)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(e.folder, d.String()))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stages.LaidOut(path), err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("read %s: %w", stages.LaidOut(path), err)
	}
	return opened{f, info.Size()}, nil
}

// opened is an open file with its size.
type opened struct {
	*os.File
	size int64
}

func (o opened) Size() int64 { return o.size }
