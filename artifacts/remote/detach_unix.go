//go:build unix

package remote

import (
	"os/exec"
	"syscall"
)

// detach keeps a terminal's Ctrl-C from the helper: what is being put when this program is interrupted is to end well.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
