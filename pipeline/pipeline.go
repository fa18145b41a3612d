// Package pipeline is all that the program calls: load a spec, plan it, run it, and look at what is
// there. Its results are values with a JSON form, from which people's text is rendered.
package pipeline

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"spurion/artifacts"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// A Config says which spec to open and where things are.
type Config struct {
	Path  string // a .hcl file or a folder of them
	Kinds *stages.Registry
	// Vars, VarFiles and Environ set the spec's variables: see spec.Options.
	Vars, VarFiles, Environ []string
	MaxInstances            int
	Root                    string // the project; "" stands for the working directory
	Store                   string // "" stands for DefaultStore under Root
	Out                     string // "" stands for DefaultOut under Root
	Program                 string // name and version, recorded with what is stored
	Args                    []string
	Warn                    func(error) // told of damage that was found; may be nil
}

// Where a project keeps its store and what people open, unless told otherwise.
const (
	DefaultStore = ".spurion"
	DefaultOut   = "out"
)

// An Experiment is a loaded spec with its store.
type Experiment struct {
	Spec *spec.Spec
	// Warnings are what the loader had to say that is not an error.
	Warnings spec.Diagnostics

	config Config
	store  *artifacts.Store // nil if there is none yet and nothing may be written
	files  *files
	cache  *cache
}

// Access says what an experiment may do with its store.
type Access bool

// ReadOnly leaves the store as it is; a store that does not exist is taken for an empty one.
const (
	ReadOnly  Access = false
	ReadWrite Access = true
)

// Open loads the spec and opens the store. If the spec has mistakes the error is a spec.Diagnostics.
func Open(c Config, access Access) (*Experiment, error) {
	s, warnings, err := load(c)
	if err != nil {
		return nil, err
	}
	c.Root = s.Root
	store, err := openStore(c, access)
	if err != nil {
		return nil, err
	}
	e := &Experiment{Spec: s, Warnings: warnings, config: c, store: store, files: newFiles(s.Root)}
	e.cache = &cache{store: store, spec: s.Name}
	return e, nil
}

// Close lets go of the store.
func (e *Experiment) Close() error {
	if e.store == nil {
		return nil
	}
	return e.store.Close()
}

// Validate loads a spec without looking at the store.
func Validate(c Config) (*spec.Spec, spec.Diagnostics) {
	return spec.Load(c.Path, c.specOptions())
}

func load(c Config) (*spec.Spec, spec.Diagnostics, error) {
	s, diagnostics := Validate(c)
	if diagnostics.HasErrors() {
		return nil, nil, diagnostics
	}
	return s, diagnostics, nil
}

func (c Config) specOptions() spec.Options {
	return spec.Options{
		Kinds: c.Kinds, Vars: c.Vars, VarFiles: c.VarFiles, Environ: c.Environ,
		Root: c.Root, MaxInstances: c.MaxInstances,
	}
}

// openStore opens the configured store; nil without error if it does not exist and must not be made.
func openStore(c Config, access Access) (*artifacts.Store, error) {
	dir := c.storeDir()
	if access == ReadOnly {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return nil, nil
		}
	}
	store, err := artifacts.Open(dir, artifacts.Options{ReadOnly: access == ReadOnly, Warn: c.Warn})
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	return store, nil
}

func (c Config) storeDir() string {
	if c.Store != "" {
		return c.Store
	}
	return filepath.Join(c.Root, DefaultStore)
}

func (c Config) outDir(specName string) string {
	if c.Out != "" {
		return filepath.Join(c.Out, specName)
	}
	return filepath.Join(c.Root, DefaultOut, specName)
}

// Selection says which instances a command is about: addresses with globs, as in plan.ParsePattern.
type Selection struct {
	Targets []string // none stands for all
	Force   []string // to be computed even if they are cached
}

// Plan says what a run would do.
func (e *Experiment) Plan(ctx context.Context, sel Selection) (*plan.Plan, error) {
	targets, err := parsePatterns(sel.Targets)
	if err != nil {
		return nil, err
	}
	force, err := parsePatterns(sel.Force)
	if err != nil {
		return nil, err
	}
	return plan.New(ctx, e.Spec, plan.Options{
		Targets: targets, Force: force, Cache: e.cache, External: e.files,
	})
}

// named plans what targets need, and gives the instances that they name, each once and in the plan's order; no
// targets name all.
func (e *Experiment) named(ctx context.Context, targets ...string) (*plan.Plan, []*plan.Node, error) {
	p, err := e.Plan(ctx, Selection{Targets: targets})
	if err != nil {
		return nil, nil, err
	}
	if len(targets) == 0 {
		targets = []string{"*.*"}
	}
	patterns, err := parsePatterns(targets)
	if err != nil {
		return nil, nil, err
	}
	var ids []int
	for _, t := range patterns {
		matched, err := p.Match(t)
		if err != nil {
			return nil, nil, err
		}
		ids = append(ids, matched...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	nodes := make([]*plan.Node, len(ids))
	for i, id := range ids {
		nodes[i] = &p.Nodes[id]
	}
	return p, nodes, nil
}

func parsePatterns(texts []string) ([]plan.Pattern, error) {
	patterns := make([]plan.Pattern, len(texts))
	for i, text := range texts {
		var err error
		if patterns[i], err = plan.ParsePattern(text); err != nil {
			return nil, err
		}
	}
	return patterns, nil
}

// Format formats the text of a spec. The diagnostics are errors of syntax.
func Format(src []byte, filename string) ([]byte, spec.Diagnostics) {
	return spec.Format(src, filename)
}

// SourceFiles lists the .hcl files that a path names: itself, or those in the folder, sorted.
func SourceFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	matches, err := fs.Glob(os.DirFS(path), "*.hcl")
	if err != nil {
		return nil, err
	}
	for i := range matches {
		matches[i] = filepath.Join(path, matches[i])
	}
	return matches, nil
}
