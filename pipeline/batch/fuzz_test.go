package batch_test

import (
	"bytes"
	"context"
	"testing"

	"spurion/pipeline/batch"
	"spurion/stages"
)

type noSettings struct {
	N int `name:"n" doc:"A number." default:"1"`
}

// kinds are one that makes something, and one that needs it and a file.
func kinds() *stages.Registry {
	out := []stages.Output{{Name: "values", Doc: "what it makes"}}
	run := func(context.Context, *noSettings, *stages.Run) error { return nil }
	return &stages.Registry{Kinds: []*stages.Kind{
		stages.Define(stages.Kind{Name: "make", Version: 1, Doc: "Makes something.", Outputs: out}, run),
		stages.Define(stages.Kind{Name: "use", Version: 2, Doc: "Uses it.", Outputs: out, Inputs: []stages.Input{
			{Name: "data", Doc: "what it uses", Type: stages.AnyType},
			{Name: "files", Doc: "files", Type: stages.FileType, Cardinality: stages.List},
			{Name: "variable", Doc: "a variable", Type: stages.EnvironmentType, Cardinality: stages.List},
		}}, run),
	}}
}

const digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const whole = `{"format":"spurion batch 1","program":"` + digest + `","run":"r","spec":"s","limit":600000000000,"cpus":1,
 "files":{"a.csv":"` + digest + `"},"variables":{"HOME":"/root"},
 "outside":[{"kind":"make","stage":"old","axes":[{"name":"seed","int":1}],"outputs":[{"name":"values","digest":"` + digest + `","size":0,"rows":0}]}],
 "instances":[
  {"kind":"make","version":1,"stage":"new","axes":[{"name":"seed","int":1},{"name":"rate","float":0.5}],"settings":{"n":2},"identity":"a"},
  {"kind":"use","version":2,"stage":"both","settings":{"n":1},"identity":"b","after":[0],"resources":{"cpus":2},
   "inputs":[{"name":"data","refs":[{"output":"values","of":0}]},{"name":"files","refs":[{"key":"x","path":"a.csv"}]},{"name":"variable","refs":[{"key":"HOME","path":"HOME"}]}]},
  {"kind":"use","version":2,"stage":"both","settings":{},"identity":"c","inputs":[{"name":"data","refs":[{"output":"values","stored":0}]}]}]}`

// FuzzDecode: what Decode takes is read again from what it encodes to, and has a plan of one node an instance, or an error; keys can be
// asked for.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		whole, "", "{}", "null", `{"format":"spurion batch 1"}`, `{"format":"spurion batch 2"}`,
		`{"format":"spurion batch 1","instances":[{"kind":"make","version":1,"stage":"a","settings":{}}]}`,
		`{"format":"spurion batch 1","instances":[{"kind":"make","version":7,"stage":"a","settings":{}}]}`,
		`{"format":"spurion batch 1","instances":[{"kind":"use","version":2,"stage":"a","settings":{},"inputs":[{"name":"data","refs":[{"of":0}]}]}]}`,
		`{"format":"spurion batch 1","instances":[{"kind":"use","version":2,"stage":"a","settings":[],"after":[-1]}]}`,
		`{"format":"spurion batch 1","files":{"a":"b"}}`, `{"format":"spurion batch 1","outside":[{"kind":"make","stage":"a","outputs":[{"digest":"x"}]}]}`,
		`{"format":"spurion batch 1","instances":[{"kind":"make","version":1,"stage":"a","axes":[{"name":"x"}],"settings":{}}]}`,
		`{"format":"spurion batch 1","instances":[{"kind":"make","version":1,"stage":"a","settings":{}},{"kind":"make","version":1,"stage":"a","settings":{"n":1,"m":"\u0000"}}]}`,
		`{"format":"spurion batch 1","instances":[{"kind":"make","version":1,"stage":"a","axes":[{"name":"x","int":1}],"settings":{}},{"kind":"make","version":1,"stage":"a","settings":{}}]}`,
		`{"format":"spurion batch 1","instances":[{"kind":"use","version":2,"stage":"a","settings":{},"inputs":[{"name":"data","refs":[{"path":"a"},{"path":"b"}]},{"name":"data","refs":[]}]}]}`,
	} {
		f.Add([]byte(text))
	}
	registry := kinds()
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := batch.Decode(data)
		if err != nil {
			return
		}
		again, err := b.Encode()
		if err != nil {
			t.Fatalf("it cannot be encoded: %v", err)
		}
		same, err := batch.Decode(again)
		if err != nil {
			t.Fatalf("what it encodes to is none: %v", err)
		}
		if twice, err := same.Encode(); err != nil || !bytes.Equal(again, twice) {
			t.Errorf("%s becomes %s, %v", again, twice, err)
		}
		p, external, nodes, err := b.Plan(registry, t.TempDir(), func(*stages.Kind) string { return "" })
		if err != nil {
			return
		}
		if len(nodes) != len(b.Instances) || len(p.Nodes) != len(b.Instances)+len(b.Outside) {
			t.Fatalf("%d instances and %d stored ones are %d of %d nodes", len(b.Instances), len(b.Outside), len(nodes), len(p.Nodes))
		}
		for i, id := range nodes {
			n := &p.Nodes[id]
			if x := b.Instances[i]; n.Stage.Kind.Name != x.Kind || n.Stage.Name != x.Stage || len(n.Instance().Axes) != len(x.Axes) {
				t.Errorf("instance %d, %s.%s, is %s", i, x.Kind, x.Stage, n.Address())
			}
			_, _, _ = p.KeyText(n)
		}
		for path := range b.Files {
			if !external.IsFile(path) {
				t.Errorf("the file %q is not there", path)
			}
		}
	})
}

func TestDecode(t *testing.T) {
	b, err := batch.Decode([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	p, external, nodes, err := b.Plan(kinds(), t.TempDir(), func(*stages.Kind) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Nodes[nodes[0]].Address(); got != "make.new[seed=1,rate=0.5]" {
		t.Errorf("the first instance is %s", got)
	}
	if deps := p.Nodes[nodes[1]].Deps; len(deps) != 1 || int(deps[0]) != nodes[0] {
		t.Errorf("the second needs %v", deps)
	}
	if _, _, err := p.KeyText(&p.Nodes[nodes[2]]); err != nil {
		t.Errorf("the third, of what is stored, has no key: %v", err)
	}
	if external.VariableValue("HOME") != "/root" || !external.IsFile("a.csv") {
		t.Error("the variable or the file is lost")
	}
}
