package compose

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
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
		d.Set(s)
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

func TestGolden(t *testing.T) {
	c := composed["dominoes"]
	stagetest.Golden(t, Kind, stagetest.Case{Name: "dominoes", Settings: c.settings, Inputs: c.inputs(t)}, map[string]string{
		"dataset": "b0b385e1fd18844d25e5ed11f33e8b4df5870368915422e06cae44413b2dc134", "groups": "d4d0420ba044dfac9d65519b2ac30dc072e4eca24d3542e9b1ccf3ab4e80e64c"})
	c = coloured["points"]
	stagetest.Golden(t, Colour, stagetest.Case{Name: "points", Settings: c.settings, Inputs: c.images(t)}, map[string]string{
		"dataset": "406587cc3138c4cbd940d26efbf61e6f559f34eb0922213a79500689a8dcec3a", "groups": "727f866a494eeb0ebd18b37ff81618c88da1c977b5ef3b5c4c9d482cdcb57ff0"})
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
		if got := s.Labels(l, dataset.Making); !slices.Equal(got, w.Labels) {
			t.Errorf("%s, %s: labels %v, want %v", name, s.Split, got, w.Labels)
		}
		if got := s.Attributes(l, dataset.Making); !slices.Equal(got, w.Attributes) {
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

// TestShares counts groups: exactly round(n_y (1-strength)) of a class get another attribute.
func TestShares(t *testing.T) {
	c := composed["beside"]
	groups := stagetest.Run(t, Kind, `{"layout": "beside", "strength": 0.6, "pairs": ["n", "l", "o"], "seed": 5}`, c.inputs(t))["groups"]
	type class struct {
		split string
		label int64
	}
	strengths := map[string]float64{"train": .6, "validation": .6, "test": 1. / 4} // four attributes, equally frequent in test
	others, all := map[class]int64{}, map[class]int64{}
	for i := range groups.Rows() {
		if split, share := groups.Column("split").Strings.At(i), groups.Column("majority_share").Float64s[i]; share != strengths[split] {
			t.Errorf("%s has a majority_share of %v", split, share)
		}
		k, n := class{groups.Column("split").Strings.At(i), groups.Column("label").Int64s[i]}, groups.Column("samples").Int64s[i]
		all[k] += n
		if !groups.Column("majority").Bools[i] {
			others[k] += n
		}
	}
	for k, n := range all {
		if others[k] != int64(math.RoundToEven(float64(n)*(1-strengths[k.split]))) {
			t.Errorf("%v: %d of %d samples have another attribute", k, others[k], n)
		}
	}
	if groups.Column("strength") != nil {
		t.Error("groups has a column strength, which an axis of that name would contradict in the test split")
	}
	if len(all) != 9 || groups.Column("group_name").Strings.At(3) != "d/o" {
		t.Errorf("%d classes, group 3 is %q", len(all), groups.Column("group_name").Strings.At(3))
	}
}

// TestParts: each part of an input is that of its source.
func TestParts(t *testing.T) {
	for name, c := range composed {
		d, err := dataset.FromTable(stagetest.Run(t, Kind, c.settings, c.inputs(t))["dataset"])
		if err != nil {
			t.Fatal(err)
		}
		core, spurious := d.Part(dataset.CorePart), d.Part(dataset.SpuriousPart)
		if name == "overlay" {
			if core != nil || spurious != nil {
				t.Errorf("overlay: %v and %v, which are mixed", core, spurious)
			}
			continue
		}
		all := append(d.Coordinates(core), d.Coordinates(spurious)...)
		slices.Sort(all)
		if len(slices.Compact(all)) != d.Dimensions {
			t.Errorf("%s: the parts have %d coordinates of %d", name, len(slices.Compact(all)), d.Dimensions)
		}
	}
}

// TestSigns: Boolean data put beside each other stay Boolean, and real numbers are real.
func TestSigns(t *testing.T) {
	law := datasettest.Easy(.5)
	a := datasettest.Finite(t, law, 1, datasettest.Sizes{Train: 30, Test: 10})
	b := datasettest.Finite(t, law, 2, datasettest.Sizes{Train: 30, Test: 30})
	run := func(a, b *dataset.Dataset) *dataset.Dataset {
		d, err := dataset.FromTable(stagetest.Run(t, Kind, `{"layout": "beside", "strength": 0.9, "seed": 1}`, stagetest.Inputs{"core": stagetest.Built(t, a), "spurious": stagetest.Built(t, b)})["dataset"])
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := run(a, b)
	x, y := make([]float32, 12), make([]float32, 6)
	for row := range d.Train.Rows {
		d.Train.Inputs(x, row, 1)
		a.Train.Inputs(y, row, 1)
		if !slices.Equal(x[:6], y) {
			t.Fatalf("row %d begins with %v, not with %v", row, x[:6], y)
		}
	}
	if !d.Train.Signs() || d.Shape != nil || d.Law != nil || d.GroupName(1) != "01" {
		t.Errorf("signs %v, shape %v, law %v, groups %q", d.Train.Signs(), d.Shape, d.Law, d.GroupName(1))
	}
	c := run(a, source(t, 1, 2, large, dataset.Shape{Channels: 1, Height: 1, Width: 4}))
	if c.Train.Signs() || c.Dimensions != 10 {
		t.Errorf("%d dimensions, signs %v", c.Dimensions, c.Train.Signs())
	}
}

func TestRefuses(t *testing.T) {
	square, wide := dataset.Shape{Channels: 1, Height: 4, Width: 4}, dataset.Shape{Channels: 1, Height: 4, Width: 6}
	fresh := datasettest.Fresh(.9)
	for _, c := range []struct {
		settings       string
		core, spurious *dataset.Dataset
		says           string
	}{
		{`{"strength": 0.9, "seed": 1}`, source(t, 1, 2, sizes, square), source(t, 2, 2, large, wide), `layout = "stack" needs one width, but core has 4 and spurious 6 pixels: set resize`},
		{`{"strength": 0.9, "seed": 1}`, source(t, 1, 2, sizes, square), source(t, 2, 3, large, square), `core has 2 classes and spurious 3, so which goes with which must be said: set pairs, such as pairs = ["c", "d"]`},
		{`{"strength": 0.9, "seed": 1, "pairs": ["c", "x"]}`, source(t, 1, 2, sizes, square), source(t, 2, 2, large, square), `spurious has no class "x"; its classes are "c", "d"`},
		{`{"strength": 0.9, "seed": 1, "samples": 42}`, source(t, 1, 2, sizes, square), source(t, 2, 2, large, square), `train: 42 samples are wanted, but core has 41`},
		{`{"strength": 0.9, "seed": 1, "reuse": false}`, source(t, 1, 2, large, square), source(t, 2, 2, sizes, square), `of the class`},
		{`{"strength": 0.9, "seed": 1}`, source(t, 1, 2, sizes, square), source(t, 2, 2, map[dataset.Split]int{dataset.TrainSplit: 9}, square), `validation: core has samples of this split, but spurious has none`},
		{`{"strength": 0.9, "seed": 1, "validation": 5}`, source(t, 1, 2, map[dataset.Split]int{dataset.TrainSplit: 9}, square), source(t, 2, 2, large, square), `validation: 5 samples are wanted, but core has none`},
		{`{"strength": 0.9, "seed": 1}`, fresh, source(t, 2, 2, large, square), `input "core": the data set has no training samples`},
		{`{"layout": "overlay", "at": [1, 0], "strength": 0.9, "seed": 1}`, source(t, 1, 2, sizes, wide), source(t, 2, 2, large, square), `goes beyond the core input`},
		{`{"strength": 0.9, "seed": 1}`, datasettest.Finite(t, datasettest.Easy(.5), 1, datasettest.Sizes{Train: 9}), datasettest.Finite(t, datasettest.Easy(.5), 1, datasettest.Sizes{Train: 9}), `use layout = "beside"`},
	} {
		_, err := stagetest.Try(t.Context(), Kind, c.settings, stagetest.Inputs{"core": stagetest.Built(t, c.core), "spurious": stagetest.Built(t, c.spurious)})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.settings, err, c.says)
		}
	}
	for settings, says := range map[string]string{
		`{"strength": 0.9, "seed": 1, "at": [1, 2]}`:                          "at is for layout",
		`{"strength": 0.9, "seed": 1, "opacity": 0.5}`:                        "opacity is for layout",
		`{"layout": "overlay", "strength": 0.9, "seed": 1, "at": [1]}`:        "not 1 numbers",
		`{"layout": "overlay", "strength": 0.9, "seed": 1, "at": [1, 2, 3]}`:  "not 3 numbers",
		`{"layout": "overlay", "strength": 0.9, "seed": 1, "opacity": 0}`:     "opacity",
		`{"layout": "overlay", "strength": 1.5, "seed": 1, "opacity": 0.125}`: "strength",
	} {
		if _, err := stagetest.Settings(Kind, settings); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", settings, err, says)
		}
	}
}

func TestColourRefuses(t *testing.T) {
	square := dataset.Shape{Channels: 1, Height: 4, Width: 4}
	for _, c := range []struct {
		settings string
		data     *dataset.Dataset
		says     string
	}{
		{`{"strength": 0.9, "seed": 1, "colours": ["#000001", "#000002"]}`, source(t, 1, 3, sizes, square), "2 colours for 3 classes"},
		{`{"strength": 0.9, "seed": 1, "points": 17}`, source(t, 1, 3, sizes, square), "points = 17, but there are 16 pixels"},
		{`{"strength": 0.9, "seed": 1}`, source(t, 1, 3, sizes, dataset.Shape{Channels: 2, Height: 4, Width: 4}), "images of 2 channels"},
		{`{"strength": 0.9, "seed": 1}`, datasettest.Finite(t, datasettest.Easy(.5), 1, datasettest.Sizes{Train: 9}), "they have no shape"},
	} {
		_, err := stagetest.Try(t.Context(), Colour, c.settings, stagetest.Inputs{"data": stagetest.Built(t, c.data)})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.settings, err, c.says)
		}
	}
	for settings, says := range map[string]string{
		`{"strength": 0.9, "seed": 1, "colours": ["red", "#000002"]}`:     `"red" is not #rrggbb`,
		`{"strength": 0.9, "seed": 1, "colours": ["#000002", "#000002"]}`: "stands twice",
		`{"strength": 0.9, "seed": 1, "patch": 2, "points": 5}`:           "A patch of 2 x 2 has 4 pixels, not 5",
	} {
		if _, err := stagetest.Settings(Colour, settings); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", settings, err, says)
		}
	}
}

// The default colours lie equally far from each other on the circle of hues.
func TestHues(t *testing.T) {
	if got := [][3]uint8{hue(0, 5), hue(1, 5), hue(2, 5), hue(3, 5), hue(4, 5)}; !reflect.DeepEqual(got, [][3]uint8{{255, 0, 0}, {204, 255, 0}, {0, 255, 102}, {0, 102, 255}, {204, 0, 255}}) {
		t.Errorf("five hues are %v", got)
	}
	if got := [][3]uint8{hue(0, 3), hue(1, 3), hue(2, 3)}; !reflect.DeepEqual(got, [][3]uint8{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}}) {
		t.Errorf("three hues are %v", got)
	}
}
