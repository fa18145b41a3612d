package neuralnet

import (
	"errors"
	"fmt"
	"slices"
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

	image  *imageRun // nil but for a CNN
	layers []layerState
	lowest int // the first layer that is not frozen; -1 if one of the image's is not

	// What Forward leaves for Backward. The points are the caller's.
	points  points
	rows    int
	zerosIn bool      // many of the points' numbers are 0
	losses  []float32 // [maxBatch]
	slopes  []float32 // d loss / d score, [maxBatch, width]
	scores  []float32 // [maxBatch, width]
	width   int       // scores of a row

	logits  []float32 // of a margin: [Outputs, rows of a chunk]
	turned  []float32 // of a margin: last hidden layer of a chunk, transposed
	d, dLow []float32 // gradients of a chunk's activations: this layer's and the one below
	further []float32 // gradient of a further function by the features, [rows, Width]; nil for none

	along, across []uint8   // indexes of a chunk's signs
	unturned      bool      // the first layer's gradient is in dTurned alone
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
	dTurned  []float32 // [Out, In]: the output layer's gradient before it is transposed; the first one's, if turnsFirst
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
		return nil, fmt.Errorf("network: batches of %d rows", maxBatch)
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
		return fmt.Errorf("there is no optimizer %q", t.opt.Type)
	}
	if n, layers := len(t.opt.LayerRates), len(t.net.All()); n != 0 && n != layers {
		return fmt.Errorf("layer_rates has %s, but the network %s with the output layer", quantity(n, "value"), quantity(layers, "layer"))
	}
	if t.opt.Schedule.inEpochs() {
		return fmt.Errorf("a schedule has lengths in epochs, which InSteps has not made steps")
	}
	if ps := t.opt.Check(); len(ps) > 0 {
		return fmt.Errorf("%s: %s", ps[0].Path, ps[0].Detail)
	}
	return nil
}

func (t *Trainer) allocate() {
	chunk := min(t.maxBatch, chunkRows)
	last := len(t.net.Layers) - 1
	widest := t.net.Layers[last].In
	rates := t.opt.LayerRates
	if len(rates) == 0 {
		rates = slices.Repeat([]float64{1}, len(t.net.All()))
	}
	if t.net.Image != nil {
		t.image = newImageRun(t.net.Image, t.maxBatch, rates[:len(t.net.Image.Layers)])
		rates = rates[len(t.net.Image.Layers):]
		for i := range t.image.states {
			t.allocateState(&t.net.Image.Layers[i], &t.image.states[i])
		}
	}
	t.layers = make([]layerState, last+1)
	t.lowest = last + 1
	for i := last; i >= 0; i-- {
		l, s := &t.net.Layers[i], &t.layers[i]
		if s.rate = rates[i]; s.rate != 0 {
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
		if i > 0 || t.image.learns() {
			s.turned = make([]float32, l.In*l.Out)
		}
		t.allocateState(l, s)
	}
	if t.image.learns() {
		t.lowest = -1
	}
	t.losses = make([]float32, t.maxBatch)
	t.width = t.net.ScoreWidth()
	t.slopes = make([]float32, t.maxBatch*t.width)
	t.scores = make([]float32, t.maxBatch*t.width)
	if t.width == 1 {
		t.logits = make([]float32, t.net.Outputs()*chunk)
		t.turned = make([]float32, t.net.Width()*chunk)
	}
	t.d = make([]float32, widest*chunk)
	t.dLow = make([]float32, widest*chunk)
}

// allocateState makes room for a layer's gradients and moments.
func (t *Trainer) allocateState(l *Layer, s *layerState) {
	s.dWeights = make([]float32, len(l.Weights))
	s.dBiases = make([]float32, len(l.Biases))
	t.allocateMoments(s)
}

// each calls use for each layer that has weights, those of the image first; i counts them.
func (t *Trainer) each(use func(i int, l *Layer, s *layerState)) {
	n := 0
	if t.image != nil {
		for i := range t.image.states {
			use(n, &t.net.Image.Layers[i], &t.image.states[i])
			n++
		}
	}
	for i := range t.layers {
		use(n, &t.net.Layers[i], &t.layers[i])
		n++
	}
}

// allocateSigns makes room for what only batches of signs need.
func (t *Trainer) allocateSigns() {
	if len(t.layers) == 1 || t.image != nil {
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

// Forward computes the losses of x [rows, inputs] with labels (from 0 on) [rows], rows <= maxBatch. The
// result [rows] is valid until the next call; x must not change before Backward is done.
func (t *Trainer) Forward(x []float32, labels []int16, rows int) (losses []float32) {
	return t.forward(points{x: x}, labels, rows)
}

// ForwardSigns is Forward for inputs -1 and +1 that are packed, [rows, ceil(inputs/64)], a one for +1 and
// zeros past the last. It is faster, and rounds in another order (see kernel.SignMatMul).
func (t *Trainer) ForwardSigns(packed []uint64, labels []int16, rows int) (losses []float32) {
	t.allocateSigns()
	return t.forward(points{signs: packed}, labels, rows)
}

func (t *Trainer) forward(p points, labels []int16, rows int) (losses []float32) {
	if rows < 1 || rows > t.maxBatch {
		panic(fmt.Sprintf("network: a batch of %d rows; this trainer takes 1 to %d", rows, t.maxBatch))
	}
	in, last := t.net.Inputs(), len(t.net.Layers)-1
	if last == 0 || t.image != nil {
		p = points{x: p.plain(t.expanded, rows, in)}
	}
	if t.image != nil {
		p, in = points{x: t.image.forward(p.x, rows)}, t.net.Layers[0].In
	}
	t.points, t.rows = p.rows(0, rows, in), rows
	t.zerosIn = p.signs == nil && t.net.Layers[0].Out >= sparseColumns && manyZeros(t.points.x)
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
				product(t.zerosIn && i == 0 || t.act.relu && i > 0, z, h, l.In, 1, l.Weights, to-from, l.Out, l.In, l.Biases, false)
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
		scoreLayer(t.scores[from*t.width:to*t.width], t.logits, t.turned, h, l, to-from, t.net.OutputScale)
	}
	ScoreLosses(t.loss, t.losses[:rows], t.Slopes(), t.Scores(), labels[:rows])
	return t.losses[:rows]
}

// Scores gives the scores of the last Forward, [rows, ScoreWidth()] as Network.Scores, valid until the next.
func (t *Trainer) Scores() []float32 { return t.scores[:t.rows*t.width] }

// Features gives the activations of the last hidden layer in the last Forward [rows, Width()], valid until the
// next; nil without hidden layers and image.
func (t *Trainer) Features() []float32 {
	switch {
	case len(t.layers) > 1:
	case t.image != nil:
		return t.points.x
	default:
		return nil
	}
	return t.layers[len(t.layers)-2].h[:t.rows*t.net.Width()]
}

// Slopes gives d loss / d score of the last Forward, [rows, ScoreWidth()], until Backward. Changed in place, they
// are the gradient of another function of the scores, which Backward then goes down.
func (t *Trainer) Slopes() []float32 { return t.slopes[:t.rows*t.width] }
