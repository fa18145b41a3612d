package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// A contest is one job, measured on all sides in turns.
type contest struct {
	b   *bench
	f   trainFlags
	r   *trainReport
	own *child
	job job

	checked job       // for proofs
	losses  []float64 // Spurion's of it

	sides []*contestant // Spurion first
}

// A contestant is one way to do the job.
type contestant struct {
	label, variant string
	peer           *peer // nil of Spurion
	side           *child
	steps          int     // of a spell
	times          costs   // of a step
	first          float64 // seconds by the clock until the first step was done: with compiling
	difference     float64 // largest one of its losses in the proof
	loss           float64
}

func (c *contest) measure() error {
	c.b.files(&c.job)
	defer removeFiles(&c.job)
	if err := c.prepare(); err != nil {
		return err
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

// prepare writes the data of the job and of the proof, and has Spurion do the latter.
func (c *contest) prepare() error {
	c.checked = c.job.prepared()
	c.checked.X, c.checked.Y = c.job.X+".check", c.job.Y+".check"
	for _, j := range []job{c.job, c.checked} {
		if err := c.own.ask(trainRequest{Do: "write", Job: j}, new(trainAnswer)); err != nil {
			return err
		}
	}
	var a trainAnswer
	if err := c.own.ask(trainRequest{Do: "check", Job: c.checked, Steps: checkSteps}, &a); err != nil {
		return err
	}
	c.losses = a.Losses
	return nil
}

// gather finds who takes part: Spurion, and each peer in its fastest way to do the job.
func (c *contest) gather() error {
	own := &contestant{label: "Spurion", side: c.own}
	if err := c.calibrate(own); err != nil {
		return err
	}
	c.sides = append(c.sides, own)
	for _, p := range c.r.Peers {
		s, err := c.fastest(p)
		if err != nil {
			return err
		}
		if s == nil {
			continue
		}
		if s.difference, err = c.prove(s); err != nil {
			return err
		}
		c.sides = append(c.sides, s)
	}
	return nil
}

// fastest tries a peer's ways to do the job; those that do not work here are noted, and nil is given if none does.
func (c *contest) fastest(p *peer) (*contestant, error) {
	var a trainAnswer
	if err := p.side.ask(trainRequest{Do: "variants", Job: c.job}, &a); err != nil {
		return nil, err
	}
	var fastest *contestant
	for _, variant := range a.Variants {
		c.b.say("job %s: %s, %s", c.job.Name, p.Says, variant)
		s := &contestant{label: p.Says, variant: variant, peer: p, side: p.side}
		if err := c.calibrate(s); err != nil {
			c.b.say("%v", err)
			c.r.notes = append(c.r.notes, fmt.Sprintf("Job %s by %s (%s) did not work here.", c.job.Name, p.Says, variant))
			continue
		}
		if fastest == nil || s.times.cpu.least() < fastest.times.cpu.least() {
			fastest = s
		}
	}
	return fastest, nil
}

// calibrate warms a side up and finds how many steps a spell takes; it leaves a few trial times.
func (c *contest) calibrate(s *contestant) error {
	epoch := c.job.epochSteps()
	s.steps = 1
	begin := time.Now()
	if err := c.spell(s); err != nil {
		return err
	}
	s.first = time.Since(begin).Seconds()
	s.steps = epoch
	if err := c.spell(s); err != nil { // other shapes at the end of an epoch are compiled now
		return err
	}
	s.times = costs{}
	for {
		var a trainAnswer
		cpu, err := s.side.timed(trainRequest{Do: "train", Job: c.job, Variant: s.variant, Steps: s.steps}, &a)
		if err != nil {
			return err
		}
		if cpu >= c.f.spell/3 || s.steps > 1<<24 {
			s.steps = max(1, int(math.Round(c.f.spell/cpu*float64(s.steps)/float64(epoch)))) * epoch
			break
		}
		s.steps *= 4
	}
	for range c.f.trials {
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
	n := float64(a.Steps)
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
	result.Job.X, result.Job.Y, result.Job.Start = "", "", ""
	for _, s := range c.sides[1:] {
		cpu, wall := s.times.cpu[len(s.times.cpu)-c.f.turns:], s.times.wall[len(s.times.wall)-c.f.turns:]
		result.Peers = append(result.Peers, peerResult{
			Label: s.label, Variant: s.variant, Step: cpu.figure(), Clock: wall.figure(),
			Ratio: cpu.ratioTo(ownCPU), Loss: s.loss, Difference: s.difference, First: s.first,
		})
	}
	slices.SortStableFunc(result.Peers, func(a, b peerResult) int { return cmp.Compare(a.Step.Least, b.Step.Least) })
	c.r.Jobs = append(c.r.Jobs, result)
}
