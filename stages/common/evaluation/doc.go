// Package evaluation is what kinds measure of a network or of predictions: accuracies and losses by
// group, core and spurious correlations (Evaluator, Measures), on the data's law or on splits of
// samples (SplitEvaluator), on core blocks that no training sample has (UnseenEvaluator), and as
// Fourier coefficients (Fourier); when a correlation was first reached (Milestones); and the columns in
// which all this is told.
package evaluation
