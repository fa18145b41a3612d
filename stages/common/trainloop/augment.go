package trainloop

import (
	"fmt"
	"slices"

	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
)

// AugmentSettings say how samples are changed at random each time they are trained on: the block `augment { ... }`. What is
// measured, selected by or fitted to is never changed.
type AugmentSettings struct {
	Flip  bool    `name:"flip" default:"false" doc:"Whether an image is mirrored, left for right, with probability one half."`
	Crop  int     `name:"crop" default:"0" min:"0" max:"1024" unit:"pixels" doc:"Each image gets so many pixels of 0 on all four sides, and its old size is cut out of that at a random place."`
	Noise float64 `name:"noise" default:"0" min:"0" doc:"Standard deviation of normal noise that is added to each number, after the rest."`
}

// Check reports what tags cannot say; path is where the block stands. s may be nil.
func (s *AugmentSettings) Check(path string) []stages.Problem {
	if s == nil || s.Flip || s.Crop > 0 || s.Noise > 0 {
		return nil
	}
	return []stages.Problem{{Path: path, Summary: "Nothing to augment by", Detail: "The block sets neither flip nor crop nor noise, so samples stay as they are. Set one of them, or leave the block out."}}
}

// augmented changes what another source gives.
type augmented struct {
	Source
	by     *AugmentSettings
	shape  dataset.Shape
	stream *kernel.Stream
	image  []float32
}

// Augmented gives the batches of a source with each row changed as the settings say: it is mirrored or not, cut out, and gets
// noise, drawn in this order row by row. Without settings it gives the source itself. The error says that the data has no images.
func Augmented(source Source, by *AugmentSettings, d *dataset.Description, stream *kernel.Stream) (Source, error) {
	if by == nil {
		return source, nil
	}
	if d.Shape == nil && (by.Flip || by.Crop > 0) {
		return nil, fmt.Errorf("augment: flip and crop are for images, but the data has no shape; give it one where it is made, or leave them out")
	}
	shape := d.Box()
	if by.Crop > 0 && (by.Crop >= shape.Height || by.Crop >= shape.Width) {
		return nil, fmt.Errorf("augment: crop = %d would leave nothing of some images of %v; make it less than height and width", by.Crop, shape)
	}
	return &augmented{Source: source, by: by, shape: shape, stream: stream, image: make([]float32, shape.Size())}, nil
}

func (s *augmented) Next(b *Batch) {
	b.samples = nil // what is there has been changed
	s.Source.Next(b)
	x, n := b.Numbers(), s.shape.Size()
	for row := range b.Rows {
		s.change(x[row*n : (row+1)*n])
	}
	b.Settle()
}

func (s *augmented) change(image []float32) {
	flip, down, right := false, 0, 0
	if s.by.Flip {
		flip = s.stream.IntN(2) == 1
	}
	if s.by.Crop > 0 {
		down, right = s.stream.IntN(2*s.by.Crop+1)-s.by.Crop, s.stream.IntN(2*s.by.Crop+1)-s.by.Crop
	}
	if flip {
		for line := range slices.Chunk(image, s.shape.Width) {
			slices.Reverse(line)
		}
	}
	if down != 0 || right != 0 {
		s.move(image, down, right)
	}
	if s.by.Noise > 0 {
		for i := range image {
			image[i] += float32(s.by.Noise * s.stream.Normal())
		}
	}
}

// move moves what an image shows up by down pixels and to the left by right, which may be negative; zeros come in.
func (s *augmented) move(image []float32, down, right int) {
	height, width := s.shape.Height, s.shape.Width
	clear(s.image)
	from, to := max(0, right), min(width, width+right)
	for c := range s.shape.Channels {
		for y := max(0, -down); y < min(height, height-down); y++ {
			copy(s.image[(c*height+y)*width+from-right:], image[(c*height+y+down)*width+from:(c*height+y+down)*width+to])
		}
	}
	copy(image, s.image)
}

// appendState and setState make an augmented source tell where it stands if the source that it changes can.
func (s *augmented) appendState(b []byte) []byte {
	return standerOf(s.Source).appendState(s.stream.AppendState(b))
}

func (s *augmented) setState(b []byte) (rest []byte, err error) {
	if b, err = s.stream.SetState(b); err != nil {
		return nil, err
	}
	return standerOf(s.Source).setState(b)
}
