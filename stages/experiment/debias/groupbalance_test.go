package debias

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
)

// newTestTrial gives a trial of a method's settings on data, as run would.
func newTestTrial(t testing.TB, d *dataset.Dataset, s Settings) *Trial {
	t.Helper()
	var law *datalaw.Compiled
	if d.Law != nil {
		law = datasettest.Compile(t, d.Law)
	}
	s.Sampling, s.Loss, s.Steps, s.Validation = trainloop.SampleAuto, "cross_entropy", new(10), 10
	s.Network.Hidden, s.Network.Outputs, s.Network.Init = []int{2}, d.ClassCount(), "pytorch"
	s.Evaluation.Points = 16
	trial, err := newTrial(&s, methodNamed(s.Method.Name), d, law, func(_, _ int64) {})
	if err != nil {
		t.Fatal(err)
	}
	return trial
}

func balance(by string) Settings {
	return Settings{Batch: 8, Method: MethodSettings{Name: "group_balance", By: by}}
}

// The weights of a data set add up to one a group.
func TestBalancingWeights(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	trial := newTestTrial(t, d, balance(byWeights))
	weigh, err := trial.balancingWeights(trial.byGroup(), false)
	if err != nil {
		t.Fatal(err)
	}
	var b trainloop.Batch
	trainloop.Whole(d.Train).Next(&b)
	sizes := trial.sizes(trial.byGroup())
	var total [evaluation.Groups]float64
	weights := weigh(&b, nil)
	for i, g := range b.Groups(trial.Ledger()) {
		if want := float32(1 / (4 * float64(sizes[g]))); math.Abs(float64(weights[i]-want)) > 1e-9 {
			t.Fatalf("a row of group %d, one of %d, weighs %v, want %v", g, sizes[g], weights[i], want)
		}
		total[g] += float64(weights[i])
	}
	for g, sum := range total {
		if math.Abs(sum-.25) > 1e-6 {
			t.Errorf("the %d rows of group %d weigh %v together, want 1/4", sizes[g], g, sum)
		}
	}
}

// Where groups are balanced already, weights are those of the mean: ERM.
func TestBalancingBalancedDataByWeightsIsERM(t *testing.T) {
	erm := lastModel(t, run1(t, freshData(.5), `{"name": "erm"}`, ""))
	if got := lastModel(t, run1(t, freshData(.5), `{"name": "group_balance", "by": "weights"}`, "")); got != erm {
		t.Error("weights change the training on balanced data")
	}
	if got := lastModel(t, run1(t, freshData(.9), `{"name": "group_balance", "by": "weights"}`, "")); got == lastModel(t, run1(t, freshData(.9), `{"name": "erm"}`, "")) {
		t.Error("weights do not change the training on unbalanced data")
	}
}

// Balanced batches hold each group equally often, whatever the law.
func TestBalancedSources(t *testing.T) {
	for name, d := range map[string]*dataset.Dataset{"fresh": freshData(.95), "finite": finiteData(t, easyLaw(.9), 200)} {
		for _, strata := range []bool{false, true} {
			trial := newTestTrial(t, d, balance(bySampling))
			source, err := trial.Balanced("", trial.byGroup(), strata)
			if err != nil {
				t.Fatal(err)
			}
			var b trainloop.Batch
			var count [evaluation.Groups]float64
			const batches = 5000
			for range batches {
				source.Next(&b)
				var here [evaluation.Groups]int
				for _, g := range b.Groups(trial.Ledger()) {
					here[g]++
					count[g]++
				}
				if strata && here != [evaluation.Groups]int{2, 2, 2, 2} {
					t.Fatalf("%s: a batch of strata holds %v", name, here)
				}
			}
			// Six standard deviations of a count of 8 batches draws with probability 1/4.
			if far := 6 * math.Sqrt(8*batches*.25*.75); math.Abs(slices.Max(count[:])-2*batches) > far || math.Abs(slices.Min(count[:])-2*batches) > far {
				t.Errorf("%s, strata %v: groups were drawn %v times", name, strata, count)
			}
		}
	}
}

// At full correlation there is no minority to balance: the two groups that exist are.
func TestBalancingWithoutAMinority(t *testing.T) {
	for _, by := range []string{bySampling, byStrata, byWeights} {
		for _, d := range []*dataset.Dataset{freshData(1), finiteData(t, easyLaw(1), 100)} {
			s := run1(t, d, `{"name": "group_balance", "by": "`+by+`"}`, "")["summary"]
			if got := value(t, s, "step", 0); got != int64(60) {
				t.Errorf("%s: the last step is %v", by, got)
			}
		}
	}
}
