package evaluation

import (
	"math"
	"testing"

	"spurion/artifacts/frame"
)

// by gives tallies of the groups of binary data, and what was predicted.
func by(cells ...Tally) *tallies {
	t := &tallies{cells: cells, predicted: make([]int64, 2), masses: make([]float64, 2)}
	for g, c := range cells {
		t.predicted[g/2] += c.Correct
		t.predicted[1-g/2] += c.Points - c.Correct
	}
	return t
}

func TestSummarise(t *testing.T) {
	// Group accuracies 1, 1/4, 1/2, 3/4 and losses 1, 2, 3, 4; the variances of the latter, with n - 1, are 0, 4, 2, 1. All by hand.
	tallies := by(Tally{4, 4, 0, 4, 4}, Tally{8, 2, 0, 16, 60}, Tally{2, 1, 0, 6, 20}, Tally{4, 3, 0, 16, 67})
	p := fourGroups([]float64{.4, .1, .2, .3}, []float64{.25, .25, .25, .25})
	m := p.summarise(tallies)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"accuracy", m.Accuracy, .4 + .025 + .1 + .225},
		{"loss", m.Loss, .4 + .2 + .6 + 1.2},
		{"mean accuracy", m.MeanAccuracy.Value, 2.5 / 4},
		{"worst", m.WorstAccuracy.Value, .25},
		{"loss error", m.LossError.Value, math.Sqrt(.01*4/8 + .04*2/2 + .09*1/4)},
		{"accuracy error", m.AccuracyError.Value, math.Sqrt(.01*.1875/8 + .04*.25/2 + .09*.1875/4)},
		{"mean error", m.MeanError.Value, math.Sqrt(.1875/8+.25/2+.1875/4) / 4},
		{"worst error", m.WorstError.Value, math.Sqrt(.1875 / 8)},
		{"group error", m.Group(2).Error, math.Sqrt(.25 / 2)},
		{"minority", m.Minority.Value, (.025 + .1) / .3},
		{"minority error", m.MinorityError.Value, math.Sqrt(.01*.1875/8+.04*.25/2) / .3},
		{"majority", m.Majority.Value, (.4 + .225) / .7},
		{"majority error", m.MajorityError.Value, math.Sqrt(.09*.1875/4) / .7},
		{"worst class", m.WorstClassAccuracy.Value, .325 / .5},
		{"worst class error", m.WorstClassError.Value, math.Sqrt(.04*.25/2+.09*.1875/4) / .5},
		{"balanced accuracy", m.Balanced.Value, (.425/.5 + .325/.5) / 2},
		{"balanced accuracy error", m.BalancedError.Value, math.Sqrt(.01*.1875/8 + .04*.25/2 + .09*.1875/4)},
		// of label 0, .425 are right, .5 there are, and .425 + .175 are predicted
		{"macro F1", m.MacroF1.Value, (2*.425/(.5+.6) + 2*.325/(.5+.4)) / 2},
		{"core", m.Core.Value, (1 - .5 + 0 + .5) / 4},
		{"spurious", m.Spurious.Value, (1 + .5 - 0 + .5) / 4},
		// each group adds u² 4 a(1-a)/n
		{"core error", m.CoreError.Value, math.Sqrt((4*.1875/8 + 4*.25/2 + 4*.1875/4) / 16)},
		{"spurious error", m.SpuriousError.Value, math.Sqrt((4*.1875/8 + 4*.25/2 + 4*.1875/4) / 16)},
	} {
		if math.Abs(c.got-c.want) > 1e-15 {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
	if m.Worst != 1 {
		t.Errorf("the worst group is %d, want 1", m.Worst)
	}
}

func TestSummariseMissingGroupsAndInfiniteLosses(t *testing.T) {
	tallies := by(Tally{}, Tally{2, 1, 0, math.Inf(1), math.Inf(1)}, Tally{2, 2, 0, 0, 0}, Tally{})
	p := fourGroups([]float64{0, 0, 1, 0}, []float64{0, .5, .5, 0})
	p.exact = true
	m := p.summarise(tallies)
	if m.GroupAccuracy(0).Valid || m.Group(1).Loss.Valid || len(m.Groups) != 2 || m.Loss != 0 || m.Worst != 1 || m.Core.Value != .5 || m.Spurious.Value != -.5 || m.CoreError != Some(0) {
		t.Errorf("%+v", m)
	}
	if zero := Some(0); m.LossError != zero || m.AccuracyError != zero || m.WorstError != zero || m.MeanError != zero || m.MinorityError != zero || m.Group(1).Error != 0 || m.Group(2).Error != 0 {
		t.Errorf("on the whole cube there are errors: %+v", m)
	}
	b := frame.NewBuilder(MeasureFields("_after"))
	m.Append(b, "_after")
	b.EndRow()
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Check(MeasureFields("_after")); err != nil {
		t.Error(err)
	}
	if c := table.Column("accuracy_00_after"); !c.Null(0) {
		t.Errorf("a group that does not exist has accuracy %v", c.Value(0))
	}
	if got := table.Column("worst_group_after").Value(0); got != "01" {
		t.Errorf("the worst group is %v", got)
	}
}

// Points that were drawn without regard to groups are one sample: shares of groups are estimated too.
func TestSummariseOwnShares(t *testing.T) {
	tallies := by(Tally{6, 6, 0, 0, 0}, Tally{}, Tally{}, Tally{2, 0, 0, 4, 8}) // losses 0 and 2
	p := fourGroups([]float64{.75, 0, 0, .25}, nil)
	p.own = true
	m := p.summarise(tallies)
	if want := math.Sqrt(.75 * .25 / 8); math.Abs(m.AccuracyError.Value-want) > 1e-15 {
		t.Errorf("the error of the accuracy is %v, want %v", m.AccuracyError, want)
	}
	if want := math.Sqrt((6*.25 + 2*2.25) / 7 / 8); math.Abs(m.LossError.Value-want) > 1e-15 {
		t.Errorf("the error of the loss is %v, want %v", m.LossError, want)
	}
	if m.Majority != Some(.75) || m.MajorityError != m.AccuracyError || m.Minority.Valid || m.Core.Valid {
		t.Errorf("minority and majority: %+v", m)
	}
	if m.WorstError != Some(0) || m.MeanError != Some(0) {
		t.Errorf("groups all right or all wrong have errors: %+v", m)
	}
}

// A loss has no error where there are too few points to tell, or no losses.
func TestSummariseErrorsThatDoNotExist(t *testing.T) {
	for name, tally := range map[string]Tally{"one point": {1, 1, 0, 3, 9}, "infinite": {4, 4, 0, math.Inf(1), math.Inf(1)}, "not measured": {4, 4, 0, math.NaN(), math.NaN()}} {
		p := fourGroups([]float64{.5, .5, 0, 0}, nil)
		m := p.summarise(by(tally, Tally{4, 2, 0, 4, 8}, Tally{}, Tally{}))
		if m.LossError.Valid || !m.AccuracyError.Valid {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// tallied gives tallies of 100 points a group, of which so many shares are right.
func tallied(groups [Groups]Optional) []Tally {
	list := make([]Tally, Groups)
	for g, a := range groups {
		if a.Valid {
			list[g] = Tally{Points: 100, Correct: int64(math.Round(100 * a.Value))}
		}
	}
	return list
}

func TestOneClass(t *testing.T) {
	none := Optional{}
	for _, c := range []struct {
		groups [Groups]Optional
		want   bool
	}{
		{[Groups]Optional{Some(1), Some(1), Some(0), Some(0)}, true},
		{[Groups]Optional{Some(0), Some(0), Some(1), Some(1)}, true},
		{[Groups]Optional{Some(1), none, none, Some(0)}, true},
		{[Groups]Optional{Some(1), Some(0), Some(0), Some(1)}, false}, // the spurious feature
		{[Groups]Optional{Some(1), Some(1), Some(1), Some(1)}, false},
		{[Groups]Optional{Some(1), Some(.9), Some(0), Some(0)}, false},
	} {
		p := fourGroups(make([]float64, Groups), make([]float64, Groups))
		m := p.summarise(by(tallied(c.groups)...))
		if got := m.OnlyClass; got != c.want {
			t.Errorf("%v: %v, want %v", c.groups, got, c.want)
		}
	}
}

// Against the attribute is wrong on most of either group where label and attribute agree, and right on most of the others;
// not merely worse on the former, nor with a group missing.
func TestOverCorrects(t *testing.T) {
	for _, c := range []struct {
		accuracy [Groups]float64 // -1 for none
		want     bool
	}{
		{[4]float64{.03, .68, .92, .02}, true}, {[4]float64{0, 1, 1, 0}, true},
		{[4]float64{.97, .98, .99, .96}, false}, {[4]float64{.4, .9, .9, .6}, false}, {[4]float64{.4, .5, .9, .4}, false},
		{[4]float64{0, -1, 1, 0}, false}, {[4]float64{1, 0, 0, 1}, false},
	} {
		var groups [Groups]Optional
		for g, a := range c.accuracy {
			groups[g] = Optional{a, a >= 0}
		}
		p := fourGroups(make([]float64, Groups), make([]float64, Groups))
		m := p.summarise(by(tallied(groups)...))
		if m.OverCorrects() != c.want || (len(m.Remarks()) > 0) != (c.want || m.OnlyClass) {
			t.Errorf("accuracies %v: %v, remarks %q", c.accuracy, !c.want, m.Remarks())
		}
	}
}

func TestMissing(t *testing.T) {
	for _, c := range []struct {
		shares [Groups]int
		want   string
	}{{[4]int{1, 2, 3, 4}, ""}, {[4]int{1, 0, 3, 4}, "01"}, {[4]int{1, 0, 0, 4}, "01 or 10"}, {[4]int{0, 0, 3, 0}, "00, 01 or 11"}} {
		if got := Missing(c.shares[:], func(g int) string { return GroupNames[g] }); got != c.want {
			t.Errorf("of %v %q is missing, want %q", c.shares, got, c.want)
		}
	}
}
