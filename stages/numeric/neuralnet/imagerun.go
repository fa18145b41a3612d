package neuralnet

import (
	"fmt"

	"spurion/stages/numeric/kernel"
)

// An imageRun is the room for rows of images on their way through, and what training keeps for the gradients.
type imageRun struct {
	image *Image
	rows  int       // that there is room for
	part  int       // rows that go through all ops at a time, so that what is between them stays in a near cache
	x     []float32 // the input, pixel by pixel
	top   opsRun

	// Of training alone.
	train  bool
	states []layerState
	lowest int       // the first layer that learns; as many as there are if none does
	dOut   []float32 // the gradient of what the image gives, [rows, Out.Size()]
	fault  error     // of the last forward
}

// An opsRun is the room of ops that follow each other.
type opsRun struct {
	ops []opRun
	out []float32    // of the last op
	d   [2][]float32 // gradients between ops, in turns
}

// An opRun is the room of an op.
type opRun struct {
	*imageOp
	given      []float32 // [rows, in.Size()]
	made       []float32 // [rows, out.Size()]; it may be given
	main, side opsRun    // of residual
	places     []uint16  // of max_pool: which of a window was the largest
	mean, root []float32 // of batch_norm, by channel: the batch's mean, and one over the root of its variance
	// Of training: whether a layer of the op itself learns, and whether one before it does, which needs the gradient of given.
	learns, passes bool
}

// newImageRun makes room for rows of images. rates has a factor on the rate for each layer that is trained, 0 for a frozen
// one; it is nil for an evaluation.
func newImageRun(m *Image, rows int, rates []float64) *imageRun {
	r := &imageRun{image: m, rows: rows, x: make([]float32, rows*m.In.Size()), train: rates != nil}
	if r.train {
		r.states = make([]layerState, len(m.Layers))
		r.lowest = len(m.Layers)
		for i := len(m.Layers) - 1; i >= 0; i-- {
			if r.states[i].rate = rates[i]; rates[i] != 0 {
				r.lowest = i
			}
		}
	}
	r.part = rows
	if !r.train || !normalisesBatches(m.ops) {
		r.part = max(1, min(rows, partNumbers/widestOf(m.ops)))
	}
	r.top = r.room(m.ops, r.x, true, false)
	if r.learns() {
		r.dOut = make([]float32, rows*m.Out.Size())
	}
	return r
}

// partNumbers is about how many numbers an op of a part may make.
const partNumbers = 1 << 17

// widestOf gives the most numbers that an op is given or makes.
func widestOf(ops []imageOp) int {
	widest := 1
	for i := range ops {
		widest = max(widest, ops[i].in.Size(), ops[i].out.Size(), widestOf(ops[i].main), widestOf(ops[i].side))
	}
	return widest
}

// normalisesBatches reports whether an op needs all rows of a batch at once.
func normalisesBatches(ops []imageOp) bool {
	for i := range ops {
		if ops[i].Type == BatchNorm || normalisesBatches(ops[i].main) || normalisesBatches(ops[i].side) {
			return true
		}
	}
	return false
}

// learns reports whether some layer of the image does.
func (r *imageRun) learns() bool { return r != nil && r.train && r.lowest < len(r.image.Layers) }

// room makes that of ops that are given x. They may write over it if it is theirs alone; asked says that the gradient of x is
// needed.
func (r *imageRun) room(ops []imageOp, x []float32, own, asked bool) opsRun {
	s := opsRun{ops: make([]opRun, len(ops))}
	widest := 0
	for i := range ops {
		o := opRun{imageOp: &ops[i], given: x, learns: r.learnsIn(&ops[i]), passes: asked}
		inPlace := false
		switch o.Type {
		case Rectify:
			inPlace = own
		case Normalise:
			inPlace = own && (!r.train || i == 0) // what made x may need it for its gradient
		case BatchNorm:
			inPlace = own && !r.train
			o.mean, o.root = make([]float32, o.in.Channels), make([]float32, o.in.Channels)
		case MaxPool:
			if r.train {
				o.places = make([]uint16, r.rows*o.out.Size())
			}
		case Residual:
			o.main, o.side = r.room(o.imageOp.main, x, false, asked), r.room(o.imageOp.side, x, false, asked)
		}
		if o.made = x; !inPlace {
			o.made = make([]float32, r.rows*o.out.Size())
		}
		x, own, asked = o.made, true, asked || o.learns
		widest = max(widest, o.in.Size(), o.out.Size())
		s.ops[i] = o
	}
	s.out = x
	if r.learns() {
		for i := range s.d {
			s.d[i] = make([]float32, r.part*widest)
		}
	}
	return s
}

// forward gives what the image makes of x [rows, In.Size()], channel by channel: [rows, Out.Size()], valid until the next call.
func (r *imageRun) forward(x []float32, rows int) []float32 {
	pixels(r.x, x, rows, r.image.In)
	r.fault = nil
	for from := 0; from < rows; from += r.part {
		r.run(&r.top, from, min(from+r.part, rows))
	}
	return r.top.out[:rows*r.image.Out.Size()]
}

// run takes the rows from one to before another through ops.
func (r *imageRun) run(s *opsRun, from, to int) {
	for i := range s.ops {
		o := &s.ops[i]
		rows, begin := to-from, from*o.out.Size()
		x, z := o.given[from*o.in.Size():to*o.in.Size()], o.made[begin:to*o.out.Size()]
		switch o.Type {
		case Conv:
			l := &r.image.Layers[o.layer]
			kernel.Conv(z, x, l.Weights, l.Biases, o.conv(rows))
		case BatchNorm:
			r.normalise(o, z, x)
		case Rectify:
			if &z[0] != &x[0] {
				copy(z, x)
			}
			kernel.Relu(z)
		case MaxPool:
			var places []uint16
			if len(o.places) > 0 {
				places = o.places[begin:]
			}
			kernel.MaxPool(z, places, x, o.pool(rows))
		case AveragePool, GlobalPool:
			kernel.AveragePool(z, x, o.pool(rows))
		case Normalise:
			kernel.Affine(z, x, o.factor, o.shift)
		case Residual:
			r.run(&o.main, from, to)
			r.run(&o.side, from, to)
			side := x
			if len(o.side.ops) > 0 {
				side = o.side.out[begin : begin+len(z)]
			}
			kernel.Sum(z, o.main.out[begin:begin+len(z)], side)
		}
	}
}

// normalise is a batch normalisation's forward pass of x [values, channels].
func (r *imageRun) normalise(o *opRun, z, x []float32) {
	l := &r.image.Layers[o.layer]
	if !r.train {
		kernel.InverseRoots(o.root, l.Variance, o.Epsilon)
		kernel.Normalise(z, x, l.Mean, o.root, l.Weights, l.Biases)
		return
	}
	values := len(x) / l.Out
	if values < 2 {
		if r.fault == nil {
			r.fault = fmt.Errorf("%v is given a single number for each channel by a batch of one row, which has no variance; choose a batch size that leaves no last batch of one row", o.ImageLayer)
		}
		copy(z, x)
		return
	}
	kernel.Moments(o.mean, o.root, x)
	unbiased := float64(values) / float64(values-1)
	for c, v := range o.root {
		l.Mean[c] += float32(o.Momentum * float64(float64(o.mean[c])-float64(l.Mean[c])))
		l.Variance[c] += float32(o.Momentum * float64(float64(float64(v)*unbiased)-float64(l.Variance[c])))
	}
	kernel.InverseRoots(o.root, o.root, o.Epsilon)
	kernel.Normalise(z, x, o.mean, o.root, l.Weights, l.Biases)
}

// backward computes the gradients of the layers that learn from dOut, which it writes over.
func (r *imageRun) backward(rows int) {
	if !r.learns() {
		return
	}
	n := r.image.Out.Size()
	for from := 0; from < rows; from += r.part {
		to := min(from+r.part, rows)
		r.back(&r.top, r.dOut[from*n:to*n], from, to)
	}
}

// back goes down the ops from the gradient d of what they made, which it may write over. It gives the gradient of what they were
// given where that is needed.
func (r *imageRun) back(s *opsRun, d []float32, from, to int) []float32 {
	turn, rows := 0, to-from
	for i := len(s.ops) - 1; i >= 0; i-- {
		o := &s.ops[i]
		if !o.passes && !o.learns {
			return nil
		}
		x := o.given[from*o.in.Size() : to*o.in.Size()]
		next := s.d[turn][:len(x)]
		switch o.Type {
		case Conv:
			l, state := &r.image.Layers[o.layer], &r.states[o.layer]
			if o.learns {
				kernel.ConvWeights(state.dWeights, state.dBiases, x, d, o.conv(rows), from > 0)
			}
			if o.passes {
				kernel.ConvInputs(next, d, l.Weights, o.conv(rows))
			}
		case BatchNorm:
			l, state := &r.image.Layers[o.layer], &r.states[o.layer]
			kernel.NormaliseGradient(next, state.dWeights, state.dBiases, d, x, o.mean, o.root, l.Weights)
		case Rectify:
			kernel.ReluGradient(d, o.made[from*o.out.Size():])
			continue // in place
		case Normalise:
			kernel.Affine(d, d, o.factor, nil)
			continue
		case MaxPool:
			kernel.MaxPoolGradient(next, d, o.places[from*o.out.Size():], o.pool(rows))
		case AveragePool, GlobalPool:
			kernel.AveragePoolGradient(next, d, o.pool(rows))
		case Residual:
			main := o.main.d[1][:len(d)]
			copy(main, d)
			main = r.back(&o.main, main, from, to)
			if len(o.side.ops) > 0 {
				d = r.back(&o.side, d, from, to)
			}
			if o.passes {
				kernel.Sum(next, main, d)
			}
		}
		d, turn = next, 1-turn
	}
	return d
}

// learnsIn reports whether a layer of the op learns.
func (r *imageRun) learnsIn(o *imageOp) bool {
	if !r.train {
		return false
	}
	for _, list := range [][]imageOp{o.main, o.side} {
		for i := range list {
			if r.learnsIn(&list[i]) {
				return true
			}
		}
	}
	return o.layer >= 0 && r.states[o.layer].rate != 0
}
