package plan_test

import (
	"context"
	"fmt"
	"testing"

	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

type walkSettings struct {
	Steps   int     `name:"steps" doc:"How far."`
	StepsOf string  `name:"steps_of" doc:"Whose." default:"a"`
	Rate    float64 `name:"rate" doc:"How fast." default:"1"`
	Stop    struct {
		At int `name:"at" doc:"Where to stop." default:"0"`
	} `name:"stop" doc:"When it ends."`
}

// walks has an instance of each of some settings, of a kind whose threads differ by what is odd about the steps.
func walks(settings ...[]stages.Setting) *spec.Spec {
	k := stages.Define(stages.Kind{
		Name: "walk", Version: 1, Doc: "A kind for tests.", Outputs: []stages.Output{{Name: "out"}},
		Continuation: &stages.Continuation{
			Thread: func(s any) (free, lines []string) {
				return []string{"steps", "stop"}, []string{fmt.Sprintf("odd %d", s.(*walkSettings).Steps%2)}
			},
			Way: func(s any, about []byte) (w stages.Way, ok bool) {
				_, err := fmt.Sscan(string(about), &w.From)
				w.Text = fmt.Sprintf("walks on from %d", w.From)
				return w, err == nil && w.From <= int64(s.(*walkSettings).Steps)
			},
		},
	}, func(context.Context, *walkSettings, *stages.Run) error { return nil })
	st := &spec.Stage{Kind: k, KindName: "walk", Name: "w", Axes: []string{"i"}}
	for i, s := range settings {
		st.Instances = append(st.Instances, spec.Instance{Axes: []stages.Axis{{Name: "i", Value: int64(i)}}, Settings: stages.NewSettings(s)})
	}
	return &spec.Spec{Name: "test", Stages: []*spec.Stage{st}}
}

func walk(steps int, of string, rate, stop int) []stages.Setting {
	return []stages.Setting{
		{Path: "steps", Value: fmt.Sprint(steps)}, {Path: "steps_of", Value: fmt.Sprintf("%q", of)},
		{Path: "rate", Value: fmt.Sprint(rate)}, {Path: "stop.at", Value: fmt.Sprint(stop)},
	}
}

func slotKeys(t *testing.T, p *plan.Plan, n *plan.Node) ([]plan.Digest, []string, error) {
	t.Helper()
	_, text, err := p.KeyText(n)
	if err != nil {
		t.Fatal(err)
	}
	return n.SlotKeys(text)
}

// A thread has what differs in the settings that are free, and in what lies below them, but for its lines.
func TestThreadsAreTheKeysWithoutWhatIsFree(t *testing.T) {
	p := mustPlan(t, walks(walk(10, "a", 1, 0), walk(20, "a", 1, 7), walk(21, "a", 1, 0), walk(10, "b", 1, 0), walk(10, "a", 2, 0)), newMemory(), plan.Options{})
	first := func(i int) plan.Digest {
		keys, texts, err := slotKeys(t, p, &p.Nodes[i])
		if err != nil || len(keys) != plan.ThreadSlots || len(texts) != plan.ThreadSlots {
			t.Fatalf("%d keys, %d texts, %v", len(keys), len(texts), err)
		}
		return keys[0]
	}
	for i, same := range []bool{true, true, false, false, false} {
		if (first(i) == first(0)) != same {
			t.Errorf("instance %d is of the first one's thread: %v, want %v", i, !same, same)
		}
	}
	other := mustPlan(t, chain("1", 1), newMemory(), plan.Options{})
	if keys, _, err := slotKeys(t, other, &other.Nodes[0]); err != nil || keys != nil {
		t.Errorf("a kind without a continuation has %d slots, %v", len(keys), err)
	}
}

// Of what was left that which serves furthest is taken, unless other code left it or the node is forced.
func TestLookBackTakesWhatServesFurthest(t *testing.T) {
	s, m := walks(walk(10, "a", 1, 0)), newMemory()
	program := func(*stages.Kind) string { return "this" }
	n := &mustPlan(t, s, m, plan.Options{}).Nodes[0]
	keys, _, err := slotKeys(t, mustPlan(t, s, m, plan.Options{}), n)
	if err != nil {
		t.Fatal(err)
	}
	look := func(o plan.Options, left ...*plan.Left) string {
		m.left = map[plan.Digest]*plan.Left{}
		for i, l := range left {
			if l != nil {
				m.left[keys[i]] = l
			}
		}
		o.Program = program
		p := mustPlan(t, s, m, o)
		p.Foresee(&p.Nodes[0], m)
		p.Foresee(&p.Nodes[0], m) // once more changes nothing
		return p.Nodes[0].Reason.Text
	}
	of := func(address, program, about string) *plan.Left {
		return &plan.Left{Address: address, Program: program, About: []byte(about)}
	}
	force, err := plan.ParsePatterns([]string{"walk.w"})
	if err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]string{
		"not computed before":                                           look(plan.Options{}),
		"not computed before; walks on from 4":                          look(plan.Options{}, of("walk.w[i=0]", "this", "4")),
		"not computed before; walks on from 8, by what walk.other left": look(plan.Options{}, of("walk.w[i=0]", "this", "4"), of("walk.other", "this", "8"), of("walk.w[i=0]", "this", "12")),
		"not computed before; walks on from 3":                          look(plan.Options{}, nil, of("walk.w[i=0]", "this", "3")),
		"not computed before; walks on from 5":                          look(plan.Options{}, of("walk.w[i=0]", "other", "9"), nil, nil, of("walk.w[i=0]", "this", "5")),
		"forced":                                                        look(plan.Options{Force: force}, of("walk.w[i=0]", "this", "4")),
	} {
		if got != want {
			t.Errorf("the reason is %q, want %q", got, want)
		}
	}
	if got := look(plan.Options{}, of("walk.w[i=0]", "this", "nonsense")); got != "not computed before" {
		t.Errorf("nonsense: %q", got)
	}
}

// A plan by itself reads nothing of what was left: that would take as long as all else, and a run looks when it comes to
// an instance.
func TestPlansLookBackOnlyWhenAsked(t *testing.T) {
	s, m := walks(walk(10, "a", 1, 0), walk(20, "a", 2, 0)), newMemory()
	p := mustPlan(t, s, m, plan.Options{})
	if m.looks != 0 {
		t.Errorf("the plan looked into %d slots", m.looks)
	}
	if p.Foresee(&p.Nodes[0], m); m.looks == 0 {
		t.Error("nothing was looked for when it was asked for")
	}
}
