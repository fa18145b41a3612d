package debias

import (
	"context"
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/kernel"
)

func cells(s string) []int16 {
	c := make([]int16, len(s))
	for i := range s {
		c[i] = int16(s[i] - '0')
	}
	return c
}

// The minority of a partition is what lies outside the largest cell of its class.
func TestMinorityOfAPartition(t *testing.T) {
	for _, c := range []struct{ name, labels, cells, want string }{
		{"environments", "0000111", "0010110", "0010001"},
		{"clusters of classes", "0000111", "0012344", "0011100"},
		{"one cell", "0011", "0000", "0000"},
		{"equal cells: the first is the majority", "0011", "0110", "0110"},
		{"one class", "000", "122", "100"},
	} {
		p := Partition{5, cells(c.cells)}
		for i, got := range p.Minority(cells(c.labels)) {
			if got != (c.want[i] == '1') {
				t.Errorf("%s: sample %d is of the minority: %v", c.name, i, got)
			}
		}
	}
}

func TestCrossedPartition(t *testing.T) {
	p := Partition{2, cells("0110")}
	crossed, err := p.crossed(cells("0011"), 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := cells("0132"); crossed.Count != 4 || string8(crossed.Cells) != string8(want) || string8(p.Cells) != "0110" {
		t.Errorf("%v, of %v", crossed, p)
	}
	if p.Used() != 2 || crossed.Used() != 4 || (Partition{3, cells("22")}).Used() != 1 {
		t.Error("cells with samples are counted wrongly")
	}
}

// Cells are numbered from class to class, up to the largest number of an int16; more are an error that says what to do.
func TestCellsOfClasses(t *testing.T) {
	o := &outputClusters{samples: 3, classes: []classClusters{{rows: []int32{2}, clusters: []int{32766}, count: 32767}, {}, {rows: []int32{0}, clusters: []int{0}, count: 1}}}
	if p, err := o.partition(); err != nil || p.Count != 1<<15 || !slices.Equal(p.Cells, []int16{32767, 0, 32766}) {
		t.Errorf("the cells are %v of %d, error %v", p.Cells, p.Count, err)
	}
	o.classes[1] = classClusters{rows: []int32{1}, clusters: []int{0}, count: 1}
	if _, err := o.partition(); err == nil || !contains(err.Error(), "max_clusters lower") {
		t.Errorf("of more cells than are allowed the error is %v", err)
	}
	if _, err := (Partition{182, make([]int16, 3)}).crossed(make([]int16, 3), 182); err == nil || !contains(err.Error(), "fewer classes") {
		t.Errorf("of more classes with cells than are allowed the error is %v", err)
	}
}

func string8(cells []int16) string {
	text := make([]byte, len(cells))
	for i, c := range cells {
		text[i] = '0' + byte(c)
	}
	return string(text)
}

// The index agrees with its definition by pairs of samples: with pairs counted as together or apart
// in either partition, it is (observed - expected) / (largest - expected) of those together in both.
func TestRandIndexByPairs(t *testing.T) {
	stream := kernel.NewStream(1, "rand")
	for range 200 {
		n := 2 + stream.IntN(12)
		labels, attributes, in := make([]int16, n), make([]int16, n), make([]int16, n)
		for i := range n {
			labels[i], attributes[i], in[i] = int16(stream.IntN(2)), int16(stream.IntN(2)), int16(stream.IntN(3))
		}
		var sum, samples float64
		for class := range int16(2) {
			var together, cell, attribute, all, rows float64
			for i := range n {
				if labels[i] != class {
					continue
				}
				rows++
				for j := range i {
					if labels[j] != class {
						continue
					}
					all++
					if in[i] == in[j] {
						cell++
					}
					if attributes[i] == attributes[j] {
						attribute++
					}
					if in[i] == in[j] && attributes[i] == attributes[j] {
						together++
					}
				}
			}
			if expected := cell * attribute / max(all, 1); (cell+attribute)/2-expected > 1e-9 {
				sum += rows * (together - expected) / ((cell+attribute)/2 - expected)
				samples += rows
			}
		}
		got := Partition{3, in}.RandIndex(labels, attributes)
		if got.Valid != (samples > 0) || got.Valid && math.Abs(got.Value-sum/samples) > 1e-12 {
			t.Fatalf("labels %v, attributes %v, cells %v: index %v, by pairs %v of %v", labels, attributes, in, got, sum, samples)
		}
	}
}

func TestRandIndexOfKnownPartitions(t *testing.T) {
	labels, attributes := cells("00001111"), cells("00110111")
	for _, c := range []struct {
		name, cells string
		want        evaluation.Optional
	}{
		{"the groups", "00113222", evaluation.Some(1)},
		{"the attributes", "00110111", evaluation.Some(1)},
		{"the classes", "00001111", evaluation.Some(0)},
		{"across the attributes", "01010111", evaluation.Some((-.5 + 1) / 2)},
	} {
		if got := (Partition{4, cells(c.cells)}).RandIndex(labels, attributes); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := (Partition{1, cells("0000")}).RandIndex(cells("0011"), cells("0011")); got.Valid {
		t.Errorf("where nothing is divided the index is %v", got)
	}
}

// A partition that is the true groups trains to the bits of the methods that are told them.
func TestPartitionEqualToTheGroups(t *testing.T) {
	defer func(m []*Method) { methods = m }(methods)
	d := finiteData(t, easyLaw(.9), 200)
	for _, settings := range []string{
		`{"name": "group_dro", "rate": 0.5, "size_adjustment": 2}`, `{"name": "group_dro", "batches": "natural"}`, `{"name": "group_dro", "batches": "sampling"}`,
		`{"name": "group_balance"}`, `{"name": "group_balance", "by": "strata"}`, `{"name": "group_balance", "by": "upsampling"}`, `{"name": "group_balance", "by": "weights"}`,
	} {
		told := lastModel(t, run1(t, d, settings, ""))
		original := methods
		for _, known := range []*Method{groupDRO, groupBalance} {
			inferring := *known
			inferring.Run = func(ctx context.Context, trial *Trial) error {
				cells := byCells("cell", numbered(4), trial.Groups())
				if known == groupDRO {
					return trial.robust(ctx, cells)
				}
				return trial.balance(ctx, cells)
			}
			methods = append([]*Method{&inferring}, methods...)
		}
		if got := lastModel(t, run1(t, d, settings, "")); got != told {
			t.Errorf("%s: another network than with the groups", settings)
		}
		methods = original
	}
}

// Whatever the data, methods that infer cells say what they found and train to the end: without a
// minority, with one class, with a handful of samples, fewer than a batch or than clusters.
func TestInferringMethodsOnOddData(t *testing.T) {
	whole := finiteData(t, easyLaw(.9), 200)
	some := func(keep func(row int, y, s int16) bool) *dataset.Dataset {
		d := *whole
		d.Train = datasettest.Only(t, d.Train, keep)
		return &d
	}
	one := slices.Index(whole.Train.Labels(&dataset.Ledger{}, dataset.Evaluation), 1)
	for name, d := range map[string]*dataset.Dataset{
		"no minority": finiteData(t, easyLaw(1), 200), "one class": some(label1), "three samples": some(func(row int, _, _ int16) bool { return row < 3 }),
		"one sample": some(func(row int, _, _ int16) bool { return row == one }),
	} {
		for _, method := range []string{
			`"name": "eiil"`, `"name": "eiil", "crossed": true`, `"name": "eiil", "inference": "adam", "inference_steps": 20, "objective": "irm"`,
			`"name": "spare"`, `"name": "spare", "clusters": 4`, `"name": "george"`, `"name": "george", "clusters": 4, "clustering": "kmeans", "reduction": "none", "size_adjustment": 1`,
			`"name": "george", "reduction": "hardness", "components": 2`,
		} {
			out := run1(t, d, `{`+method+`, "first_steps": 20}`, "")
			if s := out["summary"]; value(t, s, "step", 0) != int64(60) || value(t, s, "diverged_step", 0) != nil {
				t.Errorf("%s, %s: the last step is %v, diverged at %v", name, method, value(t, s, "step", 0), value(t, s, "diverged_step", 0))
			}
			if i := out["inference"]; value(t, i, "used", -1) != true || value(t, i, "points", -1) != int64(d.Train.Rows) {
				t.Errorf("%s, %s: used %v, of %v points", name, method, value(t, i, "used", -1), value(t, i, "points", -1))
			}
		}
	}
}
