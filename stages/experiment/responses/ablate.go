package responses

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// The ablations, as the column of this name has them.
const (
	nothing          = "none"
	corePart         = "core_part"
	spuriousPart     = "spurious_part"
	coreUnits        = "core_units"
	spuriousUnits    = "spurious_units"
	randomAsCore     = "random_as_core"
	randomAsSpurious = "random_as_spurious"
)

// An ablation is what a network does without something.
type ablation struct {
	name   string
	layer  int       // of the units, from 1; 0 for parts of inputs
	units  int       // that are gone
	draws  int       // random sets; 0 where nothing is random
	found  *measures // means over draws; nil if the outputs are not numbers
	spread *measures // standard deviations over the draws; nil for fewer than two
}

// A tester ablates parts and units on its points.
type tester struct {
	settings *Settings
	points   *points
	meter    *meter
	orders   map[int][][]int32 // by layer: its units in a random order, for each draw
}

func newTester(s *Settings, p *pool) (*tester, error) {
	q, err := p.newPoints(s)
	if err != nil {
		return nil, err
	}
	return &tester{settings: s, points: q, meter: newMeter(p, q.each), orders: map[int][][]int32{}}, nil
}

// ablate tries a network. layers holds the units of each hidden layer.
func (t *tester) ablate(net *neuralnet.Network, f stem, layers [][]unit) []ablation {
	core, spurious := f.of(t.points)
	pass := func(core, spurious []float32) [][]float32 {
		h := f.join(core, spurious, t.points)
		return append([][]float32{h}, follow(net, f.next(), h, t.points.n)...)
	}
	whole := pass(core, spurious)
	list := []ablation{
		{name: nothing, found: t.measure(whole)},
		{name: corePart, found: t.measure(pass(t.replace(core), spurious))},
		{name: spuriousPart, found: t.measure(pass(core, t.replace(spurious)))},
	}
	for l, units := range layers {
		list = append(list, t.ablateUnits(net, f.next(), l, whole[l], units)...)
	}
	return list
}

// measure measures the predictions of a pass, whose logits come last.
func (t *tester) measure(pass [][]float32) *measures {
	predictions := predict(pass[len(pass)-1], t.points.n)
	if predictions == nil {
		return nil
	}
	return t.meter.of(predictions)
}

// replace gives what neurons are given by a part that is ablated, from what they are given by it, [neurons, points].
func (t *tester) replace(z []float32) []float32 {
	out, n := make([]float32, len(z)), t.points.n
	for u := 0; u < len(z); u += n {
		from, to := z[u:u+n], out[u:u+n]
		if t.settings.PartAblation == permute {
			for i, other := range t.points.other {
				to[i] = from[other]
			}
			continue
		}
		fill(to, mean(from))
	}
	return out
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// mean sums in float64, in order.
func mean(x []float32) float32 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v)
	}
	return float32(sum / float64(len(x)))
}

// ablateUnits tries the network without units of hidden layer l, from 0, whose activations are h [units, points]; next is the
// layer after the first one's units.
func (t *tester) ablateUnits(net *neuralnet.Network, next, l int, h []float32, units []unit) []ablation {
	var of [2][]int32 // units of the core and of the spurious subnetwork
	for u := range units {
		switch units[u].role {
		case coreRole:
			of[0] = append(of[0], int32(u))
		case spuriousRole:
			of[1] = append(of[1], int32(u))
		}
	}
	var list []ablation
	for side, name := range []string{coreUnits, spuriousUnits} {
		list = append(list, ablation{name: name, layer: l + 1, units: len(of[side]), found: t.without(net, next+l, h, of[side])})
	}
	if t.settings.Draws == 0 {
		return list
	}
	for side, name := range []string{randomAsCore, randomAsSpurious} {
		a := ablation{name: name, layer: l + 1, units: len(of[side]), draws: t.settings.Draws}
		var drawn []*measures
		for _, order := range t.ordersOf(l, len(units)) {
			drawn = append(drawn, t.without(net, next+l, h, some(order, units, len(of[side]))))
		}
		a.found, a.spread = average(drawn)
		list = append(list, a)
	}
	return list
}

// without measures the network without some units of the hidden layer before the given layer.
func (t *tester) without(net *neuralnet.Network, next int, h []float32, units []int32) *measures {
	n := t.points.n
	left := slices.Clone(h)
	for _, u := range units {
		row := left[int(u)*n:][:n]
		v := float32(0)
		if t.settings.UnitAblation != zero {
			v = mean(row)
		}
		fill(row, v)
	}
	return t.measure(follow(net, next, left, n))
}

// ordersOf gives the random orders of a layer's units, one for each draw: the same at every checkpoint.
func (t *tester) ordersOf(l, units int) [][]int32 {
	if t.orders[l] == nil {
		stream := kernel.NewStream(t.settings.Seed, fmt.Sprintf("responses/random units/%d", l+1))
		for range t.settings.Draws {
			t.orders[l] = append(t.orders[l], shuffled(trainloop.All(units), stream))
		}
	}
	return t.orders[l]
}

// some gives the first of an order that respond to anything, so many.
func some(order []int32, units []unit, count int) []int32 {
	var list []int32
	for _, u := range order {
		if len(list) < count && units[u].role != deadRole {
			list = append(list, u)
		}
	}
	return list
}

// average gives the means of what was found with random sets of units, and the standard deviations. The points are the same for
// all sets, so the standard error of a mean is not smaller than theirs: it is the root of their mean square. nil stands for one that
// is nil, and for deviations of fewer than two.
func average(drawn []*measures) (means, spread *measures) {
	means, spread = &measures{}, &measures{}
	n := float64(len(drawn))
	for _, c := range measured {
		of := c.of
		sum, squares, gaps := 0.0, 0.0, 0.0
		for _, m := range drawn {
			if m == nil {
				return nil, nil
			}
			sum += of(m).value
			squares += float64(of(m).err * of(m).err)
		}
		*of(means) = estimated{sum / n, math.Sqrt(squares / n)}
		for _, m := range drawn {
			gap := of(m).value - sum/n
			gaps += float64(gap * gap)
		}
		of(spread).value = math.Sqrt(gaps / (n - 1))
	}
	if len(drawn) < 2 {
		spread = nil
	}
	return means, spread
}
