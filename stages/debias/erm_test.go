package debias

import (
	"testing"

	"spurion/stages/data"
	"spurion/stages/learn"
	"spurion/stages/model"
	"spurion/stages/nn"
	"spurion/stages/stagetest"
)

// ERM is plain training: the same streams and steps as without the machinery of methods.
func TestERMIsPlainTraining(t *testing.T) {
	for name, d := range map[string]*data.Dataset{"fresh": freshData(.9), "finite": finiteData(t, easyLaw(.9), 100)} {
		network := nn.NetworkSettings{Hidden: []int{16}, Activation: "relu", Slope: .01, Bias: true, Outputs: 2, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}
		net, err := nn.New(network, 6, learn.InitStream(3, ""))
		if err != nil {
			t.Fatal(err)
		}
		law, err := d.Law.Compile()
		if err != nil {
			t.Fatal(err)
		}
		source, err := learn.Natural(d, law, learn.SampleAuto, 32, learn.OrderStream(3, ""))
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := nn.NewTrainer(net, "cross_entropy", nn.OptimizerSettings{Type: "sgd", Rate: .5, DecayBiases: true}, 32)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := learn.Fit(t.Context(), learn.Phase{Source: source, Step: learn.Descend(trainer, nil), Last: 60}); err != nil {
			t.Fatal(err)
		}
		want := model.New(network, d.Description())
		want.Add(0, net)
		table, err := want.Table()
		if err != nil {
			t.Fatal(err)
		}
		if got := lastModel(t, run1(t, d, `{"name": "erm"}`, "")); got != stagetest.Digest(table) {
			t.Errorf("%s: the method's weights are not those of plain training", name)
		}
	}
}
