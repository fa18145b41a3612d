//go:build !race

package learn

const raced = false
