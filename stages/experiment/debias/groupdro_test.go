package debias

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
)

// One update by hand: groups 0 and 3 are in the batch, with mean losses 2 and 1.
func TestGroupDROStep(t *testing.T) {
	d := &dro{rate: .5, q: []float64{.25, .25, .25, .25}, adjustment: []float64{0, 9, 9, 3}}
	weights := d.weigh([]int16{0, 3, 0, 3, 3}, []float32{1, 1, 3, 2, 0})
	// Exponents: .5*(2+0) = 1 and .5*(1+3) = 2. The half of the weight that both have is shared as 1:e.
	q0 := .5 / (1 + math.E)
	q3 := .5 * math.E / (1 + math.E)
	for g, want := range [4]float64{q0, .25, .25, q3} {
		if math.Abs(d.q[g]-want) > 1e-15 {
			t.Errorf("q of group %d is %v, want %v", g, d.q[g], want)
		}
	}
	for i, want := range []float64{q0 / 2, q3 / 3, q0 / 2, q3 / 3, q3 / 3} {
		if math.Abs(float64(weights[i])-want) > 1e-7 {
			t.Errorf("row %d weighs %v, want %v", i, weights[i], want)
		}
	}
	// The next batch starts from there.
	d.weigh([]int16{0, 3}, []float32{0, 0})
	want := q3 * math.Exp(1.5) / (q0 + q3*math.Exp(1.5)) * .5
	if math.Abs(d.q[3]-want) > 1e-15 {
		t.Errorf("after a second batch q of group 3 is %v, want %v", d.q[3], want)
	}
}

func TestGroupDROStepDoesNotOverflow(t *testing.T) {
	d := &dro{rate: 1, q: []float64{.25, .25, .25, .25}, adjustment: make([]float64, 4)}
	for range 100 {
		d.weigh([]int16{0, 1, 2, 3}, []float32{1e30, 1, 0, 2e30})
	}
	if !slices.Equal(d.q, []float64{0, 0, 0, 1}) {
		t.Errorf("q is %v, want all on group 3", d.q)
	}
	// A group alone in a batch keeps what it has, even nothing.
	if w := d.weigh([]int16{0}, []float32{5}); w[0] != 0 || !slices.Equal(d.q, []float64{0, 0, 0, 1}) {
		t.Errorf("a batch of group 0 alone: weight %v, q %v", w[0], d.q)
	}
}

func TestGroupDROAdjustsForSize(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	trial := newTestTrial(t, d, Settings{Batch: 8, Method: MethodSettings{Name: "group_dro", SizeAdjustment: 3, Batches: natural}})
	state, err := trial.newDRO(trial.byGroup())
	if err != nil {
		t.Fatal(err)
	}
	for g, n := range trial.sizes(trial.byGroup()) {
		if want := 3 / math.Sqrt(float64(n)); state.adjustment[g] != want || n == 0 {
			t.Errorf("group %d of %d samples is adjusted by %v, want %v", g, n, state.adjustment[g], want)
		}
	}
}

// With rate 0 the groups' weights stay 1/4: group balancing, bit for bit.
func TestGroupDROWithRateZeroIsGroupBalancing(t *testing.T) {
	for name, d := range map[string]*dataset.Dataset{"fresh": freshData(.9), "finite": finiteData(t, easyLaw(.9), 200)} {
		balanced := lastModel(t, run1(t, d, `{"name": "group_balance", "by": "strata"}`, ""))
		if got := lastModel(t, run1(t, d, `{"name": "group_dro", "rate": 0, "batches": "strata"}`, "")); got != balanced {
			t.Errorf("%s: other weights than by balancing", name)
		}
		if got := lastModel(t, run1(t, d, `{"name": "group_dro", "rate": 0.5, "batches": "strata"}`, "")); got == balanced {
			t.Errorf("%s: a rate above 0 changes nothing", name)
		}
	}
}

// With rate 0 and the whole set as a batch, as it comes, the weights are those of balancing by
// weights.
func TestGroupDRONaturalWithRateZeroIsBalancingByWeights(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	trial := newTestTrial(t, d, Settings{Batch: 8, Method: MethodSettings{Name: "group_dro", Batches: natural}})
	state, err := trial.newDRO(trial.byGroup())
	if err != nil {
		t.Fatal(err)
	}
	weigh, err := trial.balancingWeights(trial.byGroup(), false)
	if err != nil {
		t.Fatal(err)
	}
	var b trainloop.Batch
	trainloop.Whole(d.Train).Next(&b)
	losses := make([]float32, b.Rows)
	got, want := state.weigh(b.Groups(trial.Ledger()), losses), weigh(&b, losses)
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > 1e-9 {
			t.Fatalf("row %d weighs %v, balanced %v", i, got[i], want[i])
		}
	}
}
