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

// parted gives a kind with two parts, each with a version.
func parted() *stages.Kind {
	return stages.Define(stages.Kind{
		Name: "fake", Version: 7, Doc: "Does nothing of use.",
		Parts:   []stages.Part{{Setting: "core.type", Name: "parity", Version: 3}, {Setting: "core.type", Name: "table", Version: 1}},
		Outputs: []stages.Output{{Name: "out", Doc: "a table", Fields: fields}, {Name: "file", Doc: "a file", Extension: ".txt"}},
	}, good)
}

// TestPartsAreTried: a part without a case is named, with what to add.
func TestPartsAreTried(t *testing.T) {
	k := parted()
	wrong := Untried(k, Case{Settings: minimal})
	if len(wrong) != 1 || wrong[0] != `no case uses the core table of kind fake: add one to the cases that its tests share, with core.type = "table"` {
		t.Errorf("%q", wrong)
	}
	if wrong := Untried(k, Case{Settings: minimal}, Case{Settings: `{"core": {"type": "table", "table": "01"}}`}); wrong != nil {
		t.Errorf("%q", wrong)
	}
}

// TestChangedBytesNameTheVersion that must be raised: the part's if the case uses one.
func TestChangedBytesNameTheVersion(t *testing.T) {
	got := map[string]string{"out": "new"}
	for says, k := range map[string]*stages.Kind{
		"bytes changed: raise Version of kind fake (now 1), then keep the new digest of out\n":                                                                 kind(good),
		"bytes changed: raise the Version of core parity (now 3); if every core changed, that of kind fake (now 7) instead, then keep the new digest of out\n": parted(),
	} {
		wrong := compare(k, Case{Settings: minimal}, got, map[string]string{"out": "old"})
		if len(wrong) != 1 || !strings.HasPrefix(wrong[0], says) {
			t.Errorf("%q, want %q", wrong, says)
		}
	}
	if wrong := compare(parted(), Case{Settings: minimal}, got, got); wrong != nil {
		t.Errorf("equal digests: %q", wrong)
	}
	wrong := compare(parted(), Case{Settings: minimal}, got, nil)
	if len(wrong) != 1 || !strings.Contains(wrong[0], `keep its first ones:`+"\n"+`map[string]string{"out": "new"}`) {
		t.Errorf("%q", wrong)
	}
}

// TestProgressIsReported in some case, or not at all for a reason.
func TestProgressIsReported(t *testing.T) {
	silent := func(ctx context.Context, s *settings, r *stages.Run) error {
		return errors.Join(ctx.Err(), r.Write("out", table(1)), r.WriteFile("file", nil))
	}
	brief := func(k *stages.Kind) *stages.Kind { k.Brief = "one pass"; return k }
	for _, c := range []struct {
		kind *stages.Kind
		says string
	}{
		{kind(good), ""}, {brief(kind(silent)), ""},
		{kind(silent), "kind fake reports no progress: call r.Progress(done, total)"},
		{brief(kind(good)), "kind fake reports progress, but says that it does not"},
	} {
		f := &failures{}
		conformProgress(f, c.kind, conform(f, c.kind, Case{Settings: minimal}))
		if got := strings.Join(f.list, "\n"); (c.says == "") != (got == "") || !strings.Contains(got, c.says) {
			t.Errorf("%q, want %q", got, c.says)
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
		"framing":  func(t *frame.Table) { t.Columns[1].Strings = frame.TextsOf([]string{"a", "bc"}) },
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

// TestDecodedInputs: a run that changes what other runs are given too is found out, also through memory that the value
// shares with the table.
func TestDecodedInputs(t *testing.T) {
	decoder := &stages.Decoder{Name: "numbers", Decode: func(t *frame.Table) (any, int64, error) { return t.Column("x").Float64s, 8, nil }}
	run := func(change bool) error {
		_, err := Try(t.Context(), kind(func(_ context.Context, _ *settings, r *stages.Run) error {
			for range 2 {
				v, err := r.Decoded("in", decoder)
				if err != nil {
					return err
				}
				if change {
					v.([]float64)[0]++
				}
			}
			return errors.Join(r.Write("out", table(1)), r.WriteFile("file", nil))
		}), minimal, Inputs{"in": Tables(table(1, 2))})
		return err
	}
	if err := run(false); err != nil {
		t.Error(err)
	}
	if err := run(true); err == nil || !strings.Contains(err.Error(), `input "in": the run changed what was decoded of it (numbers)`) {
		t.Errorf("%v", err)
	}
}
