package train

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// corners gives data of K classes, as numbers or as bytes.
func corners(t testing.TB, classes int, bytes bool) *dataset.Dataset {
	t.Helper()
	d := datasettest.Corners(t, classes, datasettest.Sizes{Train: 40 * classes, Test: 40 * classes})
	for _, to := range []**dataset.Samples{&d.Train, &d.Test} {
		s := *to
		if !bytes {
			continue
		}
		x := make([]float32, 2*s.Rows)
		s.Inputs(x, 0, s.Rows)
		in := dataset.Inputs{Dimensions: 2, Bytes: make([]uint8, len(x)), Scale: 1. / 64}
		for i, v := range x {
			in.Bytes[i] = uint8(min(255, max(0, 64*(v+2))))
		}
		var err error
		*to, err = dataset.New(s.Split, in, dataset.Marks{Classes: classes, Values: 2, Labels: s.Labels(&dataset.Ledger{}, dataset.Evaluation)})
		if err != nil {
			t.Fatal(err)
		}
	}
	return d
}

const cornered = `{"steps": 600, "batch": 30, "network": {"hidden": [16]}, "optimizer": {"type": "sgd", "rate": 0.2, "momentum": 0.9}, "evaluation": {"every": 100}, "seed": 2}`

// A network learns as many classes as the data has, and its model says so: three outputs, or five, and no margin.
func TestClassesAreLearned(t *testing.T) {
	for _, c := range []struct {
		classes int
		bytes   bool
	}{{2, false}, {3, false}, {3, true}, {5, false}} {
		d := corners(t, c.classes, c.bytes)
		out := stagetest.Run(t, Kind, cornered, inputs(t, d))
		s := out["summary"]
		accuracy, loss := s.Column("accuracy").Float64s[0], s.Column("loss").Float64s[0]
		if accuracy < .97 || !(loss < .15) {
			t.Errorf("%d classes: accuracy %v, loss %v", c.classes, accuracy, loss)
		}
		first := out["history"].Column("loss").Float64s[0]
		if want := math.Log(float64(c.classes)); math.Abs(first-want) > .5*want {
			t.Errorf("%d classes: the loss begins at %v; that of a guess is %v", c.classes, first, want)
		}
		m, err := model.FromTable(out["model"])
		if err != nil {
			t.Fatal(err)
		}
		if m.Network.Outputs != c.classes || m.Last().Net.Outputs() != c.classes {
			t.Errorf("%d classes: the model has %d outputs", c.classes, m.Network.Outputs)
		}
		for i := range out["neurons"].Rows() {
			if null := out["neurons"].Column("outgoing_weight").Null(i); null != (c.classes > 2) {
				t.Errorf("%d classes: row %d has an outgoing weight: %t", c.classes, i, !null)
			}
		}
		e, err := evaluation.NewSampleEvaluator(&d.Description, d.Test, dataset.Evaluation, "cross_entropy", &dataset.Ledger{})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := e.Evaluate(context.Background(), m.Last().Net); err != nil || again.Accuracy != accuracy || again.Loss != loss {
			t.Errorf("%d classes: measured again %v and %v (%v), not %v and %v", c.classes, again.Accuracy, again.Loss, err, accuracy, loss)
		}
		if !c.bytes {
			checkByHand(t, d.Test, m, accuracy, loss)
		}
	}
}

// checkByHand computes accuracy and loss from the weights, in float64.
func checkByHand(t *testing.T, s *dataset.Samples, m *model.Model, accuracy, loss float64) {
	t.Helper()
	x := make([]float32, 2*s.Rows)
	s.Inputs(x, 0, s.Rows)
	hidden, output := &m.Last().Net.Layers[0], &m.Last().Net.Layers[1]
	right, sum := 0.0, 0.0
	for i, y := range s.Labels(&dataset.Ledger{}, dataset.Evaluation) {
		z := make([]float64, output.Out)
		for o := range z {
			z[o] = float64(output.Biases[o])
			for j := range hidden.Out {
				h := float64(hidden.Biases[j])
				for k := range 2 {
					h += float64(x[2*i+k]) * float64(hidden.Weights[k*hidden.Out+j])
				}
				z[o] += max(0, h) * float64(output.Weights[j*output.Out+o])
			}
		}
		all := 0.0
		for _, v := range z {
			all += math.Exp(v - z[y])
		}
		sum += math.Log(all)
		if z[y] == slices.Max(z) {
			right++
		}
	}
	n := float64(s.Rows)
	if math.Abs(right/n-accuracy) > 1e-12 || math.Abs(sum/n-loss) > 1e-5*(1+loss) {
		t.Errorf("%d classes: accuracy %v and loss %v, by hand %v and %v", output.Out, accuracy, loss, right/n, sum/n)
	}
}

// What a loss or a network asks of the data is said when it does not have it.
func TestClassesThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		settings string
		classes  int
		want     string
	}{
		{`"loss": "hinge"`, 3, "the loss hinge is for two classes, but the data has 3; use the loss cross_entropy"},
		{`"loss": "logistic"`, 3, "the loss logistic is for two classes"},
		{`"network": {"outputs": 2}`, 3, "outputs = 2, but the data has 3 classes, and the loss cross_entropy needs an output for each; write outputs = 3, or leave it out"},
		{`"network": {"outputs": 3}`, 2, "outputs = 3, but the data has 2 classes"},
	} {
		_, err := stagetest.Try(t.Context(), Kind, `{"steps": 1, "optimizer": {"type": "sgd", "rate": 1}, `+c.settings+`}`, inputs(t, corners(t, c.classes, false)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s on %d classes: %v, want %q", c.settings, c.classes, err, c.want)
		}
	}
}

// Groups of three classes and three attributes have rows, names and balanced estimates as those of two have columns.
func TestGroupsOfThreeClasses(t *testing.T) {
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: 3, Classes: []string{"cat", "dog", "owl"},
		Attributes: []dataset.Attribute{{Name: "place", Values: []string{"home", "street", "wood"}}}}}
	stream := kernel.NewStream(8, "three classes")
	for _, split := range []dataset.Split{dataset.TrainSplit, dataset.TestSplit} {
		var x []float32
		var labels, attributes []int16
		for range 400 {
			y, s := int16(stream.IntN(3)), int16(stream.IntN(3))
			if stream.IntN(2) == 0 {
				s = y
			}
			in := []float32{0, 0, float32(stream.IntN(3)) / 2}
			in[0], in[1] = float32(y)-1+float32(stream.IntN(5))/5, float32(s)-1
			x, labels, attributes = append(x, in...), append(labels, y), append(attributes, s)
		}
		samples, err := dataset.New(split, dataset.Inputs{Dimensions: 3, Floats: x}, dataset.Marks{Classes: 3, Values: 3, Labels: labels, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		if split == dataset.TrainSplit {
			d.Train = samples
		} else {
			d.Test = samples
		}
	}
	out := stagetest.Run(t, Kind, `{"steps": 60, "batch": 20, "evaluation": {"every": 20}, "network": {"hidden": [6]}, "optimizer": {"type": "sgd", "rate": 0.2}, "seed": 2}`, inputs(t, d))
	h, g, s := out["history"], out["by_group"], out["summary"]
	if g.Rows() != 9*h.Rows() || stagetest.Value(t, g, "group_name", 5) != "dog/wood" || stagetest.Value(t, g, "label", 5) != int64(1) || stagetest.Value(t, g, "minority", 5) != true {
		t.Fatalf("%d rows of groups of %d evaluations, the sixth of %v", g.Rows(), h.Rows(), stagetest.Value(t, g, "group_name", 5))
	}
	for row := range h.Rows() {
		mean, least, worst := 0.0, 2.0, ""
		for i := 9 * row; i < 9*row+9; i++ {
			a := floats(t, g, "accuracy")[i]
			mean += a / 9
			if a < least {
				least, worst = a, stagetest.Value(t, g, "group_name", i).(string)
			}
		}
		if got, want := floats(t, h, "core_correlation")[row], (3*mean-1)/2; math.Abs(got-want) > 1e-12 {
			t.Errorf("row %d: core correlation %v, of the groups' accuracies %v", row, got, want)
		}
		if floats(t, h, "worst_group_accuracy")[row] != least || stagetest.Value(t, h, "worst_group", row) != worst || stagetest.Value(t, h, "accuracy_00", row) != nil {
			t.Errorf("row %d: the worst group is %v, of the rows %s", row, stagetest.Value(t, h, "worst_group", row), worst)
		}
	}
	if core := floats(t, h, "core_correlation"); core[h.Rows()-1] < core[0]+.3 || stagetest.Value(t, h, "spurious_correlation", 0) == nil {
		t.Errorf("nothing is learned: %v", core)
	}
	if stagetest.Value(t, s, "auroc", 0) != nil || stagetest.Value(t, s, "expected_calibration_error", 0) == nil {
		t.Errorf("AUROC %v, calibration error %v", stagetest.Value(t, s, "auroc", 0), stagetest.Value(t, s, "expected_calibration_error", 0))
	}
}
