package nn

import (
	"errors"
	"fmt"

	"spurion/stages/kernel"
)

// ErrDiverged is what Update's error wraps when a loss or a weight is no longer finite. The error's
// text says at which step, and what.
var ErrDiverged = errors.New("training diverged")

// A Trainer changes a network's weights in steps of Forward, Backward and Update. It allocates
// nothing after NewTrainer. Not for concurrent use.
type Trainer struct {
	net      *Network
	act      activation
	loss     string
	opt      OptimizerSettings
	maxBatch int
	steps    int64

	layers []layerState
	lowest int // the first layer that is not frozen

	// What Forward leaves for Backward. The points are the caller's.
	points points
	rows   int
	losses []float32 // [maxBatch]
	slopes []float32 // d loss / d margin, [maxBatch]
	margin []float32 // [maxBatch]

	logits  []float32 // [Outputs, rows of a chunk]
	turned  []float32 // last hidden layer of a chunk, transposed
	d, dLow []float32 // gradients of a chunk's activations: this layer's and the one below

	along, across []uint8   // indexes of a chunk's signs
	expanded      []float32 // a batch's signs as numbers, if there is no hidden layer

	beta1t, beta2t float64   // powers of Adam's decays
	rate           float64   // of the last update
	clipped        bool      // gradients have been scaled down since Backward
	zeros          []float32 // a gradient of 0, for weight decay by itself
}

// A layerState is what a Trainer keeps for a layer.
type layerState struct {
	h        []float32 // activations [maxBatch, Out]; none for the output layer
	z        []float32 // pre-activations, if the activation keeps them
	turned   []float32 // weights [Out, In] of this step, where a gradient passes through
	dWeights []float32 // [In, Out]
	dTurned  []float32 // [Out, In]: the output layer's gradient before it is transposed
	dBiases  []float32
	rate     float64 // factor on the rate
	// Sums of squares of the gradients, from before they were scaled down: weights, biases.
	squares, squaresBiases float64
	// Moments, as the optimizer needs: weights, then biases.
	m, v, mBiases, vBiases []float32
}

// NewTrainer prepares to train net in place, with batches of up to maxBatch rows. The weights may
// be changed between steps; the moments of the optimizer start at 0.
func NewTrainer(net *Network, loss string, opt OptimizerSettings, maxBatch int) (*Trainer, error) {
	if err := CheckLoss(loss, net.Outputs()); err != nil {
		return nil, err
	}
	act, err := activationOf(net)
	if err != nil {
		return nil, err
	}
	if maxBatch < 1 {
		return nil, fmt.Errorf("nn: batches of %d rows", maxBatch)
	}
	t := &Trainer{net: net, act: act, loss: loss, opt: opt, maxBatch: maxBatch, beta1t: 1, beta2t: 1}
	if err := t.checkOptimizer(); err != nil {
		return nil, err
	}
	t.allocate()
	return t, nil
}

func (t *Trainer) checkOptimizer() error {
	switch t.opt.Type {
	case "sgd", "adam", "adamw", "sign":
	default:
		return fmt.Errorf("nn: there is no optimizer %q", t.opt.Type)
	}
	if n := len(t.opt.LayerRates); n != 0 && n != len(t.net.Layers) {
		return fmt.Errorf("nn: layer_rates has %d numbers, but the network has %d layers with the output layer", n, len(t.net.Layers))
	}
	if ps := t.opt.Check(); len(ps) > 0 {
		return fmt.Errorf("nn: %s: %s", ps[0].Path, ps[0].Detail)
	}
	return nil
}

func (t *Trainer) allocate() {
	chunk := min(t.maxBatch, chunkRows)
	last := len(t.net.Layers) - 1
	widest := t.net.Layers[last].In
	t.layers = make([]layerState, last+1)
	t.lowest = last + 1
	for i := last; i >= 0; i-- {
		l, s := &t.net.Layers[i], &t.layers[i]
		s.rate = 1
		if len(t.opt.LayerRates) != 0 {
			s.rate = t.opt.LayerRates[i]
		}
		if s.rate != 0 {
			t.lowest = i
		}
		if i < last {
			widest = max(widest, l.Out)
			s.h = make([]float32, t.maxBatch*l.Out)
			if t.act.keep {
				s.z = make([]float32, t.maxBatch*l.Out)
			}
		} else {
			s.dTurned = make([]float32, l.In*l.Out)
		}
		if i > 0 {
			s.turned = make([]float32, l.In*l.Out)
		}
		s.dWeights = make([]float32, len(l.Weights))
		s.dBiases = make([]float32, len(l.Biases))
		t.allocateMoments(s)
	}
	t.losses = make([]float32, t.maxBatch)
	t.slopes = make([]float32, t.maxBatch)
	t.margin = make([]float32, t.maxBatch)
	t.logits = make([]float32, t.net.Outputs()*chunk)
	t.turned = make([]float32, t.net.Width()*chunk)
	t.d = make([]float32, widest*chunk)
	t.dLow = make([]float32, widest*chunk)
}

// allocateSigns makes room for what only batches of signs need.
func (t *Trainer) allocateSigns() {
	if len(t.layers) == 1 {
		t.expanded = room(t.expanded, t.maxBatch*t.net.Inputs())
		return
	}
	if t.along == nil {
		along, across := signIndexes(min(t.maxBatch, chunkRows), t.net.Inputs())
		t.along, t.across = make([]uint8, along), make([]uint8, across)
	}
}

// Steps gives the number of updates done.
func (t *Trainer) Steps() int64 { return t.steps }

// SetRate changes the learning rate, which the schedule scales, from the next update on.
func (t *Trainer) SetRate(rate float64) { t.opt.Rate = rate }

// Rate gives the learning rate of the last update, as the schedule had it; 0 before the first.
func (t *Trainer) Rate() float64 { return t.rate }

// Forward computes the losses of x [rows, inputs] with labels (0 or 1) [rows], rows <= maxBatch. The
// result [rows] is valid until the next call; x must not change before Backward is done.
func (t *Trainer) Forward(x []float32, labels []int8, rows int) (losses []float32) {
	return t.forward(points{x: x}, labels, rows)
}

// ForwardSigns is Forward for inputs -1 and +1 that are packed, [rows, ceil(inputs/64)], a one for +1 and
// zeros past the last. It is faster, and rounds in another order (see kernel.SignMatMul).
func (t *Trainer) ForwardSigns(packed []uint64, labels []int8, rows int) (losses []float32) {
	t.allocateSigns()
	return t.forward(points{signs: packed}, labels, rows)
}

func (t *Trainer) forward(p points, labels []int8, rows int) (losses []float32) {
	if rows < 1 || rows > t.maxBatch {
		panic(fmt.Sprintf("nn: a batch of %d rows; this trainer takes 1 to %d", rows, t.maxBatch))
	}
	in, last := t.net.Inputs(), len(t.net.Layers)-1
	if last == 0 {
		p = points{x: p.plain(t.expanded, rows, in)}
	}
	t.points, t.rows = p.rows(0, rows, in), rows
	for from := 0; from < rows; from += chunkRows {
		to := min(from+chunkRows, rows)
		chunk := t.points.rows(from, to, in)
		h := chunk.x
		for i := range last {
			l, s := &t.net.Layers[i], &t.layers[i]
			z := s.h[from*l.Out : to*l.Out]
			done := i == 0 && chunk.signs != nil && t.act.relu
			if i == 0 && chunk.signs != nil {
				signLayer(z, chunk.signs, t.along, l, to-from, done)
			} else {
				hiddenLayer(z, h, l, to-from)
			}
			if s.z != nil {
				copy(s.z[from*l.Out:], z)
			}
			if !done {
				t.act.forward(z)
			}
			h = z
		}
		l := &t.net.Layers[last]
		outputLayer(t.logits, t.turned, h, l, to-from, t.net.OutputScale)
		margins(t.margin[from:to], t.logits, to-from, l.Out)
	}
	MarginLosses(t.loss, t.losses[:rows], t.slopes[:rows], t.margin[:rows], labels[:rows])
	return t.losses[:rows]
}

// Margins gives the margins of the last Forward [rows], valid until the next.
func (t *Trainer) Margins() []float32 { return t.margin[:t.rows] }

// Slopes gives d loss / d margin of the last Forward [rows], until Backward. Changed in place, they
// are the gradient of another function of the margins, which Backward then goes down.
func (t *Trainer) Slopes() []float32 { return t.slopes[:t.rows] }

// Backward computes the gradient of the sum of weights[i]*losses[i] over the rows of the last
// Forward; with weights nil, of the mean loss (weights of 1/rows).
func (t *Trainer) Backward(weights []float32) {
	t.clipped = false
	t.weighSlopes(weights)
	last := len(t.net.Layers) - 1
	for i := t.lowest + 1; i <= last; i++ { // where a gradient passes through
		l := &t.net.Layers[i]
		turn(t.layers[i].turned, l.Weights, l.In, l.Out)
	}
	for from := 0; from < t.rows; from += chunkRows {
		t.backwardChunk(from, min(from+chunkRows, t.rows))
	}
	l, s := &t.net.Layers[last], &t.layers[last]
	if s.rate != 0 {
		turn(s.dWeights, s.dTurned, l.Out, l.In)
	}
}

// weighSlopes turns d loss/d margin into the gradient of the weighted sum, before the output scale.
func (t *Trainer) weighSlopes(weights []float32) {
	slopes := t.slopes[:t.rows]
	if weights == nil {
		kernel.Scale(slopes, 1/float32(t.rows))
	} else {
		for i, w := range weights[:t.rows] {
			slopes[i] = float32(slopes[i] * w)
		}
	}
	if t.net.OutputScale != 1 {
		kernel.Scale(slopes, t.net.OutputScale)
	}
}

func (t *Trainer) backwardChunk(from, to int) {
	rows, more := to-from, from > 0
	last := len(t.net.Layers) - 1
	l, s := &t.net.Layers[last], &t.layers[last]
	d := t.logitGradients(from, to)
	if s.rate != 0 && s.dBiases != nil && l.Biases != nil {
		outputBiasGradients(s.dBiases, d, rows, more)
	}
	high := t.d[:rows*l.In]
	joined := t.joinsHead()
	switch {
	case joined:
		kernel.ReluHead(high, t.below(last, from, to), d, s.turned, s.dTurned, t.layers[last-1].dBiases, rows, l.In, more)
	case s.rate != 0:
		kernel.MatMul(s.dTurned, l.In, d, rows, 1, t.below(last, from, to), l.In, l.Out, l.In, rows, nil, more)
	}
	if last == 0 || t.lowest == last {
		return
	}
	if !joined {
		kernel.MatMul(high, l.In, d, 1, rows, s.turned, l.In, rows, l.In, l.Out, nil, false)
	}
	low := t.dLow
	for i := last - 1; i >= t.lowest; i-- {
		l, s := &t.net.Layers[i], &t.layers[i]
		kept := s.h
		if s.z != nil {
			kept = s.z
		}
		done := joined && i == last-1
		if !done {
			t.act.backward(high, kept[from*l.Out:to*l.Out])
		}
		if s.rate != 0 {
			t.weightGradients(i, from, to, high)
			if l.Biases != nil && !done {
				kernel.AddRows(s.dBiases, high, l.Out, rows, l.Out, more)
			}
		}
		if i == t.lowest {
			return
		}
		next := low[:rows*l.In]
		kernel.MatMul(next, l.In, high, l.Out, 1, s.turned, l.In, rows, l.In, l.Out, nil, false)
		high, low = next, high[:cap(high)]
	}
}

// joinsHead reports whether the output layer and the hidden layer below it are done by kernel.ReluHead: both
// learn, and have the shapes that it takes.
func (t *Trainer) joinsHead() bool {
	last := len(t.layers) - 1
	return t.act.relu && last > t.lowest && t.net.Outputs() == 2 && t.layers[last].rate != 0 &&
		t.layers[last-1].rate != 0 && t.net.Layers[last-1].Biases != nil
}

// weightGradients gives hidden layer i's from the gradient d of its pre-activations.
func (t *Trainer) weightGradients(i, from, to int, d []float32) {
	l, s := &t.net.Layers[i], &t.layers[i]
	if i == 0 && t.points.signs != nil {
		signGradients(s.dWeights, t.points.rows(from, to, l.In).signs, t.across, d, l, to-from, from > 0)
		return
	}
	kernel.MatMul(s.dWeights, l.Out, t.below(i, from, to), 1, l.In, d, l.Out, l.In, l.Out, to-from, nil, from > 0)
}

// below gives the input of layer i for a chunk: x or the activations of the layer below.
func (t *Trainer) below(i, from, to int) []float32 {
	if i == 0 {
		return t.points.rows(from, to, t.net.Inputs()).x
	}
	w := t.net.Layers[i-1].Out
	return t.layers[i-1].h[from*w : to*w]
}

// logitGradients gives [Outputs, rows]: with two outputs the margin is the second less the first.
func (t *Trainer) logitGradients(from, to int) []float32 {
	rows := to - from
	if t.net.Outputs() == 1 {
		return t.slopes[from:to]
	}
	d := t.logits[:2*rows]
	for i, s := range t.slopes[from:to] {
		d[i], d[rows+i] = -s, s
	}
	return d
}

// outputBiasGradients adds rows of d [Outputs, rows] in order. The chains of two outputs run side by side.
func outputBiasGradients(dBiases, d []float32, rows int, more bool) {
	var first, second float32
	if more {
		first, second = dBiases[0], dBiases[len(dBiases)-1]
	}
	seconds := d[len(d)-rows:]
	for i, x := range d[:rows] {
		first += x
		second += seconds[i]
	}
	dBiases[0], dBiases[len(dBiases)-1] = first, second
}

// Gradients gives layer i's gradients of the last Backward: weights [In, Out] and biases [Out].
// They may be changed before Update, and Update scales them if it clips. Those of a frozen layer
// are 0.
func (t *Trainer) Gradients(i int) (weights, biases []float32) {
	return t.layers[i].dWeights, t.layers[i].dBiases
}
