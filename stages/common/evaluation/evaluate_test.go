package evaluation

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

var smallNetwork = neuralnet.NetworkSettings{Hidden: []int{6}, Bias: true, Outputs: 2, InitScale: 4}

func stream() *kernel.Stream { return kernel.NewStream(7, "test") }

func newNetwork(t testing.TB, inputs int) *neuralnet.Network {
	t.Helper()
	net, err := neuralnet.New(smallNetwork, inputs, kernel.NewStream(3, "network"))
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// brute are measures by the definitions: sums over the whole cube, with the law's density.
type brute struct {
	core, spurious, loss, accuracy float64
	group                          [Groups]float64
}

func enumerate(law *datalaw.Compiled, net *neuralnet.Network) brute {
	size, n := 1<<law.Dimensions(), law.Dimensions()
	x, margin := make([]float32, n), make([]float32, 1)
	y, s := make([]int16, 1), make([]int16, 1)
	var b brute
	var points [Groups]float64
	for i := range size {
		law.Enumerate(i, 1, x, y, s)
		net.Margins(margin, x, 1)
		prediction := int16(0)
		if margin[0] >= 0 {
			prediction = 1
		}
		g := 2*y[0] + s[0]
		sign := func(a int16) float64 { return 2*float64(a) - 1 }
		b.core += sign(y[0]) * sign(prediction) / float64(size)
		b.spurious += sign(s[0]) * sign(prediction) / float64(size)
		density := law.Densities()[g] / float64(size)
		b.loss += density * math.Log1p(math.Exp(-sign(y[0])*float64(margin[0])))
		points[g]++
		if prediction == y[0] {
			b.accuracy += density
			b.group[g]++
		}
	}
	for g := range b.group {
		b.group[g] /= points[g]
	}
	return b
}

func TestEvaluatorIsExactOnSmallCubes(t *testing.T) {
	law := datasettest.Law(t)
	net := newNetwork(t, law.Dimensions())
	e, err := NewEvaluator(law, 16, "cross_entropy", stream(), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	if !e.Exact() || e.Points() != 1024 {
		t.Errorf("exact %v on %d points, want all 1024", e.Exact(), e.Points())
	}
	m, err := e.Evaluate(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	want := enumerate(law, net)
	// The loss of each point is a float32 that is right to 4 ulp, and all are positive.
	if math.Abs(m.Loss-want.loss) > 4*0x1p-23*want.loss {
		t.Errorf("loss: %v, want %v", m.Loss, want.loss)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"core", m.Core.Value, want.core}, {"spurious", m.Spurious.Value, want.spurious},
		{"accuracy", m.Accuracy, want.accuracy},
		{"group 0", m.GroupAccuracy(0).Value, want.group[0]}, {"group 1", m.GroupAccuracy(1).Value, want.group[1]},
		{"group 2", m.GroupAccuracy(2).Value, want.group[2]}, {"group 3", m.GroupAccuracy(3).Value, want.group[3]},
		{"core error", m.CoreError.Value, 0}, {"spurious error", m.SpuriousError.Value, 0},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	for g, a := range want.group {
		if a < m.WorstAccuracy.Value || g == m.Worst && a != m.WorstAccuracy.Value {
			t.Errorf("group %d has accuracy %v, the worst one is %d with %v", g, a, m.Worst, m.WorstAccuracy.Value)
		}
	}
}

// A cube that is too large to enumerate here is still small enough to enumerate in a test: the
// errors of a sampled evaluation must be as large as their standard errors say.
func TestSampledEvaluatorIsUnbiasedWithItsStandardError(t *testing.T) {
	l := datasettest.Law(t).Law()
	l.Independent += 5 // 2^15 points
	law, err := l.Compile()
	if err != nil {
		t.Fatal(err)
	}
	net := newNetwork(t, law.Dimensions())
	want := enumerate(law, net)
	spread := &spread{}
	for i := range runs {
		e, err := NewEvaluator(law, 200, "cross_entropy", kernel.NewStream(int64(i), "points"), &dataset.Ledger{})
		if err != nil {
			t.Fatal(err)
		}
		if e.Exact() || e.Points() != 200 {
			t.Fatalf("exact %v on %d points", e.Exact(), e.Points())
		}
		m, err := e.Evaluate(t.Context(), net)
		if err != nil {
			t.Fatal(err)
		}
		spread.add("core correlation", m.Core, m.CoreError, want.core)
		spread.add("spurious correlation", m.Spurious, m.SpuriousError, want.spurious)
		spread.add("accuracy", Some(m.Accuracy), m.AccuracyError, want.accuracy)
		spread.add("loss", Some(m.Loss), m.LossError, want.loss)
		spread.add("mean accuracy", m.MeanAccuracy, m.MeanError, (want.group[0]+want.group[1]+want.group[2]+want.group[3])/4)
		for g, name := range GroupNames {
			spread.add("accuracy of "+name, m.GroupAccuracy(g), Some(m.Group(g).Error), want.group[g])
		}
		if m.WorstError != Some(m.Group(m.Worst).Error) {
			t.Errorf("the error of the worst group is %v, of group %d %v", m.WorstError, m.Worst, Some(m.Group(m.Worst).Error))
		}
	}
	spread.check(t, 9)
}

// Measures on samples are estimates for the law that they were drawn from.
func TestSamplesSayTheirStandardError(t *testing.T) {
	law := datasettest.Law(t)
	net := newNetwork(t, law.Dimensions())
	want := enumerate(law, net)
	spread := &spread{}
	for i := range runs {
		e, err := NewDrawEvaluator(law, 200, dataset.Evaluation, "cross_entropy", kernel.NewStream(int64(i), "samples"), &dataset.Ledger{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.Evaluate(t.Context(), net)
		if err != nil {
			t.Fatal(err)
		}
		spread.add("accuracy", Some(m.Accuracy), m.AccuracyError, want.accuracy)
		spread.add("loss", Some(m.Loss), m.LossError, want.loss)
	}
	spread.check(t, 2)
}

const runs = 400

// A spread is how far estimates of each name are from the truth, in the standard errors that they say.
type spread struct {
	names []string
	sums  []struct{ z, squares, n float64 }
}

func (s *spread) add(name string, estimate, se Optional, truth float64) {
	i := slices.Index(s.names, name)
	if i < 0 {
		i = len(s.names)
		s.names, s.sums = append(s.names, name), append(s.sums, struct{ z, squares, n float64 }{})
	}
	z := (estimate.Value - truth) / se.Value // not finite without an error
	s.sums[i].z += z
	s.sums[i].squares += z * z
	s.sums[i].n++
}

// check wants the mean and the mean square of a standard normal variable, of so many names: over 400 runs these have
// deviations of 1/20 and sqrt(2)/20.
func (s *spread) check(t *testing.T, names int) {
	t.Helper()
	if len(s.names) != names {
		t.Errorf("there are %q, want %d", s.names, names)
	}
	for i, name := range s.names {
		z, squares := s.sums[i].z/s.sums[i].n, s.sums[i].squares/s.sums[i].n
		if s.sums[i].n != runs || !(math.Abs(z) < 4./20 && math.Abs(squares-1) < 4*math.Sqrt2/20) {
			t.Errorf("%s: standardised errors of %v runs have mean %v and mean square %v, want 0 and 1", name, s.sums[i].n, z, squares)
		}
	}
}

func TestUnknownLoss(t *testing.T) {
	if _, err := NewEvaluator(datasettest.Law(t), 8, "absolute", stream(), &dataset.Ledger{}); err == nil {
		t.Error("a loss that does not exist has no error")
	}
}

// A margin of 0 is a prediction of +1.
func TestMarginOfZeroIsPositive(t *testing.T) {
	law := datasettest.Law(t)
	s := smallNetwork
	s.Init, s.Bias = "zeros", false
	net, err := neuralnet.New(s, law.Dimensions(), stream())
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEvaluator(law, 16, "cross_entropy", stream(), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Evaluate(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	for g := range Groups {
		if a := m.GroupAccuracy(g); a != Some(float64(g>>1)) {
			t.Errorf("group %d has accuracy %v", g, a)
		}
	}
	if math.Abs(math.Abs(m.Core.Value)-law.CoreFloor()) > 1e-12 || math.Abs(math.Abs(m.Spurious.Value)-law.SpuriousFloor()) > 1e-12 {
		t.Errorf("core and spurious correlation are %v and %v, those of a constant %v and %v", m.Core, m.Spurious, law.CoreFloor(), law.SpuriousFloor())
	}
}

func TestSampleEvaluator(t *testing.T) {
	law := datasettest.Law(t)
	s := datasettest.Drawn(t, datasettest.Law(t), 900)
	net := newNetwork(t, law.Dimensions())
	var ledger dataset.Ledger
	e, err := NewSampleEvaluator(twoByTwo, s, dataset.Evaluation, "cross_entropy", &ledger)
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Evaluate(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	x, margins := make([]float32, 900*s.Dimensions), make([]float32, 900)
	s.Inputs(x, 0, 900)
	net.Margins(margins, x, 900)
	correct := 0
	for i, y := range s.Labels(&ledger, dataset.Evaluation) {
		if (margins[i] >= 0) == (y == 1) {
			correct++
		}
	}
	if want := float64(correct) / 900; math.Abs(m.Accuracy-want) > 1e-12 {
		t.Errorf("accuracy %v, want %v", m.Accuracy, want)
	}
	if silent, err := NewSampleEvaluator(twoByTwo, s, dataset.Evaluation, "", &ledger); err != nil {
		t.Error(err)
	} else if n, err := silent.Evaluate(t.Context(), net); err != nil || n.Accuracy != m.Accuracy || !math.IsNaN(n.Loss) || n.Group(0).Loss.Valid {
		t.Errorf("without a loss: %+v, %v", n, err)
	}
	if want := 2*m.MeanAccuracy.Value - 1; math.Abs(m.Core.Value-want) > 1e-15 || math.Abs(m.CoreError.Value-2*m.MeanError.Value) > 1e-15 {
		t.Errorf("the core correlation is %v with error %v, want %v: %+v", m.Core, m.CoreError, want, m)
	}
	if got := ledger.Uses(); len(got) != 1 || got[0].Purpose != dataset.Evaluation || got[0].Split != dataset.TrainSplit {
		t.Errorf("the ledger says %v", got)
	}
}

func TestSamplesWithoutAttributesHaveNoGroups(t *testing.T) {
	s, err := dataset.Real(dataset.TestSplit, 2, []float32{1, 2, -1, .5}, []int16{1, 0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewSampleEvaluator(twoByTwo, s, dataset.Evaluation, "cross_entropy", &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Evaluate(t.Context(), newNetwork(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	if m.WorstAccuracy.Valid || m.Worst != -1 || m.MeanAccuracy.Valid || m.GroupAccuracy(0).Valid || m.Core.Valid || m.Minority.Valid {
		t.Errorf("there are groups: %+v", m)
	}
}

func TestEvaluateFindsDivergenceAndHeedsItsContext(t *testing.T) {
	law := datasettest.Law(t)
	e, err := NewEvaluator(law, 16, "cross_entropy", stream(), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	findsDivergenceAndHeedsItsContext(t, law.Dimensions(), func(ctx context.Context, net *neuralnet.Network) error {
		_, err := e.Evaluate(ctx, net)
		return err
	})
}

// findsDivergenceAndHeedsItsContext tests what measures a network.
func findsDivergenceAndHeedsItsContext(t *testing.T, dimensions int, measure func(context.Context, *neuralnet.Network) error) {
	t.Helper()
	net := newNetwork(t, dimensions)
	net.Layers[1].Biases[0] = float32(math.NaN())
	if err := measure(t.Context(), net); !errors.Is(err, neuralnet.ErrDiverged) {
		t.Errorf("with an output that is not a number: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := measure(ctx, newNetwork(t, dimensions)); !errors.Is(err, context.Canceled) {
		t.Errorf("with a cancelled context: %v", err)
	}
}

func TestEvaluatorForNeedsSomethingToMeasureOn(t *testing.T) {
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: 10}, Train: datasettest.Drawn(t, datasettest.Law(t), 5)}
	_, err := EvaluatorFor(d, nil, 10, "cross_entropy", stream(), &dataset.Ledger{})
	if err == nil || !strings.Contains(err.Error(), "neither a law nor rows") {
		t.Errorf("with nothing but a training split: %v", err)
	}
}

// A training may be measured any number of times without memory for it, but for what is found: the lists of groups and of
// classes, and the worst group's name.
func TestEvaluationsAllocateTheirMeasures(t *testing.T) {
	if stagetest.Raced {
		t.Skip("the race detector drops pooled memory")
	}
	law := datasettest.Law(t)
	e, err := NewEvaluator(law, 16, "cross_entropy", stream(), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	net := newNetwork(t, law.Dimensions())
	run := func() {
		if _, err := e.Evaluate(t.Context(), net); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, run); n != 3 {
		t.Errorf("%v allocations an evaluation", n)
	}
}
