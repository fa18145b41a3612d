// Package spec turns HCL text into typed, immutable stages: variables set, sweeps expanded, every
// setting decoded against its kind's schema, every reference resolved to instances. It is the only
// package that knows HCL.
package spec

import (
	"fmt"
	"path/filepath"
	"strings"

	"spurion/stages"
)

// A Range is a place in a source file. Lines and columns count from 1, columns in characters.
type Range struct {
	File        string `json:"file"`
	Line        int    `json:"line"`
	Column      int    `json:"column"`
	EndLine     int    `json:"end_line"`
	EndColumn   int    `json:"end_column"`
	StartOffset int    `json:"start_offset"` // in bytes
	EndOffset   int    `json:"end_offset"`
}

// A Spec is a loaded experiment. Nothing in it changes after Load.
type Spec struct {
	// Name is the file's base name without ".hcl", or the folder's: what out/NAME is called.
	Name        string
	Description string
	Path        string   // as given to Load
	Files       []string // source files, sorted, as they stand in ranges
	// Root is the project: the folder that external files may not leave.
	Root      string
	Unread    []Unread // data roots whose files were not looked at: see Options.Lenient
	Variables []Variable
	// Secrets are the texts by which values of sensitive variables are recognised, the longest first: see Mask.
	Secrets []string
	Stages  []*Stage // stages in file order, then claims and checks in file order
}

// Folder gives the folder in which the spec lies as a path in the project, with forward slashes; "" if it lies outside.
func (s *Spec) Folder() string {
	at := s.Path
	if strings.HasSuffix(at, ".hcl") {
		at = filepath.Dir(at)
	}
	root, err := filepath.Abs(s.Root)
	if err == nil {
		at, err = filepath.Abs(at)
	}
	rel := ""
	if err == nil {
		rel, err = filepath.Rel(root, at)
	}
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// A Variable is an input of the spec with the value that it took.
type Variable struct {
	Name, Type, Description string
	Value                   string // canonical JSON; that of Hidden for a sensitive one
	Source                  string // "default", "--var", a var file's path, "SPURION_VAR_x"
	Sensitive               bool
	Range                   Range
}

// A Stage is one stage block, or one claim or check (whose Kind is its test).
type Stage struct {
	Kind        *stages.Kind
	KindName    string // Kind.Name, or ClaimRole or CheckRole
	Name        string
	Description string
	Range       Range
	// Ranges gives the place of each setting by its path, of each input by its name, and of the block resources; what is
	// absent was left to its default.
	Ranges map[string]Range
	// Sensitive are the settings that depend on sensitive variables: see IsSensitive.
	Sensitive []string
	Axes      []string // names, in order of declaration, inherited ones first
	Instances []Instance
	Claim     *Claim // nil for a stage block
	// AllowFailed says without how many of the instances that feed it an instance of the stage does.
	AllowFailed Allowance
	// Uses lists the stages referred to, each before this one in every order of execution.
	Uses []*Stage
}

// A Claim is what an experiment asserts about its tables; of a check, what must hold for its claims to mean anything.
type Claim struct {
	Test string // the test's name
	// Of says what each instance asserts: it is parallel to Stage.Instances.
	Of []Assertion
}

// An Assertion is what one instance of a claim asserts, and what shows it.
type Assertion struct {
	Says   string // in a sentence
	Source string // where the assertion comes from: finding, section; may be empty
	// SourceSays is what the source says, of which the claim tests a form; may be empty.
	SourceSays string
	// Setting says whose setting the claim is tested in: "paper", "ours", or empty if not said.
	Setting string
	// Figures are instances that draw what is asserted; nil if the claim names none. Nothing has to run
	// for them: a verdict does not depend on its figures.
	Figures []Ref
}

// An Instance is one element of a stage's grid.
type Instance struct {
	Axes     []stages.Axis // parallel to Stage.Axes
	Settings stages.Settings
	Inputs   []Input // in the order of the kind's inputs; only those given
	After    []Ref   // depends_on
	// Resources are what it needs of a machine; nil if its stage says nothing. Instances may share them.
	Resources *stages.Resources
}

// An Input is what one port was given.
type Input struct {
	Name string
	Refs []Ref
}

// A Ref points to one output of one instance, to an external file, or to an environment variable.
type Ref struct {
	Key string // in a Map input
	// Stage is nil for an external input.
	Stage    *Stage
	Instance int
	Output   string // empty in After
	// Path is an external file's, relative to Spec.Root with forward slashes, or a variable's name.
	Path string
}

// Address gives the address of stage s's i-th instance, such as train.erm[strength=0.9,seed=2].
func (s *Stage) Address(i int) string {
	return stages.Address(s.KindName, s.Name, s.Instances[i].Axes)
}

// ID gives "kind.name".
func (s *Stage) ID() string { return s.KindName + "." + s.Name }

// IsCheck reports whether the stage is a check: it has a Claim too.
func (s *Stage) IsCheck() bool { return s.KindName == CheckRole }

// Outputs gives the outputs of all instances of the stage: usually the same for each, but settings may declare more.
func (s *Stage) Outputs() ([]stages.Output, error) {
	if s.Kind.DynamicOutputs == nil {
		return s.Kind.Outputs, nil
	}
	var list []stages.Output
	seen := map[string]bool{}
	for i := range s.Instances {
		settings, err := s.Kind.Schema().Decode(s.Instances[i].Settings)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Address(i), err)
		}
		for _, o := range s.Kind.OutputsOf(settings) {
			if !seen[o.Name] {
				seen[o.Name] = true
				list = append(list, o)
			}
		}
	}
	return list, nil
}

// Place gives where the stage sets a setting: for "core.degree" in core = parity(4) where core is set. It is false for
// a default.
func (s *Stage) Place(setting string) (Range, bool) {
	if r, ok := s.Ranges[setting]; ok {
		return r, true
	}
	name, _, _ := strings.Cut(setting, ".")
	if a := s.Kind.Schema().Attribute(name); a == nil || a.Type != stages.Call {
		return Range{}, false
	}
	r, ok := s.Ranges[name]
	return r, ok
}
