package neuralnet

import (
	"fmt"

	"spurion/stages/numeric/kernel"
)

// ScoreLosses sets losses [rows] and slopes (d loss / d score, [rows, S]) of scores [rows, S] under labels [rows], for a
// loss of Losses. It is what a Trainer's Forward does; a method may call it with other labels, or other scores.
//
// With S = 1 a score is the margin of two classes, 0 and 1; the cross-entropy of two logits is the logistic loss of their
// difference. With S > 1 scores are the logits of S classes, from 0 to S-1, of which only the cross-entropy is known. Logarithms
// are right to 4 ulp (kernel.Logistic, kernel.Softmax).
func ScoreLosses(loss string, losses, slopes, scores []float32, labels []int16) {
	switch width := widthOf(scores, len(labels)); {
	case width > 1 && loss != "cross_entropy":
		panic(fmt.Sprintf("network: the loss %s of %d classes", loss, width))
	case width > 1:
		kernel.Softmax(losses, slopes, scores, labels, width)
	case HasProbabilities(loss):
		kernel.Logistic(losses, slopes, scores, labels)
	default:
		marginLosses(loss, losses, slopes, scores, labels)
	}
}

func marginLosses(loss string, losses, slopes, margins []float32, labels []int16) {
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

// Predict sets dst [rows] to the labels that scores [rows, S] predict: 1 where a margin is >= 0, else 0; of logits the
// place of the largest, the first of equals. Scores that are not numbers predict nothing that means anything.
func Predict(dst []int16, scores []float32) {
	width := widthOf(scores, len(dst))
	for i := range dst {
		switch {
		case width > 1:
			dst[i] = int16(kernel.Largest(scores[i*width : (i+1)*width]))
		case scores[i] >= 0:
			dst[i] = 1
		default:
			dst[i] = 0
		}
	}
}

// widthOf gives S of scores [rows, S].
func widthOf(scores []float32, rows int) int {
	if rows == 0 {
		return 1
	}
	if len(scores) == 0 || len(scores)%rows != 0 {
		panic(fmt.Sprintf("network: %d scores of %d rows", len(scores), rows))
	}
	return len(scores) / rows
}
