//go:build race

package stagetest

// Raced says that the race detector watches; see race_off.go.
const Raced = true
