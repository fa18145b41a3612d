package trainloop

import (
	"fmt"

	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// EvaluationSettings say when a network is measured and on how many points.
type EvaluationSettings struct {
	Every     int  `name:"every" default:"0" min:"0" unit:"steps" doc:"Distance of evenly spaced evaluations; 0, without per_decade, evaluates 100 times over the run. The start and the end are always evaluated."`
	PerDecade int  `name:"per_decade" default:"0" min:"0" max:"1000" doc:"Evaluations per factor of ten in steps, on a logarithmic scale; 0 for none."`
	Points    int  `name:"points" default:"4096" min:"4" max:"10000000" unit:"points" doc:"Points that a network is measured on, the same at every evaluation, equally many from each group. A cube of at most 2^14 points is enumerated instead."`
	Repeats   *int `name:"repeats" min:"1" max:"1000" unit:"repeats" doc:"How often points are drawn anew, so many each time: measures are then means over the repeats, their standard errors are from the spread, and the output repeats has each. It multiplies the cost of evaluations. Left out: 1. Not for a cube that is enumerated, and for data without a law."`

	EveryEpochs *float64 `name:"every_epochs" above:"0" max:"1e9" unit:"epochs" doc:"Distance of evenly spaced evaluations in epochs, in place of every: the k-th is at the step nearest to k times as many, so that with 1 each epoch's end is evaluated. An epoch is what epochs of the stage counts."`

	at []int // further steps, which InSteps has made of epochs
}

// InSteps gives the settings with all lengths in steps, for a training of total steps.
func (s EvaluationSettings) InSteps(p Pass, total int64) (EvaluationSettings, error) {
	schedule, err := s.schedule().InSteps(p, total)
	if err != nil {
		return s, fmt.Errorf("evaluation.%w", err)
	}
	s.EveryEpochs, s.at = nil, schedule.At
	return s, nil
}

// schedule gives the steps alone.
func (s EvaluationSettings) schedule() ScheduleSettings {
	return ScheduleSettings{Every: s.Every, PerDecade: s.PerDecade, At: s.at, EveryEpochs: s.EveryEpochs}
}

// LearnedSettings say from which correlation on a feature counts as learned. What data without a law allow may be far below
// what a parity does; the kind milestones tells of further levels, and of shares of what another run reaches.
type LearnedSettings struct {
	Begins   *float64 `name:"begins" above:"0" max:"1" doc:"Core correlation of core_t10_step, and up to which spurious_phase_share counts. Left out: 0.1."`
	Core     *float64 `name:"core" above:"0" max:"1" doc:"Core correlation of core_learned_step, on which core_phase_width and spurious_phase_share go. Left out: 0.95."`
	Fully    *float64 `name:"fully" above:"0" max:"1" doc:"Core correlation of core_t99_step. Left out: 0.99."`
	Spurious *float64 `name:"spurious" above:"0" max:"1" doc:"Spurious correlation from which spurious_phase_share counts. Left out: 0.9."`
}

// Levels gives those that are given, and the rest as ever; l may be nil.
func (l *LearnedSettings) Levels() evaluation.Levels {
	levels := evaluation.DefaultLevels
	if l == nil {
		return levels
	}
	for _, of := range []struct {
		given *float64
		level *float64
	}{{l.Begins, &levels.Begins}, {l.Core, &levels.Core}, {l.Fully, &levels.Fully}, {l.Spurious, &levels.Spurious}} {
		if of.given != nil {
			*of.level = *of.given
		}
	}
	return levels
}

// Check reports levels out of order; path is where the block stands.
func (l *LearnedSettings) Check(path string) []stages.Problem {
	v := l.Levels()
	if v.Begins <= v.Core && v.Core <= v.Fully {
		return nil
	}
	return []stages.Problem{{Path: path, Summary: "Levels out of order", Detail: fmt.Sprintf(
		"begins = %v, core = %v and fully = %v must not fall; what is left out is 0.1, 0.95 and 0.99.", v.Begins, v.Core, v.Fully)}}
}

// Evaluations is the number of evaluations if nothing is set.
const Evaluations = 100

// Steps gives the steps at which a run of total steps is evaluated.
func (s EvaluationSettings) Steps(total int64) []int64 { return s.schedule().Steps(total, Evaluations) }

// Check reports what tags cannot say; path is where the block stands. total is 0 if it is not known yet.
func (s EvaluationSettings) Check(path string, total int) []stages.Problem {
	return append(s.schedule().Check(path, total), CheckRepeats(path+".repeats", s.Points, s.Repeats)...)
}

// CheckNetwork reports a network that does not fit the loss, whatever the data, and what is wrong with it in itself; the
// attributes are loss and network. Outputs that are left out fit; NetworkSettings.For decides them when the data is known.
func CheckNetwork(loss string, n *neuralnet.NetworkSettings) []stages.Problem {
	var problems []stages.Problem
	if n.Outputs != 0 {
		if err := neuralnet.CheckLoss(loss, n.Outputs); err != nil {
			problems = append(problems, stages.Problem{Path: "loss", Summary: "Loss and number of outputs do not fit", Detail: err.Error()})
		}
	}
	return append(problems, within("network", n.Check())...)
}

// CheckTraining is CheckNetwork, and reports what is wrong with the attribute optimizer in a training of so
// many steps; 0 if they are not known yet.
func CheckTraining(loss string, n *neuralnet.NetworkSettings, o neuralnet.OptimizerSettings, steps int) []stages.Problem {
	if steps == 0 {
		steps = maxSteps
	}
	o = o.Over(int64(steps))
	return append(CheckNetwork(loss, n), within("optimizer", append(o.Check(), o.CheckLayers(n)...))...)
}

// NetworkFor gives the settings of a network with all that the loss, the number of classes and the shape of the data's inputs
// decide. The error says that they do not go together.
func NetworkFor(s neuralnet.NetworkSettings, loss string, classes int, d *dataset.Description) (neuralnet.NetworkSettings, error) {
	s, err := s.For(loss, classes)
	if err != nil {
		return s, err
	}
	return s.On((*neuralnet.ImageShape)(d.Shape))
}

// within gives the problems of a block as problems of the settings that hold it.
func within(block string, problems []stages.Problem) []stages.Problem {
	for i := range problems {
		problems[i].Path = block + "." + problems[i].Path
	}
	return problems
}

// The purposes of random streams: see the package's doc.
const (
	initPurpose       = "init"
	orderPurpose      = "order"
	evaluationPurpose = "evaluation"
	validationPurpose = "validation"
	methodPurpose     = "method"
	spectrumPurpose   = "spectrum"
	unseenPurpose     = "unseen"
	augmentPurpose    = "augment"
)

// InitStream gives the stream of initial weights. Networks of different names start differently;
// the one that a method returns has the name "".
func InitStream(seed int64, name string) *kernel.Stream { return named(seed, initPurpose, name) }

// OrderStream gives the stream of the data that each step takes.
func OrderStream(seed int64, name string) *kernel.Stream { return named(seed, orderPurpose, name) }

// AugmentStream gives the stream of what augmentation draws, for a training of a name as OrderStream has it.
func AugmentStream(seed int64, name string) *kernel.Stream { return named(seed, augmentPurpose, name) }

// EvaluationStream gives the stream of the points of evaluations.
func EvaluationStream(seed int64) *kernel.Stream { return kernel.NewStream(seed, evaluationPurpose) }

// ValidationStream gives the stream of fresh validation data.
func ValidationStream(seed int64) *kernel.Stream { return kernel.NewStream(seed, validationPurpose) }

// SpectrumStream gives the stream of the points on which Fourier coefficients are estimated.
func SpectrumStream(seed int64) *kernel.Stream { return kernel.NewStream(seed, spectrumPurpose) }

// UnseenStream gives the stream of the points whose core blocks do not occur in a training set.
func UnseenStream(seed int64) *kernel.Stream { return kernel.NewStream(seed, unseenPurpose) }

// MethodStream gives a stream for what a method draws besides weights and data.
func MethodStream(seed int64, name string) *kernel.Stream { return named(seed, methodPurpose, name) }

func named(seed int64, purpose, name string) *kernel.Stream {
	if name != "" {
		purpose += "/" + name
	}
	return kernel.NewStream(seed, purpose)
}
