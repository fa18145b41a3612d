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
	NoGain          *NoGainSettings `name:"no_gain" doc:"Stop when a measure has not gained in so many evaluations."`
}

// NoGainSettings are the rule that a training ends when a measure stays where it is. A gain is an
// evaluation that is better, by more than MinGain, than the last gain (or the first evaluation): a
// larger number, but for losses a smaller one. So a slow improvement is a gain once it has added up.
type NoGainSettings struct {
	Of          string  `name:"of" default:"loss" oneof:"loss,training_loss,accuracy,worst_group_accuracy,group_mean_accuracy,core_correlation" doc:"The measure, a column of history."`
	Evaluations int     `name:"evaluations" min:"1" unit:"evaluations" doc:"Stop after so many evaluations in a row without a gain."`
	MinGain     float64 `name:"min_gain" default:"0" min:"0" doc:"By more than this, in its own unit, a measure must be better than at the last gain."`
}

// The names of rules, as a table tells why a training ended.
const (
	coreRule     = "core_correlation"
	lossRule     = "loss"
	trainingRule = "training_loss"
	noGainRule   = "no_gain"
)

// StopRules are the names of all rules.
var StopRules = []string{coreRule, lossRule, trainingRule, noGainRule}

// A Stopper applies stop rules to the evaluations of one training.
type Stopper struct {
	settings StopSettings
	best     evaluation.Optional // the measure at the last gain
	idle     int                 // evaluations since
}

// Rules gives a Stopper for evaluations by e. The error names a rule on a measure that e's points
// do not have, and that could therefore never end a training.
func (s StopSettings) Rules(e *evaluation.Evaluator) (*Stopper, error) {
	of := ""
	if s.NoGain != nil {
		of = s.NoGain.Of
	}
	if !e.HasCorrelations() && (s.CoreCorrelation != nil || of == coreRule) {
		return nil, fmt.Errorf("stop: the data has no law, so there is no core correlation to stop at; use a rule on a loss or an accuracy")
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

// Reached takes the next evaluation, and says which rule ends the training there, or "".
func (p *Stopper) Reached(v Visit, m *evaluation.Measures) string {
	idle := p.idles(v, m)
	switch s := &p.settings; {
	case s.CoreCorrelation != nil && m.Core.Valid && m.Core.Value >= *s.CoreCorrelation:
		return coreRule
	case s.Loss != nil && m.Loss <= *s.Loss:
		return lossRule
	case s.TrainingLoss != nil && v.TrainingLoss.Valid && v.TrainingLoss.Value <= *s.TrainingLoss:
		return trainingRule
	case idle:
		return noGainRule
	}
	return ""
}

// idles takes the next evaluation, and reports whether it is one too many without a gain.
func (p *Stopper) idles(v Visit, m *evaluation.Measures) bool {
	rule := p.settings.NoGain
	if rule == nil || rule.Of == trainingRule && !v.TrainingLoss.Valid { // no batch yet
		return false
	}
	var now evaluation.Optional
	switch rule.Of {
	case trainingRule:
		now = v.TrainingLoss
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
	if rule.Of == lossRule || rule.Of == trainingRule {
		gain = -gain
	}
	if now.Valid && (!p.best.Valid || gain > rule.MinGain) {
		p.best, p.idle = now, 0
		return false
	}
	p.idle++
	return p.idle >= rule.Evaluations
}
