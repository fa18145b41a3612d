package spec

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// The kinds of these tests: in outline those of the program, with what they lack to reach every
// rule of the language.

type boolFn struct {
	Type   string   `name:"type" label:"parity,staircase,majority,table,negate,any_of" doc:"Which function."`
	Degree int      `name:"degree" for:"parity,staircase,majority" min:"1" max:"30" doc:"Coordinates."`
	Slack  float64  `name:"slack" for:"staircase" default:"0.5" min:"0" doc:"Slack."`
	Values []int    `name:"values" for:"table" min:"0" max:"1" doc:"The truth table."`
	Of     *boolFn  `name:"of" for:"negate" call:"true" doc:"What is negated."`
	Each   []boolFn `name:"each_of" for:"any_of" call:"true" doc:"The parts."`
}

type generateSettings struct {
	Seed       int64   `name:"seed" default:"each.seed" doc:"Seed."`
	Dimensions int     `name:"dimensions" min:"1" max:"10000" doc:"Coordinates."`
	Core       boolFn  `name:"core" call:"true" doc:"The core function."`
	Spurious   boolFn  `name:"spurious" call:"true" doc:"The spurious function."`
	Strength   float64 `name:"strength" default:"0.5" min:"0" max:"1" doc:"The confounder strength."`
	Note       *string `name:"note" doc:"Anything."`
}

func (s *generateSettings) Check() []stages.Problem {
	if need := s.Core.Degree + s.Spurious.Degree; need > s.Dimensions {
		return []stages.Problem{{Path: "dimensions", Summary: "Too few dimensions", Detail: "The functions need more."}}
	}
	return nil
}

type network struct {
	Hidden []int  `name:"hidden" default:"[100]" min:"1" doc:"Widths."`
	Act    string `name:"activation" default:"relu" oneof:"relu,tanh" doc:"Activation."`
}

type optimizer struct {
	Type     string   `name:"type" label:"sgd,adam" doc:"Which."`
	Rate     float64  `name:"rate" for:"all" above:"0" unit:"per step" doc:"Rate."`
	Momentum float64  `name:"momentum" for:"sgd" default:"0" min:"0" below:"1" doc:"Momentum."`
	Decay    *float64 `name:"decay" for:"adam" doc:"Decay."`
}

type trainSettings struct {
	Seed      int64     `name:"seed" default:"each.seed" doc:"Seed."`
	Steps     int64     `name:"steps" min:"0" unit:"steps" doc:"Steps."`
	Batch     int       `name:"batch" default:"64" min:"1" doc:"Batch."`
	Shuffle   bool      `name:"shuffle" default:"true" doc:"Shuffle."`
	Schedule  []float64 `name:"schedule" min:"0" doc:"Schedule."`
	Network   network   `name:"network" doc:"The network."`
	Optimizer optimizer `name:"optimizer" doc:"The optimizer."`
	Resume    *network  `name:"resume" doc:"An optional block."`
}

type commandOutput struct {
	Path   string `name:"path" doc:"Path."`
	Format string `name:"format" default:"parquet" oneof:"parquet,file" doc:"Format."`
}

type commandSettings struct {
	Command     []string                 `name:"command" secret:"true" doc:"Command."`
	Environment map[string]string        `name:"environment" secret:"true" doc:"Environment."`
	Outputs     map[string]commandOutput `name:"output" doc:"Outputs."`
}

// CheckInputs refuses a variable that is inherited and given as well.
func (s *commandSettings) CheckInputs(given map[string][]string) []stages.Problem {
	var problems []stages.Problem
	for _, name := range given["inherit"] {
		if _, twice := s.Environment[name]; twice {
			problems = append(problems, stages.Problem{Path: "inherit", Summary: "variable " + name + " is given twice", Detail: "Leave one out."})
		}
	}
	return problems
}

type trendSettings struct {
	X         string `name:"x" column:"table" doc:"x."`
	Y         string `name:"y" column:"table" doc:"y."`
	Direction string `name:"direction" oneof:"increasing,decreasing" doc:"Direction."`
}

type compareSettings struct {
	Y        string            `name:"y" column:"table" doc:"y."`
	YSmaller string            `name:"y_smaller" column:"table" default:"" doc:"The other side's."`
	Larger   map[string]string `name:"larger" column:"table" doc:"One side."`
	Smaller  map[string]string `name:"smaller" column:"table" doc:"The other."`
	Where    map[string]string `name:"where" column:"table" doc:"Rows of both."`
}

func (s *compareSettings) Sides() (string, [2]stages.Side, map[string]string) {
	other := s.YSmaller
	if other == "" {
		other = s.Y
	}
	return "table", [2]stages.Side{{Path: "larger", Column: s.Y, Where: s.Larger}, {Path: "smaller", Column: other, Where: s.Smaller}}, s.Where
}

func (s *compareSettings) Check() []stages.Problem {
	for _, name := range keysOf(s.Where) {
		if _, err := stages.ReadConditions(s.Where[name]); err != nil {
			return []stages.Problem{{Path: "where." + name, Summary: "condition cannot be read", Detail: err.Error() + "."}}
		}
	}
	return nil
}

type keepSettings struct {
	Columns []string              `name:"columns" column:"tables" doc:"Columns to keep."`
	Results map[string]keepResult `name:"result" doc:"New columns."`
	Best    map[string]string     `name:"best" column:"tables" oneof:"highest,lowest" doc:"Words."`
}

type keepResult struct {
	Where map[string]string `name:"where" column:"tables" doc:"Rows."`
}

type methodSettings struct {
	Method string `name:"method" oneof:"erm,jtt,lff" doc:"Method."`
}

type drawnPart struct {
	Form  string   `name:"form" label:"line,bar" doc:"Form."`
	Value []string `name:"value" for:"all" column:"tables" doc:"Columns."`
}

type tableSettings struct {
	Columns []string          `name:"columns" column:"tables" doc:"Columns."`
	Where   map[string]string `name:"where" column:"tables" doc:"Rows."`
	Sort    []string          `name:"sort" column:"tables,descending" doc:"Order."`
	By      string            `name:"by" default:"nowhere" column:"tables" doc:"Groups."`
	Part    *drawnPart        `name:"part" doc:"A block."`
}

type probeSettings struct {
	Layer int `name:"layer" default:"0" doc:"Which layer."`
}

type empty struct{}

func nothing[S any](context.Context, *S, *stages.Run) error { return nil }

func registry() *stages.Registry {
	dataset := stages.Output{Name: "dataset", Type: "dataset", Doc: "Data."}
	model := stages.Output{Name: "model", Type: "model", Doc: "Model."}
	summary := stages.Output{Name: "summary", Doc: "Summary."}
	decoded := summary
	decoded.Fields = []frame.Field{{Name: "layer", Type: frame.Int64}, {Name: "accuracy", Type: frame.Float64}, {Name: "rate", Type: frame.Float64}}
	verdict := stages.Output{Name: "verdict", Doc: "Verdict.", Fields: []frame.Field{{Name: "estimate", Type: frame.Float64}}}
	data := stages.Input{Name: "data", Type: "dataset", Doc: "The data."}
	modelIn := stages.Input{Name: "model", Type: "model", Doc: "The model."}
	return &stages.Registry{
		Kinds: []*stages.Kind{
			stages.Define(stages.Kind{Name: "generate", Version: 1, Doc: "G.", Outputs: []stages.Output{dataset}}, nothing[generateSettings]),
			stages.Define(stages.Kind{Name: "train", Version: 1, Doc: "T.",
				Inputs:  []stages.Input{data, {Name: "start", Type: "model", Cardinality: stages.Optional, Doc: "Weights."}},
				Outputs: []stages.Output{model, summary}}, nothing[trainSettings]),
			stages.Define(stages.Kind{Name: "probe", Version: 1, Doc: "P.", Inputs: []stages.Input{modelIn}, Outputs: []stages.Output{decoded}}, nothing[probeSettings]),
			stages.Define(stages.Kind{Name: "method", Version: 1, Doc: "M.", Outputs: []stages.Output{{Name: "summary", Doc: "S.",
				Fields: []frame.Field{{Name: "method", Type: frame.String}, {Name: "selection", Type: frame.String}, {Name: "note", Type: frame.String}, {Name: "accuracy", Type: frame.Float64}},
				Values: func(s any) map[string][]string {
					return map[string][]string{"method": {s.(*methodSettings).Method}, "selection": {"last", "best"}}
				}}}}, nothing[methodSettings]),
			stages.Define(stages.Kind{Name: "keep", Version: 1, Doc: "P.",
				Inputs: []stages.Input{{Name: "tables", Type: stages.AnyType, Cardinality: stages.List, Axes: true, Doc: "The tables."}},
				Outputs: []stages.Output{{Name: "table", Doc: "T.", Others: "columns and results", OthersOf: func(s any) stages.Others {
					p := s.(*keepSettings)
					return stages.Others{Axes: []string{"tables"}, Names: append(keysOf(p.Results), p.Columns...), Kept: map[string][]string{"tables": p.Columns}}
				}}}}, nothing[keepSettings]),
			stages.Define(stages.Kind{Name: "retrain", Version: 1, Doc: "R.", Inputs: []stages.Input{data, modelIn}, Outputs: []stages.Output{model, summary}}, nothing[empty]),
			stages.Define(stages.Kind{Name: "table", Version: 1, Doc: "U.",
				Inputs:  []stages.Input{{Name: "tables", Type: stages.AnyType, Cardinality: stages.List, Axes: true, Doc: "The tables."}},
				Outputs: []stages.Output{{Name: "table", Doc: "T."}}}, nothing[tableSettings]),
			stages.Define(stages.Kind{Name: "figure", Version: 1, Doc: "F.",
				Inputs:  []stages.Input{{Name: "tables", Type: stages.AnyType, Cardinality: stages.List, Axes: true, Doc: "The tables."}},
				Outputs: []stages.Output{{Name: "svg", Extension: ".svg", Doc: "S."}, {Name: "pdf", Extension: ".pdf", Doc: "P."}}}, nothing[empty]),
			stages.Define(stages.Kind{Name: "exec", Version: 1, Doc: "E.",
				Inputs: []stages.Input{
					{Name: "inputs", Type: stages.OutputType, Cardinality: stages.Map, Doc: "Outputs."},
					{Name: "files", Type: stages.FileType, Cardinality: stages.List, Doc: "Files."},
					{Name: "script", Type: stages.FileType, Cardinality: stages.Optional, Doc: "A script."},
					{Name: "report", Type: stages.OutputType, Cardinality: stages.Optional, Doc: "Any output."},
					{Name: "inherit", Type: stages.EnvironmentType, Cardinality: stages.List, Doc: "Variables."},
				},
				Outputs: []stages.Output{{Name: "log", Extension: ".txt", Internal: true, Doc: "Log."}},
				Former:  map[string]string{"stdout": "What it prints is a log. Write it into a file."},
				DynamicOutputs: func(s any) []stages.Output {
					var outs []stages.Output
					for _, name := range keysOf(s.(*commandSettings).Outputs) {
						outs = append(outs, stages.Output{Name: name, Doc: "O."})
					}
					return outs
				}}, nothing[commandSettings]),
		},
		Tests: []*stages.Kind{
			stages.Define(stages.Kind{Name: "trend", Version: 1, Doc: "T.",
				Inputs:  []stages.Input{{Name: "table", Type: stages.AnyType, Cardinality: stages.List, Axes: true, Doc: "The table."}},
				Outputs: []stages.Output{verdict}}, nothing[trendSettings]),
			stages.Define(stages.Kind{Name: "compare", Version: 1, Doc: "C.",
				Inputs:  []stages.Input{{Name: "table", Type: stages.AnyType, Cardinality: stages.List, Axes: true, Doc: "The table."}},
				Outputs: []stages.Output{verdict}}, nothing[compareSettings]),
			stages.Define(stages.Kind{Name: "exists", Version: 1, Doc: "X.",
				Inputs:  []stages.Input{{Name: "table", Type: stages.AnyType, Doc: "The table."}},
				Outputs: []stages.Output{verdict}}, nothing[empty]),
		},
	}
}

// load loads text as a file of its own project.
func load(t testing.TB, text string, o Options) (*Spec, Diagnostics) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "main.hcl")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if o.Kinds == nil {
		o.Kinds = registry()
	}
	if o.Root == "" {
		o.Root = dir
	}
	return Load(file, o)
}

// mustLoad loads text that is right.
func mustLoad(t testing.TB, text string) *Spec {
	t.Helper()
	s, diags := load(t, text, Options{})
	if diags.HasErrors() {
		for _, d := range diags {
			t.Error("\n" + d.Text(0, false))
		}
		t.FailNow()
	}
	return s
}

// stageOf finds a stage by its id.
func stageOf(t testing.TB, s *Spec, id string) *Stage {
	t.Helper()
	for _, st := range s.Stages {
		if st.ID() == id {
			return st
		}
	}
	t.Fatalf("there is no stage %s", id)
	return nil
}

// minimal settings of the kinds, to be completed.
const (
	generateBody = "dimensions = 50\ncore = parity(4)\nspurious = parity(2)\n"
	trainBody    = "steps = 10\noptimizer \"sgd\" { rate = 0.1 }\n"
)
