package debias

import (
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/common/model/modeltest"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// ERM is plain training: the same streams and steps as without the machinery of methods.
func TestERMIsPlainTraining(t *testing.T) {
	for name, d := range map[string]*dataset.Dataset{"fresh": freshData(.9), "finite": finiteData(t, easyLaw(.9), 100)} {
		network := modeltest.Network(2)
		net, err := neuralnet.New(network, 6, trainloop.InitStream(3, ""))
		if err != nil {
			t.Fatal(err)
		}
		source, err := trainloop.Natural(d, datasettest.Compile(t, d.Law), trainloop.SampleAuto, 32, trainloop.OrderStream(3, ""))
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := neuralnet.NewTrainer(net, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: .5, DecayBiases: true}, 32)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := trainloop.Fit(t.Context(), trainloop.Phase{Source: source, Step: trainloop.Descend(trainer, nil), Last: 60}); err != nil {
			t.Fatal(err)
		}
		if got := lastModel(t, run1(t, d, `{"name": "erm"}`, "")); got != digestOf(t, network, d.Description, net) {
			t.Errorf("%s: the method's weights are not those of plain training", name)
		}
	}
}

// On a finite set, ERM's inference is its error set at each evaluation: as many points as the
// training set's accuracy leaves, none of which it goes on with.
func TestERMNotesItsErrorSet(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	out := run1(t, d, `{"name": "erm"}`, `"steps": 20, "evaluation": {"every": 10}`)
	i := out["inference"]
	if got, want := i.Column("step").Int64s, out["history"].Column("step").Int64s; !slices.Equal(got, want) {
		t.Fatalf("error sets at steps %v, evaluations at %v", got, want)
	}
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	x, margins := make([]float32, 200*6), make([]float32, 200)
	d.Train.Inputs(x, 0, 200)
	m.Last().Net.Margins(margins, x, 200)
	var size, overlap int64
	attributes := d.Train.Attributes(&dataset.Ledger{}, dataset.Evaluation)
	for row, y := range d.Train.Labels(&dataset.Ledger{}, dataset.Evaluation) {
		if (margins[row] >= 0) != (y == 1) {
			size++
			if y != attributes[row] {
				overlap++
			}
		}
	}
	if value(t, i, "size", -1) != size || value(t, i, "overlap", -1) != overlap || value(t, i, "used", -1) != false || size == 0 {
		t.Errorf("%v points, %v of the minority; want %d and %d", value(t, i, "size", -1), value(t, i, "overlap", -1), size, overlap)
	}
	if n := run1(t, freshData(.9), `{"name": "erm"}`, "")["inference"].Rows(); n != 0 {
		t.Errorf("%d error sets of fresh samples", n)
	}
}
