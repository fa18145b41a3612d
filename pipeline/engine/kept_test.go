package engine

import (
	"io"
	"strings"
	"testing"

	"spurion/stages"
)

// The key of a command is another one for all that a program is given and all that is collected of it, and holds no
// argument or variable itself, which may be secret.
func TestCommandText(t *testing.T) {
	command := func(change func(c *stages.Command)) string {
		c := stages.Command{
			Args: []string{"fit", "secret-a"}, Env: map[string]string{"TOKEN": "secret-b", "N": "1"},
			Files: map[string]stages.Source{"x": stages.SourceOf([]byte("x")), "empty/": {}}, Collect: []string{"o.csv"}, Folders: []string{"plots"},
		}
		change(&c)
		text, ok := commandText(&c)
		if !ok {
			t.Fatal("it has no key")
		}
		if strings.Contains(text, "secret") {
			t.Errorf("it holds a secret: %s", text)
		}
		return text
	}
	seen := map[string]string{}
	for what, change := range map[string]func(c *stages.Command){
		"nothing":           func(*stages.Command) {},
		"an argument":       func(c *stages.Command) { c.Args[1] = "other" },
		"arguments joined":  func(c *stages.Command) { c.Args = []string{"fitsecret-a"} },
		"a variable":        func(c *stages.Command) { c.Env["N"] = "2" },
		"a variable's name": func(c *stages.Command) { delete(c.Env, "N"); c.Env["M"] = "1" },
		"a file":            func(c *stages.Command) { c.Files["x"] = stages.SourceOf([]byte("y")) },
		"a tool":            func(c *stages.Command) { x := c.Files["x"]; x.Executable = true; c.Files["x"] = x },
		"a path":            func(c *stages.Command) { c.Files["y"] = c.Files["x"]; delete(c.Files, "x") },
		"an empty folder":   func(c *stages.Command) { delete(c.Files, "empty/") },
		"what is collected": func(c *stages.Command) { c.Collect[0] = "p.csv" },
		"a folder":          func(c *stages.Command) { c.Collect, c.Folders = append(c.Collect, "plots"), nil },
	} {
		text := command(change)
		if other, twice := seen[text]; twice {
			t.Errorf("%s and %s have one key", what, other)
		}
		seen[text] = what
	}
	if command(func(*stages.Command) {}) != command(func(c *stages.Command) { c.MaxBytes, c.Timeout = 1, 1 }) {
		t.Error("limits are in the key")
	}
	unknown := stages.Command{Files: map[string]stages.Source{"x": {WriteTo: func(io.Writer) error { return nil }}}}
	if _, ok := commandText(&unknown); ok {
		t.Error("a file of which no digest is known has a key")
	}
}
