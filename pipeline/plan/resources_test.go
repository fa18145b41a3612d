package plan_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"spurion/pipeline/plan"
	"spurion/stages"
)

// The last override of a resource counts, what none names stays as the stage has it, and no key changes.
func TestResourceOverrides(t *testing.T) {
	s := chain("0.1", 1, 2)
	shared := &stages.Resources{CPUs: 2, Memory: 1e9}
	for i := range s.Stages[1].Instances {
		s.Stages[1].Instances[i].Resources = shared
	}
	before := mustPlan(t, s, newMemory(), plan.Options{})
	overrides, err := plan.ParseOverrides([]string{"*.*:cpus=3", s.Stages[1].Address(1) + ":memory=2GiB,time=90m", "*.*:cpus=1,gpus=2"})
	if err != nil {
		t.Fatal(err)
	}
	p := mustPlan(t, s, newMemory(), plan.Options{Resources: overrides})
	for i, want := range map[int]stages.Resources{
		p.ID(p.Node(s.Stages[0], 0)): {CPUs: 1, GPUs: 2},
		p.ID(p.Node(s.Stages[1], 0)): {CPUs: 1, GPUs: 2, Memory: 1e9},
		p.ID(p.Node(s.Stages[1], 1)): {CPUs: 1, GPUs: 2, Memory: 2 << 30, Time: 90 * time.Minute},
	} {
		if got := p.Nodes[i].Resources; *got != want {
			t.Errorf("%s needs %+v, want %+v", p.Nodes[i].Address(), *got, want)
		}
	}
	if *shared != (stages.Resources{CPUs: 2, Memory: 1e9}) {
		t.Errorf("the spec was changed: %+v", *shared)
	}
	for i := range p.Nodes {
		if p.Nodes[i].Key != before.Nodes[i].Key {
			t.Errorf("%s has another key", p.Nodes[i].Address())
		}
	}
}

func TestResourceOverrideErrors(t *testing.T) {
	for text, part := range map[string]string{
		"train.erm":                     "NAME=VALUE",
		"train:cpus=2":                  `"train"`,
		"train.erm:":                    `at ""`,
		"train.erm:cpus":                `at "cpus"`,
		"train.erm:cpus=2,,gpus=1":      `at ""`,
		"train.erm:cpus=0":              "cpus is a number of processors",
		"train.erm:cpus=two":            "cpus is a number of processors",
		"train.erm:gpus=-1":             "gpus is a number of GPUs",
		"train.erm:memory=8":            "memory is a number and a unit",
		"train.erm:memory=-8GB":         "memory is a number and a unit",
		"train.erm:time=2":              "time is a duration",
		"train.erm:time=-2h":            "time is a duration",
		"train.erm:speed=9":             "speed is no resource: there are cpus, memory, time, gpus",
		`train.erm[core="a:b]:memory=8`: "the quoted value does not end",
	} {
		_, err := plan.ParseOverride(text)
		if !errors.Is(err, plan.ErrTarget) || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want it to name %s", text, err, part)
		}
	}
	overrides, err := plan.ParseOverrides([]string{`*.*[seed="a:b"]:cpus=2`})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.New(t.Context(), chain("0.1", 1), plan.Options{Resources: overrides, Cache: newMemory(), External: newMemory()}); !errors.Is(err, plan.ErrTarget) {
		t.Errorf("a pattern without instances: %v", err)
	}
}
