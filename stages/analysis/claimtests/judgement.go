package claimtests

import (
	"math"

	"spurion/stages/numeric/inference"
)

// A Judgement is what a trial comes to, in numbers: the verdict, and the effect with its interval. NaN stands for what does not exist,
// and an infinity for an end that does not.
type Judgement struct {
	Verdict             string
	Estimate, Low, High float64
}

// The verdicts, for who counts them.
const (
	Reproduced    = reproduced
	NotReproduced = notReproduced
)

// Judge decides a trial, for who wants more of it than the verdict. Of a fit there is the verdict alone.
func Judge(t Trial, step func() error) (Judgement, error) {
	nan := math.NaN()
	s, ok := t.(sample)
	if !ok {
		verdict, err := t.Verdict(step)
		return Judgement{verdict, nan, nan, nan}, err
	}
	f, err := s.find(inference.Question{Step: step})
	if err != nil {
		return Judgement{}, err
	}
	return Judgement{f.verdict(), f.Estimate, f.Low, f.High}, nil
}
