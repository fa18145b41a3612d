package nn

import "spurion/stages/kernel"

// computeLoss sets losses and slopes (d loss / d margin), all [rows]; see Losses. The cross-entropy
// of two logits is the logistic loss of their difference.
func computeLoss(loss string, losses, slopes, margins []float32, labels []int8) {
	switch loss {
	case "cross_entropy", "logistic":
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
