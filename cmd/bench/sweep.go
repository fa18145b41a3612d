package main

// A sweep is job a as an experiment, with several seeds, run by the engine with one worker and with
// two.
type sweep struct {
	Seeds int     `json:"seeds"`
	Steps int     `json:"steps"`
	One   figure  `json:"one_worker"`
	Two   figure  `json:"two_workers"`
	Gain  float64 `json:"gain"` // one worker's time over two's, median of the turns
}

func (b *bench) sweep(f trainFlags, r *trainReport) error {
	var times [2]sample
	for turn := range f.sweepRepeats {
		for i := range times {
			b.say("sweep of job a: turn %d of %d, %d workers", turn+1, f.sweepRepeats, i+1)
			spec, err := b.scratch("sweep", "sweep.hcl")
			if err != nil {
				return err
			}
			var a engineAnswer
			_, err = askOnce(b.ctx, "engine", engineRequest{
				Spec: spec, Variables: map[string]int{"seeds": f.sweepSeeds, "steps": f.sweepSteps}, Workers: i + 1,
			}, &a)
			if err != nil {
				return err
			}
			times[i] = append(times[i], a.Total)
		}
	}
	r.Sweep = &sweep{f.sweepSeeds, f.sweepSteps, times[0].figure(), times[1].figure(), times[0].over(times[1]).median()}
	return nil
}
