package debias

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// A Stage is a part of a method: one network trained for some steps, by at most one of Weigh, Shape, Pull
// and Step.
type Stage struct {
	// Name is empty for the stage whose network the method returns, which is its last.
	Name   string
	Net    *neuralnet.Network
	Source trainloop.Source
	// Weigh gives the weights of a batch's losses in the sum that is minimised; nil for their mean.
	Weigh func(b *trainloop.Batch, losses []float32) []float32
	// Shape, if not nil, changes the losses themselves before their mean is taken; see trainloop.Shape.
	Shape trainloop.Shape
	// Pull, if not nil, adds a function of the last hidden layer's activations to the loss; see trainloop.Pull.
	Pull trainloop.Pull
	// Step, if not nil, is taken instead of gradient descent on Net's weighted loss.
	Step trainloop.Step
	// Rate, if not nil, gives a factor on the optimiser's rate before each step; a Step has its own.
	Rate  func() float64
	Steps int64
	// Unmeasured says that the network predicts something else than labels, so that it has no row in history.
	Unmeasured bool
	// Visit looks at the state at each evaluation, and at the stage's start and end; it may be nil.
	Visit func(trainloop.Visit) error
}

// check refuses hooks of which one would be passed over.
func (s *Stage) check() error {
	var set []string
	for _, hook := range []struct {
		name string
		set  bool
	}{{"Weigh", s.Weigh != nil}, {"Shape", s.Shape != nil}, {"Pull", s.Pull != nil}, {"Step", s.Step != nil}} {
		if hook.set {
			set = append(set, hook.name)
		}
	}
	if s.Step != nil && s.Rate != nil {
		set = append(set, "Rate")
	}
	if len(set) > 1 {
		return fmt.Errorf("the stage %q sets %s, of which one alone takes effect: make one hook of them", s.Name, strings.Join(set, " and "))
	}
	return nil
}

// Train runs a stage and counts its steps. At each evaluation it measures the network.
func (t *Trial) Train(ctx context.Context, s Stage) error {
	if s.Steps < 1 || s.Steps > t.Remaining() {
		return fmt.Errorf("a stage of %d steps does not fit into the %d left of the budget", s.Steps, t.Remaining())
	}
	if err := s.check(); err != nil {
		return err
	}
	if s.Step == nil {
		trainer, err := t.trainer(s.Net, s.Steps, s.Source)
		if err != nil {
			return err
		}
		switch {
		case s.Shape != nil:
			s.Step = trainloop.DescendShaped(trainer, s.Shape)
		case s.Pull != nil:
			s.Step = trainloop.DescendPulled(trainer, s.Pull)
		default:
			s.Step = trainloop.Descend(trainer, s.Weigh)
		}
		if s.Rate != nil {
			s.Step = paced(trainer, s.Step, t.settings.Optimizer.Rate, s.Rate)
		}
	}
	if s.Name == "" {
		t.earlier = t.taken
	}
	source, err := trainloop.Augmented(s.Source, t.settings.Augment, &t.dataset.Description, trainloop.AugmentStream(t.settings.Seed, s.Name))
	if err != nil {
		return err
	}
	p := trainloop.Phase{Source: source, Step: s.Step, First: t.taken, Last: t.taken + s.Steps}
	p.Visits = append(slices.Clone(t.visits), p.First, p.Last)
	slices.Sort(p.Visits)
	p.Visits = slices.Compact(p.Visits)
	p.Progress = func(step int64) { t.progress(step, t.budget) }
	p.Visit = func(v trainloop.Visit) (bool, error) {
		if !s.Unmeasured {
			if err := t.record.visit(ctx, s.Name, v.Step == p.First, s.Net, v); err != nil {
				return false, err
			}
		}
		if s.Visit == nil {
			return false, nil
		}
		return false, s.Visit(v)
	}
	out, err := trainloop.Fit(ctx, p)
	t.taken = out.Step
	if err != nil {
		return err
	}
	if out.Diverged.Valid {
		t.diverged = out.Diverged
		if s.Name != "" {
			t.Say("The stage %q diverged, so that no network was trained after it.", s.Name)
		}
		return errDiverged
	}
	return nil
}

// trainer prepares to train a network for a number of steps on a source's batches.
func (t *Trial) trainer(net *neuralnet.Network, steps int64, source trainloop.Source) (*neuralnet.Trainer, error) {
	trainer, err := neuralnet.NewTrainer(net, t.settings.Loss, t.settings.Optimizer.Over(steps), source.MaxRows())
	if err != nil {
		return nil, fmt.Errorf("optimizer: %w", err)
	}
	return trainer, nil
}

// paced takes a step at a factor of the rate.
func paced(trainer *neuralnet.Trainer, step trainloop.Step, rate float64, factor func() float64) trainloop.Step {
	return func(b *trainloop.Batch) (float64, error) {
		trainer.SetRate(float64(rate * factor()))
		return step(b)
	}
}
