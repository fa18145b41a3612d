package responses

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/common/model/modeltest"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestConform(t *testing.T) { stagetest.Conform(t, Kind, cases(t)...) }

func TestGolden(t *testing.T) { stagetest.GoldenFiles(t, Kind, *update, cases(t)...) }

func cases(t testing.TB) []stagetest.Case {
	return []stagetest.Case{
		{Name: "law", Settings: `{"points": 200, "seed": 3}`, Inputs: stagetest.Inputs{"model": stagetest.Built(t, modeltest.Relying(t, modeltest.Network(2), 0, 30, 120))}},
		{Name: "dominoes", Settings: `{"core_inputs": 12, "spurious_inputs": 10, "points": 40, "part_ablation": "mean", "unit_ablation": "zero", "draws": 2, "from": "validation", "seed": 4}`,
			Inputs: given(t, dominoes(t, 3), network(2, 9, 5), 0, 10)},
		{Name: "opaque overlay", Settings: `{"core_inputs": 8, "spurious_inputs": 8, "points": 16, "draws": 0, "checkpoints": "last", "core_above": 0.6}`,
			Inputs: given(t, overlaid(t), network(1, 6), 0, 10)},
		{Name: "rest", Settings: `{"core_inputs": 8, "spurious_inputs": 9, "points": 16}`, Inputs: given(t, apart(t), network(1, 6), 10)},
		{Name: "test split of a law", Settings: `{"core_inputs": 20, "spurious_inputs": 20, "points": 100}`,
			Inputs: given(t, datasettest.Finite(t, law(.9), 2, datasettest.Sizes{Test: 300}), network(2, 6), 10)},
		{Name: "no hidden layer", Settings: `{"points": 64, "core_inputs": 4}`, Inputs: stagetest.Inputs{"model": stagetest.Built(t, modeltest.Relying(t, linear(), 10))}},
	}
}

func network(outputs int, hidden ...int) neuralnet.NetworkSettings {
	s := modeltest.Network(outputs)
	s.Hidden = hidden
	return s
}

func linear() neuralnet.NetworkSettings { return network(1) }

// given makes the inputs of a run: networks of random weights, and a data set.
func given(t testing.TB, d *dataset.Dataset, s neuralnet.NetworkSettings, steps ...int64) stagetest.Inputs {
	t.Helper()
	return stagetest.Inputs{"model": stagetest.Built(t, random(t, d.Description, s, nil, steps...)), "data": stagetest.Built(t, d)}
}

// random gives a model of networks of random weights, which change may overwrite.
func random(t testing.TB, about dataset.Description, s neuralnet.NetworkSettings, change func(*neuralnet.Network), steps ...int64) *model.Model {
	t.Helper()
	m := model.New(s, about)
	for _, step := range steps {
		net, err := neuralnet.New(s, about.Dimensions, kernel.NewStream(step, "init"))
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(net)
		}
		m.Add(step, net)
	}
	return m
}

// dominoes gives images of two grey fields of 2 x 3 pixels, one over the other, brighter for the second class and the second
// attribute. All groups have equally many samples, in every split but the training set.
func dominoes(t testing.TB, seed int64) *dataset.Dataset {
	t.Helper()
	shape := dataset.Shape{Channels: 1, Height: 4, Width: 3}
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: 12, Shape: &shape, Parts: []dataset.Part{
		{Name: dataset.CorePart, Channels: [2]int{0, 1}, Rows: [2]int{0, 2}, Columns: [2]int{0, 3}},
		{Name: dataset.SpuriousPart, Channels: [2]int{0, 1}, Rows: [2]int{2, 4}, Columns: [2]int{0, 3}},
	}}}
	for split, to := range map[dataset.Split]**dataset.Samples{dataset.ValidationSplit: &d.Validation, dataset.TestSplit: &d.Test} {
		const rows = 80
		pixels, labels, attributes := make([]uint8, 0, 12*rows), make([]int16, rows), make([]int16, rows)
		stream := kernel.NewStream(seed, string(split))
		for i := range rows {
			labels[i], attributes[i] = int16(i/2%2), int16(i%2)
			for _, bright := range []int16{labels[i], attributes[i]} {
				for range 6 {
					pixels = append(pixels, uint8(100*int(bright)+stream.IntN(120)))
				}
			}
		}
		*to = made(t, split, dataset.Inputs{Dimensions: 12, Bytes: pixels, Scale: 1. / 255}, 2, labels, attributes)
	}
	d.Train = made(t, dataset.TrainSplit, dataset.Inputs{Dimensions: 12, Bytes: make([]uint8, 24), Scale: 1. / 255}, 2, []int16{0, 1}, []int16{0, 1})
	return d
}

func made(t testing.TB, split dataset.Split, in dataset.Inputs, classes int, labels, attributes []int16) *dataset.Samples {
	t.Helper()
	s, err := dataset.New(split, in, dataset.Marks{Classes: classes, Values: 2, Labels: labels, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// threeClasses gives the samples a class more.
func threeClasses(t testing.TB, d *dataset.Dataset) {
	t.Helper()
	d.Classes = []string{"a", "b", "c"}
	for _, s := range []**dataset.Samples{&d.Train, &d.Validation, &d.Test} {
		l := &dataset.Ledger{}
		*s = made(t, (*s).Split, (*s).Raw(), 3, (*s).Labels(l, dataset.Evaluation), (*s).Attributes(l, dataset.Evaluation))
	}
}

// overlaid says of the dominoes where the spurious part is alone, as of an image that covers another.
func overlaid(t testing.TB) *dataset.Dataset {
	d := dominoes(t, 5)
	d.Parts = d.Parts[1:]
	return d
}

// apart says of the dominoes that a row between the parts, and a column, is of neither.
func apart(t testing.TB) *dataset.Dataset {
	d := dominoes(t, 6)
	d.Parts[0].Rows[1], d.Parts[1].Columns[1] = 1, 2
	return d
}

// law has 6 core, 4 spurious and 5 other coordinates.
func law(strength float64) *datalaw.Law {
	return &datalaw.Law{Core: boolean.Function{Type: boolean.Parity, Degree: 3}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 2},
		CoreLength: 6, SpuriousLength: 4, Independent: 5, Strength: strength, Variant: datalaw.Paper}
}

func about(l *datalaw.Law) dataset.Description {
	return dataset.Description{Law: l, Dimensions: l.Dimensions()}
}

func column(t testing.TB, table *frame.Table, name string) *frame.Column {
	t.Helper()
	c := table.Column(name)
	if c == nil {
		t.Fatalf("no column %s", name)
	}
	return c
}

// responses runs the kind on a model, with data that may be nil.
func responses(t testing.TB, settings string, m *model.Model, d *dataset.Dataset) map[string]*frame.Table {
	t.Helper()
	in := stagetest.Inputs{"model": stagetest.Built(t, m)}
	if d != nil {
		in["data"] = stagetest.Built(t, d)
	}
	return stagetest.Run(t, Kind, settings, in)
}

// TestUnitsOfOneBlock: units that read one block alone have r exactly 0 or 1, as their core_share by weights is, whatever the
// activation; units without weights are dead, and a product of both features responds to neither by itself.
func TestUnitsOfOneBlock(t *testing.T) {
	l := law(.9)
	for _, activation := range []string{"relu", "leaky_relu", "identity", "tanh", "quadratic"} {
		s := network(2, 5)
		s.Activation = activation
		stream := kernel.NewStream(1, activation)
		m := random(t, about(l), s, func(net *neuralnet.Network) {
			for u, block := range [][2]int{{0, 6}, {6, 10}, {10, 15}, {0, 0}, {0, 15}} {
				w := make([]float32, 15)
				for i := block[0]; i < block[1]; i++ {
					w[i] = float32(stream.Normal())
				}
				net.Layers[0].SetNeuronWeights(u, w)
				net.Layers[0].Biases[u] = .25
			}
		}, 7)
		weights, err := m.Neurons()
		if err != nil {
			t.Fatal(err)
		}
		out := responses(t, `{}`, m, nil)
		r, missing := column(t, out["units"], "r"), column(t, out["units"], "missing")
		by := column(t, weights, "core_share")
		for u, want := range []any{1., 0., nil, nil} { // a unit of other coordinates has no share of weights either
			if u == 2 && missing.Value(u) != "no main effect" {
				t.Errorf("%s: unit 2 has the r %v", activation, r.Value(u))
			}
			if r.Value(u) != want || by.Value(u) != want {
				t.Errorf("%s: r of unit %d is %v, its share of weights %v, want %v", activation, u, r.Value(u), by.Value(u), want)
			}
		}
		if missing.Value(3) != "constant response" || missing.Value(0) != nil {
			t.Errorf("%s: missing is %v and %v", activation, missing.Value(3), missing.Value(0))
		}
		if share := column(t, out["units"], "interaction_variance_share").Value(2); share.(float64) < .8 {
			t.Errorf("%s: what lies in neither part has an interaction share of %v", activation, share)
		}
		if v := stagetest.Value(t, out["summary"], "dead_units", 0); v != int64(1) {
			t.Errorf("%s: %v dead units", activation, v)
		}
	}
}

// TestLinearUnits: r of a linear unit is core_share of its weights, but for what chance the grid has in it.
func TestLinearUnits(t *testing.T) {
	l := law(.9)
	s := network(2, 40)
	s.Activation = "identity"
	m := random(t, about(l), s, nil, 1)
	weights, err := m.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	by := column(t, weights, "core_share").Float64s
	for _, inputs := range []int{64, 400} {
		units := responses(t, fmt.Sprintf(`{"core_inputs": %d, "spurious_inputs": %d, "seed": 2}`, inputs, inputs), m, nil)["units"]
		far, widest := 0, 0.
		for u, r := range column(t, units, "r").Float64s {
			se := column(t, units, "r_se").Float64s[u]
			if gap := math.Abs(r - by[u]); gap > 2*se {
				far++
				if gap > 4*se {
					t.Errorf("%d inputs: r of unit %d is %v ± %v, its share of weights %v", inputs, u, r, se, by[u])
				}
			}
			widest = max(widest, se)
			total := 0.
			for _, part := range []string{"core", "spurious", "interaction"} {
				total += column(t, units, part+"_variance_share").Float64s[u]
			}
			if math.Abs(total-1) > 1e-12 {
				t.Errorf("shares of unit %d sum to %v", u, total)
			}
		}
		if far > 6 { // of 40, 2 are expected; all use the same grid
			t.Errorf("%d inputs: %d of 40 are more than two standard errors off", inputs, far)
		}
		if bound := .6 / math.Sqrt(float64(inputs)); widest > bound {
			t.Errorf("%d inputs: the largest standard error is %v", inputs, widest)
		}
	}
}

// TestVarianceOfLinearUnits: the components add up to |w|² within the grid's chance.
func TestVarianceOfLinearUnits(t *testing.T) {
	s := network(2, 30)
	s.Activation = "identity"
	m := random(t, about(law(.9)), s, nil, 1)
	units := responses(t, `{"core_inputs": 300, "spurious_inputs": 300}`, m, nil)["units"]
	weights, err := m.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	for u, mass := range column(t, weights, "mass").Float64s {
		if v := column(t, units, "variance").Float64s[u]; math.Abs(v-mass) > .25*mass {
			t.Errorf("unit %d has the variance %v, |w|² is %v", u, v, mass)
		}
	}
}

// two gives a network of one hidden layer whose output goes by core and spurious units: unit 0 is on where the core coordinate
// is +1, unit 1 where the spurious one is; 2 and 3 read a coordinate of neither; 4 is dead. Data is of parities of one coordinate.
// With an activation other than relu a unit is its coordinate.
func two(t testing.TB, activation string, core, spurious float32) *model.Model {
	t.Helper()
	l := &datalaw.Law{Core: boolean.Function{Type: boolean.Parity, Degree: 1}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 1, SpuriousLength: 1, Independent: 2, Strength: .9, Variant: datalaw.Paper}
	s := network(1, 5)
	s.Activation = activation
	return random(t, about(l), s, func(net *neuralnet.Network) {
		for u := range 5 {
			w := make([]float32, 4)
			if u < 4 {
				w[u] = 1
			}
			net.Layers[0].SetNeuronWeights(u, w)
			net.Layers[0].Biases[u] = 0
		}
		copy(net.Layers[1].Weights, []float32{core, spurious, 0, 0, 1})
		net.Layers[1].Biases[0] = 0
		if activation == "relu" {
			net.Layers[1].Biases[0] = -(core + spurious) / 2
		}
	}, 3)
}

// TestAblationsOfKnownNetwork: with both features in the output, the larger decides; without it, the smaller one does. That
// is what two subnetworks are.
func TestAblationsOfKnownNetwork(t *testing.T) {
	for activation, settings := range map[string]string{"relu": `{"draws": 3}`, "identity": `{"part_ablation": "mean", "draws": 3}`} {
		a := responses(t, settings, two(t, activation, 1, 3), nil)["ablations"] // the spurious feature decides
		permuted := activation == "relu"
		for i, want := range []struct {
			name                     string
			units                    any
			accuracy, core, spurious float64
		}{
			{"none", nil, .9, 0, 1},
			{"core_part", nil, .9, 0, 1},
			{"spurious_part", nil, .5, 0, 0}, // permuted: another's decides
			{"core_units", int64(1), .9, 0, 1},
			{"spurious_units", int64(1), 1, 1, 0},
		} {
			if want.name == "spurious_part" && !permuted {
				want.accuracy, want.core = 1, 1 // at its mean, it leaves the core feature
			}
			if got := stagetest.Value(t, a, "ablation", i); got != want.name {
				t.Fatalf("row %d is %v", i, got)
			}
			if got := stagetest.Value(t, a, "units", i); got != want.units {
				t.Errorf("%s: %v units", want.name, got)
			}
			for name, value := range map[string]float64{"accuracy": want.accuracy, "core_correlation": want.core, "spurious_correlation": want.spurious} {
				got, se := column(t, a, name).Float64s[i], column(t, a, name+"_se").Float64s[i]
				if math.Abs(got-value) > 4*se+1e-12 || !column(t, a, name+"_spread").Null(i) {
					t.Errorf("%s: %s is %v ± %v, want %v", want.name, name, got, se, value)
				}
			}
		}
		if got := stagetest.Value(t, a, "points", 0); got != int64(1024) {
			t.Errorf("%v points", got)
		}
		if a.Rows() != 7 || stagetest.Value(t, a, "ablation", 5) != "random_as_core" || stagetest.Value(t, a, "draws", 6) != int64(3) || column(t, a, "accuracy_spread").Null(6) {
			t.Errorf("%v", stagetest.Text(a))
		}
	}
}

// TestRandomUnits: random sets of one unit are of the four that respond; each is drawn about equally often, and the spread
// says that they differ.
func TestRandomUnits(t *testing.T) {
	a := responses(t, `{"draws": 400}`, two(t, "relu", 1, 3), nil)["ablations"]
	// One set in four holds the spurious unit, without which the spurious correlation is 0 instead of 1.
	got, spread := column(t, a, "spurious_correlation").Float64s[6], column(t, a, "spurious_correlation_spread").Float64s[6]
	if math.Abs(got-.75) > 4*math.Sqrt(.25*.75/400) || math.Abs(spread-math.Sqrt(.25*.75)) > .06 {
		t.Errorf("spurious correlation is %v ± %v over random units", got, spread)
	}
}

// TestZeroMovesTheOutput: an ablation by 0 takes the mean of a unit too; by its mean it does not.
func TestZeroMovesTheOutput(t *testing.T) {
	a := responses(t, `{"unit_ablation": "zero"}`, two(t, "relu", 1, 3), nil)["ablations"]
	// Without the spurious unit's mean of 3/2 the output is always below 0: one class.
	if core, accuracy := column(t, a, "core_correlation").Float64s[4], column(t, a, "accuracy").Float64s[4]; core != 0 || math.Abs(accuracy-.5) > 1e-12 {
		t.Errorf("core correlation %v, accuracy %v", core, accuracy)
	}
}

// TestWholeNetwork: measures without an ablation are the exact ones of the network on the cube, but for the points' chance.
func TestWholeNetwork(t *testing.T) {
	m := modeltest.Relying(t, modeltest.Network(2), 60, 120, 300)
	c := datasettest.Compile(t, m.Data.Law)
	x, y, s, margins := make([]float32, 64*6), make([]int16, 64), make([]int16, 64), make([]float32, 64)
	c.Enumerate(0, 64, x, y, s)
	a := responses(t, `{"points": 4000, "checkpoints": "all"}`, m, nil)["ablations"]
	row := 0
	for _, checkpoint := range m.Checkpoints {
		for stagetest.Value(t, a, "step", row) != checkpoint.Step {
			row++
		}
		checkpoint.Net.Margins(margins, x, 64)
		var core, spurious, accuracy float64
		for i, z := range margins {
			predicted := int16(0)
			if z >= 0 {
				predicted = 1
			}
			agree := func(with int16) float64 {
				if predicted == with {
					return 1
				}
				return -1
			}
			core, spurious = core+agree(y[i])/64, spurious+agree(s[i])/64 // all four groups have 16 inputs
			accuracy += (agree(y[i]) + 1) / 2 * c.Densities()[datalaw.GroupOf(y[i], s[i])] / 64
		}
		for name, want := range map[string]float64{"core_correlation": core, "spurious_correlation": spurious, "accuracy": accuracy} {
			got, se := column(t, a, name).Float64s[row], column(t, a, name+"_se").Float64s[row]
			if math.Abs(got-want) > 4*se+1e-9 {
				t.Errorf("step %d: %s is %v ± %v, on the cube %v", checkpoint.Step, name, got, se, want)
			}
		}
	}
}

// TestTrainedSubnetworks: a network that has learned both features loses the core correlation without its core units, and goes by
// the spurious feature then, which it does not without as many others.
func TestTrainedSubnetworks(t *testing.T) {
	out := responses(t, `{"draws": 20}`, modeltest.Relying(t, modeltest.Network(2), 120), nil)
	a := out["ablations"]
	of := func(column string, row int) float64 { return stagetest.Value(t, a, column, row).(float64) }
	if n := stagetest.Value(t, out["summary"], "core_units", 0); n != int64(10) || stagetest.Value(t, a, "units", 3) != n || stagetest.Value(t, a, "units", 5) != n {
		t.Errorf("%v core units", n)
	}
	if whole := of("core_correlation", 0); whole < .99 {
		t.Errorf("the network has not learned the core feature: %v", whole)
	}
	if core, spurious := of("core_correlation", 3), of("spurious_correlation", 3); core > .2 || spurious < .5 {
		t.Errorf("without core units, core %v, spurious %v", core, spurious)
	}
	if core, spurious := of("core_correlation", 5), of("spurious_correlation", 5); core < of("core_correlation", 3)+.2 || spurious > of("spurious_correlation", 3)-.2 {
		t.Errorf("without random units, core %v, spurious %v", core, spurious)
	}
}

// TestSplit: samples come from the split that is asked for, the shares of its groups weigh the accuracy, and the cap on points
// is what the samples suffice for.
func TestSplit(t *testing.T) {
	d := dominoes(t, 1)
	m := random(t, d.Description, network(1, 4), nil, 1)
	a := responses(t, `{"points": 1000, "core_inputs": 1000}`, m, d)
	if got := stagetest.Value(t, a["ablations"], "points", 0); got != int64(80) {
		t.Errorf("%v points of 80 samples", got)
	}
	if got := stagetest.Value(t, a["summary"], "core_inputs", 0); got != int64(80) {
		t.Errorf("%v core inputs of 80 samples", got)
	}
	// A network that always says 1 is right on the share of that class.
	uneven := *d
	labels, attributes := make([]int16, 80), make([]int16, 80)
	for i := range labels {
		labels[i], attributes[i] = int16(min(i%8, 1)), int16(i/8%2)
	}
	uneven.Validation = made(t, dataset.ValidationSplit, d.Validation.Raw(), 2, labels, attributes)
	yes := random(t, d.Description, network(1), func(net *neuralnet.Network) {
		clear(net.Layers[0].Weights)
		net.Layers[0].Biases[0] = 1
	}, 1)
	b := responses(t, `{"from": "validation", "points": 16}`, yes, &uneven)["ablations"]
	if v := column(t, b, "accuracy").Float64s[0]; math.Abs(v-7./8) > 1e-12 {
		t.Errorf("accuracy %v", v)
	}
	if v := column(t, b, "core_correlation").Float64s[0]; v != 0 {
		t.Errorf("core correlation %v", v)
	}
}

// TestOverflow: what is not finite has no r and no measures.
func TestOverflow(t *testing.T) {
	l := law(.9)
	s := network(1, 3)
	m := random(t, about(l), s, func(net *neuralnet.Network) {
		for i := range net.Layers[0].Weights {
			net.Layers[0].Weights[i] = 3e38
		}
		copy(net.Layers[1].Weights, []float32{1, -1, 1})
	}, 1)
	out := responses(t, `{"points": 100}`, m, nil)
	if v := stagetest.Value(t, out["units"], "missing", 0); v != "response not finite" || !column(t, out["units"], "variance").Null(0) {
		t.Errorf("missing is %v", v)
	}
	if !column(t, out["ablations"], "accuracy").Null(0) || stagetest.Value(t, out["summary"], "undecided_units", 0) != int64(3) {
		t.Error("measures of outputs that are not numbers")
	}
}

// TestRefuses: errors say what is wrong and what to do.
func TestRefuses(t *testing.T) {
	change := func(f func(*dataset.Dataset)) *dataset.Dataset {
		d := dominoes(t, 1)
		f(d)
		return d
	}
	bare := func(d *dataset.Dataset) *dataset.Samples {
		return made(t, dataset.TestSplit, d.Test.Raw(), 2, d.Test.Labels(&dataset.Ledger{}, dataset.Evaluation), nil)
	}
	marked := func(d *dataset.Dataset, label, attribute int16) *dataset.Samples {
		labels, attributes := make([]int16, 80), make([]int16, 80)
		for i := range labels {
			labels[i], attributes[i] = int16(i%2)*label, int16(i%2)*attribute
		}
		return made(t, dataset.TestSplit, d.Test.Raw(), 2, labels, attributes)
	}
	for says, c := range map[string]struct {
		settings string
		d        *dataset.Dataset
	}{
		`layout = "overlay" and an opacity below 1`:             {`{}`, change(func(d *dataset.Dataset) { d.Parts = nil })},
		"share coordinate 3":                                    {`{}`, change(func(d *dataset.Dataset) { d.Parts[1].Rows[0] = 1 })},
		"has no test split":                                     {`{"from": "test"}`, change(func(d *dataset.Dataset) { d.Test = nil })},
		"no law to draw them from":                              {`{}`, change(func(d *dataset.Dataset) { d.Test = nil })},
		"have no attributes":                                    {`{}`, change(func(d *dataset.Dataset) { d.Test = bare(d) })},
		"no sample is of class 1":                               {`{}`, change(func(d *dataset.Dataset) { d.Test = marked(d, 0, 1) })},
		"no sample is of attribute 1":                           {`{}`, change(func(d *dataset.Dataset) { d.Test = marked(d, 1, 0) })},
		"points need 2 samples of class 0":                      {`{"from": "train"}`, dominoes(t, 1)},
		"the network has 12 inputs, but the data 6":             {`{}`, datasettest.Finite(t, datasettest.Easy(.9), 1, datasettest.Sizes{Test: 20})},
		"the network tells 2 classes apart, but the data has 3": {`{}`, change(func(d *dataset.Dataset) { threeClasses(t, d) })},
		"has no coordinates of its own": {`{}`, change(func(d *dataset.Dataset) {
			d.Parts = []dataset.Part{{Name: dataset.CorePart, Channels: [2]int{0, 1}, Rows: [2]int{0, 4}, Columns: [2]int{0, 3}}}
		})},
	} {
		m := random(t, dominoes(t, 1).Description, network(1, 3), nil, 1)
		_, err := stagetest.Try(t.Context(), Kind, c.settings, stagetest.Inputs{"model": stagetest.Built(t, m), "data": stagetest.Built(t, c.d)})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	wide := random(t, about(law(.9)), network(1, 40), nil, 1)
	if _, err := stagetest.Try(t.Context(), Kind, `{"core_inputs": 4096, "spurious_inputs": 4096}`, stagetest.Inputs{"model": stagetest.Built(t, wide)}); err == nil || !strings.Contains(err.Error(), "set core_inputs and spurious_inputs lower") {
		t.Errorf("%v", err)
	}
	m := random(t, dominoes(t, 1).Description, network(1, 3), nil, 1)
	if _, err := stagetest.Try(t.Context(), Kind, `{"from": "test"}`, stagetest.Inputs{"model": stagetest.Built(t, m)}); err == nil || !strings.Contains(err.Error(), "which is not given") {
		t.Errorf("%v", err)
	}
	for settings, says := range map[string]string{
		`{"spurious_below": 0.7, "core_above": 0.6}`: "of both",
		`{"core_inputs": 2}`:                         "at least 4",
		`{"draws": -1}`:                              "at least 0",
		`{"from": "everything"}`:                     "not one of",
	} {
		if _, err := stagetest.Settings(Kind, settings); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", settings, err, says)
		}
	}
}

// TestSummary counts the units of the table again.
func TestSummary(t *testing.T) {
	m := modeltest.Relying(t, modeltest.Network(2), 0, 120)
	out := responses(t, `{"spurious_below": 0.5, "core_above": 0.9}`, m, nil)
	units, summary := out["units"], out["summary"]
	for row := range summary.Rows() {
		step := stagetest.Value(t, summary, "step", row)
		var rs []float64
		counts, masses := map[string]float64{}, map[string]float64{}
		var core, both float64
		for i := range units.Rows() {
			if stagetest.Value(t, units, "step", i) != step {
				continue
			}
			of := func(name string) float64 { return stagetest.Value(t, units, name, i).(float64) }
			side, r := "other", of("r")
			if r < .5 {
				side = "spurious"
			} else if r > .9 {
				side = "core"
			}
			counts[side]++
			masses[side] += of("outgoing_mass")
			rs = append(rs, r)
			core += of("outgoing_mass") * of("variance") * of("core_variance_share")
			both += of("outgoing_mass") * of("variance") * (of("core_variance_share") + of("spurious_variance_share"))
		}
		slices.Sort(rs)
		want := map[string]any{"core_units": int64(counts["core"]), "spurious_units": int64(counts["spurious"])}
		numbers := map[string]float64{"median_r": (rs[7] + rs[8]) / 2, "weighted_r": core / both, "core_unit_share": counts["core"] / 16, "spurious_unit_share": counts["spurious"] / 16}
		for side, n := range counts {
			numbers[side+"_outgoing_mass"] = masses[side] / n
		}
		for name, value := range want {
			if got := stagetest.Value(t, summary, name, row); got != value {
				t.Errorf("step %v: %s is %v, want %v", step, name, got, value)
			}
		}
		for name, value := range numbers {
			if got := stagetest.Value(t, summary, name, row).(float64); math.Abs(got-value) > 1e-12*value {
				t.Errorf("step %v: %s is %v, want %v", step, name, got, value)
			}
		}
		if len(counts) < 2 {
			t.Errorf("step %v: all units are of one kind", step)
		}
	}
}
