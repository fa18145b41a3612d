package debias

import (
	"math"
	"testing"

	"spurion/stages/common/trainloop"
)

// checkFrequencies compares counts with the probabilities p, of sum 1, by Pearson's statistic, at the level 1e-6: its
// quantile is Wilson and Hilferty's. Counts of fewer than five expected are not asked for.
func checkFrequencies(t *testing.T, name string, count, p []float64) {
	t.Helper()
	var draws, statistic, sum float64
	for _, n := range count {
		draws += n
	}
	freedom := -1.
	for i, n := range count {
		sum += p[i]
		if p[i] == 0 {
			if n > 0 {
				t.Errorf("%s: %d was drawn %v times, and never should be", name, i, n)
			}
			continue
		}
		if draws*p[i] < 5 {
			t.Fatalf("%s: %d is expected %v times: too few draws", name, i, draws*p[i])
		}
		statistic += (n - draws*p[i]) * (n - draws*p[i]) / (draws * p[i])
		freedom++
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Fatalf("%s: probabilities of sum %v", name, sum)
	}
	const normal = 4.753424 // the quantile of the normal distribution
	root := 1 - 2/(9*freedom) + normal*math.Sqrt(2/(9*freedom))
	if limit := freedom * root * root * root; statistic > limit {
		t.Errorf("%s: Pearson's statistic of %v draws is %v, above %v", name, draws, statistic, limit)
	}
}

// drawn counts the rows that a source gives in some batches.
func drawn(source trainloop.Source, rows, batches int) []float64 {
	count := make([]float64, rows)
	var b trainloop.Batch
	for range batches {
		source.Next(&b)
		for _, row := range b.Index {
			count[row]++
		}
	}
	return count
}

// perCell gives the probability of each row where cells are equally likely, and rows of a cell.
func perCell(cells []int16) []float64 {
	var size [8]float64
	some := 0.
	for _, c := range cells {
		if size[c] == 0 {
			some++
		}
		size[c]++
	}
	p := make([]float64, len(cells))
	for i, c := range cells {
		p[i] = 1 / some / size[c]
	}
	return p
}

// Each row of the training set is in batches as often as the method says, sample by sample.
func TestRowsAreDrawnAsOftenAsSaid(t *testing.T) {
	const rows = 60
	d := biasedData(t, rows)
	trial := newTestTrial(t, d, Settings{Batch: 9, Method: MethodSettings{Name: "group_balance"}}) // 9 is no multiple of four
	groups, labels := trial.Groups(), trial.Labels()
	attributes := make([]int16, rows)
	for i, g := range groups {
		attributes[i] = g & 1
	}
	uniform, one := make([]float64, rows), make([]int16, rows)
	for i := range uniform {
		uniform[i] = 1. / rows
	}
	cells := byCells("cell", numbered(3), make([]int16, rows))
	for i := range cells.inferred {
		cells.inferred[i] = int16(min(2, i%7))
	}
	source := func(s trainloop.Source, err error) trainloop.Source {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	replacement := *trial
	settings := *trial.settings
	settings.Sampling = trainloop.SampleReplacement
	replacement.settings = &settings
	for _, c := range []struct {
		name   string
		source trainloop.Source
		p      []float64
	}{
		{"natural, with replacement", source(replacement.Natural("a")), uniform},
		{"natural, shuffled", source(trial.Natural("b")), uniform},
		{"groups by sampling", source(trial.Balanced("c", trial.byGroup(), false)), perCell(groups)},
		{"groups by strata", source(trial.Balanced("d", trial.byGroup(), true)), perCell(groups)},
		{"classes by sampling", source(trial.Balanced("e", trial.byClass(), false)), perCell(labels)},
		{"environments by strata", source(trial.Balanced("f", trial.byAttribute(), true)), perCell(attributes)},
		{"inferred cells by strata", source(trial.Balanced("g", cells, true)), perCell(cells.inferred)},
		{"one cell", source(trial.Balanced("i", byCells("cell", numbered(1), one), false)), uniform},
	} {
		checkFrequencies(t, c.name, drawn(c.source, rows, 4000), c.p)
	}
}

// LISA's partners are uniform in the group that the choice names.
func TestLISAPartnersAreUniform(t *testing.T) {
	const rows = 60
	d := biasedData(t, rows)
	trial, lisa := lisaSource(t, d, .3, "linear")
	groups := trial.Groups()
	sizes := trial.sizes(trial.byGroup())
	var b trainloop.Batch
	partners := map[int16][]float64{}
	for range 4000 {
		lisa.Next(&b)
		for i, row := range b.Index {
			if g := groups[row]; partners[g] == nil {
				partners[g] = make([]float64, rows)
			}
			partners[groups[row]][lisa.partner[i]]++
		}
	}
	for g, count := range partners {
		p := make([]float64, rows)
		for row, other := range groups {
			switch other {
			case g ^ 1:
				p[row] = .3 / float64(sizes[other])
			case g ^ 2:
				p[row] = .7 / float64(sizes[other])
			}
		}
		// The choice is one for a batch, so that counts of the two groups vary more than draws would: each group by itself.
		for _, flip := range []int16{1, 2} {
			part, share := make([]float64, rows), make([]float64, rows)
			sum := 0.
			for row := range p {
				if groups[row] == g^flip {
					part[row], share[row] = count[row], p[row]
					sum += p[row]
				}
			}
			for row := range share {
				share[row] /= sum
			}
			checkFrequencies(t, "partners of a group", part, share)
		}
	}
}

// Half of what a predictor of SSA learns from is labelled; within the halves samples are alike.
func TestSSABatchesAreHalfLabelled(t *testing.T) {
	ssa := ssaPredictor(t, ssaTrial(t, finiteData(t, easyLaw(.9), 90), 7, .95), trainloop.All(30))
	count := drawn(ssa.source, 135, 4000)
	p := make([]float64, 135)
	for _, row := range ssa.outside {
		p[row] = .5 / float64(len(ssa.outside))
	}
	for _, row := range ssa.learned {
		p[row] = .5 / float64(len(ssa.learned))
	}
	checkFrequencies(t, "samples of a predictor", count, p)
}

// SUBG keeps any sample of a group with equal probability, and PDE adds any outside the balanced set.
func TestSubsetsAreUniform(t *testing.T) {
	const rows = 60
	trial := newTestTrial(t, biasedData(t, rows), Settings{Batch: 8, Method: MethodSettings{Name: "pde"}})
	groups, sizes := trial.Groups(), trial.sizes(trial.byGroup())
	pools, err := trial.pools(trial.byGroup())
	if err != nil {
		t.Fatal(err)
	}
	each := trainloop.Smallest(pools)
	kept, added := make([]float64, rows), make([]float64, rows)
	p, q := make([]float64, rows), make([]float64, rows)
	for row, g := range groups {
		p[row] = 1 / 4. / float64(sizes[g])
		q[row] = float64(sizes[g]-each) / float64(sizes[g]) / float64(rows-4*each) // outside, times one of those outside
	}
	for seed := range int64(3000) {
		stream := trainloop.MethodStream(seed, "subset")
		for _, row := range trainloop.Subset(nil, pools, each, stream) {
			kept[row]++
		}
		g := newGrowth(rows, pools, each, stream)
		added[g.out[0]]++
	}
	checkFrequencies(t, "samples kept of groups", kept, p)
	checkFrequencies(t, "the first sample added", added, q)
}
