package neuralnet

import (
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/kernel"
)

// points are rows of inputs: signs if they are packed, else real numbers.
//
// A first hidden layer on signs is a sum of signed weights in groups of four (kernel.SignMatMul), on
// real numbers a chain of fused multiply-adds (kernel.MatMul); so the two round differently, and
// which is taken depends on what the caller has, never on the machine. A network without hidden
// layers reads signs as the numbers -1 and +1.
type points struct {
	x     []float32 // [rows, inputs]
	signs []uint64  // [rows, ceil(inputs/64)], as package boolean packs them; nil for real numbers
}

// rows gives the rows from to to-1 of points of n inputs.
func (p points) rows(from, to, n int) points {
	if p.signs == nil {
		return points{x: p.x[from*n : to*n]}
	}
	words := (n + 63) / 64
	return points{signs: p.signs[from*words : to*words]}
}

// plain gives the points as numbers; signs are expanded to room [rows*n].
func (p points) plain(room []float32, rows, n int) []float32 {
	if p.signs == nil {
		return p.x
	}
	boolean.Expand(room, p.signs, rows, n)
	return room[:rows*n]
}

// signIndexes give the room, in bytes, that rows of n signs need for kernel.SignIndex, and for
// kernel.SignIndexAcross.
func signIndexes(rows, n int) (along, across int) {
	words := (n + 63) / 64
	return 16 * words * kernel.SignIndexRows(rows), 64 * words * ((rows + 3) / 4)
}

// signLayer is hiddenLayer for signs, with kernel.Relu after it if relu is set; index is room for SignIndex.
func signLayer(z []float32, signs []uint64, index []uint8, l *Layer, rows int, relu bool) {
	kernel.SignIndex(index, signs, rows, l.In)
	kernel.SignMatMul(z, l.Out, index, kernel.SignIndexRows(rows), l.Weights, l.Out, rows, l.Out, l.In, l.Biases, false, relu)
}

// signGradients sets dWeights [In, Out] to the signs [rows, In] transposed times d [rows, Out], or
// adds that; rows is a multiple of four unless these are the last.
func signGradients(dWeights []float32, signs []uint64, index []uint8, d []float32, l *Layer, rows int, more bool) {
	kernel.SignIndexAcross(index, signs, rows, l.In)
	kernel.SignMatMul(dWeights, l.Out, index, 64*((l.In+63)/64), d, l.Out, l.In, l.Out, rows, nil, more, false)
}
