// Package cluster divides points into clusters without knowing anything else about them, on plain
// slices: numbers on a line exactly, points of several coordinates by k-means or Gaussian mixtures,
// after principal components if they have many. Equal inputs give equal bits on every machine: sums
// have one fixed order, in float64.
package cluster
