package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
)

// ends runs a program with standard output closed after its first bytes, as `| head -c N` does, and prints what it
// got: ends N PROGRAM ARG... It ends with the program's exit code.
func ends() {
	var n int64
	if _, err := fmt.Sscan(os.Args[1], &n); err != nil {
		panic(err)
	}
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	_, _ = io.CopyN(os.Stdout, pipe, n)
	pipe.Close()
	_ = cmd.Wait()
	os.Exit(cmd.ProcessState.ExitCode())
}
