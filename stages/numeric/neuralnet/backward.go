package neuralnet

import "spurion/stages/numeric/kernel"

// Backward computes the gradient of the sum of weights[i]*losses[i] over the rows of the last
// Forward; with weights nil, of the mean loss (weights of 1/rows).
func (t *Trainer) Backward(weights []float32) { t.BackwardWith(weights, nil) }

// BackwardWith is Backward with a further function of the Features added to the sum: features is its
// gradient by them, [rows, Width()]; nil for none.
func (t *Trainer) BackwardWith(weights, features []float32) {
	t.clipped, t.further = false, features
	t.weighSlopes(weights)
	last := len(t.net.Layers) - 1
	for i := t.lowest + 1; i <= last; i++ { // where a gradient passes through
		l := &t.net.Layers[i]
		turn(t.layers[i].turned, l.Weights, l.In, l.Out)
	}
	first := &t.layers[0]
	if t.turnsFirst() {
		first.dTurned = room(first.dTurned, len(first.dWeights))
	}
	for from := 0; from < t.rows; from += chunkRows {
		t.backwardChunk(from, min(from+chunkRows, t.rows))
	}
	t.unturned = t.turnsFirst()
	if t.image.learns() {
		t.image.backward(t.rows)
	}
	l, s := &t.net.Layers[last], &t.layers[last]
	if s.rate != 0 {
		turn(s.dWeights, s.dTurned, l.Out, l.In)
	}
}

// weighSlopes turns d loss/d score into the gradient of the weighted sum, before the output scale.
func (t *Trainer) weighSlopes(weights []float32) {
	slopes := t.Slopes()
	switch {
	case weights == nil:
		kernel.Scale(slopes, 1/float32(t.rows))
	case t.width == 1:
		for i, w := range weights[:t.rows] {
			slopes[i] = float32(slopes[i] * w)
		}
	default:
		for i, w := range weights[:t.rows] {
			kernel.Scale(slopes[i*t.width:(i+1)*t.width], w)
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
	d, row, output := t.logitGradients(from, to)
	if s.rate != 0 && s.dBiases != nil && l.Biases != nil {
		if t.width > 1 {
			kernel.AddRows(s.dBiases, d, l.Out, rows, l.Out, more)
		} else {
			outputBiasGradients(s.dBiases, d, rows, more)
		}
	}
	high := t.d[:rows*l.In]
	if last == 0 && t.image.learns() {
		high = t.image.dOut[from*l.In : to*l.In]
	}
	joined := t.joinsHead()
	switch {
	case joined:
		kernel.ReluHead(high, t.below(last, from, to), d, s.turned, s.dTurned, t.layers[last-1].dBiases, rows, l.In, t.act.slope, more)
	case s.rate != 0:
		kernel.MatMul(s.dTurned, l.In, d, output, row, t.below(last, from, to), l.In, l.Out, l.In, rows, nil, more)
	}
	if last == 0 && t.lowest == 0 || t.lowest == last {
		return
	}
	if !joined {
		if t.further != nil {
			copy(high, t.further[from*l.In:to*l.In])
		}
		kernel.MatMul(high, l.In, d, row, output, s.turned, l.In, rows, l.In, l.Out, nil, t.further != nil)
	}
	low := t.dLow
	for i := last - 1; i >= max(0, t.lowest); i-- {
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
		if i == 0 {
			low = t.image.dOut[from*l.In : to*l.In]
		}
		next := low[:rows*l.In]
		product(t.act.relu, next, high, l.Out, 1, s.turned, rows, l.In, l.Out, nil, false)
		high, low = next, high[:cap(high)]
	}
}

// joinsHead reports whether the output layer and the hidden layer below it are done by kernel.ReluHead: both
// learn, have the shapes that it takes, and nothing comes between.
func (t *Trainer) joinsHead() bool {
	last := len(t.layers) - 1
	return t.further == nil && t.act.rectifies && last > max(0, t.lowest) && t.net.Outputs() == 2 && t.layers[last].rate != 0 &&
		t.layers[last-1].rate != 0 && t.net.Layers[last-1].Biases != nil
}

// weightGradients gives hidden layer i's from the gradient d of its pre-activations.
func (t *Trainer) weightGradients(i, from, to int, d []float32) {
	l, s := &t.net.Layers[i], &t.layers[i]
	if i == 0 && t.points.signs != nil {
		signGradients(s.dWeights, t.points.rows(from, to, l.In).signs, t.across, d, l, to-from, from > 0)
		return
	}
	x, rows, more := t.below(i, from, to), to-from, from > 0
	if i == 0 && t.turnsFirst() {
		product(true, s.dTurned, d, 1, l.Out, x, l.Out, l.In, rows, nil, more)
		return
	}
	product(t.zerosIn && i == 0 || t.act.relu && i > 0, s.dWeights, x, 1, l.In, d, l.In, l.Out, rows, nil, more)
}

// below gives the input of layer i for a chunk: x or the activations of the layer below.
func (t *Trainer) below(i, from, to int) []float32 {
	if i == 0 {
		return t.points.rows(from, to, t.net.Layers[0].In).x
	}
	w := t.net.Layers[i-1].Out
	return t.layers[i-1].h[from*w : to*w]
}

// logitGradients gives the gradients by the logits, and the distances of rows and of outputs in d: [Outputs, rows] of a
// margin, which with two outputs is the second less the first; else [rows, Outputs].
func (t *Trainer) logitGradients(from, to int) (d []float32, row, output int) {
	rows, slopes := to-from, t.slopes[from*t.width:to*t.width]
	if t.width > 1 {
		return slopes, t.width, 1
	}
	if t.net.Outputs() == 1 {
		return slopes, 1, rows
	}
	d = t.logits[:2*rows]
	for i, s := range slopes {
		d[i], d[rows+i] = -s, s
	}
	return d, 1, rows
}

// outputBiasGradients adds rows of d [Outputs, rows], one or two outputs, in order. The chains of two outputs run side by side.
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

// Gradients gives the gradients of layer i of Network.All in the last Backward: weights [In, Out] and biases [Out], valid until
// the next. They may be changed before Update, and Update scales them if it clips. Those of a frozen layer
// are 0.
func (t *Trainer) Gradients(i int) (weights, biases []float32) {
	t.turnGradient()
	s := t.state(i)
	return s.dWeights, s.dBiases
}

// state gives what is kept for layer i of Network.All.
func (t *Trainer) state(i int) *layerState {
	if t.image != nil {
		if i < len(t.image.states) {
			return &t.image.states[i]
		}
		i -= len(t.image.states)
	}
	return &t.layers[i]
}
