// Package trainloop is the training that kinds share: where batches come from (Source), the loop over
// steps (Fit), when a network is looked at (ScheduleSettings) and when training ends (StopSettings). Lengths are in steps,
// or in epochs, of which a Pass tells the steps.
// What is measured at a look is package evaluation's.
//
// Random numbers come from one stream per purpose, derived from an instance's seed: "init" for
// initial weights, "order" for the data of each step, "augment" for how it is changed, "evaluation" for the points of evaluations,
// "validation" for fresh validation data, "spectrum" for the points of Fourier coefficients, "unseen"
// for those of core blocks that no training sample has. Where points are drawn in repeats, those after the first
// have streams such as "evaluation/repeat/1". So a change of what is measured never
// changes what is learned, and kinds that train alike leave equal weights.
package trainloop
