//go:build unix

package program

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// How long processes have to end; gentle stays below what a run waits for a stage that is to stop.
const (
	gentle = 3 * time.Second  // after they were asked to, before they are killed
	stuck  = 10 * time.Second // after they were killed: some wait for a dead disk
)

// supervise starts the program, ends what it left, and gives the exit code of the supervisor itself, which
// says nothing: what there is to say goes to the pipe of reports.
func supervise(args []string) int {
	orders, reports := os.NewFile(3, "orders"), os.NewFile(4, "reports")
	standFast()
	unguarded := guardsDeath()
	env := []string{}
	for _, entry := range os.Environ() {
		env = append(env, strings.TrimPrefix(entry, handedOn))
	}
	p, err := os.StartProcess(args[0], args, &os.ProcAttr{
		Env: env, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}, Sys: inGroupOfItsOwn(),
	})
	if err != nil {
		fmt.Fprintf(reports, "failed %s\n", startError(args[0], err))
		return 1
	}
	fmt.Fprintf(reports, "started %d\n", p.Pid)
	// What is printed ends with the last process that may print, and this one does not.
	os.Stdout.Close()
	os.Stderr.Close()
	f := newFamily(p.Pid)
	f.unguarded = unguarded
	f.outlive(orders, reports)
	used := f.took()
	fmt.Fprintf(reports, "used %d %d\n", int64(used.CPU), used.Memory)
	return 0
}

// standFast prepares this process to outlive what it starts, and to be the parent of what that leaves.
func standFast() {
	for fd := 3; fd <= 5; fd++ { // orders, reports, and the lock of the program's folder
		syscall.CloseOnExec(fd)
	}
	// Caught, not ignored: what is ignored would be so in the program as well.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGPIPE)
	adoptOrphans()
}

// startError says why a program cannot be started, and what to do.
func startError(path string, err error) error {
	switch {
	case errors.Is(err, syscall.E2BIG):
		return fmt.Errorf("%s: its arguments and environment are longer than this system takes: hand long lists to it in a file", path)
	case errors.Is(err, syscall.ENOEXEC):
		return fmt.Errorf("%s is no program for this machine: of a script the first line says what runs it, as #!/bin/sh does; or name that in command, before the script", path)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: what its first line (#!) or its header names to run it does not exist", path)
	}
	return err
}

// A family is a program and what it has started.
type family struct {
	program int
	ended   chan syscall.WaitStatus // how the program did
	gone    chan struct{}           // closed when no process of it is left

	mu   sync.Mutex
	used Usage // of the processes that have ended
	// unguarded tells that the guard of this process is gone; nil without one.
	unguarded <-chan os.Signal
}

// newFamily begins to wait for all children of this process.
func newFamily(program int) *family {
	f := &family{program: program, ended: make(chan syscall.WaitStatus, 1), gone: make(chan struct{})}
	go func() {
		defer close(f.gone)
		for {
			var status syscall.WaitStatus
			var usage syscall.Rusage // of the process and those that it waited for
			pid, err := syscall.Wait4(-1, &status, 0, &usage)
			switch {
			case errors.Is(err, syscall.EINTR):
				continue
			case err != nil: // there are no more children
				return
			}
			f.count(&usage)
			if pid == program && (status.Exited() || status.Signaled()) {
				f.ended <- status
			}
		}
	}()
	return f
}

// count adds what a process took.
func (f *family) count(r *syscall.Rusage) {
	unit := int64(1 << 10) // of Maxrss
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.used = f.used.Add(Usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Memory: int64(r.Maxrss) * unit})
}

func (f *family) took() Usage {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.used
}

// outlive waits for the family's end, and brings it about where it is ordered or the program itself has ended.
func (f *family) outlive(orders, reports *os.File) {
	asked, now := make(chan struct{}), make(chan struct{})
	hurry := sync.OnceFunc(func() { close(now) })
	go func() {
		var b [1]byte
		if n, _ := orders.Read(b[:]); n > 0 {
			close(asked)
			_, _ = orders.Read(b[:])
		}
		hurry()
	}()
	go func() {
		<-f.unguarded
		hurry()
	}()
	report := func(s syscall.WaitStatus) {
		var signal syscall.Signal
		if s.Signaled() {
			signal = s.Signal()
		}
		fmt.Fprintf(reports, "ended %d %d\n", s.ExitStatus(), int(signal))
	}
	select {
	case s := <-f.ended:
		report(s)
		if !f.within(lingering, now) {
			f.signal(syscall.SIGTERM)
			if !f.within(lingering, now) {
				f.kill()
			}
		}
		return
	case <-asked:
		f.signal(syscall.SIGTERM)
		if !f.within(gentle, now) {
			f.kill()
		}
	case <-now:
		f.kill()
	}
	select {
	case s := <-f.ended:
		report(s)
	default:
	}
}

// within reports whether all are gone before the time is over and before it is ordered to hurry.
func (f *family) within(d time.Duration, now <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-f.gone:
		return true
	case <-timer.C:
	case <-now:
	}
	return false
}

// kill kills all, again and again, since some may be starting others, until they are gone.
func (f *family) kill() {
	const pause = 10 * time.Millisecond
	for range stuck / pause {
		f.signal(syscall.SIGKILL)
		if f.within(pause, nil) {
			return
		}
	}
}

// signal sends a signal to the program's group and to all that descend from this process.
func (f *family) signal(s syscall.Signal) {
	_ = syscall.Kill(-f.program, s)
	for _, pid := range descendants() {
		_ = syscall.Kill(pid, s)
	}
}
