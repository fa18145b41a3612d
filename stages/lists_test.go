package stages_test

import (
	"slices"
	"strings"
	"testing"

	"spurion/stages"
)

// lists are settings in which none is told from empty, and some that must hold something.
type lists struct {
	Names  *[]string         `name:"names" doc:"Nil if not given."`
	Where  *map[string]int   `name:"where" doc:"Nil if not given."`
	Calls  *[]function       `name:"calls" call:"true" doc:"Nil if not given."`
	Plain  []string          `name:"plain" doc:"Empty if not given."`
	Needed []int             `name:"needed" required:"true" min:"1" doc:"At least one."`
	Chosen []string          `name:"chosen" required:"true" default:"[\"last\"]" doc:"At least one, and one by default."`
	Ports  map[string]port   `name:"port" required:"true" doc:"At least one block."`
	Names2 map[string]string `name:"words" required:"true" doc:"At least one."`
}

func TestRequiredLists(t *testing.T) {
	s, err := stages.SchemaOf[lists]()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]bool{ // required, not empty
		"names": {false, false}, "where": {false, false}, "plain": {false, false},
		"needed": {true, true}, "chosen": {false, true}, "port": {true, true}, "words": {true, true},
	} {
		if a := s.Attribute(name); a.Required != want[0] || a.NonEmpty != want[1] {
			t.Errorf("%s: required is %v, not empty %v; want %v", name, a.Required, a.NonEmpty, want)
		}
	}
	for says, err := range map[string]error{
		"on a slice or a map": schemaError[struct {
			X string `name:"x" required:"true" doc:"A text."`
		}](),
		"tag required": schemaError[struct {
			X *[]string `name:"x" required:"true" doc:"Both."`
		}](),
		`it is "true"`: schemaError[struct {
			X []string `name:"x" required:"false" doc:"A list."`
		}](),
		"it is empty": schemaError[struct {
			X []string `name:"x" required:"true" default:"[]" doc:"A list."`
		}](),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func schemaError[S any]() error {
	_, err := stages.SchemaOf[S]()
	return err
}

// TestEmptyToldFromNone: a pointer to a list or map is nil if it was not given, and points to an empty one
// if that was.
func TestEmptyToldFromNone(t *testing.T) {
	s, err := stages.SchemaOf[lists]()
	if err != nil {
		t.Fatal(err)
	}
	decode := func(leaves ...stages.Setting) *lists {
		v, err := s.Decode(stages.NewSettings(leaves))
		if err != nil {
			t.Fatal(err)
		}
		return v.(*lists)
	}
	if got := decode(); got.Names != nil || got.Where != nil || got.Calls != nil {
		t.Errorf("without leaves it is %+v", got)
	}
	got := decode(stages.Setting{Path: "names", Value: "[]"}, stages.Setting{Path: "where", Value: "{}"}, stages.Setting{Path: "calls", Value: "[]"})
	if got.Names == nil || len(*got.Names) != 0 || got.Where == nil || len(*got.Where) != 0 || got.Calls == nil || len(*got.Calls) != 0 {
		t.Errorf("of empty ones it is %+v", got)
	}
	got = decode(stages.Setting{Path: "names", Value: `["a","b"]`}, stages.Setting{Path: "calls", Value: `[{"type":"parity","degree":2}]`})
	if !slices.Equal(*got.Names, []string{"a", "b"}) || len(*got.Calls) != 1 || (*got.Calls)[0].Degree != 2 {
		t.Errorf("it is %+v", got)
	}
}
