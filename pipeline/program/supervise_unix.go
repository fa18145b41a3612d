//go:build unix

package program

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// A program is started by a supervisor: this very executable, called supervisorName. It is the parent of the
// program, and on Linux of whatever the program leaves behind, so it can end all of them, also those in a session
// of their own. It learns by a pipe that they are to end, and that this process is gone, however that came about.
//
//	spurion ── orders ──> (guard ──>) supervisor ──> program ──> its children
//	        <── reports ──
//
// orders: one byte stands for "end it gently", the end of the pipe for "now". reports: see report.
//
// On Linux a guard stands between, called guardName: should the supervisor be killed, what it leaves becomes the guard's,
// which ends it; should the guard be killed, the supervisor ends all. This process could be their parent itself, but it
// has other children, such as git, which may leave some behind that are not the program's, and nothing tells these apart.
const (
	supervisorName = "spurion-supervisor"
	guardName      = "spurion-guard"
)

// handedOn stands before each variable of the program's in the environment of its supervisor, where none of them is to
// have an effect, as GODEBUG and LD_PRELOAD would.
const handedOn = "_"

// init makes any executable that holds this package its own supervisor, a test's as well: main is not reached.
func init() {
	roles := map[string]func(args []string) int{supervisorName: supervise, guardName: guard}
	if len(os.Args) > 1 && roles[os.Args[0]] != nil {
		runtime.LockOSThread() // the program dies with the thread that started it
		os.Exit(roles[os.Args[0]](os.Args[1:]))
	}
}

// execute runs the program to its end and that of all that it has started. When the context ends they are asked to
// end, and killed after a grace. The supervisor holds the lock too, unless it is nil, so that after the death of this
// process nobody takes the program's folder before the program is gone.
func execute(ctx context.Context, cmd *exec.Cmd, lock *os.File) (end, error) {
	orders, order, err := os.Pipe()
	if err != nil {
		return end{}, err
	}
	defer order.Close()
	reports, tell, err := os.Pipe()
	if err != nil {
		orders.Close()
		return end{}, err
	}
	defer reports.Close()
	self, err := ownExecutable()
	if err == nil {
		cmd.Args = append([]string{firstName(), cmd.Path}, cmd.Args[1:]...)
		env := make([]string, len(cmd.Env))
		for i, entry := range cmd.Env {
			env[i] = handedOn + entry
		}
		cmd.Env = env
		if lock == nil {
			lock = orders // its place is taken in any case
		}
		cmd.Path, cmd.ExtraFiles = self, []*os.File{orders, tell, lock}
		// In a session of its own: a terminal's Ctrl-C is for spurion alone, and a program that asks a question on
		// the terminal fails at once, where in another group of this session it would be stopped until its timeout.
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		cmd.WaitDelay = lingering
		err = cmd.Start()
	}
	orders.Close()
	tell.Close()
	if err != nil {
		return end{}, startError(cmd.Args[1], err)
	}
	stop := context.AfterFunc(ctx, func() { _, _ = order.Write([]byte{0}) })
	defer stop()
	text, rerr := io.ReadAll(reports) // to the supervisor's end
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return end{}, err
	}
	r := parseReport(string(text))
	switch {
	case rerr != nil:
		return end{}, rerr
	case r.failure != "":
		return end{}, errors.New(r.failure)
	case !r.ended || exit != nil && exit.ExitCode() < 0: // a signal ended it
		if r.pid > 1 {
			_ = syscall.Kill(-r.pid, syscall.SIGKILL)
		}
		return end{}, errors.New("the process that watches over the program was killed")
	}
	return r.end, nil
}

// ownExecutable gives the path of this executable. On Linux it is found even when its file has been replaced.
func ownExecutable() (string, error) {
	const running = "/proc/self/exe"
	if runtime.GOOS == "linux" {
		if _, err := os.Stat(running); err == nil {
			return running, nil
		}
	}
	return os.Executable()
}

// A report is what a supervisor says: a line "started PID", then "ended CODE SIGNAL" with 0 for no signal, and "used NANOSECONDS
// BYTES"; or "failed" and why the program could not be started.
type report struct {
	pid     int
	ended   bool
	end     end
	failure string
}

func parseReport(text string) report {
	var r report
	var used Usage
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "started":
			_, _ = fmt.Sscan(rest, &r.pid)
		case "failed":
			r.failure = rest
		case "ended":
			var signal int
			if n, _ := fmt.Sscan(rest, &r.end.code, &signal); n == 2 {
				r.ended = true
			}
			if signal != 0 {
				r.end = end{code: 128 + signal, signal: syscall.Signal(signal).String()}
			}
		case "used":
			_, _ = fmt.Sscan(rest, &used.CPU, &used.Memory)
		}
	}
	r.end.used = used
	return r
}
