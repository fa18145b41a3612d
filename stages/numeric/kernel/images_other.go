//go:build !amd64 || noasm

package kernel

func conv(z, x, w, bias []float32, s *ConvShape) { convInPatches(z, x, w, bias, s) }

func convWeights(dw, x, d []float32, s *ConvShape) { convWeightsInPatches(dw, x, d, s) }

func convInputs(dx, d, w []float32, s *ConvShape) { convInputsInPatches(dx, d, w, s) }

func maxPoolRow(z []float32, places []uint16, x []float32, from, to int, s *PoolShape) {
	maxPoolRowPortable(z, places, x, from, to, 0, s)
}

func maxPoolGradientRow(dx, d []float32, places []uint16, to, from int, s *PoolShape) {
	maxPoolGradientRowPortable(dx, d, places, to, from, 0, s)
}

func add(z, a, b []float32) { addPortable(z, a, b) }

func columnSums(sums []float64, x []float32) { columnSumsPortable(sums, x) }

func columnSquares(sums []float64, x, mean []float32) { columnSquaresPortable(sums, x, mean) }

func gradientSums(sums, products []float64, d, x, mean, root []float32) {
	gradientSumsPortable(sums, products, d, x, mean, root)
}

func normalise(z, x, mean, root, scale, shift []float32) {
	normalisePortable(z, x, mean, root, scale, shift)
}

func normaliseGradient(dx, d, x, mean, root, factor, product, sum []float32) {
	normaliseGradientPortable(dx, d, x, mean, root, factor, product, sum)
}
