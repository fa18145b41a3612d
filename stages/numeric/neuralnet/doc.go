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
// Inputs are float32 [rows, inputs] row by row or, for ForwardSigns and MarginsOfSigns, -1 and +1 packed
// as bits. On bits a first hidden layer is sums of signed weights in groups of four, on numbers a
// chain of fused multiply-adds: the results differ by rounding, so which a kind uses is a matter of its
// data, never of the machine. Labels are 0 or 1. The label +1 of
// the literature is 1 here, -1 is 0.
package neuralnet
