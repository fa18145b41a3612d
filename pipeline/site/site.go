// Package site reads where runs may go: the executors that a user or a project has. It is a file of its own, since a spec says what is
// computed, and never where.
package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// ProjectFile is the name of a project's file, in the project's folder; UserFile is that of the user's, in the folder of configurations.
const (
	ProjectFile = ".spurion.hcl"
	UserFile    = "spurion/executors.hcl"
)

// A File is what such a file holds.
type File struct {
	Store     string     `hcl:"store,optional"` // the remote store, which package spec reads
	Executors []Executor `hcl:"executor,block"`
}

// An Executor is a cluster, and how this user uses it. An attribute that is not there is empty.
type Executor struct {
	Type string `hcl:"type,label"` // "slurm" or "array"
	Name string `hcl:"name,label"`

	Account   string   `hcl:"account,optional"`
	Partition string   `hcl:"partition,optional"`
	Options   []string `hcl:"options,optional"`
	Setup     []string `hcl:"setup,optional"`
	Scratch   string   `hcl:"scratch,optional"`
	Running   int      `hcl:"running,optional"`
	Limit     string   `hcl:"limit,optional"`
	Longest   string   `hcl:"longest,optional"`
	Poll      string   `hcl:"poll,optional"`
	Ask       string   `hcl:"ask,optional"`
	Lost      string   `hcl:"lost_after,optional"`
	Driver    string   `hcl:"driver,optional"`
	Batch     *Batch   `hcl:"batch,block"`

	// Of an array launcher: its commands, as cluster.Launcher has them, and how it numbers tasks.
	Submit string            `hcl:"submit,optional"`
	Status string            `hcl:"status,optional"`
	Cancel string            `hcl:"cancel,optional"`
	States map[string]string `hcl:"states,optional"`
	Index  string            `hcl:"index,optional"`
	First  int               `hcl:"first,optional"`
	Size   int               `hcl:"array_size,optional"`

	From string // the file and the line where it stands
}

// A Batch says how large batches are.
type Batch struct {
	Target string `hcl:"target,optional"`
	Least  string `hcl:"least,optional"`
	Most   int    `hcl:"most,optional"`
}

// The types of executors.
const (
	Slurm = "slurm"
	Array = "array"
)

// Where the process is that submits and follows.
const (
	Here = "here"
	Job  = "job"
)

// A MistakeError is one of whoever wrote the file, or the name.
type MistakeError struct{ Err error }

// Error gives the mistake itself.
func (e *MistakeError) Error() string { return e.Err.Error() }

// Unwrap gives it too.
func (e *MistakeError) Unwrap() error { return e.Err }

// Find gives the executor with the name: the project's, or else the user's. The error is a MistakeError.
func Find(name, project string) (*Executor, error) {
	x, err := find(name, project)
	if err != nil {
		return nil, &MistakeError{err}
	}
	return x, nil
}

func find(name, project string) (*Executor, error) {
	files := []string{filepath.Join(project, ProjectFile)}
	if dir, err := os.UserConfigDir(); err == nil {
		files = append(files, filepath.Join(dir, filepath.FromSlash(UserFile)))
	}
	var names []string
	for _, path := range files {
		f, err := Read(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range f.Executors {
			if f.Executors[i].Name == name {
				return &f.Executors[i], nil
			}
			names = append(names, f.Executors[i].Name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no executor %q: write one into %s, or into %s for all projects, such as\n\n"+
			"  executor \"slurm\" %q {\n    partition = \"cpu\"\n  }", name, files[0], files[len(files)-1], name)
	}
	slices.Sort(names)
	return nil, fmt.Errorf("there is no executor %q; there are %s (in %s)", name, strings.Join(slices.Compact(names), ", "), strings.Join(files, " and "))
}

// Read reads a file.
func Read(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(data, path)
}

// Parse reads what a file with this path holds. All mistakes are told at once, each with its place.
func Parse(data []byte, path string) (*File, error) {
	parsed, diags := hclsyntax.ParseConfig(data, path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, mistakes(diags)
	}
	body := parsed.Body.(*hclsyntax.Body)
	if diags := strange(body); diags.HasErrors() {
		return nil, mistakes(diags)
	}
	var f File
	if diags := gohcl.DecodeBody(body, nil, &f); diags.HasErrors() {
		return nil, mistakes(diags)
	}
	seen := map[string]hcl.Range{}
	for i := range f.Executors {
		x, block := &f.Executors[i], body.Blocks[i]
		x.From = fmt.Sprintf("%s:%d", path, block.TypeRange.Start.Line)
		c := check{x: x, block: block}
		if before, twice := seen[x.Name]; twice {
			c.fault(block.LabelRanges[1], "there is an executor %q in line %d already: give one of them another name", x.Name, before.Start.Line)
		} else {
			seen[x.Name] = block.LabelRanges[1]
		}
		c.all()
		diags = append(diags, c.faults...)
	}
	if diags.HasErrors() {
		return nil, mistakes(diags)
	}
	return &f, nil
}

// mistakes gives diagnostics as an error, a line each.
func mistakes(diags hcl.Diagnostics) error {
	var errs []error
	for _, d := range diags {
		place := ""
		if d.Subject != nil {
			place = fmt.Sprintf("%s:%d:%d: ", d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column)
		}
		text := strings.TrimSuffix(d.Summary+": "+d.Detail, ": ")
		errs = append(errs, errors.New(place+strings.TrimSuffix(text, ".")))
	}
	return errors.Join(errs...)
}

// Times are the durations of an executor; zero stands for what is not said.
type Times struct {
	Limit, Longest, Poll, Ask, Lost, Target, Least time.Duration
}

// Times reads the durations.
func (x *Executor) Times() (t Times, err error) {
	for _, d := range x.durations(&t) {
		if d.text == "" {
			continue
		}
		if *d.to, err = time.ParseDuration(d.text); err != nil || *d.to <= 0 {
			return t, fmt.Errorf("%s = %q is no duration such as \"30s\" or \"2h\"", d.name, d.text)
		}
	}
	return t, nil
}

// A duration is an attribute that holds one.
type duration struct {
	name, text string
	to         *time.Duration
}

func (x *Executor) durations(t *Times) []duration {
	list := []duration{
		{"limit", x.Limit, &t.Limit}, {"longest", x.Longest, &t.Longest}, {"poll", x.Poll, &t.Poll}, {"ask", x.Ask, &t.Ask}, {"lost_after", x.Lost, &t.Lost},
	}
	if x.Batch != nil {
		list = append(list, duration{"target", x.Batch.Target, &t.Target}, duration{"least", x.Batch.Least, &t.Least})
	}
	return list
}
