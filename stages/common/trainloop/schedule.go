package trainloop

import (
	"errors"
	"fmt"
	"slices"

	"spurion/stages"
	"spurion/stages/numeric/kernel"
)

// A ScheduleSettings block says at which steps something is done: the union of evenly spaced
// steps, of steps spaced evenly on a logarithmic scale, and of single ones, in steps or in epochs. The start (step 0)
// and the end always belong to it.
type ScheduleSettings struct {
	Every     int   `name:"every" default:"0" min:"0" unit:"steps" doc:"Distance of evenly spaced points; 0 leaves them out, or, if nothing else is set, spaces a default number of points over the run."`
	PerDecade int   `name:"per_decade" default:"0" min:"0" max:"1000" doc:"Points per factor of ten in steps, on a logarithmic scale; 0 leaves them out."`
	At        []int `name:"at" min:"0" unit:"steps" doc:"Single steps; those after the end are ignored."`

	EveryEpochs *float64   `name:"every_epochs" above:"0" max:"1e9" unit:"epochs" doc:"Distance of evenly spaced points in epochs, such as 1 or 0.5: the k-th is at the step nearest to k times as many. An epoch is what epochs of the stage counts."`
	AtEpochs    *[]float64 `name:"at_epochs" min:"0" max:"1e9" unit:"epochs" doc:"Single points in epochs, such as [0.1, 1, 20]: each the nearest step; those after the end are ignored."`
}

// InSteps gives the schedule with what is in epochs as single steps, for a training of total steps.
func (s ScheduleSettings) InSteps(p Pass, total int64) (ScheduleSettings, error) {
	every, at := s.EveryEpochs, s.AtEpochs
	s.EveryEpochs, s.AtEpochs = nil, nil
	if every == nil && (at == nil || len(*at) == 0) {
		return s, nil
	}
	s.At = append(slices.Clone(s.At), 0) // which is looked at in any case: so something is set, whatever follows
	if every != nil {
		if err := s.space(*every, p, total); err != nil {
			return s, fmt.Errorf("every_epochs: %w", err)
		}
	}
	if at == nil {
		return s, nil
	}
	for _, epochs := range *at {
		step, err := p.Steps(epochs)
		if errors.Is(err, ErrNoEpoch) {
			return s, fmt.Errorf("at_epochs: %w", err)
		}
		if err == nil { // else it is after the end of any training
			s.At = append(s.At, int(step))
		}
	}
	return s, nil
}

// space adds single steps, evenly spaced in epochs up to total.
func (s *ScheduleSettings) space(every float64, p Pass, total int64) error {
	if p == 0 {
		return ErrNoEpoch
	}
	if points := float64(total) / float64(every*float64(p)); points > maxPoints {
		return fmt.Errorf("every %s epochs of %d steps makes about %.0f points over %d steps, and at most %d are kept; write a larger distance",
			stages.FormatFloat(every), p, points, total, maxPoints)
	}
	for k := 1; ; k++ {
		step, err := p.Steps(float64(float64(k) * every))
		if err != nil || step >= total {
			return nil
		}
		s.At = append(s.At, int(step))
	}
}

// Steps gives the scheduled steps of a run of total steps: ascending, distinct, within
// [0, total], with both ends. If nothing is set, count points are spaced evenly after step 0.
func (s ScheduleSettings) Steps(total int64, count int) []int64 {
	steps := []int64{0, total}
	every := int64(s.Every)
	if every == 0 && s.PerDecade == 0 && len(s.At) == 0 {
		every = max(1, total/int64(count))
	}
	if every > 0 {
		for at := every; at < total; at += every {
			steps = append(steps, at)
		}
	}
	if s.PerDecade > 0 {
		for k := 0; ; k++ {
			// 10^(k/d) = exp(k ln 10 / d): our own Exp64, because math.Pow's bits differ between processors.
			at := int64(kernel.Exp64(float64(k)*ln10/float64(s.PerDecade)) + 0.5)
			if at >= total {
				break
			}
			steps = append(steps, at)
		}
	}
	for _, at := range s.At {
		if int64(at) <= total {
			steps = append(steps, int64(at))
		}
	}
	slices.Sort(steps)
	return slices.Compact(steps)
}

const ln10 = 2.302585092994045684017991454684364208

// maxPoints bounds the evaluations or checkpoints of one run: beyond it a table would dwarf the
// training that it describes, and a slip of the keyboard is the likelier cause.
const maxPoints = 1_000_000

// Check reports a schedule that asks for more points than anyone can use, or for evenly spaced ones twice. total is 0
// if it is not known yet.
func (s ScheduleSettings) Check(path string, total int) []stages.Problem {
	var problems []stages.Problem
	if s.Every > 0 && total/s.Every > maxPoints {
		problems = append(problems, stages.Problem{
			Path: path + ".every", Summary: "Too many points in a schedule",
			Detail: fmt.Sprintf("Every %d of %d steps makes %d points, and at most %d are kept. Write a larger distance, or per_decade for points on a logarithmic scale.",
				s.Every, total, total/s.Every, maxPoints),
		})
	}
	if s.Every > 0 && s.EveryEpochs != nil {
		problems = append(problems, stages.Problem{Path: path + ".every_epochs", Summary: "The distance of points is set twice",
			Detail: fmt.Sprintf("every = %d and every_epochs = %s are two distances. Leave one of them out.", s.Every, stages.FormatFloat(*s.EveryEpochs))})
	}
	return problems
}
