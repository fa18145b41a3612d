package kernel

// ReluHead goes back through an output layer of two logits and the ReLU layer below it, leaky or not, in one pass where
// the path has one. d [2, rows] holds the gradients of the logits, h [rows, n] the activations, w [2, n]
// the output layer's weights. It is, to the bit,
//
//	MatMul(dw, n, d, rows, 1, h, n, 2, n, rows, nil, accumulate) // gradients of w
//	MatMul(g, n, d, 1, rows, w, n, rows, n, 2, nil, false)       // of the activations,
//	LeakyReluGradient(g, h, slope)                               // of the pre-activations,
//	AddRows(db, g, n, rows, n, accumulate)                       // and of the layer's biases
//
// but that a slope of 0 stands for ReLU's, ReluGradient. Only g [rows, n], dw [2, n] and db [n] are written; they must not overlap the others.
func ReluHead(g, h, d, w, dw, db []float32, rows, n int, slope float32, accumulate bool) {
	g, h, d = first(g, rows*n), first(h, rows*n), first(d, 2*rows)
	w, dw, db = first(w, 2*n), first(dw, 2*n), first(db, n)
	switch {
	case n == 0:
	case rows == 0:
		reluHeadInSteps(g, h, d, w, dw, db, rows, n, slope, accumulate) // sums of nothing
	default:
		reluHead(g, h, d, w, dw, db, rows, n, slope, accumulate)
	}
}

func reluHeadInSteps(g, h, d, w, dw, db []float32, rows, n int, slope float32, accumulate bool) {
	MatMul(dw, n, d, rows, 1, h, n, 2, n, rows, nil, accumulate)
	MatMul(g, n, d, 1, rows, w, n, rows, n, 2, nil, false)
	if slope == 0 {
		ReluGradient(g, h)
	} else {
		LeakyReluGradient(g, h, slope)
	}
	AddRows(db, g, n, rows, n, accumulate)
}
