package program

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// firstName is what the process is called that spurion starts.
func firstName() string { return guardName }

// bereaved is the signal that a supervisor gets when its guard dies.
const bereaved = syscall.SIGUSR1

// guardsDeath tells a supervisor of the death of its guard.
func guardsDeath() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, bereaved)
	return c
}

// guard starts the supervisor, and ends what it leaves should it be killed; see supervisorName. It holds the pipe of reports
// and the lock of the folder until then. The exit code says nothing.
func guard(args []string) int {
	standFast()
	files := []*os.File{os.Stdin, os.Stdout, os.Stderr, os.NewFile(3, "orders"), os.NewFile(4, "reports"), os.NewFile(5, "lock")}
	defer runtime.KeepAlive(files) // what nobody can reach is closed
	self, err := ownExecutable()
	if err == nil {
		var p *os.Process
		p, err = os.StartProcess(self, append([]string{supervisorName}, args...), &os.ProcAttr{
			Env: os.Environ(), Files: files, Sys: &syscall.SysProcAttr{Pdeathsig: bereaved},
		})
		if err == nil {
			os.Stdout.Close()
			os.Stderr.Close()
			f := newFamily(p.Pid)
			if s := <-f.ended; s.Signaled() {
				f.kill()
			}
			return 0
		}
	}
	fmt.Fprintf(files[4], "failed %s\n", startError(args[0], err))
	return 1
}
