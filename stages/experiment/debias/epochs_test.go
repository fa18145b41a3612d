package debias

import (
	"fmt"
	"strings"
	"testing"

	"spurion/stages/stagetest"
)

// inEpochs is settings with the budget and evaluations given in text.
func inEpochs(method, length string) string {
	return fmt.Sprintf(`{"method": %s, %s, "batch": 32, "network": {"hidden": [16]}, "seed": 3}`, method, length)
}

// A method in epochs is the one in as many steps: 100 samples by 32 are 4 steps.
func TestEpochsAreSteps(t *testing.T) {
	in := inputs(t, finiteData(t, easyLaw(.9), 100))
	const epochs = `"epochs": 15, "evaluation": {"every_epochs": 5}, "optimizer": {"type": "sgd", "rate": 0.5, "schedule": {"type": "step", "milestone_epochs": [2], "warmup_epochs": 0.5}}`
	const steps = `"steps": 60, "evaluation": {"every": 20}, "optimizer": {"type": "sgd", "rate": 0.5, "schedule": {"type": "step", "milestones": [8], "warmup": 2}}`
	for _, c := range []struct{ a, b string }{
		{`{"name": "erm"}`, `{"name": "erm"}`},
		{`{"name": "group_balance"}`, `{"name": "group_balance"}`},
		{`{"name": "subg"}`, `{"name": "subg"}`},
		{`{"name": "lff"}`, `{"name": "lff"}`},
		{`{"name": "jtt", "first_epochs": 2.5}`, `{"name": "jtt", "first_steps": 10}`},
		{`{"name": "irm", "penalty": 1, "anneal_epochs": 2}`, `{"name": "irm", "penalty": 1, "anneal": 8}`},
		{`{"name": "irm", "penalty": 1, "anneal_epochs": 0}`, `{"name": "irm", "penalty": 1, "anneal": 0}`},
		{`{"name": "ssa", "split_epochs": 3, "split_every_epochs": 0.75}`, `{"name": "ssa", "split_steps": 12, "split_every": 3}`},
	} {
		a := stagetest.Run(t, Kind, inEpochs(c.a, epochs), in)
		b := stagetest.Run(t, Kind, inEpochs(c.b, steps), in)
		for name := range b {
			if stagetest.Digest(a[name]) != stagetest.Digest(b[name]) {
				t.Errorf("%s: output %s differs from that of %s in steps", c.a, name, c.b)
			}
		}
		if got := value(t, a["summary"], "ended", 0); got != "steps" {
			t.Errorf("%s: ended by %v", c.a, got)
		}
	}
}

func TestErrorsOfEpochs(t *testing.T) {
	finite, fresh := inputs(t, finiteData(t, easyLaw(.9), 100)), inputs(t, freshData(.9))
	const sgd = `"optimizer": {"type": "sgd", "rate": 0.5}`
	for _, c := range []struct {
		method, length, want string
		in                   stagetest.Inputs
	}{
		{`{"name": "erm"}`, `"epochs": 2, "steps": 60`, "epochs: The length of the training is set twice", finite},
		{`{"name": "erm"}`, `"validation": 10`, "steps: How long the training is, is missing", finite},
		{`{"name": "erm"}`, `"epochs": 2`, "epochs: an epoch needs a finite training set", fresh},
		{`{"name": "erm"}`, `"epochs": 2, "sampling": "fresh"`, "epochs: Epochs of fresh samples", finite},
		{`{"name": "erm"}`, `"steps": 60, "evaluation": {"every_epochs": 1}`, "evaluation.every_epochs: an epoch needs", fresh},
		{`{"name": "irm", "anneal_epochs": 1}`, `"steps": 60`, "method.anneal_epochs: an epoch needs", fresh},
		{`{"name": "irm", "anneal_epochs": 1, "anneal": 7}`, `"steps": 60`, "method.anneal_epochs: A length is set twice", finite},
		{`{"name": "jtt", "first_epochs": 2}`, `"epochs": 2`, "method.first_epochs: No epochs left", finite},
		{`{"name": "jtt", "first_steps": 8}`, `"epochs": 2`, "method.first_steps: No steps left", finite},
		{`{"name": "jtt", "first_epochs": 2}`, `"steps": 8`, "takes 8 of 8 steps (an epoch has 4)", finite},
		{`{"name": "ssa", "split_epochs": 1}`, `"epochs": 3`, "method.split_epochs: No epochs left", finite},
		{`{"name": "ssa", "split_epochs": 1}`, `"steps": 12`, "method.split_steps: No steps left", finite},
		{`{"name": "lff"}`, `"epochs": 0.1`, "steps: No steps for the second network", finite},
	} {
		_, err := stagetest.Try(t.Context(), Kind, inEpochs(c.method, c.length+", "+sgd), c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %s: %v, want an error with %q", c.method, c.length, err, c.want)
		}
	}
}

// How a training ended stands in each row; a reference row takes no steps.
func TestEnded(t *testing.T) {
	in := inputs(t, finiteData(t, easyLaw(.9), 100))
	for _, c := range []struct {
		method, optimizer string
		want              any
	}{
		{`{"name": "erm"}`, `"optimizer": {"type": "sgd", "rate": 0.5}`, "steps"},
		{`{"name": "erm"}`, `"optimizer": {"type": "sgd", "rate": 1e30}`, "diverged"},
		{`{"name": "constant"}`, `"optimizer": {"type": "sgd", "rate": 0.5}`, nil},
	} {
		s := stagetest.Run(t, Kind, inEpochs(c.method, `"epochs": 2, `+c.optimizer), in)["summary"]
		for row := range s.Rows() {
			if got := value(t, s, "ended", row); got != c.want {
				t.Errorf("%s: row %d ended by %v, want %v", c.method, row, got, c.want)
			}
		}
	}
}
