package neuralnet

import "spurion/stages/numeric/kernel"

// ReLU leaves zeros, in activations and in the gradients that go back through it, and images are mostly background.
// kernel.SparseMatMul passes over them; it differs from kernel.MatMul in the sign of a zero at most, which no weight
// that an Update settles depends on. So what is chosen here is a matter of time alone. It goes by shapes and data,
// never by the machine.

// Products of fewer columns or rows gain nothing; of about 100 columns they lose where half of the numbers are zero.
const sparseRows = 16

var sparseColumns = 192 // a test makes everything dense

// product is kernel.MatMul from chains of row, or on from c, for an a that may have many zeros.
func product(zeros bool, c []float32, a []float32, aRow, aCol int, b []float32, m, n, k int, row []float32, accumulate bool) {
	if zeros && m >= sparseRows && n >= sparseColumns {
		kernel.SparseMatMul(c, n, a, aRow, aCol, b, n, m, n, k, row, accumulate)
	} else {
		kernel.MatMul(c, n, a, aRow, aCol, b, n, m, n, k, row, accumulate)
	}
}

// manyZeros reports whether a third of x is zero, by some of it.
func manyZeros(x []float32) bool {
	const looks = 128
	step := len(x)/looks | 1 // odd, so that it meets all columns
	zeros, seen := 0, 0
	for i := 0; i < len(x); i += step {
		seen++
		if x[i] == 0 {
			zeros++
		}
	}
	return 3*zeros >= seen
}

// turnsFirst reports whether the first layer's gradient is computed as [Out, In]: the gradient of ReLU's inputs, of which
// much is zero, is the first factor then.
func (t *Trainer) turnsFirst() bool {
	l := &t.net.Layers[0]
	return t.act.relu && len(t.layers) > 1 && t.lowest == 0 && t.image == nil && t.points.signs == nil && !t.zerosIn && l.In >= sparseColumns && l.Out >= sparseRows
}

// turnGradient puts the first layer's gradient where Gradients has it, if it is not there.
func (t *Trainer) turnGradient() {
	if t.unturned {
		t.unturned = false
		turn(t.layers[0].dWeights, t.layers[0].dTurned, t.net.Layers[0].Out, t.net.Layers[0].In)
	}
}

// updateUnturned is updateTensor for the first layer's weights. Their gradient is turned some rows at a time, into the
// beginning of dWeights, so that it is in a near cache when it is read; it stays unturned.
func (t *Trainer) updateUnturned(decay float64) (finite bool) {
	l, s := &t.net.Layers[0], &t.layers[0]
	const block = 1 << 14 // elements
	rows := max(16, block/l.Out&^15)
	finite = true
	for from := 0; from < l.In; from += rows {
		n := min(rows, l.In-from)
		g := s.dWeights[:n*l.Out]
		kernel.Transpose(g, l.Out, s.dTurned[from:], l.In, l.Out, n)
		part := func(x []float32) []float32 {
			if x == nil {
				return nil
			}
			return x[from*l.Out:][:n*l.Out]
		}
		finite = t.updateTensor(part(l.Weights), g, part(s.m), part(s.v), s.rate, decay) && finite
	}
	return finite
}
