package evaluation

import (
	"math"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
)

// Predictions of a network are measured as the network is: on the samples alone like a sample evaluator, and by the
// law's masses like the whole cube, if the samples are the cube.
func TestOfPredictions(t *testing.T) {
	law := blockLaw(t, 4, 0)
	n := law.Dimensions()
	net := newNetwork(t, n)
	size := 1 << n
	packed, labels, attributes := make([]uint64, size), make([]int16, size), make([]int16, size)
	for i := range packed {
		packed[i] = uint64(i)
	}
	law.Evaluate(packed, labels, attributes)
	s, err := dataset.Pack(dataset.TestSplit, n, packed, labels, attributes)
	if err != nil {
		t.Fatal(err)
	}
	margins, predictions := make([]float32, size), make([]int16, size)
	net.MarginsOfSigns(margins, packed, size)
	for i, m := range margins {
		if m >= 0 {
			predictions[i] = 1
		}
	}
	var l dataset.Ledger
	got, whole, err := OfPredictions(twoByTwo, s, predictions, law, &l)
	if err != nil || !whole {
		t.Fatalf("whole %v, error %v", whole, err)
	}
	e, err := NewEvaluator(law, 16, "", kernel.NewStream(1, "x"), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Evaluate(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Accuracy-want.Accuracy) > 1e-12 || math.Abs(got.Core.Value-want.Core.Value) > 1e-12 || got.WorstAccuracy != want.WorstAccuracy || got.Worst != want.Worst {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got.CoreError.Value == 0 || got.Accuracy == .5 {
		t.Errorf("the error of the core correlation is %v, the accuracy %v", got.CoreError.Value, got.Accuracy)
	}
	alone, whole, err := OfPredictions(twoByTwo, s, predictions, nil, &l)
	if err != nil || whole || math.Abs(alone.Core.Value-(2*alone.MeanAccuracy.Value-1)) > 1e-15 {
		t.Errorf("without a law: whole %v, core %v, error %v", whole, alone.Core, err)
	}
	if _, _, err := OfPredictions(twoByTwo, s, make([]int16, size), nil, &l); err != nil {
		t.Error(err)
	}
	predictions[3] = 2
	if _, _, err := OfPredictions(twoByTwo, s, predictions, nil, &l); err == nil || !strings.Contains(err.Error(), "sample 4") {
		t.Errorf("a class that does not exist: %v", err)
	}
	predictions[3] = 1
	if _, _, err := OfPredictions(twoByTwo, s, predictions[1:], law, &l); err == nil {
		t.Error("too few predictions are taken")
	}
	if got := l.Access(); got != "none" {
		t.Errorf("it notes %q as read for more than evaluation", got)
	}
	// Without one of the groups the law's masses cannot be used.
	var rows []int
	for i, y := range labels {
		if y == 1 || attributes[i] == 1 {
			rows = append(rows, i)
		}
	}
	some := func(list []int16) (out []int16) {
		for _, i := range rows {
			out = append(out, list[i])
		}
		return out
	}
	var part []uint64
	for _, i := range rows {
		part = append(part, packed[i])
	}
	if s, err = dataset.Pack(dataset.TestSplit, n, part, some(labels), some(attributes)); err != nil {
		t.Fatal(err)
	}
	if m, whole, err := OfPredictions(twoByTwo, s, some(predictions), law, &l); err != nil || whole || m.Core.Valid || m.GroupAccuracy(0).Valid {
		t.Errorf("without a group: whole %v, core %v, error %v", whole, m.Core, err)
	}
}
