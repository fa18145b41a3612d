package debias

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// With every point counted once the second stage is ERM, bit for bit, whatever the error set.
func TestJTTWithUpweightOneIsERM(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	erm := lastModel(t, run1(t, d, `{"name": "erm"}`, ""))
	twice := map[string]string{}
	for _, by := range []string{byRepeating, byWeights, byNormalisedWeights} {
		run := func(upweight int) map[string]*frame.Table {
			return run1(t, d, fmt.Sprintf(`{"name": "jtt", "first_steps": 20, "upweight": %d, "upweight_by": %q}`, upweight, by), `"steps": 80`)
		}
		one := run(1)
		if lastModel(t, one) != erm {
			t.Errorf("%s: with upweight = 1 the second stage is not ERM", by)
		}
		s := one["summary"]
		if value(t, s, "steps", 0) != int64(80) || value(t, s, "earlier_steps", 0) != int64(20) || value(t, s, "step", 0) != int64(80) {
			t.Errorf("%s: steps %v, of them %v earlier; selected %v", by, value(t, s, "steps", 0), value(t, s, "earlier_steps", 0), value(t, s, "step", 0))
		}
		if size := value(t, one["inference"], "size", -1); size == int64(0) || size == int64(200) {
			t.Errorf("%s: the error set has %v points: the test shows nothing", by, size)
		}
		twice[by] = lastModel(t, run(2))
	}
	if distinct := map[string]bool{erm: true, twice[byRepeating]: true, twice[byWeights]: true, twice[byNormalisedWeights]: true}; len(distinct) != 4 {
		t.Errorf("with upweight = 2, and by ERM, there are %d different networks, not 4", len(distinct))
	}
}

// Over the whole set, normalised weights are the shares in the list that repeats the error set; the
// others are the multiplicities over the set's size.
func TestJTTWeightsAreThoseOfTheRepeatedList(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 10)
	members := bools("0010000110")
	list := repeated(members, 5)
	count := make([]float64, 10)
	for _, row := range list {
		count[row]++
	}
	var b trainloop.Batch
	trainloop.Whole(d.Train).Next(&b)
	for i, w := range upweigh(members, 5, 3, true)(&b, nil) {
		if want := float32(count[i] / float64(len(list))); math.Abs(float64(w-want)) > 1e-8 || len(list) != 22 {
			t.Errorf("normalised, row %d weighs %v, want %v", i, w, want)
		}
	}
	for i, w := range upweigh(members, 5, 3, false)(&b, nil) {
		if w != float32(count[i]/10) {
			t.Errorf("row %d weighs %v, counted %v times of 10", i, w, count[i])
		}
	}
}

// With upweight = 0 the error set counts about as much as the rest: as with the weight that this is.
func TestJTTBalancesItsErrorSet(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	zero := run1(t, d, `{"name": "jtt", "first_steps": 20, "upweight": 0}`, "")
	size := value(t, zero["inference"], "size", -1).(int64)
	times := (200 - size) / size
	if want := fmt.Sprintf("A point of the error set counts %d times.", times); size == 0 || times < 2 || value(t, zero["summary"], "note", 0) != want {
		t.Errorf("of %d points the note says %v, want %s", size, value(t, zero["summary"], "note", 0), want)
	}
	same := run1(t, d, fmt.Sprintf(`{"name": "jtt", "first_steps": 20, "upweight": %d}`, times), "")
	if lastModel(t, zero) != lastModel(t, same) {
		t.Errorf("another network than with upweight = %d", times)
	}
}

// An error set that holds everything: by weights ERM at λ times the rate, by normalised ones ERM.
func TestJTTWithEverythingInItsErrorSet(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 100)
	all := slices.Repeat([]bool{true}, 100)
	train := func(rate float64, weigh func(*trainloop.Batch, []float32) []float32) []float32 {
		s := Settings{Batch: 32, Network: neuralnet.NetworkSettings{InitScale: 1, Bias: true}, Optimizer: neuralnet.OptimizerSettings{Type: "sgd", Rate: rate}, Method: MethodSettings{Name: "jtt"}}
		trial := newTestTrial(t, d, s)
		net := trial.Network("")
		if err := trial.Train(t.Context(), Stage{Net: net, Source: natural1(t, trial), Weigh: weigh, Steps: 10}); err != nil {
			t.Fatal(err)
		}
		return net.Layers[0].Weights
	}
	if !slices.Equal(train(.1, upweigh(all, 4, 100, false)), train(.4, nil)) {
		t.Error("by weights it is not ERM at λ times the rate")
	}
	if !slices.Equal(train(.1, upweigh(all, 4, 100, true)), train(.1, nil)) {
		t.Error("by normalised weights it is not ERM")
	}
}

// Drawn with replacement, a point of the error set is as many times as likely.
func TestJTTListedWithReplacement(t *testing.T) {
	trial := newTestTrial(t, finiteData(t, easyLaw(.9), 10), Settings{Batch: 50, Method: MethodSettings{Name: "jtt"}})
	trial.settings.Sampling = trainloop.SampleReplacement
	source, err := trial.Listed("", append(trainloop.All(10), 3, 3, 3))
	if err != nil {
		t.Fatal(err)
	}
	var b trainloop.Batch
	var count [10]float64
	const batches = 400
	for range batches {
		source.Next(&b)
		for _, row := range b.Index {
			count[row]++
		}
	}
	// Six standard deviations of a count of draws with probability p.
	for row, n := range count {
		p := 1. / 13
		if row == 3 {
			p = 4. / 13
		}
		if mean := 50 * batches * p; math.Abs(n-mean) > 6*math.Sqrt(mean*(1-p)) {
			t.Errorf("row %d was drawn %v times, want about %v", row, n, mean)
		}
	}
}

// A first stage that interpolates leaves nothing to weigh: ERM again, and the row says so.
func TestJTTWithAnEmptyErrorSetIsERM(t *testing.T) {
	d := finiteData(t, easyLaw(.7), 200)
	erm := lastModel(t, run1(t, d, `{"name": "erm"}`, ""))
	out := run1(t, d, `{"name": "jtt", "first_steps": 600, "upweight": 50}`, `"steps": 660`)
	i := out["inference"]
	for column, want := range map[string]any{"used": true, "size": int64(0), "precision": nil, "lift": nil, "recall": 0.0, "jaccard": 0.0} {
		if got := value(t, i, column, -1); got != want {
			t.Errorf("%s of the empty set is %v, want %v", column, got, want)
		}
	}
	if note, _ := value(t, out["summary"], "note", 1).(string); !strings.Contains(note, "error set is empty after 600 steps") {
		t.Errorf("the note says %q", note)
	}
	for _, by := range []string{byWeights, byNormalisedWeights} {
		weighed := run1(t, d, fmt.Sprintf(`{"name": "jtt", "first_steps": 600, "upweight": 50, "upweight_by": %q}`, by), `"steps": 660`)
		if lastModel(t, out) != erm || lastModel(t, weighed) != erm {
			t.Errorf("with an empty error set the second stage is not ERM: by repeat or %s", by)
		}
	}
}

func TestJTTErrorSetIsWhatTheNetworkGetsWrong(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	trial := newTestTrial(t, d, Settings{Batch: 8, Method: MethodSettings{Name: "jtt"}})
	// A network that says +1 where the first spurious coordinate is: wrong exactly on the minority.
	net := &neuralnet.Network{Activation: "relu", OutputScale: 1, Layers: []neuralnet.Layer{
		{In: 6, Out: 2, Weights: []float32{0, 0, 0, 0, -1, 1, 0, 0, 0, 0, 0, 0}},
		{In: 2, Out: 2, Weights: []float32{1, 0, 0, 1}},
	}}
	wrong, err := trial.Wrong(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	for row, g := range trial.Groups() {
		if wrong[row] != (g == 1 || g == 2) {
			t.Fatalf("row %d of group %d: wrong is %v", row, g, wrong[row])
		}
	}
}

// The history of the first stage is there, and no rule selects from it.
func TestJTTSelectsFromItsSecondStage(t *testing.T) {
	out := run1(t, finiteData(t, easyLaw(.9), 200), `{"name": "jtt", "first_steps": 30}`, "")
	h := out["history"]
	var got []string
	for row := range h.Rows() {
		got = append(got, h.Column("stage").Text(row)+" "+h.Column("step").Text(row))
	}
	if want := "first 0, first 20, first 30, main 30, main 40, main 60"; strings.Join(got, ", ") != want {
		t.Errorf("evaluations at %v, want %s", got, want)
	}
	for row := range 3 {
		if step := value(t, out["summary"], "step", row).(int64); step < 30 {
			t.Errorf("rule %d selected step %d of the first stage", row, step)
		}
	}
	if i := out["inference"]; i.Rows() != 3 || value(t, i, "used", 1) != false || value(t, i, "used", 2) != true {
		t.Errorf("%d inferred sets", i.Rows())
	}
}

// The easy control: where the spurious feature is much simpler than the core, the error set of an
// early network is the minority. If this failed, a failure elsewhere would say nothing.
func TestJTTFindsTheMinorityInTheEasyControl(t *testing.T) {
	if best := easyControl(t, `{"name": "jtt", "first_epochs": 4}`); best <= .95 {
		t.Errorf("the best Jaccard index with the minority is %v", best)
	}
}

// easyControlLaw has one coordinate for spurious feature and a parity of four for core.
func easyControlLaw() *datalaw.Law {
	return &datalaw.Law{
		Core: boolean.Function{Type: boolean.Parity, Degree: 4}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 4, SpuriousLength: 1, Independent: 9, Strength: .9, Variant: datalaw.Paper,
	}
}

// easyControl runs a method on easyControlLaw, with an evaluation each epoch, and gives the best
// Jaccard index that it had. The network has a hidden layer of 32 unless one is given.
func easyControl(t *testing.T, method string, network ...string) float64 {
	t.Helper()
	out := run1(t, finiteData(t, easyControlLaw(), 2000), method,
		`"network": `+append(network, `{"hidden": [32]}`)[0]+`, "steps": 300, "batch": 32, "optimizer": {"type": "sgd", "rate": 0.1}, "evaluation": {"every": 63}`)
	i := out["inference"]
	best := 0.0
	for row := range i.Rows() {
		if j, ok := value(t, i, "jaccard", row).(float64); ok {
			best = max(best, j)
		}
		t.Logf("epoch %v: %v points of %v, Jaccard %v, Rand index %v", value(t, i, "epoch", row), value(t, i, "size", row), value(t, i, "minority", row), value(t, i, "jaccard", row), value(t, i, "rand_index", row))
	}
	return best
}

// Each stage has a schedule of its own, over its own steps: one that does not fit says so.
func TestSchedulesSpanAStage(t *testing.T) {
	const settings = `{"method": {"name": "jtt", "first_steps": 20, "upweight": 3}, "steps": 100, "network": {"hidden": [8]}, "seed": 1,
		"optimizer": {"type": "sgd", "rate": 0.3, "schedule": {"type": "cosine", "warmup": %d}}}`
	in := inputs(t, finiteData(t, easyLaw(.9), 200))
	if _, err := stagetest.Try(t.Context(), Kind, fmt.Sprintf(settings, 20), in); err == nil || !strings.Contains(err.Error(), "schedule.warmup: The warm-up takes 20 steps, and the descent is over after 20") {
		t.Errorf("a warm-up as long as the first stage: %v", err)
	}
	h := stagetest.Run(t, Kind, fmt.Sprintf(settings, 5), in)["history"]
	// The rate falls to (nearly) nothing at the end of each stage, and so does the change of the loss.
	loss, stage := h.Column("loss").Float64s, h.Column("stage").Strings.Rows()
	change := func(from, to int) float64 { return math.Abs(loss[to] - loss[from]) }
	first := slices.Index(stage, "main") - 1
	last := len(loss) - 1
	for _, end := range []int{first, last} {
		if early, late := change(end-16, end-10), change(end-1, end); late >= early/10 {
			t.Errorf("the loss changes by %v while the rate is high, and by %v in the last step of a stage", early, late)
		}
	}
}
