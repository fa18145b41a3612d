package spec

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// design is the example of the design, word for word.
const design = `description = "A parity core feature beside a simpler, spuriously correlated parity"

variable "seeds" { default = 3 }

sweep "grid" {
  strength = [0.6, 0.75, 0.9]
  seed     = range(var.seeds)
}

stage "generate" "parity" {
  for_each   = sweep.grid
  seed       = each.seed
  dimensions = 50
  core       = parity(4)
  spurious   = parity(2)
  strength   = each.strength          # the confounder strength, λ
}

stage "train" "erm" {
  for_each = generate.parity          # one instance per upstream instance; its axes are inherited
  data     = each.dataset
  steps    = 20000
  batch    = 64
  network   { hidden = [100] }
  optimizer "sgd" { rate = 0.05 }
}

stage "probe" "decoded" {
  for_each = train.erm
  model    = each.model
}

claim "stronger_correlation_is_slower" {
  says = "The stronger the spurious correlation, the later the core feature is learned."
  test "trend" {
    table     = train.erm.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
  }
}
`

func TestDesignExample(t *testing.T) {
	s := mustLoad(t, design)
	if s.Name != "main" || s.Description != "A parity core feature beside a simpler, spuriously correlated parity" {
		t.Errorf("name %q, description %q", s.Name, s.Description)
	}
	if want := []Variable{{Name: "seeds", Type: "any", Value: "3", Source: "default", Range: s.Variables[0].Range}}; !reflect.DeepEqual(s.Variables, want) {
		t.Errorf("variables %+v", s.Variables)
	}
	var got []string
	for _, st := range s.Stages {
		for i := range st.Instances {
			got = append(got, st.Address(i))
		}
	}
	var want []string
	for _, id := range []string{"generate.parity", "train.erm", "probe.decoded"} {
		for _, strength := range []string{"0.6", "0.75", "0.9"} {
			for _, seed := range []string{"0", "1", "2"} {
				want = append(want, id+"[strength="+strength+",seed="+seed+"]")
			}
		}
	}
	want = append(want, "claim.stronger_correlation_is_slower")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("instances %q", got)
	}
	erm := stageOf(t, s, "train.erm")
	wantPaths := []string{"batch", "network.activation", "network.hidden", "optimizer.momentum", "optimizer.rate", "optimizer.type", "schedule", "seed", "shuffle", "steps"}
	wantValues := []string{"64", `"relu"`, "[100]", "0", "0.05", `"sgd"`, "[]", "2", "true", "20000"}
	if set := erm.Instances[5].Settings; !reflect.DeepEqual(set.Paths, wantPaths) || !reflect.DeepEqual(set.Values, wantValues) {
		t.Errorf("settings of train.erm[5]: %q %q", set.Paths, set.Values)
	}
	if in := erm.Instances[5].Inputs; len(in) != 1 || in[0].Name != "data" || !reflect.DeepEqual(in[0].Refs, []Ref{{Stage: s.Stages[0], Instance: 5, Output: "dataset"}}) {
		t.Errorf("inputs of train.erm[5]: %+v", in)
	}
	claim := s.Stages[3]
	if claim.Claim == nil || claim.Kind.Name != "trend" || len(claim.Instances[0].Inputs[0].Refs) != 9 {
		t.Errorf("claim %+v", claim)
	}
	if r := erm.Ranges["optimizer.rate"]; r.Line != 25 || r.File == "" {
		t.Errorf("range of optimizer.rate: %+v", r)
	}
	if set := s.Stages[0].Instances[0].Settings; strings.Join(set.Paths, " ") != "core.degree core.type dimensions seed spurious.degree spurious.type strength" {
		t.Errorf("settings of generate.parity: %q", set.Paths)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	parts := strings.SplitAfterN(design, "stage \"train\"", 2)
	for name, text := range map[string]string{
		"b.hcl": strings.TrimSuffix(parts[0], "stage \"train\""), "a.hcl": "stage \"train\"" + parts[1], "notes.txt": "not HCL {", ".hidden.hcl": "{",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, diags := Load(dir, Options{Kinds: registry()})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if s.Name != filepath.Base(dir) || len(s.Files) != 2 || !strings.HasSuffix(s.Files[0], "/a.hcl") {
		t.Errorf("name %q, files %q", s.Name, s.Files)
	}
	var ids []string
	for _, st := range s.Stages {
		ids = append(ids, st.ID())
	}
	if got := strings.Join(ids, " "); got != "train.erm probe.decoded generate.parity claim.stronger_correlation_is_slower" {
		t.Errorf("stages %s", got)
	}
}
