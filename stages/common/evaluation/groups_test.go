package evaluation

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
)

// described is a data set of K classes and A values of an attribute, named a0, a1, ... and b0, b1, ...
func described(k, a int, pairs []int16) *dataset.Description {
	d := &dataset.Description{Dimensions: 1, Pairs: pairs, Attributes: []dataset.Attribute{{Name: "place"}}}
	for y := range k {
		d.Classes = append(d.Classes, fmt.Sprintf("a%d", y))
	}
	for s := range a {
		d.Attributes[0].Values = append(d.Attributes[0].Values, fmt.Sprintf("b%d", s))
	}
	return d
}

// marked are test samples of a data set with labels and attributes; nil for none of these.
func marked(t testing.TB, d *dataset.Description, labels, attributes []int16) *dataset.Samples {
	t.Helper()
	s, err := dataset.New(dataset.TestSplit, dataset.Inputs{Dimensions: 1, Signs: make([]uint64, len(labels))},
		dataset.Marks{Classes: d.ClassCount(), Values: d.ValueCount(), Labels: labels, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// points are labels, attributes and predictions, which definitions are about.
type points struct {
	d                  *dataset.Description
	label, side, guess []int16
}

// share gives the share of the points of which one thing holds that another holds for, and how many they are.
func (p *points) share(of, that func(i int) bool) (share float64, n int) {
	right := 0
	for i := range p.label {
		if of(i) {
			n++
			if that(i) {
				right++
			}
		}
	}
	return float64(right) / float64(n), n
}

// expected are measures by their definitions, point by point, and standard errors.
func (p *points) expected() map[string]float64 {
	k, a := p.d.ClassCount(), p.d.ValueCount()
	right := func(i int) bool { return p.guess[i] == p.label[i] }
	want := map[string]float64{}
	put := func(name string, of func(i int) bool) {
		if v, n := p.share(of, right); n > 0 {
			want[name], want[name+"_se"] = v, math.Sqrt(v*(1-v)/float64(n))
		}
	}
	put("accuracy", func(int) bool { return true })
	goes := func(i int) (int16, bool) { return p.d.Pair(p.label[i]) }
	put("minority_accuracy", func(i int) bool { s, ok := goes(i); return ok && s != p.side[i] })
	put("majority_accuracy", func(i int) bool { s, ok := goes(i); return ok && s == p.side[i] })
	var groups, variances, follow, followVariances, classes, classVariances, f1 []float64
	for g := range k * a {
		of := func(i int) bool { return int(p.label[i])*a+int(p.side[i]) == g }
		if v, n := p.share(of, right); n > 0 {
			groups, variances = append(groups, v), append(variances, v*(1-v)/float64(n))
			v, n = p.share(of, func(i int) bool { s, _ := p.d.Pair(p.guess[i]); return s == p.side[i] })
			follow, followVariances = append(follow, v), append(followVariances, v*(1-v)/float64(n))
		}
	}
	for y := range int16(k) {
		recall, n := p.share(func(i int) bool { return p.label[i] == y }, right)
		if n > 0 {
			classes, classVariances = append(classes, recall), append(classVariances, recall*(1-recall)/float64(n))
		}
		precision, guessed := p.share(func(i int) bool { return p.guess[i] == y }, right)
		switch {
		case n+guessed == 0:
		case n == 0 || guessed == 0 || precision+recall == 0:
			f1 = append(f1, 0)
		default:
			f1 = append(f1, 2*precision*recall/(precision+recall))
		}
	}
	mean := func(list []float64) (sum float64) {
		for _, v := range list {
			sum += v / float64(len(list))
		}
		return sum
	}
	se := func(list []float64) float64 { return math.Sqrt(mean(list) / float64(len(list))) }
	want["worst_group_accuracy"], want["group_mean_accuracy"], want["group_mean_accuracy_se"] = slices.Min(groups), mean(groups), se(variances)
	want["worst_class_accuracy"], want["balanced_accuracy"], want["balanced_accuracy_se"] = slices.Min(classes), mean(classes), se(classVariances)
	want["macro_f1"] = mean(f1)
	if len(groups) == k*a {
		K := float64(k)
		want["core_correlation"], want["core_correlation_se"] = (K*mean(groups)-1)/(K-1), K/(K-1)*se(variances)
		if bijection(p.d) {
			want["spurious_correlation"], want["spurious_correlation_se"] = (K*mean(follow)-1)/(K-1), K/(K-1)*se(followVariances)
		}
	}
	return want
}

func bijection(d *dataset.Description) bool {
	seen := map[int16]bool{}
	for y := range int16(d.ClassCount()) {
		s, ok := d.Pair(y)
		if !ok || seen[s] {
			return false
		}
		seen[s] = true
	}
	return len(seen) == d.ValueCount()
}

// tabled gives the row of measures.
func tabled(t testing.TB, m *Measures) *frame.Table {
	t.Helper()
	b := frame.NewBuilder(MeasureFields(""))
	m.Append(b, "")
	b.EndRow()
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// Measures of any number of classes, attributes and groups are those of the definitions, over random points: with all
// groups and without some, paired in order, in another, not one to one, and not at all.
func TestMeasuresAreTheDefinitions(t *testing.T) {
	stream := kernel.NewStream(5, "points")
	for _, c := range []struct {
		k, a, n int
		pairs   []int16
	}{
		{2, 2, 60, nil}, {2, 2, 60, []int16{1, 0}}, {2, 2, 60, []int16{1, 1}}, {2, 3, 200, nil}, {2, 3, 200, []int16{2, 0}},
		{5, 5, 400, nil}, {5, 5, 40, nil}, {3, 3, 200, []int16{2, 0, 1}}, {3, 3, 200, []int16{2, 0, 0}}, {4, 2, 200, []int16{0, 1, 1, 0}},
		{4, 1, 90, nil}, {10, 100, 300, nil},
	} {
		d := described(c.k, c.a, c.pairs)
		for range 20 {
			p := points{d: d}
			for range c.n {
				y, s := int16(stream.IntN(c.k)), int16(stream.IntN(c.a))
				guess := y
				switch stream.IntN(4) {
				case 0:
					guess = int16(stream.IntN(c.k))
				case 1:
					guess = s % int16(c.k)
				}
				p.label, p.side, p.guess = append(p.label, y), append(p.side, s), append(p.guess, guess)
			}
			m, _, err := OfPredictions(d, marked(t, d, p.label, p.side), p.guess, nil, &dataset.Ledger{})
			if err != nil {
				t.Fatal(err)
			}
			table, want := tabled(t, &m), p.expected()
			for _, f := range MeasureFields("") {
				got, ok := table.Column(f.Name).Value(0).(float64)
				of, named := want[f.Name]
				switch {
				case f.Name == "worst_group_accuracy_se" || f.Name == "worst_class_accuracy_se" || f.Type != frame.Float64:
				case c.k == 2 && c.a == 2 && len(f.Name) == len("accuracy_00") && f.Name[:9] == "accuracy_":
				case ok != named || ok && math.Abs(got-of) > 1e-12:
					t.Errorf("%d classes, %d attributes, pairs %v: %s is %v, by its definition %v", c.k, c.a, c.pairs, f.Name, table.Column(f.Name).Value(0), of)
				}
			}
			if want := m.Group(m.Worst); m.WorstError != Some(want.Error) || m.WorstName != d.GroupName(want.Group) || m.WorstAccuracy != Some(want.Accuracy) {
				t.Errorf("the worst group is %s with error %v: %+v", m.WorstName, m.WorstError, want)
			}
		}
	}
}

// Rows of groups tell what there is of each, by name.
func TestAppendGroups(t *testing.T) {
	d := described(3, 2, []int16{0, 1, 1})
	labels, sides, guesses := []int16{0, 0, 2, 2, 2, 2}, []int16{1, 1, 1, 1, 1, 1}, []int16{0, 1, 2, 2, 2, 0}
	m, _, err := OfPredictions(d, marked(t, d, labels, sides), guesses, nil, &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	out := GroupOutput("row", []frame.Field{{Name: "step", Type: frame.Int64}}, "")
	b := frame.NewBuilder(out.Fields)
	m.AppendGroups(b, d, func() { b.Int("step", 7) })
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string][2]any{"step": {int64(7), int64(7)}, "group": {int64(1), int64(5)}, "group_name": {"a0/b1", "a2/b1"}, "label": {int64(0), int64(2)},
		"attribute": {int64(1), int64(1)}, "minority": {true, false}, "points": {int64(2), int64(4)}, "accuracy": {.5, .75},
		"accuracy_se": {math.Sqrt(.125), math.Sqrt(.1875 / 4)}, "loss": {nil, nil}} {
		for row := range want {
			if got := table.Column(column).Value(row); table.Rows() != 2 || got != want[row] {
				t.Errorf("%s of row %d is %v, want %v", column, row, got, want[row])
			}
		}
	}
	if m.WorstClass != "a0" || m.WorstClassAccuracy != Some(.5) || tabled(t, &m).Column("worst_group").Value(0) != "a0/b1" {
		t.Errorf("%+v", m)
	}
}

// Without attributes there are the measures by class.
func TestMeasuresByClassAlone(t *testing.T) {
	d := described(3, 2, nil)
	s := marked(t, d, []int16{0, 0, 1, 1, 1, 1}, nil)
	p, places := ofSamples(d, s, dataset.Evaluation, &dataset.Ledger{})
	tallies := p.tallies()
	for i, guess := range []int16{0, 1, 1, 1, 1, 2} {
		tallies.count(&p, places[i], guess, 1)
	}
	m := p.summarise(tallies)
	// precisions 1, 3/4 and 0, recalls 1/2, 3/4 and none
	if m.WorstClass != "a0" || m.WorstClassAccuracy != Some(.5) || m.Balanced != Some(.625) || math.Abs(m.MacroF1.Value-(2./3+3./4)/3) > 1e-15 {
		t.Errorf("%+v", m)
	}
	if m.Groups != nil || m.Worst != -1 || m.Core.Valid || m.Minority.Valid || m.Accuracy != 4./6 || m.Loss != 1 {
		t.Errorf("%+v", m)
	}
	if table := tabled(t, &m); !table.Column("worst_group").Null(0) || !table.Column("accuracy_00").Null(0) || table.Column("worst_class").Value(0) != "a0" {
		t.Errorf("%+v", table)
	}
}

// 2^15 groups of which two have points are measured as fast as there are points: the list of measures is of these two.
func TestEmptyGroupsCostNothing(t *testing.T) {
	d := described(1<<7, 1<<8, nil)
	labels, sides := []int16{0, 127, 127}, []int16{0, 255, 255}
	e, err := NewSampleEvaluator(d, marked(t, d, labels, sides), dataset.Evaluation, "", &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Follow(func(_, attribute int16) int16 { return attribute / 2 })
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Groups) != 2 || m.Groups[1].Group != 1<<15-1 || m.Groups[1].Points != 2 || m.Accuracy != 1 || len(e.population.cells) != 2 {
		t.Errorf("%+v", m)
	}
	if shares := e.Shares(); len(shares) != 1<<15 || shares[1<<15-1] != 2./3 {
		t.Errorf("%d shares", len(shares))
	}
	if got, want := e.NoCore(), "the split test has no samples of the groups a0/b1, a0/b2, a0/b3, and of 32763 more, so that groups cannot be balanced"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if !e.KeepsGroups(mostGroupRows/2) || e.KeepsGroups(mostGroupRows/2+1) {
		t.Error("a table of groups holds what it should not, or not what it should")
	}
}

func BenchmarkSummarise(b *testing.B) {
	for _, c := range []struct{ k, a, n int }{{2, 2, 4096}, {10, 10, 4096}, {128, 256, 1 << 17}} {
		b.Run(fmt.Sprintf("classes=%d/attributes=%d/points=%d", c.k, c.a, c.n), func(b *testing.B) {
			d, stream := described(c.k, c.a, nil), kernel.NewStream(1, "benchmark")
			labels, sides := make([]int16, c.n), make([]int16, c.n)
			for i := range labels {
				labels[i], sides[i] = int16(stream.IntN(c.k)), int16(stream.IntN(c.a))
			}
			e, err := NewSampleEvaluator(d, marked(b, d, labels, sides), dataset.Evaluation, "", &dataset.Ledger{})
			if err != nil {
				b.Fatal(err)
			}
			began := time.Now()
			for b.Loop() {
				if _, err := e.Follow(func(label, _ int16) int16 { return label }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(time.Since(began).Nanoseconds())/float64(b.N)/float64(c.n), "ns/point")
		})
	}
}
