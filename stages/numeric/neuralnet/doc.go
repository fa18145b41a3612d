// Package neuralnet is fully connected networks on plain slices: initialisation, forward and backward
// passes, losses and optimizers, in float32 with a fixed order of operations (see package kernel),
// so that equal settings, data and seeds give equal bits on every machine.
//
// A training step is three calls, between which a method may look and weigh:
//
//	losses := trainer.Forward(x, labels, rows) // per row
//	trainer.Backward(weights)                  // gradient of the sum of weights[i]*losses[i]
//	err := trainer.Update()                    // optimizer step
//
// Inputs are float32 [rows, inputs] row by row or, for ForwardSigns and ScoresOfSigns, -1 and +1 packed
// as bits. On bits a first hidden layer is sums of signed weights in groups of four, on numbers a
// chain of fused multiply-adds: the results differ by rounding, so which a kind uses is a matter of its
// data, never of the machine.
//
// Labels are from 0 to K-1. What a loss is a function of are the scores of an input, [rows, S]: of two classes the margin
// alone, S = 1, the logit or the difference of two, where the label 1 is +1 in the literature and 0 is -1; of K > 2
// classes the K logits, S = K. Losses, their slopes by the scores, and predictions (ScoreLosses, Trainer.Slopes, Predict) take
// both forms, so who changes slopes as a function of the scores serves any number of classes.
package neuralnet
