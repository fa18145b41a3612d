package evaluation

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/kernel"
)

// Measures of predictions and scores are those of scikit-learn, which testdata/scikit_learn_golden.py made.
func TestMeasuresAreScikitLearns(t *testing.T) {
	text, err := os.ReadFile("testdata/scikit_learn.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Classes                       int
			Masses                        []float64
			Labels, Attributes, Predicted []int16
			Scores                        []float32
			Accuracy                      float64
			Balanced                      float64  `json:"balanced_accuracy"`
			Worst                         float64  `json:"worst_class_accuracy"`
			MacroF1                       float64  `json:"macro_f1"`
			AUROC                         *float64 `json:"auroc"`
			Calibration                   float64  `json:"expected_calibration_error"`
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) != 6 {
		t.Fatalf("%d cases", len(golden.Cases))
	}
	for i, c := range golden.Cases {
		d := described(c.Classes, 2, nil)
		p, places := ofSamples(d, marked(t, d, c.Labels, c.Attributes), dataset.Evaluation, &dataset.Ledger{})
		if c.Masses != nil {
			p = fourGroups(c.Masses, c.Masses)
			for i, y := range c.Labels {
				places[i] = 2*y + c.Attributes[i]
			}
		}
		tallies, weights := p.tallies(), p.weights(places)
		var list []ranked
		var bins bins
		width := len(c.Scores) / len(c.Labels)
		for i, y := range c.Predicted {
			tallies.count(&p, places[i], y, 0)
			w, scores := weights[places[i]], c.Scores[i*width:(i+1)*width]
			bins.add(confidence(scores), w, y == c.Labels[i])
			if width == 1 {
				list = append(list, ranked{margin: float64(scores[0]), weight: w, positive: c.Labels[i] == 1})
			}
		}
		m, area := p.summarise(tallies), auroc(list)
		if area.Valid != (c.AUROC != nil) {
			t.Errorf("case %d: AUROC %v", i, area)
		}
		if c.AUROC == nil {
			c.AUROC = &area.Value
		}
		for _, of := range []struct {
			name      string
			got, want float64
		}{{"accuracy", m.Accuracy, c.Accuracy}, {"balanced accuracy", m.Balanced.Value, c.Balanced}, {"worst class", m.WorstClassAccuracy.Value, c.Worst},
			{"macro F1", m.MacroF1.Value, c.MacroF1}, {"AUROC", area.Value, *c.AUROC}, {"calibration error", bins.gap().Value, c.Calibration}} {
			if math.Abs(of.got-of.want) > 1e-12 {
				t.Errorf("case %d: %s is %v, scikit-learn has %v", i, of.name, of.got, of.want)
			}
		}
	}
}

// AUROC is the share of pairs that are in order, ties counting a half.
func TestAUROCCountsPairs(t *testing.T) {
	stream := kernel.NewStream(3, "auroc")
	for range 200 {
		list := make([]ranked, 1+stream.IntN(30))
		for i := range list {
			list[i] = ranked{margin: float64(stream.IntN(6)), weight: float64(1 + stream.IntN(3)), positive: stream.IntN(2) == 1}
		}
		var above, pairs float64
		for _, up := range list {
			for _, down := range list {
				if !up.positive || down.positive {
					continue
				}
				w := up.weight * down.weight
				pairs += w
				switch {
				case up.margin > down.margin:
					above += w
				case up.margin == down.margin:
					above += w / 2
				}
			}
		}
		got := auroc(slices.Clone(list))
		if got.Valid != (pairs > 0) || got.Valid && got.Value != above/pairs {
			t.Errorf("%v: %v, want %v of %v", list, got, above, pairs)
		}
		slices.Reverse(list)
		if again := auroc(list); again != got {
			t.Errorf("in another order it is %v, not %v", again, got)
		}
	}
}

// A network's scores are measured over all points by the law's weights: here the whole cube, whose points each stand for
// their density.
func TestScore(t *testing.T) {
	law := datasettest.Law(t)
	net := newNetwork(t, law.Dimensions())
	e, err := NewEvaluator(law, 16, "cross_entropy", stream(), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Score(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	size, n := 1<<law.Dimensions(), law.Dimensions()
	x, y, s, margins := make([]float32, size*n), make([]int16, size), make([]int16, size), make([]float32, size)
	law.Enumerate(0, size, x, y, s)
	net.MarginsOfSigns(margins, e.packed, size) // which may differ from Margins in a last bit
	var list []ranked
	gaps := map[int]float64{}
	for i, z := range margins {
		w := law.Densities()[2*y[i]+s[i]] / float64(size)
		list = append(list, ranked{margin: float64(z), weight: w, positive: y[i] == 1})
		p := 1 / (1 + math.Exp(-math.Abs(float64(z))))
		bin := int(math.Ceil(p * 15))
		if (z >= 0) == (y[i] == 1) {
			gaps[bin] += w
		}
		gaps[bin] -= w * p
	}
	want := 0.0
	for _, gap := range gaps {
		want += math.Abs(gap)
	}
	if area := auroc(list); math.Abs(got.AUROC.Value-area.Value) > 1e-12 || area.Value == .5 {
		t.Errorf("AUROC %v, want %v", got.AUROC, area)
	}
	if math.Abs(got.Calibration.Value-want) > 1e-12 || want == 0 {
		t.Errorf("calibration error %v, want %v", got.Calibration, want)
	}
	hinge, err := NewEvaluator(law, 16, "hinge", stream(), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	if of, err := hinge.Score(t.Context(), net); err != nil || of.Calibration.Valid || of.AUROC != got.AUROC {
		t.Errorf("of hinge: %+v, %v", of, err)
	}
	net.Layers[0].Biases[0] = float32(math.NaN())
	if _, err := e.Score(t.Context(), net); err == nil {
		t.Error("outputs that are not numbers are scored")
	}
}
