//go:build unix

package program_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"spurion/pipeline/program"
)

// What a program started dies with it: a child holds one end of a pipe open, and the other sees it go.
func TestChildrenAreKilled(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		f, err := os.Open(pipe) // waits for the child
		cancel()
		if err == nil {
			_, err = io.ReadAll(f)
			f.Close()
		}
		gone <- err
	}()
	if _, err := program.Run(ctx, dir, shell("sleep 120 > pipe & wait")); err == nil {
		t.Error("a program that was stopped ends well")
	}
	select {
	case err := <-gone:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("a child outlives its program")
	}
}
