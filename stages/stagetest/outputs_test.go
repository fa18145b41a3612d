package stagetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// TestColumnsOfOutputs: Try and Conform hold a table against what an output tells of its columns.
func TestColumnsOfOutputs(t *testing.T) {
	fixed := []frame.Field{{Name: "x", Type: frame.Float64, Unit: stages.OwnUnit, Doc: "a number"}, {Name: "n", Type: frame.Int64, Doc: "a count"}}
	named := func(names ...string) func(any) stages.Others {
		return func(any) stages.Others {
			return stages.Others{Names: names, Axes: []string{"in"}, From: []string{"in"}}
		}
	}
	keeping := func(names ...string) func(any) stages.Others {
		return func(any) stages.Others {
			return stages.Others{Names: names, Axes: []string{"in"}, Kept: map[string][]string{"in": names}}
		}
	}
	words, word := []frame.Field{{Name: "word", Type: frame.String, Doc: "a word"}}, frame.Strings(frame.Field{Name: "word"}, []string{"a"})
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
		{"of known values", stages.Output{Fields: words, Values: stages.AlwaysValues(map[string][]string{"word": {"a", "b"}})}, []frame.Column{word}, ""},
		{"of other values", stages.Output{Fields: words, Values: stages.AlwaysValues(map[string][]string{"word": {"b"}})}, []frame.Column{word}, `holds "a", but Values tells of ["b"]`},
		{"of values of nothing", stages.Output{Fields: words, Values: stages.AlwaysValues(map[string][]string{"verb": {"b"}})}, []frame.Column{word}, "a column verb, which is not there"},
		{"kept", stages.Output{Others: "others", OthersOf: keeping("own")}, []frame.Column{axis, in}, ""},
		{"not kept", stages.Output{Others: "others", OthersOf: keeping("own")}, []frame.Column{axis, frame.Int64s(frame.Field{Name: "own"}, []int64{2})}, `holds "2", but Kept tells of ["1"]`},
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
