package cluster

import "time"

// Options say how a driver goes about its work. Times of zero stand for those that are named.
type Options struct {
	Run      string // part of the arrays' names
	Executor Executor
	Disk     Disk
	Clock    Clock
	// Running is how many tasks may run at once; 0 stands for 100.
	Running int
	// Target is how long a batch should take (10 minutes), Least how short it may be to be worth a task (30 s); Most is how many
	// instances it may have (2,000).
	Target, Least time.Duration
	Most          int
	// Limit is how long a task may run that nothing is known of (1 hour), Longest how long any may (no bound).
	Limit, Longest time.Duration
	// Poll is the pause between looks at the journals (2 s), Ask the least between questions to the cluster (30 s), Silent how long a
	// journal is silent before the cluster is asked for its task (100 s), Visible how long a result that was announced is waited
	// for (2 minutes).
	Poll, Ask, Silent, Visible time.Duration
	// Gather is the least between submissions while something is out (10 s): what becomes ready meanwhile goes together.
	Gather time.Duration
	// Lead asks whether this driver is the one that submits; the others follow it. It is asked until it says yes; nil says yes.
	Lead func() bool
	// Say tells people something that they may want to know; it may be nil.
	Say func(text string)
}

func (o *Options) fill() {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&o.Target, 10*time.Minute)
	set(&o.Least, 30*time.Second)
	set(&o.Limit, time.Hour)
	set(&o.Poll, 2*time.Second)
	set(&o.Ask, 30*time.Second)
	set(&o.Silent, 100*time.Second)
	set(&o.Visible, 2*time.Minute)
	set(&o.Gather, 10*time.Second)
	if o.Longest > 0 { // what is begun is to end before its task must
		o.Target = min(o.Target, o.Longest*3/4)
	}
	if o.Most == 0 {
		o.Most = 2000
	}
	if o.Running == 0 {
		o.Running = 100
	}
	if o.Clock == nil {
		o.Clock = RealClock{}
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
}
