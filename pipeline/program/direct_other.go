//go:build !unix

package program

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

// execute runs the program to its end. When the context ends it is killed, but not what it has started.
func execute(ctx context.Context, cmd *exec.Cmd, _ *os.File) (end, error) {
	cmd.WaitDelay = lingering
	err := cmd.Start()
	if err != nil {
		return end{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return end{}, err
	}
	return end{
		code: cmd.ProcessState.ExitCode(), used: Usage{CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()},
	}, nil
}
