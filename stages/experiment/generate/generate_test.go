package generate

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/datalaw"
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
	// nestedCase has functions of functions, and one that is too long to list.
	nestedCase = `{"dimensions": 100, "core": {"type": "xor", "of": {"type": "not", "of": {"type": "parity", "degree": 30}}, "with": {"type": "and", "degree": 2}},
		"spurious": {"type": "compose", "outer": {"type": "majority", "degree": 3}, "inner": [{"type": "parity", "degree": 2},
		{"type": "threshold", "weights": [1, 0.5, 0.5]}, {"type": "not", "of.type": "tribes", "of.width": 2, "of.count": 2}]},
		"strength": 0.8, "seed": 4, "samples": 200, "validation": 100, "validation_law": "balanced", "fourier_terms": 5, "noise_rate": 0.25}`
)

func cases() []stagetest.Case {
	return []stagetest.Case{{Name: "design", Settings: design}, {Name: "hard", Settings: hard}, {Name: "table", Settings: table}, {Name: "nested", Settings: nestedCase}}
}

func TestKind(t *testing.T) { stagetest.Conform(t, Kind, cases()...) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, cases()[0], map[string]string{
		"dataset":   "d2f452784590fb248c986f12e69273109a3043aee593cabfc2b981c4f6986939",
		"functions": "b5a1483e39409e50174c86dc869728c43a98e12fd9b2c4ba3f995e14796a2042", "fourier": "d4243ecfccb2c765f38e8d25b6bf69ffb48491f55e2fcebec2661f44a96f6ee2", "influences": "11e806468e83860fc1056c2d292be43951a7dd6134b7ab9bd7a5fb52d4f8bcc8",
		"groups": "d86d70be297083c9dda76f0a23f5a91c0a1f6bc88f7405a40a1facfd9fd0e08d",
		"law":    "eef8e01c2841abf95ae5deb01adacf8d0dbebaf641fc4e1a16debdfc6936e447",
	})
	stagetest.Golden(t, Kind, cases()[2], map[string]string{
		"dataset":   "410035d21204b0f4bfe235ca59bc6388aa8e7ea5690ac5e4671d5a2e804ee9be",
		"functions": "5e1b6129a3a2016457a680f268407ba68bd8024703acb31fd39f8d19578a3732", "fourier": "0b85e0eba4266a110a1ed3f78039472eaecc5d04a305a0e1328e884e11eecd97", "influences": "afde27e9a4a8f6128b1460af39700e78e28bba43059bbe7043a8a21dcf7ebbbb",
		"groups": "7b206ce20588aa2fc972685ac55a69ca05712ba904a43e03976a4a9664715f3a",
		"law":    "fb1a74c7a3e61d81cf2892e304fb3289f730111eae396c2d9eb197e4b158e5ca",
	})
	stagetest.Golden(t, Kind, cases()[3], map[string]string{"dataset": "ab623cf5d243deaf66c135464db75e8126434cc4bce1297db8562038adc712c2", "groups": "a6943e49554cf5118ae3dacbf00d02a1dde12fe301988540796dfe65b704df49", "law": "c66055481fd4204692120312faa984d71e72e303fc76e0e6d6d49f368396923b", "functions": "63e0347e11c295096a58bad52c94ea3bdab62d8256a4423258dc87db52c5b242", "fourier": "d631b2e109c188722d2eb6ecc9e6c8e2de460dc7a2faccca75e0b7662bc8663c", "influences": "189896f3ba76487abeb09f32d2a6d72f8cc45c2589ce3d9ba53a07147febd824"})
}

func readDataset(t *testing.T, tables map[string]*frame.Table) *dataset.Dataset {
	t.Helper()
	d, err := dataset.FromTable(tables["dataset"])
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDesignExampleIsFresh(t *testing.T) {
	tables := stagetest.Run(t, Kind, design, nil)
	d := readDataset(t, tables)
	if !d.Fresh() || d.Validation != nil || d.Test != nil || tables["groups"].Rows() != 0 {
		t.Errorf("%+v", d)
	}
	if d.Law.Independent != 44 || d.Law.Strength != 0.75 || d.Law.Variant != datalaw.Paper || d.Law.CoreLength != 4 {
		t.Errorf("%+v", d.Law)
	}
}

func TestLawTable(t *testing.T) {
	tables := stagetest.Run(t, Kind, hard, nil)
	law := tables["law"]
	if law.Rows() != 1 {
		t.Fatalf("%d rows", law.Rows())
	}
	// Values for Hard Staircase as published, to their digits; package datalaw recomputes them.
	for name, want := range map[string]float64{
		"mass_00": .25505, "mass_01": .05193, "mass_10": .04807, "mass_11": .64495, "strength": .9,
		"uniform_mass_00": .14900, "uniform_mass_11": .37678, "label_probability": .6930, "attribute_probability": .6969,
		"core_probability": .604736, "spurious_probability": .623047, "constant_accuracy": .6930, "spurious_accuracy": .9,
	} {
		if got := law.Column(name).Float64s[0]; math.Abs(got-want) > 5.1e-5 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if got := law.Column("core_function").Strings.At(0); got != "staircase(14)" {
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
	d := readDataset(t, tables)
	if d.Train.Rows != 60000 || d.Validation.Rows != 1001 || d.Test.Rows != 10000 || d.Fresh() {
		t.Fatalf("%d, %d, %d rows", d.Train.Rows, d.Validation.Rows, d.Test.Rows)
	}
	l := &dataset.Ledger{}
	var balanced [4]int
	for _, g := range d.Validation.Groups(l, dataset.Evaluation) {
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
		split := d.Split(dataset.Split(groups.Column("split").Strings.At(i)))
		n := int64(0)
		for _, g := range split.Groups(l, dataset.Evaluation) {
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
	rows := func(settings string, split dataset.Split) []uint64 {
		return readDataset(t, stagetest.Run(t, Kind, settings, nil)).Split(split).Packed()
	}
	more := strings.Replace(table, `"samples": 300`, `"samples": 301, "validation": 50`, 1)
	if !slices.Equal(rows(table, dataset.TestSplit), rows(more, dataset.TestSplit)) {
		t.Errorf("the test set depends on the others")
	}
	if slices.Equal(rows(table, dataset.TestSplit), rows(strings.Replace(table, `"seed": 2`, `"seed": 3`, 1), dataset.TestSplit)) {
		t.Errorf("the test set does not depend on the seed")
	}
	if a := rows(table, dataset.TrainSplit); slices.Equal(a[:200], rows(table, dataset.TestSplit)) {
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
	if !slices.Equal(core.Nested.Label.OneOf, []string{"parity", "staircase", "majority", "truth_table",
		"threshold", "and", "or", "tribes", "random", "polynomial", "not", "xor", "compose"}) {
		t.Errorf("%v", core.Nested.Label.OneOf)
	}
	for _, a := range core.Nested.Attributes[1:] {
		if want := a.Name == "table"; a.Applies("truth_table") != want {
			t.Errorf("%s applies to truth_table: %v", a.Name, !want)
		}
	}
	if a := Kind.Schema().Attribute("seed"); a.DefaultAxis != "seed" || a.Required {
		t.Errorf("%+v", a)
	}
}

// TestFeatures reads the tables on functions whose values are known.
func TestFeatures(t *testing.T) {
	tables := stagetest.Run(t, Kind, hard, nil)
	f := tables["functions"]
	if f.Rows() != 2 || tables["influences"].Rows() != 24 || tables["fourier"].Rows() != 64 {
		t.Fatalf("%d, %d, %d rows", f.Rows(), tables["influences"].Rows(), tables["fourier"].Rows())
	}
	for i, want := range []struct {
		function string
		mean     float64
		degree   int64
	}{{"staircase(14)", .20947265625, 14}, {"staircase(10)", .24609375, 10}} {
		if f.Column("function").Strings.At(i) != want.function || f.Column("mean").Float64s[i] != want.mean ||
			f.Column("fourier_degree").Int64s[i] != want.degree || f.Column("leap").Int64s[i] != 1 || f.Column("unknown").Nulls() != 2 {
			t.Errorf("row %d is not %+v", i, want)
		}
	}
	first := tables["fourier"]
	for i, set := range []string{"{}", "{1}", "{1,2}"} {
		if first.Column("set").Strings.At(i) != set || first.Column("coefficient").Float64s[i] != .20947265625 || first.Column("rank").Int64s[i] != int64(i+1) {
			t.Errorf("row %d of fourier: %s, %v", i, first.Column("set").Strings.At(i), first.Column("coefficient").Float64s[i])
		}
	}
	tables = stagetest.Run(t, Kind, design, nil)
	f = tables["functions"]
	for i, d := range []float64{4, 2} {
		if f.Column("total_influence").Float64s[i] != d || f.Column("leap").Int64s[i] != int64(d) || f.Column("support").Int64s[i] != 1 ||
			math.Abs(f.Column("noise_sensitivity").Float64s[i]-(1-math.Pow(.8, d))/2) > 1e-15 {
			t.Errorf("row %d of the parities is wrong", i)
		}
	}
	if s := tables["fourier"]; s.Rows() != 2 || s.Column("set").Strings.At(0) != "{1,2,3,4}" || s.Column("set_size").Int64s[1] != 2 {
		t.Errorf("fourier of the parities: %v", s.Column("set").Strings.Rows())
	}
}

// TestNestedFunctions: what is too long to list is said to be unknown, with the reason, and is sampled all the same.
func TestNestedFunctions(t *testing.T) {
	tables := stagetest.Run(t, Kind, nestedCase, nil)
	f := tables["functions"]
	if got := f.Column("function").Strings.Rows(); got[0] != "xor(not(parity(30)), and(2))" || got[1] != "compose(majority(3), [parity(2), threshold([1,0.5,0.5]), not(tribes(2, 2))])" {
		t.Errorf("functions %q", got)
	}
	for _, name := range []string{"fourier_degree", "leap", "support", "total_influence", "noise_stability", "noise_sensitivity"} {
		if c := f.Column(name); !c.Null(0) || c.Null(1) {
			t.Errorf("%s: null %v, %v", name, c.Null(0), c.Null(1))
		}
	}
	if c := f.Column("unknown"); c.Null(0) || !c.Null(1) || tables["fourier"].Rows() != 5 {
		t.Errorf("unknown: %v; %d rows of fourier", c.Strings.Rows(), tables["fourier"].Rows())
	}
	d := readDataset(t, tables)
	law := datasettest.Compile(t, d.Law)
	labels, attributes := make([]int16, 200), make([]int16, 200)
	law.Evaluate(d.Train.Packed(), labels, attributes)
	l := &dataset.Ledger{}
	if !slices.Equal(labels, d.Train.Labels(l, dataset.Evaluation)) || !slices.Equal(attributes, d.Train.Attributes(l, dataset.Evaluation)) {
		t.Errorf("labels or attributes are not the functions' values")
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		stagetest.Run(b, Kind, hard, nil)
	}
}

// TestMemory bounds all that is allocated on the way to the file, whether it is collected or not: 1.5 bytes a coordinate, most
// of it in buffers of one group of rows.
func TestMemory(t *testing.T) {
	const rows = 1 << 18
	settings, err := stagetest.Settings(Kind, fmt.Sprintf(`{"dimensions": 200, "core": {"type": "parity", "degree": 4}, "spurious": {"type": "parity", "degree": 2},
		"strength": 0.75, "seed": 1, "samples": %d, "validation": %d, "validation_law": "balanced"}`, rows*3/4, rows/4))
	if err != nil {
		t.Fatal(err)
	}
	before := allocated()
	err = Kind.Run(t.Context(), &stages.Run{Settings: settings, Progress: func(done, total int64) {}, Write: func(_ string, table *frame.Table) error {
		_, err := frame.Encode(table)
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := (allocated() - before) / rows; got > 300 {
		t.Errorf("%d bytes are allocated for a sample of 200 bits", got)
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
