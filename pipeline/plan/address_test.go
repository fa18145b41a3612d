package plan_test

import (
	"strings"
	"testing"

	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// grid is one stage with an axis of every type.
func grid() *spec.Spec {
	st := &spec.Stage{Kind: kind("train", 1), KindName: "train", Name: "erm", Axes: []string{"strength", "core", "wide"}}
	for _, strength := range []float64{0.6, 0.9} {
		for _, core := range []string{"parity(4)", "majority", `a "b", c]`} {
			for _, wide := range []bool{false, true} {
				st.Instances = append(st.Instances, spec.Instance{Axes: []stages.Axis{
					{Name: "strength", Value: strength}, {Name: "core", Value: core}, {Name: "wide", Value: wide},
				}})
			}
		}
	}
	s := &spec.Spec{Stages: []*spec.Stage{st}}
	return s
}

func TestPatternSelects(t *testing.T) {
	s := grid()
	p := mustPlan(t, s, newMemory(), plan.Options{})
	for text, want := range map[string]int{
		"train.erm":                           12,
		"*.*":                                 12,
		"tr?in.e*":                            12,
		"train.erm[strength=0.90]":            6,
		"train.erm[strength=.9,wide=true]":    3,
		"train.erm[strength=0.*]":             12,
		"train.erm[core=parity(4)]":           4,
		"train.erm[core=*a*]":                 12,
		`train.erm[core="parity(4)"]`:         4,
		`train.erm[core="a \"b\", c]"]`:       4,
		`train.erm[wide=false,core=majority]`: 2,
	} {
		ids, err := p.Match(pattern(t, text))
		if err != nil || len(ids) != want {
			t.Errorf("%s selects %d (%v), want %d", text, len(ids), err, want)
		}
	}
}

// Every address is a pattern that selects its own instance and no other.
func TestAddressesAreExact(t *testing.T) {
	s := grid()
	p := mustPlan(t, s, newMemory(), plan.Options{})
	for i := range p.Nodes {
		ids, err := p.Match(pattern(t, p.Nodes[i].Address()))
		if err != nil || len(ids) != 1 || ids[0] != i {
			t.Errorf("%s selects %v, %v", p.Nodes[i].Address(), ids, err)
		}
	}
}

func TestPatternErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "not of the form",
		"train":                "not of the form",
		"train.":               "not of the form",
		"train.erm[":           "expected AXIS=VALUE",
		"train.erm[seed]":      "expected AXIS=VALUE",
		"train.erm[seed=]":     "has no value",
		"train.erm[seed=1":     "closing bracket is missing",
		"train.erm[seed=1]x":   "follows the closing bracket",
		`train.erm[core="x]`:   "does not end",
		`train.erm[core="x"y]`: "must follow",
	} {
		if _, err := plan.ParsePattern(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParsePattern(f *testing.F) {
	for _, seed := range []string{"a.b", "a.b[c=1,d=x*]", `a.b[c="\"]"]`, "*.?[x=f(1,2)]", "a.b[c=((]"} {
		f.Add(seed)
	}
	s := grid()
	p, err := plan.New(f.Context(), s, plan.Options{Cache: newMemory(), External: newMemory()})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pattern, err := plan.ParsePattern(text)
		if err != nil {
			return
		}
		if pattern.String() != text {
			t.Errorf("%q is remembered as %q", text, pattern.String())
		}
		if ids, err := p.Match(pattern); err == nil && len(ids) == 0 {
			t.Errorf("%q selects nothing without an error", text)
		}
	})
}

// An address is read back as what it was made from, whatever its text values are.
func FuzzAddressRoundTrip(f *testing.F) {
	for _, seed := range []string{"x", "", "1.5", "true", "a,b]", `"`, "*", "parity(4)", "\x00é"} {
		f.Add(seed, 0.5)
	}
	f.Fuzz(func(t *testing.T, text string, x float64) {
		if x != x {
			return
		}
		st := &spec.Stage{Kind: kind("k", 1), KindName: "k", Name: "n", Axes: []string{"s", "x"}}
		for _, v := range []string{text, text + "'"} {
			st.Instances = append(st.Instances, spec.Instance{Axes: []stages.Axis{{Name: "s", Value: v}, {Name: "x", Value: x}}})
		}
		m := newMemory()
		p := mustPlan(t, &spec.Spec{Stages: []*spec.Stage{st}}, m, plan.Options{})
		ids, err := p.Match(pattern(t, p.Nodes[0].Address()))
		if err != nil || len(ids) != 1 || ids[0] != 0 {
			t.Errorf("%s selects %v, %v", p.Nodes[0].Address(), ids, err)
		}
	})
}
