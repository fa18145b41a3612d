package generate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/boolean"
	"spurion/stages/data"
	"spurion/stages/stagetest"
)

const (
	// design is the example of the design document.
	design = `{"dimensions": 50, "core": {"type": "parity", "degree": 4}, "spurious": {"type": "parity", "degree": 2}, "strength": 0.75, "seed": 1}`
	// hard is the set Hard Staircase.
	hard = `{"dimensions": 34, "core": {"type": "staircase", "degree": 14}, "spurious": {"type": "staircase", "degree": 10},
		"spurious_length": 20, "strength": 0.9, "seed": 3, "samples": 60000, "validation": 1001, "validation_law": "balanced", "test": 10000}`
	table = `{"dimensions": 6, "core": {"type": "truth_table", "table": "0111"}, "spurious": {"type": "majority", "degree": 2},
		"strength": 0.25, "law": "repository", "seed": 2, "samples": 300, "test": 200, "test_law": "same"}`
)

func cases() []stagetest.Case {
	return []stagetest.Case{{Name: "design", Settings: design}, {Name: "hard", Settings: hard}, {Name: "table", Settings: table}}
}

func TestKind(t *testing.T) { stagetest.Conform(t, Kind, cases()...) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, cases()[0], map[string]string{
		"dataset": "cd86d627f18271235a4e2838b4fcfa2ebf4d24ca779f8918d83a51dc496e31f6",
		"groups":  "d86d70be297083c9dda76f0a23f5a91c0a1f6bc88f7405a40a1facfd9fd0e08d",
		"law":     "eef8e01c2841abf95ae5deb01adacf8d0dbebaf641fc4e1a16debdfc6936e447",
	})
	stagetest.Golden(t, Kind, cases()[2], map[string]string{
		"dataset": "70ed077c2e43c10ad6ac3915da73b25c6745405e17fa3779e1766158a5fe76ad",
		"groups":  "7b206ce20588aa2fc972685ac55a69ca05712ba904a43e03976a4a9664715f3a",
		"law":     "fb1a74c7a3e61d81cf2892e304fb3289f730111eae396c2d9eb197e4b158e5ca",
	})
}

func dataset(t *testing.T, tables map[string]*frame.Table) *data.Dataset {
	t.Helper()
	d, err := data.FromTable(tables["dataset"])
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDesignExampleIsFresh(t *testing.T) {
	tables := stagetest.Run(t, Kind, design, nil)
	d := dataset(t, tables)
	if !d.Fresh() || d.Validation != nil || d.Test != nil || tables["groups"].Rows() != 0 {
		t.Errorf("%+v", d)
	}
	if d.Law.Independent != 44 || d.Law.Strength != 0.75 || d.Law.Variant != boolean.Paper || d.Law.CoreLength != 4 {
		t.Errorf("%+v", d.Law)
	}
}

func TestLawTable(t *testing.T) {
	tables := stagetest.Run(t, Kind, hard, nil)
	law := tables["law"]
	if law.Rows() != 1 {
		t.Fatalf("%d rows", law.Rows())
	}
	// Values for Hard Staircase as published, to their digits; package boolean recomputes them.
	for name, want := range map[string]float64{
		"mass_00": .25505, "mass_01": .05193, "mass_10": .04807, "mass_11": .64495, "strength": .9,
		"uniform_mass_00": .14900, "uniform_mass_11": .37678, "label_probability": .6930, "attribute_probability": .6969,
		"core_probability": .604736, "spurious_probability": .623047, "constant_accuracy": .6930, "spurious_accuracy": .9,
	} {
		if got := law.Column(name).Float64s[0]; math.Abs(got-want) > 5.1e-5 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if got := law.Column("core_function").Strings[0]; got != "staircase(14)" {
		t.Errorf("core %s", got)
	}
}

// TestInformation checks the table's derived values on masses where they are known.
func TestInformation(t *testing.T) {
	get := func(strength string) func(string) float64 {
		law := stagetest.Run(t, Kind, strings.Replace(design, "0.75", strength, 1), nil)["law"]
		return func(name string) float64 { return law.Column(name).Float64s[0] }
	}
	for _, c := range []struct {
		strength         string
		phi, information float64
	}{
		{"1", 1, math.Ln2}, {"0", -1, math.Ln2}, {"0.5", 0, 0},
		{"0.75", 0.5, math.Ln2 + 0.75*math.Log(0.75) + 0.25*math.Log(0.25)},
	} {
		column := get(c.strength)
		for name, want := range map[string]float64{"label_attribute_phi": c.phi, "mutual_information": c.information, "label_entropy": math.Ln2} {
			if got := column(name); math.Abs(got-want) > 1e-14 {
				t.Errorf("strength %s: %s is %v, want %v", c.strength, name, got, want)
			}
		}
	}
}

func TestFiniteSets(t *testing.T) {
	tables := stagetest.Run(t, Kind, hard, nil)
	d := dataset(t, tables)
	if d.Train.Rows != 60000 || d.Validation.Rows != 1001 || d.Test.Rows != 10000 || d.Fresh() {
		t.Fatalf("%d, %d, %d rows", d.Train.Rows, d.Validation.Rows, d.Test.Rows)
	}
	l := &data.Ledger{}
	var balanced [4]int
	for _, g := range d.Validation.Groups(l, data.Evaluation) {
		balanced[g]++
	}
	if balanced != [4]int{251, 250, 250, 250} {
		t.Errorf("balanced groups %v", balanced)
	}
	groups := tables["groups"]
	if groups.Rows() != 12 {
		t.Fatalf("%d rows of groups", groups.Rows())
	}
	for i := range groups.Rows() {
		split := d.Split(data.Split(groups.Column("split").Strings[i]))
		n := int64(0)
		for _, g := range split.Groups(l, data.Evaluation) {
			if int64(g) == groups.Column("group").Int64s[i] {
				n++
			}
		}
		drawn, expected := groups.Column("drawn").Int64s[i], groups.Column("expected").Float64s[i]
		if drawn != n {
			t.Errorf("row %d: %d drawn, but %d in the data set", i, drawn, n)
		}
		// Six standard deviations: a right sampler fails once in 5e8 seeds.
		if math.Abs(float64(drawn)-expected) > 6*math.Sqrt(expected) {
			t.Errorf("row %d: %d drawn, %v expected", i, drawn, expected)
		}
	}
	// An input of the core block of probability p is among n samples with probability 1-(1-p)^n.
	seen := map[uint64]bool{}
	for _, row := range d.Train.Packed() {
		seen[row&(1<<14-1)] = true
	}
	ones := tables["law"].Column("core_probability").Float64s[0] * (1 << 14)
	y := tables["law"].Column("label_probability").Float64s[0]
	covered := func(inputs, mass float64) float64 { return inputs * (1 - math.Exp(60000*math.Log1p(-mass/inputs))) }
	if want := covered(ones, y) + covered(1<<14-ones, 1-y); math.Abs(float64(len(seen))-want) > 6*math.Sqrt(1<<14) {
		t.Errorf("%d core inputs are covered, %v expected", len(seen), want)
	}
}

// TestSetsAreIndependentOfEachOther: adding a set does not change the others, and the seed changes all.
func TestSetsAreIndependentOfEachOther(t *testing.T) {
	rows := func(settings string, split data.Split) []uint64 {
		return dataset(t, stagetest.Run(t, Kind, settings, nil)).Split(split).Packed()
	}
	more := strings.Replace(table, `"samples": 300`, `"samples": 301, "validation": 50`, 1)
	if !slices.Equal(rows(table, data.TestSplit), rows(more, data.TestSplit)) {
		t.Errorf("the test set depends on the others")
	}
	if slices.Equal(rows(table, data.TestSplit), rows(strings.Replace(table, `"seed": 2`, `"seed": 3`, 1), data.TestSplit)) {
		t.Errorf("the test set does not depend on the seed")
	}
	if a := rows(table, data.TrainSplit); slices.Equal(a[:200], rows(table, data.TestSplit)) {
		t.Errorf("the test set repeats the training set")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		settings string
		paths    []string
	}{
		{`{"dimensions": 5, "core": {"type": "parity", "degree": 4}, "spurious": {"type": "parity", "degree": 2}, "strength": 0.9}`, []string{"dimensions"}},
		{`{"dimensions": 9, "core": {"type": "parity", "degree": 4}, "spurious": {"type": "parity", "degree": 2}, "strength": 0.9, "core_length": 3, "spurious_length": 1}`, []string{"core_length", "spurious_length"}},
		{`{"dimensions": 9, "core": {"type": "truth_table", "table": "01a1"}, "spurious": {"type": "truth_table", "table": "011"}, "strength": 0.9}`, []string{"core.table", "spurious.table"}},
		{`{"dimensions": 9, "core": {"type": "truth_table", "table": "1"}, "spurious": {"type": "truth_table", "table": "1"}, "strength": 0.9}`, []string{"strength"}},
		{`{"dimensions": 9, "core": {"type": "truth_table", "table": "1"}, "spurious": {"type": "parity", "degree": 2}, "strength": 0.9, "test": 4, "test_law": "balanced"}`, []string{"test_law"}},
		{`{"dimensions": 60000, "core": {"type": "parity", "degree": 4}, "spurious": {"type": "parity", "degree": 2}, "strength": 0.9, "samples": 60000}`, []string{"samples"}},
	} {
		_, err := stagetest.Settings(Kind, c.settings)
		var paths []string
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				path, _, _ := strings.Cut(line, ":")
				paths = append(paths, path)
			}
		}
		if !slices.Equal(paths, c.paths) {
			t.Errorf("%s\nproblems with %v, want %v (%v)", c.settings, paths, c.paths, err)
		}
	}
	for _, good := range []string{
		`{"dimensions": 3, "core": {"type": "truth_table", "table": "1"}, "spurious": {"type": "parity", "degree": 2}, "strength": 1, "samples": 10}`,
		`{"dimensions": 70, "core": {"type": "parity", "degree": 64}, "core_length": 66, "spurious": {"type": "parity", "degree": 1}, "strength": 0, "samples": 10}`,
	} {
		stagetest.Run(t, Kind, good, nil)
	}
}

// TestSchema: functions are written as calls, with the arguments in order.
func TestSchema(t *testing.T) {
	core := Kind.Schema().Attribute("core")
	if core.Type != stages.Call || !core.Required || core.Nested.Label.Name != "type" {
		t.Fatalf("%+v", core)
	}
	if !slices.Equal(core.Nested.Label.OneOf, []string{"parity", "staircase", "majority", "truth_table"}) {
		t.Errorf("%v", core.Nested.Label.OneOf)
	}
	for _, a := range core.Nested.Attributes[1:] {
		if want := map[string]bool{"degree": false, "table": true}[a.Name]; a.Applies("truth_table") != want {
			t.Errorf("%s applies to truth_table: %v", a.Name, !want)
		}
	}
	if a := Kind.Schema().Attribute("seed"); a.DefaultAxis != "seed" || a.Required {
		t.Errorf("%+v", a)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		stagetest.Run(b, Kind, hard, nil)
	}
}
