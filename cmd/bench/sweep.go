package main

// A sweep is job a as an experiment, with several seeds, run by the engine with one worker and with
// two.
type sweep struct {
	Seeds int    `json:"seeds"`
	Steps int    `json:"steps"`
	One   figure `json:"one_worker"`
	Two   figure `json:"two_workers"`
	Gain  ratio  `json:"gain"` // one worker's time over two's
	// Processor time of both: that of two workers is longer by what they cost each other.
	OneCPU figure `json:"one_worker_processor_time"`
	TwoCPU figure `json:"two_workers_processor_time"`
}

func (b *bench) sweep(f trainFlags, r *trainReport) error {
	var times [2]costs
	var env []string
	if f.avx2 {
		env = append(env, spurionAVX2)
	}
	for turn := range f.sweepRepeats {
		for i := range times {
			b.say("sweep of job a: turn %d of %d, %d workers", turn+1, f.sweepRepeats, i+1)
			spec, err := b.scratch("sweep", "sweep.hcl")
			if err != nil {
				return err
			}
			var a engineAnswer
			cpu, err := askOnce(b.ctx, "engine", engineRequest{
				Spec: spec, Variables: map[string]int{"seeds": f.sweepSeeds, "steps": f.sweepSteps}, Workers: i + 1,
			}, &a, env...)
			if err != nil {
				return err
			}
			times[i].add(cost{a.Total, cpu})
		}
	}
	r.Sweep = &sweep{
		Seeds: f.sweepSeeds, Steps: f.sweepSteps, One: times[0].wall.figure(), Two: times[1].wall.figure(),
		Gain:   times[0].wall.ratioTo(times[1].wall),
		OneCPU: times[0].cpu.figure(), TwoCPU: times[1].cpu.figure(),
	}
	return nil
}
