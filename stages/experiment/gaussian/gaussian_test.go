package gaussian

import (
	"encoding/json"
	"errors"
	"flag"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/stagetest"
)

var update = flag.Bool("update", false, "write golden files anew")

const (
	small = `{"dimensions": 6, "core_noise": 0.5, "spurious_noise": 0.25, "train": [6, 3, 0, 5], "seed": 3}`
	birds = `{"dimensions": 24, "core_length": 4, "spurious_length": 8, "core_noise": 1.5, "spurious_noise": 1, "noise": 1.5,
		"train": [3498, 184, 56, 1057], "validation": [467, 466, 133, 133], "test": [2255, 2255, 642, 642], "seed": 1}`
)

func cases() []stagetest.Case {
	return []stagetest.Case{{Name: "small", Settings: small}, {Name: "birds", Settings: birds}}
}

func TestConform(t *testing.T) { stagetest.Conform(t, Kind, cases()...) }

func TestGolden(t *testing.T) { stagetest.GoldenFiles(t, Kind, *update, cases()...) }

func drawn(t *testing.T, settings string) (*dataset.Dataset, map[string]*frame.Table) {
	t.Helper()
	tables := stagetest.Run(t, Kind, settings, nil)
	d, err := dataset.FromTable(tables["dataset"])
	if err != nil {
		t.Fatal(err)
	}
	return d, tables
}

// TestGroups: groups are as large as was asked for, in the data and in the table of groups, and mixed.
func TestGroups(t *testing.T) {
	d, tables := drawn(t, birds)
	for i, want := range [][]int{{3498, 184, 56, 1057}, {467, 466, 133, 133}, {2255, 2255, 642, 642}} {
		split := dataset.Splits[i]
		got := make([]int, 4)
		first := 0
		for row, g := range d.Split(split).Groups(&dataset.Ledger{}, dataset.Evaluation) {
			got[g]++
			if row < total(want)/2 && g == 0 {
				first++
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: groups of %v, want %v", split, got, want)
		}
		if share := float64(first) / float64(want[0]); math.Abs(share-.5) > .1 {
			t.Errorf("%s: %v of group 00 are in the first half", split, share)
		}
		for g, n := range want {
			if said := stagetest.Value(t, tables["groups"], "samples", 4*i+g); said != int64(n) {
				t.Errorf("%s: the table says %v of group %d, want %d", split, said, g, n)
			}
		}
	}
	if core, spurious := d.Part(dataset.CorePart), d.Part(dataset.SpuriousPart); core == nil || spurious == nil || core.Columns != [2]int{0, 4} || spurious.Columns != [2]int{4, 12} {
		t.Errorf("parts %+v", d.Parts)
	}
}

// TestMoments compares the mean and the deviation of each coordinate in each group with the law, at five standard errors.
func TestMoments(t *testing.T) {
	d, _ := drawn(t, birds)
	s, n := d.Test, d.Dimensions
	x := make([]float32, s.Rows*n)
	s.Inputs(x, 0, s.Rows)
	groups := s.Groups(&dataset.Ledger{}, dataset.Evaluation)
	for g, size := range []float64{2255, 2255, 642, 642} {
		for j := range n {
			mean, deviation := 0.0, 1.5/math.Sqrt(12)
			switch {
			case j < 4:
				mean, deviation = float64(g>>1*2-1), 1.5
			case j < 12:
				mean, deviation = float64(g&1*2-1), 1
			}
			var sum, squares float64
			for i, at := range groups {
				if int(at) == g {
					v := float64(x[i*n+j]) - mean
					sum, squares = sum+v, squares+v*v
				}
			}
			if z := sum / size / (deviation / math.Sqrt(size)); math.Abs(z) > 5 {
				t.Errorf("group %d, coordinate %d: the mean is off by %.1f standard errors", g, j, z)
			}
			if z := (squares/size/(deviation*deviation) - 1) / math.Sqrt(2/size); math.Abs(z) > 5 {
				t.Errorf("group %d, coordinate %d: the variance is off by %.1f standard errors", g, j, z)
			}
		}
	}
}

// TestLaw compares the exact accuracies with those of the two predictors on samples.
func TestLaw(t *testing.T) {
	d, tables := drawn(t, birds)
	s, n := d.Test, d.Dimensions
	x := make([]float32, s.Rows*n)
	s.Inputs(x, 0, s.Rows)
	right := map[string]float64{}
	labels, attributes := s.Labels(&dataset.Ledger{}, dataset.Evaluation), s.Attributes(&dataset.Ledger{}, dataset.Evaluation)
	sign := func(block []float32) int16 {
		sum := float32(0)
		for _, v := range block {
			sum += v
		}
		if sum > 0 {
			return 1
		}
		return 0
	}
	for i := range s.Rows {
		row := x[i*n:][:n]
		if sign(row[:4]) == labels[i] {
			right["core_accuracy"]++
		}
		if sign(row[4:12]) == attributes[i] {
			right["spurious_accuracy"]++
		}
	}
	for column, want := range map[string]float64{"core_accuracy": math.Erfc(-2/1.5/math.Sqrt2) / 2, "spurious_accuracy": math.Erfc(-math.Sqrt(8)/math.Sqrt2) / 2} {
		said := stagetest.Value(t, tables["law"], column, 0).(float64)
		if math.Abs(said-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", column, said, want)
		}
		if rows := float64(s.Rows); math.Abs(right[column]/rows-said) > 5*math.Sqrt(said*(1-said)/rows) {
			t.Errorf("%s is %v, and on samples %v", column, said, right[column]/rows)
		}
	}
	if said := stagetest.Value(t, tables["law"], "majority", 0); said != 4555./4795 {
		t.Errorf("majority is %v", said)
	}
}

// TestSplitsAreApart: the size of one split changes no sample of another.
func TestSplitsAreApart(t *testing.T) {
	with := func(test string) []float32 {
		d, _ := drawn(t, strings.Replace(small, `"seed"`, test+`"seed"`, 1))
		x := make([]float32, d.Train.Rows*d.Dimensions)
		d.Train.Inputs(x, 0, d.Train.Rows)
		return x
	}
	alone := with("")
	if !slices.Equal(alone, with(`"test": [1, 2, 3, 4], "validation": [2, 2, 2, 2], `)) {
		t.Error("a test set changes the training set")
	}
}

// TestTooLarge: what does not fit is refused before it is made.
func TestTooLarge(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 40))
	debug.SetMemoryLimit(64 << 20)
	_, err := stagetest.Try(t.Context(), Kind, `{"dimensions": 1024, "core_noise": 1, "spurious_noise": 1, "train": [4000, 1000, 1000, 4000]}`, nil)
	var large *frame.TooLargeError
	if !errors.As(err, &large) || !strings.Contains(err.Error(), "--memory") {
		t.Errorf("%v", err)
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		setting string
		value   any
		says    string
	}{
		{"dimensions", 1, "dimensions"},
		{"core_length", 6, "together more than the 6 dimensions"},
		{"train", []int{1, 2, 3}, "train has the samples of the groups"},
		{"validation", []int{1}, "four numbers, not 1"},
		{"test", []int{0, 0, 0, 0}, "test has no samples"},
		{"core_noise", 0, "core_noise"},
		{"train", []int{1e8, 1e8, 1e8, 1e8}, "2^31-1"},
	} {
		var settings map[string]any
		if err := json.Unmarshal([]byte(small), &settings); err != nil {
			t.Fatal(err)
		}
		settings[c.setting] = c.value
		text, err := json.Marshal(settings)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stagetest.Try(t.Context(), Kind, string(text), nil); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: want an error with %q, got %v", text, c.says, err)
		}
	}
}
