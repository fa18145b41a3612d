package stagetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

type settings struct {
	N      int               `name:"n" default:"3" min:"1" doc:"rows"`
	Rate   float64           `name:"rate" default:"0.5" doc:"rate"`
	Name   *string           `name:"name" doc:"optional"`
	Mode   string            `name:"mode" oneof:"a,b" default:"a" doc:"mode"`
	Seed   int64             `name:"seed" default:"each.seed" doc:"seed"`
	Core   function          `name:"core" call:"true" doc:"function"`
	Inner  inner             `name:"inner" doc:"block"`
	Extra  *inner            `name:"extra" doc:"optional block"`
	Parts  map[string]inner  `name:"parts" doc:"blocks"`
	Labels map[string]string `name:"labels" doc:"map"`
	List   []int             `name:"list" min:"0" doc:"list"`
}

type function struct {
	Type   string `name:"type" label:"parity,table" doc:"which"`
	Degree int    `name:"degree" for:"parity" doc:"degree"`
	Table  string `name:"table" for:"table" doc:"table"`
}

type inner struct {
	X float64 `name:"x" default:"2" doc:"x"`
}

func (s *settings) Check() []stages.Problem {
	if s.N == 13 {
		return []stages.Problem{{Path: "n", Summary: "Unlucky", Detail: "Thirteen."}}
	}
	return nil
}

var fields = []frame.Field{{Name: "x", Type: frame.Float64, Unit: "1", Doc: "a number"}}

func kind(run func(context.Context, *settings, *stages.Run) error) *stages.Kind {
	return stages.Define(stages.Kind{
		Name: "fake", Version: 1, Doc: "Does nothing of use.",
		Inputs:  []stages.Input{{Name: "in", Doc: "a table", Type: stages.AnyType, Cardinality: stages.Optional}},
		Outputs: []stages.Output{{Name: "out", Doc: "a table", Fields: fields}, {Name: "file", Doc: "a file", Extension: ".txt"}},
	}, run)
}

func table(xs ...float64) *frame.Table {
	return &frame.Table{Columns: []frame.Column{frame.Float64s(fields[0], xs)}}
}

// good is a kind that keeps every promise.
func good(ctx context.Context, s *settings, r *stages.Run) error {
	for i := range 4 {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.Progress(int64(i+1), 4)
	}
	if err := r.Write("out", table(s.Rate, float64(s.N))); err != nil {
		return err
	}
	return r.WriteFile("file", []byte("text"))
}

const minimal = `{"core": {"type": "parity", "degree": 4}}`

func TestSettings(t *testing.T) {
	k := kind(good)
	v, err := Settings(k, `{"n": 5, "core": {"type": "table", "table": "01"}, "extra": {}, "parts": {"b": {"x": 1}, "a": {}},
		"labels": {"k": "v"}, "list": [1, 2], "name": "z"}`)
	if err != nil {
		t.Fatal(err)
	}
	s := v.(*settings)
	if s.N != 5 || s.Rate != 0.5 || *s.Name != "z" || s.Core != (function{"table", 0, "01"}) || s.Inner.X != 2 || s.Extra.X != 2 ||
		s.Parts["a"].X != 2 || s.Parts["b"].X != 1 || s.Labels["k"] != "v" || !slices.Equal(s.List, []int{1, 2}) || s.Mode != "a" {
		t.Errorf("%+v", s)
	}
	if v, err := Settings(k, minimal); err != nil || v.(*settings).Extra != nil || v.(*settings).Name != nil {
		t.Errorf("%+v, %v", v, err)
	}
	for text, says := range map[string]string{
		`{`:  "unexpected",
		`{}`: "setting core is required",
		`{"m": 1, "core": {"type": "parity", "degree": 4}}`:            `no setting "m"`,
		`{"n": 0, "core": {"type": "parity", "degree": 4}}`:            "setting n must be at least 1",
		`{"n": 1.5, "core": {"type": "parity", "degree": 4}}`:          "setting n",
		`{"n": 13, "core": {"type": "parity", "degree": 4}}`:           "n: Unlucky: Thirteen.",
		`{"mode": "c", "core": {"type": "parity", "degree": 4}}`:       "not one of [a b]",
		`{"list": [1, -1], "core": {"type": "parity", "degree": 4}}`:   "setting list must be at least 0",
		`{"core": {"type": "parity", "degree": 4, "table": "1"}}`:      "core.table does not apply",
		`{"core": {"type": "parity"}}`:                                 "core.degree is required",
		`{"core": {"type": "xor"}}`:                                    "not one of",
		`{"inner": {"y": 1}, "core": {"type": "parity", "degree": 4}}`: `no setting "inner.y"`,
	} {
		if _, err := Settings(k, text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

func TestTryRefusesWhatAnEngineWould(t *testing.T) {
	in := Inputs{"in": Tables(table(1), table(2))}
	if _, err := Try(t.Context(), kind(good), minimal, in); err == nil {
		t.Errorf("two tables for one input")
	}
	if _, err := Try(t.Context(), kind(good), minimal, Inputs{"other": nil}); err == nil {
		t.Errorf("an input that is not there")
	}
	if out, err := Try(t.Context(), kind(good), minimal, nil); err != nil || len(out.Progress) != 4 || string(out.Files["file"]) != "text" {
		t.Errorf("%+v, %v", out, err)
	}
	for says, run := range map[string]func(r *stages.Run){
		`"out" was not written`:    func(r *stages.Run) { r.WriteFile("file", nil) },
		`"file" was not written`:   func(r *stages.Run) { r.Write("out", table()) },
		`"out" was written twice`:  func(r *stages.Run) { r.Write("out", table()); r.Write("out", table()) },
		`"other" is not declared`:  func(r *stages.Run) { r.Write("other", table()) },
		`"file" is a file`:         func(r *stages.Run) { r.Write("file", table()) },
		`"out" is a table`:         func(r *stages.Run) { r.WriteFile("out", nil) },
		`column x is missing`:      func(r *stages.Run) { r.Write("out", &frame.Table{}) },
		`progress 1 of 4 after`:    func(r *stages.Run) { r.Progress(2, 4); r.Progress(1, 4) },
		`progress 5 of 4 after []`: func(r *stages.Run) { r.Progress(5, 4) },
	} {
		_, err := Try(t.Context(), kind(func(_ context.Context, _ *settings, r *stages.Run) error { run(r); return nil }), minimal, nil)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q, got %v", says, err)
		}
	}
}

// failures gathers what Conform would report.
type failures struct {
	mu   sync.Mutex
	list []string
}

func (f *failures) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

func (f *failures) Context() context.Context { return context.Background() }

// TestConformCatches runs kinds that break one promise each.
func TestConformCatches(t *testing.T) {
	var calls atomic.Int64
	for says, run := range map[string]func(ctx context.Context, s *settings, r *stages.Run) error{
		"": good,
		"output out has other bytes when two run at once": func(ctx context.Context, s *settings, r *stages.Run) error {
			s.Rate = float64(calls.Add(1))
			return good(ctx, s, r)
		},
		"output out has other bytes with GOMAXPROCS=": func(ctx context.Context, s *settings, r *stages.Run) error {
			s.N = runtime.GOMAXPROCS(0)
			return good(ctx, s, r)
		},
		"cancelled before": func(_ context.Context, s *settings, r *stages.Run) error {
			return good(context.Background(), s, r)
		},
		"cancelled in its midst, the run went on to the end": func(ctx context.Context, s *settings, r *stages.Run) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return good(context.Background(), s, r)
		},
		"changed its inputs": func(ctx context.Context, s *settings, r *stages.Run) error {
			in, err := r.Table("in")
			if err != nil {
				return err
			}
			in.Columns[0].Float64s[0]++
			return good(ctx, s, r)
		},
	} {
		f := &failures{}
		conform(f, kind(run), Case{Settings: minimal, Inputs: Inputs{"in": Tables(table(1, 2))}})
		if says == "" && len(f.list) > 0 || says != "" && !strings.Contains(strings.Join(f.list, "\n"), says) {
			t.Errorf("want %q, got %q", says, f.list)
		}
	}
}

func TestUndocumented(t *testing.T) {
	if wrong := Undocumented(kind(good)); wrong != nil {
		t.Errorf("%v", wrong)
	}
	bad := stages.Define(stages.Kind{
		Name: "bad", Version: 1, Doc: "no sentence",
		Inputs:  []stages.Input{{Name: "in"}},
		Outputs: []stages.Output{{Name: "out", Fields: []frame.Field{{Name: "x", Type: frame.Float64}}}},
	}, good)
	if wrong := Undocumented(bad); len(wrong) != 5 {
		t.Errorf("%q", wrong)
	}
}

func TestDigest(t *testing.T) {
	base := func() *frame.Table {
		return &frame.Table{Meta: map[string]string{"a": "b", "c": "d"}, Columns: []frame.Column{
			frame.Float64s(frame.Field{Name: "x", Nullable: true}, []float64{1, 0}).WithValid([]bool{true, false}),
			frame.Strings(frame.Field{Name: "s"}, []string{"ab", "c"}),
			frame.Int8Lists(frame.Field{Name: "l"}, []int8{1, 2, 3}, []int32{0, 1, 3}),
		}}
	}
	want := Digest(base())
	for name, change := range map[string]func(*frame.Table){
		"value":    func(t *frame.Table) { t.Columns[0].Float64s[0] = 1.0000000000000002 },
		"null":     func(t *frame.Table) { t.Columns[0].Valid[1] = true },
		"framing":  func(t *frame.Table) { t.Columns[1].Strings[0], t.Columns[1].Strings[1] = "a", "bc" },
		"list":     func(t *frame.Table) { t.Columns[2].Offsets[1] = 2 },
		"name":     func(t *frame.Table) { t.Columns[1].Name = "t" },
		"unit":     func(t *frame.Table) { t.Columns[0].Unit = "1" },
		"mark":     func(t *frame.Table) { t.Columns[0].Mark = frame.MarkGroup },
		"metadata": func(t *frame.Table) { t.Meta["a"] = "c" },
	} {
		changed := base()
		change(changed)
		if Digest(changed) == want {
			t.Errorf("a changed %s does not change the digest", name)
		}
	}
	reworded := base()
	reworded.Columns[0].Doc = "other words"
	if Digest(reworded) != want {
		t.Errorf("a reworded doc changes the digest")
	}
}

// marked is a table with a column that a kind must declare.
func marked(mark frame.Mark) *frame.Table {
	t := table(1, 2)
	t.Columns[0].Mark = mark
	return t
}

// TestMarks: Try hands a marked column to a kind that declares its mark alone, and Conform finds a
// kind that goes on without what it was refused.
func TestMarks(t *testing.T) {
	read := func(pass func(error) error) *stages.Kind {
		k := kind(func(ctx context.Context, s *settings, r *stages.Run) error {
			if _, err := r.Table("in"); pass(err) != nil {
				return err
			}
			return good(ctx, s, r)
		})
		k.Labels = []stages.LabelUse{{Mark: frame.MarkGroup, Purpose: "evaluation"}}
		return k
	}
	honest := read(func(err error) error { return err })
	deaf := read(func(error) error { return nil })
	for mark, refused := range map[frame.Mark]bool{"": false, "group": false, "split": true, "group,split": true} {
		_, err := Try(t.Context(), honest, minimal, Inputs{"in": Tables(marked(mark))})
		var e *stages.MarkError
		if errors.As(err, &e) != refused || (err != nil) != refused {
			t.Errorf("marked %q: %v", mark, err)
		}
		if refused && (e.Kind != "fake" || e.Column != "x" || e.Mark != "split" || !strings.Contains(err.Error(), `input "in"`)) {
			t.Errorf("marked %q: the error is %+v: %v", mark, e, err)
		}
	}
	c := Case{Settings: minimal, Inputs: Inputs{"in": Tables(table(1))}}
	complaints := func(k *stages.Kind) string {
		f := &failures{}
		conform(f, k, c)
		return strings.Join(f.list, "\n")
	}
	if got := complaints(honest); got != "" {
		t.Errorf("an honest kind: %s", got)
	}
	if got := complaints(deaf); !strings.Contains(got, "marked split, which is not declared") || strings.Contains(got, "marked group") {
		t.Errorf("a kind that passes over a refusal: %q", got)
	}
	deaf.Labels = []stages.LabelUse{{Mark: "colour", Purpose: "evaluation"}, {Mark: frame.MarkGroup, Purpose: "fun"}}
	if wrong := Undocumented(deaf); len(wrong) != 2 {
		t.Errorf("odd labels: %q", wrong)
	}
}

// TestKeepsMark: it finds what depends on a column and is not marked, and a case that shows nothing.
func TestKeepsMark(t *testing.T) {
	copies := func(mark bool, use string) *stages.Kind {
		return stages.Define(stages.Kind{
			Name: "copies", Version: 1, Doc: "Copies.",
			Inputs:  []stages.Input{{Name: "in", Doc: "a table", Type: stages.AnyType}},
			Outputs: []stages.Output{{Name: "out", Doc: "a table"}},
			Labels:  []stages.LabelUse{{Mark: frame.MarkGroup, Purpose: "evaluation"}},
		}, func(_ context.Context, _ *struct{}, r *stages.Run) error {
			in, err := r.Table("in")
			if err != nil {
				return err
			}
			c := *in.Column(use)
			c.Name = "copy"
			if !mark {
				c.Mark = ""
			}
			return r.Write("out", &frame.Table{Columns: []frame.Column{c}})
		})
	}
	in := &frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "x"}, []int64{1, 2, 3}), frame.Int64s(frame.Field{Name: "y"}, []int64{4, 4, 5}),
	}}
	c := Case{Settings: `{}`, Inputs: Inputs{"in": Tables(in)}}
	for _, test := range []struct {
		kind       *stages.Kind
		had, wrong string
	}{
		{copies(true, "x"), "out.copy", ""},
		{copies(false, "x"), "", "the output column out.copy depends on it, and is not marked"},
		{copies(true, "y"), "", "nothing depends on it"},
	} {
		had, wrong := keepsMark(&failures{}, test.kind, c, "in", "x")
		if strings.Join(had, " ") != test.had || strings.Join(wrong, "; ") != test.wrong {
			t.Errorf("marked are %q, wrong is %q; want %q, %q", had, wrong, test.had, test.wrong)
		}
	}
	if in.Columns[0].Mark != "" || in.Columns[0].Int64s[0] != 1 {
		t.Error("the input was changed")
	}
}

// TestColumnsOfOutputs: Try and Conform hold a table against what an output tells of its columns.
func TestColumnsOfOutputs(t *testing.T) {
	fixed := []frame.Field{{Name: "x", Type: frame.Float64, Unit: stages.OwnUnit, Doc: "a number"}, {Name: "n", Type: frame.Int64, Doc: "a count"}}
	named := func(names ...string) func(any) stages.Others {
		return func(any) stages.Others {
			return stages.Others{Names: names, Axes: []string{"in"}, From: []string{"in"}}
		}
	}
	x := frame.Float64s(frame.Field{Name: "x", Unit: "nats", Mark: frame.MarkGroup}, []float64{1})
	n := frame.Int64s(frame.Field{Name: "n"}, []int64{1})
	other := frame.Int64s(frame.Field{Name: "other"}, []int64{1})
	in, axis := frame.Int64s(frame.Field{Name: "own"}, []int64{1}), frame.Int64s(frame.Field{Name: "seed"}, []int64{1})
	given := Tables(&frame.Table{Columns: []frame.Column{in}})
	given[0].Axes = []stages.Axis{{Name: "seed", Value: int64(1)}}
	for _, c := range []struct {
		name    string
		output  stages.Output
		columns []frame.Column
		says    string
	}{
		{"all there, wherever", stages.Output{Fields: fixed, Others: "others"}, []frame.Column{other, x, in, n}, ""},
		{"one missing", stages.Output{Fields: fixed, Others: "others"}, []frame.Column{other, x}, "column n is missing"},
		{"another order", stages.Output{Fields: fixed, Others: "others"}, []frame.Column{n, x}, "column n stands where x is declared"},
		{"another type", stages.Output{Fields: fixed, Others: "others"}, []frame.Column{x, frame.Float64s(frame.Field{Name: "n"}, []float64{1})}, "column n holds float64, not int64"},
		{"no others", stages.Output{Fields: fixed}, []frame.Column{x, n, other}, "column other is not declared"},
		{"a mark beyond the fields'", stages.Output{Fields: fixed}, []frame.Column{x, n}, `column x has the mark "group"`},
		{"foretold", stages.Output{Fields: fixed, Others: "others", OthersOf: named("other")}, []frame.Column{axis, in, x, n, other}, ""},
		{"not foretold", stages.Output{Fields: fixed, Others: "others", OthersOf: named()}, []frame.Column{axis, in, x, n, other}, "does not tell of the column other"},
		{"foretold, and not there", stages.Output{Fields: fixed, Others: "others", OthersOf: named("other")}, []frame.Column{in, x, n, other}, "tells of a column seed"},
	} {
		c.output.Name = "out"
		k := stages.Define(stages.Kind{
			Name: "columns", Version: 1, Doc: "Writes columns.", Outputs: []stages.Output{c.output},
			Inputs: []stages.Input{{Name: "in", Doc: "a table", Type: stages.AnyType, Cardinality: stages.List, Axes: true}},
		}, func(_ context.Context, _ *struct{}, r *stages.Run) error {
			return r.Write("out", &frame.Table{Columns: c.columns})
		})
		_, err := Try(t.Context(), k, `{}`, Inputs{"in": given})
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
	if wrong := Undocumented(stages.Define(stages.Kind{Name: "bare", Version: 1, Doc: "Writes. It says nothing.",
		Outputs: []stages.Output{{Name: "out", Doc: "a table"}}}, good)); len(wrong) != 1 || !strings.Contains(wrong[0], "Fields or Others") {
		t.Errorf("an output that tells nothing of its columns: %q", wrong)
	}
}

// TestUnforeseen: a kind says that only a run knows the columns of some output that settings declare.
func TestUnforeseen(t *testing.T) {
	dynamic := func(says bool) *stages.Kind {
		return stages.Define(stages.Kind{
			Name: "dynamic", Version: 1, Doc: "Writes what is asked for.", Unforeseen: says,
			DynamicOutputs: func(any) []stages.Output { return []stages.Output{{Name: "out", Doc: "a table"}} },
		}, func(ctx context.Context, _ *struct{}, r *stages.Run) error {
			return errors.Join(ctx.Err(), r.Write("out", table(1)))
		})
	}
	for says, want := range map[bool]int{true: 0, false: 1} {
		f := &failures{}
		conform(f, dynamic(says), Case{Settings: `{}`})
		if len(f.list) != want {
			t.Errorf("says so: %v; complaints %q", says, f.list)
		}
	}
}
