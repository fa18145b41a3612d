package evaluation

import (
	"math"
	"testing"

	"spurion/artifacts/frame"
)

func TestSummarise(t *testing.T) {
	// Group accuracies 1, 1/4, 1/2, 3/4 and losses 1, 2, 3, 4; all by hand.
	tallies := [Groups]Tally{{4, 4, 4}, {8, 2, 16}, {2, 1, 6}, {4, 3, 16}}
	p := Population{Law: [Groups]float64{.4, .1, .2, .3}, Uniform: [Groups]float64{.25, .25, .25, .25}}
	m := Summarise(&tallies, &p)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"accuracy", m.Accuracy, .4 + .025 + .1 + .225},
		{"loss", m.Loss, .4 + .2 + .6 + 1.2},
		{"mean accuracy", m.MeanAccuracy.Value, 2.5 / 4},
		{"worst", m.WorstAccuracy.Value, .25},
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
	tallies := [Groups]Tally{{}, {2, 2, math.Inf(1)}, {2, 2, 0}, {}}
	p := Population{Law: [Groups]float64{0, 0, 1, 0}, Uniform: [Groups]float64{0, .5, .5, 0}, Exact: true}
	m := Summarise(&tallies, &p)
	if m.GroupAccuracy[0].Valid || m.GroupLoss[1].Valid || m.Loss != 0 || m.Worst != 1 || m.Core.Value != 1 || m.Spurious.Value != -1 || m.CoreError != Some(0) {
		t.Errorf("%+v", m)
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
		{[Groups]Optional{}, false},
	} {
		if got := (&Measures{GroupAccuracy: c.groups}).OneClass(); got != c.want {
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
		var m Measures
		for g, a := range c.accuracy {
			if a >= 0 {
				m.GroupAccuracy[g] = Some(a)
			}
		}
		if m.OverCorrects() != c.want || (len(m.Remarks()) > 0) != c.want {
			t.Errorf("accuracies %v: %v, remarks %q", c.accuracy, !c.want, m.Remarks())
		}
	}
}

func TestMissing(t *testing.T) {
	for _, c := range []struct {
		shares [Groups]int
		want   string
	}{{[4]int{1, 2, 3, 4}, ""}, {[4]int{1, 0, 3, 4}, "01"}, {[4]int{1, 0, 0, 4}, "01 or 10"}, {[4]int{0, 0, 3, 0}, "00, 01 or 11"}} {
		if got := Missing(GroupNames[:], c.shares[:]); got != c.want {
			t.Errorf("of %v %q is missing, want %q", c.shares, got, c.want)
		}
	}
}
