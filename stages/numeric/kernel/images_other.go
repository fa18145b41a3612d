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
