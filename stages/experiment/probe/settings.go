package probe

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages"
	"spurion/stages/common/trainloop"
)

// Settings say how to probe.
type Settings struct {
	Points      int       `name:"points" default:"10000" min:"10" max:"10000000" unit:"points" doc:"size of the uniform sample; with 1,000 the standard error of a decoded correlation is up to 0.07. Without a law the most samples that are taken: equally many of each group, so no more than four times those of the smallest"`
	Holdout     float64   `name:"holdout" default:"0.2" above:"0" below:"1" doc:"share of the points on which classifiers are scored; they are fitted on the rest"`
	C           float64   `name:"c" default:"1" above:"0" doc:"inverse strength of the L2 penalty, as in scikit-learn: c times the summed log-loss plus half the squared weights; the intercept is not penalised"`
	Checkpoints string    `name:"checkpoints" default:"all" oneof:"all,last" doc:"which of the model's checkpoints to probe"`
	Parts       bool      `name:"parts" default:"false" doc:"whether to probe parts of the first hidden layer too: the neurons with r > 0.5, those with r <= 0.5, and random splits of the same sizes. It multiplies the cost, by about 2 + splits"`
	Splits      int       `name:"splits" default:"5" min:"0" max:"1000" unit:"splits" doc:"random splits of the neurons to compare parts with; not used without parts"`
	Repeats     *int      `name:"repeats" min:"1" max:"1000" unit:"repeats" doc:"how often everything is done anew, on other points of the same number: decoded correlations are then means over the repeats, and their standard errors are from the spread. It multiplies the cost. Left out: 1"`
	Split       *string   `name:"split" oneof:"test,validation" doc:"which split of the input data to probe on, without a law. Left out: test"`
	Controls    *int      `name:"controls" min:"0" max:"1000" unit:"networks" doc:"random networks to compare with: how many are probed as the network is. With one or more, what decodes from the network at step 0 and of permuted targets is told too. Left out: 3 without a law, else 0"`
	Targets     *[]string `name:"targets" doc:"what to decode by class for the output targets: label; attribute, the values of all attributes together; group, label and attribute together; or one of several attributes by its name. There may be any number of classes. Left out: nothing, and no such output"`
	Seed        int64     `name:"seed" default:"each.seed" doc:"seed of the sample and of random splits, which have a random stream each, as has each repeat's sample"`
}

// Check finds combinations that make no sense.
func (s *Settings) Check() []stages.Problem {
	var problems []stages.Problem
	fit, held := s.split()
	if fit < 1 || held < 1 {
		problems = append(problems, stages.Problem{Path: "holdout", Summary: "Nothing to fit or to score on", Detail: fmt.Sprintf(
			"With holdout = %v, %d of the %d points are left to fit on and %d to score on; both need some.", s.Holdout, fit, s.Points, held)})
	}
	if s.Targets == nil {
		return problems
	}
	if len(*s.Targets) == 0 {
		problems = append(problems, stages.Problem{Path: "targets", Summary: "No target is named", Detail: `Name one, such as targets = ["label"], or leave targets out.`})
	}
	for i, name := range *s.Targets {
		if slices.Contains((*s.Targets)[:i], name) {
			problems = append(problems, stages.Problem{Path: "targets", Summary: fmt.Sprintf("%q stands twice in targets", name), Detail: "Each target has one row for each checkpoint."})
		}
	}
	return problems
}

// repeats gives how often everything is done.
func (s *Settings) repeats() int { return trainloop.RepeatsOf(s.Repeats) }

// controls gives the number of random networks.
func (s *Settings) controls(law bool) int {
	switch {
	case s.Controls != nil:
		return *s.Controls
	case law:
		return 0
	}
	return 3
}

// outputs gives what is written beside the decoded correlations.
func (s *Settings) outputs() []stages.Output {
	var list []stages.Output
	if s.Targets != nil {
		list = append(list, stages.Output{Name: "targets", Doc: "One row for each checkpoint and target: how well a linear classifier tells its classes apart. Only with targets.", Fields: targetFields,
			Values: stages.AlwaysValues(map[string][]string{"target": *s.Targets})})
	}
	if s.Parts {
		list = append(list, stages.Output{Name: "parts", Doc: "One row for each checkpoint and part of the first hidden layer: what decodes from it. Only with parts = true; empty for a network without a hidden layer.", Fields: partFields,
			Values: stages.AlwaysValues(map[string][]string{"part": {"all", "core", "spurious", "random_core", "random_spurious"}})})
	}
	if s.repeats() > 1 {
		list = append(list, stages.Output{Name: "repeats", Doc: "One row for each checkpoint and repeat: what its points gave. Only with repeats of 2 or more.", Fields: repeatFields})
	}
	return list
}

// split gives the numbers of points that classifiers are fitted and scored on.
func (s *Settings) split() (fit, held int) {
	held = int(math.Round(float64(s.Holdout * float64(s.Points))))
	return s.Points - held, held
}
