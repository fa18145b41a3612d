package model

import (
	"math"
	"reflect"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// neurons makes the table, and checks it against its fields.
func neurons(t *testing.T, m *Model) *frame.Table {
	t.Helper()
	table, err := m.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Check(NeuronFields); err != nil {
		t.Error(err)
	}
	return table
}

// blocked is a law whose blocks are longer than what their functions read: coordinates 0 and 1 are
// relevant to the core, 2 is inert; 3 is relevant to the spurious function, 4 is inert; 5 and 6 are
// independent.
var blocked = datalaw.Law{
	Core: boolean.Function{Type: boolean.Parity, Degree: 2}, Spurious: boolean.Function{Type: boolean.TruthTable, Table: "01"},
	CoreLength: 3, SpuriousLength: 2, Independent: 2, Strength: .9, Variant: datalaw.Paper,
}

// Weights that are small whole numbers, so that everything is exact.
func blockedModel(t *testing.T, s neuralnet.NetworkSettings, law *datalaw.Law) *Model {
	t.Helper()
	s.Hidden, s.InitScale, s.OutputScale = append([]int{3}, s.Hidden...), 1, "1/width"
	m := New(s, dataset.Description{Dimensions: 7, Law: law})
	net, err := neuralnet.New(s, 7, kernel.NewStream(1, "init"))
	if err != nil {
		t.Fatal(err)
	}
	first := &net.Layers[0]
	first.SetNeuronWeights(0, []float32{1, 2, 3, 4, 5, 6, 7})
	first.SetNeuronWeights(1, []float32{1, 1, 1, 0, 0, 2, 0})
	first.SetNeuronWeights(2, []float32{0, 0, 0, 0, 0, 3, 0})
	if s.Bias {
		copy(first.Biases, []float32{-1, 0, .5})
	}
	for i := range net.Layers[1].Weights {
		net.Layers[1].Weights[i] = []float32{3, 9, -6, 0, 1, 2}[i]
	}
	m.Add(0, net)
	first.SetNeuronWeights(2, []float32{0, 0, 0, 0, 2, 0, 0})
	m.Add(8, net)
	return m
}

func TestNeurons(t *testing.T) {
	table := neurons(t, blockedModel(t, neuralnet.NetworkSettings{Outputs: 2, Bias: true}, &blocked))
	for column, want := range map[string][]any{
		"step":                   {int64(0), int64(0), int64(0), int64(8), int64(8), int64(8)},
		"neuron":                 {int64(0), int64(1), int64(2), int64(0), int64(1), int64(2)},
		"core_mass":              {14., 3., 0., 14., 3., 0.},
		"core_relevant_mass":     {5., 2., 0., 5., 2., 0.},
		"spurious_mass":          {41., 0., 0., 41., 0., 4.},
		"spurious_relevant_mass": {16., 0., 0., 16., 0., 0.},
		"independent_mass":       {85., 4., 9., 85., 4., 0.},
		"mass":                   {140., 7., 9., 140., 7., 4.},
		"core_share":             {14. / 55, 1., nil, 14. / 55, 1., 0.},
		"bias":                   {-1., 0., .5, -1., 0., .5},
		"outgoing_weight":        {6 * third, 6 * third, third, 6 * third, 6 * third, third},
		"outgoing_mass":          {90., 36., 5., 90., 36., 5.},
	} {
		var got []any
		for row := range table.Rows() {
			got = append(got, table.Column(column).Value(row))
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", column, got, want)
		}
	}
}

// third is the output scale 1/width of three neurons, a float32.
var third = float64(float32(1. / 3))

// The outgoing weight is what the margin changes by with the neuron's activation.
func TestOutgoingWeightIsTheMarginsDerivative(t *testing.T) {
	for outputs := 1; outputs <= 2; outputs++ {
		m := blockedModel(t, neuralnet.NetworkSettings{Outputs: outputs, Activation: "identity", Bias: true}, &blocked)
		table := neurons(t, m)
		net, x, margin := m.Last().Net, make([]float32, 7), make([]float32, 1)
		at := func() float64 { net.Margins(margin, x, 1); return float64(margin[0]) }
		for j := range 3 {
			before := at()
			net.Layers[0].Biases[j]++
			want := at() - before
			if got := table.Column("outgoing_weight").Value(3 + j).(float64); math.Abs(got-want) > 1e-6 {
				t.Errorf("%d outputs, neuron %d: %v, but the margin changes by %v", outputs, j, got, want)
			}
		}
	}
}

func TestNeuronsOfOtherNetworks(t *testing.T) {
	deep := neurons(t, blockedModel(t, neuralnet.NetworkSettings{Hidden: []int{2}, Outputs: 1}, &blocked))
	if deep.Rows() != 6 || deep.Column("outgoing_weight").Nulls() != 6 || deep.Column("bias").Nulls() != 6 || deep.Column("outgoing_mass").Value(0) != 90. {
		t.Errorf("two hidden layers: %d rows, %v", deep.Rows(), deep.Column("outgoing_mass").Value(0))
	}
	external := neurons(t, blockedModel(t, neuralnet.NetworkSettings{Outputs: 2}, nil))
	if external.Column("mass").Value(0) != 140. {
		t.Errorf("external data: mass %v", external.Column("mass").Value(0))
	}
	for _, name := range []string{"core_mass", "core_relevant_mass", "spurious_mass", "spurious_relevant_mass", "independent_mass", "core_share"} {
		if external.Column(name).Nulls() != 6 {
			t.Errorf("external data: %s exists", name)
		}
	}
	if linear := neurons(t, newModel(t, networks["linear"])); linear.Rows() != 0 {
		t.Errorf("a linear model has %d neurons", linear.Rows())
	}
}
