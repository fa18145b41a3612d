package kernel

// LogitPair sets logits [2, rows] to those of an output layer of two: h [rows, n] are the activations
// below it, w [n, 2] its weights, and bias [2] where the chains start, or nil for 0. With ht [n, rows] the
// transpose of h it is, to the bit,
//
//	MatMul(logits, rows, w, 1, 2, ht, rows, 2, rows, n, nil, true) // from logits of bias
//
// room [n*rows] is written where the transpose is needed in memory. logits and room must not overlap the others.
func LogitPair(logits, room, h, w, bias []float32, rows, n int) {
	logits, room, h, w = first(logits, 2*rows), first(room, n*rows), first(h, rows*n), first(w, 2*n)
	if bias != nil {
		bias = first(bias, 2)
	}
	for o := range 2 {
		start := float32(0)
		if bias != nil {
			start = bias[o]
		}
		for i := range rows {
			logits[o*rows+i] = start
		}
	}
	if done := logitPair(logits, h, w, rows, n); done < rows {
		rest := rows - done
		Transpose(room, rest, h[done*n:], n, rest, n)
		// The rows of logits that are left lie rows apart.
		MatMul(logits[done:], rows, w, 1, 2, room, rest, 2, rest, n, nil, true)
	}
}
