package main

import (
	"math"
)

// A contest is one job, measured on all sides in turns.
type contest struct {
	b   *bench
	f   trainFlags
	r   *trainReport
	own *child
	job job

	sides []*contestant // Spurion first
}

// A contestant is one way to do the job.
type contestant struct {
	label, variant string
	side           *child
	steps          int   // of a spell
	times          costs // of a step
	loss           float64
}

func (c *contest) measure() error {
	c.b.files(&c.job)
	if c.job.Rows > 0 {
		if err := c.own.ask(trainRequest{Do: "write", Job: c.job}, new(trainAnswer)); err != nil {
			return err
		}
		defer removeFiles(&c.job)
	}
	if err := c.gather(); err != nil {
		return err
	}
	matrix := sample{}
	matrixSteps := max(1, int(c.f.spell/c.sides[0].times.cpu.least()))
	for turn := range c.f.turns {
		c.b.say("job %s: turn %d of %d", c.job.Name, turn+1, c.f.turns)
		for _, s := range c.sides {
			if err := c.spell(s); err != nil {
				return err
			}
		}
		var a trainAnswer
		if err := c.own.ask(trainRequest{Do: "matrix", Job: c.job, Steps: matrixSteps}, &a); err != nil {
			return err
		}
		matrix = append(matrix, a.Seconds)
		if err := c.own.ask(trainRequest{Do: "peak"}, &a); err != nil {
			return err
		}
		c.r.Peak = max(c.r.Peak, a.Operations/a.Seconds)
	}
	c.report(matrix)
	return nil
}

// gather finds who takes part: Spurion, each PyTorch in its fastest eager form, and compiled if wanted.
func (c *contest) gather() error {
	own := &contestant{label: "Spurion", side: c.own}
	if err := c.calibrate(own); err != nil {
		return err
	}
	c.sides = append(c.sides, own)
	for i := range c.r.Torches {
		t := &c.r.Torches[i]
		fastest, least := (*contestant)(nil), math.Inf(1)
		for _, variant := range t.eager() {
			s := &contestant{label: t.label(), variant: variant, side: t.side}
			if err := c.calibrate(s); err != nil {
				return err
			}
			if s.times.cpu.least() < least {
				fastest, least = s, s.times.cpu.least()
			}
		}
		c.sides = append(c.sides, fastest)
		if c.f.compile && len(t.eager()) < len(t.Variants) {
			s := &contestant{label: t.label(), variant: compiled, side: t.side}
			if err := c.calibrate(s); err != nil {
				c.b.say("%s, compiled: %v", t.label(), err)
				c.r.notes = append(c.r.notes, "torch.compile of "+t.label()+" did not work here.")
				continue
			}
			c.sides = append(c.sides, s)
		}
	}
	return nil
}

// calibrate warms a side up and finds how many steps a spell takes; it leaves a few trial times.
func (c *contest) calibrate(s *contestant) error {
	epoch := c.job.epochSteps()
	s.steps = epoch
	for range 2 { // what is compiled is compiled now
		if err := c.spell(s); err != nil {
			return err
		}
	}
	s.times = costs{}
	for {
		var a trainAnswer
		if err := s.side.ask(trainRequest{Do: "train", Job: c.job, Variant: s.variant, Steps: s.steps}, &a); err != nil {
			return err
		}
		if a.Seconds >= c.f.spell/3 || s.steps > 1<<24 {
			s.steps = max(1, int(math.Round(c.f.spell/a.Seconds*float64(s.steps)/float64(epoch)))) * epoch
			break
		}
		s.steps *= 4
	}
	for range c.f.eagerTrials {
		if err := c.spell(s); err != nil {
			return err
		}
	}
	return nil
}

// spell trains for a while and keeps the time of a step.
func (c *contest) spell(s *contestant) error {
	var a trainAnswer
	cpu, err := s.side.timed(trainRequest{Do: "train", Job: c.job, Variant: s.variant, Steps: s.steps}, &a)
	if err != nil {
		return err
	}
	n := float64(s.steps)
	s.times.add(cost{a.Seconds / n, cpu / n})
	s.loss = a.Loss
	return nil
}

// report sums the contest up; trials before the first turn are left out.
func (c *contest) report(matrix sample) {
	own, from := c.sides[0], len(c.sides[0].times.cpu)-c.f.turns
	ownCPU := own.times.cpu[from:]
	result := jobResult{
		Job: c.job, Spurion: ownCPU.figure(), SpurionClock: own.times.wall[from:].figure(),
		Matrix: matrix.figure(), Flops: 2 * c.job.multiplyAdds(), Loss: own.loss,
	}
	result.Job.X, result.Job.Y = "", ""
	for _, s := range c.sides[1:] {
		cpu, wall := s.times.cpu[len(s.times.cpu)-c.f.turns:], s.times.wall[len(s.times.wall)-c.f.turns:]
		result.Torches = append(result.Torches, torchResult{
			Label: s.label, Variant: s.variant, Step: cpu.figure(), Clock: wall.figure(),
			Ratio: cpu.ratioTo(ownCPU), Loss: s.loss,
		})
	}
	c.r.Jobs = append(c.r.Jobs, result)
}
