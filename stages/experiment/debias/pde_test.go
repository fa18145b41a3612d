package debias

import (
	"fmt"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/model/modeltest"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// The set is a balanced subset in the warm-up, grows as scheduled, and never holds a sample twice.
func TestGrowth(t *testing.T) {
	g := newGrowth(20, [][]int32{{0, 1, 2}, {5, 6, 7, 8, 9}}, 2, kernel.NewStream(1, "x"))
	g.warmup, g.every, g.add = 2, 3, 7
	var sizes []int
	for epoch := range 10 {
		list := g.list(epoch)
		sizes = append(sizes, len(list))
		sorted := slices.Clone(list)
		slices.Sort(sorted)
		if len(slices.Compact(sorted)) != len(list) {
			t.Fatalf("epoch %d has a sample twice: %v", epoch, list)
		}
	}
	if want := []int{4, 4, 11, 11, 11, 18, 18, 18, 20, 20}; !slices.Equal(sizes, want) {
		t.Errorf("sizes %v, want %v", sizes, want)
	}
}

// With everything added at once it is training on the subset, then ERM on the whole set, with one
// optimiser, whose rate changes in between: replayed here by hand.
func TestPDEWithEverythingAddedIsERMAfterWarmUp(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	for _, factor := range []float64{1, .5} {
		method := fmt.Sprintf(`{"name": "pde", "warmup_epochs": 2, "expand_size": 1000, "rate_factor": %v}`, factor)
		got := run1(t, d, method, `"optimizer": {"type": "sgd", "rate": 0.1, "momentum": 0.9}`)
		if lastModel(t, got) != expandedByHand(t, d, factor) {
			t.Errorf("rate_factor = %v: other weights than by hand", factor)
		}
	}
}

// expandedByHand trains for 60 steps on a balanced subset, and from its third pass on at factor of the rate on everything.
func expandedByHand(t *testing.T, d *dataset.Dataset, factor float64) string {
	t.Helper()
	network := modeltest.Network(2)
	net, err := neuralnet.New(network, 6, trainloop.InitStream(3, ""))
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := neuralnet.NewTrainer(net, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: .1, Momentum: .9, DecayBiases: true}, 32)
	if err != nil {
		t.Fatal(err)
	}
	trial := newTestTrial(t, d, Settings{Batch: 32, Seed: 3, Method: MethodSettings{Name: "pde"}})
	pools, err := trial.pools(trial.byGroup())
	if err != nil {
		t.Fatal(err)
	}
	stream := trainloop.MethodStream(3, "expansion")
	in := trainloop.Subset(nil, pools, trainloop.Smallest(pools), stream)
	var out []int32
	for row := range int32(200) {
		if !slices.Contains(in, row) {
			out = append(out, row)
		}
	}
	stream.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	order, labels := trainloop.OrderStream(3, ""), trial.Labels()
	steps := 0
	for epoch := 0; steps < 60; epoch++ {
		if epoch == 2 {
			in = append(in, out...)
			trainer.SetRate(.1 * factor)
		}
		order.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
		for rows := range slices.Chunk(in, 32) {
			if steps++; steps > 60 {
				break
			}
			x, y := make([]uint64, len(rows)), make([]int16, len(rows)) // 6 coordinates are one word
			d.Train.GatherPacked(x, rows)
			for i, row := range rows {
				y[i] = labels[row]
			}
			trainer.ForwardSigns(x, y, len(rows))
			trainer.Backward(nil)
			if err := trainer.Update(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return digestOf(t, network, d.Description, net)
}

// The warm-up has as many of each group as the smallest, or as warmup_size if that is less.
func TestPDEWarmUpSize(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	trial := newTestTrial(t, d, Settings{Batch: 32, Seed: 3, Method: MethodSettings{Name: "pde"}})
	all := 4 * slices.Min(trial.sizes(trial.byGroup()))
	for limit, want := range map[int]int{0: all, 2: 8, 1000: all} {
		s := run1(t, d, fmt.Sprintf(`{"name": "pde", "warmup_epochs": 1000, "warmup_size": %d}`, limit), "")["summary"]
		if note := value(t, s, "note", 0); note != fmt.Sprintf("The warm-up on %d samples lasted to the end: nothing was added.", want) {
			t.Errorf("warmup_size = %d: the note says %v, want %d samples", limit, note, want)
		}
	}
}

func TestPDESaysHowFarItGrew(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	for method, want := range map[string]string{
		`{"name": "pde", "warmup_epochs": 1000}`:                                           "lasted to the end: nothing was added",
		`{"name": "pde", "warmup_epochs": 1, "expand_epochs": 1000000, "expand_size": 12}`: "of 200 samples at the end",
	} {
		if note, _ := value(t, run1(t, d, method, "")["summary"], "note", 0).(string); !contains(note, want) {
			t.Errorf("%s: the note says %q", method, note)
		}
	}
}
