package cluster

import (
	"context"
	"errors"
	"time"

	"spurion/stages"
)

// An Executor is a cluster that takes job arrays.
type Executor interface {
	// Submit hands an array over. An error may have come after the cluster took it: it is looked for by its name then.
	Submit(ctx context.Context, a Array) error
	// Ask tells how the tasks of arrays are that the cluster still knows, by the arrays' names. What it does not know is not
	// in the answer: that task has ended, or never was.
	Ask(ctx context.Context, names []string) ([]TaskStatus, error)
	// Cancel ends arrays: what waits is forgotten, what runs is told to stop.
	Cancel(ctx context.Context, names []string) error
	// Limits tells what the cluster takes. It is asked once.
	Limits(ctx context.Context) (Limits, error)
}

// Limits are what a cluster takes; zero stands for no limit.
type Limits struct {
	ArraySize int // tasks of one array
}

// An Array is a number of tasks that ask for the same.
type Array struct {
	Name  string // unlike that of any other array of any run
	Tasks int    // numbered from 0
	// Running is how many may run at once; 0 stands for all.
	Running int
	// Each is what a task asks for. Its time is never 0.
	Each stages.Resources
	// Dir is where its batches lie, N.batch for the task N.
	Dir string
}

// A Phase is where a task is.
type Phase uint8

// The phases of a task.
const (
	Pending Phase = iota + 1
	Running
	Ended
)

// An End is how a task ended, as far as the cluster says.
type End uint8

// The ends of a task. Preempted, NodeFailed and Unknown are nobody's fault.
const (
	Unknown End = iota
	Succeeded
	Failed // its program ended with an error, or was killed
	OutOfMemory
	OutOfTime
	Preempted
	NodeFailed
	Canceled
)

// A TaskStatus is what a cluster says of a task.
type TaskStatus struct {
	Array string
	Task  int
	Phase Phase
	// Reason says why it waits, in the cluster's words.
	Reason string
	// Never says that it will not begin, whatever happens.
	Never bool
	End   End // of Ended
}

// A RefusedError says that the cluster will not take an array, now or later.
type RefusedError struct {
	Err error
	// What says what the array asks for that is refused, if that is known.
	Remedy string
}

// Error gives the cluster's words and the remedy.
func (e *RefusedError) Error() string {
	if e.Remedy == "" {
		return e.Err.Error()
	}
	return e.Err.Error() + "; " + e.Remedy
}

// Unwrap gives the cluster's words.
func (e *RefusedError) Unwrap() error { return e.Err }

// refused reports whether an error of Submit stands for good.
func refused(err error) bool {
	var r *RefusedError
	return errors.As(err, &r)
}

// A Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	// Wait returns after d, or when wake is sent to, or when ctx ends.
	Wait(ctx context.Context, d time.Duration, wake <-chan struct{})
}

// RealClock is the machine's clock.
type RealClock struct{}

// Now implements Clock.
func (RealClock) Now() time.Time { return time.Now() }

// Wait implements Clock.
func (RealClock) Wait(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
}
