package head

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/logistic"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

func sixGroups(t testing.TB) *dataset.Dataset {
	return datasettest.Mixed(t, 3, 2, datasettest.Sizes{Train: 150, Validation: 120, Test: 90})
}

// trainedOn gives networks of some steps of ERM on a data set of any number of classes.
func trainedOn(t testing.TB, d *dataset.Dataset, steps ...int64) *model.Model {
	t.Helper()
	s := neuralnet.NetworkSettings{Hidden: []int{6}, Outputs: d.ClassCount(), Bias: true, Init: "pytorch", InitScale: 1}
	net, err := neuralnet.New(s, d.Dimensions, kernel.NewStream(1, "init"))
	if err != nil {
		t.Fatal(err)
	}
	source := trainloop.Shuffled(d.Train, trainloop.All(d.Train.Rows), 30, kernel.NewStream(1, "order"))
	trainer, err := neuralnet.NewTrainer(net, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: .2}, 30)
	if err != nil {
		t.Fatal(err)
	}
	m := model.New(s, d.Description)
	_, err = trainloop.Fit(t.Context(), trainloop.Phase{Source: source, Step: trainloop.Descend(trainer, nil), Last: slices.Max(steps), Visits: steps,
		Visit: func(v trainloop.Visit) (bool, error) { m.Add(v.Step, net); return false, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// classInputs are those of networks of 30 and 120 steps on d, of which rules selected 120, 120 and 30.
func classInputs(t testing.TB, d *dataset.Dataset, third string) stagetest.Inputs {
	t.Helper()
	base := summary(t, 120, 120, 30)
	if third != "" {
		base.Columns[1].Strings.Set(2, third)
		for i, c := range base.Columns {
			if c.Name == "worst_group_accuracy" {
				base.Columns[i] = c.WithValid(make([]bool, 3))
			}
		}
	}
	m := trainedOn(t, d, 30, 120)
	return stagetest.Inputs{"model": stagetest.Built(t, m), "base": stagetest.Tables(base), "data": stagetest.Built(t, d), "early": stagetest.Built(t, m)}
}

const perSample = `, "seed": 1, "per_sample": true}`

func asked(settings string) string { return strings.Replace(settings, `, "seed": 1}`, perSample, 1) }

// Every head fits networks of three classes; what it predicts of the test split is what summary says.
func TestHeadsOfThreeClasses(t *testing.T) {
	d := sixGroups(t)
	in := classInputs(t, d, "")
	groups := d.Test.Groups(&dataset.Ledger{}, dataset.Evaluation)
	for _, settings := range []string{dfrOn, dfrTr, afrOn, afrTr, selfOn, selfBad} {
		out := stagetest.Run(t, Kind, asked(settings), in)
		s, p := out["summary"], out["predictions"]
		if s.Rows() != 3 || p.Rows() != 3*210 {
			t.Fatalf("%s: %d rows, %d predictions", settings, s.Rows(), p.Rows())
		}
		for row := range 3 {
			var right, count [6]float64
			all := 0.0
			for i, g := range groups {
				at := row*210 + 120 + i
				if stagetest.Value(t, p, "label", at) != int64(g/2) || stagetest.Value(t, p, "attribute", at) != int64(g%2) || stagetest.Value(t, p, "selection", at) != stagetest.Value(t, s, "selection", row) {
					t.Fatalf("row %d is of another sample", at)
				}
				count[g]++
				if stagetest.Value(t, p, "prediction", at) == int64(g/2) {
					right[g]++
					all++
				}
			}
			worst := 1.0
			for g := range right {
				worst = min(worst, right[g]/count[g])
			}
			if got := stagetest.Value(t, s, "worst_group_accuracy", row).(float64); math.Abs(got-worst) > 1e-12 {
				t.Errorf("%s: worst group %v, by predictions %v", settings, got, worst)
			}
			if got := stagetest.Value(t, s, "accuracy", row).(float64); math.Abs(got-all/90) > 1e-12 || got < .5 {
				t.Errorf("%s: accuracy %v, by predictions %v", settings, got, all/90)
			}
		}
	}
}

// Without attributes afr and self choose by classes, and dfr says what it lacks.
func TestHeadsWithoutAttributes(t *testing.T) {
	in := classInputs(t, datasettest.Unattributed(t, sixGroups(t)), classRule)
	for _, settings := range []string{afrOn, afrTr, selfOn} {
		s := stagetest.Run(t, Kind, settings, in)["summary"]
		for _, column := range []string{"worst_group_accuracy", "validation_worst_group_accuracy", "worst_group_gain"} {
			if got := stagetest.Value(t, s, column, 0); got != nil {
				t.Errorf("%s: %s is %v", settings, column, got)
			}
		}
		if stagetest.Value(t, s, "worst_class_accuracy", 2) == nil || strings.Contains(stagetest.Value(t, s, "label_access", 0).(string), "group") {
			t.Errorf("%s: worst class %v, label access %v", settings, stagetest.Value(t, s, "worst_class_accuracy", 2), stagetest.Value(t, s, "label_access", 0))
		}
	}
	if _, err := stagetest.Try(t.Context(), Kind, dfrOn, in); err == nil || !strings.Contains(err.Error(), "dfr fits on group-balanced points, and this data set has no attributes") {
		t.Errorf("dfr: %v", err)
	}
}

// The layer of dfr is the mean over balanced subsets of fits of each class against the others: here put together from fits of
// two classes.
func TestDFROfThreeClassesByFitsOfTwo(t *testing.T) {
	d := sixGroups(t)
	in := classInputs(t, d, "")
	out := stagetest.Run(t, Kind, `{"head": {"name": "dfr", "refits": 2, "grid": [0.3]}, "seed": 1}`, in)
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	base := trainedOn(t, d, 30, 120)
	all, err := featuresOf(base.Last().Net, d.Validation, false)
	if err != nil {
		t.Fatal(err)
	}
	center, scale := moments(all)
	groups := d.Validation.Groups(&dataset.Ledger{}, dataset.Evaluation)
	stream := kernel.NewStream(1, "head/dfr")
	order := trainloop.All(120)
	stream.Shuffle(120, func(i, j int) { order[i], order[j] = order[j], order[i] })
	balanced(at(groups, order[:60]), 6, stream) // the subset that C is chosen on
	weights, intercepts := make([]float64, 3*all.width), make([]float64, 3)
	for range 2 {
		subset := balanced(groups, 6, stream)
		for k := range int16(3) {
			labels := []int16{}
			for _, row := range subset {
				labels = append(labels, map[bool]int16{true: 1}[groups[row]/2 == k])
			}
			fit, err := logistic.FitSparse(logistic.Rows{X: all.features, D: all.width, Index: subset, Labels: labels},
				logistic.SparseOptions{C: .3, PenalizeIntercept: true, Center: center, Scale: scale})
			if err != nil {
				t.Fatal(err)
			}
			for j, w := range fit.Weights {
				weights[int(k)*all.width+j] += w / 2
			}
			intercepts[k] += fit.Intercept / 2
		}
	}
	last := m.Last().Net.Layers[1]
	for k := range 3 {
		for j := range all.width {
			if got, want := last.Weights[j*3+k], float32(weights[k*all.width+j]); got != want {
				t.Fatalf("weight %d of class %d is %v, want %v", j, k, got, want)
			}
		}
		if last.Biases[k] != float32(intercepts[k]) {
			t.Errorf("the bias of class %d is %v, want %v", k, last.Biases[k], intercepts[k])
		}
	}
}

// By hand: the weights of AFR by the softmax probability of the label, and the divergence of two softmax distributions.
func TestSoftmaxOfHeads(t *testing.T) {
	logits := []float32{0, 1, 2, 3, -1, .5}
	softmax := func(z []float32, k int) float64 {
		sum := 0.0
		for _, v := range z {
			sum += math.Exp(float64(v))
		}
		return math.Exp(float64(z[k])) / sum
	}
	p, q := softmax(logits[:3], 2), softmax(logits[3:], 0)
	got := unsure(logits, []int16{2, 0}, 4, false)
	a, b := math.Exp(-4*p), math.Exp(-4*q)
	if math.Abs(float64(got[0])-a/(a+b)) > 1e-6 || math.Abs(float64(got[1])-b/(a+b)) > 1e-6 {
		t.Errorf("weights %v, want %v and %v", got, a/(a+b), b/(a+b))
	}
	want := 0.0
	for k := range 3 {
		want += softmax(logits[:3], k) * math.Log(softmax(logits[:3], k)/softmax(logits[3:], k))
	}
	if got := divergence(logits[:3], logits[3:]); math.Abs(got-want) > 1e-12 {
		t.Errorf("KL %v, want %v", got, want)
	}
	if got := wrongness(logits[3:], 1); math.Abs(got+math.Log(softmax(logits[3:], 1))) > 1e-12 {
		t.Errorf("the log-loss is %v", got)
	}
}

func classCases(t testing.TB) (list []stagetest.Case) {
	in := classInputs(t, sixGroups(t), "")
	for name, settings := range map[string]string{"dfr": dfrOn, "afr": afrOn, "self": selfOn} {
		list = append(list, stagetest.Case{Name: name + " of three classes", Settings: asked(settings), Inputs: in})
	}
	slices.SortFunc(list, func(a, b stagetest.Case) int { return strings.Compare(a.Name, b.Name) })
	return list
}
