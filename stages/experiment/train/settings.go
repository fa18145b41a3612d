package train

import (
	"context"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// Settings are what a spec says about a training.
type Settings struct {
	Steps       *int                         `name:"steps" min:"1" max:"1000000000" unit:"steps" doc:"Gradient steps. Give steps or epochs."`
	Epochs      *float64                     `name:"epochs" above:"0" max:"1e9" unit:"epochs" doc:"How long the training is in passes over the finite training set, in place of steps, such as 20 or 0.5. An epoch of n samples is ceil(n / batch) steps with sampling = \"shuffle\", a pass in a new order, and with \"replacement\", as many draws or a few more; one step with \"full\"; fresh samples have none. The training takes as many steps as is nearest, and one at least."`
	Batch       int                          `name:"batch" default:"64" min:"1" max:"65536" unit:"samples" doc:"Samples in a step; not used with sampling = \"full\". With shuffle the last batch of an epoch is smaller if batch does not divide the number of training samples, and the step follows the mean of those few."`
	Sampling    string                       `name:"sampling" default:"auto" oneof:"auto,fresh,shuffle,replacement,full" doc:"Where a step's samples come from: fresh draws of the law; the finite training set in a new random order each epoch (shuffle), drawn from it with replacement, or all of it (full). auto: fresh for a data set without training samples, else shuffle."`
	Loss        string                       `name:"loss" default:"cross_entropy" oneof:"cross_entropy,logistic,hinge,squared,correlation" doc:"The loss that is minimised: cross_entropy of a logit for each class; of one logit f, for two classes alone, logistic log(1+e^-yf), hinge max(0, 1-yf), squared (f-y)², correlation -yf."`
	Network     neuralnet.NetworkSettings    `name:"network" doc:"The network."`
	Augment     *trainloop.AugmentSettings   `name:"augment" doc:"How samples are changed at random before each step; they are not if it is left out. Measures are of samples as they are."`
	Optimizer   neuralnet.OptimizerSettings  `name:"optimizer" doc:"The optimiser, by its name."`
	Evaluation  trainloop.EvaluationSettings `name:"evaluation" doc:"When the network is measured, and on how many points."`
	Spectrum    [][]int                      `name:"spectrum" doc:"Sets of coordinates whose Fourier coefficients in the network are measured at each evaluation, such as [[1, 2], [3, 4, 5, 6]]: counted from 1, the core block's first, then the spurious block's; [] is the constant. Exact up to 20 dimensions, by a pass over the whole cube; else on evaluation.points uniform points."`
	TrainingSet *string                      `name:"training_set" oneof:"evaluations,end,never" doc:"When loss and accuracy on the whole training set are measured, each time by a pass over it: at every evaluation, at the end of the training alone, or never. Left out: at the end, but at every evaluation if a stop rule is about them. With fresh samples there are none."`
	Checkpoints trainloop.ScheduleSettings   `name:"checkpoints" doc:"When the network is kept in the output model, and its neurons are described; 10 times over the run if nothing is set."`
	Stop        trainloop.StopSettings       `name:"stop" doc:"Rules that end the training before its last step."`
	Learned     *trainloop.LearnedSettings   `name:"learned" doc:"From which correlations on a feature counts as learned in summary."`
	StartStep   *int                         `name:"start_step" min:"0" unit:"steps" doc:"Which checkpoint of the input start to begin with, by its step; the last one if not given. Only with start."`
	PerSample   *bool                        `name:"per_sample" doc:"Whether the output predictions is written, with what the network predicts at the end for each validation and test sample. Left out: false."`
	Seed        int64                        `name:"seed" default:"each.seed" doc:"Seed of initial weights, the order of data, and the points of evaluations: each has a random stream of its own."`
}

// checkpoints is the number of checkpoints after the start if nothing is set.
const checkpoints = 10

// Check reports what tags cannot say.
func (s *Settings) Check() []stages.Problem {
	total := int(s.total())
	problems := slices.Concat(trainloop.CheckLength(s.Steps, s.Epochs), trainloop.CheckEpochs(s.Sampling, s.inEpochs()),
		s.Evaluation.Check("evaluation", total), s.Checkpoints.Check("checkpoints", total), evaluation.CheckSets("spectrum", s.Spectrum), s.checkTrainingSet(), s.Learned.Check("learned"), s.Augment.Check("augment"))
	if s.Sampling == trainloop.SampleFull && s.Batch != defaultBatch {
		problems = append(problems, stages.Problem{Path: "batch", Summary: "A batch size with sampling = \"full\"",
			Detail: fmt.Sprintf("With sampling = \"full\" every step takes all samples, so batch = %d has no effect. Leave it out, or choose another sampling.", s.Batch)})
	}
	return append(problems, trainloop.CheckTraining(s.Loss, &s.Network, s.Optimizer, total)...)
}

// inEpochs are the paths of settings that may be in epochs; those that are, are true.
func (s *Settings) inEpochs() map[string]bool {
	paths := map[string]bool{
		"epochs":                   s.Epochs != nil,
		"evaluation.every_epochs":  s.Evaluation.EveryEpochs != nil,
		"checkpoints.every_epochs": s.Checkpoints.EveryEpochs != nil,
		"checkpoints.at_epochs":    s.Checkpoints.AtEpochs != nil,
	}
	for path, given := range s.Optimizer.EpochSettings() {
		paths["optimizer."+path] = given
	}
	return paths
}

// checkTrainingSet reports measures on a training set that there is not, and rules on what is not measured.
func (s *Settings) checkTrainingSet() []stages.Problem {
	rule := s.Stop.OnTrainingSet()
	var problems []stages.Problem
	if s.Sampling == trainloop.SampleFresh {
		const instead = "With sampling = \"fresh\" every step draws new samples, so there is no training set to measure on. "
		if rule != "" {
			problems = append(problems, stages.Problem{Path: "stop." + rule, Summary: "A rule on a training set that there is not", Detail: instead + "Use a rule on loss or training_loss, or choose another sampling."})
		}
		if s.TrainingSet != nil && *s.TrainingSet != neverMeasured {
			problems = append(problems, stages.Problem{Path: "training_set", Summary: "No training set to measure on", Detail: instead + "Leave training_set out, or choose another sampling."})
		}
		return problems
	}
	if rule != "" && s.TrainingSet != nil && *s.TrainingSet != atEvaluations {
		problems = append(problems, stages.Problem{Path: "training_set", Summary: "A stop rule on what is not measured",
			Detail: fmt.Sprintf("The rule stop.%s looks at the training set at every evaluation, and training_set = %q does not measure it there. Leave training_set out.", rule, *s.TrainingSet)})
	}
	return problems
}

// When the training set is measured.
const (
	atEvaluations = "evaluations"
	atEnd         = "end"
	neverMeasured = "never"
)

// whenMeasured says when the training set is measured, if there is one.
func (s *Settings) whenMeasured() string {
	switch {
	case s.TrainingSet != nil:
		return *s.TrainingSet
	case s.Stop.OnTrainingSet() != "":
		return atEvaluations
	}
	return atEnd
}

// inSteps gives the settings with all lengths in steps, or says what is wrong with them then.
func (s *Settings) inSteps(p trainloop.Pass) (*Settings, error) {
	if !trainloop.AnyEpochs(s.inEpochs()) {
		return s, nil
	}
	total, err := trainloop.Length(s.Steps, s.Epochs, p)
	if err != nil {
		return nil, err
	}
	in, steps := *s, int(total)
	in.Steps, in.Epochs = &steps, nil
	if in.Evaluation, err = s.Evaluation.InSteps(p, total); err != nil {
		return nil, err
	}
	if in.Checkpoints, err = s.Checkpoints.InSteps(p, total); err != nil {
		return nil, fmt.Errorf("checkpoints.%w", err)
	}
	if in.Optimizer, err = trainloop.OptimizerIn(s.Optimizer, p); err != nil {
		return nil, err
	}
	return &in, trainloop.Joined(in.Check())
}

// total gives the steps of the training; 0 if they are in epochs, and so not known yet.
func (s *Settings) total() int64 {
	if s.Steps == nil {
		return 0
	}
	return int64(*s.Steps)
}

const defaultBatch = 64

// repeats gives how often the points of evaluations are drawn.
func (s *Settings) repeats() int { return trainloop.RepeatsOf(s.Evaluation.Repeats) }

// outputs gives what is written besides the outputs that are always there.
func (s *Settings) outputs() []stages.Output {
	var list []stages.Output
	if s.perSample() {
		list = append(list, evaluation.PredictionOutput("the network at the end of the training"))
	}
	if s.repeats() > 1 {
		list = append(list, stages.Output{Name: "repeats", Doc: "One row for each evaluation and repeat: " + evaluation.RepeatsDoc, Fields: repeatFields})
	}
	return list
}

// perSample reports whether predictions are written.
func (s *Settings) perSample() bool { return s.PerSample != nil && *s.PerSample }

// predictions gives what the network predicts for validation and test samples.
func (t *training) predictions(ctx context.Context) (*frame.Builder, error) {
	b, ledger := frame.NewBuilder(evaluation.PredictionFields), &dataset.Ledger{}
	if err := evaluation.AppendPredictions(ctx, b, t.dataset, t.net, t.settings.Loss, ledger, func() {}); err != nil {
		return nil, err
	}
	return b, ledger.Check(labels)
}
