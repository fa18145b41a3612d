package responses

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/neuralnet"
)

// composed gives whole inputs, [inputs, dimensions], of parts: part k of input i stands in column at(k, i) of its columns.
func composed(p *pool, inputs int, parts [3]columns, counts [3]int, at func(part, i int) int) []float32 {
	d := p.about.Dimensions
	x := make([]float32, inputs*d)
	for part, coordinates := range [][]int32{p.core, p.spurious, p.rest} {
		for k, c := range coordinates {
			for i := range inputs {
				x[i*d+int(c)] = parts[part][k*counts[part]+at(part, i)]
			}
		}
	}
	return x
}

// poolOf gives the pool, the grid and a tester of a run on the test split.
func poolOf(t *testing.T, d *dataset.Dataset, s *Settings) (*pool, *grid, *tester) {
	t.Helper()
	p, err := newPool(s, d, &d.Description, &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.newGrid(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	test, err := newTester(s, p)
	if err != nil {
		t.Fatal(err)
	}
	return p, g, test
}

// TestComposedInputs: units on the grid, and predictions on points, are those of the network on whole inputs, put together by
// hand: with and without coordinates in neither part, and in all layers.
func TestComposedInputs(t *testing.T) {
	ablated := 0
	dense := network(1, 7, 6)
	for name, c := range map[string]struct {
		d   *dataset.Dataset
		net neuralnet.NetworkSettings
	}{
		"apart": {apart(t), dense}, "whole": {dominoes(t, 2), dense}, "overlaid": {overlaid(t), dense},
		"a cnn": {dominoes(t, 2), seeing(t, dominoes(t, 2), 6)}, "a cnn of two channels": {images(t), seeing(t, images(t), 6)},
	} {
		d := c.d
		s := &Settings{From: auto, CoreInputs: 10, SpuriousInputs: 8, SpuriousBelow: .2, CoreAbove: .8, Points: 60, PartAblation: permute, UnitAblation: zero, Draws: 1, Seed: 3}
		p, g, test := poolOf(t, d, s)
		net := random(t, d.Description, c.net, nil, 5).Checkpoints[0].Net
		f := stemOf(net, p.parts)
		v := &viewer{settings: s, grid: g, anova: newAnova(g.n, g.m)}
		layers, err := v.view(t.Context(), net, f)
		if err != nil || len(layers) != 2 {
			t.Fatal(err)
		}
		cells := g.n * g.m
		x := composed(p, cells, [3]columns{g.core, g.spurious, g.rest}, [3]int{g.n, g.m, cells}, func(part, i int) int { return []int{i / g.m, i % g.m, i}[part] })
		for l, units := range layers {
			short := &neuralnet.Network{Activation: net.Activation, OutputScale: 1, Image: net.Image, Layers: net.Layers[:f.next()+l+1]}
			h := make([]float32, cells*len(units))
			short.Features(h, x, cells)
			for u := range units {
				z := make([]float32, cells)
				for i := range z {
					z[i] = h[i*len(units)+u]
				}
				want := v.look(z)
				if got := units[u]; math.Abs(got.mean-want.mean) > 1e-5 || math.Abs(got.r-want.r) > 1e-4 || got.role != want.role {
					t.Errorf("%s: unit %d of layer %d is %+v, want %+v", name, u, l+1, got, want)
				}
			}
		}

		q := test.points
		whole := composed(p, q.n, [3]columns{q.core, q.spurious, q.rest}, [3]int{q.n, q.n, q.n}, func(_, i int) int { return i })
		exchanged := composed(p, q.n, [3]columns{q.core, q.spurious, q.rest}, [3]int{q.n, q.n, q.n}, func(part, i int) int {
			if part == 0 {
				return int(q.other[i])
			}
			return i
		})
		found := test.ablate(net, f, layers)
		for row, x := range [][]float32{whole, exchanged} {
			if want := test.meter.of(predictions(net, x, q.n)); *found[row].found != *want {
				t.Errorf("%s: %s is %+v, want %+v", name, found[row].name, found[row].found, want)
			}
		}
		// Without the spurious units of the first layer: a network whose next layer does not read them.
		deaf := net.Clone()
		ablated += found[4].units
		for u, unit := range layers[0] {
			if unit.role == spuriousRole {
				clear(deaf.Layers[f.next()].Weights[u*6 : (u+1)*6])
			}
		}
		if want := test.meter.of(predictions(deaf, whole, q.n)); *found[4].found != *want || found[4].name != spuriousUnits {
			t.Errorf("%s: without spurious units %+v, want %+v", name, found[4].found, want)
		}
	}
	if ablated == 0 {
		t.Error("no network has spurious units")
	}
}

// seeing gives a CNN for a data set.
func seeing(t *testing.T, d *dataset.Dataset, hidden ...int) neuralnet.NetworkSettings {
	t.Helper()
	s := network(1, hidden...)
	s.Type = neuralnet.CNN
	s.Layers = []neuralnet.ImageLayer{{Type: neuralnet.Conv, Channels: 3, Kernel: 2, Stride: 1}, {Type: neuralnet.BatchNorm, Momentum: .1, Epsilon: 1e-5}, {Type: neuralnet.Rectify}}
	s, err := s.On((*neuralnet.ImageShape)(d.Shape))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func images(t *testing.T) *dataset.Dataset {
	return datasettest.Images(t, datasettest.Sizes{Test: 120})
}

func predictions(net *neuralnet.Network, x []float32, n int) []int16 {
	margins := make([]float32, n)
	net.Margins(margins, x, n)
	return predict(margins, n)
}

// TestPoints: each group has equally many points, whose core parts are of samples of its label and whose spurious parts are of its
// attribute; no sample gives two core or two spurious parts, and an ablated part is another point's.
func TestPoints(t *testing.T) {
	d := dominoes(t, 3)
	s := &Settings{From: auto, CoreInputs: 8, SpuriousInputs: 8, Points: 60, PartAblation: permute}
	p, _, test := poolOf(t, d, s)
	q := test.points
	if q.n != 60 || q.each != 15 {
		t.Fatalf("%d points, %d of each group", q.n, q.each)
	}
	l := &dataset.Ledger{}
	labels, attributes := d.Test.Labels(l, dataset.Evaluation), d.Test.Attributes(l, dataset.Evaluation)
	find := func(part columns, coordinates []int32, i int) int { // the only row with these pixels
		x := make([]float32, 12)
		for row := range d.Test.Rows {
			d.Test.Inputs(x, row, 1)
			same := true
			for k, c := range coordinates {
				same = same && x[c] == part[k*q.n+i]
			}
			if same {
				return row
			}
		}
		return -1
	}
	var cores, spurious, others []int
	for i := range q.n {
		core, other := find(q.core, p.core, i), find(q.spurious, p.spurious, i)
		if g := i / q.each; int(labels[core]) != g/2 || int(attributes[other]) != g%2 {
			t.Errorf("point %d of group %d is of label %d and attribute %d", i, g, labels[core], attributes[other])
		}
		if int(q.other[i]) == i {
			t.Errorf("point %d takes its own part", i)
		}
		cores, spurious, others = append(cores, core), append(spurious, other), append(others, int(q.other[i]))
	}
	for _, list := range [][]int{cores, spurious, others} {
		slices.Sort(list)
		if len(slices.Compact(list)) != 60 {
			t.Error("a sample serves twice")
		}
	}
}
