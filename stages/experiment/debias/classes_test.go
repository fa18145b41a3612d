package debias

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/cluster"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// sixGroups has three classes and two values of the attribute, and nineGroups three of each.
func sixGroups(t testing.TB) *dataset.Dataset {
	return datasettest.Mixed(t, 3, 2, datasettest.Sizes{Train: 150, Validation: 75, Test: 90})
}

func nineGroups(t testing.TB) *dataset.Dataset {
	return datasettest.Mixed(t, 3, 3, datasettest.Sizes{Train: 150, Validation: 75, Test: 90})
}

// classCases are those of three classes: each method on six groups, but the reference that needs as many attributes as
// classes on nine; and one without attributes.
func classCases(t testing.TB) []stagetest.Case {
	six, nine := inputs(t, sixGroups(t)), inputs(t, nineGroups(t))
	list := []stagetest.Case{{Name: "jtt without attributes", Settings: settings(short(jtt, ""), ""), Inputs: inputs(t, datasettest.Unattributed(t, sixGroups(t)))},
		{Name: "group_dro per sample", Settings: settings(short(groupDRO, ""), perSample), Inputs: six},
		{Name: "lff per sample", Settings: settings(short(lff, ""), perSample), Inputs: inputs(t, finiteData(t, easyLaw(.9), 60))}}
	for _, m := range methods {
		in := six
		if m == spurious {
			in = nine
		}
		list = append(list, stagetest.Case{Name: m.Name + " of three classes", Settings: settings(short(m, ""), ""), Inputs: in})
	}
	return list
}

// Every method runs on three classes, with more groups than classes squared and with fewer; what it writes is of the three
// networks, with measures of each group.
func TestEveryMethodTakesThreeClasses(t *testing.T) {
	for _, d := range []*dataset.Dataset{sixGroups(t), nineGroups(t)} {
		for _, m := range methods {
			out, err := stagetest.Try(t.Context(), Kind, settings(short(m, ""), ""), inputs(t, d))
			if m == spurious && d.ValueCount() == 2 {
				if err == nil || !strings.Contains(err.Error(), "not every attribute goes with one class") {
					t.Errorf("%s: %v", m.Name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%d groups: %v", d.GroupCount(), err)
				continue
			}
			checkRows(t, out.Tables["summary"], m, &odd{})
			groups := map[int16]bool{}
			for _, g := range d.Test.Groups(&dataset.Ledger{}, dataset.Evaluation) {
				groups[g] = true
			}
			if n := out.Tables["by_group"].Rows(); n%len(groups) != 0 || n == 0 {
				t.Errorf("%s: %d rows of %d groups", m.Name, n, len(groups))
			}
		}
	}
}

// Methods that read labels alone run without attributes, and select by classes; the others say what they lack.
func TestMethodsWithoutAttributes(t *testing.T) {
	with := nineGroups(t)
	bare := datasettest.Unattributed(t, with)
	for _, m := range methods {
		out, err := stagetest.Try(t.Context(), Kind, settings(short(m, ""), ""), inputs(t, bare))
		if len(m.Reads) > 0 {
			if err == nil || !strings.Contains(err.Error(), "method "+m.Name+" reads the ") || !strings.Contains(err.Error(), "this data set has no attributes") {
				t.Errorf("%s: %v", m.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		s := out.Tables["summary"]
		if got := value(t, s, "selection", 2); got != "best_validation_worst_class" {
			t.Errorf("%s: the third rule is %v", m.Name, got)
		}
		for _, column := range []string{"worst_group_accuracy", "worst_group", "validation_worst_group_accuracy", "core_correlation", "minority_accuracy"} {
			if got := value(t, s, column, 0); got != nil {
				t.Errorf("%s: %s is %v", m.Name, column, got)
			}
		}
		if value(t, s, "worst_class_accuracy", 0) == nil || out.Tables["by_group"].Rows() != 0 {
			t.Errorf("%s: worst class %v, %d rows of groups", m.Name, value(t, s, "worst_class_accuracy", 0), out.Tables["by_group"].Rows())
		}
		// The method does not see whether there are attributes: its networks are the same.
		if lastModel(t, out.Tables) != lastModel(t, run1(t, with, short(m, ""), "")) {
			t.Errorf("%s: other networks than with attributes", m.Name)
		}
	}
}

// The third rule takes the step with the best least accuracy of a class.
func TestWorstClassRule(t *testing.T) {
	out := run1(t, datasettest.Unattributed(t, nineGroups(t)), `{"name": "erm"}`, `"evaluation": {"every": 5}`)
	s := out["summary"]
	if got := value(t, s, "label_access", 2); got != "split: selection (validation)" {
		t.Errorf("label access: %v", got)
	}
	list := rules(dataset.ValidationSplit, false)
	if list[2].name != "best_validation_worst_class" || !slices.Equal(list[2].ledger.Uses(), []dataset.Use{{Mark: "split", Purpose: dataset.Selection, Split: dataset.ValidationSplit}}) {
		t.Errorf("%s reads %v", list[2].name, list[2].ledger.Uses())
	}
}

// Partners share the label and differ in the attribute, or the other way round, in one batch alike; each sample that may be
// one is as likely as another.
func TestLISAPartnersOfNineGroups(t *testing.T) {
	d := nineGroups(t)
	_, p := lisaSource(t, d, .5, "linear")
	drawn := map[int16][]float64{}
	var b trainloop.Batch
	for range 6000 {
		p.Next(&b)
		within := p.groups[b.Index[0]]/3 == p.groups[p.partner[0]]/3
		for i, row := range b.Index {
			g, other := p.groups[row], p.groups[p.partner[i]]
			if within != (g/3 == other/3) || within == (g%3 == other%3) {
				t.Fatalf("a sample of group %d has a partner of group %d", g, other)
			}
			if within && g == 4 {
				if drawn[g] == nil {
					drawn[g] = make([]float64, d.Train.Rows)
				}
				drawn[g][p.partner[i]]++
			}
		}
	}
	draws, candidates := 0., 0.
	for row, n := range drawn[4] {
		draws += n
		if g := p.groups[row]; g == 3 || g == 5 {
			candidates++
		}
	}
	for row, n := range drawn[4] {
		want := 0.
		if g := p.groups[row]; g == 3 || g == 5 {
			want = draws / candidates
		}
		if math.Abs(n-want) > 6*math.Sqrt(want) {
			t.Errorf("sample %d of group %d was drawn %v times, want about %v", row, p.groups[row], n, want)
		}
	}
}

// A part of the data set says what is swapped: the other coordinates stay, and so do labels.
func TestLISASwapsANamedPart(t *testing.T) {
	d := nineGroups(t)
	trial, p := lisaSource(t, d, 1, "swap")
	if !slices.Equal(p.block, []int32{2, 3}) {
		t.Fatalf("the block is %v", p.block)
	}
	var b trainloop.Batch
	p.Next(&b)
	own, other := make([]float32, 4), make([]float32, 4)
	for i, row := range b.Index {
		trial.dataset.Train.Inputs(own, int(row), 1)
		trial.dataset.Train.Inputs(other, int(p.partner[i]), 1)
		if want := []float32{own[0], own[1], other[2], other[3]}; !slices.Equal(b.X[4*i:4*i+4], want) {
			t.Errorf("row %d is %v, want %v", i, b.X[4*i:4*i+4], want)
		}
	}
}

// By hand: of three values the odds are those of the largest probability to the two others'.
func TestSurenessOfThreeValues(t *testing.T) {
	got := predicted([]float32{1, 3, 2})
	p := math.Exp(3) / (math.Exp(1) + math.Exp(2) + math.Exp(3))
	if want := math.Log(p / (1 - p)); got.attribute != 1 || math.Abs(float64(got.sureness)-want) > 1e-6 {
		t.Errorf("%v, want attribute 1 with %v", got, want)
	}
	if got := predicted([]float32{0, 0, 0}); math.Abs(float64(got.sureness)+math.Log(2)) > 1e-6 {
		t.Errorf("three equal ones: %v", got)
	}
}

// By differences: the derivative of a sample's loss by a factor on all its logits.
func TestScaleGradientsOfThreeClasses(t *testing.T) {
	d := sixGroups(t)
	trial := newTestTrial(t, d, Settings{Batch: 8, Network: neuralnet.NetworkSettings{InitScale: 1, Bias: true}, Method: MethodSettings{Name: "eiil"}})
	net := trial.Network("first")
	got, err := trial.scaleGradients(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	labels := trial.Labels()
	err = trial.scores(t.Context(), net, func(row int, scores []float32) {
		loss := func(v float64) float64 {
			sum := 0.
			for _, z := range scores {
				sum += math.Exp(v * float64(z))
			}
			return math.Log(sum) - v*float64(scores[labels[row]])
		}
		if want := (loss(1+1e-5) - loss(1-1e-5)) / 2e-5; math.Abs(got[row]-want) > 1e-5 {
			t.Errorf("sample %d: %v, by differences %v", row, got[row], want)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// SPARE finds clusters of probabilities that are apart, and weighs classes alike whatever their sizes.
func TestSpareOfThreeClasses(t *testing.T) {
	c := &classClusters{rows: trainloop.All(30)}
	var p []float64
	for i := range 30 {
		if i%3 == 0 {
			p = append(p, .1, .1+.001*float64(i), .8-.001*float64(i))
		} else {
			p = append(p, .7, .2+.001*float64(i), .1-.001*float64(i))
		}
	}
	c.divideVectors(cluster.Points{X: p, D: 3}, &MethodSettings{MaxClusters: 5, Silhouette: .9, Power: 2}, kernel.NewStream(1, "x"))
	if c.count != 2 || c.power != 1 || c.silhouette < .9 {
		t.Fatalf("%d clusters, power %v, silhouette %v", c.count, c.power, c.silhouette)
	}
	for i, of := range c.clusters {
		if (of == c.clusters[0]) != (i%3 == 0) {
			t.Errorf("sample %d is in cluster %d", i, of)
		}
	}
	same := &classClusters{rows: trainloop.All(4)}
	same.divideVectors(cluster.Points{X: []float64{.2, .3, .5, .2, .3, .5, .2, .3, .5, .2, .3, .5}, D: 3}, &MethodSettings{MaxClusters: 5, Silhouette: .9, Power: 2}, kernel.NewStream(1, "x"))
	if same.count != 1 || !slices.Equal(same.clusters, []int{0, 0, 0, 0}) {
		t.Errorf("equal outputs make %d clusters: %v", same.count, same.clusters)
	}
}
