package neuralnet

import (
	"math"
	"testing"

	"spurion/stages/numeric/kernel"
)

// publishedRate is the factor at step t, from 1 on, with the standard library's numbers.
func publishedRate(s *RateSchedule, t int) float64 {
	if s == nil {
		return 1
	}
	factor := 1.0
	switch before := t - 1; {
	case s.Type == Step:
		for _, m := range s.Milestones {
			if before >= m {
				factor *= s.Factor
			}
		}
	case s.Type == Cosine && before >= s.Steps:
		factor = s.Final
	case s.Type == Cosine && before > s.Warmup:
		factor = s.Final + (1-s.Final)*(1+math.Cos(math.Pi*float64(before-s.Warmup)/float64(s.Steps-s.Warmup)))/2
	}
	if t < s.Warmup {
		factor *= float64(t) / float64(s.Warmup)
	}
	return factor
}

// The rates of short trainings, by hand.
func TestRateSchedules(t *testing.T) {
	root3 := math.Sqrt(3)
	for _, c := range []struct {
		name string
		s    *RateSchedule
		want []float64 // from step 1 on
	}{
		{"none", nil, []float64{1, 1, 1}},
		{"constant", &RateSchedule{Type: Constant}, []float64{1, 1, 1}},
		{"warm-up", &RateSchedule{Type: Constant, Warmup: 4}, []float64{.25, .5, .75, 1, 1, 1}},
		{"warm-up of a step is none", &RateSchedule{Type: Constant, Warmup: 1}, []float64{1, 1}},
		{"step: two steps at 1, then three at a half, and so on", &RateSchedule{Type: Step, Milestones: []int{2, 5}, Factor: .5}, []float64{1, 1, .5, .5, .5, .25, .25}},
		{"step: milestones in any order, one twice", &RateSchedule{Type: Step, Milestones: []int{3, 1, 3}, Factor: .5}, []float64{1, .5, .5, .125, .125}},
		{"step with warm-up", &RateSchedule{Type: Step, Milestones: []int{3}, Factor: .5, Warmup: 2}, []float64{.5, 1, 1, .5}},
		{"step within warm-up", &RateSchedule{Type: Step, Milestones: []int{1}, Factor: .5, Warmup: 4}, []float64{.25, .25, .375, .5, .5}},
		// cos(π k/6) is 1, √3/2, 1/2, 0, -1/2, -√3/2, -1.
		{"cosine", &RateSchedule{Type: Cosine, Steps: 6}, []float64{1, (2 + root3) / 4, .75, .5, .25, (2 - root3) / 4, 0, 0}},
		{"cosine to a tenth", &RateSchedule{Type: Cosine, Steps: 4, Final: .2}, []float64{1, .2 + .4*(1+math.Sqrt2/2), .6, .2 + .4*(1-math.Sqrt2/2), .2, .2}},
		{"cosine with warm-up", &RateSchedule{Type: Cosine, Steps: 6, Warmup: 3}, []float64{1. / 3, 2. / 3, 1, 1, .75, .25, 0}},
	} {
		for i, want := range c.want {
			if got := c.s.At(int64(i + 1)); math.Abs(got-want) > 1e-15 {
				t.Errorf("%s: step %d has the factor %v, want %v", c.name, i+1, got, want)
			}
		}
	}
}

// Whatever the settings, factors lie in [0, 1], rise while it warms up, never rise after, and agree
// with the standard library's numbers.
func TestRateSchedulesFall(t *testing.T) {
	stream := kernel.NewStream(1, "schedules")
	for range 300 {
		warmup := stream.IntN(100)
		first := warmup + 1 + stream.IntN(50)
		s := &RateSchedule{Type: []string{Constant, Step, Cosine}[stream.IntN(3)], Warmup: warmup, Steps: warmup + 1 + stream.IntN(200),
			Final: stream.Float64(), Milestones: []int{first, first + stream.IntN(50)}, Factor: stream.Float64()}
		if ps := s.check("schedule"); len(ps) > 0 {
			t.Fatal(ps)
		}
		last := 0.0
		for step := 1; step <= s.Steps+10; step++ {
			got, want := s.At(int64(step)), publishedRate(s, step)
			if got < 0 || got > 1 || math.Abs(got-want) > 1e-15 {
				t.Fatalf("%+v: step %d has the factor %v, want %v", s, step, got, want)
			}
			if step <= warmup && got <= last || step > max(1, warmup) && got > last {
				t.Fatalf("%+v: the factor goes from %v to %v at step %d", s, last, got, step)
			}
			last = got
		}
		if s.Type == Cosine && last != s.Final {
			t.Errorf("%+v: the last factor is %v", s, last)
		}
	}
}

func TestOverGivesASchedulesLength(t *testing.T) {
	o := OptimizerSettings{Type: "sgd", Rate: 1, Schedule: &RateSchedule{Type: Cosine, Warmup: 5}}
	if ps := o.Check(); len(ps) != 1 || ps[0].Path != "schedule.warmup" {
		t.Errorf("a cosine without a length: %v", ps)
	}
	long := o.Over(100)
	if ps := long.Check(); len(ps) != 0 || long.Schedule.Steps != 100 || o.Schedule.Steps != 0 {
		t.Errorf("over 100 steps: %v, %+v; before %+v", ps, long.Schedule, o.Schedule)
	}
	if again := long.Over(7); again.Schedule.Steps != 100 {
		t.Errorf("a length of its own was replaced by %d", again.Schedule.Steps)
	}
	short := o.Over(5)
	if ps := short.Check(); len(ps) != 1 || ps[0].Path != "schedule.warmup" {
		t.Errorf("a warm-up as long as the training: %v", ps)
	}
	o.Schedule = &RateSchedule{Type: Step, Factor: .1}
	if ps := o.Check(); len(ps) != 1 || ps[0].Path != "schedule.milestones" {
		t.Errorf("no milestones: %v", ps)
	}
}

// A length is in steps or in epochs, not in both.
func TestSchedulesInEpochsAreChecked(t *testing.T) {
	for want, s := range map[string]RateSchedule{
		"schedule.warmup_epochs":    {Type: Constant, Warmup: 3, WarmupEpochs: new(1.)},
		"schedule.milestone_epochs": {Type: Step, Milestones: []int{3}, MilestoneEpochs: &[]float64{1}},
		"schedule.epochs":           {Type: Cosine, Steps: 30, Epochs: new(1.)},
		"schedule.milestones":       {Type: Step, MilestoneEpochs: &[]float64{}},
	} {
		o := OptimizerSettings{Type: "sgd", Rate: 1, Schedule: &s}
		if ps := o.Check(); len(ps) != 1 || ps[0].Path != want {
			t.Errorf("%+v: %v, want a problem at %s", s, ps, want)
		}
	}
	long := OptimizerSettings{Type: "sgd", Rate: 1, Schedule: &RateSchedule{Type: Cosine, WarmupEpochs: new(2.), Epochs: new(2.)}}
	if ps := long.Check(); len(ps) != 1 || ps[0].Path != "schedule.warmup_epochs" {
		t.Errorf("a warm-up as long as the descent: %v", ps)
	}
	mixed := OptimizerSettings{Type: "sgd", Rate: 1, Schedule: &RateSchedule{Type: Cosine, Warmup: 40, Epochs: new(2.)}}
	in, err := mixed.InSteps(func(epochs float64) (int, error) { return int(20 * epochs), nil })
	if ps := in.Check(); err != nil || len(mixed.Check()) != 0 || len(ps) != 1 || ps[0].Path != "schedule.warmup" {
		t.Errorf("40 steps of a descent of 2 epochs by 20: %v, %v", ps, err)
	}
}

// A trainer tells the rate that it has just taken.
func TestTrainersFollowTheSchedule(t *testing.T) {
	net := &Network{Activation: "relu", OutputScale: 1, Layers: []Layer{{In: 1, Out: 1, Weights: []float32{0}}}}
	o := OptimizerSettings{Type: "sgd", Rate: 0.5, Schedule: &RateSchedule{Type: Step, Milestones: []int{2}, Factor: 0.5, Warmup: 2}}
	tr, err := NewTrainer(net, "correlation", o, 1)
	if err != nil {
		t.Fatal(err)
	}
	if tr.Rate() != 0 {
		t.Errorf("before the first step the rate is %v", tr.Rate())
	}
	// The gradient of -yf is -1: the weight is the sum of the rates.
	for i, want := range []struct{ rate, weight float64 }{{0.25, 0.25}, {0.5, 0.75}, {0.25, 1}, {0.25, 1.25}} {
		tr.Forward([]float32{1}, []int16{1}, 1)
		tr.Backward(nil)
		if err := tr.Update(); err != nil {
			t.Fatal(err)
		}
		if got := float64(net.Layers[0].Weights[0]); tr.Rate() != want.rate || got != want.weight {
			t.Errorf("step %d: rate %v and weight %v, want %v and %v", i+1, tr.Rate(), got, want.rate, want.weight)
		}
	}
}
