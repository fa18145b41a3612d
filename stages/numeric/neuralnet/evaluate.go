package neuralnet

import (
	"fmt"
	"sync"

	"spurion/stages/numeric/kernel"
)

// chunkRows is how many rows go through all layers at a time. It bounds memory and keeps
// activations in the processor's cache; it does not change a bit.
const chunkRows = 128

// imageRows is chunkRows for images.
const imageRows = 16

// A scratch is what an evaluation needs for a chunk of rows. Evaluations follow each other by the
// thousand, on networks of few shapes; so they are kept.
type scratch struct {
	hidden         [][]float32 // activations of each hidden layer, [chunkRows, Out]
	logits, turned []float32   // of a margin: [Outputs, chunkRows]; the last hidden layer's, transposed
	index          []uint8     // of the signs
	expanded       []float32   // the signs as numbers, if there is no hidden layer, or an image
	image          *imageRun   // of the network's image
	made           []float32   // what that makes of a chunk
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// fit makes room for a network.
func (s *scratch) fit(n *Network) {
	hidden := n.Layers[:len(n.Layers)-1]
	for len(s.hidden) < len(hidden) {
		s.hidden = append(s.hidden, nil)
	}
	for i := range hidden {
		s.hidden[i] = room(s.hidden[i], chunkRows*hidden[i].Out)
	}
	along, _ := signIndexes(chunkRows, n.Inputs())
	s.index = room(s.index, along)
	if n.Image != nil {
		if s.image == nil || s.image.image != n.Image {
			s.image = newImageRun(n.Image, imageRows, nil)
		}
		s.made = room(s.made, chunkRows*n.Image.Out.Size())
	}
	if len(hidden) == 0 || n.Image != nil {
		s.expanded = room(s.expanded, chunkRows*n.Inputs())
	}
	if n.ScoreWidth() == 1 {
		s.logits, s.turned = room(s.logits, chunkRows*n.Outputs()), room(s.turned, chunkRows*n.Width())
	}
}

// room gives x, or a new slice if it is shorter than n.
func room[T any](x []T, n int) []T {
	if len(x) < n {
		return make([]T, n)
	}
	return x
}

// Scores sets dst [rows, ScoreWidth()] to the scores of the rows of x [rows, inputs]: the margin of a network with one or
// two outputs, which is the logit itself or the logit of +1 less the logit of -1; else the logits. Predict says what they
// predict. It may be called by several goroutines at once while nobody changes the network.
func (n *Network) Scores(dst []float32, x []float32, rows int) {
	n.scores(dst, points{x: x}, rows)
}

// ScoresOfSigns is Scores for packed inputs, as ForwardSigns takes them; it rounds as that does.
func (n *Network) ScoresOfSigns(dst []float32, packed []uint64, rows int) {
	n.scores(dst, points{signs: packed}, rows)
}

// Margins is Scores of a network for two classes, and panics for others.
func (n *Network) Margins(dst []float32, x []float32, rows int) {
	n.margins(dst, points{x: x}, rows)
}

// MarginsOfSigns is ScoresOfSigns of a network for two classes, and panics for others.
func (n *Network) MarginsOfSigns(dst []float32, packed []uint64, rows int) {
	n.margins(dst, points{signs: packed}, rows)
}

func (n *Network) margins(dst []float32, p points, rows int) {
	if n.ScoreWidth() > 1 {
		panic(fmt.Sprintf("network: the margins of %d outputs", n.Outputs()))
	}
	n.scores(dst, p, rows)
}

func (n *Network) scores(dst []float32, p points, rows int) {
	last, width := &n.Layers[len(n.Layers)-1], n.ScoreWidth()
	n.each(p, rows, func(s *scratch, from, to int, h []float32) {
		scoreLayer(dst[from*width:to*width], s.logits, s.turned, h, last, to-from, n.OutputScale)
	})
}

// Features sets dst [rows, Width()] to the activations of the last hidden layer, row by row; if there is none, to x
// itself or to what the image's layers make of it.
func (n *Network) Features(dst []float32, x []float32, rows int) {
	w := n.Width()
	n.each(points{x: x}, rows, func(_ *scratch, from, to int, h []float32) {
		copy(dst[from*w:to*w], h)
	})
}

// ImageOutputs sets dst [rows, Image.Out.Size()] to what a CNN's layers before the hidden ones make of x [rows, Inputs()], pixel by
// pixel, channels innermost.
func (n *Network) ImageOutputs(dst, x []float32, rows int) {
	part := Network{Image: n.Image, Layers: []Layer{{In: n.Image.Out.Size(), Out: 1}}, Activation: n.Activation}
	part.Features(dst, x, rows)
}

// each runs the hidden layers on chunks of rows and hands on the last one's activations.
func (n *Network) each(p points, rows int, use func(s *scratch, from, to int, h []float32)) {
	act, err := activationOf(n)
	if err != nil {
		panic(err)
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.fit(n)
	hidden := n.Layers[:len(n.Layers)-1]
	in := n.Inputs()
	for from := 0; from < rows; from += chunkRows {
		to := min(from+chunkRows, rows)
		chunk := p.rows(from, to, in)
		if len(hidden) == 0 || n.Image != nil {
			chunk = points{x: chunk.plain(s.expanded, to-from, in)}
		}
		if n.Image != nil {
			chunk = points{x: s.images(chunk.x, to-from)}
		}
		h := chunk.x
		for i := range hidden {
			z := s.hidden[i][:(to-from)*hidden[i].Out]
			done := i == 0 && chunk.signs != nil && act.relu
			if i == 0 && chunk.signs != nil {
				signLayer(z, chunk.signs, s.index, &hidden[i], to-from, done)
			} else {
				hiddenLayer(z, h, &hidden[i], to-from)
			}
			if !done {
				act.forward(z)
			}
			h = z
		}
		use(s, from, to, h)
	}
}

// images gives what the network's image makes of x [rows, inputs].
func (s *scratch) images(x []float32, rows int) []float32 {
	in, out := s.image.image.In.Size(), s.image.image.Out.Size()
	for from := 0; from < rows; from += imageRows {
		to := min(from+imageRows, rows)
		copy(s.made[from*out:], s.image.forward(x[from*in:to*in], to-from))
	}
	return s.made[:rows*out]
}

// hiddenLayer sets z [rows, Out] to h [rows, In] times the weights plus the biases.
func hiddenLayer(z, h []float32, l *Layer, rows int) {
	kernel.MatMul(z, l.Out, h, l.In, 1, l.Weights, l.Out, rows, l.Out, l.In, l.Biases, false)
}

// scoreLayer sets scores [rows, S] from h [rows, In]; logits and ht are room for outputLayer, which a margin needs.
func scoreLayer(scores, logits, ht, h []float32, l *Layer, rows int, scale float32) {
	if l.Out <= 2 {
		outputLayer(logits, ht, h, l, rows, scale)
		margins(scores, logits, rows, l.Out)
		return
	}
	hiddenLayer(scores, h, l, rows)
	if scale != 1 {
		kernel.Scale(scores, scale)
	}
}

// outputLayer sets logits [Out, rows], output by output, from h [rows, In]; ht is room for [In, rows]. Rows
// are what is worth vectorising, so h is transposed. There are one or two outputs.
func outputLayer(logits, ht, h []float32, l *Layer, rows int, scale float32) {
	if l.Out == 2 {
		kernel.LogitPair(logits, ht, h, l.Weights, l.Biases, rows, l.In)
	} else {
		turn(ht, h, rows, l.In)
		if l.Biases != nil {
			for i := range rows {
				logits[i] = l.Biases[0]
			}
		}
		kernel.MatMul(logits, rows, l.Weights, 1, 1, ht, rows, 1, rows, l.In, nil, l.Biases != nil)
	}
	if scale != 1 {
		kernel.Scale(logits[:l.Out*rows], scale)
	}
}

// margins reads logits [outputs, rows].
func margins(dst, logits []float32, rows, outputs int) {
	if outputs == 1 {
		copy(dst[:rows], logits)
		return
	}
	for i := range rows {
		dst[i] = logits[rows+i] - logits[i]
	}
}
