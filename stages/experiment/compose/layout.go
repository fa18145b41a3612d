package compose

import (
	"fmt"

	"spurion/stages/common/dataset"
)

// The ways to put two inputs together.
const (
	stack   = "stack"
	beside  = "beside"
	overlay = "overlay"
	channel = "channel"
)

// A layout says where two inputs lie in the one that is made of them.
type layout struct {
	shape          dataset.Shape
	flat           bool // neither input is an image
	core, spurious place
	opacity        float64 // of the spurious input: below 1 the core shows through
}

// A place is where an input lies.
type place struct {
	from                 dataset.Shape
	channel, row, column int // of its first number
	repeat               int // how often its channels are repeated: 3 turns grey into RGB
}

// arrange finds the layout of a core and a spurious input.
func (s *Settings) arrange(core, spurious *dataset.Description) (layout, error) {
	l := layout{flat: core.Shape == nil && spurious.Shape == nil, opacity: 1}
	l.core, l.spurious = place{from: core.Box(), repeat: 1}, place{from: spurious.Box(), repeat: 1}
	c, p := &l.core, &l.spurious
	if l.flat && (s.Layout == stack || s.Layout == channel) {
		return l, fmt.Errorf("layout = %q needs images, and the inputs have no shape: use layout = %q, which puts one after the other", s.Layout, beside)
	}
	if s.Layout != channel {
		if err := sameChannels(c, p); err != nil {
			return l, err
		}
	}
	l.shape = dataset.Shape{Channels: c.from.Channels * c.repeat, Height: c.from.Height, Width: c.from.Width}
	differ := func(side string, a, b int) error {
		return fmt.Errorf("layout = %q needs one %s, but core has %d and spurious %d pixels: set resize where they are imported", s.Layout, side, a, b)
	}
	if (s.Layout == beside || s.Layout == channel) && c.from.Height != p.from.Height {
		return l, differ("height", c.from.Height, p.from.Height)
	}
	if (s.Layout == stack || s.Layout == channel) && c.from.Width != p.from.Width {
		return l, differ("width", c.from.Width, p.from.Width)
	}
	switch s.Layout {
	case stack:
		p.row = c.from.Height
		l.shape.Height += p.from.Height
	case beside:
		p.column = c.from.Width
		l.shape.Width += p.from.Width
	case channel:
		p.channel = c.from.Channels
		l.shape.Channels += p.from.Channels
	case overlay:
		l.opacity = s.Opacity
		if len(s.At) == 2 {
			p.row, p.column = s.At[0], s.At[1]
		}
		if p.row+p.from.Height > c.from.Height || p.column+p.from.Width > c.from.Width {
			return l, fmt.Errorf("the spurious input of %d x %d at row %d, column %d goes beyond the core input of %d x %d: set at, or resize where it is imported",
				p.from.Height, p.from.Width, p.row, p.column, c.from.Height, c.from.Width)
		}
	}
	return l, nil
}

// sameChannels repeats those of a grey image beside an image of several.
func sameChannels(a, b *place) error {
	switch {
	case a.from.Channels == b.from.Channels:
	case a.from.Channels == 1:
		a.repeat = b.from.Channels
	case b.from.Channels == 1:
		b.repeat = a.from.Channels
	default:
		return fmt.Errorf("core has %d channels and spurious %d: set grey where they are imported", a.from.Channels, b.from.Channels)
	}
	return nil
}

// parts tells where the features are: nothing of the core where the spurious input lies over it, and nothing of either where
// they are mixed.
func (l *layout) parts() []dataset.Part {
	over := l.spurious.row < l.core.from.Height && l.spurious.column < l.core.from.Width && l.spurious.channel == 0
	if over && l.opacity < 1 {
		return nil
	}
	parts := []dataset.Part{l.spurious.part(dataset.SpuriousPart)}
	if !over {
		parts = append([]dataset.Part{l.core.part(dataset.CorePart)}, parts...)
	}
	return parts
}

func (p *place) part(name string) dataset.Part {
	return dataset.Part{
		Name:     name,
		Channels: [2]int{p.channel, p.channel + p.from.Channels*p.repeat},
		Rows:     [2]int{p.row, p.row + p.from.Height},
		Columns:  [2]int{p.column, p.column + p.from.Width},
	}
}

// put writes an input, [channels, height, width], where it belongs in one of the layout's shape; mix gives what a number becomes
// that lies over another, nil the number itself.
func put[T any](to []T, shape dataset.Shape, p *place, from []T, mix func(under, over T) T) {
	f := p.from
	for c := range f.Channels * p.repeat {
		for y := range f.Height {
			source := from[(c%f.Channels*f.Height+y)*f.Width:][:f.Width]
			target := to[((p.channel+c)*shape.Height+p.row+y)*shape.Width+p.column:][:f.Width]
			if mix == nil {
				copy(target, source)
				continue
			}
			for x, over := range source {
				target[x] = mix(target[x], over)
			}
		}
	}
}
