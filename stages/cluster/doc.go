// Package cluster divides points into clusters without knowing anything else about them, on plain
// slices: numbers on a line exactly. Equal inputs give equal bits on every machine: sums
// have one fixed order, in float64, and nothing is random.
package cluster
