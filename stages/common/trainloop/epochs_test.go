package trainloop

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// An epoch has as many steps as batches are taken until each sample was, or as many samples were.
func TestPassIsThatOfTheBatches(t *testing.T) {
	draw := stream()
	for range 60 {
		n, rows := 1+draw.IntN(70), 1+draw.IntN(40)
		d := datasettest.Finite(t, datasettest.Easy(.9), 3, datasettest.Sizes{Train: n})
		for _, sampling := range []string{SampleAuto, SampleShuffle, SampleReplacement, SampleFull} {
			source, err := Natural(d, nil, sampling, rows, kernel.NewStream(1, "order"))
			if err != nil {
				t.Fatal(err)
			}
			var b Batch
			steps, taken, last := Pass(0), 0, 0
			for taken < n {
				source.Next(&b)
				steps, taken, last = steps+1, taken+b.Rows, b.Rows
			}
			if got := PassOf(d, sampling, rows); got != steps {
				t.Errorf("%s: an epoch of %d samples by %d has %d steps, want %d", sampling, n, rows, got, steps)
			}
			shuffled := sampling == SampleAuto || sampling == SampleShuffle
			if rest := n % rows; shuffled && rest > 0 && last != rest || sampling == SampleReplacement && last != rows {
				t.Errorf("%s: the last batch of %d samples by %d has %d", sampling, n, rows, last)
			}
		}
		if got := PassOf(d, SampleFresh, rows); got != 0 {
			t.Errorf("an epoch of fresh samples has %d steps", got)
		}
	}
	if got := PassOf(datasettest.Fresh(.9), SampleAuto, 8); got != 0 {
		t.Errorf("an epoch without training samples has %d steps", got)
	}
}

func TestLengths(t *testing.T) {
	for _, c := range []struct {
		pass   Pass
		epochs float64
		want   int64
	}{{938, 20, 18760}, {7, .5, 4}, {7, .35, 2}, {7, 1e-9, 1}, {1, 2.4, 2}, {3, 1. / 3, 1}} {
		if got, err := Length(nil, &c.epochs, c.pass); got != c.want || err != nil {
			t.Errorf("%v epochs of %d steps are %d, want %d: %v", c.epochs, c.pass, got, c.want, err)
		}
	}
	if got, err := Length(new(12), nil, 0); got != 12 || err != nil {
		t.Errorf("12 steps are %d: %v", got, err)
	}
	if _, err := Length(nil, new(2.), 0); !errors.Is(err, ErrNoEpoch) {
		t.Errorf("epochs of fresh samples: %v", err)
	}
	if _, err := Length(nil, new(1e7), 1000); err == nil || !strings.Contains(err.Error(), "more than 1000000000 steps") {
		t.Errorf("10^10 steps: %v", err)
	}
}

func TestCheckLength(t *testing.T) {
	for _, c := range []struct {
		steps  *int
		epochs *float64
		want   string
	}{{nil, nil, "steps"}, {new(3), new(1.), "epochs"}, {new(3), nil, ""}, {nil, new(.5), ""}} {
		got := ""
		for _, p := range CheckLength(c.steps, c.epochs) {
			got += p.Path
		}
		if got != c.want {
			t.Errorf("problems at %q, want %q", got, c.want)
		}
	}
	given := map[string]bool{"epochs": true, "checkpoints.at_epochs": true, "evaluation.every_epochs": false}
	if p := CheckEpochs(SampleFresh, given); len(p) != 2 || p[0].Path != "checkpoints.at_epochs" || p[1].Path != "epochs" {
		t.Errorf("fresh samples: %v", p)
	}
	if p := CheckEpochs(SampleAuto, given); p != nil {
		t.Errorf("what may be a finite set is refused: %v", p)
	}
	if !AnyEpochs(given) || AnyEpochs(map[string]bool{"epochs": false}) {
		t.Error("whether there are epochs is not told")
	}
	if err := Joined([]stages.Problem{{Path: "a", Summary: "B", Detail: "C."}, {Path: "d", Summary: "E", Detail: "F."}}); err.Error() != "a: B: C.; d: E: F." {
		t.Error(err)
	}
}

func TestSchedulesInEpochs(t *testing.T) {
	list := func(x ...float64) *[]float64 { return &x }
	for _, c := range []struct {
		name  string
		s     ScheduleSettings
		total int64
		want  []int64
	}{
		{"nothing set", ScheduleSettings{AtEpochs: list()}, 10, []int64{0, 2, 4, 6, 8, 10}},
		{"each epoch", ScheduleSettings{EveryEpochs: new(1.)}, 30, []int64{0, 7, 14, 21, 28, 30}},
		{"half epochs do not drift", ScheduleSettings{EveryEpochs: new(.5)}, 28, []int64{0, 4, 7, 11, 14, 18, 21, 25, 28}},
		{"more often than steps", ScheduleSettings{EveryEpochs: new(.1)}, 3, []int64{0, 1, 2, 3}},
		{"longer than the run", ScheduleSettings{EveryEpochs: new(9.)}, 20, []int64{0, 20}},
		{"single points", ScheduleSettings{AtEpochs: list(2, .1, 99, 1e9)}, 20, []int64{0, 1, 14, 20}},
		{"with steps", ScheduleSettings{At: []int{5}, PerDecade: 1, EveryEpochs: new(1.), AtEpochs: list(.5)}, 16, []int64{0, 1, 4, 5, 7, 10, 14, 16}},
	} {
		s, err := c.s.InSteps(7, c.total)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := s.Steps(c.total, 5); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if len(c.s.At) > 1 || s.EveryEpochs != nil || s.AtEpochs != nil {
			t.Errorf("%s: the schedule was changed, or not resolved", c.name)
		}
	}
	for _, s := range []ScheduleSettings{{EveryEpochs: new(1.)}, {AtEpochs: list(1)}} {
		if _, err := s.InSteps(0, 10); !errors.Is(err, ErrNoEpoch) {
			t.Errorf("fresh samples: %v", err)
		}
	}
	if _, err := (ScheduleSettings{EveryEpochs: new(1e-7)}).InSteps(100, 100); err == nil || !strings.Contains(err.Error(), "at most 1000000") {
		t.Errorf("ten million points: %v", err)
	}
	if p := (ScheduleSettings{Every: 3, EveryEpochs: new(1.)}).Check("evaluation", 10); len(p) != 1 || p[0].Path != "evaluation.every_epochs" {
		t.Errorf("two distances: %v", p)
	}
}

// Each point that is evenly spaced in epochs is less than a step from where it would be without rounding.
func TestEvenlySpacedEpochs(t *testing.T) {
	draw := stream()
	for range 200 {
		pass, total, every := Pass(1+draw.IntN(50)), int64(1+draw.IntN(400)), .05+2*draw.Float64()
		s, err := EvaluationSettings{EveryEpochs: &every}.InSteps(pass, total)
		if err != nil {
			t.Fatal(err)
		}
		got := s.Steps(total)
		var want []int64
		for k := 0; ; k++ {
			at := math.Floor(float64(k)*every*float64(pass) + .5)
			if at >= float64(total) {
				break
			}
			want = append(want, int64(at))
		}
		if want = slices.Compact(append(want, total)); !slices.Equal(got, want) {
			t.Fatalf("every %v epochs of %d steps over %d: %v, want %v", every, pass, total, got, want)
		}
	}
}

func TestOptimizerIn(t *testing.T) {
	step := neuralnet.OptimizerSettings{Schedule: &neuralnet.RateSchedule{Type: neuralnet.Step, MilestoneEpochs: &[]float64{.01, 1, 2.5}, WarmupEpochs: new(.5)}}
	got, err := OptimizerIn(step, 10)
	if s := got.Schedule; err != nil || !slices.Equal(s.Milestones, []int{1, 10, 25}) || s.Warmup != 5 || s.MilestoneEpochs != nil || s.WarmupEpochs != nil {
		t.Errorf("%+v, %v", got.Schedule, err)
	}
	if step.Schedule.Milestones != nil {
		t.Error("the settings were changed")
	}
	cosine := neuralnet.OptimizerSettings{Schedule: &neuralnet.RateSchedule{Type: neuralnet.Cosine, Epochs: new(3.)}}
	if over := cosine.Over(99); over.Schedule.Steps != 0 {
		t.Errorf("a descent of 3 epochs takes %d steps before an epoch is known", over.Schedule.Steps)
	}
	if got, err = OptimizerIn(cosine, 10); err != nil || got.Over(99).Schedule.Steps != 30 {
		t.Errorf("%+v, %v", got.Schedule, err)
	}
	if _, err = OptimizerIn(cosine, 0); !errors.Is(err, ErrNoEpoch) || !strings.HasPrefix(err.Error(), "optimizer.schedule.epochs: ") {
		t.Errorf("fresh samples: %v", err)
	}
}
