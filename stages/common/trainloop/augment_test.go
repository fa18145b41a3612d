package trainloop

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
)

func changed(t *testing.T, source Source, by AugmentSettings, d *dataset.Dataset) Source {
	t.Helper()
	s, err := Augmented(source, &by, &d.Description, stream())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each row is one of the images that mirroring and cutting can give of its sample, all of them come, and as often as they should.
func TestAugmentedRowsAreThoseOfTheSettings(t *testing.T) {
	d := datasettest.Images(t, datasettest.Sizes{Train: 4})
	s := *d.Shape
	by := AugmentSettings{Flip: true, Crop: 1}
	source := changed(t, Whole(d.Train), by, d)
	x := make([]float32, s.Size())
	counts := map[int32]map[int]int{}
	var b Batch
	const draws = 1800
	for range draws {
		source.Next(&b)
		for i, row := range b.Index {
			d.Train.Inputs(x, int(row), 1)
			found := -1
			for way := range 18 {
				flip, down, right := way%2 == 1, way/2%3-1, way/6-1
				same := true
				for at := range x {
					c, y, column := at/(s.Height*s.Width), at/s.Width%s.Height, at%s.Width
					y, column = y+down, column+right
					want := float32(0)
					if y >= 0 && y < s.Height && column >= 0 && column < s.Width {
						if flip {
							column = s.Width - 1 - column
						}
						want = x[(c*s.Height+y)*s.Width+column]
					}
					same = same && b.X[i*s.Size()+at] == want
				}
				if same {
					found = way
				}
			}
			if found < 0 {
				t.Fatalf("row %d is no mirrored or cut image of its sample", row)
			}
			if counts[row] == nil {
				counts[row] = map[int]int{}
			}
			counts[row][found]++
		}
	}
	for row, ways := range counts {
		for way := range 18 { // binomial, of mean 100 and deviation 9.7
			if n := ways[way]; math.Abs(float64(n)-draws/18) > 5*9.7 {
				t.Errorf("row %d: way %d came %d times of %d", row, way, n, draws)
			}
		}
	}
}

func TestAugmentedNoise(t *testing.T) {
	d := datasettest.Images(t, datasettest.Sizes{Train: 200})
	source := changed(t, Shuffled(d.Train, All(200), 50, stream()), AugmentSettings{Noise: .25}, d)
	x := make([]float32, d.Dimensions)
	sum, squares, n := 0.0, 0.0, 0.0
	var b Batch
	for range 8 {
		source.Next(&b)
		for i, row := range b.Index {
			d.Train.Inputs(x, int(row), 1)
			for at, v := range x {
				e := float64(b.X[i*d.Dimensions+at] - v)
				sum, squares, n = sum+e, squares+e*e, n+1
			}
		}
	}
	if mean, deviation := sum/n, math.Sqrt(squares/n); math.Abs(mean) > 5*.25/math.Sqrt(n) || math.Abs(deviation-.25) > 5*.25/math.Sqrt(2*n) {
		t.Errorf("noise of mean %v and deviation %v over %v numbers", mean, deviation, n)
	}
}

// An augmented source goes on where another of the same stood.
func TestAugmentedSourceGoesOn(t *testing.T) {
	d := datasettest.Images(t, datasettest.Sizes{Train: 11})
	begin := func() Source {
		return changed(t, Shuffled(d.Train, All(11), 4, stream()), AugmentSettings{Flip: true, Crop: 2, Noise: .1}, d)
	}
	first, second := begin(), begin()
	var b, c Batch
	for range 5 {
		first.Next(&b)
	}
	state, ok := AppendSource(nil, first)
	if !ok {
		t.Fatal("it cannot tell where it stands")
	}
	if rest, err := SetSource(second, state); err != nil || len(rest) > 0 {
		t.Fatal(rest, err)
	}
	for range 5 {
		first.Next(&b)
		second.Next(&c)
		if !slices.Equal(b.X, c.X) || !slices.Equal(b.Index, c.Index) {
			t.Fatal("it goes on otherwise")
		}
	}
	if _, ok := AppendSource(nil, changed(t, Renewed(d.Train, func(int) []int32 { return All(11) }, 4, stream()), AugmentSettings{Flip: true}, d)); ok {
		t.Error("a source whose list changes tells where it stands")
	}
}

func TestAugmentingWhatCannotBe(t *testing.T) {
	images, points := datasettest.Images(t, datasettest.Sizes{Train: 4}), datasettest.Corners(t, 2, datasettest.Sizes{Train: 4})
	for _, c := range []struct {
		by   AugmentSettings
		d    *dataset.Dataset
		want string
	}{
		{AugmentSettings{Flip: true}, points, "the data has no shape"},
		{AugmentSettings{Crop: 5}, images, "crop = 5 would leave nothing of some images of 2 x 6 x 5"},
	} {
		if _, err := Augmented(Whole(c.d.Train), &c.by, &c.d.Description, stream()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.by, err, c.want)
		}
	}
	if _, err := Augmented(Whole(points.Train), &AugmentSettings{Noise: 1}, &points.Description, stream()); err != nil {
		t.Errorf("noise on points: %v", err)
	}
	if ps := (&AugmentSettings{}).Check("augment"); len(ps) != 1 {
		t.Errorf("a block that sets nothing: %v", ps)
	}
}
