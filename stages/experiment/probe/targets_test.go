package probe

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/logistic"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// several gives external data of so many classes and values of the attribute.
func several(t testing.TB, classes, values int) *dataset.Dataset {
	return datasettest.Mixed(t, classes, values, datasettest.Sizes{Train: 10, Validation: 400, Test: 900})
}

// trainedOn makes a model of networks for the classes of a data set.
func trainedOn(t testing.TB, d *dataset.Dataset, hidden []int, steps ...int64) *frame.Table {
	t.Helper()
	s := network(hidden...)
	s.Outputs = d.ClassCount()
	return tableOn(t, d.Description, s, steps, nil)
}

func targetCases(t testing.TB) []stagetest.Case {
	nine := several(t, 3, 3)
	return []stagetest.Case{
		{Name: "three classes", Settings: `{"points": 270, "targets": ["label", "attribute", "group"], "controls": 2, "seed": 4}`,
			Inputs: given(t, nine, trainedOn(t, nine, []int{7}, 0, 10))},
		{Name: "targets of a law", Settings: `{"points": 300, "targets": ["group", "label"], "repeats": 2, "controls": 1, "seed": 4}`,
			Inputs: stagetest.Inputs{"model": stagetest.Tables(table(t, parityLaw(3, 1, 12), network(7), []int64{0, 10}, nil))}},
	}
}

// rowOf gives the row of a step's target.
func rowOf(t testing.TB, table *frame.Table, step int64, target string) int {
	t.Helper()
	for row := range table.Rows() {
		if stagetest.Value(t, table, "step", row) == step && stagetest.Value(t, table, "target", row) == target {
			return row
		}
	}
	t.Fatalf("no row of %s at step %d", target, step)
	return -1
}

// A probe without a hidden layer sees the inputs of Mixed: the attribute all but without noise, the label with some. Controls and
// correlations are of the same points.
func TestFiveClasses(t *testing.T) {
	d := datasettest.Mixed(t, 5, 5, datasettest.Sizes{Train: 25, Test: 4000})
	out := stagetest.Run(t, Kind, `{"targets": ["attribute", "label", "group"], "seed": 2}`, given(t, d, trainedOn(t, d, nil, 0, 5)))
	got, decoded := out["targets"], out["decoded"]
	if got.Rows() != 6 || decoded.Rows() != 2 || stagetest.Value(t, got, "target", 0) != "attribute" {
		t.Fatalf("%d and %d rows", got.Rows(), decoded.Rows())
	}
	held := float64(stagetest.Value(t, got, "held_out_points", 0).(int64))
	for row, step := range []int64{0, 5} {
		for target, of := range map[string]string{"label": "core", "attribute": "spurious"} {
			at := rowOf(t, got, step, target)
			a := cell(t, got, "accuracy", at)
			if c, want := cell(t, decoded, "decoded_"+of, row), (5*a-1)/4; math.Abs(c-want) > 1e-12 {
				t.Errorf("decoded %s is %v, of the accuracy %v", of, c, a)
			}
			if se, want := cell(t, decoded, "decoded_"+of+"_se", row), 1.25*math.Sqrt(a*(1-a)/held); math.Abs(se-want) > 1e-12 {
				t.Errorf("the error of decoded %s is %v, want %v", of, se, want)
			}
			if b := cell(t, got, "balanced_accuracy", at); math.Abs(a-b) > 1e-12 { // as many points of each class
				t.Errorf("%s: accuracy %v, balanced %v", target, a, b)
			}
		}
	}
	label, attribute, group := rowOf(t, got, 5, "label"), rowOf(t, got, 5, "attribute"), rowOf(t, got, 5, "group")
	if a, l, g := cell(t, got, "accuracy", attribute), cell(t, got, "accuracy", label), cell(t, got, "accuracy", group); a < .99 || l < .8 || l > .995 || g > l || g < .7 {
		t.Errorf("attribute %v, label %v, group %v", a, l, g)
	}
	for at, k := range map[int]float64{label: 5, attribute: 5, group: 25} {
		constant, permuted := cell(t, got, "constant_accuracy", at), cell(t, got, "permuted_balanced_accuracy", at)
		if math.Abs(constant-1/k) > 1e-12 || math.Abs(permuted-1/k) > 5*math.Sqrt(1/k*(1-1/k)/held) || stagetest.Value(t, got, "classes", at) != int64(k) {
			t.Errorf("of %v classes: constant %v, permuted %v", k, constant, permuted)
		}
		// Without a hidden layer step 0 and random networks have the same features, the inputs.
		for _, column := range []string{"initial_accuracy", "random_accuracy", "initial_balanced_accuracy", "random_balanced_accuracy"} {
			if a, b := cell(t, got, column, at), cell(t, got, "accuracy", at); math.Abs(a-b) > 1e-12 {
				t.Errorf("%s is %v, accuracy %v", column, a, b)
			}
		}
	}
}

// The network's own correlations are those of its predictions, by the class that the attribute goes with.
func TestOwnCorrelationsOfThreeClasses(t *testing.T) {
	d := several(t, 3, 3)
	m := tableOn(t, d.Description, neuralnet.NetworkSettings{Activation: "relu", Bias: true, Outputs: 3, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}, []int64{0}, func(_ int64, net *neuralnet.Network) {
		for o := range 3 { // the scores follow the attribute, whose value k lies at the angle 2πk/3
			net.Layers[0].SetNeuronWeights(o, []float32{0, 0, float32(math.Cos(2 * math.Pi * float64(o) / 3)), float32(math.Sin(2 * math.Pi * float64(o) / 3))})
			net.Layers[0].Biases[o] = 0
		}
	})
	got := stagetest.Run(t, Kind, `{"controls": 0}`, given(t, d, m))["decoded"]
	if c, s := cell(t, got, "core_correlation", 0), cell(t, got, "spurious_correlation", 0); math.Abs(c) > 1e-12 || s != 1 {
		t.Errorf("core correlation %v, spurious %v", c, s)
	}
}

// On a law, label and attribute are f_c and f_s, whose accuracies decoded has as correlations, over repeats too; the group is both.
func TestTargetsOfALaw(t *testing.T) {
	law := parityLaw(1, 1, 6)
	in := stagetest.Inputs{"model": stagetest.Tables(table(t, law, network(2), []int64{0}, nil))}
	out := stagetest.Run(t, Kind, `{"points": 1000, "repeats": 3, "controls": 2, "targets": ["label", "attribute", "group"]}`, in)
	got, decoded := out["targets"], out["decoded"]
	for target, of := range map[string]string{"label": "core", "attribute": "spurious"} {
		at := rowOf(t, got, 0, target)
		for column, want := range map[string]string{"accuracy": "decoded_" + of, "accuracy_fit": "decoded_" + of + "_fit", "initial_accuracy": "initial_" + of, "random_accuracy": "random_" + of, "permuted_accuracy": "permuted_" + of} {
			if a, c := cell(t, got, column, at), cell(t, decoded, want, 0); math.Abs(2*a-1-c) > 1e-12 {
				t.Errorf("%s of %s is %v, %s is %v", column, target, a, want, c)
			}
		}
		if a, c := cell(t, got, "accuracy_se", at), cell(t, decoded, "decoded_"+of+"_se", 0); math.Abs(2*a-c) > 1e-12 {
			t.Errorf("the error of %s is %v, of the correlation %v", target, a, c)
		}
	}
	all := stagetest.Run(t, Kind, `{"points": 1000, "targets": ["group"]}`, stagetest.Inputs{"model": stagetest.Tables(table(t, law, network(), []int64{0}, nil))})["targets"]
	if a := cell(t, all, "accuracy", 0); a != 1 || stagetest.Value(t, all, "classes", 0) != int64(4) {
		t.Errorf("two coordinates are decoded at %v", a)
	}
}

// Of a biased function that the inputs tell nothing of, a constant has the accuracy, and the balanced one is a half.
func TestBalancedAccuracy(t *testing.T) {
	law := parityLaw(2, 1, 12)
	law.Core, law.CoreLength, law.Independent = boolean.Function{Type: boolean.And, Degree: 3}, 3, 8
	blind := func(_ int64, net *neuralnet.Network) { // to the core
		for o := range net.Layers[0].Out {
			w := make([]float32, 12)
			w[4+o] = 1
			net.Layers[0].SetNeuronWeights(o, w)
		}
	}
	got := stagetest.Run(t, Kind, `{"points": 4000, "targets": ["label"]}`, stagetest.Inputs{"model": stagetest.Tables(table(t, law, network(5), []int64{3}, blind))})["targets"]
	a, c, b, se := cell(t, got, "accuracy", 0), cell(t, got, "constant_accuracy", 0), cell(t, got, "balanced_accuracy", 0), cell(t, got, "balanced_accuracy_se", 0)
	if a != c || math.Abs(c-.875) > 5*math.Sqrt(.875*.125/800) || b != .5 || se != 0 {
		t.Errorf("accuracy %v, of a constant %v; balanced %v ± %v", a, c, b, se)
	}
}

// Data without attributes have the label, and of several attributes each is a target. Where none goes with a class alone, decoded
// has no rows.
func TestTargetsOfOtherData(t *testing.T) {
	bare := datasettest.Unattributed(t, several(t, 3, 3))
	out := stagetest.Run(t, Kind, `{"targets": ["label"], "points": 300}`, given(t, bare, trainedOn(t, bare, []int{4}, 0)))
	if n := out["decoded"].Rows(); n != 0 || stagetest.Value(t, out["targets"], "held_out_points", 0) != int64(60) {
		t.Errorf("%d rows; %v held out", n, stagetest.Value(t, out["targets"], "held_out_points", 0))
	}
	six := several(t, 2, 6)
	six.Attributes = []dataset.Attribute{{Name: "place", Values: []string{"land", "sea"}}, {Name: "hour", Values: []string{"dawn", "noon", "dusk"}}}
	out = stagetest.Run(t, Kind, `{"targets": ["place", "hour", "attribute"], "controls": 0}`, given(t, six, trainedOn(t, six, nil, 0)))
	if n := out["decoded"].Rows(); n != 0 {
		t.Errorf("%d rows", n)
	}
	for target, k := range map[string]int64{"place": 2, "hour": 3, "attribute": 6} { // of six angles: a half of them, every third, each
		at := rowOf(t, out["targets"], 0, target)
		if a := cell(t, out["targets"], "accuracy", at); stagetest.Value(t, out["targets"], "classes", at) != k || (a > .99) != (target != "hour") {
			t.Errorf("%s has %v classes, decoded at %v", target, stagetest.Value(t, out["targets"], "classes", at), a)
		}
	}
}

func TestRefusesTargets(t *testing.T) {
	nine, twelve := several(t, 3, 3), several(t, 4, 3)
	bare := datasettest.Unattributed(t, nine)
	ofThree := trainedOn(t, nine, []int{4}, 0)
	law := stagetest.Inputs{"model": stagetest.Tables(table(t, parityLaw(2, 1, 12), network(3), []int64{0}, nil))}
	alone := several(t, 2, 6)
	alone.Attributes = []dataset.Attribute{{Name: "place", Values: []string{"land"}}, {Name: "hour", Values: []string{"1", "2", "3", "4", "5", "6"}}}
	few := datasettest.Mixed(t, 3, 3, datasettest.Sizes{Train: 9, Test: 12})
	for _, c := range []struct {
		settings string
		in       stagetest.Inputs
		says     string
	}{
		{`{"targets": ["place"]}`, law, `there is no "place" to decode; there are label, attribute, group`},
		{`{"targets": ["place"]}`, given(t, nine, ofThree), `there are label, attribute, group, shade`},
		{`{"targets": ["place"]}`, given(t, alone, trainedOn(t, alone, nil, 0)), "place has one value alone"},
		{`{"targets": ["group"]}`, given(t, bare, ofThree), `there is no "group" to decode; there are label`},
		{`{}`, given(t, bare, ofThree), `decode the label alone with targets = ["label"]`},
		{`{}`, given(t, twelve, trainedOn(t, twelve, []int{4}, 0)), `name what is, such as targets = ["label", "attribute"]`},
		{`{}`, given(t, twelve, ofThree), "the network tells 3 classes apart, but the data has 4"},
		{`{}`, given(t, few, ofThree), "the split test has 0 of "},
	} {
		if _, err := stagetest.Try(t.Context(), Kind, c.settings, c.in); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.settings, err, c.says)
		}
	}
	for settings, says := range map[string]string{`{"targets": []}`: "No target is named", `{"targets": ["label", "label"]}`: "stands twice in targets"} {
		if _, err := stagetest.Settings(Kind, settings); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", settings, err, says)
		}
	}
}

// What decodes of three classes is what scikit-learn decodes from the same features, which testdata/scikit_learn_golden.py made.
func TestDecodesAsScikitLearn(t *testing.T) {
	text, err := os.ReadFile("testdata/scikit_learn.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			C                     float64
			Classes, Width, Fit   int
			Features              []float32
			Values                []int16
			Accuracy, AccuracyFit float64
			Balanced              float64
			Weights               []float64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) != 3 {
		t.Fatalf("%d cases", len(golden.Cases))
	}
	for i, c := range golden.Cases {
		p := &probe{c: c.C, fit: c.Fit, held: len(c.Values) - c.Fit}
		d, err := p.decode(c.Features, p.target("label", c.Classes, c.Values), c.Width)
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range []struct {
			name      string
			got, want float64
		}{{"accuracy", d.accuracy.value, c.Accuracy}, {"accuracy of the fit", d.accuracyFit, c.AccuracyFit}, {"balanced accuracy", d.balanced.value, c.Balanced}} {
			if math.Abs(of.got-of.want) > 1e-12 {
				t.Errorf("case %d: %s is %v, scikit-learn has %v", i, of.name, of.got, of.want)
			}
		}
		m, err := logistic.FitClasses(logistic.Rows{X: c.Features[:c.Fit*c.Width], D: c.Width, Labels: c.Values[:c.Fit]}, c.Classes, logistic.Options{C: c.C})
		if err != nil || !d.converged {
			t.Fatalf("case %d: converged %v, %v", i, d.converged, err)
		}
		for j, w := range m.Weights {
			if math.Abs(w-c.Weights[j]) > 1e-5 {
				t.Errorf("case %d: weight %d is %v, scikit-learn has %v", i, j, w, c.Weights[j])
			}
		}
	}
}
