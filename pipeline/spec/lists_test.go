package spec

import (
	"errors"
	"strings"
	"testing"

	"spurion/stages"
)

type listSettings struct {
	Names  *[]string                `name:"names" doc:"Nil if not given."`
	Needed []int                    `name:"needed" required:"true" doc:"Some numbers."`
	Chosen []string                 `name:"chosen" required:"true" default:"[\"last\"]" doc:"Some rules."`
	Words  map[string]string        `name:"words" doc:"Empty if not given."`
	Ports  map[string]commandOutput `name:"port" required:"true" doc:"Some ports."`
}

// TestLists: a list, map or set of blocks that must hold something is missed where it stands, and one
// behind a pointer enters the settings, and so the key, only if it is given.
func TestLists(t *testing.T) {
	kinds := &stages.Registry{Kinds: []*stages.Kind{stages.Define(stages.Kind{
		Name: "lists", Version: 1, Doc: "L.", Outputs: []stages.Output{{Name: "out", Doc: "O."}}}, nothing[listSettings])}}
	const port = "\n port \"a\" { path = \"x\" }"
	for _, c := range []struct {
		name, body string
		err        error
		line       int
		says       string // of the detail, or of the canonical settings
	}{
		{"as few as may be", "needed = [1]" + port, nil, 0, `chosen ["last"], needed [1], port.a.format "parquet", port.a.path "x", words {}`},
		{"an empty list told from none", "needed = [1]\n names = []" + port, nil, 0, `names [], needed [1]`},
		{"blocks as a map", `needed = [1]` + "\n port = { a = { path = \"x\" } }", nil, 0, `port.a.path "x"`},
		{"no list", "chosen = [\"a\"]" + port, ErrMissing, 1, "needs needed, a list with at least one element, each element a whole number (Some numbers)"},
		{"an empty list", "needed = []" + port, ErrValue, 2, `must be a list with at least one element, each element a whole number, but is empty`},
		{"an empty list in place of the default", "needed = [1]\nchosen = []" + port, ErrValue, 3, "at least one element"},
		{"no block", "needed = [1]", ErrMissing, 1, "needs port, a map of objects with at least one element"},
		{"an empty map", "needed = [1]\nport = {}", ErrValue, 3, "at least one element"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, diags := load(t, "stage \"lists\" \"s\" {\n "+c.body+"\n}\n", Options{Kinds: kinds})
			if c.err == nil {
				if diags.HasErrors() {
					t.Fatal(diags[0].Text(0, false))
				}
				var leaves []string
				settings := s.Stages[0].Instances[0].Settings
				for i, path := range settings.Paths {
					leaves = append(leaves, path+" "+settings.Values[i])
				}
				if got := strings.Join(leaves, ", "); !strings.Contains(got, c.says) || strings.Contains(got, "names") != strings.Contains(c.says, "names") {
					t.Errorf("the settings are %s, want %s", got, c.says)
				}
				return
			}
			if len(diags) != 1 || !errors.Is(diags[0], c.err) || diags[0].Range.Line != c.line || !strings.Contains(diags[0].Detail, c.says) {
				t.Errorf("the errors are %+v, want %v on line %d with %q", diags, c.err, c.line, c.says)
			}
		})
	}
}
