package evaluation

import (
	"math"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// covering holds estimates with standard errors against a true value: within 1.96 of them as often as a normal estimate is, up to
// five standard deviations of the binomial, and with the spread that they say.
type covering struct {
	draws, covered     int
	sum, squares, said float64
}

func (c *covering) add(t *testing.T, got, se Optional, want float64) {
	t.Helper()
	if !got.Valid || !se.Valid {
		t.Fatal("there is no estimate")
	}
	c.draws++
	if math.Abs(got.Value-want) <= 1.959963984540054*se.Value {
		c.covered++
	}
	gap := got.Value - want
	c.sum, c.squares, c.said = c.sum+gap, c.squares+gap*gap, c.said+se.Value*se.Value
}

// check allows a coverage that is .01 too low, as a ratio of small numbers is not quite normal.
func (c *covering) check(t *testing.T, name string) {
	t.Helper()
	const allowed = .01
	n := float64(c.draws)
	share := float64(c.covered) / n
	if room := 5 * math.Sqrt(.95*.05/n); share < .95-allowed-room || share > .95+room {
		t.Errorf("%s: the interval holds the true value in %.4f of %d draws", name, share, c.draws)
	}
	mean := c.sum / n
	variance, said := c.squares/n-mean*mean, c.said/n
	if ratio := math.Sqrt(said / variance); math.Abs(ratio-1) > .03+5/math.Sqrt(2*n) {
		t.Errorf("%s: standard errors are %.3f of the standard deviation of %d draws", name, ratio, c.draws)
	}
	t.Logf("%s: coverage %.4f, said/true %.3f, bias %.5f", name, share, math.Sqrt(said/variance), mean)
}

// drawn gives an outcome by its probabilities, which sum to 1.
func drawn(stream *kernel.Stream, probabilities []float64) int {
	u := stream.Float64()
	for i, p := range probabilities {
		if u -= p; u < 0 {
			return i
		}
	}
	return len(probabilities) - 1
}

func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// DeLong's error of the area, by its definition: over all pairs, ties counting a half.
func TestAUROCErrorIsDeLongs(t *testing.T) {
	stream := kernel.NewStream(5, "delong")
	d := described(2, 2, nil)
	for range 100 {
		labels, margins := make([]int16, 4+stream.IntN(30)), []float64(nil)
		labels[0], labels[1] = 1, 1
		for i := range labels {
			if i > 3 {
				labels[i] = int16(stream.IntN(2))
			}
			margins = append(margins, float64(stream.IntN(5))+float64(labels[i]))
		}
		inOrder := func(i, j int) float64 {
			switch {
			case margins[i] > margins[j]:
				return 1
			case margins[i] == margins[j]:
				return .5
			}
			return 0
		}
		var area float64
		shares := [2][]float64{}
		for i, y := range labels {
			sum, n := 0.0, 0.0
			for j, other := range labels {
				if other == y {
					continue
				}
				n++
				if y == 1 {
					sum += inOrder(i, j)
				} else {
					sum += inOrder(j, i)
				}
			}
			shares[y] = append(shares[y], sum/n)
		}
		for _, v := range shares[1] {
			area += v / float64(len(shares[1]))
		}
		want := 0.0
		for _, list := range shares {
			spread, n := 0.0, float64(len(list))
			for _, v := range list {
				spread += (v - area) * (v - area)
			}
			want += spread / (n - 1) / n
		}
		found, errs := ScorePredictions(d, marked(t, d, labels, nil), Predicted{Classes: make([]int16, len(labels)), Margins: margins}, nil, &dataset.Ledger{})
		if math.Abs(found.AUROC.Value-area) > 1e-12 || math.Abs(errs.AUROC.Value-math.Sqrt(want)) > 1e-12 {
			t.Errorf("%v ± %v, want %v ± %v", found.AUROC, errs.AUROC, area, math.Sqrt(want))
		}
	}
}

// Margins of two normal distributions have a known area.
func TestAUROCErrorCovers(t *testing.T) {
	const draws, rows, apart = 2000, 150, 1.2
	d, stream := described(2, 2, nil), kernel.NewStream(1, "auroc")
	var c covering
	for range draws {
		labels, margins := make([]int16, rows), make([]float64, rows)
		for i := range rows {
			labels[i] = int16(drawn(stream, []float64{.7, .3}))
			margins[i] = stream.Normal() + apart*float64(labels[i])
		}
		found, errs := ScorePredictions(d, marked(t, d, labels, nil), Predicted{Classes: make([]int16, rows), Margins: margins}, nil, &dataset.Ledger{})
		c.add(t, found.AUROC, errs.AUROC, normal(apart/math.Sqrt2))
	}
	c.check(t, "AUROC")
}

// Of a law, groups have its masses, whatever the samples have: here they are drawn equally from all four.
func TestScoredErrorsCoverUnderALaw(t *testing.T) {
	const draws, rows = 2000, 400
	law, stream := unevenLaw(t, .8), kernel.NewStream(2, "law")
	masses, d := law.Masses(), described(2, 2, nil)
	means := [Groups]float64{-1, .3, -.2, 1.1}
	area, pairs, macro := 0.0, 0.0, 0.0
	var confusion [2][2]float64
	for g, m := range masses {
		confusion[g/2][1] += m * normal(means[g])
		confusion[g/2][0] += m * normal(-means[g])
		for h, n := range masses {
			if g/2 == 1 && h/2 == 0 {
				area += m * n * normal((means[g]-means[h])/math.Sqrt2)
				pairs += m * n
			}
		}
	}
	for y := range confusion {
		macro += confusion[y][y] / (confusion[y][0] + confusion[y][1] + confusion[0][y] + confusion[1][y])
	}
	var c, f covering
	for range draws {
		labels, attributes, predicted, margins := make([]int16, rows), make([]int16, rows), make([]int16, rows), make([]float64, rows)
		for i := range rows {
			g := stream.IntN(Groups)
			labels[i], attributes[i] = int16(g/2), int16(g%2)
			margins[i] = means[g] + stream.Normal()
			if margins[i] >= 0 {
				predicted[i] = 1
			}
		}
		s := marked(t, d, labels, attributes)
		found, errs := ScorePredictions(d, s, Predicted{Classes: predicted, Margins: margins}, law, &dataset.Ledger{})
		c.add(t, found.AUROC, errs.AUROC, area/pairs)
		f.add(t, macroF1(t, d, s, predicted, law), errs.MacroF1, macro)
	}
	c.check(t, "AUROC")
	f.check(t, "macro F1")
}

func macroF1(t *testing.T, d *dataset.Description, s *dataset.Samples, predicted []int16, law *datalaw.Compiled) Optional {
	t.Helper()
	m, _, err := OfPredictions(d, s, predicted, law, &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	return m.MacroF1
}

// Labels and predictions drawn by a table of all pairs have a known macro F1.
func TestMacroF1ErrorCovers(t *testing.T) {
	const draws = 2000
	for name, of := range map[string]struct {
		k, rows int
		table   []float64 // [label, prediction]
	}{
		"two classes":   {2, 150, []float64{.55, .15, .1, .2}},
		"three classes": {3, 300, []float64{.3, .05, .05, .06, .14, .1, .02, .08, .2}},
		"a rare class":  {3, 400, []float64{.4, .1, .01, .1, .3, .01, .01, .02, .05}},
	} {
		d, stream := described(of.k, 2, nil), kernel.NewStream(3, name)
		want := 0.0
		for y := range of.k {
			both := 0.0
			for j := range of.k {
				both += of.table[y*of.k+j] + of.table[j*of.k+y]
			}
			want += 2 * of.table[y*of.k+y] / both / float64(of.k)
		}
		var c covering
		for range draws {
			labels, predicted := make([]int16, of.rows), make([]int16, of.rows)
			for i := range labels {
				cell := drawn(stream, of.table)
				labels[i], predicted[i] = int16(cell/of.k), int16(cell%of.k)
			}
			s := marked(t, d, labels, nil)
			_, errs := ScorePredictions(d, s, Predicted{Classes: predicted}, nil, &dataset.Ledger{})
			c.add(t, macroF1(t, d, s, predicted, nil), errs.MacroF1, want)
		}
		c.check(t, name)
	}
}

// Probabilities that are well off in each of their bins have a known calibration error, and one that hardly any chance turns.
func TestCalibrationErrorCovers(t *testing.T) {
	const draws, rows = 2000, 400
	confidence, share, right := []float64{.55, .75, .95}, []float64{.3, .3, .4}, []float64{.85, .5, .7}
	d, stream := described(2, 2, nil), kernel.NewStream(4, "calibration")
	want := 0.0
	for b, c := range confidence {
		want += share[b] * math.Abs(right[b]-c)
	}
	var c covering
	for range draws {
		labels, given := make([]int16, rows), Predicted{Classes: make([]int16, rows), Confidence: make([]float64, rows)}
		for i := range rows {
			b := drawn(stream, share)
			labels[i], given.Confidence[i] = int16(stream.IntN(2)), confidence[b]
			if given.Classes[i] = labels[i]; stream.Float64() >= right[b] {
				given.Classes[i] = 1 - labels[i]
			}
		}
		found, errs := ScorePredictions(d, marked(t, d, labels, nil), given, nil, &dataset.Ledger{})
		c.add(t, found.Calibration, errs.Calibration, want)
	}
	c.check(t, "calibration error")
}

// Standard errors are those of drawing the points again, an independent bootstrap of one sample.
func TestScoredErrorsAreTheBootstraps(t *testing.T) {
	const rows, draws, k = 500, 2000, 4
	d, stream := described(k, 2, nil), kernel.NewStream(6, "bootstrap")
	labels, given := make([]int16, rows), Predicted{Classes: make([]int16, rows), Confidence: make([]float64, rows)}
	for i := range rows {
		labels[i], given.Confidence[i] = int16(stream.IntN(k)), .3+.1*float64(stream.IntN(7))
		if given.Classes[i] = labels[i]; stream.Float64() > .45+.1*given.Confidence[i] {
			given.Classes[i] = int16(stream.IntN(k))
		}
	}
	_, errs := ScorePredictions(d, marked(t, d, labels, nil), given, nil, &dataset.Ledger{})
	var f1, gap moments
	again, drawnLabels := Predicted{Classes: make([]int16, rows), Confidence: make([]float64, rows)}, make([]int16, rows)
	for range draws {
		for i := range rows {
			j := stream.IntN(rows)
			drawnLabels[i], again.Classes[i], again.Confidence[i] = labels[j], given.Classes[j], given.Confidence[j]
		}
		s := marked(t, d, drawnLabels, nil)
		found, _ := ScorePredictions(d, s, again, nil, &dataset.Ledger{})
		f1.add(macroF1(t, d, s, again.Classes, nil).Value)
		gap.add(found.Calibration.Value)
	}
	for _, of := range []struct {
		name string
		se   Optional
		by   moments
	}{{"macro F1", errs.MacroF1, f1}, {"calibration error", errs.Calibration, gap}} {
		if want := math.Sqrt(of.by.ofMean() * of.by.n); math.Abs(of.se.Value/want-1) > 5/math.Sqrt(2*draws)+.02 {
			t.Errorf("%s: %v, by the bootstrap %v", of.name, of.se.Value, want)
		}
	}
}

// What cannot be told is not there.
func TestNoScoredErrors(t *testing.T) {
	d := described(2, 2, nil)
	for name, c := range map[string]struct {
		labels []int16
		given  Predicted
		want   [3]bool // AUROC, calibration, macro F1
	}{
		"one class":            {[]int16{1, 1, 1}, Predicted{[]int16{1, 0, 1}, []float64{1, -1, 2}, []float64{.5, .6, .7}}, [3]bool{false, true, true}},
		"one point of a class": {[]int16{1, 0, 1}, Predicted{[]int16{1, 0, 1}, []float64{1, -1, 2}, nil}, [3]bool{false, false, true}},
		"one point":            {[]int16{1}, Predicted{[]int16{1}, []float64{1}, []float64{.5}}, [3]bool{}},
		"predictions alone":    {[]int16{1, 0, 1, 0}, Predicted{Classes: []int16{1, 0, 1, 1}}, [3]bool{false, false, true}},
	} {
		_, errs := ScorePredictions(d, marked(t, d, c.labels, nil), c.given, nil, &dataset.Ledger{})
		if got := [3]bool{errs.AUROC.Valid, errs.Calibration.Valid, errs.MacroF1.Valid}; got != c.want {
			t.Errorf("%s: there are %v, want %v", name, got, c.want)
		}
	}
	all, _ := ScorePredictions(d, marked(t, d, []int16{1, 0, 1, 0}, nil), Predicted{Classes: make([]int16, 4), Margins: []float64{3, 1, 3, 0}}, nil, &dataset.Ledger{})
	if all.AUROC != Some(1) {
		t.Errorf("AUROC %v", all.AUROC)
	}
}
