package neuralnet

import (
	"fmt"
	"slices"

	"spurion/stages/numeric/kernel"
)

// An Image is the part of a CNN before its hidden layers: it maps images to the numbers that these are given.
type Image struct {
	In, Out ImageShape
	// Layers are the convolutions and batch normalisations, in the order in which they are written, a residual's layers before its
	// shortcut's. A convolution of windows k x k of C channels has In = k k C: the weight from row y, column x, channel c of the
	// window is Weights[((y*k+x)*C+c)*Out+o]. A batch normalisation has In = 1; its Weights are the scales, its Biases the shifts.
	Layers []Layer

	text    string // the layers as a spec writes them
	ops     []imageOp
	windows []int // the size of each layer's windows: k k, or 1
}

// An imageOp is a layer with what is known of it once the image's shape is.
type imageOp struct {
	ImageLayer
	in, out    ImageShape
	layer      int // its place in Image.Layers; -1 for none
	main, side []imageOp
	// Of normalise: what a channel is multiplied with, and what is then added.
	factor, shift []float32
}

// String gives the layers as a spec writes them, such as [conv(16, 5), relu()].
func (m *Image) String() string { return m.text }

// conv gives the shape of a convolution of so many rows.
func (o *imageOp) conv(rows int) kernel.ConvShape {
	return kernel.ConvShape{Rows: rows, Height: o.in.Height, Width: o.in.Width, In: o.in.Channels, Out: o.out.Channels,
		Kernel: o.Kernel, Stride: o.Stride, Padding: o.Padding}
}

// pool gives the shape of the windows of a pool of so many rows.
func (o *imageOp) pool(rows int) kernel.PoolShape {
	s := kernel.PoolShape{Rows: rows, Height: o.in.Height, Width: o.in.Width, Channels: o.in.Channels,
		WindowHeight: o.Window, WindowWidth: o.Window, Stride: o.step()}
	if o.Type == GlobalPool {
		s.WindowHeight, s.WindowWidth, s.Stride = o.in.Height, o.in.Width, 1
	}
	return s
}

// newImage lays out the layers for images of a shape; weights are 0, scales and variances 1.
func newImage(s *NetworkSettings, in ImageShape) (*Image, error) {
	if ps := s.checkLayers(&in); len(ps) > 0 {
		return nil, fmt.Errorf("%s", ps[0].Detail)
	}
	m := &Image{In: in, text: layersText(s.Layers)}
	var err error
	if m.ops, m.Out, err = m.layOut(s.Layers, in, s.Bias); err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	return m, nil
}

func (m *Image) layOut(layers []ImageLayer, in ImageShape, bias bool) (ops []imageOp, out ImageShape, err error) {
	for i := range layers {
		op := imageOp{ImageLayer: layers[i], in: in, layer: -1}
		if op.out, err = layers[i].after(in); err != nil {
			return nil, out, err
		}
		switch op.Type {
		case Conv:
			l := Layer{In: op.Kernel * op.Kernel * in.Channels, Out: op.Channels}
			// The shift of a batch normalisation stands for the biases of a convolution before it.
			if bias && (i+1 == len(layers) || layers[i+1].Type != BatchNorm) {
				l.Biases = make([]float32, l.Out)
			}
			op.layer = m.add(l, op.Kernel*op.Kernel)
		case BatchNorm:
			c := in.Channels
			op.layer = m.add(Layer{In: 1, Out: c, Biases: make([]float32, c), Mean: make([]float32, c), Variance: slices.Repeat([]float32{1}, c)}, 1)
			copy(m.Layers[op.layer].Weights, m.Layers[op.layer].Variance)
		case Residual:
			if op.main, _, err = m.layOut(op.ImageLayer.Layers, in, bias); err != nil {
				return nil, out, err
			}
			if op.side, _, err = m.layOut(op.Shortcut, in, bias); err != nil {
				return nil, out, err
			}
		case Normalise:
			for c := range in.Channels {
				op.factor = append(op.factor, float32(1/op.Deviation[c]))
				op.shift = append(op.shift, float32(-op.Mean[c]/op.Deviation[c]))
			}
		}
		in = op.out
		if n := len(ops); op.Type == MaxPool && n > 0 && ops[n-1].Type == Rectify {
			// The largest number of a window rectified is the largest of the rectified, and fewer are so.
			relu := ops[n-1]
			relu.in, relu.out = op.out, op.out
			ops[n-1], op = op, relu
		}
		ops = append(ops, op)
	}
	return ops, in, nil
}

func (m *Image) add(l Layer, window int) (place int) {
	l.Weights = make([]float32, l.In*l.Out)
	m.Layers, m.windows = append(m.Layers, l), append(m.windows, window)
	return len(m.Layers) - 1
}

func (m *Image) clone() *Image {
	if m == nil {
		return nil
	}
	c := *m
	c.Layers = cloneLayers(m.Layers)
	return &c
}

// counted gives how many of the layers are of the types.
func counted(layers []ImageLayer, types ...string) int {
	n := 0
	for i := range layers {
		if slices.Contains(types, layers[i].Type) {
			n++
		}
		n += counted(layers[i].Layers, types...) + counted(layers[i].Shortcut, types...)
	}
	return n
}

// pixels sets dst [rows, height, width, channels] to src [rows, channels, height, width].
func pixels(dst, src []float32, rows int, s ImageShape) {
	area := s.Height * s.Width
	if s.Channels == 1 || area == 1 {
		copy(dst, src[:rows*s.Size()])
		return
	}
	for r := range rows {
		at := r * s.Size()
		kernel.Transpose(dst[at:], s.Channels, src[at:], area, s.Channels, area)
	}
}
