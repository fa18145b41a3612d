package train

import (
	"fmt"

	"spurion/stages"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// Settings are what a spec says about a training.
type Settings struct {
	Steps       int                          `name:"steps" min:"1" max:"1000000000" unit:"steps" doc:"Gradient steps."`
	Batch       int                          `name:"batch" default:"64" min:"1" max:"65536" unit:"samples" doc:"Samples in a step; not used with sampling = \"full\"."`
	Sampling    string                       `name:"sampling" default:"auto" oneof:"auto,fresh,shuffle,replacement,full" doc:"Where a step's samples come from: fresh draws of the law; the finite training set in a new random order each epoch (shuffle), drawn from it with replacement, or all of it (full). auto: fresh for a data set without training samples, else shuffle."`
	Loss        string                       `name:"loss" default:"cross_entropy" oneof:"cross_entropy,logistic,hinge,squared,correlation" doc:"The loss that is minimised: cross_entropy of a logit for each class; of one logit f, for two classes alone, logistic log(1+e^-yf), hinge max(0, 1-yf), squared (f-y)², correlation -yf."`
	Network     neuralnet.NetworkSettings    `name:"network" doc:"The network."`
	Optimizer   neuralnet.OptimizerSettings  `name:"optimizer" doc:"The optimiser, by its name."`
	Evaluation  trainloop.EvaluationSettings `name:"evaluation" doc:"When the network is measured, and on how many points."`
	Spectrum    [][]int                      `name:"spectrum" doc:"Sets of coordinates whose Fourier coefficients in the network are measured at each evaluation, such as [[1, 2], [3, 4, 5, 6]]: counted from 1, the core block's first, then the spurious block's; [] is the constant. Exact up to 20 dimensions, by a pass over the whole cube; else on evaluation.points uniform points."`
	Checkpoints trainloop.ScheduleSettings   `name:"checkpoints" doc:"When the network is kept in the output model, and its neurons are described; 10 times over the run if nothing is set."`
	Stop        trainloop.StopSettings       `name:"stop" doc:"Rules that end the training before its last step."`
	StartStep   *int                         `name:"start_step" min:"0" unit:"steps" doc:"Which checkpoint of the input start to begin with, by its step; the last one if not given. Only with start."`
	Seed        int64                        `name:"seed" default:"each.seed" doc:"Seed of initial weights, the order of data, and the points of evaluations: each has a random stream of its own."`
}

// checkpoints is the number of checkpoints after the start if nothing is set.
const checkpoints = 10

// Check reports what tags cannot say.
func (s *Settings) Check() []stages.Problem {
	problems := append(s.Evaluation.Check("evaluation", s.Steps), s.Checkpoints.Check("checkpoints", s.Steps)...)
	problems = append(problems, evaluation.CheckSets("spectrum", s.Spectrum)...)
	if s.Sampling == trainloop.SampleFull && s.Batch != defaultBatch {
		problems = append(problems, stages.Problem{Path: "batch", Summary: "A batch size with sampling = \"full\"",
			Detail: fmt.Sprintf("With sampling = \"full\" every step takes all samples, so batch = %d has no effect. Leave it out, or choose another sampling.", s.Batch)})
	}
	return append(problems, trainloop.CheckTraining(s.Loss, &s.Network, s.Optimizer, s.Steps)...)
}

const defaultBatch = 64

// repeats gives how often the points of evaluations are drawn.
func (s *Settings) repeats() int { return trainloop.RepeatsOf(s.Evaluation.Repeats) }

// outputs gives what is written besides the outputs that are always there.
func (s *Settings) outputs() []stages.Output {
	if s.repeats() == 1 {
		return nil
	}
	return []stages.Output{{Name: "repeats", Doc: "One row for each evaluation and repeat: " + evaluation.RepeatsDoc, Fields: repeatFields}}
}
