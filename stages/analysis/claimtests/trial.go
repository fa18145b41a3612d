package claimtests

import (
	"context"
	"fmt"

	"spurion/stages"
	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// A Trial is the sample of a claim with the question that it is asked. It reads no tables, so it can be tried on other samples.
type Trial interface {
	// Verdict decides from the sample. Step is called after each unit of work; nil for none; its error ends the trial.
	Verdict(step func() error) (string, error)
	// Null draws a sample of the same size and design under the claim's null hypothesis, at its bound: with labels of units dealt
	// anew, signs drawn at random, or a binomial share. The claim is false there, or just so.
	Null(stream *kernel.Stream) Trial
	// promise gives the number of units, 0 if there are too few to draw from, and the largest rate at which a sample under the
	// null may be reproduced.
	promise() (units int, rate float64)
}

// Open makes the trial of a test from a run of its kind: r.Settings is what the kind's schema decoded, r.Inputs the claim's tables. It
// is nil where a claim says something of the units at hand, which no chance can reproduce. A sample too small for a verdict is
// inconclusive.
func Open(ctx context.Context, r *stages.Run) (Trial, error) {
	type opener interface {
		trial(ctx context.Context, r *stages.Run) (Trial, error)
	}
	s, ok := r.Settings.(opener)
	if !ok {
		return nil, fmt.Errorf("claimtests: settings of type %T are those of no test", r.Settings)
	}
	return s.trial(ctx, r)
}

// A sample is a Trial that says more than a verdict.
type sample interface {
	Trial
	// find answers the claim's question. Of ask only what is about the doing counts: Permutations if not 0, NoInterval, Step.
	find(ask inference.Question) (*finding, error)
	// redraw draws n units, with replacement, in each group that the sample has.
	redraw(n int, stream *kernel.Stream) sample
}

// verdictOf is the Verdict of samples.
func verdictOf(s sample, step func() error) (string, error) {
	f, err := s.find(inference.Question{Step: step})
	if err != nil {
		return "", err
	}
	return f.verdict(), nil
}

// A question is the range in which a claim has an effect, of which one end or both are bounds, and the level that it is asked at.
type question struct {
	from, to     float64
	alpha        float64
	permutations int
	purpose      string // of the random stream
}

// asked is a question with one bound.
func asked(up bool, bound, alpha float64, permutations int, purpose string) question {
	f := beyond(up, bound, alpha, inference.Answer{})
	return question{f.from, f.to, alpha, permutations, purpose}
}

// find asks for each bound: the answer on one is two-sided, and that on two is two one-sided tests (Schuirmann 1987, J. Pharmacokin.
// Biopharm. 15, 657-680), whose interval covers 1 - 2 alpha and whose p-value is the larger.
func (q question) find(ask inference.Question, answer func(inference.Question) (inference.Answer, error)) (*finding, error) {
	ask.Alpha, ask.Purpose = q.alpha, q.purpose
	if ask.Permutations == 0 {
		ask.Permutations = q.permutations
	}
	if !finite(q.from) || !finite(q.to) {
		up := finite(q.from)
		if ask.Null = q.from; !up {
			ask.Null = q.to
		}
		a, err := answer(ask)
		return beyond(up, ask.Null, q.alpha, a), err
	}
	ask.Alpha = float64(2 * q.alpha)
	ask.Null = q.from
	a, err := answer(ask)
	if err != nil {
		return nil, err
	}
	ask.Null, ask.NoInterval = q.to, true
	high, err := answer(ask)
	f := &finding{Answer: a, from: q.from, to: q.to, alpha: q.alpha}
	f.P, f.Above, f.Below = max(a.Above, high.Below), a.Above, high.Below
	f.against = min(a.Below, high.Above)
	f.LeastP = a.LeastP / 2
	return f, err
}

// bound gives the question's bound, one of both at random.
func (q question) bound(stream *kernel.Stream) float64 {
	switch {
	case !finite(q.to):
		return q.from
	case !finite(q.from) || stream.IntN(2) == 1:
		return q.to
	}
	return q.from
}
