package trainloop

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

func stream() *kernel.Stream { return kernel.NewStream(7, "test") }

func TestShuffledTakesEachRowOnceAnEpoch(t *testing.T) {
	s := datasettest.Drawn(t, datasettest.Law(t), 10)
	list := append(All(10), 3, 3) // row 3 is listed three times
	source := Shuffled(s, list, 5, stream())
	if source.MaxRows() != 5 || source.EpochRows() != 12 {
		t.Errorf("batches of %d, epochs of %d", source.MaxRows(), source.EpochRows())
	}
	var b Batch
	var orders [][]int32
	for range 4 {
		var order []int32
		for _, want := range []int{5, 5, 2} {
			source.Next(&b)
			if b.Rows != want || len(b.Labels) != want || len(b.Signs) != want || b.X != nil {
				t.Fatalf("a batch of %d rows, %d labels, %d words; want %d rows", b.Rows, len(b.Labels), len(b.Signs), want)
			}
			checkRows(t, &b, s)
			order = append(order, b.Index...)
		}
		orders = append(orders, slices.Clone(order))
		slices.Sort(order)
		if !slices.Equal(order, []int32{0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("an epoch took the rows %v", order)
		}
	}
	if slices.Equal(orders[0], orders[1]) && slices.Equal(orders[1], orders[2]) {
		t.Errorf("every epoch has the order %v", orders[0])
	}
}

// checkRows compares a batch with the rows of s that it names.
func checkRows(t *testing.T, b *Batch, s *dataset.Samples) {
	t.Helper()
	x := make([]float32, s.Dimensions)
	labels := s.Labels(&dataset.Ledger{}, dataset.Training)
	for i, row := range b.Index {
		s.Inputs(x, int(row), 1)
		got := make([]float32, s.Dimensions)
		if b.Signs == nil {
			copy(got, b.X[i*s.Dimensions:])
		} else {
			boolean.Expand(got, b.Signs[i*((s.Dimensions+63)/64):], 1, s.Dimensions)
		}
		if !slices.Equal(x, got) || b.Labels[i] != labels[row] {
			t.Fatalf("row %d of the batch is not row %d of the data", i, row)
		}
	}
}

func TestDrawnBalancesPools(t *testing.T) {
	s := datasettest.Drawn(t, datasettest.Law(t), 100)
	pools := [][]int32{{5}, All(100)[10:90], {7, 8}}
	checkDrawn(t, s, Drawn(s, pools, 30, stream()), pools, []float64{1. / 3, 1. / 3, 1. / 3})
	checkDrawn(t, s, Weighted(s, pools, []float64{1, 6, 3}, 30, stream()), pools, []float64{.1, .6, .3})
}

// Equal masses are those of Drawn, to the bit.
func TestWeightedEqually(t *testing.T) {
	s := datasettest.Drawn(t, datasettest.Law(t), 100)
	pools := [][]int32{{5}, All(100)[10:90], {7, 8}}
	drawn, weighted := Drawn(s, pools, 30, stream()), Weighted(s, pools, []float64{.3, .3, .3}, 30, stream())
	var a, b Batch
	for range 5 {
		drawn.Next(&a)
		weighted.Next(&b)
		if !slices.Equal(a.Index, b.Index) {
			t.Fatalf("rows %v, drawn %v", b.Index, a.Index)
		}
	}
}

// checkDrawn draws from a source of batches of 30 rows, and counts rows of pools with given probabilities.
func checkDrawn(t *testing.T, s *dataset.Samples, source Source, pools [][]int32, probability []float64) {
	t.Helper()
	var b Batch
	var count [100]float64
	const batches = 2000
	for range batches {
		source.Next(&b)
		for _, row := range b.Index {
			count[row]++
		}
	}
	checkRows(t, &b, s)
	const draws = 30 * batches
	for i, pool := range pools {
		for _, row := range pool {
			p := probability[i] / float64(len(pool))
			// Six standard deviations: one of these counts strays as far once in 10^7 seeds.
			if got, want := count[row], draws*p; math.Abs(got-want) > 6*math.Sqrt(draws*p*(1-p)) {
				t.Errorf("row %d was drawn %v times, want about %v", row, got, want)
			}
			count[row] = 0
		}
	}
	if rest := slices.Max(count[:]); rest != 0 {
		t.Errorf("rows outside the pools were drawn up to %v times", rest)
	}
}

func TestStratifiedBatchesHoldAllPoolsEqually(t *testing.T) {
	s := datasettest.Drawn(t, datasettest.Law(t), 9)
	source := Stratified(s, [][]int32{{0, 1}, {2}, {3, 4, 5}}, 8, stream())
	var b Batch
	var total [3]int
	for range 30 {
		source.Next(&b)
		checkRows(t, &b, s)
		var count [3]int
		for _, row := range b.Index {
			pool := []int{0, 0, 1, 2, 2, 2}[row]
			count[pool]++
			total[pool]++
		}
		if slices.Max(count[:]) > 3 || slices.Min(count[:]) < 2 {
			t.Errorf("a batch of 8 holds %v of three pools", count)
		}
	}
	if total != [3]int{80, 80, 80} {
		t.Errorf("30 batches of 8 hold %v", total)
	}
}

func TestFreshStrata(t *testing.T) {
	law := datasettest.Law(t)
	var parts []datalaw.Mixture
	for g := range evaluation.Groups {
		var masses [evaluation.Groups]float64
		masses[g] = 1
		part, err := law.Mixture(masses)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part)
	}
	source := Fresh(law, 10, stream(), parts...)
	var b Batch
	var ledger dataset.Ledger
	var total [evaluation.Groups]int
	for range 6 {
		source.Next(&b)
		if b.Index != nil {
			t.Errorf("fresh samples have rows %v", b.Index)
		}
		var count [evaluation.Groups]int
		for _, g := range b.Groups(&ledger) {
			count[g]++
			total[g]++
		}
		if slices.Max(count[:]) != 3 || slices.Min(count[:]) != 2 {
			t.Errorf("a batch of 10 holds %v of four groups", count)
		}
	}
	if total != [evaluation.Groups]int{15, 15, 15, 15} {
		t.Errorf("6 batches of 10 hold %v", total)
	}
	if got := ledger.Access(); got != "group: training (fresh)" {
		t.Errorf("the ledger says %q", got)
	}
}

func TestBatchGroups(t *testing.T) {
	s := datasettest.Drawn(t, datasettest.Law(t), 50)
	var ledger dataset.Ledger
	want := s.Groups(&dataset.Ledger{}, dataset.Training)
	source := Shuffled(s, All(50), 50, stream())
	var b Batch
	source.Next(&b)
	if uses := ledger.Uses(); len(uses) != 0 {
		t.Errorf("a batch alone notes %v", uses)
	}
	for i, g := range b.Groups(&ledger) {
		if g != want[b.Index[i]] {
			t.Errorf("row %d is in group %d, want %d", b.Index[i], g, want[b.Index[i]])
		}
	}
	if got := ledger.Access(); got != "group: training (train)" {
		t.Errorf("the ledger says %q", got)
	}
}

func TestNatural(t *testing.T) {
	law := datasettest.Law(t)
	l := law.Law()
	infinite := &dataset.Dataset{Description: dataset.Description{Law: &l, Dimensions: 10}}
	finite := &dataset.Dataset{Description: dataset.Description{Dimensions: 10}, Train: datasettest.Drawn(t, datasettest.Law(t), 6)}
	both := &dataset.Dataset{Description: dataset.Description{Law: &l, Dimensions: 10}, Train: finite.Train}
	for _, c := range []struct {
		d        *dataset.Dataset
		sampling string
		want     string // the source's type, or the start of an error
	}{
		{infinite, SampleAuto, "*trainloop.fresh"},
		{infinite, SampleFresh, "*trainloop.fresh"},
		{infinite, SampleShuffle, `sampling = "shuffle" needs a finite training set`},
		{infinite, SampleFull, `sampling = "full" needs a finite training set`},
		{finite, SampleAuto, "*trainloop.shuffled"},
		{finite, SampleFresh, "fresh samples need a law"},
		{finite, SampleReplacement, "*trainloop.pooled"},
		{finite, SampleFull, "*trainloop.whole"},
		{both, SampleAuto, "*trainloop.shuffled"},
		{both, SampleFresh, "*trainloop.fresh"},
	} {
		var compiled *datalaw.Compiled
		if c.d.Law != nil {
			compiled = law
		}
		source, err := Natural(c.d, compiled, c.sampling, 4, stream())
		got := fmt.Sprintf("%T", source)
		if err != nil {
			got = err.Error()[:min(len(err.Error()), len(c.want))]
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.sampling, got, c.want)
		}
	}
}

// Memory must not grow with steps.
func TestSourcesAllocateNothing(t *testing.T) {
	s, law := datasettest.Drawn(t, datasettest.Law(t), 100), datasettest.Law(t)
	for name, source := range map[string]Source{
		"fresh": Fresh(law, 16, stream(), law.Confounded()), "shuffled": Shuffled(s, All(100), 16, stream()),
		"drawn": Drawn(s, [][]int32{All(100), {3}}, 16, stream()), "stratified": Stratified(s, [][]int32{All(100), {3}}, 16, stream()),
		"whole": Whole(s),
	} {
		var b Batch
		var ledger dataset.Ledger
		for range 10 { // an epoch begins with a batch smaller than those that follow
			source.Next(&b)
			b.Groups(&ledger)
		}
		if n := testing.AllocsPerRun(100, func() { source.Next(&b); b.Groups(&ledger) }); n != 0 {
			t.Errorf("%s: %v allocations a batch", name, n)
		}
	}
}
