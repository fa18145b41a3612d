package neuralnet

import (
	"fmt"

	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/problem"
)

// The types of a RateSchedule.
const (
	Constant = "constant"
	Step     = "step"
	Cosine   = "cosine"
)

// A RateSchedule is the block `schedule "TYPE" { ... }` of an optimizer. Step t, counted from 1, is
// taken with the optimizer's rate times At(t), the product of
//
//	warm-up   min(1, t/W), with W = warmup: step W is the first at the full rate
//
// and, with s = t-1 steps taken before,
//
//	constant  1
//	step      factor to the power of the number of milestones m <= s: step m+1 is the first after
//	          milestone m (PyTorch's MultiStepLR)
//	cosine    1 while s <= W, then final + (1-final) (1 + cos(π (s-W)/(T-W)))/2 until s = T = steps,
//	          then final (Loshchilov and Hutter 2017, one descent; PyTorch's CosineAnnealingLR)
type RateSchedule struct {
	Type       string  `name:"type" doc:"constant; step, which multiplies the rate by a factor at each milestone; or cosine, which lowers it along half a cosine" label:"constant,step,cosine"`
	Warmup     int     `name:"warmup" for:"all" doc:"linear warm-up: step t of the first so many takes t/warmup of the rate" default:"0" min:"0" unit:"steps"`
	Milestones []int   `name:"milestones" doc:"the steps after each of which the rate is multiplied by factor" min:"1" unit:"steps" for:"step"`
	Factor     float64 `name:"factor" doc:"factor on the rate at each milestone" default:"0.1" above:"0" for:"step"`
	Final      float64 `name:"final" doc:"share of the rate that is left at the end" default:"0" min:"0" max:"1" for:"cosine"`
	Steps      int     `name:"steps" doc:"where the descent ends, counted from the start, warm-up included; 0 for the end of the training" default:"0" min:"0" unit:"steps" for:"cosine"`

	WarmupEpochs    *float64   `name:"warmup_epochs" for:"all" doc:"the warm-up in epochs, in place of warmup: as many steps as is nearest" min:"0" max:"1e9" unit:"epochs"`
	MilestoneEpochs *[]float64 `name:"milestone_epochs" doc:"the milestones in epochs, in place of milestones: each the nearest step" above:"0" max:"1e9" unit:"epochs" for:"step"`
	Epochs          *float64   `name:"epochs" doc:"where the descent ends in epochs, in place of steps" above:"0" max:"1e9" unit:"epochs" for:"cosine"`
}

// inEpochs reports whether a length of the schedule is in epochs; of a nil one, false.
func (s *RateSchedule) inEpochs() bool {
	return s != nil && (s.WarmupEpochs != nil || s.MilestoneEpochs != nil || s.Epochs != nil)
}

// inSteps gives the schedule with all lengths in steps; the error names the setting.
func (s RateSchedule) inSteps(steps func(epochs float64) (int, error)) (*RateSchedule, error) {
	var err error
	if s.WarmupEpochs != nil {
		if s.Warmup, err = steps(*s.WarmupEpochs); err != nil {
			return nil, fmt.Errorf("warmup_epochs: %w", err)
		}
	}
	if s.MilestoneEpochs != nil {
		s.Milestones = nil
		for _, epochs := range *s.MilestoneEpochs {
			m, err := steps(epochs)
			if err != nil {
				return nil, fmt.Errorf("milestone_epochs: %w", err)
			}
			s.Milestones = append(s.Milestones, max(1, m))
		}
	}
	if s.Epochs != nil {
		if s.Steps, err = steps(*s.Epochs); err != nil {
			return nil, fmt.Errorf("epochs: %w", err)
		}
		s.Steps = max(1, s.Steps)
	}
	s.WarmupEpochs, s.MilestoneEpochs, s.Epochs = nil, nil, nil
	return &s, nil
}

// At gives the factor on the rate at step t, from 1 on; of a nil schedule, 1. It is the same to the
// bit on every machine.
func (s *RateSchedule) At(t int64) float64 {
	if s == nil {
		return 1
	}
	factor, before, warmup := 1.0, t-1, int64(s.Warmup)
	switch s.Type {
	case Step:
		for _, m := range s.Milestones {
			if int64(m) <= before {
				factor = float64(factor * s.Factor)
			}
		}
	case Cosine:
		switch end := int64(s.Steps); {
		case before >= end:
			factor = s.Final
		case before > warmup:
			descent := float64(before-warmup) / float64(end-warmup)
			factor = s.Final + float64(float64((1-s.Final)*(1+kernel.CosPi64(descent)))/2)
		}
	}
	if t < warmup {
		factor = float64(factor * (float64(t) / float64(warmup)))
	}
	return factor
}

// check gives what tags cannot say; path is where the block stands. What is in epochs is checked again once it is in steps.
func (s *RateSchedule) check(path string) []problem.Problem {
	var problems []problem.Problem
	add := func(name, summary, detail string, args ...any) {
		problems = append(problems, problem.Problem{Path: path + "." + name, Summary: summary, Detail: fmt.Sprintf(detail, args...)})
	}
	for _, twice := range []struct {
		steps, epochs string
		is            bool
	}{
		{"warmup", "warmup_epochs", s.Warmup > 0 && s.WarmupEpochs != nil},
		{"milestones", "milestone_epochs", len(s.Milestones) > 0 && s.MilestoneEpochs != nil},
		{"steps", "epochs", s.Steps > 0 && s.Epochs != nil},
	} {
		if twice.is {
			add(twice.epochs, "A length of the schedule is set twice", "%s is in steps and %s in epochs. Leave one of them out.", twice.steps, twice.epochs)
		}
	}
	switch {
	case len(problems) > 0:
	case s.Type == Step && len(s.Milestones) == 0 && (s.MilestoneEpochs == nil || len(*s.MilestoneEpochs) == 0):
		add("milestones", "A step schedule without milestones", "Write the steps at which the rate falls, as in milestones = [5000, 8000], or milestone_epochs = [10, 15].")
	case s.Type == Cosine && s.WarmupEpochs != nil && s.Epochs != nil && *s.WarmupEpochs >= *s.Epochs:
		add("warmup_epochs", "A warm-up as long as the descent", "The warm-up takes %v epochs, and the descent is over after %v. Write a shorter warm-up.", *s.WarmupEpochs, *s.Epochs)
	case s.Type == Cosine && !s.inEpochs() && s.Warmup >= s.Steps:
		add("warmup", "A warm-up as long as the descent", "The warm-up takes %d steps, and the descent is over after %d. Write a shorter warm-up.", s.Warmup, s.Steps)
	}
	return problems
}
