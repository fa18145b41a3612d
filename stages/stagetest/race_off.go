//go:build !race

package stagetest

// Raced says that the race detector watches: it drops pooled memory at random, so that what is
// allocated cannot be counted.
const Raced = false
