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

	Submit string `hcl:"submit,optional"`
	Status string `hcl:"status,optional"`
	Cancel string `hcl:"cancel,optional"`
	Index  string `hcl:"index,optional"`
	First  int    `hcl:"first,optional"`
	Size   int    `hcl:"array_size,optional"`

	From string // the file that it stands in
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

// Find gives the executor with the name: the project's, or else the user's.
func Find(name, project string) (*Executor, error) {
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
	var f File
	if diags := gohcl.DecodeBody(parsed.Body, nil, &f); diags.HasErrors() {
		return nil, mistakes(diags)
	}
	var errs []error
	seen := map[string]bool{}
	for i := range f.Executors {
		x := &f.Executors[i]
		x.From = path
		if seen[x.Name] {
			errs = append(errs, fmt.Errorf("%s: there are two executors %q", path, x.Name))
		}
		seen[x.Name] = true
		if err := x.check(); err != nil {
			errs = append(errs, fmt.Errorf("%s: executor %q: %w", path, x.Name, err))
		}
	}
	return &f, errors.Join(errs...)
}

// mistakes gives diagnostics as an error, a line each.
func mistakes(diags hcl.Diagnostics) error {
	var errs []error
	for _, d := range diags {
		place := ""
		if d.Subject != nil {
			place = fmt.Sprintf("%s:%d:%d: ", d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column)
		}
		errs = append(errs, fmt.Errorf("%s%s: %s", place, d.Summary, d.Detail))
	}
	return errors.Join(errs...)
}

func (x *Executor) check() error {
	if _, err := x.Times(); err != nil {
		return err
	}
	switch {
	case x.Type != Slurm && x.Type != Array:
		return fmt.Errorf("its type is %q: %q and %q are known", x.Type, Slurm, Array)
	case x.Driver != "" && x.Driver != Here && x.Driver != Job:
		return fmt.Errorf("driver is %q: %q is the process that you start, %q a job of the cluster", x.Driver, Here, Job)
	case x.Driver == Job && x.Type != Slurm:
		return errors.New("driver = \"job\" is for Slurm")
	case x.Running < 0 || x.Size < 0 || x.First < 0 || x.Batch != nil && x.Batch.Most < 0:
		return errors.New("a number is negative")
	case x.Type == Array && (x.Submit == "" || x.Index == ""):
		return errors.New("an array launcher needs submit, the command that takes a script of an array, and index, the variable that tells a task its number")
	case x.Type == Slurm && (x.Submit != "" || x.Status != "" || x.Cancel != "" || x.Index != ""):
		return errors.New("submit, status, cancel and index are for the type \"array\": Slurm's are known")
	case x.Type == Array && (x.Account != "" || x.Partition != "" || len(x.Options) > 0):
		return errors.New("account, partition and options are Slurm's: write them into the command submit")
	}
	return nil
}

// Times are the durations of an executor; zero stands for what is not said.
type Times struct {
	Limit, Longest, Poll, Ask, Lost, Target, Least time.Duration
}

// Times reads the durations.
func (x *Executor) Times() (t Times, err error) {
	read := func(name, text string, to *time.Duration) {
		if text == "" || err != nil {
			return
		}
		d, perr := time.ParseDuration(text)
		if perr != nil || d <= 0 {
			err = fmt.Errorf("%s = %q is no duration such as \"30s\" or \"2h\"", name, text)
		}
		*to = d
	}
	read("limit", x.Limit, &t.Limit)
	read("longest", x.Longest, &t.Longest)
	read("poll", x.Poll, &t.Poll)
	read("ask", x.Ask, &t.Ask)
	read("lost_after", x.Lost, &t.Lost)
	if x.Batch != nil {
		read("batch.target", x.Batch.Target, &t.Target)
		read("batch.least", x.Batch.Least, &t.Least)
	}
	return t, err
}
