package neuralnet

import "spurion/stages/numeric/kernel"

// MarginLosses sets losses and slopes (d loss / d margin) of margins under labels, 0 or 1, all
// [rows], for a loss of Losses. The cross-entropy of two logits is the logistic loss of their
// difference. It is what a Trainer's Forward does; logarithms are right to 4 ulp (kernel.Logistic).
func MarginLosses(loss string, losses, slopes, margins []float32, labels []int16) {
	if HasProbabilities(loss) {
		kernel.Logistic(losses, slopes, margins, labels)
		return
	}
	for i, f := range margins {
		y := float32(1)
		if labels[i] == 0 {
			y = -1
		}
		switch loss {
		case "hinge":
			losses[i], slopes[i] = 0, 0
			if gap := 1 - float32(y*f); !(gap <= 0) {
				losses[i], slopes[i] = gap, -y
			}
		case "squared":
			e := f - y
			losses[i], slopes[i] = float32(e*e), e+e
		case "correlation":
			losses[i], slopes[i] = float32(-y*f), -y
		}
	}
}
