//go:build !amd64 || noasm

package kernel

func conv(z, x, w, bias []float32, s *ConvShape) { convInPatches(z, x, w, bias, s) }

func convWeights(dw, x, d []float32, s *ConvShape) { convWeightsInPatches(dw, x, d, s) }

func convInputs(dx, d, w []float32, s *ConvShape) { convInputsInPatches(dx, d, w, s) }
