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

// check gives what tags cannot say; path is where the block stands.
func (s *RateSchedule) check(path string) []problem.Problem {
	switch {
	case s.Type == Step && len(s.Milestones) == 0:
		return []problem.Problem{{Path: path + ".milestones", Summary: "A step schedule without milestones",
			Detail: "Write the steps at which the rate falls, as in milestones = [5000, 8000]."}}
	case s.Type == Cosine && s.Warmup >= s.Steps:
		return []problem.Problem{{Path: path + ".warmup", Summary: "A warm-up as long as the descent",
			Detail: fmt.Sprintf("The warm-up takes %d steps, and the descent is over after %d. Write a shorter warm-up.", s.Warmup, s.Steps)}}
	}
	return nil
}
