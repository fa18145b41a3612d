//go:build unix && !linux

package program

import "syscall"

func inGroupOfItsOwn() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// adoptOrphans does nothing: only Linux gives orphans to an ancestor. What a program puts into a session of its own
// is not ended here.
func adoptOrphans() {}

func descendants() []int { return nil }
