package probe

import (
	"math"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// neurons gives a change that sets the first layer's weights, without biases.
func neurons(weights ...[]float32) func(int64, *neuralnet.Network) {
	return func(_ int64, net *neuralnet.Network) {
		for j, w := range weights {
			net.Layers[0].SetNeuronWeights(j, w)
		}
		clear(net.Layers[0].Biases)
	}
}

func probeParts(t testing.TB, settings string, model *frame.Table) *frame.Table {
	t.Helper()
	got := stagetest.Run(t, Kind, settings, stagetest.Inputs{"model": stagetest.Tables(model)})["parts"]
	if got == nil {
		t.Fatal("no output parts")
	}
	return got
}

// TestPartsOfKnownNeurons has core coordinate 0, spurious coordinate 1, and neurons of r = 1, 0, none
// and 1/2.
func TestPartsOfKnownNeurons(t *testing.T) {
	got := probeParts(t, `{"parts": true, "splits": 2}`, table(t, parityLaw(1, 1, 6), network(4), []int64{5},
		neurons([]float32{1, 0, 0, 0, 0, 0}, []float32{0, 1, 0, 0, 0, 0}, []float32{0, 0, 3, 0, 0, 0}, []float32{1, 1, 0, 0, 0, 0})))
	se := func(value float64) float64 { return math.Sqrt((1 - value*value) / 2000) }
	for i, want := range []struct {
		part           string
		split          any
		neurons        int64
		core, spurious float64 // what decodes
	}{
		{"all", nil, 4, 1, 1},
		{"core", nil, 1, 1, 0},
		// relu(x_1) and relu(x_0 + x_1) tell x_0 where x_1 = +1: right for 3/4.
		{"spurious", nil, 2, 0.5, 1},
		{"random_core", int64(0), 1, math.NaN(), math.NaN()},
		{"random_spurious", int64(0), 2, math.NaN(), math.NaN()},
		{"random_core", int64(1), 1, math.NaN(), math.NaN()},
		{"random_spurious", int64(1), 2, math.NaN(), math.NaN()},
	} {
		if p := got.Column("part").Strings.At(i); p != want.part || got.Column("split").Value(i) != want.split || got.Column("neurons").Int64s[i] != want.neurons {
			t.Errorf("row %d: %s, split %v, %d neurons", i, p, got.Column("split").Value(i), got.Column("neurons").Int64s[i])
		}
		for name, value := range map[string]float64{"decoded_core": want.core, "decoded_spurious": want.spurious} {
			if v := column(t, got, name)[i]; math.Abs(v-value) > 5*se(value) {
				t.Errorf("%s of %s is %v, want %v", name, want.part, v, value)
			}
		}
		if !got.Column("missing").Null(i) || !got.Column("converged").Bools[i] || got.Column("fit_points").Int64s[i] != 8000 {
			t.Errorf("row %d: %+v", i, got)
		}
	}
	if got.Rows() != 7 {
		t.Errorf("%d rows", got.Rows())
	}
}

// TestPartIsANetworkOfItsNeurons: what decodes from a part is what decodes from the network that has
// no other neurons.
func TestPartIsANetworkOfItsNeurons(t *testing.T) {
	law := parityLaw(3, 2, 12)
	for _, hidden := range [][]int{{9}, {9, 5}} {
		whole := table(t, law, network(hidden...), []int64{3}, nil)
		got := probeParts(t, `{"parts": true, "points": 2000, "splits": 3}`, whole)
		var first *frame.Table
		var kept [][]float32 // of the first layer of either, with their biases
		var biases []float32
		table(t, law, network(hidden...), []int64{3}, func(_ int64, net *neuralnet.Network) {
			l := &net.Layers[0]
			for j := range l.Out {
				w := l.NeuronWeights(nil, j)
				if squares(w[:3]) > squares(w[3:5]) {
					kept, biases = append(kept, w), append(biases, l.Biases[j])
				}
			}
			first = table(t, law, network(9), []int64{3}, func(_ int64, to *neuralnet.Network) {
				copy(to.Layers[0].Weights, l.Weights)
				copy(to.Layers[0].Biases, l.Biases)
			})
		})
		if len(kept) == 0 || len(kept) == 9 {
			t.Fatalf("the random network has %d of 9 core neurons", len(kept))
		}
		core := table(t, law, network(len(kept)), []int64{3}, func(_ int64, net *neuralnet.Network) {
			neurons(kept...)(0, net)
			copy(net.Layers[0].Biases, biases)
		})
		for row, model := range []*frame.Table{first, core} {
			want := stagetest.Run(t, Kind, `{"points": 2000}`, stagetest.Inputs{"model": stagetest.Tables(model)})["decoded"]
			for _, name := range []string{"decoded_core", "decoded_core_se", "decoded_core_fit", "decoded_spurious", "decoded_spurious_se", "decoded_spurious_fit"} {
				if g, w := column(t, got, name)[row], column(t, want, name)[0]; g != w {
					t.Errorf("%v hidden: %s of %s is %v, of the network %v", hidden, name, got.Column("part").Strings.At(row), g, w)
				}
			}
		}
	}
}

func squares(w []float32) (sum float64) {
	for _, v := range w {
		sum += float64(v) * float64(v)
	}
	return sum
}

// TestRandomSplits: the same neurons at every checkpoint, others in every split, and none twice.
func TestRandomSplits(t *testing.T) {
	// Neuron j is relu(x_j), and a core parity of one is decoded by neuron 0 alone.
	var weights [][]float32
	for j := range 8 {
		w := make([]float32, 8)
		w[j] = 1
		weights = append(weights, w)
	}
	law := parityLaw(1, 1, 8)
	law.CoreLength, law.SpuriousLength, law.Independent = 4, 4, 0
	got := probeParts(t, `{"parts": true, "splits": 12, "points": 400}`, table(t, law, network(8), []int64{0, 7}, neurons(weights...)))
	rows := got.Rows() / 2
	if rows != 3+2*12 {
		t.Fatalf("%d rows a checkpoint", rows)
	}
	inCore := 0
	for i := range rows {
		for _, name := range []string{"decoded_core", "decoded_spurious"} {
			if a, b := column(t, got, name)[i], column(t, got, name)[rows+i]; a != b {
				t.Errorf("row %d: %s is %v, and %v at the next checkpoint", i, name, a, b)
			}
		}
		if i >= 3 && i%2 == 1 {
			has, other := column(t, got, "decoded_core")[i] == 1, column(t, got, "decoded_core")[i+1] == 1
			if has == other {
				t.Errorf("split %d: neuron 0 is in both parts or in none", (i-3)/2)
			}
			if has {
				inCore++
			}
		}
	}
	if inCore == 0 || inCore == 12 { // for one seed in 2,048, were it random
		t.Errorf("neuron 0 is in the random core part of %d splits of 12", inCore)
	}
}

func TestPartsThatAreMissing(t *testing.T) {
	t.Run("no spurious neurons", func(t *testing.T) {
		got := probeParts(t, `{"parts": true, "splits": 1, "points": 200}`, table(t, parityLaw(1, 1, 6), network(2), []int64{0},
			neurons([]float32{1, 0, 0, 0, 0, 0}, []float32{2, 1, 0, 0, 0, 0})))
		for i, empty := range []bool{false, false, true, false, true} {
			if got.Column("decoded_core").Null(i) != empty || got.Column("decoded_spurious_se").Null(i) != empty || got.Column("converged").Bools[i] == empty {
				t.Errorf("row %d: %v", i, got.Column("decoded_core"))
			}
			if v := got.Column("missing").Value(i); empty && v != "no neurons" || !empty && v != nil {
				t.Errorf("row %d: missing is %v", i, v)
			}
		}
	})
	t.Run("overflow", func(t *testing.T) {
		huge := []float32{3e38, 3e38, 3e38, 3e38, 3e38, 3e38}
		got := probeParts(t, `{"parts": true, "splits": 0, "points": 200}`, table(t, parityLaw(1, 1, 6), network(2), []int64{0}, neurons(huge, []float32{1, 0, 0, 0, 0, 0})))
		for i, want := range []any{"activations not finite", nil, "activations not finite"} {
			if v := got.Column("missing").Value(i); v != want {
				t.Errorf("row %d: missing is %v", i, v)
			}
		}
	})
	t.Run("no hidden layer", func(t *testing.T) {
		if got := probeParts(t, `{"parts": true}`, table(t, parityLaw(1, 1, 6), network(), []int64{0}, nil)); got.Rows() != 0 {
			t.Errorf("%d rows", got.Rows())
		}
	})
	t.Run("not asked for", func(t *testing.T) {
		in := stagetest.Inputs{"model": stagetest.Tables(table(t, parityLaw(1, 1, 6), network(2), []int64{0}, nil))}
		if got := stagetest.Run(t, Kind, `{"points": 200}`, in)["parts"]; got != nil {
			t.Error("parts were written")
		}
	})
}

func BenchmarkParts(b *testing.B) {
	in := stagetest.Tables(table(b, parityLaw(4, 2, 16), network(32), []int64{0}, nil))
	for _, settings := range []string{`{}`, `{"parts": true}`} {
		b.Run("settings="+settings, func(b *testing.B) {
			for b.Loop() {
				stagetest.Run(b, Kind, settings, stagetest.Inputs{"model": in})
			}
		})
	}
}
