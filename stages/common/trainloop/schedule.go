package trainloop

import (
	"fmt"
	"slices"

	"spurion/stages"
	"spurion/stages/numeric/kernel"
)

// A ScheduleSettings block says at which steps something is done: the union of evenly spaced
// steps, of steps spaced evenly on a logarithmic scale, and of single ones. The start (step 0)
// and the end always belong to it.
type ScheduleSettings struct {
	Every     int   `name:"every" default:"0" min:"0" unit:"steps" doc:"Distance of evenly spaced points; 0 leaves them out, or, if nothing else is set, spaces a default number of points over the run."`
	PerDecade int   `name:"per_decade" default:"0" min:"0" max:"1000" doc:"Points per factor of ten in steps, on a logarithmic scale; 0 leaves them out."`
	At        []int `name:"at" min:"0" unit:"steps" doc:"Single steps; those after the end are ignored."`
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

// Check reports a schedule that asks for more points than anyone can use.
func (s ScheduleSettings) Check(path string, total int) []stages.Problem {
	if s.Every > 0 && total/s.Every > maxPoints {
		return []stages.Problem{{
			Path: path + ".every", Summary: "Too many points in a schedule",
			Detail: fmt.Sprintf("Every %d of %d steps makes %d points, and at most %d are kept. Write a larger distance, or per_decade for points on a logarithmic scale.",
				s.Every, total, total/s.Every, maxPoints),
		}}
	}
	return nil
}
