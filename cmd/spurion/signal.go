package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// onSignal gives a context that the first interrupt ends with errInterrupted, after telling what happens; the second
// ends the process at once. SIGTERM counts as one, and so does SIGHUP, a lost connection, unless the program was
// started to survive it (nohup). stop gives signals back their usual effect.
func (a *app) onSignal(message string) (ctx context.Context, stop func()) {
	return a.onSignals(message, nil)
}

// onSignals is onSignal, but that a lost connection ends the context with the error lost, unless that is nil.
func (a *app) onSignals(message string, lost error) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	done := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			if s == syscall.SIGHUP && lost != nil {
				fmt.Fprintln(a.err, lost)
				cancel(lost)
				break
			}
			fmt.Fprintln(a.err, message)
			cancel(errInterrupted)
		case <-done:
			return
		}
		select {
		case <-signals:
			os.Exit(exitInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
