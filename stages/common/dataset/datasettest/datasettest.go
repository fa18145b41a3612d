// Package datasettest makes small data sets for tests.
package datasettest

import (
	"math"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// Law is a small biased law: every group has another mass.
func Law(t testing.TB) *datalaw.Compiled {
	t.Helper()
	return Compile(t, &datalaw.Law{
		Core: boolean.Function{Type: boolean.Staircase, Degree: 4}, Spurious: boolean.Function{Type: boolean.Majority, Degree: 2},
		CoreLength: 5, SpuriousLength: 3, Independent: 2, Strength: .8, Variant: datalaw.Paper,
	})
}

// Easy is a law on 6 coordinates that is enumerated, and that a small network learns in some hundred steps: y is
// the parity of the first two, s is the third.
func Easy(strength float64) *datalaw.Law {
	return &datalaw.Law{
		Core: boolean.Function{Type: boolean.Parity, Degree: 2}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 2, SpuriousLength: 1, Independent: 3, Strength: strength, Variant: datalaw.Paper,
	}
}

// Fresh is a data set of Easy without samples.
func Fresh(strength float64) *dataset.Dataset {
	return &dataset.Dataset{Description: dataset.Description{Law: Easy(strength), Dimensions: 6}}
}

// Compile compiles a law.
func Compile(t testing.TB, law *datalaw.Law) *datalaw.Compiled {
	t.Helper()
	c, err := law.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Sizes are the samples that the splits of a data set have; one of none does not exist.
type Sizes struct{ Train, Validation, Test int }

// Finite is a data set of a law with samples, each split from a stream of its own.
func Finite(t testing.TB, law *datalaw.Law, seed int64, n Sizes) *dataset.Dataset {
	t.Helper()
	c := Compile(t, law)
	d := &dataset.Dataset{Description: dataset.Description{Law: law, Dimensions: c.Dimensions()}}
	for _, s := range []struct {
		split dataset.Split
		rows  int
	}{{dataset.TrainSplit, n.Train}, {dataset.ValidationSplit, n.Validation}, {dataset.TestSplit, n.Test}} {
		if s.rows > 0 {
			d.Set(Draw(t, c, s.split, s.rows, kernel.NewStream(seed, string(s.split))))
		}
	}
	return d
}

// Drawn is a training set of a law.
func Drawn(t testing.TB, law *datalaw.Compiled, rows int) *dataset.Samples {
	t.Helper()
	return Draw(t, law, dataset.TrainSplit, rows, kernel.NewStream(1, "test data"))
}

// Draw gives samples of a law.
func Draw(t testing.TB, law *datalaw.Compiled, split dataset.Split, rows int, stream *kernel.Stream) *dataset.Samples {
	t.Helper()
	s, err := dataset.Draw(split, law, rows, stream)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Only gives the samples of s for which keep holds.
func Only(t testing.TB, s *dataset.Samples, keep func(row int, label, attribute int16) bool) *dataset.Samples {
	t.Helper()
	all, marks := s.Labels(&dataset.Ledger{}, dataset.Evaluation), s.Attributes(&dataset.Ledger{}, dataset.Evaluation)
	var rows []int32
	var labels, attributes []int16
	for row, y := range all {
		if keep(row, y, marks[row]) {
			rows, labels, attributes = append(rows, int32(row)), append(labels, y), append(attributes, marks[row])
		}
	}
	packed := make([]uint64, len(rows)*s.Words())
	s.GatherPacked(packed, rows)
	return pack(t, s.Split, s.Dimensions, packed, labels, attributes)
}

// Marked gives the samples of s with other labels and attributes.
func Marked(t testing.TB, s *dataset.Samples, as func(row int, label, attribute int16) (int16, int16)) *dataset.Samples {
	t.Helper()
	was, marks := s.Labels(&dataset.Ledger{}, dataset.Evaluation), s.Attributes(&dataset.Ledger{}, dataset.Evaluation)
	labels, attributes := make([]int16, s.Rows), make([]int16, s.Rows)
	for row := range labels {
		labels[row], attributes[row] = as(row, was[row], marks[row])
	}
	return pack(t, s.Split, s.Dimensions, s.Packed(), labels, attributes)
}

func pack(t testing.TB, split dataset.Split, dimensions int, packed []uint64, labels, attributes []int16) *dataset.Samples {
	t.Helper()
	s, err := dataset.Pack(split, dimensions, packed, labels, attributes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Corners is external data of K classes in the plane: class y lies about the angle 2πy/K. The attribute has two values, and
// goes with nothing.
func Corners(t testing.TB, classes int, n Sizes) *dataset.Dataset {
	t.Helper()
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: 2}}
	for y := range classes {
		d.Classes = append(d.Classes, string(rune('a'+y)))
	}
	for _, s := range []struct {
		split dataset.Split
		rows  int
	}{{dataset.TrainSplit, n.Train}, {dataset.ValidationSplit, n.Validation}, {dataset.TestSplit, n.Test}} {
		if s.rows == 0 {
			continue
		}
		stream := kernel.NewStream(5, string(s.split))
		in, marks := dataset.Inputs{Dimensions: 2}, dataset.Marks{Classes: classes, Values: 2}
		for i := range s.rows {
			angle := 2 * math.Pi * (float64(i%classes) + .4*stream.Float64()) / float64(classes)
			for _, x := range []float64{math.Cos(angle), math.Sin(angle)} {
				in.Floats = append(in.Floats, float32(x+.05*stream.Normal()))
			}
			marks.Labels, marks.Attributes = append(marks.Labels, int16(i%classes)), append(marks.Attributes, int16(i/classes%2))
		}
		samples, err := dataset.New(s.split, in, marks)
		if err != nil {
			t.Fatal(err)
		}
		d.Set(samples)
	}
	return d
}

// Mixed is external data of K classes and A values of the attribute, in four coordinates: the first two, the part "core", lie
// about the angle 2πy/K with noise, the others, the part "spurious", at the angle 2πs/A almost without. Of five samples of a
// class four have the attribute that goes with it, y mod A, and the others take turns.
func Mixed(t testing.TB, classes, values int, n Sizes) *dataset.Dataset {
	t.Helper()
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: 4}}
	box := func(name string, from int) dataset.Part {
		return dataset.Part{Name: name, Channels: [2]int{0, 1}, Rows: [2]int{0, 1}, Columns: [2]int{from, from + 2}}
	}
	d.Parts = []dataset.Part{box(dataset.CorePart, 0), box(dataset.SpuriousPart, 2)}
	for y := range classes {
		d.Classes, d.Pairs = append(d.Classes, string(rune('a'+y))), append(d.Pairs, int16(y%values))
	}
	shade := dataset.Attribute{Name: "shade"}
	for s := range values {
		shade.Values = append(shade.Values, string(rune('A'+s)))
	}
	d.Attributes = []dataset.Attribute{shade}
	d.Train, d.Validation, d.Test = mixed(t, d, dataset.TrainSplit, n.Train), mixed(t, d, dataset.ValidationSplit, n.Validation), mixed(t, d, dataset.TestSplit, n.Test)
	return d
}

func mixed(t testing.TB, d *dataset.Dataset, split dataset.Split, rows int) *dataset.Samples {
	t.Helper()
	if rows == 0 {
		return nil
	}
	stream := kernel.NewStream(7, string(split))
	classes, values := d.ClassCount(), d.ValueCount()
	in, marks := dataset.Inputs{Dimensions: 4}, dataset.Marks{Classes: classes, Values: values}
	at := func(k, of int, noise float64) {
		angle := 2 * math.Pi * float64(k) / float64(of)
		for _, x := range []float64{math.Cos(angle), math.Sin(angle)} {
			in.Floats = append(in.Floats, float32(x+float64(noise*stream.Normal())))
		}
	}
	for i := range rows {
		y := stream.IntN(classes)
		s := int(d.Pairs[y])
		if i%5 == 0 {
			s = i / 5 % values
		}
		marks.Labels, marks.Attributes = append(marks.Labels, int16(y)), append(marks.Attributes, int16(s))
		at(y, classes, .3)
		at(s, values, .05)
	}
	samples, err := dataset.New(split, in, marks)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// Unattributed gives the data set without attributes.
func Unattributed(t testing.TB, d *dataset.Dataset) *dataset.Dataset {
	t.Helper()
	c := *d
	for _, s := range []**dataset.Samples{&c.Train, &c.Validation, &c.Test} {
		if *s == nil {
			continue
		}
		marks := dataset.Marks{Classes: (*s).Classes(), Values: d.ValueCount(), Labels: (*s).Labels(&dataset.Ledger{}, dataset.Evaluation)}
		var err error
		if *s, err = dataset.New((*s).Split, (*s).Raw(), marks); err != nil {
			t.Fatal(err)
		}
	}
	return &c
}

// Images is external data of two classes and two values of the attribute, in images of 2 channels of 6 x 5 as bytes: of the
// first channel, the part "core", the upper or the lower half is light, of the second, the part "spurious", the left or the right,
// with noise. Of five samples of a class four have the attribute that goes with it.
func Images(t testing.TB, n Sizes) *dataset.Dataset {
	t.Helper()
	shape := dataset.Shape{Channels: 2, Height: 6, Width: 5}
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: shape.Size(), Shape: &shape}}
	box := func(name string, channel int) dataset.Part {
		return dataset.Part{Name: name, Channels: [2]int{channel, channel + 1}, Rows: [2]int{0, shape.Height}, Columns: [2]int{0, shape.Width}}
	}
	d.Parts = []dataset.Part{box(dataset.CorePart, 0), box(dataset.SpuriousPart, 1)}
	for _, s := range []struct {
		split dataset.Split
		rows  int
	}{{dataset.TrainSplit, n.Train}, {dataset.ValidationSplit, n.Validation}, {dataset.TestSplit, n.Test}} {
		if s.rows == 0 {
			continue
		}
		stream := kernel.NewStream(9, string(s.split))
		in, marks := dataset.Inputs{Dimensions: shape.Size(), Scale: 1. / 255}, dataset.Marks{Classes: 2, Values: 2}
		for i := range s.rows {
			label := stream.IntN(2)
			attribute := label
			if i%5 == 0 {
				attribute = 1 - label
			}
			marks.Labels, marks.Attributes = append(marks.Labels, int16(label)), append(marks.Attributes, int16(attribute))
			for at := range shape.Size() {
				y, x := at/shape.Width%shape.Height, at%shape.Width
				light := y/3 == label
				if at >= shape.Height*shape.Width {
					light = x/3 == attribute
				}
				value := stream.IntN(100)
				if light {
					value += 100
				}
				in.Bytes = append(in.Bytes, uint8(value))
			}
		}
		samples, err := dataset.New(s.split, in, marks)
		if err != nil {
			t.Fatal(err)
		}
		d.Set(samples)
	}
	return d
}
