package stages_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"spurion/stages"
)

type optimizer struct {
	Type     string  `name:"type" label:"sgd,adam" doc:"The algorithm."`
	Rate     float64 `name:"rate" for:"all" above:"0" max:"10" default:"0.1" unit:"per step" doc:"Learning rate."`
	Momentum float64 `name:"momentum" for:"sgd" min:"0" below:"1" default:"0" doc:"Momentum."`
	Beta     float64 `name:"beta" for:"adam" default:"0.9" doc:"Decay."`
}

type function struct {
	Type   string     `name:"type" label:"parity,not" doc:"The function."`
	Degree int        `name:"degree" for:"parity" min:"1" doc:"Degree."`
	Of     []function `name:"of" for:"not" call:"true" doc:"What is negated."`
}

type port struct {
	Path string `name:"path" doc:"Where."`
}

type settings struct {
	Seed      int64             `name:"seed" default:"each.seed" doc:"Seed."`
	Steps     int               `name:"steps" min:"1" unit:"steps" doc:"How many."`
	Hidden    []int             `name:"hidden" default:"[100]" min:"1" doc:"Widths."`
	Loss      string            `name:"loss" default:"logistic" oneof:"logistic,hinge" doc:"Loss."`
	Limit     *float64          `name:"limit" doc:"An optional limit."`
	Env       map[string]string `name:"env" doc:"Variables."`
	Optimizer optimizer         `name:"optimizer" doc:"How to step."`
	Second    *optimizer        `name:"second" doc:"Another one."`
	Core      function          `name:"core" call:"true" doc:"The core function."`
	Outputs   map[string]port   `name:"output" doc:"Declared outputs."`
}

func TestSchema(t *testing.T) {
	s, err := stages.SchemaOf[settings]()
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]stages.ValueType{
		"seed": stages.IntValue, "hidden": stages.ListValue, "limit": stages.FloatValue, "env": stages.MapValue,
		"optimizer": stages.Block, "second": stages.Block, "core": stages.Call, "output": stages.Blocks,
	}
	for name, want := range types {
		if a := s.Attribute(name); a == nil || a.Type != want {
			t.Errorf("%s: %+v, want type %d", name, a, want)
		}
	}
	required := map[string]bool{"steps": true}
	for _, a := range s.Attributes {
		simple := a.Type != stages.Call
		if simple && a.Required != required[a.Name] {
			t.Errorf("%s: required is %v", a.Name, a.Required)
		}
	}
	if a := s.Attribute("seed"); a.DefaultAxis != "seed" || string(a.Default) != "0" {
		t.Errorf("seed: axis %q, default %s", a.DefaultAxis, a.Default)
	}
	nested := s.Attribute("optimizer").Nested
	if nested.Label == nil || nested.Label.Name != "type" || !reflect.DeepEqual(nested.Label.OneOf, []string{"sgd", "adam"}) {
		t.Errorf("the optimizer's label is %+v", nested.Label)
	}
	if a := nested.Attribute("beta"); a.Applies("sgd") || !a.Applies("adam") || !nested.Attribute("rate").Applies("sgd") {
		t.Error("for: tags are not honoured")
	}
	if got := s.Unit("optimizer.rate") + s.Unit("steps") + s.Unit("nothing.here") + s.Unit("output.x.path"); got != "per stepsteps" {
		t.Errorf("units %q", got)
	}
	if a := s.Attribute("core").Nested; a.Attribute("of").Elem.Nested != a {
		t.Error("a recursive function has another schema inside")
	}
}

func TestBounds(t *testing.T) {
	s, err := stages.SchemaOf[settings]()
	if err != nil {
		t.Fatal(err)
	}
	rate := s.Attribute("optimizer").Nested.Attribute("rate")
	momentum := s.Attribute("optimizer").Nested.Attribute("momentum")
	tests := []struct {
		a    *stages.Attribute
		x    float64
		want string
	}{
		{rate, 0, "must be above 0 and at most 10, but is 0"},
		{rate, 10, ""},
		{rate, 10.5, "must be above 0 and at most 10, but is 10.5"},
		{momentum, 0, ""},
		{momentum, 1, "must be at least 0 and below 1, but is 1"},
		{momentum, math.NaN(), "must be at least 0 and below 1, but is NaN"},
		{s.Attribute("hidden").Elem, 0, "must be at least 1, but is 0"},
		{s.Attribute("seed"), -1e18, ""},
	}
	for _, tt := range tests {
		if got := tt.a.CheckNumber(tt.x); got != tt.want {
			t.Errorf("%s = %v: %q, want %q", tt.a.Name, tt.x, got, tt.want)
		}
	}
}

func TestMalformedTags(t *testing.T) {
	type noDoc struct {
		A int `name:"a"`
	}
	type badDefault struct {
		A int `name:"a" default:"x" doc:"."`
	}
	type badBound struct {
		A int `name:"a" min:"x" doc:"."`
	}
	type badType struct {
		A chan int `name:"a" doc:"."`
	}
	type badKey struct {
		A map[int]string `name:"a" doc:"."`
	}
	type badColumn struct {
		A []int `name:"a" column:"tables" doc:"."`
	}
	type badOrder struct {
		A string `name:"a" column:"tables,ascending" doc:"."`
	}
	type badUnkeyed struct {
		A int `name:"a" unkeyed:"yes" doc:"."`
	}
	type badSecret struct {
		A int `name:"a" secret:"" doc:"."`
	}
	type badUnkeyedPart struct {
		A struct {
			B int `name:"b" unkeyed:"true" doc:"."`
		} `name:"a" doc:"."`
	}
	check := func(name string, err error, want string) {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	_, err := stages.SchemaOf[noDoc]()
	check("noDoc", err, "has no doc")
	_, err = stages.SchemaOf[badDefault]()
	check("badDefault", err, "default x")
	_, err = stages.SchemaOf[badBound]()
	check("badBound", err, "tag min")
	_, err = stages.SchemaOf[badType]()
	check("badType", err, "cannot be a setting")
	_, err = stages.SchemaOf[badKey]()
	check("badKey", err, "keys must be strings")
	_, err = stages.SchemaOf[badColumn]()
	check("badColumn", err, "names columns")
	_, err = stages.SchemaOf[badOrder]()
	check("badOrder", err, "tables,ascending")
	_, err = stages.SchemaOf[badUnkeyed]()
	check("badUnkeyed", err, `it is "true"`)
	_, err = stages.SchemaOf[badSecret]()
	check("badSecret", err, `it is "true"`)
	_, err = stages.SchemaOf[badUnkeyedPart]()
	check("badUnkeyedPart", err, "not a part of one")
	_, err = stages.SchemaOf[int]()
	check("int", err, "must be a struct")
}

// What is about the doing stays out of the key, with all that is in it; the rest is in it.
func TestKeyed(t *testing.T) {
	type again struct {
		Times int `name:"times" doc:"."`
	}
	type some struct {
		Rate  float64 `name:"rate" doc:"."`
		Limit float64 `name:"limit" unkeyed:"true" doc:"."`
		Again *again  `name:"again" unkeyed:"true" doc:"."`
	}
	s, err := stages.SchemaOf[some]()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"rate": true, "limit": false, "again.times": false, "limits": true} {
		if s.Keyed(path) != want {
			t.Errorf("%s is in the key: %v", path, !want)
		}
	}
}

func TestDecode(t *testing.T) {
	s, err := stages.SchemaOf[settings]()
	if err != nil {
		t.Fatal(err)
	}
	in := stages.NewSettings([]stages.Setting{
		{"steps", "20"}, {"seed", "9007199254740993"}, {"hidden", "[3,4]"}, {"loss", `"hinge"`},
		{"env", `{"A":"b c"}`}, {"optimizer.type", `"sgd"`}, {"optimizer.rate", "0.05"},
		{"core.type", `"not"`}, {"core.of", `[{"type":"parity","degree":3}]`},
		{"output.x.path", `"x.parquet"`}, {"output.y2.path", `"y.parquet"`},
	})
	got, err := s.Decode(in)
	if err != nil {
		t.Fatal(err)
	}
	want := &settings{
		Seed: 9007199254740993, Steps: 20, Hidden: []int{3, 4}, Loss: "hinge", Env: map[string]string{"A": "b c"},
		Optimizer: optimizer{Type: "sgd", Rate: 0.05},
		Core:      function{Type: "not", Of: []function{{Type: "parity", Degree: 3}}},
		Outputs:   map[string]port{"x": {Path: "x.parquet"}, "y2": {Path: "y.parquet"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %+v\nwant %+v", got, want)
	}
	for _, bad := range [][]stages.Setting{
		{{"stepz", "1"}}, {{"optimizer.beat", "1"}}, {{"steps", `"1"`}}, {{"steps", "1.5"}}, {{"core.of", "1"}},
	} {
		if _, err := s.Decode(stages.NewSettings(bad)); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}

func TestCanonical(t *testing.T) {
	got, err := stages.Canonical(map[string]any{"b": []any{int64(1), 0.1, 1e-7, true, nil}, "a": "<&>\n\u2028"})
	if want := `{"a":"<&>\n\u2028","b":[1,0.1,1e-7,true,null]}`; err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if _, err := stages.Canonical(math.NaN()); err == nil {
		t.Error("NaN has a canonical form")
	}
}

func TestColumns(t *testing.T) {
	type picked struct {
		X     string            `name:"x" column:"tables" doc:"."`
		Keep  []string          `name:"keep" column:"tables" doc:"."`
		Where map[string]string `name:"where" column:"more" doc:"."`
		Sort  []string          `name:"sort" column:"tables,descending" doc:"."`
		Not   string            `name:"not" doc:"."`
	}
	s, err := stages.SchemaOf[picked]()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"x": "tables", "keep": "tables", "where": "more", "sort": "tables", "not": ""} {
		if a := s.Attribute(name); a.Column != want || a.Descending != (name == "sort") {
			t.Errorf("%s names columns of %q, descending %v", name, a.Column, a.Descending)
		}
	}
	defer func() {
		if text := fmt.Sprint(recover()); !strings.Contains(text, `"more"`) {
			t.Errorf("columns of no input: %s", text)
		}
	}()
	stages.Define(stages.Kind{Name: "x", Version: 1, Doc: ".", Inputs: []stages.Input{{Name: "tables"}}},
		func(context.Context, *picked, *stages.Run) error { return nil })
}

func TestFits(t *testing.T) {
	table, model, file := stages.Output{}, stages.Output{Type: "model"}, stages.Output{Extension: ".txt"}
	for _, c := range []struct {
		want string
		fits [3]bool
	}{
		{stages.AnyType, [3]bool{true, true, false}},
		{stages.OutputType, [3]bool{true, true, true}},
		{"model", [3]bool{false, true, false}},
		{stages.FileType, [3]bool{}},
		{stages.EnvironmentType, [3]bool{}},
	} {
		if got := [3]bool{stages.Fits(c.want, table), stages.Fits(c.want, model), stages.Fits(c.want, file)}; got != c.fits {
			t.Errorf("%s takes a table, a model, a file: %v, want %v", c.want, got, c.fits)
		}
	}
}

// A field beside a label must say for which labels it is, so that none enters the keys of all by mistake.
func TestFieldsBesideALabelSayForWhom(t *testing.T) {
	refused := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	_, err := stages.SchemaOf[struct {
		Method struct {
			Name  string  `name:"name" label:"erm,jtt" doc:"Which."`
			Gamma float64 `name:"gamma" default:"1" doc:"Forgets for."`
		} `name:"method" doc:"The method."`
	}]()
	refused(err, `Gamma: it would enter the key whatever name is: name the labels that it is for, as in for:"erm", or say for:"all"`)
	_, err = stages.SchemaOf[struct {
		Name  string  `name:"name" label:"erm,jtt" doc:"Which."`
		Gamma float64 `name:"gamma" for:"erm,jt" default:"1" doc:"Misspells a label."`
	}]()
	refused(err, `Gamma: tag for: "jt" is not among the labels erm, jtt`)
	_, err = stages.SchemaOf[struct {
		Gamma float64 `name:"gamma" for:"erm" default:"1" doc:"Has no label beside it."`
	}]()
	refused(err, "Gamma: tag for: no field of the struct is a label")
	_, err = stages.SchemaOf[struct {
		Name string `name:"name" label:"erm,jtt" for:"all" doc:"Which."`
	}]()
	refused(err, "Name: tag for: the label is there for all")
}

// Parts are the values of the settings that choose them, each with a version.
func TestDefineRefusesWrongParts(t *testing.T) {
	run := func(context.Context, *settings, *stages.Run) error { return nil }
	both := []stages.Part{{Setting: "optimizer.type", Name: "sgd", Version: 1}, {Setting: "optimizer.type", Name: "adam", Version: 2}}
	k := stages.Define(stages.Kind{Name: "x", Version: 1, Doc: ".", Parts: both}, run)
	in := stages.NewSettings([]stages.Setting{{Path: "optimizer.type", Value: `"adam"`}, {Path: "loss", Value: `"sgd"`}})
	if got := k.PartsOf(in); !reflect.DeepEqual(got, both[1:]) || got[0].Role() != "optimizer" {
		t.Errorf("parts %v", got)
	}
	for want, parts := range map[string][]stages.Part{
		`part "sgd" of optimizer.type needs a version`:               {{Setting: "optimizer.type", Name: "sgd"}},
		`part "lion": optimizer.type is no setting with this value`:  append([]stages.Part{{Setting: "optimizer.type", Name: "lion", Version: 1}}, both...),
		`part "sgd": optimizer.kind is no setting with this value`:   {{Setting: "optimizer.kind", Name: "sgd", Version: 1}},
		`part "sgd": steps.type is no setting with this value`:       {{Setting: "steps.type", Name: "sgd", Version: 1}},
		`part "sgd" of optimizer.type is listed twice`:               append(both[:1:1], both...),
		`optimizer.type may be "adam", which is not among its parts`: both[:1],
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("%s, want %q", got, want)
				}
			}()
			stages.Define(stages.Kind{Name: "x", Version: 1, Doc: ".", Parts: parts}, run)
		}()
	}
}

func TestDefineRefusesConflicts(t *testing.T) {
	run := func(context.Context, *settings, *stages.Run) error { return nil }
	for name, k := range map[string]stages.Kind{
		"no name": {Version: 1, Doc: "."},
		"no doc":  {Name: "x", Version: 1},
		"a clash": {Name: "x", Version: 1, Doc: ".", Inputs: []stages.Input{{Name: "steps"}}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is accepted", name)
				}
			}()
			stages.Define(k, run)
		}()
	}
}

func TestFormatFloat(t *testing.T) {
	for x, want := range map[float64]string{
		0.1: "0.1", 1: "1", 1e-5: "0.00001", 2.5e-7: "0.00000025", 1e20: "100000000000000000000", 1e300: "1e+300", -0.75: "-0.75",
	} {
		if got := stages.FormatFloat(x); got != want {
			t.Errorf("%g: %s, want %s", x, got, want)
		}
	}
}

func TestCompareAxes(t *testing.T) {
	axes := func(vs ...any) (list []stages.Axis) {
		for i, v := range vs {
			list = append(list, stages.Axis{Name: string(rune('a' + i)), Value: v})
		}
		return list
	}
	sorted := [][]stages.Axis{
		axes(), axes(int64(-1)), axes(0.5), axes(0.5, "x"), axes(int64(1)), axes(int64(10)), axes("1"), axes("a"), axes(false), axes(true),
	}
	for i := range sorted {
		for j := range sorted {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := stages.CompareAxes(sorted[i], sorted[j]); got != want {
				t.Errorf("%v against %v: %d, want %d", sorted[i], sorted[j], got, want)
			}
		}
	}
}

func TestAxisMatches(t *testing.T) {
	tests := []struct {
		value   any
		pattern string
		want    bool
	}{
		{0.9, "0.90", true}, {0.9, "0.*", true}, {0.9, "9", false}, {int64(3), "3.0", true}, {int64(3), "x", false},
		{"a*b", "a*b", true}, {"ab", "a?", true}, {"ab", "?", false}, {"1.0", "1", false}, {true, "t*", true}, {true, "1", false},
	}
	for _, tt := range tests {
		if got := (stages.Axis{Name: "x", Value: tt.value}).Matches(tt.pattern); got != tt.want {
			t.Errorf("%v matches %q: %v", tt.value, tt.pattern, got)
		}
	}
}
