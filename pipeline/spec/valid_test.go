package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"spurion/stages"
)

// dump writes all that a spec says about its instances.
func dump(s *Spec) string {
	var b strings.Builder
	for _, st := range s.Stages {
		var uses []string
		for _, u := range st.Uses {
			uses = append(uses, u.ID())
		}
		fmt.Fprintf(&b, "%s axes=%s uses=%s\n", st.ID(), strings.Join(st.Axes, ","), strings.Join(uses, ","))
		if st.Claim != nil {
			fmt.Fprintf(&b, "  test %q\n", st.Claim.Test)
		}
		for i, inst := range st.Instances {
			fmt.Fprintf(&b, "  %s\n", st.Address(i))
			if st.Claim != nil {
				a := st.Claim.Of[i]
				fmt.Fprintf(&b, "    says %q source %q setting %q\n", a.Says, a.Source, a.Setting)
				for _, r := range a.Figures {
					fmt.Fprintf(&b, "    figure %s\n", refText(r))
				}
			}
			for j, p := range inst.Settings.Paths {
				fmt.Fprintf(&b, "    %s = %s\n", p, inst.Settings.Values[j])
			}
			for _, in := range inst.Inputs {
				for _, r := range in.Refs {
					fmt.Fprintf(&b, "    %s <- %s\n", in.Name, refText(r))
				}
			}
			for _, r := range inst.After {
				fmt.Fprintf(&b, "    after %s\n", refText(r))
			}
		}
	}
	return b.String()
}

func refText(r Ref) string {
	text := ""
	if r.Key != "" {
		text = r.Key + ": "
	}
	if r.Stage == nil {
		return text + r.Path
	}
	text += r.Stage.Address(r.Instance)
	if r.Output != "" {
		text += "." + r.Output
	}
	return text
}

// TestValid compares what right specs mean with their golden text.
func TestValid(t *testing.T) {
	t.Chdir("testdata/valid")
	files, err := filepath.Glob("*.hcl")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			s, diags := Load(file, Options{Kinds: registry()})
			if len(diags) > 0 {
				for _, d := range diags {
					t.Error("\n" + d.Text(0, false))
				}
				return
			}
			checkSpec(t, s)
			got, golden := dump(s), strings.TrimSuffix(file, ".hcl")+".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != got {
				t.Errorf("%s", diff.Diff(golden, want, "got", []byte(got)))
			}
		})
	}
}

// checkSpec checks what holds for every spec: sorted canonical settings that decode, axes of one
// type, references to instances that exist, uses that cover the references and have no cycle.
func checkSpec(t testing.TB, s *Spec) {
	t.Helper()
	state := map[*Stage]int{}
	var visit func(st *Stage)
	visit = func(st *Stage) {
		if state[st] == 1 {
			t.Errorf("%s uses itself", st.ID())
		}
		if state[st] == 0 {
			state[st] = 1
			for _, u := range st.Uses {
				visit(u)
			}
			state[st] = 2
		}
	}
	for _, st := range s.Stages {
		visit(st)
		seen := map[string]bool{}
		for i, inst := range st.Instances {
			if a := st.Address(i); seen[a] {
				t.Errorf("two instances are %s", a)
			} else {
				seen[a] = true
			}
			if len(inst.Axes) != len(st.Axes) {
				t.Errorf("%s has %d axes", st.Address(i), len(inst.Axes))
			}
			for j, a := range inst.Axes {
				if a.Name != st.Axes[j] || fmt.Sprintf("%T", a.Value) != fmt.Sprintf("%T", st.Instances[0].Axes[j].Value) {
					t.Errorf("%s: axis %d is %+v", st.Address(i), j, a)
				}
			}
			for j := 1; j < len(inst.Settings.Paths); j++ {
				if inst.Settings.Paths[j-1] >= inst.Settings.Paths[j] {
					t.Errorf("%s: settings out of order: %q", st.Address(i), inst.Settings.Paths)
				}
			}
			if _, err := st.Kind.Schema().Decode(inst.Settings); err != nil {
				t.Errorf("%s: %v", st.Address(i), err)
			}
			for _, in := range inst.Inputs {
				checkInput(t, st, i, in)
			}
		}
	}
}

func checkInput(t testing.TB, st *Stage, i int, in Input) {
	t.Helper()
	port := st.Kind.Input(in.Name)
	if port == nil || len(in.Refs) == 0 || len(in.Refs) > 1 && (port.Cardinality == stages.One || port.Cardinality == stages.Optional) {
		t.Errorf("%s: input %q has %d references", st.Address(i), in.Name, len(in.Refs))
		return
	}
	for _, r := range in.Refs {
		if r.Stage == nil {
			continue
		}
		if !slices.Contains(st.Uses, r.Stage) || r.Instance < 0 || r.Instance >= len(r.Stage.Instances) {
			t.Errorf("%s: input %q refers to %s %d", st.Address(i), in.Name, r.Stage.ID(), r.Instance)
		}
	}
}
