// Package stages is the contract between the pipeline and the kinds of stages: what a kind is
// (Kind), how its settings are declared (struct tags, read by SchemaOf), and what it may touch
// when it runs (Run). It knows no kind and no pipeline.
package stages

import (
	"context"
	"fmt"
	"sort"

	"spurion/artifacts/frame"
)

// A Kind is one kind of stage: `stage "KIND" "name" { ... }`. Its value is immutable once defined.
type Kind struct {
	Name string
	// Version is raised by whoever changes what the kind computes: it is part of every key.
	Version int
	// Doc is the kind's documentation: first a sentence, then what it reads, computes and writes,
	// with its sources.
	Doc     string
	Inputs  []Input
	Outputs []Output
	// DynamicOutputs gives outputs that depend on the settings, added to Outputs. The settings are
	// a pointer to the kind's struct. Nil for most kinds.
	DynamicOutputs func(settings any) []Output
	// Unforeseen says that DynamicOutputs may give a table whose columns only a run knows.
	Unforeseen bool
	// Former are outputs that an earlier version had, each with a sentence on what to write instead; nil for most
	// kinds.
	Former map[string]string
	// FormerSettings are settings that an earlier version had; nil for most kinds.
	FormerSettings map[string]Former
	// Parts are pieces that have versions of their own, such as methods; nil for most kinds.
	Parts []Part
	// Brief says why a run reports no progress, such as "one pass over its tables". A kind without it calls
	// Run.Progress as it goes.
	Brief string
	// Labels declares which marked columns the kind reads, and for what. A table with a column whose
	// mark stands in none of them is not handed to the kind (Guard).
	Labels []LabelUse
	// Reads gives the text of a stage of this kind that makes an output of a type of a file, and a reference to that output. It serves
	// who wrote the file's path where the output is expected. "" for what the kind cannot make; nil for most kinds.
	Reads func(outputType, path string) (stage, output string)
	// Continuation lets a run go on where an earlier one ended; nil for most kinds.
	Continuation *Continuation

	schema *Schema
	run    func(context.Context, *Run) error
}

// A Former is a setting that there was.
type Former struct {
	Instead string // what to write instead, in a sentence
	Ignored bool   // it may still be given, and has no effect: a warning, not a mistake
}

// A LabelUse says that a kind reads columns with a mark, for a purpose: one of Purposes.
type LabelUse struct {
	Mark    frame.Mark
	Purpose string
}

// Purposes are what a kind can read marked columns for: values of a training mark shape what is
// learned, of a selection mark they choose among what was learned, for evaluation they are reported,
// for checking they are only held against each other when a table is taken apart, and for making they are
// handed on to the samples of another data set.
var Purposes = []string{"training", "selection", "evaluation", "checking", "making"}

// Cardinality says how many artifacts an input takes.
type Cardinality uint8

// The cardinalities of an input. In a spec One and Optional take a reference, List a list of
// references (or a splat), Map an object whose keys are identifiers.
const (
	One Cardinality = iota
	Optional
	List
	Map
)

// FileType is the type of an input that takes paths of files in the project, as strings.
const FileType = "file"

// EnvironmentType is the type of an input that takes names of environment variables, as strings;
// their values at plan time are its content, and so part of the key.
const EnvironmentType = "environment"

// AnyType is the type of an input that takes every table.
const AnyType = "table"

// OutputType is the type of an input that takes every output: tables, and files of raw bytes, whose
// Artifact has an Extension.
const OutputType = "output"

// An Input is a port: an attribute of the stage whose value is one or more references.
type Input struct {
	Name string
	Doc  string
	// Type says what fits: outputs of this type ("dataset", "model", ...), or what AnyType, OutputType,
	// FileType and EnvironmentType say.
	Type        string
	Cardinality Cardinality
	// Required says that a List or Map must be given; One always must, and Optional need not.
	Required bool
	// Axes says that the kind reads the axes of what it is given, not the content alone; they are
	// then part of the key, and the artifacts come in the order of CompareAxes.
	Axes bool
}

// Define completes a kind: S is its settings struct (see SchemaOf for the tags), run its function.
// It panics if the tags are malformed, a tag column names no input, a part is none of its setting's values, or
// the kind has no name, version or doc: a bug.
func Define[S any](k Kind, run func(context.Context, *S, *Run) error) *Kind {
	schema, err := SchemaOf[S]()
	if err != nil {
		panic(fmt.Sprintf("stages: kind %q: %v", k.Name, err))
	}
	if k.Name == "" || k.Version < 1 || k.Doc == "" {
		panic(fmt.Sprintf("stages: kind %q needs a name, a version and a doc", k.Name))
	}
	for _, in := range k.Inputs {
		if schema.Attribute(in.Name) != nil {
			panic(fmt.Sprintf("stages: kind %q: %q is both an input and a setting", k.Name, in.Name))
		}
	}
	if in := schema.unknownInput(&k, map[*Schema]bool{}); in != "" {
		panic(fmt.Sprintf("stages: kind %q: a setting names columns of %q, which is not an input", k.Name, in))
	}
	k.schema = schema
	if err := k.checkParts(); err != nil {
		panic(fmt.Sprintf("stages: kind %q: %v", k.Name, err))
	}
	k.run = func(ctx context.Context, r *Run) error {
		s, ok := r.Settings.(*S)
		if !ok {
			return fmt.Errorf("stages: kind %q was given settings of type %T", k.Name, r.Settings)
		}
		return run(ctx, s, r)
	}
	return &k
}

// unknownInput gives an input that a tag column names and k lacks, or "".
func (s *Schema) unknownInput(k *Kind, seen map[*Schema]bool) string {
	if s == nil || seen[s] {
		return ""
	}
	seen[s] = true
	for i := range s.Attributes {
		a := &s.Attributes[i]
		if a.Column != "" && k.Input(a.Column) == nil {
			return a.Column
		}
		if in := a.Nested.unknownInput(k, seen); in != "" {
			return in
		}
	}
	return ""
}

// Must reports whether a stage has to give the input.
func (in *Input) Must() bool { return in.Cardinality == One || in.Required }

// Gathers reports whether an input takes what several instances made, by their axes. Such an input can do without
// some of them: see Lack.
func (in *Input) Gathers() bool { return in.Axes && in.Cardinality == List }

// Gathers reports whether one of the kind's inputs does.
func (k *Kind) Gathers() bool {
	for i := range k.Inputs {
		if k.Inputs[i].Gathers() {
			return true
		}
	}
	return false
}

// Schema gives the kind's settings.
func (k *Kind) Schema() *Schema { return k.schema }

// Run executes the kind. r.Settings is what k.Schema().Decode returned.
func (k *Kind) Run(ctx context.Context, r *Run) error { return k.run(ctx, r) }

// Input gives the input with the name, or nil.
func (k *Kind) Input(name string) *Input {
	for i := range k.Inputs {
		if k.Inputs[i].Name == name {
			return &k.Inputs[i]
		}
	}
	return nil
}

// OutputsOf gives all outputs that an instance with these settings writes, fixed ones first.
func (k *Kind) OutputsOf(settings any) []Output {
	if k.DynamicOutputs == nil {
		return k.Outputs
	}
	return append(k.Outputs[:len(k.Outputs):len(k.Outputs)], k.DynamicOutputs(settings)...)
}

// A Registry is the set of kinds that a program knows. Tests are the kinds behind
// `test "NAME"` blocks of claims and checks: each writes "verdict", one row, and may write other tables.
type Registry struct {
	Kinds []*Kind
	Tests []*Kind
	// FormerTests are tests that there were, each with a sentence on what to write instead.
	FormerTests map[string]string
	// Calibrate has the test of a claim, as a run of its kind, judge n samples that are drawn under the claim's null. Name tells the
	// claim's random streams from those of others; done, if not nil, is called after each sample. It is nil, without an error, where the
	// claim is about the units at hand, which no chance can reproduce.
	Calibrate func(ctx context.Context, r *Run, name string, n int, done func()) (*Calibration, error)
}

// Kind gives the kind with the name, or nil.
func (r *Registry) Kind(name string) *Kind { return find(r.Kinds, name) }

// Test gives the test with the name, or nil.
func (r *Registry) Test(name string) *Kind { return find(r.Tests, name) }

// Names gives the sorted names of ks.
func Names(ks []*Kind) []string {
	names := make([]string, len(ks))
	for i, k := range ks {
		names[i] = k.Name
	}
	sort.Strings(names)
	return names
}

func find(ks []*Kind, name string) *Kind {
	for _, k := range ks {
		if k.Name == name {
			return k
		}
	}
	return nil
}
