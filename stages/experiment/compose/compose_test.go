package compose

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/stagetest"
)

// source makes a data set as testdata/mixing.py does.
func source(t testing.TB, salt, classes int, sizes map[dataset.Split]int, shape dataset.Shape) *dataset.Dataset {
	t.Helper()
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: shape.Size(), Shape: &shape}}
	for k := range classes {
		d.Classes = append(d.Classes, string(rune('a'+salt%16+k)))
	}
	for _, split := range dataset.Splits {
		n := sizes[split]
		if n == 0 {
			continue
		}
		labels, pixels := make([]int16, n), make([]uint8, 0, n*shape.Size())
		for i := range labels {
			labels[i] = int16((i*i + i/3 + salt) % classes)
			for j := range shape.Size() {
				v := 0
				if (i+j)%3 > 0 {
					v = (salt + 31*i + 7*j + int(labels[i])*j*j) % 256
				}
				pixels = append(pixels, uint8(v))
			}
		}
		s, err := dataset.New(split, dataset.Inputs{Dimensions: shape.Size(), Bytes: pixels, Scale: 1. / 255}, dataset.Marks{Classes: classes, Values: 2, Labels: labels})
		if err != nil {
			t.Fatal(err)
		}
		*map[dataset.Split]**dataset.Samples{dataset.TrainSplit: &d.Train, dataset.ValidationSplit: &d.Validation, dataset.TestSplit: &d.Test}[split] = s
	}
	return d
}

var (
	sizes = map[dataset.Split]int{dataset.TrainSplit: 41, dataset.ValidationSplit: 12, dataset.TestSplit: 23}
	large = map[dataset.Split]int{dataset.TrainSplit: 60, dataset.ValidationSplit: 60, dataset.TestSplit: 60}
)

// A mixed case is one of testdata/mixing.py.
type mixed struct {
	settings        string
	core, spurious  dataset.Shape
	classes, values int
}

var composed = map[string]mixed{
	"dominoes":      {`{"strength": 0.85, "seed": 1}`, dataset.Shape{Channels: 1, Height: 5, Width: 4}, dataset.Shape{Channels: 1, Height: 3, Width: 4}, 2, 2},
	"grey over rgb": {`{"strength": 0.9, "mixing": "bernoulli", "pairs": ["m", "l"], "seed": -7, "test_strength": 0.1}`, dataset.Shape{Channels: 1, Height: 2, Width: 4}, dataset.Shape{Channels: 3, Height: 3, Width: 4}, 2, 2},
	"beside":        {`{"layout": "beside", "strength": 0.6, "pairs": ["n", "l", "o"], "seed": 5, "samples": 30, "validation_strength": 0.25}`, dataset.Shape{Channels: 3, Height: 3, Width: 4}, dataset.Shape{Channels: 1, Height: 3, Width: 2}, 3, 4},
	"channel":       {`{"layout": "channel", "strength": 0.5, "reuse": false, "seed": 6, "samples": 20, "validation": 0, "test": 10}`, dataset.Shape{Channels: 1, Height: 3, Width: 4}, dataset.Shape{Channels: 2, Height: 3, Width: 4}, 2, 2},
	"overlay":       {`{"layout": "overlay", "strength": 0.75, "seed": 9, "at": [3, 2], "opacity": 0.3}`, dataset.Shape{Channels: 1, Height: 6, Width: 6}, dataset.Shape{Channels: 1, Height: 2, Width: 3}, 2, 2},
}

var coloured = map[string]mixed{
	"spuco":  {settings: `{"strength": 0.7, "seed": 2}`, classes: 5},
	"cmnist": {settings: `{"on": "foreground", "colours": ["#ff0000", "#00ff00"], "strength": 0.8, "mixing": "bernoulli", "label_noise": 0.25, "seed": 3, "test_strength": 0.1}`, classes: 2},
	"points": {settings: `{"colours": ["#010203", "#00c800", "#090909", "#fa0080"], "strength": 0.5, "patch": 4, "points": 5, "label_noise": 0.1, "seed": 4}`, classes: 3},
}

func (c mixed) inputs(t testing.TB) stagetest.Inputs {
	return stagetest.Inputs{
		"core":     stagetest.Built(t, source(t, 3, c.classes, sizes, c.core)),
		"spurious": stagetest.Built(t, source(t, 11, c.values, large, c.spurious)),
	}
}

func (c mixed) images(t testing.TB) stagetest.Inputs {
	return stagetest.Inputs{"data": stagetest.Built(t, source(t, 3, c.classes, sizes, dataset.Shape{Channels: 1, Height: 6, Width: 5}))}
}

func cases(t testing.TB, of map[string]mixed, inputs func(mixed, testing.TB) stagetest.Inputs) (list []stagetest.Case) {
	for name, c := range of {
		list = append(list, stagetest.Case{Name: name, Settings: c.settings, Inputs: inputs(c, t)})
	}
	slices.SortFunc(list, func(a, b stagetest.Case) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func TestConform(t *testing.T) { stagetest.Conform(t, Kind, cases(t, composed, mixed.inputs)...) }

func TestConformColour(t *testing.T) {
	stagetest.Conform(t, Colour, cases(t, coloured, mixed.images)...)
}

// An expected split is what testdata/mixing.py finds.
type expected struct {
	Core, Spurious     []int64
	Labels, Attributes []int16
	Pixels             string
}

// TestMixing compares rows, labels, attributes and pixels with those of an independent program.
func TestMixing(t *testing.T) {
	text, err := os.ReadFile("testdata/mixing.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Compose, Colour map[string]map[dataset.Split]expected
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for name, c := range composed {
		sameSplits(t, name, stagetest.Run(t, Kind, c.settings, c.inputs(t))["dataset"], want.Compose[name])
	}
	for name, c := range coloured {
		sameSplits(t, name, stagetest.Run(t, Colour, c.settings, c.images(t))["dataset"], want.Colour[name])
	}
}

func sameSplits(t *testing.T, name string, table *frame.Table, want map[dataset.Split]expected) {
	t.Helper()
	d, err := dataset.FromTable(table)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Finite()) != len(want) {
		t.Errorf("%s: %d splits, want %d", name, len(d.Finite()), len(want))
	}
	at := 0
	for _, s := range d.Finite() {
		w := want[s.Split]
		l := &dataset.Ledger{}
		if got := s.Labels(l, making); !slices.Equal(got, w.Labels) {
			t.Errorf("%s, %s: labels %v, want %v", name, s.Split, got, w.Labels)
		}
		if got := s.Attributes(l, making); !slices.Equal(got, w.Attributes) {
			t.Errorf("%s, %s: attributes %v, want %v", name, s.Split, got, w.Attributes)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(s.Raw().Bytes)); got != w.Pixels {
			t.Errorf("%s, %s: other pixels", name, s.Split)
		}
		for column, want := range map[string][]int64{"core_row": w.Core, "spurious_row": w.Spurious} {
			if c := table.Column(column); want != nil && !slices.Equal(c.Int64s[at:at+s.Rows], want) {
				t.Errorf("%s, %s: %s is %v, want %v", name, s.Split, column, c.Int64s[at:at+s.Rows], want)
			}
		}
		at += s.Rows
	}
}
