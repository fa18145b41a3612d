//go:build !unix

package program

import "os/exec"

// ownGroup leaves the program alone: only the program itself is killed here, not its children.
func ownGroup(*exec.Cmd) {}
