package debias

import (
	"context"
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// biasedLaw has classes, attributes and groups of different sizes.
func biasedData(t testing.TB, rows int) *dataset.Dataset {
	law := easyLaw(.8)
	law.Core.Type, law.Core.Degree, law.CoreLength = "staircase", 2, 2 // P(y = 1) = 3/4
	d := finiteData(t, law, rows)
	return d
}

// frequencies draws batches and counts cells of the division.
func frequencies(t *testing.T, trial *Trial, source trainloop.Source, d *division, batches int) (count [evaluation.Groups]float64, rows float64) {
	t.Helper()
	var b trainloop.Batch
	for range batches {
		source.Next(&b)
		rows += float64(b.Rows)
		for _, c := range trial.batchCells(d, &b) {
			count[c]++
		}
	}
	return count, rows
}

// Classes are drawn equally often, and within a class groups keep their shares: RWY reads no groups.
func TestClassBalancedSources(t *testing.T) {
	finite := biasedData(t, 400)
	for name, d := range map[string]*dataset.Dataset{"fresh": {Description: dataset.Description{Law: finite.Law, Dimensions: finite.Dimensions}}, "finite": finite} {
		for _, strata := range []bool{false, true} {
			trial := newTestTrial(t, d, balance(bySampling))
			source, err := trial.Balanced("", trial.byClass(), strata)
			if err != nil {
				t.Fatal(err)
			}
			if got := trial.ledger.Access(); got != "none" {
				t.Errorf("%s: balancing classes read %s", name, got)
			}
			count, rows := frequencies(t, trial, source, trial.byGroup(), 4000)
			shares := trial.shares(trial.byGroup())
			for g, n := range count {
				p := shares[g] / (shares[g] + shares[g^1]) / 2
				if math.Abs(n-rows*p) > 6*math.Sqrt(rows*p*(1-p)) {
					t.Errorf("%s, strata %v: group %d was drawn %v times of %v, want a share of %v", name, strata, g, n, rows, p)
				}
			}
			if strata && count[0]+count[1] != rows/2 {
				t.Errorf("%s: %v of %v rows have label 0", name, count[0]+count[1], rows)
			}
		}
	}
}

// Weights have mean 1 over the data; plain ones give every cell the same sum, and those by the root
// have the ratio of the roots.
func TestWeightsOverTheData(t *testing.T) {
	d := biasedData(t, 400)
	for _, of := range []func(*Trial) *division{(*Trial).byGroup, (*Trial).byClass, (*Trial).byAttribute} {
		for _, root := range []bool{false, true} {
			trial := newTestTrial(t, d, balance(byWeights))
			cells := of(trial)
			weigh, err := trial.balancingWeights(cells, root)
			if err != nil {
				t.Fatal(err)
			}
			var b trainloop.Batch
			trainloop.Whole(d.Train).Next(&b)
			var total float64
			var sum, count [evaluation.Groups]float64
			weights := slices.Clone(weigh(&b, nil))
			for i, c := range trial.batchCells(cells, &b) {
				total += float64(weights[i])
				sum[c] += float64(weights[i])
				count[c]++
			}
			if math.Abs(total-1) > 1e-5 {
				t.Errorf("weights of the whole set by %s sum to %v", cells.cell, total)
			}
			for c := range sum {
				if count[c] == 0 {
					continue
				}
				want := sum[1] // cell 1 exists in all three
				if root {
					want *= math.Sqrt(count[c] / count[1])
				}
				if math.Abs(sum[c]-want) > 1e-5 {
					t.Errorf("%s %d of %v rows weighs %v, want %v (root %v)", cells.cell, c, count[c], sum[c], want, root)
				}
			}
		}
	}
}

// Upsampling lists every group as often as the largest, each sample floor or ceil times.
func TestUpsampledIsADeterministicMultiset(t *testing.T) {
	pools := [][]int32{{0, 1, 2, 3, 4, 5, 6}, {7, 8, 9}, {10}}
	list := upsampled(pools, kernel.NewStream(1, "x"))
	if len(list) != 21 {
		t.Fatalf("%d rows, want 3 times 7", len(list))
	}
	count := make([]int, 11)
	for _, row := range list {
		count[row]++
	}
	for row, n := range count {
		least, most := 1, 1
		if row >= 7 {
			least, most = 2, 3
		}
		if row == 10 {
			least, most = 7, 7
		}
		if n < least || n > most {
			t.Errorf("row %d is listed %d times, want %d to %d", row, n, least, most)
		}
	}
}

// A subset has the same number of each group and no sample twice; drawn each epoch it changes.
func TestSubset(t *testing.T) {
	d := biasedData(t, 400)
	for _, redraw := range []string{"once", "epoch"} {
		trial := newTestTrial(t, d, Settings{Batch: 8, Method: MethodSettings{Name: "subg", Redraw: redraw}})
		pools, err := trial.pools(trial.byGroup())
		if err != nil {
			t.Fatal(err)
		}
		each := trainloop.Smallest(pools)
		sizes := trial.sizes(trial.byGroup())
		if each != slices.Min(sizes[:]) {
			t.Fatalf("the smallest group has %d of %v", each, sizes)
		}
		list := trainloop.Subset(nil, pools, each, kernel.NewStream(1, "x"))
		var count [evaluation.Groups]int
		groups := trial.Groups()
		for _, row := range list {
			count[groups[row]]++
		}
		sorted := slices.Clone(list)
		slices.Sort(sorted)
		if count != [evaluation.Groups]int{each, each, each, each} || len(slices.Compact(sorted)) != 4*each {
			t.Errorf("%v of each group, %d distinct", count, len(slices.Compact(sorted)))
		}
	}
	once := lastModel(t, run1(t, d, `{"name": "subg"}`, ""))
	if lastModel(t, run1(t, d, `{"name": "subg", "redraw": "epoch"}`, "")) == once {
		t.Error("drawing the subset each epoch changes nothing")
	}
}

// Replayed: ERM on a list of as many of each group as the smallest has, the first ones of each after shuffling.
func TestSUBGByHand(t *testing.T) {
	defer func(m []*Method) { methods = m }(methods)
	d := biasedData(t, 300)
	want := lastModel(t, run1(t, d, `{"name": "subg"}`, ""))
	byHand := *subg
	byHand.Run = func(ctx context.Context, trial *Trial) error {
		var members [evaluation.Groups][]int32
		for row, g := range trial.Groups() {
			members[g] = append(members[g], int32(row))
		}
		least := min(len(members[0]), len(members[1]), len(members[2]), len(members[3]))
		stream := trainloop.MethodStream(3, "subset")
		var list []int32
		for _, m := range members {
			stream.Shuffle(len(m), func(i, j int) { m[i], m[j] = m[j], m[i] })
			list = append(list, m[:least]...)
		}
		if len(list) != 4*least || least == 0 {
			t.Errorf("%d samples, of the smallest group %d", len(list), least)
		}
		source := trainloop.Shuffled(d.Train, list, 32, trainloop.OrderStream(3, ""))
		return trial.Train(ctx, Stage{Net: trial.Network(""), Source: source, Steps: 60})
	}
	methods = []*Method{&byHand}
	if got := lastModel(t, run1(t, d, `{"name": "subg"}`, "")); got != want {
		t.Error("another network than by hand")
	}
}

// Where the attribute is the label, groups are classes: balancing either is the same, bit for bit. Where classes are
// balanced already, their weights are those of the mean: ERM.
func TestClassBalanceIsGroupBalanceOrERM(t *testing.T) {
	law := easyLaw(1)
	law.Core.Type, law.CoreLength = "staircase", 2 // P(y = 1) = 3/4
	for name, d := range map[string]*dataset.Dataset{"fresh": {Description: dataset.Description{Law: law, Dimensions: 6}}, "finite": finiteData(t, law, 200)} {
		erm := lastModel(t, run1(t, d, `{"name": "erm"}`, ""))
		for _, by := range []string{bySampling, byStrata, byUpsampling, byWeights, bySqrtWeights} {
			if by == byUpsampling && name == "fresh" {
				continue
			}
			classes := lastModel(t, run1(t, d, `{"name": "class_balance", "by": "`+by+`"}`, ""))
			if classes != lastModel(t, run1(t, d, `{"name": "group_balance", "by": "`+by+`"}`, "")) || classes == erm {
				t.Errorf("%s, %s: other weights than by balancing groups, or ERM's", name, by)
			}
		}
	}
	balanced := freshData(.9)
	for _, by := range []string{byWeights, bySqrtWeights} {
		if lastModel(t, run1(t, balanced, `{"name": "class_balance", "by": "`+by+`"}`, "")) != lastModel(t, run1(t, balanced, `{"name": "erm"}`, "")) {
			t.Errorf("%s: with equal classes other weights than by ERM", by)
		}
	}
}

// On data whose groups are of one size the subset is the whole set: ERM, but for the order.
func TestSubsetOfBalancedDataIsAllOfIt(t *testing.T) {
	trial := newTestTrial(t, finiteData(t, easyLaw(.9), 100), Settings{Batch: 8, Method: MethodSettings{Name: "subg"}})
	list := trainloop.Subset(nil, [][]int32{{0, 2}, {1, 3}}, 2, kernel.NewStream(1, "x"))
	slices.Sort(list)
	if !slices.Equal(list, trainloop.All(4)) || trial.Rows() != 100 {
		t.Errorf("the subset is %v", list)
	}
}

// Whatever the method that needs groups, data without a minority say so and train.
func TestMissingGroupsAreNoted(t *testing.T) {
	d := finiteData(t, easyLaw(1), 100)
	for _, method := range []string{
		`{"name": "group_balance"}`, `{"name": "group_balance", "by": "upsampling"}`, `{"name": "group_balance", "by": "sqrt_weights"}`,
		`{"name": "subg"}`, `{"name": "group_dro"}`, `{"name": "pde"}`, `{"name": "lisa"}`,
	} {
		s := run1(t, d, method, "")["summary"]
		note, _ := value(t, s, "note", 0).(string)
		if !contains(note, "There are no training samples of the group 01 or 10.") {
			t.Errorf("%s: the note says %q", method, note)
		}
		if value(t, s, "step", 0) != int64(60) {
			t.Errorf("%s: the last step is %v", method, value(t, s, "step", 0))
		}
	}
}
