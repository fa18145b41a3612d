package kernel

// ReluHead goes back through an output layer of two logits and the ReLU layer below it, in one pass where
// the path has one. d [2, rows] holds the gradients of the logits, h [rows, n] the activations, w [2, n]
// the output layer's weights. It is, to the bit,
//
//	MatMul(dw, n, d, rows, 1, h, n, 2, n, rows, nil, accumulate) // gradients of w
//	MatMul(g, n, d, 1, rows, w, n, rows, n, 2, nil, false)       // of the activations,
//	ReluGradient(g, h)                                           // of the pre-activations,
//	AddRows(db, g, n, rows, n, accumulate)                       // and of the layer's biases
//
// Only g [rows, n], dw [2, n] and db [n] are written; they must not overlap the others.
func ReluHead(g, h, d, w, dw, db []float32, rows, n int, accumulate bool) {
	g, h, d = first(g, rows*n), first(h, rows*n), first(d, 2*rows)
	w, dw, db = first(w, 2*n), first(dw, 2*n), first(db, n)
	switch {
	case n == 0:
	case rows == 0:
		reluHeadInSteps(g, h, d, w, dw, db, rows, n, accumulate) // sums of nothing
	default:
		reluHead(g, h, d, w, dw, db, rows, n, accumulate)
	}
}

func reluHeadInSteps(g, h, d, w, dw, db []float32, rows, n int, accumulate bool) {
	MatMul(dw, n, d, rows, 1, h, n, 2, n, rows, nil, accumulate)
	MatMul(g, n, d, 1, rows, w, n, rows, n, 2, nil, false)
	ReluGradient(g, h)
	AddRows(db, g, n, rows, n, accumulate)
}
