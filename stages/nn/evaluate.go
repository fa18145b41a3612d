package nn

import "spurion/stages/kernel"

// chunkRows is how many rows go through all layers at a time. It bounds memory and keeps
// activations in the processor's cache; it does not change a bit.
const chunkRows = 128

// Margins sets dst[i], for i < rows, to the margin of row i of x [rows, inputs]: the logit itself,
// or with two outputs the logit of +1 less the logit of -1. The prediction is +1 where it is >= 0.
// It may be called by several goroutines at once while nobody changes the network.
func (n *Network) Margins(dst []float32, x []float32, rows int) {
	n.each(x, rows, func(from, to int, h []float32) {
		last := &n.Layers[len(n.Layers)-1]
		logits := make([]float32, last.Out*chunkRows)
		ht := make([]float32, last.In*chunkRows)
		outputLayer(logits, ht, h, last, to-from, n.OutputScale)
		margins(dst[from:to], logits, to-from, last.Out)
	})
}

// Features sets dst [rows, Width()] to the activations of the last hidden layer, row by row; to x
// itself if there is none.
func (n *Network) Features(dst []float32, x []float32, rows int) {
	w := n.Width()
	n.each(x, rows, func(from, to int, h []float32) {
		copy(dst[from*w:to*w], h)
	})
}

// each runs the hidden layers on chunks of rows and hands on the last one's activations.
func (n *Network) each(x []float32, rows int, use func(from, to int, h []float32)) {
	act, err := activationOf(n)
	if err != nil {
		panic(err)
	}
	hidden := n.Layers[:len(n.Layers)-1]
	buffers := make([][]float32, len(hidden))
	for i, l := range hidden {
		buffers[i] = make([]float32, min(rows, chunkRows)*l.Out)
	}
	in := n.Inputs()
	for from := 0; from < rows; from += chunkRows {
		to := min(from+chunkRows, rows)
		h := x[from*in : to*in]
		for i := range hidden {
			z := buffers[i][:(to-from)*hidden[i].Out]
			hiddenLayer(z, h, &hidden[i], to-from)
			act.forward(z)
			h = z
		}
		use(from, to, h)
	}
}

// hiddenLayer sets z [rows, Out] to h [rows, In] times the weights plus the biases.
func hiddenLayer(z, h []float32, l *Layer, rows int) {
	kernel.MatMul(z, l.Out, h, l.In, 1, l.Weights, l.Out, rows, l.Out, l.In, l.Biases, false)
}

// outputLayer sets logits [Out, ldLogits = rows] (output by output) from h [rows, In]. With one or
// two outputs, rows are what is worth vectorising; so h is transposed first into ht [In, rows].
func outputLayer(logits, ht, h []float32, l *Layer, rows int, scale float32) {
	turn(ht, h, rows, l.In)
	if l.Biases != nil {
		for o := range l.Out {
			fillConstant(logits[o*rows:(o+1)*rows], l.Biases[o])
		}
	}
	kernel.MatMul(logits, rows, l.Weights, 1, l.Out, ht, rows, l.Out, rows, l.In, nil, l.Biases != nil)
	if scale != 1 {
		kernel.Scale(logits[:l.Out*rows], scale)
	}
}

func fillConstant(dst []float32, x float32) {
	for i := range dst {
		dst[i] = x
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
