//go:build !linux && !darwin

package artifacts

// remote is not known here. What is remote is treated with more care.
func remote(string) bool { return true }
