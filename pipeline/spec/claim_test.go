package spec

import (
	"errors"
	"strings"
	"testing"
)

const claimTestBody = `
sweep "grid" { task = ["easy", "hard"] }
stage "generate" "data" {
  for_each   = sweep.grid
` + generateBody + `}
stage "train" "erm" {
  for_each = generate.data
  data     = each.dataset
` + trainBody + `}
claim "c" {
  for_each = sweep.grid
  says     = "x"
  test "trend" {
    table     = TABLE
    x         = X
    y         = "y"
    direction = "increasing"
  }
}
`

// TestClaimDistinct: instances of a claim that ask the same question are pointed out, and only they.
func TestClaimDistinct(t *testing.T) {
	for _, c := range []struct {
		table, x string
		same     bool
	}{
		{`train.erm.summary`, `"x"`, true},
		{`train.erm[*].summary`, `"x"`, true},
		{`train.erm[{ task = "easy" }].summary`, `"x"`, true},
		{`train.erm.summary`, `each.task == "none" ? "a" : "x"`, true},
		{`train.erm.summary`, `each.task`, false},
		{`train.erm[{ task = each.task }].summary`, `"x"`, false},
		{`each.task == "easy" ? train.erm.summary : train.erm.model`, `"x"`, false},
	} {
		text := strings.NewReplacer("TABLE", c.table, "X", c.x).Replace(claimTestBody)
		s, diags := load(t, text, Options{})
		if s == nil {
			t.Errorf("%s %s: %v", c.table, c.x, diags)
			continue
		}
		same := len(diags) == 1 && diags[0].Severity == Warning && errors.Is(diags[0].Err, ErrDuplicate) &&
			strings.Contains(diags[0].Detail, "claim.c[task=easy] and claim.c[task=hard]")
		if same != c.same || !c.same && len(diags) > 0 {
			t.Errorf("%s, x = %s: %v, want a warning: %t", c.table, c.x, diags, c.same)
		}
	}
}

// TestFilteredToNothing: a list of which an if leaves nothing is no mistake, whatever each stands for elsewhere.
func TestFilteredToNothing(t *testing.T) {
	text := strings.NewReplacer("TABLE", "train.erm.summary", "X", "each.size", "for_each = sweep.grid\n  says",
		"for_each = [for s in [1, 2] : { size = s } if s > 2]\n  says").Replace(claimTestBody)
	s, diags := load(t, text, Options{})
	if s == nil || len(diags) != 0 {
		t.Fatal(diags)
	}
	if c := stageOf(t, s, "claim.c"); len(c.Instances) != 0 {
		t.Errorf("%d instances", len(c.Instances))
	}
}

// TestClaimWithoutInstances: an empty for_each gives a claim that asserts nothing, with a warning.
func TestClaimWithoutInstances(t *testing.T) {
	text := strings.NewReplacer("TABLE", "train.erm.summary", "X", "each.key", "for_each = sweep.grid\n  says", "for_each = []\n  says").Replace(claimTestBody)
	s, diags := load(t, text, Options{})
	if s == nil || len(diags) != 1 || !errors.Is(diags[0].Err, ErrEmpty) {
		t.Fatal(diags)
	}
	if c := stageOf(t, s, "claim.c"); len(c.Instances) != 0 || len(c.Claim.Of) != 0 {
		t.Errorf("%d instances, %d assertions", len(c.Instances), len(c.Claim.Of))
	}
}
