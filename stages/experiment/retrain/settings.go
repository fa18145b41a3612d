package retrain

import (
	"spurion/stages"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
)

// Settings are what a spec says about last-layer retraining.
type Settings struct {
	Samples     int     `name:"samples" default:"2000" min:"4" max:"10000000" unit:"samples" doc:"Held-out points to fit on, equally many from each group. From a validation split, as many as its smallest group allows."`
	HeldOut     string  `name:"held_out" default:"auto" oneof:"auto,law,validation" doc:"Where held-out points come from: drawn from the law's groups, or the validation split of the input data. auto: the validation split if there is one, else the law."`
	C           float64 `name:"c" default:"1" above:"0" max:"1e12" doc:"Inverse strength of the L2 penalty, as scikit-learn's: minimised is C times the sum of losses plus half the squared weights. The intercept is not penalised."`
	Standardize bool    `name:"standardize" default:"false" doc:"Whether the penalty is on the weights of features scaled to mean 0 and variance 1, as deep feature reweighting has it."`
	Checkpoints string  `name:"checkpoints" default:"all" oneof:"all,last" doc:"Which checkpoints of the model to retrain."`
	Points      int     `name:"points" default:"4096" min:"4" max:"10000000" unit:"points" doc:"Points that networks are measured on, equally many from each group. A cube of at most 2^14 points is enumerated instead."`
	Repeats     *int    `name:"repeats" min:"1" max:"1000" unit:"repeats" doc:"How often points to measure on are drawn anew, so many each time, as evaluation.repeats of the kind train. The points to fit on are drawn once. Left out: 1. Not for a cube that is enumerated, and for data without a law."`
	Seed        int64   `name:"seed" default:"each.seed" doc:"Seed of the held-out points and of those of evaluations: each has a random stream of its own."`
}

// The values of HeldOut, and of the column held_out.
const (
	auto       = "auto"
	fromLaw    = "law"
	validation = "validation"
)

// heldOutPurpose is the purpose of the random stream of held-out points.
const heldOutPurpose = "held out"

// variant names what is executed.
func (s *Settings) variant() string {
	if s.Standardize {
		return "l2_logistic_standardized"
	}
	return "l2_logistic"
}

// Check reports what tags cannot say.
func (s *Settings) Check() []stages.Problem {
	return trainloop.CheckRepeats("repeats", s.Points, s.Repeats)
}

// repeats gives how often points to measure on are drawn.
func (s *Settings) repeats() int { return trainloop.RepeatsOf(s.Repeats) }

// outputs gives what is written besides the outputs that are always there.
func (s *Settings) outputs() []stages.Output {
	if s.repeats() == 1 {
		return nil
	}
	return []stages.Output{{Name: "repeats", Doc: "One row for each checkpoint and repeat: " + evaluation.RepeatsDoc, Fields: repeatFields}}
}
