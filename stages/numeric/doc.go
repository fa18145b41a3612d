// Package numeric is a wing: arithmetic on plain slices, with one order of operations, so that equal
// inputs give equal bits. It holds no code.
//
//	kernel     float32 loops, exp and log, random streams: below all others
//	boolean    Boolean functions and their Fourier analysis
//	datalaw    the laws of the data, D_λ, and their samplers
//	neuralnet  fully connected networks, losses, optimizers
//	logistic   logistic regression
//	cluster    clusters of points, and how well they are apart
//	interval   confidence intervals of means
//	inference  the tests behind claims: numbers in; an effect, its interval and its p-value out
//	quantile   quantiles of a list of numbers
//	distribution
//	           quantiles of Student's t and intervals of shares: gonum's, settled to 9 digits
//	problem    what is wrong with numbers that somebody wrote
//
// A folder here knows its neighbours alone: no tables, no kinds.
package numeric
