package trainloop

import (
	"fmt"

	"spurion/stages/common/evaluation"
)

// StopSettings end a training before its last step, at an evaluation: the first at which a rule
// holds. Of several that hold at once, the first in this order is named.
type StopSettings struct {
	CoreCorrelation *float64        `name:"core_correlation" min:"-1" max:"1" doc:"Stop at the first evaluation with at least this core correlation."`
	Loss            *float64        `name:"loss" unit:"nats" doc:"Stop at the first evaluation with at most this loss under the data's law, in the loss's own unit unless it is a log-loss."`
	TrainingLoss    *float64        `name:"training_loss" unit:"nats" doc:"Stop at the first evaluation with at most this mean loss over the batches since the evaluation before, in the unit of loss."`
	SetLoss         *float64        `name:"training_set_loss" unit:"nats" doc:"Stop at the first evaluation with at most this loss on the whole training set, in the unit of loss. It takes a pass over that set at each evaluation, and there is none with fresh samples."`
	SetAccuracy     *float64        `name:"training_set_accuracy" min:"0" max:"1" doc:"Stop at the first evaluation with at least this accuracy on the whole training set, such as 0.999 or 1, likewise."`
	NoGain          *NoGainSettings `name:"no_gain" doc:"Stop when a measure has not gained in so many evaluations."`
}

// NoGainSettings are the rule that a training ends when a measure stays where it is. A gain is an
// evaluation that is better, by more than MinGain, than the last gain (or the first evaluation): a
// larger number, but for losses a smaller one. So a slow improvement is a gain once it has added up.
type NoGainSettings struct {
	Of          string  `name:"of" default:"loss" oneof:"loss,training_loss,training_set_loss,training_set_accuracy,accuracy,worst_group_accuracy,group_mean_accuracy,core_correlation" doc:"The measure, a column of history."`
	Evaluations int     `name:"evaluations" min:"1" unit:"evaluations" doc:"Stop after so many evaluations in a row without a gain."`
	MinGain     float64 `name:"min_gain" default:"0" min:"0" doc:"By more than this, in its own unit, a measure must be better than at the last gain."`
}

// The names of rules, as a table tells why a training ended.
const (
	coreRule        = "core_correlation"
	lossRule        = "loss"
	trainingRule    = "training_loss"
	setLossRule     = "training_set_loss"
	setAccuracyRule = "training_set_accuracy"
	noGainRule      = "no_gain"
)

// StopRules are the names of all rules.
var StopRules = []string{coreRule, lossRule, trainingRule, setLossRule, setAccuracyRule, noGainRule}

// OnTrainingSet gives the path of a rule on the whole training set, below the block; "" if there is none.
func (s StopSettings) OnTrainingSet() string {
	switch {
	case s.SetLoss != nil:
		return setLossRule
	case s.SetAccuracy != nil:
		return setAccuracyRule
	case s.NoGain != nil && (s.NoGain.Of == setLossRule || s.NoGain.Of == setAccuracyRule):
		return noGainRule
	}
	return ""
}

// A Stopper applies stop rules to the evaluations of one training.
type Stopper struct {
	settings StopSettings
	best     evaluation.Optional // the measure at the last gain
	idle     int                 // evaluations since
}

// Rules gives a Stopper for evaluations by e; finite says that there is a training set. The error names a rule on a
// measure that e's points do not have, or that fresh samples do not, and that could therefore never end a training.
func (s StopSettings) Rules(e *evaluation.Evaluator, finite bool) (*Stopper, error) {
	if rule := s.OnTrainingSet(); rule != "" && !finite {
		return nil, fmt.Errorf("stop.%s: loss and accuracy on the training set need a finite one, and here every step draws fresh samples: "+
			"use a rule on loss or training_loss, or give the stage that makes the data set a number of training samples", rule)
	}
	of := ""
	if s.NoGain != nil {
		of = s.NoGain.Of
	}
	if none := e.NoCore(); none != "" && (s.CoreCorrelation != nil || of == coreRule) {
		return nil, fmt.Errorf("stop: %s: there is no core correlation to stop at; use a rule on a loss or an accuracy", none)
	}
	if !e.HasGroups() && (of == "worst_group_accuracy" || of == "group_mean_accuracy") {
		return nil, fmt.Errorf("stop.no_gain: the data has no attributes, so there is no %s; use a loss or the accuracy", of)
	}
	return s.Follow(), nil
}

// Follow gives a Stopper for evaluations whose measures the rules are known to be about.
func (s StopSettings) Follow() *Stopper { return &Stopper{settings: s} }

// Any reports whether there is a rule.
func (s StopSettings) Any() bool { return s != StopSettings{} }

// Reached takes the next evaluation, and says which rule ends the training there, or "". fit is nil where the training
// set is not measured, as no rule asks for it.
func (p *Stopper) Reached(v Visit, m *evaluation.Measures, fit *evaluation.Fit) string {
	idle := p.idles(v, m, fit)
	switch s := &p.settings; {
	case s.CoreCorrelation != nil && m.Core.Valid && m.Core.Value >= *s.CoreCorrelation:
		return coreRule
	case s.Loss != nil && m.Loss <= *s.Loss:
		return lossRule
	case s.TrainingLoss != nil && v.TrainingLoss.Valid && v.TrainingLoss.Value <= *s.TrainingLoss:
		return trainingRule
	case s.SetLoss != nil && fit != nil && fit.Loss.Valid && fit.Loss.Value <= *s.SetLoss:
		return setLossRule
	case s.SetAccuracy != nil && fit != nil && fit.Accuracy >= *s.SetAccuracy:
		return setAccuracyRule
	case idle:
		return noGainRule
	}
	return ""
}

// idles takes the next evaluation, and reports whether it is one too many without a gain.
func (p *Stopper) idles(v Visit, m *evaluation.Measures, fit *evaluation.Fit) bool {
	rule := p.settings.NoGain
	if rule == nil || rule.Of == trainingRule && !v.TrainingLoss.Valid { // no batch yet
		return false
	}
	var now evaluation.Optional
	switch rule.Of {
	case trainingRule:
		now = v.TrainingLoss
	case setLossRule:
		now = fit.Loss
	case setAccuracyRule:
		now = evaluation.Some(fit.Accuracy)
	case "accuracy":
		now = evaluation.Finite(m.Accuracy)
	case "worst_group_accuracy":
		now = m.WorstAccuracy
	case "group_mean_accuracy":
		now = m.MeanAccuracy
	case coreRule:
		now = m.Core
	default:
		now = evaluation.Finite(m.Loss)
	}
	gain := now.Value - p.best.Value
	if rule.Of == lossRule || rule.Of == trainingRule || rule.Of == setLossRule {
		gain = -gain
	}
	if now.Valid && (!p.best.Valid || gain > rule.MinGain) {
		p.best, p.idle = now, 0
		return false
	}
	p.idle++
	return p.idle >= rule.Evaluations
}
