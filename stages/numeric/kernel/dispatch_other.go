//go:build (!amd64 && !arm64) || noasm

package kernel

// Where there is no assembly, the portable functions are all there is.

var pathNames = [...]string{"portable"}

func bestPath() pathLevel { return portable }

func burst(n int) int { return burstPortable(n) }

func matMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	matMulPortable(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
}

func transpose(dst []float32, ldd int, src []float32, lds int, rows, cols int) {
	transposePortable(dst, ldd, src, lds, rows, cols)
}

func relu(z []float32)                                { reluPortable(z) }
func reluGradient(d, h []float32)                     { reluGradientPortable(d, h) }
func leakyRelu(z []float32, slope float32)            { leakyReluPortable(z, slope) }
func leakyReluGradient(d, h []float32, slope float32) { leakyReluGradientPortable(d, h, slope) }
func square(z []float32)                              { squarePortable(z) }
func squareGradient(d, z []float32)                   { squareGradientPortable(d, z) }
func tanh(z []float32)                                { tanhPortable(z) }
func tanhGradient(d, h []float32)                     { tanhGradientPortable(d, h) }
func exponentials(z []float32)                        { exponentialsPortable(z) }
func scale(z []float32, factor float32)               { scalePortable(z, factor) }

func logistic(losses, slopes, margins []float32, labels []int16) {
	logisticPortable(losses, slopes, margins, labels)
}

func descend(w, g []float32, rate, decay float32) bool { return descendPortable(w, g, rate, decay) }

func descendMomentum(w, g, v []float32, rate, momentum, decay float32, nesterov bool) bool {
	return descendMomentumPortable(w, g, v, rate, momentum, decay, nesterov)
}

func descendSign(w, g []float32, rate, decay float32) bool {
	return descendSignPortable(w, g, rate, decay)
}

func adam(w, g, m, v []float32, p AdamStep) bool { return adamPortable(w, g, m, v, p) }

func finite(z []float32) bool { return finitePortable(z) }
