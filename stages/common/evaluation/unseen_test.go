package evaluation

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// blockLaw has a core of four coordinates in a longer block, and a biased spurious feature.
func blockLaw(t testing.TB, length, independent int) *datalaw.Compiled {
	t.Helper()
	law, err := datalaw.Law{
		Core: boolean.Function{Type: boolean.Staircase, Degree: 4}, Spurious: boolean.Function{Type: boolean.Majority, Degree: 2},
		CoreLength: length, SpuriousLength: 3, Independent: independent, Strength: .8, Variant: datalaw.Paper,
	}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return law
}

func newUnseen(t testing.TB, train *dataset.Samples, law *datalaw.Compiled, points int, seed int64) *UnseenEvaluator {
	t.Helper()
	e, err := NewUnseenEvaluator(train, law, points, kernel.NewStream(seed, "unseen"), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func counts(t testing.TB, e *UnseenEvaluator) (seen, unseen, points any) {
	t.Helper()
	b := frame.NewBuilder(UnseenCountFields())
	e.AppendCounts(b)
	b.EndRow()
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	return table.Column("core_blocks_seen").Value(0), table.Column("core_blocks_unseen").Value(0), table.Column("unseen_points").Value(0)
}

// bruteUnseen are the measures by their definitions: sums over the whole cube of the points whose first
// coordinates no sample has.
func bruteUnseen(t testing.TB, law *datalaw.Compiled, train *dataset.Samples, net *neuralnet.Network) (accuracy, core float64, seen, points int) {
	t.Helper()
	n, k := law.Dimensions(), law.Law().CoreLength
	text := func(x []float32) string {
		b := make([]byte, k)
		for j, v := range x[:k] {
			b[j] = "-+"[int(v+1)/2]
		}
		return string(b)
	}
	known := map[string]bool{}
	x := make([]float32, train.Rows*n)
	train.Inputs(x, 0, train.Rows)
	for r := range train.Rows {
		known[text(x[r*n:])] = true
	}
	size := 1 << n
	x = make([]float32, size*n)
	y, s, margins := make([]int16, size), make([]int16, size), make([]float32, size)
	law.Enumerate(0, size, x, y, s)
	net.Margins(margins, x, size)
	mass := 0.0
	for i, m := range margins {
		if known[text(x[i*n:])] {
			continue
		}
		points++
		density := law.Densities()[2*y[i]+s[i]]
		mass += density
		if (m >= 0) == (y[i] == 1) {
			accuracy += density
			core++
		} else {
			core--
		}
	}
	return accuracy / mass, core / float64(points), len(known), points
}

// On a cube that is enumerated, all is exact.
func TestUnseenByEnumeration(t *testing.T) {
	for _, c := range []struct{ length, independent, rows int }{{5, 2, 20}, {5, 2, 1}, {9, 0, 300}, {4, 3, 25}, {11, 0, 40}} {
		law := blockLaw(t, c.length, c.independent)
		train, net := datasettest.Drawn(t, law, c.rows), newNetwork(t, law.Dimensions())
		accuracy, core, seen, points := bruteUnseen(t, law, train, net)
		if points == 0 {
			t.Fatalf("%+v: nothing is unseen", c)
		}
		e := newUnseen(t, train, law, 16, 1)
		m, err := e.Evaluate(t.Context(), net)
		if err != nil {
			t.Fatal(err)
		}
		if !m.Accuracy.Valid || math.Abs(m.Accuracy.Value-accuracy) > 1e-12 || !m.Core.Valid || math.Abs(m.Core.Value-core) > 1e-12 || m.CoreError != Some(0) {
			t.Errorf("%+v: %+v, want %v and %v", c, m, accuracy, core)
		}
		gotSeen, unseen, gotPoints := counts(t, e)
		if gotSeen != int64(seen) || unseen != int64(1<<c.length-seen) || gotPoints != int64(points) {
			t.Errorf("%+v: %v seen, %v unseen, %v points; want %d, %d, %d", c, gotSeen, unseen, gotPoints, seen, 1<<c.length-seen, points)
		}
		// A network that always says +1 shows the mean of the core among unseen blocks.
		clear(net.Layers[1].Weights)
		net.Layers[1].Biases[0], net.Layers[1].Biases[1] = 0, 1
		if _, constant, _, _ := bruteUnseen(t, law, train, net); math.Abs(e.blocks.mean()-constant) > 1e-12 {
			t.Errorf("%+v: the mean is %v, want %v", c, e.blocks.mean(), constant)
		}
	}
}

// A cube that is too large to enumerate here is still small enough for a test. Drawn blocks: estimates
// are unbiased, and as far off as their standard errors say. All unseen blocks: unbiased, and nearer.
func TestUnseenByDraws(t *testing.T) {
	for _, c := range []struct {
		length, independent, rows, points int
		all                               bool
	}{
		{9, 3, 300, 200, false}, // 512 blocks
		{5, 7, 20, 200, true},   // 32 blocks
	} {
		law := blockLaw(t, c.length, c.independent)
		train, net := datasettest.Drawn(t, law, c.rows), newNetwork(t, law.Dimensions())
		accuracy, core, seen, _ := bruteUnseen(t, law, train, net)
		told := &spread{}
		var z, z2, lawful, lawful2 float64
		for run := range runs {
			e := newUnseen(t, train, law, c.points, int64(run))
			m, err := e.Evaluate(t.Context(), net)
			if err != nil {
				t.Fatal(err)
			}
			d := (m.Core.Value - core) / m.CoreError.Value
			z, z2 = z+d/runs, z2+d*d/runs
			told.add("accuracy", m.Accuracy, m.AccuracyError, accuracy)
			d = m.Accuracy.Value - accuracy
			lawful, lawful2 = lawful+d/runs, lawful2+d*d/runs
			unseen := 1<<c.length - seen
			each := c.points / 2
			if c.all {
				each -= each % unseen
			}
			if _, n, points := counts(t, e); n != int64(unseen) || points != int64(2*each) || c.all != (unseen <= each) {
				t.Fatalf("%+v: %v unseen blocks, %v points, want %d and %d", c, n, points, unseen, 2*each)
			}
		}
		if !c.all { // else it is too large
			told.check(t, 1)
		}
		// The mean of 400 standardised errors has deviation 1/20, their mean square about sqrt(2)/20.
		if math.Abs(z) > 5./20 || !c.all && math.Abs(z2-1) > 5*math.Sqrt2/20 || c.all && z2 > 1+5*math.Sqrt2/20 {
			t.Errorf("%+v: standardised errors have mean %v and mean square %v", c, z, z2)
		}
		if math.Abs(lawful) > 5*math.Sqrt(lawful2/runs) {
			t.Errorf("%+v: accuracies under the law are %v off, with a deviation of %v", c, lawful, math.Sqrt(lawful2))
		}
	}
}

// Points are inputs with their own label and attribute whose block no sample has: of a block of
// several words as well, whose values are not counted.
func TestUnseenPoints(t *testing.T) {
	for _, length := range []int{9, 62, 63, 64, 70} {
		law := blockLaw(t, length, 10)
		train := datasettest.Drawn(t, law, 200)
		e := newUnseen(t, train, law, 100, 1)
		k, rows := law.CoreWords(), e.evaluator.rows
		seen := make([]uint64, train.Rows*k)
		law.CoreBlocks(seen, train.Packed(), train.Rows)
		blocks := make([]uint64, rows*k)
		law.CoreBlocks(blocks, e.evaluator.packed, rows)
		labels, attributes := make([]int16, rows), make([]int16, rows)
		law.Evaluate(e.evaluator.packed, labels, attributes)
		var of [2]int
		for r := range rows {
			for i := range train.Rows {
				if slices.Equal(blocks[r*k:(r+1)*k], seen[i*k:(i+1)*k]) {
					t.Errorf("length %d: point %d has the block of sample %d", length, r, i)
				}
			}
			if labels[r] != e.evaluator.labels[r] || 2*labels[r]+attributes[r] != e.evaluator.places[r] {
				t.Errorf("length %d: point %d is of label %d and group %d, not as noted", length, r, labels[r], 2*labels[r]+attributes[r])
			}
			of[attributes[r]]++
		}
		if of != [2]int{50, 50} {
			t.Errorf("length %d: %v points of the attributes", length, of)
		}
		distinct, unseen, _ := counts(t, e)
		if length <= 62 {
			if unseen != int64(1<<length-distinct.(int64)) {
				t.Errorf("length %d: %v seen and %v unseen", length, distinct, unseen)
			}
		} else if unseen != nil || distinct != int64(200) {
			t.Errorf("length %d: %v seen and %v unseen", length, distinct, unseen)
		}
	}
}

// Equal samples count once, in blocks of any length.
func TestSeenBlocksAreDistinct(t *testing.T) {
	for _, length := range []int{6, 70} {
		law := blockLaw(t, length, 10)
		row := make([]uint64, law.Words())
		row[0] = 0b101101
		packed := slices.Repeat(row, 3)
		packed[law.Words()] ^= 2 // another block
		y, s := make([]int16, 3), make([]int16, 3)
		law.Evaluate(packed, y, s)
		train, err := dataset.Pack(dataset.TrainSplit, law.Dimensions(), packed, y, s)
		if err != nil {
			t.Fatal(err)
		}
		if seen, _, _ := counts(t, newUnseen(t, train, law, 8, 1)); seen != int64(2) {
			t.Errorf("length %d: %v blocks are seen", length, seen)
		}
	}
}

// nth numbers the blocks that do not occur.
func TestAbsentBlocksAreNumbered(t *testing.T) {
	b := &coreBlocks{length: 4, words: 1, sorted: []uint64{0, 1, 5, 6, 7, 15}}
	var got []uint64
	n, _ := b.missing()
	for i := range n {
		got = append(got, b.nth(i))
	}
	if want := []uint64{2, 3, 4, 8, 9, 10, 11, 12, 13, 14}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestNothingIsUnseen(t *testing.T) {
	law := blockLaw(t, 4, 2)
	constant, err := datalaw.Law{Core: boolean.Function{Type: boolean.TruthTable, Table: "1"}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		SpuriousLength: 1, Independent: 3, Strength: .9, Variant: datalaw.Repository}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name                 string
		train                *dataset.Samples
		law                  *datalaw.Compiled
		seen, unseen, points any
	}{
		{"all blocks occur", datasettest.Drawn(t, law, 2000), law, int64(16), int64(0), int64(0)},
		{"fresh samples", nil, law, nil, nil, nil},
		{"no law", datasettest.Drawn(t, law, 5), nil, nil, nil, nil},
		{"a core without coordinates", datasettest.Drawn(t, constant, 5), constant, nil, nil, nil},
	} {
		e := newUnseen(t, c.train, c.law, 64, 1)
		m, err := e.Evaluate(t.Context(), newNetwork(t, law.Dimensions()))
		if err != nil || !reflect.DeepEqual(m, UnseenMeasures{}) {
			t.Errorf("%s: %+v, %v", c.name, m, err)
		}
		if seen, unseen, points := counts(t, e); seen != c.seen || unseen != c.unseen || points != c.points {
			t.Errorf("%s: %v seen, %v unseen, %v points", c.name, seen, unseen, points)
		}
	}
}

// What is unseen may have no share of the data's law: then there is an accuracy on the cube alone.
func TestUnseenOutsideTheLaw(t *testing.T) {
	law, err := datalaw.Law{Core: boolean.Function{Type: boolean.And, Degree: 2}, Spurious: boolean.Function{Type: boolean.TruthTable, Table: "1"},
		CoreLength: 2, Independent: 4, Strength: 1, Variant: datalaw.Paper}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	e := newUnseen(t, datasettest.Drawn(t, law, 30), law, 64, 1) // only label 1 is drawn: one of four blocks
	m, err := e.Evaluate(t.Context(), newNetwork(t, 6))
	if err != nil || m.Accuracy.Valid || !m.Core.Valid || m.CoreError != Some(0) {
		t.Errorf("%+v, %v", m, err)
	}
	if seen, unseen, points := counts(t, e); seen != int64(1) || unseen != int64(3) || points != int64(48) {
		t.Errorf("%v seen, %v unseen, %v points", seen, unseen, points)
	}
}

// Labels that hardly any unseen block has may have no point; the others stand for all.
func TestRareUnseenLabels(t *testing.T) {
	law, err := datalaw.Law{Core: boolean.Function{Type: boolean.And, Degree: 30}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 30, SpuriousLength: 1, Strength: .5, Variant: datalaw.Repository}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	net := newNetwork(t, 31)
	clear(net.Layers[0].Weights)
	clear(net.Layers[0].Biases)
	net.Layers[1].Biases[0], net.Layers[1].Biases[1] = 1, 0 // says 0, which is right but for a 2^-30
	row := []uint64{5}
	train, err := dataset.Pack(dataset.TrainSplit, 31, row, []int16{0}, []int16{0})
	if err != nil {
		t.Fatal(err)
	}
	m, err := newUnseen(t, train, law, 64, 1).Evaluate(t.Context(), net)
	if err != nil || m.Core != Some(1) || m.Accuracy != Some(1) {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestUnseenNotesItsUseAndItsErrors(t *testing.T) {
	law := blockLaw(t, 9, 2)
	var ledger dataset.Ledger
	e, err := NewUnseenEvaluator(datasettest.Drawn(t, law, 20), law, 16, stream(), &ledger)
	if err != nil {
		t.Fatal(err)
	}
	if got := ledger.Uses(); !slices.Equal(got, []dataset.Use{{Mark: frame.MarkGroup, Purpose: dataset.Evaluation}}) {
		t.Errorf("the ledger says %v", got)
	}
	findsDivergenceAndHeedsItsContext(t, law.Dimensions(), func(ctx context.Context, net *neuralnet.Network) error {
		_, err := e.Evaluate(ctx, net)
		return err
	})
}

// A predictor that follows the spurious feature: its core correlation on unseen blocks is E[f_c] E[f_s] there, since
// blocks are independent on the cube. One that knows the label is always right.
func TestUnseenFollow(t *testing.T) {
	law := blockLaw(t, 7, 1)
	e := newUnseen(t, datasettest.Drawn(t, law, 40), law, 16, 1)
	spurious, err := e.Follow(func(_, attribute int16) int16 { return attribute })
	if err != nil {
		t.Fatal(err)
	}
	if want := e.blocks.mean() * (2*law.SpuriousProbability() - 1); math.Abs(spurious.Core.Value-want) > 1e-12 || want == 0 {
		t.Errorf("the spurious feature has core correlation %v, want %v", spurious.Core.Value, want)
	}
	oracle, err := e.Follow(func(label, _ int16) int16 { return label })
	if err != nil || oracle.Accuracy != Some(1) || oracle.Core != Some(1) {
		t.Errorf("the label has %+v, error %v", oracle, err)
	}
	all := newUnseen(t, datasettest.Drawn(t, blockLaw(t, 4, 1), 4000), blockLaw(t, 4, 1), 16, 1)
	if m, err := all.Follow(func(_, attribute int16) int16 { return attribute }); err != nil || !reflect.DeepEqual(m, UnseenMeasures{}) {
		t.Errorf("nothing is unseen, but there is %+v, error %v", m, err)
	}
}
