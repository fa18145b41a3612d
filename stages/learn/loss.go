package learn

import (
	"fmt"

	"spurion/stages/kernel"
)

// lossOf gives the loss of a margin f = logit(+1) - logit(-1) under a label, as a float64: the
// losses of package nn, where a softmax of two logits is a logistic function of their difference.
func lossOf(name string) (func(margin float32, label int8) float64, error) {
	// agreement is y f with y = -1 or +1.
	agreement := func(margin float32, label int8) float64 {
		if label == 1 {
			return float64(margin)
		}
		return -float64(margin)
	}
	switch name {
	case "cross_entropy", "logistic":
		return func(margin float32, label int8) float64 {
			// log(1 + e^-a), so that nothing overflows
			a := agreement(margin, label)
			if a >= 0 {
				return kernel.Log1p64(kernel.Exp64(-a))
			}
			return kernel.Log1p64(kernel.Exp64(a)) - a
		}, nil
	case "hinge":
		return func(margin float32, label int8) float64 { return max(0, 1-agreement(margin, label)) }, nil
	case "squared":
		return func(margin float32, label int8) float64 {
			d := 1 - agreement(margin, label) // |f - y|, for y = -1 or +1
			return float64(d * d)
		}, nil
	case "correlation":
		return func(margin float32, label int8) float64 { return -agreement(margin, label) }, nil
	}
	return nil, fmt.Errorf("there is no loss %q", name)
}
