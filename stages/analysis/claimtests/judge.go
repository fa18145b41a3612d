package claimtests

import (
	"errors"
	"fmt"
	"math"

	"spurion/stages"
	"spurion/stages/numeric/distribution"
	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// A finding is the answer to what a claim asks: an effect, its interval and p-value, held against the range in which the claim has
// the effect.
type finding struct {
	inference.Answer
	from, to float64 // the range; infinite where it has no end
	alpha    float64
	against  float64 // the p-value against the range itself, where the effect lies outside
}

// beyond holds an answer against one bound, which was its question's null: the claim has the effect above it, or below.
func beyond(up bool, bound, alpha float64, a inference.Answer) *finding {
	f := &finding{Answer: a, from: math.Inf(-1), to: math.Inf(1), alpha: alpha, against: a.P}
	if up {
		f.from = bound
	} else {
		f.to = bound
	}
	return f
}

// verdict is the rule of all tests: the whole interval in the claim's range, the whole interval outside of it on one side, or
// neither. The p-value, which is of the same test, must say so too; where values are tied or censored the stricter of the two
// decides.
func (f *finding) verdict() string {
	switch {
	case f.P <= f.alpha && f.within():
		return reproduced
	case f.against <= f.alpha && f.outside():
		return notReproduced
	}
	return inconclusive
}

// within reports whether the whole interval lies in the range, and outside whether it lies on one side of it. A bound at the end
// of an interval is in it.
func (f *finding) within() bool {
	return (f.Low > f.from || math.IsInf(f.from, -1)) && (f.High < f.to || math.IsInf(f.to, 1)) && f.Low <= f.High
}

func (f *finding) outside() bool { return f.High < f.from || f.Low > f.to }

// hold notes a finding.
func (v *verdict) hold(f *finding) {
	v.verdict, v.alpha = f.verdict(), f.alpha
	v.estimate, v.low, v.high = f.Estimate, f.Low, f.High
	v.pValue, v.method = f.P, string(f.Method)
}

// interval gives "95 % interval 1 to 2", or nothing.
func (v *verdict) interval() string { return rangeText(v.low, v.high, v.confidence) }

// pSays gives "Welch p = .03": the test and its p-value.
func (v *verdict) pSays(test string) string { return test + " " + pText(v.pValue) }

// conclude ends the detail: what the interval has to do with the bound, and of an inconclusive verdict how many units would decide.
// Units names them, and each is " in each group" where there are several groups; have are there now, in the largest.
func (v *verdict) conclude(f *finding, s sample, units, each string, have int, step func() error) error {
	bound := stages.FormatFloat(f.from)
	switch {
	case !finite(f.from):
		bound = stages.FormatFloat(f.to)
	case finite(f.to):
		bound = "from " + number(f.from) + " to " + number(f.to)
	}
	switch {
	case v.verdict == reproduced:
		return nil
	case v.verdict == notReproduced && finite(f.from) && finite(f.to):
		v.detail += fmt.Sprintf(" The whole interval lies outside of the range %s.", bound)
		return nil
	case v.verdict == notReproduced && f.High < f.from:
		v.detail += fmt.Sprintf(" The whole interval lies below %s.", bound)
		return nil
	case v.verdict == notReproduced:
		v.detail += fmt.Sprintf(" The whole interval lies above %s.", bound)
		return nil
	case f.LeastP > f.alpha:
		if v.unitsNeeded = f.LeastUnits; v.unitsNeeded > 0 {
			v.detail += fmt.Sprintf(" So few %s cannot decide; %d%s are the least that can.", units, v.unitsNeeded, each)
		}
		return nil
	}
	if min(f.P, f.against) <= f.alpha {
		v.detail += " " + f.open(bound) + ", though p is at most " + stages.FormatFloat(f.alpha) + ": values that are null, or equal, leave the interval wide."
		return nil
	}
	n, err := f.unitsNeeded(s, have, step)
	if err != nil {
		return err
	}
	v.unitsNeeded = n
	v.detail += " " + f.open(bound) + ", so this is not decided"
	if n > 0 {
		v.detail += fmt.Sprintf("; about %d %s%s would decide.", n, units, each)
	} else {
		v.detail += fmt.Sprintf(", and would hardly be by 10,000 %s%s.", units, each)
	}
	return nil
}

// maxDrawn is the number of units up to which the number that would decide is found by drawing units.
const maxDrawn = 200

// errTooMany ends a search that goes far beyond what was foreseen.
var errTooMany = errors.New("claimtests: too many units")

// unitsNeeded gives about how many units would decide with a power of 0.8 if more are like those at hand: by the test itself on
// units drawn anew (inference.Units), where that takes some hundreds at most. More are foreseen by the p-value, whose distance
// from 1 grows in standard errors as the root of the number of units, to two digits; 0 stands for more than 10,000.
func (f *finding) unitsNeeded(s sample, have int, step func() error) (int, error) {
	foreseen := f.foreseen(have)
	if foreseen > maxDrawn {
		if foreseen > 10_000 {
			return 0, nil
		}
		tens := 1
		for foreseen/tens >= 100 {
			tens *= 10
		}
		return (foreseen + tens - 1) / tens * tens, nil
	}
	q := inference.Question{Null: f.from, Alpha: f.alpha, Purpose: "claims/units", Step: step}
	n, err := inference.Units(have, q, func(size int, stream *kernel.Stream, q inference.Question) (inference.Answer, error) {
		if size > 4*max(foreseen, have) {
			return inference.Answer{}, errTooMany
		}
		again, err := s.redraw(size, stream).find(q)
		if err != nil {
			return inference.Answer{}, err
		}
		again.P = min(again.P, again.against)
		return again.Answer, nil
	})
	if errors.Is(err, errTooMany) {
		return 0, nil
	}
	return n, err
}

// foreseen gives the number of units at which a p-value would be at most alpha with a power of 0.8, by the normal distribution.
func (f *finding) foreseen(have int) int {
	const power = 0.8416 // 0.8 of a normal distribution lies below
	sides := 2.0
	if finite(f.from) && finite(f.to) {
		sides = 1
	}
	now := distribution.NormalAbove(min(0.5, min(f.P, f.against)/sides))
	want := distribution.NormalAbove(f.alpha/sides) + power
	n := math.Ceil(float64(have) * (want / now) * (want / now))
	if !(n < 1e6) {
		return 1e6
	}
	return max(int(n), have+1)
}

// open says why a finding is inconclusive.
func (f *finding) open(bound string) string {
	switch both := finite(f.from) && finite(f.to); {
	case !finite(f.Low) && !finite(f.High):
		return "The interval has no ends"
	case f.within() || f.outside():
		return fmt.Sprintf("p is above %s", stages.FormatFloat(f.alpha))
	case both:
		return fmt.Sprintf("The interval lies partly outside of the range %s", bound)
	}
	return "The interval holds " + bound
}

// sentence gives "It is so (95 % interval 1 to 2)."
func sentence(says, brackets string) string {
	if brackets != "" {
		says += " (" + brackets + ")"
	}
	return says + "."
}
