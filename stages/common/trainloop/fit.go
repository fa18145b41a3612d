package trainloop

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/neuralnet"
)

// A Step trains on one batch. It returns the batch's mean loss in nats, unweighted, or
// neuralnet.ErrDiverged (wrapped or not) if the numbers are no longer finite.
type Step func(b *Batch) (loss float64, err error)

// A Phase is a stretch of training on one source.
type Phase struct {
	Source Source
	Step   Step
	// The phase takes the steps First+1 to Last, counted from the start of the method.
	First, Last int64
	// Visits are the steps at which Visit is called, in ascending order; First means before the first
	// step of the phase. Those outside [First, Last] are passed over.
	Visits []int64
	// Visit looks at the state after a step. It may end the phase by returning stop.
	Visit func(Visit) (stop bool, err error)
	// Progress is told of each step taken; it may be nil.
	Progress func(step int64)
	// Tally, if not nil, is kept up to date: Visit sees it as it is before its own visit counts. One that has counted
	// before is of the steps up to First: the phase goes on from there, and First is not visited again.
	Tally *Tally
}

// A Visit is a look at the state of training.
type Visit struct {
	Step int64
	// Epoch is the number of passes over a finite training set in this phase, with fractions.
	Epoch evaluation.Optional
	// TrainingLoss is the mean loss over the batches since the last visit, as each was before its
	// step; nothing at the start.
	TrainingLoss evaluation.Optional
}

// An Outcome says how a phase ended.
type Outcome struct {
	Step    int64 // the last step whose result is finite
	Stopped bool  // by Visit
	// Diverged is the step after which numbers were no longer finite: a step that failed, or one
	// after which Visit returned neuralnet.ErrDiverged.
	Diverged evaluation.Optional
}

// DivergedAdvice says what to try when a training has diverged.
const DivergedAdvice = "Try a lower optimizer.rate, a clip_norm, or a schedule with a warmup."

// Fit runs a phase. A diverged training is an outcome, not an error: it ends at the step, and what
// was visited before stands. Equal phases take equal steps, however often they are visited. It
// looks at ctx before every step.
func Fit(ctx context.Context, p Phase) (Outcome, error) {
	out := Outcome{Step: p.First}
	next, _ := slices.BinarySearch(p.Visits, p.First)
	visit := func(v Visit) error {
		if next == len(p.Visits) || p.Visits[next] != v.Step {
			return nil
		}
		next++
		var err error
		out.Stopped, err = p.Visit(v)
		if errors.Is(err, neuralnet.ErrDiverged) {
			out.Stopped, out.Diverged, err = true, evaluation.Some(float64(v.Step)), nil
		}
		return err
	}
	tally := p.Tally
	if tally == nil {
		tally = NewTally(1)
	}
	if len(tally.Visits) == 0 {
		if err := visit(Visit{Step: p.First, Epoch: EpochOf(p.Source, 0)}); err != nil || out.Stopped {
			return out, err
		}
		tally.visited(p.First)
	} else if next < len(p.Visits) && p.Visits[next] == p.First {
		next++
	}
	var b Batch
	for step := p.First + 1; step <= p.Last; step++ {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		p.Source.Next(&b)
		loss, err := p.Step(&b)
		if errors.Is(err, neuralnet.ErrDiverged) {
			out.Diverged = evaluation.Some(float64(step))
			return out, nil
		}
		if err != nil {
			return out, fmt.Errorf("step %d: %w", step, err)
		}
		out.Step = step
		tally.add(b.Rows, loss)
		if p.Progress != nil {
			p.Progress(step)
		}
		if next == len(p.Visits) || p.Visits[next] != step {
			continue
		}
		v := Visit{step, EpochOf(p.Source, tally.Rows), evaluation.Finite(tally.mean(step))}
		if err := visit(v); err != nil || out.Stopped {
			return out, err
		}
		tally.visited(step)
	}
	return out, nil
}

// EpochOf gives the number of passes over a source's data that so many samples are, with fractions; nothing for fresh ones.
func EpochOf(s Source, rows int64) evaluation.Optional {
	if a, ok := s.(*augmented); ok {
		s = a.Source
	}
	if s, ok := s.(interface{ passes() float64 }); ok { // its passes differ in length
		return evaluation.Some(s.passes())
	}
	if s.EpochRows() == 0 {
		return evaluation.Optional{}
	}
	return evaluation.Some(float64(rows) / float64(s.EpochRows()))
}

// A Shape turns losses of a batch's rows into others, as functions of the scores, [rows, S]: it changes losses [rows]
// and slopes (d loss / d score, [rows, S]) in place. The mean loss is what is minimised. Scores are margins, with S = 1, or
// the logits of more than two classes (see package neuralnet).
type Shape func(b *Batch, scores, losses, slopes []float32)

// DescendShaped gives the step of gradient descent on the mean of shaped losses.
func DescendShaped(t *neuralnet.Trainer, shape Shape) Step {
	return func(b *Batch) (float64, error) {
		losses := b.Forward(t)
		shape(b, t.Scores(), losses, t.Slopes())
		mean := meanOf(losses)
		t.Backward(nil)
		return mean, t.Update()
	}
}

// Descend gives the step of gradient descent on the loss of one network. weigh gives the weight of
// each row in the sum that is minimised, from the batch and its losses; nil, or a nil result,
// stands for 1/rows each. The slice that weigh returns is used before the next step.
func Descend(t *neuralnet.Trainer, weigh func(b *Batch, losses []float32) []float32) Step {
	return func(b *Batch) (float64, error) {
		losses := b.Forward(t)
		mean := meanOf(losses)
		var weights []float32
		if weigh != nil {
			weights = weigh(b, losses)
		}
		t.Backward(weights)
		return mean, t.Update()
	}
}

// A Pull adds to a batch's loss a function of its features, the activations of the last hidden layer
// [rows, width]: it gives the function's gradient by them, and the weights of the rows' losses, both used
// before the next step. A nil gradient stands for 0, nil weights for 1/rows each.
type Pull func(b *Batch, features []float32) (gradient, weights []float32)

// DescendPulled gives the step of gradient descent on weighted losses and a function of the features.
func DescendPulled(t *neuralnet.Trainer, pull Pull) Step {
	return func(b *Batch) (float64, error) {
		mean := meanOf(b.Forward(t))
		gradient, weights := pull(b, t.Features())
		t.BackwardWith(weights, gradient)
		return mean, t.Update()
	}
}

func meanOf(losses []float32) float64 {
	var sum float64
	for _, l := range losses {
		sum += float64(l)
	}
	return sum / float64(len(losses))
}
