package responses

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
)

func TestPredict(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		logits []float32
		points int
		want   []int16
	}{
		{[]float32{-1, 0, 2}, 3, []int16{0, 1, 1}},
		{[]float32{1, 2, 3, 0, 2, 5}, 3, []int16{0, 1, 1}},
		{[]float32{1, 2, 0, 1, 2, 7, 1, 3, 7}, 3, []int16{0, 2, 1}},
		{[]float32{1, nan}, 2, nil},
		{[]float32{1, 2, nan, 4}, 2, nil},
	} {
		if got := predict(c.logits, c.points); !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%v: %v, want %v", c.logits, got, c.want)
		}
	}
}

// three describes 3 classes and an attribute of 4 values, of which the last goes with no class.
func three() *pool {
	d := &dataset.Description{Dimensions: 2, Classes: []string{"a", "b", "c"}, Attributes: []dataset.Attribute{{Name: "s", Values: []string{"w", "x", "y", "z"}}}, Pairs: []int16{1, 0, 2}}
	p := &pool{about: d, shares: make([]float64, 12)}
	p.shares[1], p.shares[11] = .75, .25 // groups (a, x) and (c, z)
	return p
}

// TestManyClasses measures predictions on 3 classes and 4 values of the attribute that go by one feature, or by none.
func TestManyClasses(t *testing.T) {
	const each = 600
	m := newMeter(three(), each)
	n := 12 * each
	core, spurious, any, constant := make([]int16, n), make([]int16, n), make([]int16, n), make([]int16, n)
	stream := kernel.NewStream(1, "any")
	for i := range n {
		y, s := int16(i/each/4), i/each%4
		core[i] = y
		spurious[i] = []int16{1, 0, 2, 1}[s]
		any[i] = int16(stream.IntN(3))
	}
	for name, c := range map[string]struct {
		predictions              []int16
		accuracy, core, spurious float64
	}{
		"core":     {core, 1, 1, 0},
		"spurious": {spurious, .75, 0, 1}, // (a, x) is right, as x goes with a; in (c, z) it says b
		"any":      {any, 1. / 3, 0, 0},
		"constant": {constant, .75, 0, 0},
	} {
		got := m.of(c.predictions)
		for what, pair := range map[string][2]float64{"accuracy": {got.accuracy.value, c.accuracy}, "core": {got.core.value, c.core}, "spurious": {got.spurious.value, c.spurious}} {
			if far := math.Abs(pair[0] - pair[1]); far > 1e-12 && (name != "any" || far > .06) {
				t.Errorf("%s: %s is %v, want %v", name, what, pair[0], pair[1])
			}
		}
		if exact := got.core.err == 0 && got.spurious.err == 0; exact != (name != "any") {
			t.Errorf("%s: errors %v and %v", name, got.core.err, got.spurious.err)
		}
	}
}

// TestErrors draws predictions that are right with a probability of each group: estimates spread as their standard errors say.
func TestErrors(t *testing.T) {
	const each, times = 40, 2000
	m := newMeter(three(), each)
	stream := kernel.NewStream(2, "predictions")
	predictions := make([]int16, 12*each)
	names := []string{"accuracy", "core", "spurious"}
	sums, squares, errs := make([]float64, 3), make([]float64, 3), make([]float64, 3)
	for range times {
		for i := range predictions {
			g := i / each
			if y := g / 4; stream.Float64() < .2+.06*float64(g) {
				predictions[i] = int16(y)
			} else {
				predictions[i] = int16((y + 1 + stream.IntN(2)) % 3)
			}
		}
		got := m.of(predictions)
		for i, e := range []estimated{got.accuracy, got.core, got.spurious} {
			sums[i] += e.value / times
			squares[i] += e.value * e.value / times
			errs[i] += e.err / times
		}
	}
	for i, name := range names {
		if ratio := errs[i] / math.Sqrt(squares[i]-sums[i]*sums[i]); ratio < .94 || ratio > 1.06 {
			t.Errorf("%s: standard errors are %v times the spread", name, ratio)
		}
	}
	// The mean of .2 + .06 g over the groups is .53.
	if want := 1.5*.53 - .5; math.Abs(sums[1]-want) > .003 {
		t.Errorf("core correlation is %v on average, want %v", sums[1], want)
	}
}

// TestNoPairs: without a class that an attribute goes with there is no spurious correlation.
func TestNoPairs(t *testing.T) {
	p := three()
	if !newMeter(p, 1).hasSpurious() {
		t.Error("attributes have classes")
	}
	p.about.Pairs = nil
	if newMeter(p, 1).hasSpurious() {
		t.Error("3 classes and 4 values pair up by themselves")
	}
	for _, pairs := range [][]int16{{3, 3, 3}, {1, 0, 0}} {
		p.about.Pairs = pairs
		if newMeter(p, 1).hasSpurious() {
			t.Errorf("%v: an attribute that several classes have goes with one", pairs)
		}
	}
}
