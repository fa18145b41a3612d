package debias

import (
	"slices"
	"testing"

	"spurion/stages/kernel"
	"spurion/stages/learn"
	"spurion/stages/model"
	"spurion/stages/nn"
	"spurion/stages/stagetest"
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
// optimiser: replayed here by hand.
func TestPDEWithEverythingAddedIsERMAfterWarmUp(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	const warmup = 2
	got := run1(t, d, `{"name": "pde", "warmup_epochs": 2, "expand_size": 1000}`, `"optimizer": {"type": "sgd", "rate": 0.1, "momentum": 0.9}`)
	network := nn.NetworkSettings{Hidden: []int{16}, Activation: "relu", Slope: .01, Bias: true, Outputs: 2, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}
	net, err := nn.New(network, 6, learn.InitStream(3, ""))
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := nn.NewTrainer(net, "cross_entropy", nn.OptimizerSettings{Type: "sgd", Rate: .1, Momentum: .9, DecayBiases: true}, 32)
	if err != nil {
		t.Fatal(err)
	}
	trial := newTestTrial(t, d, Settings{Batch: 32, Seed: 3, Method: MethodSettings{Name: "pde"}})
	pools, err := trial.pools(byGroup)
	if err != nil {
		t.Fatal(err)
	}
	stream := learn.MethodStream(3, "expansion")
	in := subset(nil, pools, smallest(pools), stream)
	var out []int32
	for row := range int32(200) {
		if !slices.Contains(in, row) {
			out = append(out, row)
		}
	}
	stream.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	order := learn.OrderStream(3, "")
	steps := 0
	labels := trial.Labels()
	for epoch := 0; steps < 60; epoch++ {
		if epoch == warmup {
			in = append(in, out...)
		}
		order.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
		for rows := range slices.Chunk(in, 32) {
			if steps++; steps > 60 {
				break
			}
			x, y := make([]uint64, len(rows)), make([]int8, len(rows)) // 6 coordinates are one word
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
	want := model.New(network, d.Description())
	want.Add(0, net)
	table, err := want.Table()
	if err != nil {
		t.Fatal(err)
	}
	if lastModel(t, got) != stagetest.Digest(table) {
		t.Error("other weights than by hand")
	}
	slower := run1(t, d, `{"name": "pde", "warmup_epochs": 2, "expand_size": 1000, "rate_factor": 0.1}`, `"optimizer": {"type": "sgd", "rate": 0.1, "momentum": 0.9}`)
	if lastModel(t, slower) == lastModel(t, got) {
		t.Error("the rate's factor changes nothing")
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
