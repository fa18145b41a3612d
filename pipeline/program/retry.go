package program

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"spurion/stages"
)

// Try runs the program in the scratch folder, and again as the command's Retry says: each time in an empty folder, and
// with the whole time limit. The log tells the attempts. The result and the error are those of the last one.
func (p *Program) Try(ctx context.Context, scratch *Scratch, log Log) (*stages.CommandResult, error) {
	retry := p.command.Retry
	for attempt := 1; ; attempt++ {
		result, err := p.run(ctx, scratch, log)
		if result != nil {
			result.Attempts = attempt
		}
		if attempt > retry.Times || ctx.Err() != nil || !again(retry, result, err) {
			return result, err
		}
		pause := retry.WaitAfter(attempt)
		if log != nil {
			log.Note(fmt.Sprintf("attempt %d of %d %s; the next begins in %v", attempt, retry.Times+1, ending(result, err), pause))
		}
		if err := wait(ctx, pause); err != nil {
			return nil, err
		}
		if err := scratch.Empty(); err != nil {
			return nil, fmt.Errorf("command: %w", err)
		}
	}
}

// again reports whether an attempt that ended so is followed by another.
func again(retry stages.Retry, result *stages.CommandResult, err error) bool {
	if err != nil {
		return len(retry.OnExit) == 0 && errors.Is(err, ErrTimeout)
	}
	return result.ExitCode != 0 && (len(retry.OnExit) == 0 || slices.Contains(retry.OnExit, result.ExitCode))
}

// ending says how an attempt ended.
func ending(result *stages.CommandResult, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case result.Signal != "":
		return "was ended by a signal (" + result.Signal + ")"
	}
	return fmt.Sprintf("ended with exit code %d", result.ExitCode)
}

// wait waits, or gives the cause of the context's end.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
