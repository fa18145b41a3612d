package compose

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// Where images are coloured.
const (
	background = "background"
	foreground = "foreground"
)

// ColourSettings say how images are coloured.
type ColourSettings struct {
	On      string   `name:"on" default:"background" oneof:"background,foreground" doc:"What is coloured. background: pixels that are 0, as SpuCoMNIST does; foreground: every pixel is its grey value times the colour, as Colored MNIST does."`
	Colours []string `name:"colours" default:"[]" doc:"The colours as #rrggbb, first the one that goes with the first class, and so on; there may be more than classes. Empty: as many hues as classes, of full saturation and equal distance, from red on."`
	Patch   int      `name:"patch" default:"0" min:"0" unit:"pixels" doc:"Side of the square at the top left in which alone pixels are coloured; 0: the whole image. SpuCoMNIST's magnitudes are 0 (large), 4 (medium) and 2 (small)."`
	Points  int      `name:"points" default:"0" min:"0" unit:"pixels" doc:"How many pixels of the patch are coloured, drawn anew for each image; 0: all. SpuCoMNIST's variances are patch = 7 (low), and points = 49 with patch = 14 (medium) and 28 (high)."`

	Strength           float64  `name:"strength" min:"0" max:"1" doc:"The confounder strength λ: the share of a class's training samples whose colour is the one that goes with the class."`
	ValidationStrength *float64 `name:"validation_strength" min:"0" max:"1" doc:"The same for the validation set; strength if not given."`
	TestStrength       *float64 `name:"test_strength" min:"0" max:"1" doc:"The same for the test set; if not given, all colours are equally frequent. Colored MNIST tests on .1."`
	Mixing             string   `name:"mixing" default:"exact" oneof:"exact,bernoulli" doc:"exact: of n samples of a class, round(n (1 - strength)) get another colour; bernoulli: each sample by itself, with that probability."`
	LabelNoise         float64  `name:"label_noise" default:"0" min:"0" max:"1" doc:"Share of a split's samples that get another label, before the colour is chosen for it; .25 in Colored MNIST. No network can be right on more than the rest by the image alone."`
	Seed               int64    `name:"seed" default:"each.seed" doc:"Seed of what is drawn."`
}

// Check implements the Checker of package stages.
func (s *ColourSettings) Check() []stages.Problem {
	var problems []stages.Problem
	for i, text := range s.Colours {
		if _, err := colourOf(text); err != nil {
			problems = append(problems, stages.Problem{Path: "colours", Summary: "Not a colour", Detail: fmt.Sprintf("Colour %d: %v.", i+1, err)})
		}
		if slices.Contains(s.Colours[:i], text) {
			problems = append(problems, stages.Problem{Path: "colours", Summary: "A colour is given twice", Detail: fmt.Sprintf("%s stands twice in colours, so two values of the attribute would look alike.", text)})
		}
	}
	if s.Points > 0 && s.Patch > 0 && s.Points > s.Patch*s.Patch {
		problems = append(problems, stages.Problem{Path: "points", Summary: "More points than the patch has",
			Detail: fmt.Sprintf("A patch of %d x %d has %d pixels, not %d.", s.Patch, s.Patch, s.Patch*s.Patch, s.Points)})
	}
	return problems
}

// Colour colours images.
//
//	in   data     images, grey or RGB, as bytes
//	out  dataset  the same images, coloured
//	out  groups   1 row for each split and group
//
// Splits are drawn from streams of their own ("train colour", ...), in the order: label noise, attributes, points.
var Colour = stages.Define(stages.Kind{
	Name:    "colour",
	Version: 2,
	Doc: `Colours images: the colour is a spurious attribute that goes with the class for a share strength (λ) of the samples.

SpuCoMNIST (Joshi et al. 2023) is five classes of two digits each, which import makes with keep, on coloured backgrounds.
Colored MNIST (Arjovsky et al. 2019) is two classes with on = "foreground" and label_noise = 0.25.

Images must be bytes, of one channel or three; they get three. Column data_row of the data set tells which row of the source's split a sample
was made of, clean_label its label without noise. An attribute that the source has is left out.`,
	Inputs:  []stages.Input{{Name: "data", Type: dataset.Type, Doc: "The images."}},
	Outputs: []stages.Output{datasetOutput, groupsOutput},
	Labels:  slices.Concat([]stages.LabelUse{{Mark: frame.MarkSplit, Purpose: dataset.Making}}, dataset.Reading),
}, runColour)

func runColour(ctx context.Context, s *ColourSettings, r *stages.Run) error {
	d, err := read(r, "data")
	if err != nil {
		return err
	}
	p, err := s.painter(d)
	if err != nil {
		return fmt.Errorf("colour: %w", err)
	}
	made := &made{Dataset: dataset.Dataset{Description: p.out}}
	for _, from := range d.Finite() {
		if err := p.paint(ctx, s, from, made, r); err != nil {
			return err
		}
	}
	return made.write(r, "data_row", "", func(split dataset.Split) float64 {
		return strengthOf(split, s.Strength, s.ValidationStrength, s.TestStrength, len(p.colours))
	})
}

// A painter colours the samples of a data set.
type painter struct {
	out          dataset.Description
	from         dataset.Shape
	colours      [][3]uint8
	onForeground bool
	patch        []int32 // its pixels, row by row
}

func (s *ColourSettings) painter(d *dataset.Dataset) (*painter, error) {
	p := &painter{out: d.Description, onForeground: s.On == foreground}
	if d.Shape == nil {
		return nil, fmt.Errorf("the inputs are no images: they have no shape")
	}
	p.from = *d.Shape
	if p.from.Channels != 1 && p.from.Channels != 3 {
		return nil, fmt.Errorf("images of %d channels; those of 1 or 3 can be coloured", p.from.Channels)
	}
	for _, split := range d.Finite() {
		if split.Raw().Bytes == nil {
			return nil, fmt.Errorf("the pixels of %s are not bytes", split.Split)
		}
	}
	var err error
	if p.colours, err = s.palette(d.ClassCount()); err != nil {
		return nil, err
	}
	for at := range int32(p.from.Height * p.from.Width) {
		if row, col := int(at)/p.from.Width, int(at)%p.from.Width; s.Patch == 0 || row < s.Patch && col < s.Patch {
			p.patch = append(p.patch, at)
		}
	}
	if s.Points > len(p.patch) {
		return nil, fmt.Errorf("points = %d, but there are %d pixels to choose from", s.Points, len(p.patch))
	}
	p.out.Shape = &dataset.Shape{Channels: 3, Height: p.from.Height, Width: p.from.Width}
	p.out.Dimensions = p.out.Shape.Size()
	p.out.Parts, p.out.Attributes = nil, nil
	values := make([]string, len(p.colours))
	for i, c := range p.colours {
		values[i] = fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2])
	}
	p.out.Attributes = []dataset.Attribute{{Name: "colour", Values: values}}
	p.out.Pairs = make([]int16, d.ClassCount())
	for y := range p.out.Pairs {
		p.out.Pairs[y] = int16(y)
	}
	return p, p.out.Check()
}

// palette gives the colours for so many classes.
func (s *ColourSettings) palette(classes int) ([][3]uint8, error) {
	if len(s.Colours) == 0 {
		list := make([][3]uint8, classes)
		for i := range list {
			list[i] = hue(i, classes)
		}
		return list, nil
	}
	if len(s.Colours) < classes {
		return nil, fmt.Errorf("%d colours for %d classes: each class needs one of its own", len(s.Colours), classes)
	}
	list := make([][3]uint8, len(s.Colours))
	for i, text := range s.Colours {
		list[i], _ = colourOf(text) // checked with the settings
	}
	return list, nil
}

// hue gives the i-th of n hues of the HSV circle, of full saturation and value.
func hue(i, n int) [3]uint8 {
	var c [3]uint8
	sixth := 6 * i / n              // of the circle
	part := 255 * (6*i - sixth*n)   // within it, times n
	rise := uint8((part + n/2) / n) // rounded
	switch sixth {
	case 0:
		c = [3]uint8{255, rise, 0}
	case 1:
		c = [3]uint8{255 - rise, 255, 0}
	case 2:
		c = [3]uint8{0, 255, rise}
	case 3:
		c = [3]uint8{0, 255 - rise, 255}
	case 4:
		c = [3]uint8{rise, 0, 255}
	default:
		c = [3]uint8{255, 0, 255 - rise}
	}
	return c
}

// colourOf reads #rrggbb.
func colourOf(text string) (c [3]uint8, err error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 16, 32)
	if err != nil || len(text) != 7 || text[0] != '#' {
		return c, fmt.Errorf("%q is not #rrggbb, such as #ff0000", text)
	}
	return [3]uint8{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

// paint adds a split.
func (p *painter) paint(ctx context.Context, s *ColourSettings, from *dataset.Samples, to *made, r *stages.Run) error {
	stream := kernel.NewStream(s.Seed, string(from.Split)+" colour")
	clean := from.Labels(&dataset.Ledger{}, dataset.Making)
	labels := noisy(clean, from.Classes(), s.LabelNoise, stream)
	m := &mixing{way: s.Mixing, pairs: p.out.Pairs, values: len(p.colours)}
	attributes := m.attributes(labels, strengthOf(from.Split, s.Strength, s.ValidationStrength, s.TestStrength, m.values), stream)
	raw, size := from.Raw(), p.out.Dimensions
	in := dataset.Inputs{Dimensions: size, Bytes: make([]uint8, from.Rows*size), Scale: raw.Scale, Offset: raw.Offset}
	places := make([]int32, len(p.patch))
	for row := range from.Rows {
		if row%1024 == 0 {
			r.Progress(int64(row), int64(from.Rows))
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		image := in.Bytes[row*size : (row+1)*size]
		put(image, *p.out.Shape, &place{from: p.from, repeat: 3 / p.from.Channels}, raw.Bytes[row*raw.Dimensions:(row+1)*raw.Dimensions], nil)
		p.colour(image, p.colours[attributes[row]], p.choose(places, s.Points, stream))
	}
	for _, y := range clean {
		to.clean = append(to.clean, int64(y))
	}
	return to.add(from.Split, in, labels, attributes, trainloop.All(from.Rows))
}

// noisy gives the labels, of which round(n share) are others: those of rows that a shuffle puts first, each drawn from the rest.
func noisy(labels []int16, classes int, share float64, stream *kernel.Stream) []int16 {
	if share == 0 {
		return labels
	}
	out := slices.Clone(labels)
	rows := trainloop.All(len(labels))
	kernel.Shuffle(rows, stream)
	for _, row := range rows[:int(math.RoundToEven(float64(len(rows))*share))] {
		other := int16(stream.IntN(classes - 1))
		if other >= out[row] {
			other++
		}
		out[row] = other
	}
	return out
}

// choose gives the pixels to colour: of the patch all, or some that are drawn without replacement. places is room for them.
func (p *painter) choose(places []int32, points int, stream *kernel.Stream) []int32 {
	if points == 0 {
		return p.patch
	}
	copy(places, p.patch)
	for i := range points { // the first steps of a shuffle
		j := i + stream.IntN(len(places)-i)
		places[i], places[j] = places[j], places[i]
	}
	return places[:points]
}

// colour colours pixels of an image [3, height, width].
func (p *painter) colour(image []uint8, c [3]uint8, places []int32) {
	plane := p.from.Height * p.from.Width
	for _, at := range places {
		pixel := [3]*uint8{&image[at], &image[int(at)+plane], &image[int(at)+2*plane]}
		if !p.onForeground && (*pixel[0] != 0 || *pixel[1] != 0 || *pixel[2] != 0) {
			continue
		}
		for k, v := range pixel {
			if p.onForeground {
				*v = uint8((int(*v)*int(c[k]) + 127) / 255)
			} else {
				*v = c[k]
			}
		}
	}
}
